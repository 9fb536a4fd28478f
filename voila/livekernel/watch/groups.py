"""How many bytes are really left for this process: the tightest of the machine and its memory cgroups.

What a machine has free says little in a container: a limit above it ends processes long before. Both
versions of cgroups are read, as https://docs.kernel.org/admin-guide/cgroup-v2.html and
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html have them; a machine may have mounted both, with
memory in one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB$", re.MULTILINE)
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """Where one hierarchy is seen: ``point`` shows the group ``root`` and what is below it."""

    version: int
    root: PurePosixPath
    point: Path


def left(proc: Path = Path("/proc")) -> int | None:
    """Give the bytes that this process, and what it forks, can still take; None where there is no /proc.

    The cache of files that have not been used lately counts as free: Linux gives it up first. ``proc`` is
    another folder in tests only.
    """
    try:
        found = available((proc / "meminfo").read_text(encoding="ascii"))
        membership = (proc / "self/cgroup").read_text(encoding="utf-8", errors="surrogateescape")
        mounted = (proc / "self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    rooms = [] if found is None else [found]
    seen = tuple(mounts(mounted))
    for version, group in groups(membership).items():
        of_version = [mount for mount in seen if mount.version == version]
        # Another container's group may be mounted somewhere too: the one that holds ours goes first.
        for mount in [m for m in of_version if group.is_relative_to(m.root)] or of_version:
            rooms += [room for folder in folders(mount, group) if (room := _room(mount, folder)) is not None]
    return max(0, min(rooms)) if rooms else None


def available(meminfo: str) -> int | None:
    """Read what Linux thinks can be taken without swapping, from the text of ``/proc/meminfo``."""
    found = _AVAILABLE.search(meminfo)
    return int(found[1]) * 1024 if found else None


def groups(membership: str) -> dict[int, PurePosixPath]:
    """Read the group of each version from ``/proc/self/cgroup``, cgroups(7): ``number:controllers:path``."""
    found: dict[int, PurePosixPath] = {}
    for line in membership.splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            found[2] = PurePosixPath(path)
        elif "memory" in controllers.split(","):
            found[1] = PurePosixPath(path)
    return found


def mounts(mountinfo: str) -> Iterator[Mount]:
    """Read the hierarchies that may count memory from ``/proc/self/mountinfo``, proc(5).

    Its fields: id, parent, device, root, mount point, options, optional ones up to a hyphen, then type,
    source and the file system's own options.
    """
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, point = (_unescaped(field) for field in before.split(" ")[3:5])
        if kind == "cgroup2":
            yield Mount(2, PurePosixPath(root), Path(point))
        elif kind == "cgroup" and "memory" in options.split(","):
            yield Mount(1, PurePosixPath(root), Path(point))


def folders(mount: Mount, group: PurePosixPath) -> Iterator[Path]:
    """Give the folder of a group that a mount shows, and of each group above it, as far as they are seen.

    A container is often shown its own group alone, as the mount's root, while its path is told from the
    host's: then the mount point is its folder. Under a namespace of cgroups both are ``/``.
    """
    try:
        below = group.relative_to(mount.root)
    except ValueError:
        below = PurePosixPath()
    if ".." in below.parts:  # a group outside of the namespace's root
        below = PurePosixPath()
    folder = mount.point / below
    yield folder
    for _ in below.parts:
        folder = folder.parent
        yield folder


def room_v2(file: Callable[[str], str]) -> int | None:
    """Count what a group of version 2 leaves; None where nothing bounds it (a root group has no such files).

    Above ``memory.high`` its processes are slowed down till they stand, so that it bounds as
    ``memory.max`` does.
    """
    limits = [
        int(text) for name in ("memory.max", "memory.high") if (text := file(name).strip()) not in _OPEN
    ]
    used = file("memory.current")
    if not limits or not used:
        return None
    return min(limits) - int(used) + _statistic(file("memory.stat"), "inactive_file")


def room_v1(file: Callable[[str], str]) -> int | None:
    """Count what a group of version 1 leaves; None where there are no such files.

    ``hierarchical_memory_limit`` is the lowest limit of the groups above, those that a container isn't
    shown too. A group without a limit has one of nearly 2^63 bytes, which is never the tightest.
    """
    limit, used, statistics = (
        file(f"memory.{name}") for name in ("limit_in_bytes", "usage_in_bytes", "stat")
    )
    if not limit or not used:
        return None
    above = _statistic(statistics, "hierarchical_memory_limit") or int(limit)
    return min(int(limit), above) - int(used) + _statistic(statistics, "total_inactive_file")


_OPEN = ("", "max")


def _room(mount: Mount, folder: Path) -> int | None:
    def file(name: str) -> str:
        try:
            return (folder / name).read_text(encoding="ascii")
        except OSError:
            return ""

    return room_v2(file) if mount.version == 2 else room_v1(file)


def _statistic(text: str, name: str) -> int:
    found = re.search(rf"^{name} (\d+)$", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _unescaped(field: str) -> str:
    """Undo proc(5)'s octal escapes of blanks and backslashes."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), field)
