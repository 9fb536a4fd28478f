"""What a real page sends passes as it is, and no other kind of message does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from livekernel.filter import Filter, Malformed, Refused
from support.filtered import CAPTURED, CONTROL, OTHER, send, update, widget


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
