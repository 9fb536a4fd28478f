"""A page's connection to its kernel: who may open it, what breaks it off, and how its end is told."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from livekernel.sockets import BAD_MESSAGE, KERNEL_GONE
from support.live_server import LiveProcess, kernel_of, live_server, notebook, wait_for, write_notebooks
from support.reader import Heard, connected, reading, request
from tornado.httpclient import HTTPClientError

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
    notebooks = {
        "posts/one": notebook(("print('one')", "live")),
        "posts/fails": notebook((FAILS, "live")),
    }
    write_notebooks(root, notebooks)
    with live_server(root, "--kernels", "1") as running:
        yield running


@pytest.fixture
def kernel(live: LiveProcess) -> Iterator[str]:
    kernel = kernel_of(live.start("/live/render/posts/one")[2])
    yield kernel
    end(live, kernel)


def end(live: LiveProcess, kernel: str) -> None:
    live.end(kernel)
    wait_for(lambda: live.sessions() == 0, what="the end of the kernel")


async def try_to_connect(live: LiveProcess, kernel: str, *protocols: str, **headers: str) -> None:
    async with connected(live, kernel, protocols=protocols, **headers):
        pass


@pytest.mark.parametrize(
    ("headers", "protocols", "status"),
    [
        ({"Origin": ""}, (PROTOCOL,), 403),
        ({"Origin": "null"}, (PROTOCOL,), 403),
        ({"Origin": "https://evil.example"}, (PROTOCOL,), 403),
        ({}, (), 400),
        ({}, ("something.else",), 400),
    ],
)
def test_who_may_not_connect(
    live: LiveProcess, kernel: str, headers: dict[str, str], protocols: tuple[str, ...], status: int
) -> None:
    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(try_to_connect(live, kernel, *protocols, **headers))
    assert refused.value.code == status


def test_a_kernel_that_is_not_there(live: LiveProcess, kernel: str) -> None:
    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(try_to_connect(live, str(uuid.uuid4()), PROTOCOL))
    assert refused.value.code == 404


def test_the_own_page_talks_to_its_kernel_but_runs_no_code(live: LiveProcess, kernel: str) -> None:
    async def talk() -> list[Heard]:
        async with connected(live, kernel) as page:
            assert page.socket.selected_subprotocol == PROTOCOL
            for kind in ("execute_request", "inspect_request", "complete_request", "history_request"):
                await page.send(kind, code="1 / 0")
            for channel in ("shell", "control"):
                await page.send("shutdown_request", channel=channel, restart=False)
            await page.send("kernel_info_request")
            while (await page.hear()).kind != "kernel_info_reply":
                pass
            return page.heard

    got = asyncio.run(talk())
    assert {one.asked for one in got} <= {"kernel_info_request", None}
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
        async with connected(live, kernel) as page:
            await page.socket.write_message(message, binary=isinstance(message, bytes))
            return await page.closed()

    assert asyncio.run(send()) == BAD_MESSAGE
    assert live.ask("/live/healthz")[0] == 200


@pytest.mark.parametrize("way", ["killed", "shut down"])
def test_the_end_of_a_kernel_is_told(live: LiveProcess, kernel: str, way: str) -> None:
    async def watch() -> tuple[dict[str, Any], int | None]:
        async with connected(live, kernel) as page:
            await page.send("kernel_info_request")
            while (await page.hear()).kind != "kernel_info_reply":
                pass
            if way == "killed":
                for process in live.kernels():
                    process.kill()
            else:
                await asyncio.to_thread(end, live, kernel)
            told: dict[str, Any] = {}
            while told.get("execution_state") != "dead":
                told = (await page.hear()).content
            return told, await page.closed()

    told, code = asyncio.run(watch())
    assert told == {"execution_state": "dead"}
    assert code == KERNEL_GONE
    assert live.sessions() == 0
    status, _, text = live.ask(f"/live/api/kernels/{kernel}", headers=live.own())
    assert status == 410
    assert json.loads(text)["reason"] == ("died" if way == "killed" else "ended")


def test_an_error_in_a_callback_is_told_without_what_it_was(live: LiveProcess) -> None:
    async def fail() -> list[Heard]:
        async with reading(live, "posts/fails") as page:
            return await page.update(page.widget("IntSliderModel"), {"value": 3})

    (error,) = [one.content for one in asyncio.run(fail()) if one.kind == "error"]
    assert error["ename"] == "ExecutionError"
    assert "secret" not in json.dumps(error)
    assert error["traceback"] == ["The notebook raised an error."]
    wait_for(lambda: live.sessions() == 0, what="the end of the kernel")
