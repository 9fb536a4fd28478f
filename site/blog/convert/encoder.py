"""Encodes the pictures of one page in threads, ahead of where they are asked for.

Encoding is most of what a conversion takes. The encoders let go of Python's lock, so the pictures of a
long post take all cores, though one process converts it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from types import TracebackType

from blog.convert.encoding import Made, made

# fewer pictures are not worth a thread
_SOME = 2


class Encoder:
    """The pictures of one page; used as a context, so that no thread is left."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._begun: dict[tuple[bytes, bool | None], Future[Made]] = {}

    def __enter__(self) -> Encoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        self._begun.clear()

    def begin(self, pictures: Iterable[tuple[bytes, bool | None]]) -> None:
        """Start encoding pictures, each with what its author says of losing something."""
        wanted = {(sha256(content).digest(), lossy): content for content, lossy in pictures}
        if len(wanted) < _SOME:
            return
        self._threads = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
        for (digest, lossy), content in wanted.items():
            self._begun[digest, lossy] = self._threads.submit(made, content, lossy)

    def made(self, content: bytes, lossy: bool | None = None) -> Made:
        """Give a picture's files, made before or now. Raises BrokenImageError."""
        begun = self._begun.get((sha256(content).digest(), lossy))
        return begun.result() if begun else made(content, lossy)
