"""Five hundred readers come, move a slider and go: the server is afterwards what it was before."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import psutil
from livekernel.settings import Settings, traits
from support.live_server import (
    FIGURE,
    LiveProcess,
    live_server,
    notebook,
    wait_for,
    write_notebooks,
)
from support.reader import reading

BATCHES, READERS, AT_ONCE = 4, 125, 4

GROWTH = 10 * 2**20
"""Bytes that a process may have more after the last two batches than before them: what is left of a session
that is kept whole (60 kB) would be found. The first two fill caches and the heap."""

KEPT = traits(Settings(Path(), Path(), 0)).LiveKernels.kernel_info_timeout + 1
"""Seconds after which nothing is left of a connection."""

FEW = 6
"""Descriptors that a server may open with its first readers: ZeroMQ takes five."""


async def visit(live: LiveProcess, number: int) -> None:
    """Be one reader, from the token to the goodbye."""
    async with reading(live, "posts/figure", f"198.51.{number // 250}.{number % 250}") as reader:
        await reader.update(reader.widget("IntSliderModel"), {"value": 4 * (number % 12 + 1)})


async def visits(live: LiveProcess, numbers: range) -> None:
    """So many readers, a few at once."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await visit(live, number)

    await asyncio.gather(*map(one, numbers))


def test_five_hundred_sessions_leave_the_server_as_it_was(tmp_path: Path) -> None:
    write_notebooks(tmp_path, {"posts/figure": notebook(("import numpy", "warm"), (FIGURE, "live"))})
    with live_server(tmp_path) as live:
        processes = {"server": psutil.Process(live.process.pid).children()[0]}
        processes |= {one.name(): one for one in live.processes() if one.name().startswith("zygote")}

        ended = time.monotonic()
        descriptors = {name: one.num_fds() for name, one in processes.items()}

        def is_quiet() -> bool:
            """Nobody is there, and what belongs to a connection, kept for a while after its end, has gone."""
            if live.kernels() or live.sessions() or time.monotonic() - ended < KEPT:
                return False
            return all(one.num_fds() <= descriptors[name] + FEW for name, one in processes.items())

        def taken() -> dict[str, int]:
            wait_for(is_quiet, what="a quiet server", seconds=60)
            return {name: one.memory_full_info().uss for name, one in processes.items()}

        memory: list[dict[str, int]] = []
        for batch in range(BATCHES):
            asyncio.run(visits(live, range(batch * READERS, (batch + 1) * READERS)))
            ended = time.monotonic()
            memory.append(taken())
        for name in processes:
            assert memory[-1][name] <= memory[1][name] + GROWTH, memory
