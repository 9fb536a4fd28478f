"""A memory cgroup of a benchmark's own (v1 or v2, as root): a limit, and what the system had to kill."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from blog.errors import UserError

PATIENCE = 10.0
_V1, _V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """A group with a limit; ``version`` is of the interface."""

    folder: Path
    version: int

    def wrapper(self) -> tuple[str, ...]:
        """Give what is put before a command so that it and all it starts run in the group."""
        join = f'echo $$ > "{self.folder}/cgroup.procs" && exec "$@"'
        return ("/bin/sh", "-c", join, "sh")

    def kills(self) -> int:
        """Give how many processes the system has killed for memory."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        return parse_kills((self.folder / name).read_text())

    def peak(self) -> int:
        """Give the most bytes that were used; 0 where the system does not tell."""
        name = "memory.peak" if self.version == 2 else "memory.max_usage_in_bytes"
        try:
            return int((self.folder / name).read_text())
        except OSError:
            return 0


def parse_kills(text: str) -> int:
    """Read the line ``oom_kill`` of memory.events (v2) or memory.oom_control (v1); 0 if there is none."""
    words = (line.split() for line in text.splitlines())
    return next((int(number) for name, number in words if name == "oom_kill"), 0)


@contextmanager
def memory_group(limit: int) -> Iterator[MemoryGroup]:
    """Make a group with so many bytes and no swap; whatever runs in it is killed at the end.

    Raises :class:`UserError` where that isn't allowed.
    """
    version, parent = (1, _V1) if _V1.is_dir() else (2, _V2)
    group = MemoryGroup(parent / f"blog-bench-{uuid.uuid4().hex[:8]}", version)
    try:
        if version == 2:
            (parent / "cgroup.subtree_control").write_text("+memory")
        group.folder.mkdir()
    except OSError as error:
        raise UserError(
            f"no memory cgroup can be made ({error.strerror}); run it as root, or without the figure cgroup"
        ) from error
    try:
        for name, value in _limits(version, limit):
            # Whether swap can be limited depends on the system; the limit of memory must hold.
            if (group.folder / name).exists():
                (group.folder / name).write_text(str(value))
        yield group
    finally:
        _remove(group.folder)


def _limits(version: int, limit: int) -> tuple[tuple[str, int], ...]:
    if version == 2:
        return (("memory.max", limit), ("memory.swap.max", 0))
    return (("memory.limit_in_bytes", limit), ("memory.memsw.limit_in_bytes", limit))


def _remove(folder: Path) -> None:
    """End what is left in the group, then remove it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        for pid in (folder / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
