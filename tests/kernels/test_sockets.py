"""The websocket of a kernel: who may open it, what goes through, and how its end is told."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from livekernel.filter import MESSAGES_AT_ONCE, MESSAGES_PER_SECOND, MOST_BYTES, MOST_JSON
from livekernel.sockets import BAD_MESSAGE, KERNEL_GONE, QUIET
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

WIDGETS = """\
import json
import ipywidgets as widgets
from ipywidgets.widgets.widget import _instances
from traitlets import Int, Unicode

class Canvas(widgets.DOMWidget):
    _model_module = _view_module = Unicode("anywidget").tag(sync=True)
    _model_name = Unicode("AnyModel").tag(sync=True)
    _view_name = Unicode("AnyView").tag(sync=True)
    _model_module_version = _view_module_version = Unicode("0.9").tag(sync=True)
    _esm = Unicode("export default {}").tag(sync=True)
    radius = Int(1).tag(sync=True)
    secret = Int(1)

canvas, slider, text, button = Canvas(), widgets.IntSlider(value=3, max=9), widgets.Text(), widgets.Button()
tab = widgets.Tab([widgets.HTML("a"), widgets.HTML("b")], selected_index=0)
report, told = widgets.IntText(), widgets.Label()
seen = {"clicks": 0, "custom": None, "late": []}

def clicked(button):
    seen["clicks"] += 1

def drawn(canvas, content, buffers):
    if content == "late":
        seen["late"].append(widgets.FloatSlider())
    else:
        seen["custom"] = [content, [bytes(buffer).decode() for buffer in buffers]]

def tell(change):
    told.value = json.dumps({
        "slider": [slider.value, slider.min, slider.max, slider.step, slider.layout.width],
        "text": text.value, "tab": [tab.selected_index, len(tab.children)],
        "canvas": [canvas.radius, canvas._esm, canvas.secret], "clicks": seen["clicks"],
        "custom": seen["custom"], "late": [one.value for one in seen["late"]],
        "widgets": len(_instances), "comms": len(get_ipython().kernel.comm_manager.comms),
        "turn": report.value,
    })

button.on_click(clicked)
canvas.on_msg(drawn)
report.observe(tell, "value")
widgets.VBox([canvas, slider, text, button, tab, report, told])
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    notebooks = {
        "posts/one": notebook(("print('one')", "live")),
        "posts/fails": notebook((FAILS, "live")),
        "posts/widgets": notebook((WIDGETS, "live")),
    }
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
    live.end(kernel)
    wait_for(lambda: live.sessions() == 0, what="the end of the kernel")


@asynccontextmanager
async def connected(
    live: LiveProcess, kernel: str, origin: str | None = "own", protocols: tuple[str, ...] = (PROTOCOL,)
) -> AsyncIterator[WebSocketClientConnection]:
    address = f"ws://127.0.0.1:{live.port}/live/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
    headers = {"Cookie": live.cookie}
    if origin:
        headers["Origin"] = live.origin if origin == "own" else origin
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


def request(kind: str, channel: str = "shell", *buffers: bytes, **content: Any) -> bytes:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "u", "version": "5.3"}
    parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
    whole: bytes = serialize_msg_to_ws_v1([*parts, *buffers], channel)
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
    status, _, text = live.ask(f"/live/api/kernels/{kernel}", headers=live.own())
    assert status == 410
    assert json.loads(text)["reason"] == ("died" if way == "killed" else "ended")


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


@pytest.fixture
def widgets(live: LiveProcess) -> Iterator[str]:
    live.start("/live/render/posts/widgets")
    kernel = kernels_of(live)[-1]
    yield kernel
    end(live, kernel)


class Reader:
    """A page with its widgets: sends what it is told to, and asks the kernel what has come of it."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self.ids: dict[str, str] = {}
        self.got: list[dict[str, Any]] = []
        self.turn = 0

    async def send(self, *messages: bytes) -> None:
        for message in messages:
            await self.socket.write_message(message, binary=True)

    async def open(self) -> None:
        """Ask for the widgets as Voila's page does."""
        control = uuid.uuid4().hex
        await self.send(
            request("comm_open", comm_id=control, target_name="jupyter.widget.control", data={}),
            request("comm_msg", comm_id=control, data={"method": "request_states"}),
            request("comm_close", comm_id=control, data={}),
        )
        states: dict[str, Any] = (await self.until("comm_msg", "update_states"))["data"]["states"]
        self.ids = {told["model_name"].removesuffix("Model"): comm for comm, told in states.items()}

    async def until(self, kind: str, method: str | None = None) -> dict[str, Any]:
        """Wait for a message of the kernel's and give its content."""
        while True:
            self.got += await answers(self.socket, kind)
            content: dict[str, Any] = self.got[-1]["content"]
            if method is None or content["data"].get("method") == method:
                return content

    def update(self, widget: str, paths: Any = (), *buffers: bytes, **state: Any) -> bytes:
        data = {"method": "update", "state": state, "buffer_paths": list(paths)}
        return request("comm_msg", "shell", *buffers, comm_id=self.ids[widget], data=data)

    def custom(self, widget: str, content: Any, *buffers: bytes) -> bytes:
        data = {"method": "custom", "content": content}
        return request("comm_msg", "shell", *buffers, comm_id=self.ids[widget], data=data)

    async def report(self) -> dict[str, Any]:
        """Give what the notebook says of itself once all that was sent before has been worked on."""
        self.turn += 1
        await self.send(self.update("IntText", value=self.turn))
        while True:
            content = await self.until("comm_msg", "update")
            if content["comm_id"] == self.ids["Label"]:
                told: dict[str, Any] = json.loads(content["data"]["state"]["value"])
                if told.pop("turn") == self.turn:
                    return told


@asynccontextmanager
async def reading(live: LiveProcess, kernel: str) -> AsyncIterator[Reader]:
    async with connected(live, kernel) as socket:
        reader = Reader(socket)
        await reader.open()
        yield reader


def test_what_a_reader_may_do_has_its_effect(live: LiveProcess, widgets: str) -> None:
    async def use() -> dict[str, Any]:
        async with reading(live, widgets) as reader:
            await reader.send(
                reader.update("IntSlider", value=7),
                reader.update("Text", value="hello"),
                reader.update("Tab", selected_index=1),
                reader.update("Any", radius=5),
                reader.custom("Button", {"event": "click"}),
                reader.custom("Any", {"x": [1.5]}, b"pixels"),
                reader.custom("Any", "late"),
            )
            # Made by the callback, after the page had asked for all.
            made = None
            while made is None or made["data"]["state"]["_model_name"] != "FloatSliderModel":
                made = await reader.until("comm_open")
            reader.ids["Late"] = made["comm_id"]
            await reader.send(reader.update("Late", value=2.5))
            return await reader.report()

    told = asyncio.run(use())
    assert told["slider"] == [7, 0, 9, 1, None]
    assert (told["text"], told["tab"], told["clicks"]) == ("hello", [1, 2], 1)
    assert told["canvas"] == [5, "export default {}", 1]
    assert told["custom"] == [{"x": [1.5]}, ["pixels"]]
    assert told["late"] == [2.5]


def forbidden(reader: Reader) -> dict[str, list[bytes]]:
    """Give what no reader may send, by its name."""
    slider = reader.ids["IntSlider"]
    state = {
        f"_{part}_{key}": value
        for part in ("model", "view")
        for key, value in (
            ("module", "@jupyter-widgets/controls"),
            ("module_version", "2.0.0"),
            ("name", f"IntSlider{part.title()}"),
        )
    }

    def opening(comm_id: str, target: str, data: Any) -> bytes:
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "comm_open", "session": "s", "username": "u"}
        content = {"comm_id": comm_id, "target_name": target, "data": data}
        parts = [json.dumps(part).encode() for part in (header, {}, {"version": "2.1.0"}, content)]
        whole: bytes = serialize_msg_to_ws_v1(parts, "shell")
        return whole

    def message(comm_id: str, **data: Any) -> bytes:
        return request("comm_msg", comm_id=comm_id, data=data)

    control = uuid.uuid4().hex
    target = "jupyter.widget.control"
    return {
        "the bounds of a slider": [reader.update("IntSlider", max=10**9, min=-(10**9), step=0)],
        "a bound as a buffer": [reader.update("IntSlider", [["max"]], b"9")],
        "code": [reader.update("Any", _esm="evil")],
        "what isn't synced": [reader.update("Any", secret=2)],
        "a layout": [reader.update("Layout", width="1px")],
        "another layout": [reader.update("IntSlider", layout=f"IPY_MODEL_{reader.ids['Layout']}")],
        "children": [reader.update("Tab", children=[])],
        "a new widget": [opening(uuid.uuid4().hex, "jupyter.widget", {"state": state})],
        "a new widget of no class": [opening(uuid.uuid4().hex, "jupyter.widget", {"state": {}})],
        "no target": [opening(uuid.uuid4().hex, "nothing", {})],
        "a widget's comm as control comm": [opening(slider, target, {})],
        "an end of a widget": [request("comm_close", comm_id=slider, data={})],
        "a comm from elsewhere": [message(uuid.uuid4().hex, method="update", state={"value": 1})],
        "a method that isn't there": [message(slider, method="evil")],
        "no method": [message(slider)],
        "a control method that isn't there": [
            request("comm_open", comm_id=control, target_name=target, data={}),
            message(control, method="evil"),
            request("comm_close", comm_id=control, data={}),
        ],
        "code to run": [request("execute_request", code="slider.max = 99", silent=False)],
        "an end of the kernel": [
            request("shutdown_request", channel, restart=False) for channel in ("shell", "control")
        ],
        "an interrupt": [request("interrupt_request", "control")],
        "an answer to input()": [request("input_reply", "stdin", value="x")],
        "a widget's message on another channel": [
            reader.update("IntSlider", value=8).replace(b"shell", b"stdin")
        ],
        "too large a text": [reader.update("Text", value="x" * MOST_JSON)],
        "too large a buffer": [reader.custom("Any", {}, bytes(MOST_BYTES))],
    }


def test_what_a_reader_may_not_do_has_none(live: LiveProcess, widgets: str) -> None:
    async def try_all() -> list[dict[str, Any]]:
        async with reading(live, widgets) as reader:
            before = await reader.report()
            for name, messages in forbidden(reader).items():
                await reader.send(*messages)
                assert await reader.report() == before, name
            return reader.got

    got = asyncio.run(try_all())
    # ipykernel sometimes says "No such comm" of a control comm: a line, and no traceback.
    others = [one for one in got if one["type"] not in ("status", "comm_msg")]
    assert [one for one in others if not one["content"].get("text", "").startswith("No such comm:")] == []
    assert live.sessions() == 1
    assert len(live.kernels()) == 1


def dropped_lines(live: LiveProcess) -> int:
    return live.log.read_text().count("Dropped")


def test_a_flood_is_dropped_with_hardly_a_line_in_the_log(live: LiveProcess, widgets: str) -> None:
    many = 8 * int(MESSAGES_AT_ONCE)
    lines, begun = dropped_lines(live), time.monotonic()

    async def flood() -> dict[str, Any]:
        async with reading(live, widgets) as reader:
            for _ in range(many):
                await reader.send(reader.custom("Button", {"event": "click"}))
            while True:  # until there is room for a message again
                with suppress(TimeoutError):
                    return await asyncio.wait_for(reader.report(), 1)

    clicks = asyncio.run(flood())["clicks"]
    seconds = time.monotonic() - begun
    assert MESSAGES_AT_ONCE / 2 <= clicks <= min(many - 1, MESSAGES_AT_ONCE + MESSAGES_PER_SECOND * seconds)
    assert dropped_lines(live) - lines <= 1 + seconds // QUIET
    assert "Dropped" in live.log.read_text()
