"""The widgets' state at rest: what a page shows before there is a kernel.

One file a generation, framed as the kernel's websocket frames messages (``v1.kernel.websocket``): a count,
so many offsets, JSON, then the binary parts that the JSON names by their places. All numbers have 8
bytes, little-endian.

The JSON has ``cells``, the ids of the models that each live cell shows; ``states``, of these and of all that
they lead to, by id; and ``generation``, the digest of all this: the same cells give the same bytes, so a page
goes live with another server's zygote, too. An anywidget's JavaScript is taken out of its state, into a file
that is named by its digest: a page whose policy forbids code from texts imports it by its address.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.session import json_packer

WORD = 8
REFERENCE = "IPY_MODEL_"
CODE = "_esm"
VIEW = "application/vnd.jupyter.widget-view+json"


class UnwritableError(Exception):
    """A widget's state can't be told to a page; the message names the widget's class and says why."""


def frame(parts: Iterable[bytes]) -> bytes:
    """Give the parts in one piece."""
    listed = list(parts)
    offsets = [WORD * (len(listed) + 2)]
    for part in listed:
        offsets.append(offsets[-1] + len(part))
    head = [len(offsets), *offsets]
    return b"".join(number.to_bytes(WORD, "little") for number in head) + b"".join(listed)


def states() -> tuple[dict[str, Any], list[bytes]]:
    """Give every widget's state by model id, with the places of its binary parts, and these parts.

    Raises :class:`UnwritableError`.
    """
    from ipywidgets import Widget
    from ipywidgets.widgets.widget import _instances, _remove_buffers

    found: dict[str, Any] = {}
    buffers: list[bytes] = []
    for model_id, widget in sorted(_instances.items()):
        assert isinstance(widget, Widget)  # noqa: S101  (told to mypy)
        _draw(widget)
        try:
            state, paths, parts = _remove_buffers(widget.get_state())
            state = _as_sent(state)
        except Exception as error:
            name = type(widget).__name__
            what = f"the state of its widget {name} can't be written: {type(error).__name__}: {error}"
            raise UnwritableError(what) from error
        found[model_id] = {
            "model_name": state["_model_name"],
            "model_module": state["_model_module"],
            "model_module_version": state["_model_module_version"],
            "state": state,
            "buffers": [
                {"path": list(path), "part": len(buffers) + place} for place, path in enumerate(paths)
            ],
        }
        buffers += [bytes(part) for part in parts]
    return found, buffers


def _draw(widget: Any) -> None:
    """Have a figure of ipympl's keep how it looks: in a box it waits for a page that asks for it."""
    if getattr(widget, "_data_url", "") is None:
        widget._repr_mimebundle_()


def _as_sent(state: dict[str, Any]) -> dict[str, Any]:
    """Give a state as the kernel's messages have it: NumPy's numbers as numbers, what JSON lacks as text."""
    with warnings.catch_warnings(action="ignore"):
        read: dict[str, Any] = json.loads(json_packer(state))
    return read


def known(states: dict[str, Any]) -> dict[str, Any]:
    """Give which widgets there are and the names in their states, without what they hold."""
    return {
        model_id: {**told, "state": dict.fromkeys(told["state"]), "buffers": []}
        for model_id, told in states.items()
    }


def views(outputs: Iterable[dict[str, Any]]) -> list[str]:
    """Give the model ids of the widgets that a cell's outputs show, in their order."""
    found = [output.get("data", {}).get(VIEW) for output in outputs]
    return [view["model_id"] for view in found if isinstance(view, dict) and "model_id" in view]


def reached(states: Mapping[str, Any], shown: Iterable[str]) -> set[str]:
    """Give the ids of the models that are shown, and of those that they lead to.

    Links lead from one model to another and are led to by none: such a one counts where both its ends do.
    """
    found: set[str] = set()
    todo = [one for one in shown if one in states]
    links = {
        one: ends
        for one, told in states.items()
        if told["model_name"] in ("LinkModel", "DirectionalLinkModel")
        and (ends := set(_references([told["state"].get("source"), told["state"].get("target")])))
    }
    while todo:
        if (one := todo.pop()) not in found:
            found.add(one)
            todo += [other for other in _references(states[one]["state"]) if other in states]
            todo += [link for link, ends in links.items() if one in ends and ends <= found]
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(REFERENCE):
            yield value.removeprefix(REFERENCE)
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _references(part)


def write(path: Path, states: Mapping[str, Any], buffers: list[bytes], cells: Mapping[str, list[str]]) -> str:
    """Write what the cells show to a file that is there whole or not at all; give its generation.

    Modules go to the folder ``modules`` beside it.
    """
    kept: dict[str, Any] = {}
    parts: list[bytes] = []
    for one in sorted(reached(states, (view for shown in cells.values() for view in shown))):
        told = states[one]
        kept[one] = {**told, "buffers": []}
        for buffer in told["buffers"]:
            kept[one]["buffers"].append({"path": buffer["path"], "part": len(parts)})
            parts.append(buffers[buffer["part"]])
        if isinstance(code := told["state"].get(CODE), str):
            kept[one] |= {"state": {**told["state"], CODE: ""}, "module": _module(path.parent, code)}
    whole = {"states": kept, "cells": cells}
    digest = hashlib.sha256(frame([_text(whole), *parts])).hexdigest()[:32]
    _put(path, frame([_text({"generation": digest, **whole}), *parts]))
    return digest


def _module(folder: Path, code: str) -> str:
    """Write an anywidget's module; give its digest."""
    content = code.encode()
    digest = hashlib.sha256(content).hexdigest()[:32]
    path = folder / "modules" / f"{digest}.js"
    path.parent.mkdir(exist_ok=True)
    _put(path, content)
    return digest


def _text(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _put(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)
