"""The build that is being served: looked up by URL, and noticed when another takes its place."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from blog.manifest import FILE, FORMS, Manifest, Page, parse

#: The compressed forms by the names that HTTP gives them (RFC 9110, section 8.4.1), best first.
ENCODINGS = {"br": FORMS[0], "gzip": FORMS[1]}


@dataclass(frozen=True, slots=True)
class Body:
    """A page in one form: its bytes, HTTP's name of the form ("" for the plain one) and its strong ETag."""

    content: bytes
    encoding: str
    etag: str


class Snapshot:
    """One build, held open as a folder: what is read from it fits its manifest, or is gone."""

    def __init__(self, site: Path) -> None:
        self._folder = os.open(site, os.O_RDONLY | os.O_DIRECTORY)
        self.manifest = parse(self.read(FILE)) or Manifest()

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError):  # the folder could not be opened
            os.close(self._folder)

    def body(self, page: Page, accepted: list[str]) -> Body:
        """Read a page in the best of the ``accepted`` encodings that it has.

        Raises FileNotFoundError where another build has taken this one's place meanwhile.
        """
        for encoding, ending in ENCODINGS.items():
            if encoding in accepted:
                try:
                    return Body(self.read(page.file + ending), encoding, f"{page.digest[:16]}-{encoding}")
                except FileNotFoundError:
                    continue  # too small to be worth compressing
        return Body(self.read(page.file), "", page.digest[:16])

    def read(self, file: str) -> bytes:
        """Read a file of the build. Raises FileNotFoundError where another has taken its place meanwhile."""
        descriptor = os.open(file, os.O_RDONLY, dir_fd=self._folder)
        with open(descriptor, "rb") as stream:  # noqa: PTH123  (a descriptor, no path)
            return stream.read()


class Release:
    """The newest build in the folder ``site``.

    A build replaces the folder as a whole. Its manifest is looked at for each request (one ``stat``,
    some microseconds), so that every worker follows at once without being told.
    """

    def __init__(self, site: Path) -> None:
        self._site = site
        self._current: tuple[tuple[int, int], Snapshot] | None = None

    def snapshot(self) -> Snapshot | None:
        """Give the newest build; None while there is none."""
        try:
            status = (self._site / FILE).stat()
            seen = (status.st_ino, status.st_mtime_ns)
            current = self._current
            if current is None or current[0] != seen:
                # Two threads may both do this; each then has a snapshot that is whole.
                self._current = current = (seen, Snapshot(self._site))
        except OSError:
            return None
        return current[1]
