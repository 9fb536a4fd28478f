"""A figure of ipympl is sent what its own views write, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from livekernel.filter import Comms, Filter, Refused
from support.filtered import opened, send, update


@pytest.fixture
def figure(comms: Comms) -> dict[str, str]:
    """Give the ids of a figure of ipympl and of its toolbar, by their models."""
    ids = {"MPLCanvasModel": "c" * 32, "ToolbarModel": "d" * 32}
    for model, comm_id in ids.items():
        state = {
            "_model_module": "jupyter-matplotlib",
            "_model_name": model,
            "toolitems": [],
            "resizable": True,
        }
        comms.learn(*opened(comm_id, state))
    return ids


@pytest.mark.parametrize(
    ("model", "content"),
    [
        *[
            ("MPLCanvasModel", {"type": kind})
            for kind in ("refresh", "send_image_mode", "initialized", "draw")
        ],
        ("MPLCanvasModel", {"type": "closing"}),
        ("MPLCanvasModel", {"type": "resize", "width": 640.5, "height": 480}),
        ("MPLCanvasModel", {"type": "set_dpi_ratio", "dpi_ratio": 2}),
        ("MPLCanvasModel", {"type": "set_device_pixel_ratio", "device_pixel_ratio": 1.25}),
        (
            "MPLCanvasModel",
            {"type": "button_press", "x": 30, "y": -30.5, "button": 0, "buttons": 1, "modifiers": ["shift"]}
            | {"guiEvent": {"isTrusted": True}},
        ),
        (
            "MPLCanvasModel",
            {"type": "scroll", "x": 1, "y": 1, "button": 0, "buttons": 0, "step": -1, "modifiers": []}
            | {"guiEvent": {"isTrusted": True, "data": "scroll", "step": -1}},
        ),
        ("MPLCanvasModel", {"type": "key_press", "key": "ctrl+kArrowLeft", "guiEvent": {"isTrusted": True}}),
        ("ToolbarModel", {"type": "toolbar_button", "name": "zoom"}),
    ],
)
def test_what_a_figures_views_send_passes_as_it_is(
    judge: Filter, figure: dict[str, str], model: str, content: dict[str, Any]
) -> None:
    data = {"method": "custom", "content": content}
    assert send(judge, "comm_msg", comm_id=figure[model], data=data)["data"] == data


@pytest.mark.parametrize(
    ("model", "content"),
    [
        ("ToolbarModel", {"type": "toolbar_button", "name": "close_all"}),
        ("ToolbarModel", {"type": "toolbar_button", "name": ["zoom"]}),
        ("ToolbarModel", {"type": "refresh"}),
        ("MPLCanvasModel", {"type": "toolbar_button", "name": "zoom"}),
        ("MPLCanvasModel", {"type": "event"}),
        ("MPLCanvasModel", {"type": ["draw"]}),
        ("MPLCanvasModel", {}),
        ("MPLCanvasModel", "draw"),
        ("MPLCanvasModel", {"type": "resize", "width": 1e6, "height": 1}),
        ("MPLCanvasModel", {"type": "resize", "width": float("nan"), "height": 1}),
        ("MPLCanvasModel", {"type": "set_dpi_ratio", "dpi_ratio": True}),
        ("MPLCanvasModel", {"type": "scroll", "step": 1e9}),
        ("MPLCanvasModel", {"type": "scroll", "modifiers": [{}]}),
        ("MPLCanvasModel", {"type": "key_press", "key": "x" * 65}),
        ("MPLCanvasModel", {"type": "key_press", "key": "x"}),
        ("MPLCanvasModel", {"type": "dblclick", "guiEvent": {"target": {}}}),
        ("MPLCanvasModel", {"type": "dblclick", "guiEvent": {str(n): n for n in range(65)}}),
    ],
)
def test_no_other_message_gets_to_a_figure(
    judge: Filter, figure: dict[str, str], model: str, content: Any
) -> None:
    with pytest.raises(Refused):
        send(judge, "comm_msg", comm_id=figure[model], data={"method": "custom", "content": content})


def test_a_figures_message_loses_what_its_view_does_not_write(judge: Filter, figure: dict[str, str]) -> None:
    data = {"method": "custom", "content": {"type": "draw", "name": "x"}}
    sent = send(judge, "comm_msg", b"x", comm_id=figure["MPLCanvasModel"], data=data)
    assert (sent["data"]["content"], sent["buffers"]) == ({"type": "draw"}, [])


def test_a_figures_buttons_stay_the_notebooks(comms: Comms, judge: Filter, figure: dict[str, str]) -> None:
    toolbar, canvas = figure["ToolbarModel"], figure["MPLCanvasModel"]
    state = {"toolitems": [["", "", "", "close_all"]], "_current_action": "zoom"}
    assert update(judge, toolbar, state)["data"]["state"] == {"_current_action": "zoom"}
    band = {f"_rubberband_{name}": 1 for name in ("x", "y", "width", "height")}
    assert update(judge, canvas, {**band, "resizable": True, "_data_url": ""})["data"]["state"] == band
    comms.learn("comm_msg", {"comm_id": toolbar, "data": {"method": "update", "state": {"toolitems": []}}})
    assert update(judge, toolbar, state)["data"]["state"] == {"_current_action": "zoom"}
