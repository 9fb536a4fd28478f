"""The widgets that a notebook saved, read without trust: models by their ids, children, pictures, words.

Whatever was saved, of any shape, reads as something or as nothing; nothing here raises. Two modules draw
what is read: ``widgets`` a quiet list for cells that stay as they are, ``stills`` the controls themselves
for live cells.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, TypeGuard

from blog.convert import images
from blog.convert.encoding import BrokenImageError
from blog.convert.images import Shown
from blog.convert.page import Page

STATE = "application/vnd.jupyter.widget-state+json"
MAX_DEPTH = 30
#: Views of one tree: boxes that hold each other twice would be millions.
MAX_VIEWS = 2000
_LARGEST = 1e300
_REFERENCE = "IPY_MODEL_"


@dataclass(frozen=True, slots=True)
class Model:
    """A widget's model: ``kind`` is its name without "Model"; ``buffers`` are by the path of their key."""

    kind: str
    values: dict[str, Any]
    buffers: dict[str, bytes]

    def words(self, key: str) -> str:
        """Give a value that is text or a number as text, else nothing."""
        return words(self.values.get(key))

    def number(self, key: str, default: float) -> float:
        """Give a number."""
        value = self.values.get(key)
        return float(value) if is_number(value) else default

    def flag(self, key: str, default: bool = False) -> bool:
        """Give a truth value."""
        value = self.values.get(key)
        return value if isinstance(value, bool) else default

    def texts(self, key: str) -> list[str]:
        """Give a list of texts."""
        value = self.values.get(key)
        return [words(one) for one in value] if isinstance(value, list) else []

    def names(self) -> list[str]:
        """Give the names of the options of a choice."""
        return self.texts("_options_labels")

    def chosen(self) -> list[int]:
        """Give the places of the options that are chosen."""
        index = self.values.get("index")
        count = len(self.names())
        return [
            one
            for one in (index if isinstance(index, list) else [index])
            if isinstance(one, int) and not isinstance(one, bool) and 0 <= one < count
        ]

    def titles(self) -> list[str]:
        """Give the titles of the pages of a container; before ipywidgets 8 they were a table by place."""
        old = self.values.get("_titles")
        if "titles" not in self.values and isinstance(old, dict):
            return [words(old.get(str(index))) for index in range(99)]
        return self.texts("titles")


class Saved:
    """All models of a notebook."""

    def __init__(self, state: dict[str, Any]) -> None:
        self._state = state

    def model(self, reference: object) -> Model | None:
        """Give a model by its id, or by a reference to it; None where it isn't there."""
        entry = self._state.get(reference.removeprefix(_REFERENCE)) if isinstance(reference, str) else None
        values = entry.get("state") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(values, dict):
            return None
        return Model(str(entry.get("model_name", "")).removesuffix("Model"), values, _buffers(entry))

    def values(self, reference: object) -> dict[str, Any]:
        """Give the values of a layout or a style; empty where there is none."""
        found = self.model(reference)
        return found.values if found else {}


def children(model: Model) -> list[str]:
    """Give the ids of a box's children."""
    found = model.values.get("children")
    return [
        child.removeprefix(_REFERENCE)
        for child in (found if isinstance(found, list) else [])
        if isinstance(child, str)
    ]


def picture(model: Model, page: Page, *, whole: bool = False) -> Shown | None:
    """Make the picture of an image's model an asset of the page; the author is told where it is broken.

    ``whole`` leaves out a height that would not be that of the picture.
    """
    content = model.buffers.get("value")
    if content is None and isinstance(model.values.get("value"), str):
        try:
            content = images.decoded(model.values["value"])
        except BrokenImageError:
            content = None
    if not content:
        return None
    height = None if whole else _size(model.values.get("height"))
    try:
        return images.keep(page, content, width=_size(model.values.get("width")), height=height)
    except BrokenImageError as error:
        page.warn(f"a picture of its widgets can't be shown: {error}", "Run the notebook again and save it")
        return None


def words(value: object) -> str:
    """Give text, or a number as text; nothing for all else."""
    if isinstance(value, str):
        return value
    return str(value) if is_number(value) else ""


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a number to reckon with: no truth value, not infinite, nor beyond a float."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return -_LARGEST < value < _LARGEST


def saved_state(metadata: object) -> dict[str, Any]:
    """Give the widgets' state in a notebook's metadata; empty where none was saved or it is of no use."""
    widgets = metadata.get("widgets") if isinstance(metadata, dict) else None
    bundle = widgets.get(STATE) if isinstance(widgets, dict) else None
    state = bundle.get("state") if isinstance(bundle, dict) else None
    return state if isinstance(state, dict) else {}


def _buffers(entry: dict[str, Any]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    buffers = entry.get("buffers")
    for buffer in buffers if isinstance(buffers, list) else []:
        if not isinstance(buffer, dict) or not isinstance(buffer.get("path"), list):
            continue
        data = buffer.get("data")
        if isinstance(data, str):
            try:
                content = bytes.fromhex(data) if buffer.get("encoding") == "hex" else base64.b64decode(data)
            except ValueError:
                continue
            found[".".join(str(part) for part in buffer["path"])] = content
    return found


def _size(value: object) -> int | None:
    text = words(value).removesuffix("px")
    return int(text) if text.isdecimal() and len(text) < 6 and 0 < int(text) <= 20_000 else None
