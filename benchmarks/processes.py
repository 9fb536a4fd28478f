"""What a server and all its processes have used: CPU seconds, and memory as the kernel counts it.

Reads ``/proc`` (Linux); memory of another user's processes needs root.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from blog.errors import UserError


def tree(pid: int) -> set[int]:
    """Give a process and everything below it."""
    root = psutil.Process(pid)
    return {pid, *(child.pid for child in root.children(recursive=True))}


def below(pid: int) -> list[psutil.Process]:
    """Give what runs below a process, in a form that is safe against numbers that are given anew."""
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def end(left: Sequence[psutil.Process], patience: float = 5.0) -> None:
    """Kill what of these processes does not end by itself within so many seconds."""
    _, alive = psutil.wait_procs(left, patience)
    for one in alive:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(alive, patience)


def cpu_seconds(pid: int) -> float:
    """Give the CPU time of a tree since it began, with that of children that have ended.

    What runs is told to the nanosecond. A child that has been waited for is counted in its parent, in
    steps of the kernel's clock, 10 ms.
    """
    total = 0.0
    for one in tree(pid):
        with suppress(psutil.NoSuchProcess, OSError):
            ended = psutil.Process(one).cpu_times()
            total += own_seconds(one) + ended.children_user + ended.children_system
    return total


def own_seconds(pid: int) -> float:
    """Give the CPU time of a process, its threads that have ended included; raises OSError if it is gone.

    Linux has a clock for each process, clock_getcpuclockid(3); the number is how glibc makes it
    (MAKE_PROCESS_CPUCLOCK with CPUCLOCK_SCHED).
    """
    return time.clock_gettime(~pid << 3 | 2)


def private_bytes(pids: Iterable[int]) -> int:
    """Give the memory that would be free again if these processes ended: Private_* of smaps_rollup."""
    return sum(_rollup(pid, "Private_") for pid in pids)


def proportional_bytes(pids: Iterable[int]) -> int:
    """Give the memory of these processes together: Pss counts a page that n share as an nth in each."""
    return sum(_rollup(pid, "Pss:") for pid in pids)


def parse_rollup(text: str, prefix: str) -> int:
    """Add up the lines of a smaps_rollup that begin so, in bytes."""
    lines = (line.split() for line in text.splitlines() if line.startswith(prefix))
    return 1024 * sum(int(words[1]) for words in lines)


def _rollup(pid: int, prefix: str) -> int:
    try:
        return parse_rollup(Path(f"/proc/{pid}/smaps_rollup").read_text(), prefix)
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return 0
    except PermissionError:
        raise UserError("the memory of a reader's kernel can't be read; run this as root") from None
