"""What a process has taken, of memory and of the processors, as Linux counts it.

A kernel is not dumpable, so nobody but root may open its ``smaps_rollup`` (proc(5): it takes a check as for
ptrace). It opens the file itself before it gives that up, and hands the descriptor to the server. Linux
checks at the opening only, and each reading from the start counts anew.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_LINE = re.compile(r"^(\w+):\s+(\d+) kB$", re.MULTILINE)
_MOST = 4096
"""Bytes of a file read here: smaps_rollup has about 900, a process's stat 400."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A process's memory in bytes.

    ``private`` is what would be free again if it ended; ``pss`` counts each shared page in parts, as many
    as there are sharers, so that the sum over all processes is what they take together. ``swap`` is on
    disk, and comes on top of both.
    """

    pss: int
    private: int
    swap: int


def opened(pid: int | str = "self") -> int:
    """Open the file that :func:`reading` reads; a kernel calls it before it is locked in.

    A process may always open its own. Raises OSError for another's that is of another user or not
    dumpable, unless root asks.
    """
    return os.open(_PROC / str(pid) / "smaps_rollup", os.O_RDONLY | os.O_CLOEXEC)


def reading(descriptor: int) -> Reading | None:
    """Count a process's memory now; None once it has gone, or runs another program.

    Linux walks all its pages for it, which took 1 ms for each 100 MB where it was tried.
    """
    try:
        return parse_rollup(os.pread(descriptor, _MOST, 0).decode("ascii"))
    except OSError:  # ProcessLookupError, as a rule
        return None


def parse_rollup(text: str) -> Reading | None:
    """Read the text of ``smaps_rollup``; None where it is no such text.

    https://docs.kernel.org/filesystems/proc.html: Private_* are the pages that one process alone maps,
    huge pages of hugetlbfs apart. SwapPss shares what forks have in common, as Pss does.
    """
    kilobytes = {name: int(value) for name, value in _LINE.findall(text)}
    try:
        private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"] + kilobytes["Private_Hugetlb"]
        swap = kilobytes.get("SwapPss", kilobytes["Swap"])
        return Reading(kilobytes["Pss"] * 1024, private * 1024, swap * 1024)
    except KeyError:
        return None


def cpu_seconds(pid: int) -> float | None:
    """Give the seconds of CPU of a process and of its children that ended; None once it has gone.

    A zombie still has them. Ask only about a child that nobody has reaped: the number may be another's
    after that.
    """
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return parse_stat(text, os.sysconf("SC_CLK_TCK"))


def parse_stat(text: str, ticks: int) -> float | None:
    """Read a process's ``stat``, in clock ticks: utime, stime, cutime, cstime, fields 14 to 17 of proc(5).

    The second field is the program's name in parentheses, and may hold spaces and parentheses itself.
    """
    fields = text.rpartition(")")[2].split()
    try:
        return sum(map(int, fields[11:15])) / ticks if len(fields) > 15 else None
    except ValueError:
        return None
