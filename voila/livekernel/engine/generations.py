"""One generation of a notebook: a zygote that has run its cells once, and what was recorded of them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from livekernel.engine.link import Forked, ForkError, Link

Stamp = tuple[int, int, int]


class State(StrEnum):
    """How a generation is; the values are what operators read."""

    WAITING = "waiting"
    WARMING = "warming"
    READY = "ready"
    RETIRING = "retiring"
    UNAVAILABLE = "unavailable"
    GONE = "gone"


class Way(StrEnum):
    """How much of the notebook runs before the fork; the values go to the zygote and to the index."""

    ALL = "all cells"
    WARM = "warm cells"


@dataclass(eq=False)
class Generation:
    """Made, warmed and ended by the engine; asked for forks by the provisioner.

    ``source`` is the notebook's text, ``record`` the outputs of the cells that were run, by their places
    counted from 0, ``widgets`` their models by id, with the names of what each holds, ``imported`` the
    top-level packages that are in its zygote. ``rest`` is what pages show before there is a kernel, and
    ``shown`` its digest; None where only the warm cells were run.
    ``pages`` is for whoever renders: what it keeps here goes with the generation. ``reason`` and ``cell``
    (counted from 1) say why it is unavailable; ``note`` what is to be known of one that is ready. ``lost`` is
    one that ended before it was warm, by no fault of the notebook that anybody knows.
    """

    notebook: str
    number: int
    way: Way
    source: str = ""
    state: State = State.WAITING
    reason: str | None = None
    note: str | None = None
    cell: int | None = None
    progress: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    record: dict[int, list[Any]] = field(default_factory=dict)
    widgets: dict[str, Any] = field(default_factory=dict)
    imported: frozenset[str] = frozenset()
    shown: str | None = None
    rest: bytes = b""
    stamps: dict[str, Stamp | None] = field(default_factory=dict)
    pages: dict[Any, Any] = field(default_factory=dict)
    kernels: set[str] = field(default_factory=set)
    codes: dict[int, int] = field(default_factory=dict)
    pid: int | None = None
    lost: bool = False
    link: Link | None = None
    retired: float | None = None
    emptied: Callable[[Generation], None] = lambda _: None

    async def fork(self, kernel_id: str, request: dict[str, Any], files: list[int]) -> Forked:
        """Have a reader's kernel forked; raises :class:`ForkError`."""
        if self.link is None or self.state not in (State.READY, State.RETIRING):
            raise ForkError(f"{self.notebook} is {self.state}")
        self.kernels.add(kernel_id)
        try:
            return await self.link.fork(kernel_id, request, files)
        except BaseException:
            self.left(kernel_id)
            raise

    def left(self, kernel_id: str) -> None:
        """Note that a kernel has ended."""
        self.kernels.discard(kernel_id)
        if not self.kernels:
            self.emptied(self)

    def is_stale(self) -> bool:
        """Say whether one of its files has changed since it was read."""
        return any(stamp(path) != seen for path, seen in self.stamps.items())

    async def load(self, record: Path, rest: Path, before: dict[str, Stamp | None]) -> None:
        """Take in what the zygote has recorded, and which files it read; the record's file is removed."""
        text = await asyncio.to_thread(record.read_text, "utf-8")
        record.unlink()
        told = json.loads(text)
        self.record = {int(place): outputs for place, outputs in told["cells"].items()}
        self.widgets, self.imported = told["widgets"], frozenset(told["imported"])
        if (shown := told["shown"]) is not None:
            self.rest, self.shown = await asyncio.to_thread(rest.read_bytes), shown
        self.stamps = {path: stamp(path) for path in told["reads"]} | before


def stamp(path: str) -> Stamp | None:
    """Give what differs when a file is another: its inode, time and size; None where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116  (asked often)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
