"""A folder for each reader's kernel, the only one it may write to, and a user id where there are any."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

USERS = range(63000, 63500)
"""Ids that are given to no one: above the 60000 that useradd goes to, apart from those of systemd
(61184 to 65519, "dynamic users"), which looks before it takes one (systemd.io, "Users, Groups, UIDs
and GIDs")."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """One kernel's folder and its user id (None: the server's own)."""

    folder: Path
    user: int | None


class Scratches:
    """Folders below ``root``, which is the server's own and short: sockets lie there (108 bytes, unix(7))."""

    def __init__(self, root: Path, *, users: bool) -> None:
        self.root = root
        # A kernel gets to its own folder, and can't list the others'.
        self.root.chmod(0o711 if users else 0o700)
        self._free = list(USERS) if users else None
        self._made = 0

    def take(self) -> Scratch:
        """Make a folder; raises OSError, also where every id is taken: nobody gets the server's own then."""
        if self._free is not None and not self._free:
            raise OSError(errno.EAGAIN, "every user id for kernels is taken")
        user = self._free.pop(0) if self._free is not None else None
        self._made += 1
        folder = self.root / str(self._made)
        folder.mkdir(mode=0o700)
        if user is not None:
            os.chown(folder, user, user)
        return Scratch(folder, user)

    def give_back(self, scratch: Scratch) -> None:
        """Remove the folder of a kernel that has ended; its id goes to the end of the line."""
        shutil.rmtree(scratch.folder, ignore_errors=True)
        if self._free is not None and scratch.user is not None:
            self._free.append(scratch.user)


def reachable(user: int, paths: Iterable[Path]) -> Path | None:
    """Give the first of the paths that a user could not read, or None; asked in a process of that user."""
    listed = [path for path in paths if path.exists()]
    pid = os.fork()
    if pid == 0:
        code = 255
        try:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            code = next((n for n, path in enumerate(listed) if not os.access(path, os.R_OK)), 254)
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code == 254:
        return None
    return listed[code] if 0 <= code < len(listed) else Path("/")
