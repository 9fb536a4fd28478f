"""A reader's kernel from the fork to its first message: a process of its own, locked in, then answering."""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from livekernel import protocol, sandbox
from livekernel.zygote.kernel import WarmKernel

OOM_SCORE = "800"
"""Where memory runs out Linux ends a reader's kernel, and neither the server nor a zygote (proc(5))."""

_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "MPLBACKEND", "PATH", "TZ")


def become(kernel: WarmKernel, request: dict[str, Any], files: list[int]) -> None:
    """Answer as a kernel until it ends; ``files`` are the pipe that its life hangs on and the status socket.

    Called in the child, which has one thread. ``request`` has the key of its messages, its scratch
    folder, its limits and its user id, from :class:`livekernel.engine.provisioner.ForkProvisioner`.
    """
    lifetime, status = files
    os.setpgid(0, 0)
    protocol.die_when_closed(lifetime)
    protocol.call_itself("kernel")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN if number == signal.SIGPIPE else signal.SIG_DFL)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, "ascii")
    # Nobody else may open it once the process can't be inspected, so the server is handed it.
    memory = os.open("/proc/self/smaps_rollup", os.O_RDONLY | os.O_CLOEXEC)
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nothing, standard)
    os.close(nothing)
    _own_surroundings(request["folder"])
    _own_chances()
    entered = sandbox.enter(
        _policy(request), required=[sandbox.Feature(name) for name in request["required"]]
    )

    connection = socket.socket(fileno=status)

    def ready() -> None:
        told = {
            "event": "ready",
            "holds": sorted(entered.holds),
            "missing": sorted(entered.missing),
            "unreadable": [str(path) for path in entered.unreadable],
        }
        protocol.send(connection, told, [memory])
        connection.close()
        os.close(memory)

    kernel.open(request["key"], request["folder"], ready)


def _own_surroundings(folder: str) -> None:
    """Forget the server's environment, and write where nobody else reads."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    threads = {name: value for name, value in os.environ.items() if name.endswith(("_THREADS", "_ARENA_MAX"))}
    os.environ.clear()
    os.environ.update(kept | threads)
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[name] = folder
    tempfile.tempdir = None


def _own_chances() -> None:
    """Give this reader random numbers that no other has; what a notebook seeds itself stays as it is.

    A notebook with a generator of its own can renew it by ``os.register_at_fork(after_in_child=…)``.
    """
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def _policy(request: dict[str, Any]) -> sandbox.Policy:
    return sandbox.Policy(
        scratch=Path(request["folder"]),
        readable=(*sandbox.code(), *(Path(path) for path in request["readable"])),
        address_space=_address_space() + request["memory"],
        cpu=request["cpu"],
        tasks=request["tasks"],
        user=request["user"],
    )


def _address_space() -> int:
    """Give the bytes of virtual memory that this process has from its zygote."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[0]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
