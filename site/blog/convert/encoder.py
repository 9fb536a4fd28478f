"""The pictures of one page: those of the build before are taken over, others are encoded ahead, in threads.

Encoding is most of what a conversion takes. So a picture that the article had before keeps its files, by the
digest of what it was made of and by. The encoders let go of Python's lock, so the others of a long post take
all cores, though one process converts it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import TracebackType

from blog.convert.encoding import File, Made, made
from blog.model import Encoded

# fewer pictures are not worth a thread
_SOME = 2


class Encoder:
    """The pictures of one page; used as a context, so that no thread is left.

    ``before`` are those that the article had, with their files in ``static``.
    """

    def __init__(self, before: Iterable[Encoded] = (), static: Path | None = None) -> None:
        self._before = {one.source: one for one in before} if static else {}
        self._static = static
        self._threads: ThreadPoolExecutor | None = None
        self._begun: dict[str, Future[Made]] = {}

    def __enter__(self) -> Encoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        self._begun.clear()

    def begin(self, pictures: Iterable[tuple[bytes, bool | None]]) -> None:
        """Start encoding pictures that are new, each with what its author says of losing something."""
        wanted = {source(content, lossy): (content, lossy) for content, lossy in pictures}
        new = {name: what for name, what in wanted.items() if name not in self._before}
        if len(new) < _SOME:
            return
        self._threads = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
        for name, (content, lossy) in new.items():
            self._begun[name] = self._threads.submit(made, content, lossy)

    def made(self, content: bytes, lossy: bool | None = None) -> Made:
        """Give a picture's files, made before or now. Raises BrokenImageError."""
        name = source(content, lossy)
        if name in self._before and (known := self._read(self._before[name])):
            return known
        begun = self._begun.get(name)
        return begun.result() if begun else made(content, lossy)

    def _read(self, known: Encoded) -> Made | None:
        """Read a picture's files; None where one is gone or isn't what its name says."""
        whole = self._file(known.path, known.width)
        scaled = [self._file(path, width) for path, width in known.scaled]
        original = self._file(known.original, known.width) if known.original else None
        film = self._file(known.film, known.width) if known.film else None
        there = [one for one in scaled if one is not None]
        lost = (known.original and original is None) or (known.film and film is None)
        if whole is None or lost or len(there) < len(scaled):
            return None
        return Made(whole.content, whole.extension, known.width, known.height, tuple(there), original, film)

    def _file(self, path: str, width: int) -> File | None:
        _, digest, extension = path.rsplit(".", 2) if path.count(".") > 1 else ("", "", "")
        try:
            content = (self._static or Path()).joinpath(path).read_bytes()
        except OSError:
            return None
        return (
            File(content, extension, width) if sha256(content).hexdigest().startswith(digest or "-") else None
        )


def source(content: bytes, lossy: bool | None) -> str:
    """Name what a picture is made of and by: its bytes, its author's word, the encoders."""
    word = {True: "lossy", False: "lossless", None: "any"}[lossy]
    return sha256(sha256(content).digest() + f" {word} {_encoders()}".encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _encoders() -> str:
    digest = sha256()
    for name in ("drawings", "encoding", "likeness"):
        digest.update(sha256(Path(__file__).with_name(f"{name}.py").read_bytes()).digest())
    return f"{digest.hexdigest()} {version('pillow')} {version('pyoxipng')}"
