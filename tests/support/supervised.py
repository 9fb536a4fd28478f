"""A command as ``blog up`` is one, with stand-in services: run as a script by the tests of the supervisor.

Its argument is a JSON file: ``services`` (name to command), ``call`` (the name of a function below, run
before the services), ``settle`` (whether the start counts as over), ``port`` (a socket passed on).
"""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from blog.errors import UserError
from blog.supervise import Service, Supervisor, guarded

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def value() -> object:
    return {"pages": 3, "by": os.getpid()}


def user_error() -> object:
    raise UserError("the notebook is missing: name another")


def full_disk() -> object:
    raise OSError(28, "No space left on device", "x.html")


def bug() -> object:
    raise ZeroDivisionError("a bug")


def killed() -> object:
    os.kill(os.getpid(), 9)
    return None


def long() -> object:
    """Take long, with a child in a session of its own that would take longer."""
    subprocess.Popen(SLEEPER, start_new_session=True)
    print("working", flush=True)
    time.sleep(600)
    return None


def leaves_behind() -> object:
    return subprocess.Popen(SLEEPER, start_new_session=True).pid


CALLS = {f.__name__: f for f in (value, user_error, full_disk, bug, killed, long, leaves_behind)}


def run(supervisor: Supervisor, folder: Path, plan: dict) -> int:
    if name := plan.get("call"):
        print(json.dumps(supervisor.call(CALLS[name])), flush=True)
    sockets = ()
    if plan.get("socket"):
        listener = socket.create_server(("127.0.0.1", 0))
        sockets = (listener.detach(),)
    for name, command in plan.get("services", {}).items():
        environment = {"MARK": os.environ["MARK"], "PATH": os.environ["PATH"]}
        supervisor.start(Service(name, tuple(command), environment, folder, sockets), folder / f"{name}.log")
    if plan.get("settle", True):
        supervisor.settle()
    print("up", flush=True)
    if plan.get("services"):
        supervisor.wait()
    return 0


def main() -> int:
    plan = Path(sys.argv[1])
    try:
        return guarded(lambda supervisor: run(supervisor, plan.parent, json.loads(plan.read_text())))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
