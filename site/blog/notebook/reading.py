"""Reads a notebook's file, and makes sure that it is one and lies in the notebooks folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from blog.errors import NotebookError
from blog.model import Kind
from blog.notebook.document import MAX_BYTES, too_large
from blog.notebook.parsing import Notebook, parse
from blog.notebook.report import quote


def read(path: Path, root: Path) -> Notebook:
    """Read the notebook at ``path``, which lies in or below the notebooks folder ``root``.

    It is a demo if it lies below ``root/demos``, else a post. Raises NotebookError, and nothing else,
    where it can't be read, where a symlink (also a folder on the way) leads out of ``root``, and where no
    page can be made of what it holds.
    """
    place = _place(path, root)
    kind: Kind = "demos" if place.startswith("demos/") else "posts"
    return parse(_bytes(path, root), place, kind)


def _place(path: Path, root: Path) -> str:
    # abspath, not resolve: the place is where the author put it, whatever it links to
    absolute, folder = Path(os.path.abspath(path)), Path(os.path.abspath(root))  # noqa: PTH100
    if not absolute.is_relative_to(folder):
        raise _outside()
    place = absolute.relative_to(folder).as_posix()
    try:
        place.encode("utf-8")
    except UnicodeEncodeError:
        raise NotebookError("the file's name is not UTF-8", "Rename it") from None
    return place


def _outside() -> NotebookError:
    return NotebookError(
        "it lies outside of the notebooks folder, or a symlink leads there", "Copy the file into the folder"
    )


def _bytes(path: Path, root: Path) -> bytes:
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root.resolve(strict=True)):
            raise _outside()
        # the path has no symlinks left; should one take its place now, it is not followed,
        # and a pipe does not keep us waiting
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise NotebookError("it is not a file", "Delete it or move it out of the folder")
            if found.st_size > MAX_BYTES:
                raise NotebookError(*too_large(found.st_size))
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(MAX_BYTES + 1)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise NotebookError("the file is not there (any more)", "Mend or delete the link to it") from None
    except (RuntimeError, ValueError):  # a loop of symlinks; a NUL in the name
        raise NotebookError("its path leads nowhere", "Mend or delete the link") from None
    except OSError as error:
        reason = quote(error.strerror or "the file can't be read")
        raise NotebookError(f"it can't be read: {reason}", "Mend the file or its permissions") from None
