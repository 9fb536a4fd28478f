"""How many readers a small machine has room for: a server in 1 GB, readers who keep moving a slider."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import notebook, servers
from benchmarks.bench import Bench, Once, Sample, Side
from benchmarks.cgroup import MemoryGroup, memory_group
from benchmarks.reader import GoneError, Reader
from benchmarks.servers import Server

MEMORY = 2**30
PACE = 5.0
"""Seconds between two moves of a reader."""

HOLD = 30.0
"""Seconds that all of them must last."""

MOST = 32
"""Readers after which nobody counts any further."""


class Moving:
    """A reader who has come in and moves a slider every few seconds, in a thread of its own."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._left = threading.Event()
        self.failure = ""
        reader.open()
        reader.connect()
        reader.move()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Stop moving and close the page."""
        self._left.set()
        self._thread.join(PACE)
        self._reader.end()

    def _go_on(self) -> None:
        while not self._left.wait(PACE):
            try:
                self._reader.move()
            except GoneError as error:
                self.failure = str(error)
                return


@contextmanager
def cgroup(bench: Bench) -> Iterator[Once]:
    """Count the readers that a server in 1 GB has room for, each with Voila's page."""
    yield _counting(bench, "cgroup", Server.reader)


@contextmanager
def cgroup_touch(bench: Bench) -> Iterator[Once]:
    """Count the readers that the site has room for, each touching the figure in its post."""
    yield _counting(bench, "cgroup-touch", Server.toucher)


def _counting(bench: Bench, name: str, reader: Callable[[Server], Reader]) -> Once:
    path = bench.write(name, notebook.demo())

    def once(side: Side) -> Sample:
        come = Server.reader if side == "stock" else reader
        trial = _trial(side, path, MOST, come)
        tried = [trial]
        # Where something was killed, it may have been any of them: fewer must be seen to hold from the start.
        while not trial.held and trial.readers:
            trial = _trial(side, path, trial.readers, come)
            tried.append(trial)
        return {
            name: trial.readers,
            "peak MB": trial.peak / 1e6,
            "killed at first": tried[0].killed,
            "refused at first": float(tried[0].refused),
        }

    return once


@dataclass(frozen=True, slots=True)
class _Trial:
    """How a server fared: if ``held`` with so many readers; else so many may be tried next."""

    readers: int
    held: bool
    refused: bool
    killed: int
    peak: int


def _trial(side: Side, path: Path, most: int, come: Callable[[Server], Reader]) -> _Trial:
    """Let up to ``most`` readers in, one after the other, and see whether those inside last."""
    start = servers.stock if side == "stock" else servers.site
    with (
        memory_group(MEMORY) as group,
        start(path, port=servers.free_port(), wrapper=group.wrapper()) as server,
        ExitStack() as leaving,
    ):
        inside: list[Moving] = []
        refused = False
        while len(inside) < most and not refused and _all_well(inside, group):
            try:
                moving = Moving(come(server))
            except (GoneError, LookupError, OSError):
                refused = True
            else:
                leaving.callback(moving.leave)
                inside.append(moving)
        held = _hold(inside, group)
        killed = group.kills()
        # If the newcomer was refused, those before it are next; else it was itself the one too many.
        fewer = len(inside) if refused and len(inside) < most else len(inside) - 1
        count = len(inside) if held else max(0, fewer)
        return _Trial(count, held, refused and not killed, killed, group.peak())


def _hold(inside: list[Moving], group: MemoryGroup) -> bool:
    deadline = time.monotonic() + HOLD
    while _all_well(inside, group):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.5)
    return False


def _all_well(inside: list[Moving], group: MemoryGroup) -> bool:
    return not group.kills() and not any(moving.failure for moving in inside)
