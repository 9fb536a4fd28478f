"""A figure of ipympl in a forked kernel, both ways: it draws for its own reader what its views ask for."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from support.both_ways import both_ways, forked_both_ways, tell
from support.live_server import LiveProcess
from support.reader import Heard, Reader, changes, sent_by

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


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    with forked_both_ways(root, {"ipympl": IPYMPL}, "matplotlib.pyplot") as running:
        yield running


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


@both_ways
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


@both_ways
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
