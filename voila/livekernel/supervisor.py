"""The process above the server: it adopts what loses its parent, reaps it, and leaves nothing behind.

A kernel whose zygote has died is nobody's child: Linux hands it to the nearest process that adopts
(prctl(2), PR_SET_CHILD_SUBREAPER), which is this one. It lives on, for its life hangs on the server.
When the server ends, in whatever way, this process kills what is left and removes the folder that kernels
wrote to. Where this process is killed itself, the server is told by Linux (PR_SET_PDEATHSIG) and ends.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h

PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
GRACE = 5.0
"""Seconds for what a dead server leaves: its pipes are closed, so all of it is being killed already."""


def supervised(serve: Callable[[], int], folder: Path) -> int:
    """Run ``serve`` in a child and give its exit code, when nothing of it is left.

    ``folder`` is removed at the end. Called with one thread.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        sys.exit(serve())

    def pass_on(number: int, _: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.kill(child, number)

    for number in PASSED_ON:
        signal.signal(number, pass_on)
    try:
        code = _reap_until(child)
        _end_the_rest()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return code if code >= 0 else 128 - code


def _reap_until(child: int) -> int:
    """Reap whoever ends until ``child`` has; give its code."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return os.waitstatus_to_exitcode(status)


def _end_the_rest() -> None:
    """Kill children, who become ours as their parents die, until there are none."""
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        for pid in _children():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(0.01)


def _children() -> list[int]:
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    with suppress(OSError):
        return [int(word) for word in listed.read_text("ascii").split()]
    return []
