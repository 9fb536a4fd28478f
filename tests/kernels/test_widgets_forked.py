"""Each kind of widget in a forked kernel, both ways: what its view sends is answered, to one reader."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from livekernel.index import ALL, WARM
from PIL import Image
from support.live_server import LiveProcess, live_server, notebook, wait_for, write_notebooks
from support.reader import Heard, Reader, changes, reading, sent_by

OUTPUT = """\
import ipywidgets as widgets
button, inside, presses = widgets.Button(), widgets.Output(), []

def pressed(_):
    presses.append(1)
    with inside:
        print("pressed", len(presses))

button.on_click(pressed)
widgets.VBox([button, inside])
"""
INTERACT = """\
from ipywidgets import interact
@interact(number=(0, 10))
def square(number=3):
    print("square", number**2)
"""
INLINE = """\
import matplotlib.pyplot as plt
from ipywidgets import interact
@interact(grey=(0, 10))
def draw(grey=3):
    plt.figure(figsize=(1, 1))
    plt.imshow([[grey]], cmap="gray", vmin=0, vmax=10)
    plt.axis("off")
    plt.show()
"""
IPYMPL = """\
%matplotlib widget
import ipywidgets as widgets
import matplotlib.pyplot as plt
told = widgets.Label()
with plt.ioff():
    figure, axes = plt.subplots(figsize=(2, 2), dpi=100)
axes.set_position([0, 0, 1, 1])
axes.plot([0, 1, 2], [0, 2, 1])
axes.set(xlim=(0, 2), ylim=(0, 2))
figure.canvas.mpl_connect("button_press_event", lambda e: setattr(told, "value", f"{e.xdata:g} {e.ydata:g}"))
widgets.VBox([figure.canvas, told])
"""
ANYWIDGET = """\
import anywidget
import traitlets
from anywidget.experimental import command

class Doubler(anywidget.AnyWidget):
    _esm = "export default { render() {} }"
    value = traitlets.Int(1).tag(sync=True)
    twice = traitlets.Int(2).tag(sync=True)

    @traitlets.observe("value")
    def _double(self, change):
        self.twice = 2 * change.new

    @command
    def reverse(self, message, buffers):
        return message[::-1], [bytes(buffers[0])[::-1]]

Doubler()
"""
PLOTLY = """\
import ipywidgets as widgets
import numpy as np
import plotly.graph_objects as go
told = widgets.Label()
figure = go.FigureWidget(go.Scatter(x=np.arange(4.0), y=np.arange(4.0) ** 2))

def clicked(trace, points, state):
    told.value = f"{points.point_inds} {points.xs} {state.shift}"

figure.data[0].on_click(clicked)
widgets.VBox([figure, told])
"""
KINDS = {
    "output": OUTPUT,
    "interact": INTERACT,
    "inline": INLINE,
    "ipympl": IPYMPL,
    "anywidget": ANYWIDGET,
    "plotly": PLOTLY,
}
WAYS = {"all": ALL, "warm": WARM}

ANIMATION = """\
%matplotlib widget
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
figure, axes = plt.subplots()
(line,) = axes.plot([0, 1])
moves = FuncAnimation(figure, lambda n: line.set_ydata([0, n]), frames=3)
moves.event_source.start()
"""
UNWRITABLE = """\
import ipywidgets as widgets
from traitlets import Any

class Odd(widgets.DOMWidget):
    held = Any().tag(sync=True, to_json=lambda value, _: value())

odd = Odd(held=lambda: 1)
odd.comm, comm = None, odd.comm
odd.held = lambda: 1 / 0
odd.comm = comm
"""
STRANGE = """\
from anywidget.experimental import dataclass

@dataclass(esm="export default { render() {} }")
class Plain:
    value: int = 1

Plain()
"""
NUMBERS = """\
import numpy as np
import ipywidgets as widgets
from traitlets import Any

class Numbers(widgets.DOMWidget):
    held = Any().tag(sync=True)

widgets.VBox([Numbers(held=[np.int64(7), float("nan")])])
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    notebooks = {
        f"posts/{kind}-{way}": notebook(("begun = 1", "warm"), (source, "live"))
        for kind, source in KINDS.items()
        for way in WAYS
    }
    forks = {key: WAYS[key.rpartition("-")[2]] for key in notebooks}
    others = {"animation": ANIMATION, "unwritable": UNWRITABLE, "numbers": NUMBERS}
    notebooks |= {f"posts/{key}": notebook((source, "live")) for key, source in others.items()}
    notebooks["posts/strange"] = notebook(("begun = 1",), (STRANGE, "live"))
    notebooks["posts/unwritable-at-once"] = notebook((UNWRITABLE, "warm"), ("begun = 1", "live"))
    write_notebooks(root, notebooks, forks)
    libraries = "numpy,PIL.Image,matplotlib.pyplot,matplotlib_inline.backend_inline,ipywidgets"
    options = ("--libraries", libraries + ",anywidget,plotly.graph_objects")
    with live_server(
        root, *options, "--admin-file", str(root / "admin"), "--rest", str(root / "rest")
    ) as running:
        yield running


def generation(live: LiveProcess, key: str) -> dict[str, Any]:
    address = (live.root / "admin").read_text().strip()
    with urllib.request.urlopen(address + "/status", timeout=10) as answer:  # noqa: S310
        told = json.loads(answer.read())["generations"]
    (found,) = [one for one in told if one["notebook"] == key]
    return dict(found)


def tell(live: LiveProcess, kind: str, way: str, story: Callable[[Reader, Reader], Awaitable[None]]) -> None:
    """Have two readers of one notebook; what each hears answers what it has sent itself."""

    async def both() -> None:
        key = f"posts/{kind}-{way}"
        async with reading(live, key, "192.0.2.1") as one, reading(live, key, "192.0.2.2") as other:
            await story(one, other)

    told = generation(live, f"posts/{kind}-{way}")
    assert (told["state"], told["way"], told["reason"]) == ("ready", WAYS[way], None)
    asyncio.run(both())
    wait_for(lambda: live.sessions() == 0, what="the end of both sessions")


def printed(heard: list[Heard]) -> str:
    return "".join(one.content["text"] for one in heard if one.kind == "stream")


ways = pytest.mark.parametrize("way", WAYS)


@ways
def test_an_output_gathers_what_a_callback_prints(live: LiveProcess, way: str) -> None:
    async def story(one: Reader, other: Reader) -> None:
        for reader, presses in ((one, 2), (other, 1)):
            button, inside = reader.widget("ButtonModel"), reader.widget("OutputModel")
            shown = []
            for press in range(1, presses + 1):
                heard = await reader.custom(button, {"event": "click"})
                assert printed(heard) == f"pressed {press}\n"
                # The view gathers what answers the message that the Output names, and tells the kernel.
                named = [state["msg_id"] for m in heard if "msg_id" in (state := m.data.get("state", {}))]
                assert named == [heard[0].answers, ""]
                shown.append({"output_type": "stream", "name": "stdout", "text": printed(heard)})
                await reader.update(inside, {"outputs": shown})
        assert [
            len((await r.take_over())[r.widget("OutputModel")]["state"]["outputs"]) for r in (one, other)
        ] == [
            2,
            1,
        ]

    tell(live, "output", way, story)


@ways
def test_interact_calls_its_function(live: LiveProcess, way: str) -> None:
    async def story(one: Reader, other: Reader) -> None:
        for reader, value in ((one, 7), (other, 5)):
            (first,) = reader.states[reader.widget("OutputModel")]["state"]["outputs"]
            assert first["text"] == "square 9\n"
            heard = await reader.update(reader.widget("IntSliderModel"), {"value": value})
            assert printed(heard) == f"square {value**2}\n"

    tell(live, "interact", way, story)


@ways
def test_matplotlib_draws_inline(live: LiveProcess, way: str) -> None:
    def grey(outputs: list[dict[str, Any]]) -> int:
        (png,) = [one["data"]["image/png"] for one in outputs if "image/png" in one.get("data", {})]
        picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("L")
        return int(picture.getpixel((picture.width // 2, picture.height // 2)))

    async def story(one: Reader, other: Reader) -> None:
        for reader, value, shade in ((one, 10, 255), (other, 0, 0), (one, 4, 102)):
            assert grey(reader.states[reader.widget("OutputModel")]["state"]["outputs"]) == pytest.approx(
                77, abs=2
            )
            heard = await reader.update(reader.widget("IntSliderModel"), {"value": value})
            shown = [m.content for m in heard if m.kind == "display_data"]
            assert grey(shown) == pytest.approx(shade, abs=2)

    tell(live, "inline", way, story)


class Figure:
    """What ipympl's canvas and its toolbar do on a page."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.canvas, self.toolbar = reader.widget("MPLCanvasModel"), reader.widget("ToolbarModel")

    async def say(self, kind: str, **fields: Any) -> list[Heard]:
        return await self.reader.custom(self.canvas, {"type": kind, **fields})

    async def press(self, name: str) -> list[Heard]:
        return await self.reader.custom(self.toolbar, {"type": "toolbar_button", "name": name})

    async def mouse(self, kind: str, x: int, y: int, buttons: int) -> list[Heard]:
        event = {"button": 0, "buttons": buttons, "modifiers": [], "guiEvent": {"isTrusted": True}}
        return await self.say(kind, x=x, y=y, **event)

    async def open(self) -> None:
        """Say what a canvas says when it opens, and follow the kernel's answers."""
        heard = await self.say("refresh")
        assert "draw" in self.kinds(heard)
        heard = await self.say("send_image_mode")
        assert changes(heard, self.canvas) == {} or changes(heard, self.canvas) == {"_image_mode": "full"}
        assert "resize" in self.kinds(await self.say("initialized"))

    async def drawn(self) -> Image.Image:
        """Give the next image, whole."""
        await self.say("refresh")
        (image,) = sent_by(
            await self.say("draw"), self.canvas, lambda c: json.loads(c["data"])["type"] == "binary"
        )
        return Image.open(io.BytesIO(image.buffers[0])).convert("RGB")

    def kinds(self, heard: list[Heard]) -> list[str]:
        return [json.loads(one.data["content"]["data"])["type"] for one in sent_by(heard, self.canvas)]


@ways
def test_ipympl_draws_zooms_and_saves(live: LiveProcess, way: str) -> None:
    async def story(one: Reader, other: Reader) -> None:
        figure, others = Figure(one), Figure(other)
        await figure.open()
        await others.open()
        whole = await figure.drawn()
        assert whole.size == (200, 200)
        heard = await figure.mouse("button_press", 100, 150, 1)
        assert changes(heard, one.widget("LabelModel")) == {"value": "1 0.5"}
        await figure.mouse("button_release", 100, 150, 0)

        heard = await one.update(figure.toolbar, {"_current_action": "zoom"})
        heard = await figure.press("zoom")
        assert "navigate_mode" in figure.kinds(heard)
        await figure.mouse("button_press", 20, 20, 1)
        assert "rubberband" in figure.kinds(await figure.mouse("motion_notify", 90, 90, 1))
        band = {f"_rubberband_{name}": 7 for name in ("x", "y", "width", "height")}
        await one.update(figure.canvas, band)
        assert "draw" in figure.kinds(await figure.mouse("button_release", 90, 90, 0))
        zoomed = await figure.drawn()
        assert zoomed.tobytes() != whole.tobytes()
        assert (await others.drawn()).tobytes() == whole.tobytes()
        await figure.press("home")
        assert (await figure.drawn()).tobytes() == whole.tobytes()

        told = {"data": json.dumps({"type": "save", "format": "png"})}
        (saved,) = sent_by(await figure.press("save_figure"), figure.canvas, lambda c: c == told)
        assert Image.open(io.BytesIO(saved.buffers[0])).format == "PNG"

        await figure.say("resize", width=120, height=80)
        assert (await figure.drawn()).size == (120, 80)
        await figure.say("set_device_pixel_ratio", device_pixel_ratio=2)
        assert (await figure.drawn()).size == (240, 160)
        heard = await figure.say("key_press", key="kl", guiEvent={"isTrusted": True})
        assert "draw" in figure.kinds(heard), "l makes the axis logarithmic"
        assert (await others.drawn()).tobytes() == whole.tobytes()

    tell(live, "ipympl", way, story)


@ways
def test_no_message_makes_a_figure_do_what_its_view_does_not(live: LiveProcess, way: str) -> None:
    async def story(one: Reader, _: Reader) -> None:
        figure = Figure(one)
        await figure.open()
        before = one.states[figure.toolbar]["state"]["toolitems"]
        await one.update(figure.toolbar, {"toolitems": [["", "", "", "close_all"]]})
        await one.refused(figure.toolbar, {"type": "toolbar_button", "name": "close_all"})
        await one.refused(figure.canvas, {"type": "toolbar_button", "name": "close_all"})
        await one.refused(figure.canvas, {"type": "event", "name": "x"})
        await one.refused(figure.canvas, {"type": "resize", "width": 1e9, "height": 1})
        assert (await one.take_over())[figure.toolbar]["state"]["toolitems"] == before
        assert (await figure.drawn()).size == (200, 200)

    tell(live, "ipympl", way, story)


@ways
def test_an_anywidget_sets_its_traits_and_calls_its_commands(live: LiveProcess, way: str) -> None:
    async def story(one: Reader, other: Reader) -> None:
        for reader, value in ((one, 21), (other, 4)):
            widget = reader.widget("AnyModel")
            assert reader.states[widget]["state"]["twice"] == 2
            code = reader.states[widget]["state"]["_esm"]
            heard = await reader.update(widget, {"value": value, "_esm": "export default {}"})
            assert changes(heard, widget)["twice"] == 2 * value
            call = {"id": "1", "kind": "anywidget-command", "name": "reverse", "msg": f"abc{value}"}
            (answer,) = sent_by(await reader.custom(widget, call, b"bytes"), widget)
            assert answer.data["content"]["response"] == f"abc{value}"[::-1]
            assert answer.buffers == (b"setyb",)
            assert (await reader.take_over())[widget]["state"]["_esm"] == code
        assert (await one.take_over())[one.widget("AnyModel")]["state"]["twice"] == 42

    tell(live, "anywidget", way, story)


@ways
def test_a_plotly_figure_tells_of_clicks_zooms_and_hidden_traces(live: LiveProcess, way: str) -> None:
    async def story(one: Reader, other: Reader) -> None:
        figure = one.widget("AnyModel")
        told = one.states[figure]["state"]
        (trace,) = told["_widget_data"]
        delta = {"trace_deltas": [{"uid": trace["uid"], "mode": "lines"}], "trace_edit_id": 0}
        assert changes(await one.update(figure, {"_js2py_traceDeltas": delta}), figure) == {
            "_js2py_traceDeltas": None
        }
        zoom = {"xaxis.range[0]": 1, "xaxis.range[1]": 2}
        relayout = {"relayout_data": zoom, "source_view_id": "view"}
        heard = await one.update(figure, {"_js2py_relayout": relayout})
        sent = [s["_py2js_relayout"] for m in heard if "_py2js_relayout" in (s := m.data.get("state", {}))]
        assert sent[0]["relayout_data"] == zoom
        assert sent[0]["source_view_id"] == "view"
        restyle = {"style_data": {"visible": ["legendonly"]}, "style_traces": [0], "source_view_id": "view"}
        heard = await one.update(figure, {"_js2py_restyle": restyle})
        assert any((m.data.get("state") or {}).get("_py2js_restyle") for m in heard)
        for reader, point in ((one, 3), (other, 1)):
            points = {"trace_indexes": [0], "point_indexes": [point], "xs": [point], "ys": [point**2]}
            keys = dict.fromkeys(("alt", "ctrl", "meta"), False) | {"shift": True, "button": 0, "buttons": 1}
            click = {"event_type": "plotly_click", "points": points, "device_state": keys, "selector": None}
            heard = await reader.update(reader.widget("AnyModel"), {"_js2py_pointsCallback": click})
            label = changes(heard, reader.widget("LabelModel"))
            assert label == {"value": f"[{point}] [{point}] True"}
        # What its data and its layout are is the notebook's.
        await other.update(other.widget("AnyModel"), {"_widget_layout": {"title": {"text": "mine"}}})
        states = await other.take_over()
        assert states[other.widget("AnyModel")]["state"]["_widget_layout"] == told["_widget_layout"]

    tell(live, "plotly", way, story)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("posts/animation", "event loop"),
        ("posts/unwritable", "the state of its widget Odd can't be written: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_recorded_is_run_by_each_reader(live: LiveProcess, key: str, reason: str) -> None:
    told = generation(live, key)
    assert (told["state"], told["way"]) == ("ready", WARM)
    assert reason in told["reason"]
    assert live.start(f"/live/render/{key}")[0] == 200


def test_a_widget_that_is_none_of_ipywidgets_is_told(live: LiveProcess) -> None:
    told = generation(live, "posts/strange")
    assert (told["state"], told["way"]) == ("ready", ALL)
    assert told["reason"] == "cells that show a widget which ipywidgets doesn't have, nor will a page: 2"


def test_what_no_page_could_take_over_is_unavailable(live: LiveProcess) -> None:
    told = generation(live, "posts/unwritable-at-once")
    assert told["state"] == "unavailable"
    assert "its widget Odd can't be written" in told["reason"]


def test_a_state_is_written_as_the_kernel_would_send_it(live: LiveProcess) -> None:
    assert generation(live, "posts/numbers")["way"] == ALL

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    content = (live.root / "rest/posts-numbers.state").read_bytes()
    begin, end = (int.from_bytes(content[8 * n : 8 * (n + 1)], "little") for n in (1, 2))
    states = json.loads(content[begin:end], parse_constant=refuse)["states"]
    (held,) = [one["state"]["held"] for one in states.values() if "held" in one["state"]]
    assert held == [7, "nan"]
