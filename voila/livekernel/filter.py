"""What a reader's page may send to its kernel: widgets' messages, about what a reader can change.

The kernel itself says which widgets there are (:class:`Comms` listens to it), and :class:`Filter` judges
one message of one page at a time. A message that passes is written anew from what was understood of it,
so that nothing is forwarded unseen (a second key of the same name, a subshell, a date). Nothing here reads
or writes anything else, so that any way to a kernel can use it.

The messages are those of Jupyter's protocol 5 (jupyter-client.readthedocs.io, "Messaging in Jupyter") and
of ipywidgets' protocol 2 (packages/schema/messages.md in its repository).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from livekernel.figure_messages import checked, is_of_figure
from livekernel.reader_keys import KNOWN_MODULES, READER_KEYS, is_open_key

MOST_JSON = 2**19
"""Bytes of a message's JSON: a long text, or an Output with a figure in it."""

MOST_BYTES = 3 * 2**18
"""Bytes of a message with its buffers: a file of a FileUpload. Less than the server takes in at all: what is
a little too large is dropped, and the connection stays."""

MOST_VALUES = 100_000
"""Values in a message's content, all levels together: a selection of as many points."""

MOST_DEPTH = 32
"""Levels of a message's content."""

MESSAGES_PER_SECOND, MESSAGES_AT_ONCE = 200.0, 500.0
"""A widget of ipywidgets sends again once its last message has been worked on, at most 60 times a second
while it is dragged; a canvas that sends each move of a mouse comes to 125; a page that opens may ask for
each of its widgets at once."""

BYTES_PER_SECOND, BYTES_AT_ONCE = 1.0 * 2**20, 8.0 * 2**20

WIDGETS = "jupyter.widget"
CONTROL = "jupyter.widget.control"
CONTROL_VERSION = "1.0.0"
HEADER_VERSION = "5.3"

LEARNED = frozenset({"comm_open", "comm_msg", "comm_close"})
"""The types of a kernel's messages on iopub that :meth:`Comms.learn` wants to see."""

_COMM_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_HEADER = ("msg_id", "session", "username", "date", "msg_type")


class Malformed(ValueError):  # noqa: N818  (what was sent, not a fault here)
    """What was sent is no message of Jupyter's: no front end writes such a thing."""


class Refused(Exception):  # noqa: N818  (the message's fault, not the program's)
    """The message isn't for readers; its text says why, for the log."""


@dataclass
class Comms:
    """The widgets of one kernel as it has told them itself: which there are, and their readers' keys.

    One for each kernel. Everything may be told twice, by two listeners.
    """

    _keys: dict[str, set[str]] = field(default_factory=dict)
    _models: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def __contains__(self, comm_id: object) -> bool:
        """Say whether the kernel has such a widget."""
        return comm_id in self._keys

    def keys(self, comm_id: str) -> frozenset[str]:
        """Give what a reader's view may change of a widget; KeyError where there is no such widget."""
        return frozenset(self._keys[comm_id])

    def model(self, comm_id: str) -> tuple[Any, Any]:
        """Give a widget's model, by its module and name; KeyError where there is no such widget."""
        return self._models[comm_id]

    def clear(self) -> None:
        """Forget all widgets: the kernel begins anew."""
        self._keys.clear()
        self._models.clear()

    def learn(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take in a message of the kernel's on iopub, of one of the types :data:`LEARNED`."""
        comm_id, data = content.get("comm_id"), content.get("data")
        if kind == "comm_close":
            self._keys.pop(str(comm_id), None)
            self._models.pop(str(comm_id), None)
        elif not isinstance(comm_id, str) or not isinstance(data, dict):
            return
        elif kind == "comm_open" and content.get("target_name") == WIDGETS:
            state = _state(data)
            model = (state.get("_model_module"), state.get("_model_name"))
            self._add(comm_id, model, _listed(state, data.get("buffer_paths")))
        elif kind == "comm_msg" and data.get("method") == "update" and comm_id in self._keys:
            # A trait that was added later. An echo isn't asked: it says what a reader has sent.
            if self._models[comm_id][0] not in KNOWN_MODULES:
                listed = _listed(_state(data), data.get("buffer_paths"))
                self._keys[comm_id].update(filter(is_open_key, listed))
        elif kind == "comm_msg" and data.get("method") == "update_states":
            paths: dict[str, list[Any]] = {}
            for widget, _, *path in data.get("buffer_paths") or ():
                paths.setdefault(widget, []).append(path)
            for widget, told in data["states"].items():
                model = (told["model_module"], told["model_name"])
                self._add(widget, model, _listed(told["state"], paths.get(widget)))

    def _add(self, comm_id: str, model: tuple[Any, Any], listed: Iterable[str]) -> None:
        self._models[comm_id] = model
        known = model[0] in KNOWN_MODULES
        self._keys[comm_id] = set(READER_KEYS.get(model, ()) if known else filter(is_open_key, listed))


def _state(data: Mapping[str, Any]) -> Mapping[str, Any]:
    state = data.get("state")
    return state if isinstance(state, dict) else {}


def _listed(state: Mapping[str, Any], buffer_paths: Iterable[Sequence[Any]] | None) -> set[str]:
    """Give a state's keys; what is binary stands in the paths alone."""
    return {*state, *(str(path[0]) for path in buffer_paths or () if path)}


@dataclass
class _Bucket:
    """A token bucket: so many at once, refilled at a rate."""

    rate: float
    size: float
    level: float
    since: float

    def take(self, amount: float, now: float) -> bool:
        self.level = min(self.size, self.level + (now - self.since) * self.rate)
        self.since = now
        if amount > self.level:
            return False
        self.level -= amount
        return True


class Filter:
    """Judges what one page sends to its kernel; one for each connection."""

    def __init__(self, comms: Comms, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the widgets of the kernel, and a clock in seconds."""
        self._comms, self._clock = comms, clock
        self._control: str | None = None  # the page's own control comm, while it is open
        now = clock()
        self._messages = _Bucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE, MESSAGES_AT_ONCE, now)
        self._bytes = _Bucket(BYTES_PER_SECOND, BYTES_AT_ONCE, BYTES_AT_ONCE, now)

    def passed(self, channel: str, parts: Sequence[bytes | memoryview]) -> list[bytes]:
        """Give the parts to forward in place of these: header, parent header, metadata, content, buffers.

        An update keeps the keys that a reader may change and loses the others; one that keeps none is
        forwarded empty, for the view sends nothing more before the kernel has been idle after it.
        Raises :class:`Refused` for what isn't forwarded, :class:`Malformed` for what isn't a message.
        """
        size, text = sum(map(len, parts)), sum(map(len, parts[:4]))
        if not self._messages.take(1, self._clock()):
            raise Refused("too many messages")
        if size > MOST_BYTES or text > MOST_JSON:
            raise Refused("too large")
        if not self._bytes.take(size, self._clock()):
            raise Refused("too many bytes")
        header, _, _, content = map(_object, parts[:4])
        if not all(isinstance(header.get(key), str) for key in ("msg_id", "msg_type")):
            raise Malformed("no header")
        _measure(content)
        kept = {key: header[key] for key in _HEADER if isinstance(header.get(key), str)}
        if any(len(value) > 256 for value in kept.values()):
            raise Refused("a long header")
        if channel != "shell":
            raise Refused("another channel")
        metadata, content, buffers = self._judge(kept["msg_type"], content, parts[4:])
        kept["version"] = HEADER_VERSION
        written = [json.dumps(part).encode() for part in (kept, {}, metadata, content)]
        return [*written, *map(bytes, buffers)]

    def _judge(
        self, kind: str, content: dict[str, Any], buffers: Sequence[bytes | memoryview]
    ) -> tuple[dict[str, Any], dict[str, Any], Sequence[bytes | memoryview]]:
        """Give metadata, content and buffers to forward."""
        if kind == "kernel_info_request":
            return {}, {}, ()
        if kind == "comm_info_request":
            target = content.get("target_name")
            return {}, {"target_name": target} if isinstance(target, str) else {}, ()
        comm_id = content.get("comm_id")
        if not isinstance(comm_id, str) or not _COMM_ID.fullmatch(comm_id):
            raise Refused("no comm")
        if kind == "comm_open":
            if content.get("target_name") != CONTROL:
                raise Refused("a comm that isn't for readers to open")
            if self._control is not None or comm_id in self._comms:
                raise Refused("a second comm")
            self._control = comm_id
            return {"version": CONTROL_VERSION}, {"comm_id": comm_id, "target_name": CONTROL, "data": {}}, ()
        if kind == "comm_close":
            if comm_id != self._control:
                raise Refused("a comm that isn't the page's own")
            self._control = None
            return {}, {"comm_id": comm_id, "data": {}}, ()
        if kind != "comm_msg":
            raise Refused("a type that isn't for readers")
        data = content.get("data")
        method = data.get("method") if isinstance(data, dict) else None
        if comm_id == self._control:
            if method != "request_states":
                raise Refused("a method that isn't for readers")
            return {}, {"comm_id": comm_id, "data": {"method": method}}, ()
        if comm_id not in self._comms:
            raise Refused("a comm that isn't the notebook's")
        data, buffers = self._widget(comm_id, method, data, buffers)
        return {}, {"comm_id": comm_id, "data": data}, buffers

    def _widget(
        self, comm_id: str, method: Any, data: Any, buffers: Sequence[bytes | memoryview]
    ) -> tuple[dict[str, Any], Sequence[bytes | memoryview]]:
        """Give a widget's message and its buffers as they are forwarded."""
        if method == "request_state":
            return {"method": method}, ()
        if method == "custom":
            model, content = self._comms.model(comm_id), data.get("content")
            if is_of_figure(model):
                try:
                    return {"method": method, "content": checked(model, content)}, ()
                except ValueError as error:
                    raise Refused(str(error)) from error
            # What ipywidgets' own say is an event's name; what an anywidget says is its author's to judge.
            return {"method": method, "content": content}, buffers
        if method != "update":
            raise Refused("a method that isn't for readers")
        state, paths = data.get("state"), data.get("buffer_paths", [])
        if not isinstance(state, dict) or not isinstance(paths, list) or len(paths) != len(buffers):
            raise Refused("an update without a state, or without its buffers")
        keys = self._comms.keys(comm_id)
        state = {key: value for key, value in state.items() if key in keys}
        kept = []
        for path, buffer in zip(paths, buffers, strict=True):
            if not isinstance(path, list) or not path or not isinstance(path[0], str):
                raise Refused("a buffer for nothing")
            # A buffer makes its key: a path is as good as a key.
            if path[0] in keys:
                _look(state, path)
                kept.append((path, buffer))
        new = {"method": method, "state": state, "buffer_paths": [path for path, _ in kept]}
        return new, [buffer for _, buffer in kept]


def _object(part: bytes | memoryview) -> dict[str, Any]:
    """Read a JSON object."""
    try:
        value = json.loads(bytes(part))
    except (RecursionError, ValueError) as error:
        raise Malformed("no JSON") from error
    if not isinstance(value, dict):
        raise Malformed("no object")
    return value


def _measure(content: dict[str, Any]) -> None:
    """Refuse what is nested too deep or has too many values."""
    level: list[Any] = [content]
    count = 0
    for _ in range(MOST_DEPTH):
        inner: list[Any] = []
        for value in level:
            count += len(value)
            inner += (one for one in (value.values() if isinstance(value, dict) else value) if _nests(one))
        if count > MOST_VALUES:
            raise Refused("too many values")
        if not inner:
            return
        level = inner
    raise Refused("nested too deep")


def _nests(value: Any) -> bool:
    return isinstance(value, dict | list)


def _look(state: dict[str, Any], path: Sequence[Any]) -> None:
    """Refuse a path at whose end nothing can be put: ipywidgets would fall over it."""
    place: Any = state
    for depth, step in enumerate(path):
        last = depth == len(path) - 1
        if isinstance(place, dict) and isinstance(step, str) and (last or step in place):
            place = place.get(step)
        elif isinstance(place, list) and type(step) is int and 0 <= step < len(place):
            place = place[step]
        else:
            raise Refused("a buffer for nothing")
