"""The widgets' state at rest: what a page shows before there is a kernel.

One file a generation, framed as the kernel's websocket frames messages (``v1.kernel.websocket``): a count,
so many offsets, JSON, then the binary parts that the JSON names by their places. All numbers have 8
bytes, little-endian.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jupyter_client.session import json_packer

WORD = 8
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


def shown(outputs: Iterable[dict[str, Any]]) -> set[str]:
    """Give the model ids of the widgets that a cell's outputs show."""
    views = [output.get("data", {}).get(VIEW) for output in outputs]
    return {view["model_id"] for view in views if isinstance(view, dict) and "model_id" in view}


def write(
    path: Path, generation: str, found: dict[str, Any], buffers: list[bytes], cells: list[dict[str, Any]]
) -> None:
    """Write the state and the cells' outputs to a file that is there whole or not at all."""
    whole = {"generation": generation, "states": found, "cells": cells}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(frame([text, *buffers]))
    beside.replace(path)
