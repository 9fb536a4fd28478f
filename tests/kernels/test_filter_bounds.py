"""A message has bounds, and so has the rate at which a page sends them; no hand reaches it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from livekernel import filter as limits
from livekernel.filter import Filter, Refused
from support.filtered import Clock, send, update, widget


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
