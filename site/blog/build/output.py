"""Writing a build: a whole new folder, then one switch.

What has not changed is linked from the build before, not copied. Until the switch nothing of the old
build is touched, so a build that fails (a full disk, say) leaves it as it was.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from blog.assets import compressed
from blog.errors import BuildError
from blog.manifest import FILE, FORMS

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the right to write ``out``: a second build beside it waits for the first."""
    out.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(out.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def check_ours(out: Path) -> None:
    """Raise :class:`BuildError` where ``out`` holds something that no build of ours made."""
    if out.exists() and not out.is_dir():
        raise BuildError(f"{out}: it is a file; name a folder for the build")
    if out.is_dir() and any(out.iterdir()) and not (out / FILE).is_file():
        raise BuildError(f"{out}: it holds other files; name an empty folder or a new one for the build")


def write(
    out: Path, files: Mapping[str, bytes | None], known: Mapping[str, Mapping[str, bytes]] | None = None
) -> None:
    """Make ``out`` hold exactly ``files`` (paths below it), each with its compressed forms beside it.

    ``known`` are forms that were made before, by the files' paths. None in place of a content keeps the
    file that is in ``out`` now. The manifest belongs to ``files``. Raises OSError with nothing changed.
    """
    new = out.parent / f".{out.name}.new"
    if new.exists():  # left by a build that was killed; the lock says it is nobody's
        shutil.rmtree(new)
    try:
        new.mkdir()
        for path, content in files.items():
            target = new / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                _link(out, new, path)
            else:
                target.write_bytes(content)
                for ending, form in ((known or {}).get(path) or _forms(path, content)).items():
                    target.with_name(target.name + ending).write_bytes(form)
        _switch(new, out)
    finally:
        # After a switch this is the old build; after a failure, what there is of the new one.
        shutil.rmtree(new, ignore_errors=True)


def _forms(path: str, content: bytes) -> dict[str, bytes]:
    return {} if path.startswith(".") else compressed(path, content)


def _link(old: Path, new: Path, path: str) -> None:
    """Link a file and its compressed forms from the old build into the new one."""
    for ending in ("", *FORMS):
        source = old / (path + ending)
        if ending == "" or source.exists():
            _link_or_copy(source, new / (path + ending))


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.EOPNOTSUPP):
            raise
        shutil.copyfile(source, target)  # a file system without links


def _switch(new: Path, out: Path) -> None:
    """Put ``new`` in the place of ``out`` at once; what was ``out`` is then at ``new``."""
    if not out.exists():
        new.rename(out)
        return
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.renameat2(_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(out), _RENAME_EXCHANGE) == 0:
            return
        if ctypes.get_errno() not in (errno.EINVAL, errno.ENOSYS):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(out))
    # Without an exchange there is an instant without the folder: macOS, and some file systems.
    aside = out.parent / f".{out.name}.old"
    out.rename(aside)
    new.rename(out)
    aside.rename(new)
