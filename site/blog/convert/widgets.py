"""A static snapshot of a widget tree, from the state that the notebook saved: what a live cell shows at rest.

Boxes are nested divs, pictures are assets, controls are quiet rows with a name and a value, outputs
pass through the same code as a cell's own. A widget of a kind that is not known shows its children, or
nothing. Nothing here trusts the saved state to be of any shape.
"""

from __future__ import annotations

import base64
from typing import Any, Protocol

from blog.convert import images
from blog.convert.images import BrokenImageError
from blog.convert.page import Page
from blog.convert.tree import escape

STATE = "application/vnd.jupyter.widget-state+json"
MAX_DEPTH = 30
_REFERENCE = "IPY_MODEL_"

_ROWS = {"HBoxModel"}
_BOXES = {
    "BoxModel",
    "VBoxModel",
    "GridBoxModel",
    "AppLayoutModel",
    "TwoByTwoLayoutModel",
    "GridspecLayoutModel",
} | _ROWS
_CHOICES = {
    "DropdownModel",
    "SelectModel",
    "RadioButtonsModel",
    "ToggleButtonsModel",
    "SelectionSliderModel",
    "ComboboxModel",
}
_MANY = {"SelectMultipleModel", "SelectionRangeSliderModel"}
_SWITCHES = {"CheckboxModel", "ToggleButtonModel"}
_NUMBERS = {
    "IntSliderModel",
    "FloatSliderModel",
    "FloatLogSliderModel",
    "IntTextModel",
    "FloatTextModel",
    "BoundedIntTextModel",
    "BoundedFloatTextModel",
    "PlayModel",
    "IntRangeSliderModel",
    "FloatRangeSliderModel",
}
_TEXTS = {
    "TextModel",
    "TextareaModel",
    "DatePickerModel",
    "TimePickerModel",
    "NaiveDatetimePickerModel",
    "ColorPickerModel",
}
_PROGRESS = {"IntProgressModel", "FloatProgressModel"}
_SILENT = {
    "ButtonModel",
    "FileUploadModel",
    "PasswordModel",
    "ControllerModel",
    "AudioModel",
    "VideoModel",
    "ValidModel",
    "DropBoxModel",
}


class Renderer(Protocol):
    """What a snapshot needs of the outputs around it."""

    page: Page

    def saved_outputs(self, outputs: object) -> str:
        """Give the HTML of outputs that a widget holds."""

    def prose_html(self, source: str) -> str:
        """Give HTML of an author, sanitised, its formulas set."""


class Snapshot:
    """Renders one tree; a model that is met again inside itself is left out."""

    def __init__(self, state: dict[str, Any], renderer: Renderer) -> None:
        self._state = state
        self._renderer = renderer
        self._path: list[str] = []

    def render(self, model_id: str) -> str:
        """Give the HTML of a model and its children, empty where there is nothing to show."""
        entry = self._state.get(model_id)
        if not isinstance(entry, dict) or model_id in self._path or len(self._path) >= MAX_DEPTH:
            return ""
        values = entry.get("state")
        if not isinstance(values, dict):
            return ""
        self._path.append(model_id)
        try:
            return self._model(str(entry.get("model_name", "")), values, self._buffers(entry))
        finally:
            self._path.pop()

    def _buffers(self, entry: dict[str, Any]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        buffers = entry.get("buffers")
        for buffer in buffers if isinstance(buffers, list) else []:
            if not isinstance(buffer, dict) or not isinstance(buffer.get("path"), list):
                continue
            data = buffer.get("data")
            if isinstance(data, str):
                try:
                    content = (
                        bytes.fromhex(data) if buffer.get("encoding") == "hex" else base64.b64decode(data)
                    )
                except ValueError:
                    continue
                found[".".join(str(part) for part in buffer["path"])] = content
        return found

    def _model(self, name: str, values: dict[str, Any], buffers: dict[str, bytes]) -> str:
        if _hidden(self._layout(values)):
            return ""
        if name in _BOXES:
            return self._box(self._children(values), "widget-row" if name in _ROWS else "widget-box")
        if name in ("TabModel", "AccordionModel", "StackModel", "StackedModel"):
            return self._pages(name, values)
        if name == "ImageModel":
            return self._image(values, buffers)
        if name == "OutputModel":
            return self._renderer.saved_outputs(values.get("outputs"))
        if name in ("HTMLModel", "HTMLMathModel", "LabelModel"):
            return self._words(name, values)
        row = self._row(name, values)
        return self._box(self._children(values), "widget-box") if row is None else row

    def _layout(self, values: dict[str, Any]) -> dict[str, Any]:
        reference = values.get("layout")
        entry = self._state.get(reference.removeprefix(_REFERENCE)) if isinstance(reference, str) else None
        state = entry.get("state") if isinstance(entry, dict) else None
        return state if isinstance(state, dict) else {}

    def _children(self, values: dict[str, Any]) -> list[str]:
        children = values.get("children")
        made = [
            self.render(child.removeprefix(_REFERENCE))
            for child in (children if isinstance(children, list) else [])
            if isinstance(child, str)
        ]
        return [one for one in made if one]

    def _box(self, children: list[str], name: str) -> str:
        if len(children) == 1:
            return children[0]
        return f'<div class="{name}">{"".join(children)}</div>' if children else ""

    def _pages(self, name: str, values: dict[str, Any]) -> str:
        """Tabs and accordions: the chosen page in sight, the others folded."""
        children = values.get("children")
        titles = values.get("titles")
        if not isinstance(titles, list):
            old = values.get("_titles")
            titles = [old.get(str(index)) for index in range(99)] if isinstance(old, dict) else []
        chosen = values.get("selected_index")
        parts: list[str] = []
        for index, child in enumerate(children if isinstance(children, list) else []):
            made = self.render(child.removeprefix(_REFERENCE)) if isinstance(child, str) else ""
            if not made:
                continue
            title = titles[index] if index < len(titles) and isinstance(titles[index], str) else ""
            if name.startswith("Stack"):
                if index == chosen:
                    parts.append(made)
                continue
            opened = (
                " open"
                if index == (chosen if isinstance(chosen, int) else 0 if name == "TabModel" else -1)
                else ""
            )
            parts.append(
                f"<details{opened}><summary>{escape(title or f'Page {index + 1}')}</summary>{made}</details>"
            )
        return self._box(parts, "widget-box")

    def _image(self, values: dict[str, Any], buffers: dict[str, bytes]) -> str:
        content = buffers.get("value")
        if content is None and isinstance(values.get("value"), str):
            try:
                content = images.decoded(values["value"])
            except BrokenImageError:
                content = None
        if not content:
            return ""
        page = self._renderer.page
        try:
            shown = images.keep(
                page, content, width=_size(values.get("width")), height=_size(values.get("height"))
            )
        except BrokenImageError as error:
            page.warn(
                f"a picture of its widgets can't be shown: {error}", "Run the notebook again and save it"
            )
            return ""
        return images.tag(page, shown, page.alternative(_text(values.get("description"))))

    def _words(self, name: str, values: dict[str, Any]) -> str:
        value = _text(values.get("value"))
        if not value.strip():
            return ""
        html = (
            f"<span>{escape(value)}</span>"
            if name == "LabelModel" and "$" not in value
            else self._renderer.prose_html(value)
        )
        described = self._name(values)
        if described:
            return f'<div class="field static"><span>{described}</span> {html}</div>'
        return f'<div class="widget-text">{html}</div>' if html else ""

    def _name(self, values: dict[str, Any]) -> str:
        return escape(_text(values.get("description")).strip().rstrip(":"))

    def _row(self, name: str, values: dict[str, Any]) -> str | None:
        """Give a control as its name and value; None for a widget that is no control."""
        described = self._name(values)
        value = values.get("value")
        if name in _SILENT:
            return ""
        if name in _NUMBERS:
            return _field(described, _number(values))
        if name in _TEXTS:
            return _field(described, _text(value))
        if name in _SWITCHES:
            return _field(described, "on" if value is True else "off")
        if name in _CHOICES:
            return _field(described, _choice(values))
        if name in _MANY:
            return _field(described, ", ".join(_choices(values)))
        if name in _PROGRESS:
            return self._progress(described, values)
        return None

    def _progress(self, described: str, values: dict[str, Any]) -> str:
        low, high, value = (
            _float(values.get(key), default) for key, default in (("min", 0), ("max", 100), ("value", 0))
        )
        share = (value - low) / (high - low) * 100 if high > low else 0.0
        return _field(described, f"{min(max(share, 0), 100):.0f}%")


def _field(name: str, value: str) -> str:
    if not value.strip() and not name:
        return ""
    shown = f"<output>{escape(value)}</output>"
    return (
        f'<div class="field static"><span>{name} {shown}</span></div>'
        if name
        else f'<div class="field static"><span>{shown}</span></div>'
    )


def _text(value: object) -> str:
    return (
        value
        if isinstance(value, str)
        else str(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool)
        else ""
    )


def _float(value: object, default: float) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else default


def _size(value: object) -> int | None:
    text = _text(value).removesuffix("px")
    return int(text) if text.isdigit() and 0 < int(text) <= 20_000 else None


def _number(values: dict[str, Any]) -> str:
    """Write a number as its slider shows it."""
    value, form = values.get("value"), values.get("readout_format")

    def one(number: object) -> str:
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            return ""
        if isinstance(number, float):
            digits = (
                form[1:-1] if isinstance(form, str) and form.startswith(".") and form.endswith("f") else ""
            )
            return f"{number:.{int(digits)}f}" if digits.isdigit() and int(digits) <= 12 else f"{number:g}"
        return str(number)

    if isinstance(value, list):
        return " to ".join(filter(None, map(one, value)))
    return one(value)


def _labels(values: dict[str, Any]) -> list[str]:
    labels = values.get("_options_labels")
    return [_text(label) for label in labels] if isinstance(labels, list) else []


def _choice(values: dict[str, Any]) -> str:
    labels, index = _labels(values), values.get("index")
    if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(labels):
        return labels[index]
    return _text(values.get("value"))


def _choices(values: dict[str, Any]) -> list[str]:
    labels, indices = _labels(values), values.get("index")
    return [
        labels[index]
        for index in (indices if isinstance(indices, list) else [])
        if isinstance(index, int) and 0 <= index < len(labels)
    ]


def _hidden(layout: dict[str, Any]) -> bool:
    return layout.get("display") == "none" or layout.get("visibility") == "hidden"


def saved_state(metadata: object) -> dict[str, Any]:
    """Give the widgets' state in a notebook's metadata; empty where none was saved or it is of no use."""
    widgets = metadata.get("widgets") if isinstance(metadata, dict) else None
    bundle = widgets.get(STATE) if isinstance(widgets, dict) else None
    state = bundle.get("state") if isinstance(bundle, dict) else None
    return state if isinstance(state, dict) else {}
