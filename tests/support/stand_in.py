"""A service that stands in for Gunicorn, nginx or Voila: a main process with children of several kinds.

``python stand_in.py FOLDER NAME [stubborn]`` writes the process ids to ``FOLDER/NAME.json`` once they
all run: a worker, a kernel in a session of its own, and the kernel's own child. A stubborn one ignores
SIGTERM, and so do its children.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path


def child(work) -> int:
    pid = os.fork()
    if pid == 0:
        work()
        time.sleep(600)
        os._exit(0)
    return pid


def main(folder: Path, name: str, *, stubborn: bool) -> None:
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    reader, writer = os.pipe()

    def kernel() -> None:
        os.setsid()
        os.write(writer, str(child(lambda: None)).encode())

    pids = {"main": os.getpid(), "worker": child(lambda: None), "kernel": child(kernel)}
    pids["grandchild"] = int(os.read(reader, 20))
    new = folder / f".{name}.json"
    new.write_text(json.dumps(pids))
    new.rename(folder / f"{name}.json")
    print(f"{name} runs", flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], stubborn="stubborn" in sys.argv)
