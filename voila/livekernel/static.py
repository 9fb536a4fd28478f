"""Files under an address that changes when they change, so that browsers and proxies may keep them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tornado.web import HTTPError, StaticFileHandler

FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of files, and the version that stands before a file's name in its address."""

    path: Path
    version: str


class VersionedFiles(StaticFileHandler):
    """Serve a :class:`Folder` below ``…/<version>/``; another version's address is not found.

    Voila's bundle names its parts by number and not by content: under one address an upgrade would
    mix the parts of two versions.
    """

    def initialize(self, folder: Folder) -> None:  # type: ignore[override]
        """Take the folder; called by tornado."""
        super().initialize(str(folder.path))
        self._version = folder.version

    async def get(self, version: str, path: str, include_body: bool = True) -> None:  # type: ignore[override]
        """Answer with a file."""
        if version != self._version:
            raise HTTPError(404)
        await super().get(path, include_body)

    def head(self, version: str, path: str) -> Any:  # type: ignore[override]
        """Answer with a file's headers."""
        return self.get(version, path, include_body=False)

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002
        """Let the file be kept; called by tornado."""
        self.set_header("Cache-Control", FOR_EVER)
        self.set_header("X-Content-Type-Options", "nosniff")


def digest(folder: Path) -> str:
    """Give the version of a folder by the names and contents of its files."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:16]
