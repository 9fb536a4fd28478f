"""Worker processes that read and convert notebooks, so that no notebook can stop another.

A notebook that crashes its process, never ends, or meets a bug of ours becomes a :class:`Failure`;
the others go on. Pebble is used because its pool ends a task after its time and survives the death of
a worker; ``concurrent.futures`` does neither.
"""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from blog.build.records import load_all
from blog.convert import Context, Defaults, convert
from blog.errors import NotebookError
from blog.library import Entry
from blog.model import Asset, Kind, Metadata, Problem
from blog.notebook import Notebook, read

#: Seconds that one notebook may take; the largest public ones that were tried take about two.
TIME_LIMIT = 120.0

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a notebook told, without its cells."""

    kind: Kind
    metadata: Metadata
    digest: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """A notebook converted, with the assets of its article."""

    entry: Entry
    assets: tuple[Asset, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A notebook that gave no result: ``problem`` for the author; ``trace`` where the fault is ours."""

    problem: Problem
    trace: str = ""


class Workers:
    """A pool of worker processes, as many as there are cores and tasks.

    Used as a context: leaving it ends the processes. A pool that is given nothing starts none.
    """

    def __init__(self, root: Path, count: int | None = None) -> None:
        self._root = root
        self._count = count or os.cpu_count() or 1
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, Reading | Failure]]:
        """Read notebooks (paths relative to the notebooks folder); results come in the same order."""
        yield from self._run(_read, paths)

    def convert(
        self, paths: Sequence[str], links: Mapping[str, str], defaults: Defaults, out: Path
    ) -> Iterator[tuple[str, Conversion | Failure]]:
        """Convert notebooks; ``links`` and ``defaults`` are those of :class:`blog.convert.Context`.

        Pictures of the build before in ``out`` are taken over.
        """
        yield from self._run(_convert, paths, dict(links), defaults, out)

    def _run(
        self, task: Callable[..., Result], paths: Sequence[str], *arguments: object
    ) -> Iterator[tuple[str, Result | Failure]]:
        if not paths:
            return
        if self._pool is None:
            self._pool = ProcessPool(max_workers=min(self._count, len(paths)), context=_context())
        calls = [(task, self._root, path, *arguments) for path in paths]
        futures = [self._pool.schedule(_failing_softly, args=call, timeout=TIME_LIMIT) for call in calls]
        for path, future in zip(paths, futures, strict=True):
            try:
                yield path, future.result()
            except (FutureTimeout, TimeoutError):
                what = f"converting it took more than {TIME_LIMIT:.0f} s"
                yield path, Failure(Problem("skipped", path, what, "Make its outputs smaller, or split it"))
            except ProcessExpired as error:
                what = f"the process that converted it died (exit code {error.exitcode})"
                remedy = "It may have run out of memory: make its outputs smaller"
                yield path, Failure(Problem("skipped", path, what, remedy))


def _context() -> BaseContext:
    """Fork workers from a process that has imported the converter and nothing else has happened in.

    Importing takes a second, which each worker would spend; a fork of the build's own process would
    share its threads' locks.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _failing_softly(
    task: Callable[..., Result], root: Path, path: str, *arguments: object
) -> Result | Failure:
    """Run a task in its worker; what goes wrong comes back as a value, which any process can read."""
    try:
        return task(root, path, *arguments)
    except NotebookError as error:
        return Failure(Problem("skipped", path, error.what, error.remedy, error.cell))
    except OSError as error:
        what = f"it can't be read: {error.strerror}"
        return Failure(Problem("skipped", path, what, "See to the file and its rights"))
    except Exception as error:
        what = f"a bug in the converter: {type(error).__name__}: {error}".splitlines()[0]
        problem = Problem("skipped", path, what, "Report it with the notebook")
        return Failure(problem, traceback.format_exc())


def _read(root: Path, path: str) -> Reading:
    notebook = read(root / path, root)
    return Reading(notebook.kind, notebook.metadata, notebook.digest, notebook.problems)


def _convert(root: Path, path: str, links: dict[str, str], defaults: Defaults, out: Path) -> Conversion:
    notebook: Notebook = read(root / path, root)
    last = load_all(out, [path]).get(path)
    before = last.entry.article.encoded if last else ()
    converted = convert(notebook, Context(root, links, defaults, before, out / "static"))
    entry = Entry(path, notebook.kind, notebook.metadata, converted.article, notebook.digest)
    return Conversion(entry, converted.assets, notebook.problems)
