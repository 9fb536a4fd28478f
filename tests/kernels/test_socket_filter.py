"""What a reader may do has its effect in the kernel, and what no reader may do has none: a real server."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from livekernel.filter import MESSAGES_AT_ONCE, MESSAGES_PER_SECOND, MOST_BYTES, MOST_JSON
from livekernel.sockets import QUIET
from support.live_server import LiveProcess, live_server, notebook, wait_for, write_notebooks
from support.reader import Reader, changes, reading, request, updating

KEY = "posts/widgets"

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

canvas, slider = Canvas(layout={"width": "2px"}), widgets.IntSlider(value=3, max=9)
text, button = widgets.Text(), widgets.Button()
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

turns = itertools.count(1)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    write_notebooks(root, {KEY: notebook((WIDGETS, "live"))})
    with live_server(root, "--kernels", "1") as running:
        yield running


@pytest.fixture(autouse=True)
def no_kernel_is_left(live: LiveProcess) -> Iterator[None]:
    yield
    wait_for(lambda: live.sessions() == 0, what="the end of the kernel")


async def report(reader: Reader) -> dict[str, Any]:
    """Give what the notebook says of itself once all that was sent before has been worked on."""
    turn = next(turns)
    heard = await reader.update(reader.widget("IntTextModel"), {"value": turn})
    told: dict[str, Any] = json.loads(changes(heard, reader.widget("LabelModel"))["value"])
    assert told.pop("turn") == turn
    return told


def test_what_a_reader_may_do_has_its_effect(live: LiveProcess) -> None:
    async def use() -> dict[str, Any]:
        async with reading(live, KEY) as reader:
            canvas = reader.widget("AnyModel")
            await reader.tell(reader.widget("IntSliderModel"), {"value": 7})
            await reader.tell(reader.widget("TextModel"), {"value": "hello"})
            await reader.tell(reader.widget("TabModel"), {"selected_index": 1})
            await reader.tell(canvas, {"radius": 5})
            await reader.custom(reader.widget("ButtonModel"), {"event": "click"})
            await reader.custom(canvas, {"x": [1.5]}, b"pixels")
            # Made by the callback, after the page had asked for all.
            opened = [one for one in await reader.custom(canvas, "late") if one.kind == "comm_open"]
            (late,) = [one for one in opened if one.data["state"]["_model_name"] == "FloatSliderModel"]
            await reader.tell(late.content["comm_id"], {"value": 2.5})
            return await report(reader)

    told = asyncio.run(use())
    assert told["slider"] == [7, 0, 9, 1, None]
    assert (told["text"], told["tab"], told["clicks"]) == ("hello", [1, 2], 1)
    assert told["canvas"] == [5, "export default {}", 1]
    assert told["custom"] == [{"x": [1.5]}, ["pixels"]]
    assert told["late"] == [2.5]


def forbidden(reader: Reader) -> dict[str, list[bytes]]:
    """Give what no reader may send, by its name."""
    slider, canvas = reader.widget("IntSliderModel"), reader.widget("AnyModel")
    tab, text = reader.widget("TabModel"), reader.widget("TextModel")
    layouts = {one: reader.states[one]["state"]["layout"] for one in (slider, canvas)}
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
        content = {"comm_id": comm_id, "target_name": target, "data": data}
        return request("comm_open", metadata={"version": "2.1.0"}, **content)

    def message(comm_id: str, *buffers: bytes, **data: Any) -> bytes:
        return request("comm_msg", *buffers, comm_id=comm_id, data=data)

    def update(widget: str, **state: Any) -> bytes:
        return message(widget, **updating(state))

    control = uuid.uuid4().hex
    target = "jupyter.widget.control"
    return {
        "the bounds of a slider": [update(slider, max=10**9, min=-(10**9), step=0)],
        "a bound as a buffer": [message(slider, b"9", **updating({}, [["max"]]))],
        "code": [update(canvas, _esm="evil")],
        "what isn't synced": [update(canvas, secret=2)],
        "a layout": [update(layouts[slider].removeprefix("IPY_MODEL_"), width="1px")],
        "another layout": [update(slider, layout=layouts[canvas])],
        "children": [update(tab, children=[])],
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
            request("shutdown_request", channel=channel, restart=False) for channel in ("shell", "control")
        ],
        "an interrupt": [request("interrupt_request", channel="control")],
        "an answer to input()": [request("input_reply", channel="stdin", value="x")],
        "a widget's message on another channel": [
            request("comm_msg", channel="stdin", comm_id=slider, data=updating({"value": 8}))
        ],
        "too large a text": [update(text, value="x" * MOST_JSON)],
        "too large a buffer": [message(canvas, bytes(MOST_BYTES), method="custom", content={})],
    }


def test_what_a_reader_may_not_do_has_none(live: LiveProcess) -> None:
    async def try_all() -> Reader:
        async with reading(live, KEY) as reader:
            before = await report(reader)
            for name, messages in forbidden(reader).items():
                for message in messages:
                    await reader.socket.write_message(message, binary=True)
                assert await report(reader) == before, name
            assert live.sessions() == 1
            assert len(live.kernels()) == 1
            return reader

    got = asyncio.run(try_all()).heard
    # ipykernel sometimes says "No such comm" of a control comm: a line, and no traceback.
    others = [one for one in got if one.kind not in ("status", "comm_msg", "iopub_welcome")]
    assert [one for one in others if not one.content.get("text", "").startswith("No such comm:")] == []


def dropped_lines(live: LiveProcess) -> int:
    return live.log.read_text().count("Dropped")


def test_a_flood_is_dropped_with_hardly_a_line_in_the_log(live: LiveProcess) -> None:
    many = 8 * int(MESSAGES_AT_ONCE)
    lines, begun = dropped_lines(live), time.monotonic()

    async def flood() -> dict[str, Any]:
        async with reading(live, KEY) as reader:
            click = {"method": "custom", "content": {"event": "click"}}
            for _ in range(many):
                await reader.send("comm_msg", comm_id=reader.widget("ButtonModel"), data=click)
            while True:  # until there is room for a message again
                with suppress(TimeoutError):
                    return await asyncio.wait_for(report(reader), 1)

    clicks = asyncio.run(flood())["clicks"]
    seconds = time.monotonic() - begun
    assert MESSAGES_AT_ONCE / 2 <= clicks <= min(many - 1, MESSAGES_AT_ONCE + MESSAGES_PER_SECOND * seconds)
    assert dropped_lines(live) - lines <= 1 + seconds // QUIET
    assert "Dropped" in live.log.read_text()
