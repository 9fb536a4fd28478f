"""What a page shows of its widgets before there is a kernel, as files: their state, and anywidgets' modules.

No kernel is asked for any of it. Each file is compressed once, and has a strong ETag for each form, so that
a proxy can keep it and answer who asks again.
"""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import brotli
from tornado.web import HTTPError

from livekernel.engine.generations import Generation
from livekernel.index import Index
from livekernel.own import OwnPages
from livekernel.starts import Starts, TurnedAway
from livekernel.static import FOR_EVER

QUALITY, LARGE_QUALITY, LARGE = 9, 5, 2**20
"""Brotli's quality, and that above so many bytes: 20 ms for a state with two pictures, 0.1 s for plotly."""


class Forms:
    """One content, plain and compressed; each form is made when it is first asked for."""

    def __init__(self, content: bytes) -> None:
        self._made: dict[str, asyncio.Future[bytes]] = {}
        self._content = content

    async def best(self, accepted: str) -> tuple[str, bytes]:
        """Give the encoding and the bytes for what a reader's ``Accept-Encoding`` says."""
        name = next((one for one in ("br", "gzip") if _takes(accepted, one)), "")
        if name not in self._made:
            self._made[name] = asyncio.ensure_future(asyncio.to_thread(_encode, name, self._content))
        try:
            return name, await asyncio.shield(self._made[name])
        except Exception:
            self._made.pop(name, None)
            raise


def _takes(accepted: str, encoding: str) -> bool:
    """Say whether a reader takes an encoding: named, and not with a weight of 0 (RFC 9110, 12.5.3)."""
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "").lower().removeprefix("q=").strip("0.") != "" or not weight
    return False


def _encode(name: str, content: bytes) -> bytes:
    if name == "br":
        made: bytes = brotli.compress(content, quality=QUALITY if len(content) < LARGE else LARGE_QUALITY)
        return made
    return gzip.compress(content, 6, mtime=0) if name == "gzip" else content


class _File(OwnPages):
    """Answers with one of the forms of a file."""

    async def _answer(self, forms: Forms, version: str, kind: str, keep: str) -> None:
        encoding, content = await forms.best(self.request.headers.get("Accept-Encoding", ""))
        self.set_header("Content-Type", kind)
        self.set_header("Cache-Control", keep)
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("ETag", f'"{version}{encoding and "-"}{encoding}"')
        if encoding:
            self.set_header("Content-Encoding", encoding)
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
        else:
            self.finish(content)


class Rest(_File):
    """``GET rest/<kind>/<slug>``: the state of the generation that new readers' kernels are forked from."""

    def initialize(self, index: Index, starts: Starts) -> None:
        """Take the index and what knows the generations; called by tornado."""
        self._index, self._starts = index, starts

    async def get(self, kind: str, slug: str) -> None:
        """Answer with the state; 404 where there is none, 503 while the notebook is warming up."""
        entry = self._index.find(f"{kind}/{slug}")
        if entry is None:
            raise HTTPError(404)
        try:
            generation = self._starts.generation(entry)
        except TurnedAway as away:
            if not away.refusal.retry:
                raise HTTPError(404) from away
            self.set_status(503)
            self.set_header("Retry-After", str(away.refusal.retry))
            self.set_header("Cache-Control", "no-store")
            self.finish()
            return
        if generation is None or generation.shown is None:
            raise HTTPError(404)
        # Browsers ask each time whether it is still the same.
        await self._answer(_kept(generation), generation.shown, "application/octet-stream", "no-cache")

    head = get


class Module(_File):
    """``GET rest/modules/<digest>.js``: an anywidget's module, under the name of its content."""

    def initialize(self, folder: Path, kept: dict[str, Forms]) -> None:
        """Take the folder of modules, and what keeps their forms; called by tornado."""
        self._folder, self._kept = folder, kept

    async def get(self, digest: str) -> None:
        """Answer with the module."""
        if digest not in self._kept:
            try:
                content = await asyncio.to_thread((self._folder / f"{digest}.js").read_bytes)
            except FileNotFoundError as missing:
                raise HTTPError(404) from missing
            self._kept.setdefault(digest, Forms(content))
        await self._answer(self._kept[digest], digest, "text/javascript; charset=utf-8", FOR_EVER)

    head = get


def _kept(generation: Generation) -> Forms:
    """Give the forms of a generation's state; they go with it."""
    forms: Any = generation.pages.setdefault(Forms, Forms(generation.rest))
    assert isinstance(forms, Forms)  # noqa: S101  (told to mypy)
    return forms
