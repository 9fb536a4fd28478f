"""The websocket of a kernel: who may open it, what goes through, and how its end is told."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from livekernel.sockets import BAD_MESSAGE, KERNEL_GONE
from support.live_server import LiveProcess, live_server, notebook, wait_for, write_notebooks
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PROTOCOL = "v1.kernel.websocket.jupyter.org"

FAILS = """\
import ipywidgets as widgets
slider = widgets.IntSlider()
def fail(change):
    raise ValueError("a secret")
slider.observe(fail, "value")
slider
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    notebooks = {"posts/one": notebook(("print('one')", "live")), "posts/fails": notebook((FAILS, "live"))}
    write_notebooks(root, notebooks)
    with live_server(root, "--kernels", "1") as running:
        yield running


@pytest.fixture
def kernel(live: LiveProcess) -> Iterator[str]:
    live.start("/live/render/posts/one")
    kernel = kernels_of(live)[-1]
    yield kernel
    end(live, kernel)


def kernels_of(live: LiveProcess) -> list[str]:
    return re.findall(r"Kernel started: (\S+)", live.log.read_text())


def end(live: LiveProcess, kernel: str) -> None:
    live.ask(f"/live/voila/api/shutdown/{kernel}", "POST", {"Origin": live.origin})
    wait_for(lambda: live.sessions() == 0, what="the end of the kernel")


@asynccontextmanager
async def connected(
    live: LiveProcess, kernel: str, origin: str | None = "own", protocols: tuple[str, ...] = (PROTOCOL,)
) -> AsyncIterator[WebSocketClientConnection]:
    address = f"ws://127.0.0.1:{live.port}/live/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
    headers = {"Origin": live.origin if origin == "own" else origin} if origin else {}
    asked = HTTPRequest(address, headers=headers, connect_timeout=30)
    socket = await websocket_connect(asked, subprotocols=list(protocols) or None)
    try:
        yield socket
    finally:
        socket.close()
        await closing(socket)


async def try_to_connect(*arguments: Any) -> None:
    async with connected(*arguments):
        pass


def request(kind: str, channel: str = "shell", **content: Any) -> bytes:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "u", "version": "5.3"}
    parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
    whole: bytes = serialize_msg_to_ws_v1(parts, channel)
    return whole


async def answers(socket: WebSocketClientConnection, until: str) -> list[dict[str, Any]]:
    """Give the messages that come, up to one of the type asked for."""
    got = []
    while True:
        message = await asyncio.wait_for(socket.read_message(), 30)
        assert isinstance(message, bytes), "the connection was closed"
        _, parts = deserialize_msg_from_ws_v1(message)
        header, parent, _, content = (json.loads(part) for part in parts[:4])
        got.append({"type": header["msg_type"], "parent": parent.get("msg_type"), "content": content})
        if header["msg_type"] == until:
            return got


async def closing(socket: WebSocketClientConnection) -> int | None:
    """Wait until the connection is closed, and give the code it was closed with."""
    if socket.close_code is not None:
        return int(socket.close_code)
    while await asyncio.wait_for(socket.read_message(), 30) is not None:
        pass
    return socket.close_code


@pytest.mark.parametrize(
    ("origin", "protocols", "status"),
    [
        (None, (PROTOCOL,), 403),
        ("null", (PROTOCOL,), 403),
        ("https://evil.example", (PROTOCOL,), 403),
        ("own", (), 400),
        ("own", ("something.else",), 400),
    ],
)
def test_who_may_not_connect(
    live: LiveProcess, kernel: str, origin: str | None, protocols: tuple[str, ...], status: int
) -> None:
    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(try_to_connect(live, kernel, origin, protocols))
    assert refused.value.code == status


def test_a_kernel_that_is_not_there(live: LiveProcess) -> None:
    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(try_to_connect(live, str(uuid.uuid4())))
    assert refused.value.code == 404


def test_the_own_page_talks_to_its_kernel_but_runs_no_code(live: LiveProcess, kernel: str) -> None:
    async def talk() -> list[dict[str, Any]]:
        async with connected(live, kernel) as socket:
            assert socket.selected_subprotocol == PROTOCOL
            for kind in ("execute_request", "inspect_request", "complete_request", "history_request"):
                await socket.write_message(request(kind, code="1 / 0"), binary=True)
            for channel in ("shell", "control"):
                await socket.write_message(request("shutdown_request", channel, restart=False), binary=True)
            await socket.write_message(request("kernel_info_request"), binary=True)
            return await answers(socket, "kernel_info_reply")

    got = asyncio.run(talk())
    assert {one["parent"] for one in got} <= {"kernel_info_request", None}
    assert live.sessions() == 1
    assert len(live.kernels()) == 1


@pytest.mark.parametrize(
    "message",
    [
        b"",
        (2**60).to_bytes(8, "little") + bytes(64),
        request("kernel_info_request")[:-3],
        request("kernel_info_request").replace(b'"msg_type"', b"'msg_type'"),
        request("kernel_info_request").replace(b'"msg_type"', b'"msg_tipe"'),
        "{}",
    ],
    ids=["empty", "huge count", "cut", "no JSON", "no message", "text"],
)
def test_a_malformed_message_closes_the_connection(
    live: LiveProcess, kernel: str, message: bytes | str
) -> None:
    async def send() -> int | None:
        async with connected(live, kernel) as socket:
            await socket.write_message(message, binary=isinstance(message, bytes))
            return await closing(socket)

    assert asyncio.run(send()) == BAD_MESSAGE
    assert live.ask("/live/healthz")[0] == 200


@pytest.mark.parametrize("way", ["killed", "shut down"])
def test_the_end_of_a_kernel_is_told(live: LiveProcess, kernel: str, way: str) -> None:
    async def watch() -> tuple[list[dict[str, Any]], int | None]:
        async with connected(live, kernel) as socket:
            await socket.write_message(request("kernel_info_request"), binary=True)
            await answers(socket, "kernel_info_reply")
            if way == "killed":
                for process in live.kernels():
                    process.kill()
            else:
                await asyncio.to_thread(end, live, kernel)
            told: list[dict[str, Any]] = []
            while not any(one["content"].get("execution_state") == "dead" for one in told):
                told += await answers(socket, "status")
            return told, await closing(socket)

    told, code = asyncio.run(watch())
    assert told[-1]["content"] == {"execution_state": "dead"}
    assert code == KERNEL_GONE
    assert live.sessions() == 0
    assert live.ask(f"/live/api/kernels/{kernel}")[0] == 404


def test_an_error_in_a_callback_is_told_without_what_it_was(live: LiveProcess) -> None:
    text = live.start("/live/render/posts/fails")[2]
    model = re.search(r'"model_id": "(\w+)"', text)
    assert model
    kernel = kernels_of(live)[-1]

    async def talk() -> list[dict[str, Any]]:
        async with connected(live, kernel) as socket:
            update = {"method": "update", "state": {"value": 3}, "buffer_paths": []}
            await socket.write_message(request("comm_msg", comm_id=model[1], data=update), binary=True)
            return await answers(socket, "error")

    try:
        error = asyncio.run(talk())[-1]["content"]
    finally:
        end(live, kernel)
    assert error["ename"] == "ExecutionError"
    assert "secret" not in json.dumps(error)
    assert error["traceback"] == ["The notebook raised an error."]
