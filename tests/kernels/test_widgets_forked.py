"""Each kind of widget in a forked kernel, both ways: what its view sends is answered, to one reader."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from support.both_ways import both_ways, forked_both_ways, tell
from support.live_server import LiveProcess
from support.reader import Heard, Reader, changes, sent_by

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
    "anywidget": ANYWIDGET,
    "plotly": PLOTLY,
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    inline = ("matplotlib.pyplot", "matplotlib_inline.backend_inline")
    with forked_both_ways(root, KINDS, *inline, "anywidget", "plotly.graph_objects") as running:
        yield running


def printed(heard: list[Heard]) -> str:
    return "".join(one.content["text"] for one in heard if one.kind == "stream")


@both_ways
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


@both_ways
def test_interact_calls_its_function(live: LiveProcess, way: str) -> None:
    async def story(one: Reader, other: Reader) -> None:
        for reader, value in ((one, 7), (other, 5)):
            (first,) = reader.states[reader.widget("OutputModel")]["state"]["outputs"]
            assert first["text"] == "square 9\n"
            heard = await reader.update(reader.widget("IntSliderModel"), {"value": value})
            assert printed(heard) == f"square {value**2}\n"

    tell(live, "interact", way, story)


@both_ways
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


@both_ways
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


@both_ways
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
