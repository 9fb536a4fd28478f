"""What a page may send is judged by what the kernel has told; with messages of a real page and kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from livekernel import filter as limits
from livekernel.filter import Comms, Filter, Malformed, Refused
from livekernel.reader_keys import CONTROLS

CAPTURED = json.loads((Path(__file__).parent / "captured.json").read_text())
"""What Voila 0.5.13 and a kernel with ipywidgets 8.1.9 sent while each widget of a page was used once."""

CONTROL = "a" * 32
OTHER = "b" * 32


class Clock:
    """A clock that goes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def opened(comm_id: str, state: dict[str, Any], **data: Any) -> tuple[str, dict[str, Any]]:
    return "comm_open", {
        "comm_id": comm_id,
        "target_name": "jupyter.widget",
        "data": {"state": state, "buffer_paths": [], **data},
    }


@pytest.fixture
def comms() -> Comms:
    comms = Comms()
    for kind, content in CAPTURED["kernel"]:
        comms.learn(kind, content)
    return comms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def judge(comms: Comms, clock: Clock) -> Filter:
    return Filter(comms, clock)


def widget(model: str) -> str:
    """Give the captured kernel's first widget of a model."""
    states = CAPTURED["kernel"][0][1]["data"]["states"]
    return next(comm for comm, told in states.items() if told["model_name"] == model)


def send(
    judge: Filter, kind: str, *buffers: bytes, channel: str = "shell", header: Any = None, **content: Any
) -> dict[str, Any]:
    """Give the content that is forwarded."""
    header = {"msg_id": "1", "msg_type": kind, **(header or {})}
    parts = [json.dumps(part).encode() for part in (header, {}, {"subshell": 1}, content)]
    passed = judge.passed(channel, [*parts, *buffers])
    return {"header": json.loads(passed[0]), "buffers": passed[4:], **json.loads(passed[3])}


def update(judge: Filter, comm_id: str, state: dict[str, Any], *buffers: bytes, paths: Any = ()) -> Any:
    data = {"method": "update", "state": state, "buffer_paths": paths}
    return send(judge, "comm_msg", *buffers, comm_id=comm_id, data=data)


def test_all_that_a_real_page_sends_passes_as_it_is(judge: Filter) -> None:
    for message in CAPTURED["page"]:
        parts = [json.dumps(part).encode() for part in message["parts"]]
        buffers = [buffer.encode() for buffer in message["buffers"]]
        passed = judge.passed(message["channel"], [*parts, *buffers])
        header, parent, metadata, content = (json.loads(part) for part in passed[:4])
        assert content == message["parts"][3]
        assert (parent, metadata) == ({}, message["parts"][2])
        assert header == {**message["parts"][0], "version": "5.3"}
        assert passed[4:] == buffers


def test_the_captured_page_used_every_kind_of_key() -> None:
    sent = [message["parts"][3].get("data", {}) for message in CAPTURED["page"]]
    keys = {key for data in sent for key in data.get("state", ())}
    assert keys == {"value", "playing", "index", "selected_index", "outputs"}
    assert {data.get("method") for data in sent} == {None, "request_states", "update", "custom"}


def test_every_control_of_ipywidgets_has_the_keys_that_its_view_sets(comms: Comms) -> None:
    keys = {
        told["model_name"]: comms.keys(comm)
        for comm, told in CAPTURED["kernel"][0][1]["data"]["states"].items()
    }
    assert keys["IntSliderModel"] == keys["CheckboxModel"] == keys["TagsInputModel"] == {"value"}
    assert keys["DropdownModel"] == keys["SelectionRangeSliderModel"] == {"index"}
    assert keys["TabModel"] == keys["AccordionModel"] == {"selected_index"}
    assert keys["PlayModel"] == {"value", "playing", "repeat"}
    assert keys["FileUploadModel"] == {"value", "error"}
    assert keys["ButtonModel"] == keys["VBoxModel"] == keys["LabelModel"] == set()


@pytest.mark.parametrize(
    "state", [{"max": 1e9}, {"min": 0, "step": 0, "layout": "IPY_MODEL_x", "_view_name": "x", "_dom": 1}]
)
def test_other_keys_are_dropped_and_the_view_still_gets_its_answer(
    judge: Filter, state: dict[str, Any]
) -> None:
    slider = widget("IntSliderModel")
    alone = update(judge, slider, state)
    assert alone["data"] == {"method": "update", "state": {}, "buffer_paths": []}
    assert update(judge, slider, {**state, "value": 5})["data"]["state"] == {"value": 5}


def test_a_buffer_is_no_way_around_the_keys(judge: Filter) -> None:
    upload = widget("FileUploadModel")
    files = {"value": [{"name": "a"}]}
    paths = [["accept"], ["value", 0, "content"]]
    sent = update(judge, upload, files, b"no", b"yes", paths=paths)
    assert sent["data"] == {"method": "update", "state": files, "buffer_paths": paths[1:]}
    assert sent["buffers"] == [b"yes"]


@pytest.mark.parametrize(
    "path",
    [
        "value",
        [],
        [0],
        ["value", 1, "x"],
        ["value", "x"],
        ["value", 0, "x", "y"],
        ["value", -1],
        ["error", 0],
    ],
)
def test_a_buffer_for_nothing_is_refused(judge: Filter, path: Any) -> None:
    with pytest.raises(Refused):
        update(judge, widget("FileUploadModel"), {"value": [{}]}, b"", paths=[path])


def test_a_widget_of_another_package_has_the_keys_that_its_kernel_listed(comms: Comms) -> None:
    model = {"_model_module": "anywidget", "_model_name": "AnyModel", "_esm": "", "_js2py_restyle": None}
    model |= {"_py2js_restyle": None, "_js2py_other": None, "_widget_data": [], "_view_count": 0}
    looks = {"layout": "", "style": "", "tabbable": None, "tooltip": None}
    comms.learn(*opened(OTHER, {**model, **looks, "points": [], "max": 1}, buffer_paths=[["pixels"]]))
    assert comms.keys(OTHER) == {"points", "max", "pixels", "_js2py_restyle"}
    later = {"method": "update", "state": {"added": 1, "_css": ""}, "buffer_paths": []}
    comms.learn("comm_msg", {"comm_id": OTHER, "data": later})
    echo = {"method": "echo_update", "state": {"mine": 1}, "buffer_paths": []}
    comms.learn("comm_msg", {"comm_id": OTHER, "data": echo})
    assert comms.keys(OTHER) == {"points", "max", "pixels", "_js2py_restyle", "added"}


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


def test_an_update_adds_no_key_to_ipywidgets_own(comms: Comms) -> None:
    slider = widget("IntSliderModel")
    comms.learn("comm_msg", {"comm_id": slider, "data": {"method": "update", "state": {"max": 9}}})
    assert comms.keys(slider) == {"value"}


def test_the_states_that_a_kernel_gives_list_the_same_keys_as_its_openings() -> None:
    state = {"_model_module": "anywidget", "_model_name": "AnyModel", "x": 1}
    told = {"model_module": "anywidget", "model_name": "AnyModel", "state": state}
    data = {"method": "update_states", "states": {OTHER: told}, "buffer_paths": [[OTHER, "state", "pixels"]]}
    comms = Comms()
    comms.learn("comm_msg", {"comm_id": CONTROL, "data": data})
    assert comms.keys(OTHER) == {"x", "pixels"}


def test_a_widget_is_there_from_its_opening_to_its_end(comms: Comms, judge: Filter) -> None:
    with pytest.raises(Refused):
        update(judge, OTHER, {"value": 1})
    comms.learn(*opened(OTHER, {"_model_module": CONTROLS, "_model_name": "IntSliderModel", "value": 0}))
    assert update(judge, OTHER, {"value": 1})["data"]["state"] == {"value": 1}
    comms.learn("comm_close", {"comm_id": OTHER, "data": {}})
    with pytest.raises(Refused):
        update(judge, OTHER, {"value": 1})


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"comm_id": 1},
        {"comm_id": OTHER, "target_name": "other", "data": {}},
        {"comm_id": OTHER, "target_name": "jupyter.widget", "data": {"state": {"_x": "a"}}},
        {"comm_id": OTHER, "target_name": "jupyter.widget", "data": "x"},
    ],
)
def test_nothing_odd_of_the_kernels_makes_a_listener_fall(comms: Comms, content: dict[str, Any]) -> None:
    comms.learn("comm_open", content)
    comms.learn("comm_msg", content)


def test_a_page_has_one_control_comm_at_a_time(judge: Filter) -> None:
    def open_one(comm_id: str, target: str = "jupyter.widget.control") -> dict[str, Any]:
        return send(judge, "comm_open", comm_id=comm_id, target_name=target, data={"state": {"x": 1}})

    for target in ("jupyter.widget", "jupyter.widget.version", "other"):
        with pytest.raises(Refused):
            open_one(CONTROL, target)
    with pytest.raises(Refused):
        open_one(widget("IntSliderModel"))
    assert open_one(CONTROL)["data"] == {}
    with pytest.raises(Refused):
        open_one(OTHER)
    with pytest.raises(Refused):
        send(judge, "comm_msg", comm_id=CONTROL, data={"method": "update_states"})
    with pytest.raises(Refused):
        send(judge, "comm_close", comm_id=widget("IntSliderModel"), data={})
    send(judge, "comm_msg", comm_id=CONTROL, data={"method": "request_states"})
    send(judge, "comm_close", comm_id=CONTROL, data={})
    assert open_one(OTHER)["comm_id"] == OTHER


@pytest.mark.parametrize(
    ("kind", "channel"),
    [
        *[(f"{kind}_request", "shell") for kind in ("execute", "shutdown", "interrupt", "debug", "history")],
        ("input_reply", "stdin"),
        ("input_reply", "shell"),
        ("comm_info_request", "control"),
        ("kernel_info_request", "iopub"),
    ],
)
def test_nothing_else_passes(judge: Filter, kind: str, channel: str) -> None:
    data = {"method": "request_state"}
    with pytest.raises(Refused):
        send(judge, kind, channel=channel, comm_id=widget("IntSliderModel"), data=data, code="1")


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"method": "evil"},
        {"method": ["update"]},
        {"method": "update"},
        {"method": "update", "state": [1]},
        {"method": "update", "state": {}, "buffer_paths": [["value"]]},
        {"method": "echo_update", "state": {}, "buffer_paths": []},
    ],
)
def test_an_odd_message_to_a_widget_is_refused(judge: Filter, data: Any) -> None:
    with pytest.raises(Refused):
        send(judge, "comm_msg", comm_id=widget("IntSliderModel"), data=data)


def test_questions_pass_with_nothing_added(judge: Filter) -> None:
    asked = send(
        judge, "comm_info_request", target_name="jupyter.widget", more=1, header={"subshell_id": "x"}
    )
    assert asked == {
        "header": {"msg_id": "1", "msg_type": "comm_info_request", "version": "5.3"},
        "buffers": [],
        "target_name": "jupyter.widget",
    }
    assert "code" not in send(judge, "kernel_info_request", code="1")
    state = send(
        judge, "comm_msg", b"x", comm_id=widget("TabModel"), data={"method": "request_state", "a": 1}
    )
    assert (state["data"], state["buffers"]) == ({"method": "request_state"}, [])


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("content", "buffers"),
    [
        ("x" * limits.MOST_JSON, ()),
        (None, (bytes(limits.MOST_BYTES // 2), bytes(limits.MOST_BYTES // 2))),
        (nested(limits.MOST_DEPTH), ()),
        ([0] * limits.MOST_VALUES, ()),
    ],
    ids=["text", "buffers", "depth", "values"],
)
def test_a_message_has_bounds(judge: Filter, content: Any, buffers: tuple[bytes, ...]) -> None:
    button = widget("ButtonModel")
    with pytest.raises(Refused):
        send(judge, "comm_msg", *buffers, comm_id=button, data={"method": "custom", "content": content})
    data = {"method": "custom", "content": nested(limits.MOST_DEPTH // 2)}
    half = bytes(limits.MOST_BYTES // 2)
    assert send(judge, "comm_msg", half, comm_id=button, data=data)["data"] == data


def sent_until_refused(attempt: Callable[[], Any]) -> int:
    for count in range(100_000):
        try:
            attempt()
        except Refused:
            return count
    raise AssertionError("never refused")


def test_a_page_has_a_rate(judge: Filter, clock: Clock) -> None:
    slider = widget("IntSliderModel")
    assert sent_until_refused(lambda: update(judge, slider, {"value": 1})) == limits.MESSAGES_AT_ONCE
    clock.now += 1
    assert sent_until_refused(lambda: update(judge, slider, {"value": 1})) == limits.MESSAGES_PER_SECOND


def test_a_hand_that_drags_is_never_too_fast(judge: Filter, clock: Clock) -> None:
    slider = widget("IntSliderModel")
    for step in range(60 * 125):
        clock.now = step / 125
        update(judge, slider, {"value": step})


def test_a_page_has_a_rate_of_bytes(judge: Filter, clock: Clock) -> None:
    half = bytes(limits.MOST_BYTES // 2)
    button = widget("ButtonModel")

    def attempt() -> None:
        send(judge, "comm_msg", half, comm_id=button, data={"method": "custom"})

    fits = int(limits.BYTES_AT_ONCE // (len(half) + 1))
    assert sent_until_refused(attempt) == fits
    clock.now += limits.BYTES_AT_ONCE / limits.BYTES_PER_SECOND
    assert sent_until_refused(attempt) == fits


@pytest.mark.parametrize(
    "parts",
    [
        (b"{", b"{}", b"{}", b"{}"),
        (b"[]", b"{}", b"{}", b"{}"),
        (b"{}", b"{}", b"{}", b"{}"),
        (b'{"msg_id": 1, "msg_type": "comm_msg"}', b"{}", b"{}", b"{}"),
        (b'{"msg_id": "1", "msg_type": "comm_msg"}', b"{}", b"{}", b"\xff"),
        (b'{"msg_id": "1", "msg_type": "comm_msg"}', b"{}", b"{}", b"[" * 100_000),
    ],
    ids=range(6),
)
def test_what_is_no_message_is_told_apart(judge: Filter, parts: tuple[bytes, ...]) -> None:
    with pytest.raises(Malformed):
        judge.passed("shell", parts)


def test_of_two_keys_of_a_name_the_one_that_was_judged_is_forwarded(judge: Filter) -> None:
    header = b'{"msg_id": "1", "msg_type": "execute_request", "msg_type": "kernel_info_request"}'
    passed = judge.passed("shell", [header, b"{}", b"{}", b"{}"])
    assert b"execute_request" not in passed[0]


def test_numbers_are_the_kernels_business(judge: Filter) -> None:
    passed = update(judge, widget("IntSliderModel"), {"value": float("nan")})
    assert passed["data"]["state"]["value"] != passed["data"]["state"]["value"]
