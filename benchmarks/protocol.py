"""What a bare client must understand: a page's kernel id, and Jupyter's messages on a websocket.

Pure functions over text and bytes; :mod:`benchmarks.reader` does the talking.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)

SUBPROTOCOL = "v1.kernel.websocket.jupyter.org"
CONTROL = "jupyter.widget.control"

_KERNEL = re.compile(r'"kernelId":\s*"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')


@dataclass(frozen=True, slots=True)
class Message:
    """One message from a kernel; ``buffers`` are its binary parts."""

    channel: str
    kind: str
    content: Mapping[str, Any]
    buffers: tuple[bytes, ...] = ()

    @property
    def comm(self) -> str:
        """Give the id of the widget that the message is about, or nothing."""
        return str(self.content.get("comm_id", ""))

    @property
    def data(self) -> Mapping[str, Any]:
        """Give what a comm carries."""
        data = self.content.get("data")
        return data if isinstance(data, dict) else {}


@dataclass(frozen=True, slots=True)
class Widget:
    """A widget's state, binary values put where they belong."""

    id: str
    model: str
    state: Mapping[str, Any] = field(repr=False)


def kernel_id(page: str) -> str | None:
    """Find the kernel in a page of Voila's, or None while the page has not told it."""
    found = _KERNEL.search(page)
    return found[1] if found else None


def read(raw: bytes) -> Message:
    """Read a binary message of the protocol; raises ValueError for what is none."""
    try:
        channel, parts = deserialize_msg_from_ws_v1(raw)  # type: ignore[no-untyped-call]
        header, _, _, content = (json.loads(part) for part in parts[:4])
        return Message(channel, header["msg_type"], content, tuple(bytes(part) for part in parts[4:]))
    except (IndexError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"no message of {SUBPROTOCOL}") from error


def write(kind: str, content: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> bytes:
    """Give the bytes of a message to the shell."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "bench", "username": "reader"}
    header["version"] = "5.3"
    parts = [json.dumps(part).encode() for part in (header, {}, metadata or {}, content)]
    return bytes(serialize_msg_to_ws_v1(parts, "shell"))  # type: ignore[no-untyped-call]


def open_control(comm: str) -> bytes:
    """Open the comm by which a page asks for every widget's state, as Voila's front end does."""
    content = {"comm_id": comm, "target_name": CONTROL, "data": {}}
    return write("comm_open", content, {"version": "1.0.0"})


def ask_states(comm: str) -> bytes:
    """Ask for the states of all widgets."""
    return write("comm_msg", {"comm_id": comm, "data": {"method": "request_states"}})


def update(widget: str, **state: Any) -> bytes:
    """Change a widget as its view does when a reader moves it."""
    data = {"method": "update", "state": state, "buffer_paths": []}
    return write("comm_msg", {"comm_id": widget, "data": data})


def widgets(message: Message) -> list[Widget] | None:
    """Give the widgets that an answer to :func:`ask_states` tells of; None for any other message."""
    if message.kind != "comm_msg" or message.data.get("method") != "update_states":
        return None
    models: dict[str, dict[str, Any]] = copy.deepcopy(message.data["states"])
    for path, buffer in zip(message.data["buffer_paths"], message.buffers, strict=True):
        _put(models, path, buffer)
    return [Widget(one, str(model["model_name"]), model["state"]) for one, model in models.items()]


def new_value(message: Message, widget: str) -> bytes | None:
    """Give the bytes that the kernel has set as the widget's ``value``; None for any other message."""
    if message.kind != "comm_msg" or message.comm != widget or message.data.get("method") != "update":
        return None
    for path, buffer in zip(message.data.get("buffer_paths", ()), message.buffers, strict=True):
        if path == ["value"]:
            return buffer
    return None


@dataclass(frozen=True, slots=True)
class Rest:
    """What a post shows of its widgets before there is a kernel."""

    generation: str
    widgets: list[Widget]


def rest(content: bytes) -> Rest:
    """Read what ``/live/rest/`` answers: framed as messages are, with the buffers' numbers in the JSON."""
    count = int.from_bytes(content[:8], "little")
    offsets = [int.from_bytes(content[8 * n : 8 * (n + 1)], "little") for n in range(1, count + 1)]
    text, *parts = [content[begin:end] for begin, end in itertools.pairwise(offsets)]
    told = json.loads(text)
    for model in told["states"].values():
        for buffer in model["buffers"]:
            _put(model["state"], buffer["path"], parts[buffer["part"]])
    found = [Widget(one, str(model["model_name"]), model["state"]) for one, model in told["states"].items()]
    return Rest(told["generation"], found)


def find(
    known: Iterable[Widget], model: str, *, description: str | None = None, css: str | None = None
) -> Widget:
    """Give the one widget of a model with a description or a CSS class; raises LookupError."""
    found = [
        one
        for one in known
        if one.model == model
        and (description is None or one.state.get("description") == description)
        and (css is None or css in one.state.get("_dom_classes", ()))
    ]
    if len(found) != 1:
        raise LookupError(f"{len(found)} widgets are a {model} ({description or css or 'any'})")
    return found[0]


def _put(state: Any, path: Sequence[Any], buffer: bytes) -> None:
    for step in path[:-1]:
        state = state[step]
    state[path[-1]] = buffer
