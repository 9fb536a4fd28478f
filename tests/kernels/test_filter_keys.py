"""A page sets those keys of a widget that its view may set, by what the kernel has told of it."""

from __future__ import annotations

from typing import Any

import pytest
from livekernel.filter import Comms, Filter, Refused
from livekernel.reader_keys import CONTROLS
from support.filtered import CAPTURED, CONTROL, OTHER, opened, update, widget


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
