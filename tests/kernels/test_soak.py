"""Five hundred readers come, move a slider and go: the server is afterwards what it was before."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from pathlib import Path

import psutil
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from livekernel.settings import Settings, traits
from support.live_server import FIGURE, LiveProcess, live_server, notebook, wait_for, write_notebooks
from support.rest import states
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PROTOCOL = "v1.kernel.websocket.jupyter.org"
BATCHES, READERS, AT_ONCE = 4, 125, 4

GROWTH = 10 * 2**20
"""Bytes that a process may have more after the last two batches than before them: what is left of a session
that is kept whole (60 kB) would be found. The first two fill caches and the heap."""

KEPT = traits(Settings(Path(), Path(), 0)).LiveKernels.kernel_info_timeout + 1
"""Seconds after which nothing is left of a connection."""

FEW = 6
"""Descriptors that a server may open with its first readers: ZeroMQ takes five."""


async def visit(live: LiveProcess, slider: str, number: int) -> None:
    """Be one reader, from the token to the goodbye."""
    reader = live.another_browser()
    address = {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250}"}
    status, _, page = await asyncio.to_thread(lambda: reader.start("/live/render/posts/figure", **address))
    assert status == 200
    found = re.search(r'data-live-kernel="[^"]*/([0-9a-f-]{36})"', page)
    assert found
    socket = f"ws://127.0.0.1:{live.port}/live/api/kernels/{found[1]}/channels?session_id={uuid.uuid4().hex}"
    asked = HTTPRequest(socket, headers={"Origin": live.origin, "Cookie": reader.cookie})
    page_socket = await websocket_connect(asked, subprotocols=[PROTOCOL])
    try:
        await use(page_socket, slider, number)
    finally:
        assert await asyncio.to_thread(reader.end, found[1]) == 204
        while await asyncio.wait_for(page_socket.read_message(), 60) is not None:
            pass
        page_socket.close()


async def use(page: WebSocketClientConnection, slider: str, number: int) -> None:
    """Move the slider, and wait until the kernel has done what hangs on it."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "comm_msg", "session": "s", "version": "5.3"}
    value = 4 * (number % 12 + 1)
    data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
    parts = [json.dumps(part).encode() for part in (header, {}, {}, {"comm_id": slider, "data": data})]
    await page.write_message(serialize_msg_to_ws_v1(parts, "shell"), binary=True)  # type: ignore[no-untyped-call]
    while True:
        told = await asyncio.wait_for(page.read_message(), 60)
        assert isinstance(told, bytes)
        _, parts = deserialize_msg_from_ws_v1(told)  # type: ignore[no-untyped-call]
        if b"execution_state" in parts[3] and b"idle" in parts[3] and header["msg_id"].encode() in parts[1]:
            break


async def visits(live: LiveProcess, slider: str, numbers: range) -> None:
    """So many readers, a few at once."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await visit(live, slider, number)

    await asyncio.gather(*map(one, numbers))


def test_five_hundred_sessions_leave_the_server_as_it_was(tmp_path: Path) -> None:
    write_notebooks(tmp_path, {"posts/figure": notebook(("import numpy", "warm"), (FIGURE, "live"))})
    with live_server(tmp_path, "--rest", str(tmp_path / "rest")) as live:
        found = states(tmp_path / "rest/posts-figure.state")
        (slider,) = [name for name, one in found.items() if one["model_name"] == "IntSliderModel"]
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
            asyncio.run(visits(live, slider, range(batch * READERS, (batch + 1) * READERS)))
            ended = time.monotonic()
            memory.append(taken())
        for name in processes:
            assert memory[-1][name] <= memory[1][name] + GROWTH, memory
