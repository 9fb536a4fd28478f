"""How many readers a small machine has room for: a server in 1 GB, readers who keep moving a slider."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks import notebook, servers
from benchmarks.bench import Bench, Once, Sample, Side
from benchmarks.cgroup import MemoryGroup, memory_group
from benchmarks.reader import GoneError, Reader

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
    """Count the readers that a server in 1 GB has room for."""
    path = bench.write("cgroup", notebook.demo())

    def once(side: Side) -> Sample:
        port = servers.free_port()
        with memory_group(MEMORY) as group:
            start = servers.stock if side == "stock" else servers.site
            with start(path, port=port, wrapper=group.wrapper()) as server:
                count = _count(server, group)
                return {"cgroup": count, "peak MB": group.peak() / 1e6, "killed": group.kills()}

    yield once


def _count(server: servers.Server, group: MemoryGroup) -> int:
    """Let readers in until one is too many; give how many there were before it, at least for a while."""
    with ExitStack() as leaving:
        inside: list[Moving] = []
        while len(inside) < MOST and _all_well(inside, group):
            try:
                moving = Moving(server.reader(len(inside)))
            except (GoneError, OSError):
                break
            leaving.callback(moving.leave)
            inside.append(moving)
        # The one that came last may have been the one too many.
        if not _all_well(inside, group):
            return max(0, len(inside) - 1)
        return len(inside) if _hold(inside, group) else max(0, len(inside) - 1)


def _hold(inside: list[Moving], group: MemoryGroup) -> bool:
    deadline = time.monotonic() + HOLD
    while time.monotonic() < deadline:
        if not _all_well(inside, group):
            return False
        time.sleep(0.5)
    return True


def _all_well(inside: list[Moving], group: MemoryGroup) -> bool:
    return not group.kills() and not any(moving.failure for moving in inside)
