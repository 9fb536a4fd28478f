"""What a service prints, kept in a file of bounded size, with the last lines at hand."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

#: Bytes after which a log is put aside as ``<name>.1``, whose former content goes.
LIMIT = 4 * 1024 * 1024
_LINES, _WIDTH = 12, 400


class Log:
    """A log file. The last run's is kept beside it as ``<name>.1``."""

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self.path = path
        self._limit = limit
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._part = b""
        self._size = 0
        self._file = self._open()

    def write(self, data: bytes) -> None:
        """Append what a service printed; raises OSError where the disk is full."""
        *lines, self._part = (self._part + data).split(b"\n")
        self._part = self._part[-_WIDTH:]
        self._lines.extend(line[:_WIDTH].decode(errors="replace") for line in lines)
        if self._size + len(data) > self._limit:
            former, self._file = self._file, self._open()
            os.close(former)
            self._size = 0
        self._size += len(data)
        while data:
            data = data[os.write(self._file, data) :]

    def tail(self) -> list[str]:
        """Give the last lines that were printed since this was last asked."""
        if self._part:
            self._lines.append(self._part.decode(errors="replace"))
        lines = list(self._lines)
        self._lines.clear()
        self._part = b""
        return lines

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _open(self) -> int:
        if self.path.exists():
            self.path.replace(self.path.with_name(self.path.name + ".1"))
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
