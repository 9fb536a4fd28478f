"""A page's messages before the filter; the fixtures are to be imported by the conftest of their folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from livekernel.filter import Comms, Filter

CAPTURED = json.loads((Path(__file__).parent / "captured.json").read_text())
"""What Voila 0.5.13 and a kernel with ipywidgets 8.1.9 sent while each widget of a page was used once."""

CONTROL = "a" * 32
OTHER = "b" * 32


class Clock:
    """A clock that goes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def comms() -> Comms:
    """What is known of a kernel's widgets once the captured one has told of them all."""
    comms = Comms()
    for kind, content in CAPTURED["kernel"]:
        comms.learn(kind, content)
    return comms


@pytest.fixture
def clock() -> Clock:
    """The time by which the filter counts."""
    return Clock()


@pytest.fixture
def judge(comms: Comms, clock: Clock) -> Filter:
    """The filter on the captured page's connection."""
    return Filter(comms, clock)


def opened(comm_id: str, state: dict[str, Any], **data: Any) -> tuple[str, dict[str, Any]]:
    """Give a kernel's opening of a widget, as it is learnt."""
    return "comm_open", {
        "comm_id": comm_id,
        "target_name": "jupyter.widget",
        "data": {"state": state, "buffer_paths": [], **data},
    }


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
    """Set keys of a widget; give the content that is forwarded."""
    data = {"method": "update", "state": state, "buffer_paths": paths}
    return send(judge, "comm_msg", *buffers, comm_id=comm_id, data=data)
