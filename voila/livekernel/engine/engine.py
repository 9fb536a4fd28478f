"""The engine: a root zygote, and for each notebook a generation that readers' kernels are forked from."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livekernel.engine.generations import Generation, State, Way, stamp
from livekernel.engine.link import ForkError, Link
from livekernel.engine.root import AGAIN, LASTED, Root
from livekernel.index import Entry
from livekernel.watch import groups

log = logging.getLogger("livekernel")

LOOK = 2.0
"""Seconds between two looks at the notebooks and their files."""

ROOM = 96 * 2**20
"""Bytes that must be left for a second notebook to warm up beside the first."""


@dataclass(frozen=True, slots=True)
class Warmth:
    """How notebooks are warmed up; times in seconds.

    ``libraries`` are imported once for all. A notebook has ``limit`` for its cells. A generation that was
    replaced ends when its readers have gone, or after ``life``. ``state`` is the folder for the widgets'
    state of each notebook.
    """

    notebooks: Path
    state: Path
    libraries: tuple[str, ...]
    limit: float
    life: float
    at_once: int


@dataclass(eq=False)
class _Notebook:
    """A notebook of the index with its generations."""

    entry: Entry
    current: Generation | None = None
    coming: Generation | None = None
    task: asyncio.Task[None] | None = None
    old: list[Generation] = field(default_factory=list)
    made: int = 0
    lost: int = 0
    ready: float = 0.0

    def delay(self) -> float:
        """Give the seconds until the next try, and count one more that ended by itself."""
        if self.ready and time.monotonic() - self.ready > LASTED:
            self.lost = 0
        self.ready = 0.0
        self.lost += 1
        return AGAIN[min(self.lost, len(AGAIN)) - 1]


class Engine:
    """On the server's event loop: :meth:`start`, then :meth:`ready` for each reader, at last :meth:`stop`."""

    def __init__(self, warmth: Warmth, entries: Callable[[], Iterable[Entry] | None]) -> None:
        self._warmth, self._entries = warmth, entries
        self._notebooks: dict[str, _Notebook] = {}
        self._root = Root(warmth.libraries)
        self._places = asyncio.Semaphore(warmth.at_once)
        self._warming = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopped = self._looked = self._was_warm = False

    # ---- for the server

    def start(self) -> None:
        """Start the root and the first generation of every notebook; comes back at once."""
        self._root.start()
        self._look()
        self._keep(self._look_again())

    def stop(self) -> None:
        """End every zygote. Kernels end by their own pipes."""
        self._stopped = True
        for task in list(self._tasks):
            task.cancel()
        for generation in self.generations():
            self._end(generation)
        self._root.stop()

    def ready(self, key: str) -> Generation | None:
        """Give the generation that a new reader's kernel is forked from, or None while there is none."""
        found = self._notebooks.get(key)
        return found.current if found else None

    def why_not(self, key: str) -> Generation | None:
        """Give what is being made where :meth:`ready` has nothing: warming, or unavailable and why."""
        found = self._notebooks.get(key)
        return found.coming if found else None

    @property
    def is_warm(self) -> bool:
        """Say whether every notebook has been warmed up once, or can't be; true ever after."""
        if not self._was_warm:
            self._was_warm = bool(self._looked) and all(
                one.current or one.lost or (one.coming and one.coming.state is State.UNAVAILABLE)
                for one in self._notebooks.values()
            )
        return self._was_warm

    def renew(self) -> None:
        """Make a new generation of every notebook beside the old one (SIGHUP)."""
        for notebook in self._notebooks.values():
            notebook.lost = 0
            self._renew(notebook)

    def generations(self) -> list[Generation]:
        """Give all that there are, the newest of each notebook first."""
        found = []
        for notebook in self._notebooks.values():
            found += [one for one in (notebook.coming, notebook.current, *notebook.old) if one is not None]
        return found

    # ---- notebooks

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                self._look()
            except Exception:
                log.exception("Looking after the notebooks failed; they go on as they are")

    def _look(self) -> None:
        """Follow the index and the files: what is new is warmed up, what has gone is ended."""
        listed = self._entries()
        self._looked = self._looked or listed is not None
        entries = {entry.key: entry for entry in listed or ()}
        for key in self._notebooks.keys() - entries.keys():
            self._forget(self._notebooks.pop(key))
        for key, entry in entries.items():
            notebook = self._notebooks.get(key)
            if notebook is None:
                notebook = self._notebooks[key] = _Notebook(entry)
                self._renew(notebook)
            elif entry != notebook.entry or self._is_stale(notebook):
                notebook.entry = entry
                notebook.lost = 0
                self._renew(notebook)
            for old in list(notebook.old):
                if old.retired is not None and time.monotonic() - old.retired > self._warmth.life:
                    self._end(old)
                    notebook.old.remove(old)

    def _is_stale(self, notebook: _Notebook) -> bool:
        newest = notebook.coming or notebook.current
        return newest is not None and newest.is_stale()

    def _forget(self, notebook: _Notebook) -> None:
        if notebook.task is not None:
            notebook.task.cancel()
        for generation in (notebook.coming, notebook.current, *notebook.old):
            if generation is not None:
                self._end(generation)

    def _renew(self, notebook: _Notebook, delay: float = 0.0) -> None:
        """Make a new generation; what is being made is given up."""
        if notebook.task is not None:
            notebook.task.cancel()
        if notebook.coming is not None:
            self._end(notebook.coming)
        notebook.coming = self._new(notebook, Way(notebook.entry.fork))
        notebook.task = self._keep(self._make(notebook, delay))

    def _new(self, notebook: _Notebook, way: Way) -> Generation:
        notebook.made += 1
        made = Generation(notebook.entry.key, notebook.made, way)
        # From the beginning, so that a change while it warms up isn't missed.
        path = str(self._warmth.notebooks / notebook.entry.path)
        made.stamps = {path: stamp(path)}
        with suppress(OSError, ValueError):  # its zygote will say what is wrong
            made.source = Path(path).read_text("utf-8")
        return made

    async def _make(self, notebook: _Notebook, delay: float) -> None:
        await asyncio.sleep(delay)
        generation = notebook.coming
        assert generation is not None  # noqa: S101  (_renew has made it)
        async with self._places:
            while self._warming and (groups.left() or ROOM) < ROOM:
                await asyncio.sleep(LOOK)
            self._warming += 1
            try:
                again = await self._warm(notebook, generation)
                if again is not None:
                    log.warning("%s: readers' kernels will run its cells: %s", generation.notebook, again)
                    notebook.coming = generation = self._new(notebook, Way.WARM)
                    generation.note = again
                    await self._warm(notebook, generation)
            finally:
                self._warming -= 1
        if generation.state is State.READY:
            self._replace(notebook, generation)
        elif generation.lost:
            delay = notebook.delay()
            log.error("%s: tried again in %g s", generation.notebook, delay)
            await asyncio.sleep(delay)
            if notebook.coming is generation:
                notebook.task = None  # this one
                self._renew(notebook)

    def _replace(self, notebook: _Notebook, generation: Generation) -> None:
        before, notebook.current, notebook.coming = notebook.current, generation, None
        notebook.ready = time.monotonic()
        if before is not None:
            before.state, before.retired = State.RETIRING, time.monotonic()
            before.emptied = lambda old: self._emptied(notebook, old)
            notebook.old.append(before)
            if not before.kernels:
                self._emptied(notebook, before)

    def _emptied(self, notebook: _Notebook, old: Generation) -> None:
        self._end(old)
        with suppress(ValueError):
            notebook.old.remove(old)

    async def _warm(self, notebook: _Notebook, generation: Generation) -> str | None:
        """Fork a zygote and wait until it is warm or isn't; give why it must be tried the other way."""
        await self._root.imported.wait()
        came: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

        def hear(message: dict[str, Any]) -> None:
            self._hear(notebook, generation, came, message)

        generation.link, theirs, lifetime = Link.make(hear)
        generation.state = State.WARMING
        wanted = self._wanted(notebook.entry, generation)
        before = dict(generation.stamps)
        log.info("%s: warming up (generation %d)", generation.notebook, generation.number)
        try:
            files = [theirs.fileno(), lifetime]
            name = f"{generation.notebook} {generation.number} {generation.way}"
            forked = await self._root.fork(name, {"notebook": wanted}, files)
            generation.pid = forked.pid
            os.close(forked.descriptor)
            theirs.close()
            outcome = await asyncio.wait_for(came, self._warmth.limit)
        except ForkError as error:
            outcome = _lost(None, str(error))
        except TimeoutError:
            reason = f"it was not done within {self._warmth.limit:g} s"
            outcome = {"event": "failed", "cell": generation.cell, "reason": reason, "warm": True}
        finally:
            theirs.close()
            os.close(lifetime)
        if outcome["event"] == "warm":
            await generation.load(Path(wanted["record"]), Path(wanted["rest"]), before)
            generation.seconds, generation.cell = outcome["seconds"], None
            generation.note = "; ".join(filter(None, (generation.note, *_notes(outcome)))) or None
            generation.state = State.READY
            log.info("%s: warm in %.1f s (%s)", generation.notebook, generation.seconds, generation.way)
            return None
        self._end(generation)
        place = f"cell {outcome['cell']}: " if outcome["cell"] else ""
        if generation.way is Way.ALL and not outcome["warm"]:
            return f"{place}{outcome['reason']}"
        generation.state, generation.lost = State.UNAVAILABLE, outcome.get("lost", False)
        generation.cell, generation.reason = outcome["cell"], outcome["reason"]
        log.error("%s: unavailable: %s%s", generation.notebook, place, generation.reason)
        return None

    def _wanted(self, entry: Entry, generation: Generation) -> dict[str, Any]:
        self._warmth.state.mkdir(mode=0o755, parents=True, exist_ok=True)
        name = entry.key.replace("/", "-")
        return {
            "key": entry.key,
            "path": str(self._warmth.notebooks / entry.path),
            "root": str(self._warmth.notebooks),
            "way": str(generation.way),
            "cells": dict(entry.cells),
            "record": str(self._warmth.state / f"{name}.{generation.number}.{generation.way[:3]}.record"),
            "rest": str(self._warmth.state / f"{name}.state"),
        }

    def _hear(
        self,
        notebook: _Notebook,
        generation: Generation,
        came: asyncio.Future[dict[str, Any]],
        message: dict[str, Any],
    ) -> None:
        event = message["event"]
        if event == "progress":
            generation.cell, generation.progress = message["cell"], (message["done"], message["of"])
            log.info("%s: cell %d (%d of %d)", generation.notebook, message["cell"], *generation.progress)
        elif event == "ended":
            generation.codes[message["pid"]] = message["code"]
        elif event in ("warm", "failed"):
            if not came.done():
                came.set_result(message)
        elif event == "gone" and not came.done():
            came.set_result(_lost(generation.cell, "its process ended; is memory short?"))
        elif event == "gone" and generation.state is State.READY:
            self._lost(notebook, generation)

    def _lost(self, notebook: _Notebook, generation: Generation) -> None:
        """Replace a zygote that ended by itself; its readers' kernels live on."""
        generation.state = State.GONE
        if notebook.current is not generation or self._stopped:
            return
        notebook.current = None
        delay = notebook.delay()
        log.error("%s: its zygote has ended; a new one in %g s", generation.notebook, delay)
        self._renew(notebook, delay)

    def _end(self, generation: Generation) -> None:
        if generation.link is not None:
            generation.link.end()
        if generation.state is not State.UNAVAILABLE:
            generation.state = State.GONE

    def _keep(self, work: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("The engine's own error", exc_info=error)


def _lost(cell: int | None, reason: str) -> dict[str, Any]:
    """Give the outcome of a warm-up that nothing in the notebook need be to blame for."""
    return {"event": "failed", "cell": cell, "reason": reason, "warm": True, "lost": True}


def _notes(outcome: dict[str, Any]) -> list[str]:
    """Say what an author should know of a notebook that is warm."""
    told = (
        ("late", "cells tagged warm behind others are run for each reader"),
        # A page asks ipywidgets for its widgets: one that was closed isn't there, nor one of another kind.
        ("strange", "cells that show a widget which ipywidgets doesn't have, nor will a page"),
    )
    return [f"{what}: {', '.join(map(str, outcome[name]))}" for name, what in told if outcome[name]]
