"""What a parent can know of its children and do to them: adopt orphans, list them, end them.

Only a parent signals, and only a child it has not reaped yet: until then the kernel gives the process
id to nobody else, so no stranger is ever hit.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_CHILD_SUBREAPER = 36

#: Whether orphans can be adopted at all.
ADOPTS = sys.platform == "linux"

if sys.platform == "linux":
    # Loaded here and not after a fork.
    _libc = ctypes.CDLL(None, use_errno=True)

    def _prctl(option: int, value: int) -> None:
        if _libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def adopt_orphans() -> None:
    """Make every descendant whose parent dies a child of this process (Linux; elsewhere init has them)."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int, number: signal.Signals) -> None:
    """Ask the kernel to send this process ``number`` when ``parent`` dies; called in a new child.

    A parent that has died before the request was made is found by its process id. Linux only.
    """
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)


def children() -> list[int]:
    """Give the process ids of all children, the adopted ones and those not yet reaped too."""
    tasks = Path("/proc/self/task")
    try:
        return [
            int(pid)
            for task in tasks.iterdir()
            for pid in (task / "children").read_text(encoding="ascii").split()
        ]
    except FileNotFoundError:  # another kernel, or one without CONFIG_PROC_CHILDREN
        return _children_by_ps()


def _children_by_ps() -> list[int]:
    me = os.getpid()
    ps = subprocess.Popen(["ps", "-A", "-o", "pid=,ppid="], stdout=subprocess.PIPE, text=True)
    rows, _ = ps.communicate()
    pairs = [tuple(map(int, row.split())) for row in rows.splitlines()]
    return [pid for pid, parent in pairs if parent == me and pid != ps.pid]


def reap() -> Iterator[tuple[int, int]]:
    """Yield the process id and the status of each child that has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to a child that has not been reaped."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def kill_group(leader: int) -> None:
    """Kill what is left of the process group of a child that has ended.

    For systems where :func:`adopt_orphans` can do nothing.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
