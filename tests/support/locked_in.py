"""Forks a server and its kernel, real processes, to see what the kernel can do locked in and free."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import socket
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livekernel.sandbox import libc

ROOT = os.geteuid() == 0
# Linux counts processes by user: modules that run side by side have users of their own.
_WORKER = 10 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
#: User ids that nothing else on a machine has; without root the one that runs the tests.
SERVER = 61801 + _WORKER if ROOT else os.getuid()
KERNEL = 61802 + _WORKER


@dataclass
class Ground:
    """What stands around a kernel: its own folder, another's, what it may read, services, its server."""

    scratch: Path
    other: Path
    data: Path
    outside: Path
    tcp: socket.socket
    udp: socket.socket
    unix: socket.socket
    datagrams: socket.socket
    server: int = 0

    def path(self, unix: socket.socket) -> str:
        return str(unix.getsockname())


@contextlib.contextmanager
def ground(server: int, kernel: int) -> Iterator[Ground]:
    """Lay out the ground for a server and a kernel with those user ids."""
    with contextlib.ExitStack() as stack:
        # pytest's own folders can be reached by their user alone
        folder = Path(tempfile.mkdtemp(prefix="sb-", dir="/tmp"))
        stack.callback(shutil.rmtree, folder)
        folder.chmod(0o711)
        (data := folder / "data").mkdir()
        (data / "cube").write_bytes(b"measured")
        (outside := folder / "outside").mkdir()
        outside.chmod(0o777)
        for name, owner in (("scratch", kernel), ("other", server)):
            (folder / name).mkdir(mode=0o700)
            (folder / name / "state").write_text("private")
            if ROOT:
                os.chown(folder / name, owner, owner)
        if ROOT:
            for path in (data, data / "cube", folder / "other" / "state"):
                os.chown(path, server, server)

        def bound(family: int, kind: int, address: Any) -> socket.socket:
            made = stack.enter_context(socket.socket(family, kind))
            made.bind(address)
            return made

        tcp = bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        udp = bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        unix = bound(socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "service"))
        datagrams = bound(socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "log"))
        for listener in (tcp, unix):
            listener.listen()
        for name in ("service", "log"):
            (folder / name).chmod(0o777)
        yield Ground(folder / "scratch", folder / "other", data, outside, tcp, udp, unix, datagrams)


def _ended_by(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kernel(
    ground: Ground, enter: Callable[[], object], work: Callable[[Ground], object], *, server: int | None
) -> Any:
    """Return what ``work`` returned in a kernel that called ``enter`` first; or why it could not.

    The server is a process of its own, with the user id ``server`` if one is given. The answer is the
    value, as JSON carries it; the name of an OSError's number; or another exception's traceback. A
    kernel that says nothing is known by its exit code ("ended by 0"), as after an exec that worked.
    """
    read, write = os.pipe()
    if (outer := os.fork()) == 0:
        with contextlib.suppress(BaseException):
            if server is not None and ROOT:
                os.setgroups([])
                os.setresgid(server, server, server)
                os.setresuid(server, server, server)
            # or no other of its user id could trace it, with or without a sandbox
            libc.prctl(libc.PR_SET_DUMPABLE, 1)
            ground.server = os.getpid()
            if (inner := os.fork()) == 0:
                _work(write, ground, enter, work)
            code = _ended_by(inner)
            os.write(write, b"\n" + str(code).encode())
        os._exit(0)
    os.close(write)
    try:
        with os.fdopen(read, "rb") as answers:
            said, _, code = answers.read().rpartition(b"\n")
    finally:
        os.kill(outer, signal.SIGKILL)
        _ended_by(outer)
    return json.loads(said) if said else f"ended by {int(code)}"


def _work(write: int, ground: Ground, enter: Callable[[], object], work: Callable[[Ground], object]) -> None:
    """Be the kernel; does not return."""
    answer: Any
    try:
        enter()
        try:
            answer = work(ground)
        except OSError as error:
            answer = errno.errorcode.get(error.errno or 0, str(error))
    except BaseException:
        answer = traceback.format_exc()
    os.write(write, json.dumps(answer).encode())
    os._exit(1)
