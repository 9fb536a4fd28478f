"""Which notebooks may be run: the index that the build writes, read again when it changes."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

log = logging.getLogger("livekernel")

ALL, WARM = "all cells", "warm cells"


@dataclass(frozen=True, slots=True)
class Entry:
    """A notebook that may be run.

    ``key`` is its kind and slug (``posts/virtual-detectors``), ``path`` its place below the
    notebooks folder, ``cells`` are its live cells: the number of each in the file, counted from 1, by the id
    that the pages name it by (a notebook may have no ids of its own). ``fork`` says what is run before a
    reader's kernel is forked: ``all cells``, as usual where there are live cells, or ``warm cells``.
    """

    key: str
    path: str
    title: str
    cells: Mapping[str, int]
    fork: str = WARM


class Index:
    """The index file, asked by every request to start a kernel.

    A file that is missing lists nothing. One that can't be read keeps what was read before, so that
    a build that goes wrong closes no figure.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, ...] | None = None
        self._entries: Mapping[str, Entry] = {}

    def find(self, key: str) -> Entry | None:
        """Give the notebook by kind and slug, or None where it must not be run."""
        self._refresh()
        return self._entries.get(key)

    def entries(self) -> list[Entry] | None:
        """Give all notebooks that may be run, or None while there is no index."""
        self._refresh()
        return None if self._stamp is None else list(self._entries.values())

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._entries = None, {}
            return
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._entries = parse(json.loads(self._path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            log.warning("%s: %s; the notebooks known before stay", self._path, error)


def parse(data: Any) -> dict[str, Entry]:
    """Check what an index file holds; raises ValueError that names the first thing that is wrong."""
    if not isinstance(data, dict) or not isinstance(data.get("notebooks"), dict):
        raise ValueError("there is no object 'notebooks'")
    return {key: _entry(key, value) for key, value in data["notebooks"].items()}


def _entry(key: str, value: Any) -> Entry:
    if not isinstance(value, dict):
        raise ValueError(f"{key}: not an object")
    path, title, cells = value.get("path"), value.get("title"), value.get("cells")
    if not isinstance(path, str) or not path.endswith(".ipynb"):
        raise ValueError(f"{key}: 'path' is no notebook")
    place = PurePosixPath(path)
    if place.is_absolute() or ".." in place.parts:
        raise ValueError(f"{key}: 'path' leaves the notebooks folder")
    if not isinstance(title, str):
        raise ValueError(f"{key}: 'title' is no text")
    if not isinstance(cells, dict) or not all(
        type(number) is int and number > 0 for number in cells.values()
    ):
        raise ValueError(f"{key}: 'cells' is no map of cell ids to numbers")
    fork = value.get("fork", ALL if cells else WARM)
    if fork not in (ALL, WARM):
        raise ValueError(f"{key}: 'fork' is neither '{ALL}' nor '{WARM}'")
    return Entry(key, path, title, cells, fork)
