"""A quiet picture of a widget tree, from the state that the notebook saved, where nothing will ever be live.

Boxes are nested divs, pictures are assets, controls are rows with a name and a value, outputs pass through
the same code as a cell's own. A widget of a kind that is not known shows its children, or nothing. What a
live cell shows at rest is another thing: ``stills``.
"""

from __future__ import annotations

from typing import Protocol

from blog.convert import images
from blog.convert.page import Page
from blog.convert.saved import MAX_DEPTH, MAX_VIEWS, Model, Saved, children, is_number, picture, words
from blog.convert.tree import escape

_ROWS = {"HBox"}
_BOXES = {
    "Box",
    "VBox",
    "GridBox",
    "AppLayout",
    "TwoByTwoLayout",
    "GridspecLayout",
} | _ROWS
_CHOICES = {
    "Dropdown",
    "Select",
    "RadioButtons",
    "ToggleButtons",
    "SelectionSlider",
    "Combobox",
}
_MANY = {"SelectMultiple", "SelectionRangeSlider"}
_SWITCHES = {"Checkbox", "ToggleButton"}
_NUMBERS = {
    "IntSlider",
    "FloatSlider",
    "FloatLogSlider",
    "IntText",
    "FloatText",
    "BoundedIntText",
    "BoundedFloatText",
    "Play",
    "IntRangeSlider",
    "FloatRangeSlider",
}
_TEXTS = {
    "Text",
    "Textarea",
    "DatePicker",
    "TimePicker",
    "NaiveDatetimePicker",
    "ColorPicker",
}
_PROGRESS = {"IntProgress", "FloatProgress"}
_SILENT = {
    "Button",
    "FileUpload",
    "Password",
    "Controller",
    "Audio",
    "Video",
    "Valid",
    "DropBox",
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

    def __init__(self, saved: Saved, renderer: Renderer) -> None:
        self._saved = saved
        self._renderer = renderer
        self._path: list[str] = []
        self._left = MAX_VIEWS

    def render(self, model_id: str) -> str:
        """Give the HTML of a model and its children, empty where there is nothing to show."""
        model = self._saved.model(model_id)
        if model is None or model_id in self._path or len(self._path) >= MAX_DEPTH or not self._left:
            return ""
        self._path.append(model_id)
        self._left -= 1
        try:
            return self._model(model)
        finally:
            self._path.pop()

    def _model(self, model: Model) -> str:
        layout = self._saved.values(model.values.get("layout"))
        if layout.get("display") == "none" or layout.get("visibility") == "hidden":
            return ""
        if model.kind in _BOXES:
            return self._box(self._children(model), "saved-row" if model.kind in _ROWS else "saved-box")
        if model.kind in ("Tab", "Accordion", "Stack", "Stacked"):
            return self._pages(model)
        if model.kind == "Image":
            return self._image(model)
        if model.kind == "Output":
            return self._renderer.saved_outputs(model.values.get("outputs"))
        if model.kind in ("HTML", "HTMLMath", "Label"):
            return self._words(model)
        row = _row(model)
        return self._box(self._children(model), "saved-box") if row is None else row

    def _children(self, model: Model) -> list[str]:
        return [made for made in map(self.render, children(model)) if made]

    def _box(self, held: list[str], name: str) -> str:
        if len(held) == 1:
            return held[0]
        return f'<div class="{name}">{"".join(held)}</div>' if held else ""

    def _pages(self, model: Model) -> str:
        """Tabs and accordions: the chosen page in sight, the others folded."""
        titles, chosen = model.titles(), model.values.get("selected_index")
        if not isinstance(chosen, int):
            chosen = 0 if model.kind == "Tab" else -1
        parts: list[str] = []
        for index, child in enumerate(children(model)):
            made = self.render(child)
            if not made:
                continue
            if model.kind.startswith("Stack"):
                if index == chosen:
                    parts.append(made)
                continue
            title = escape((titles[index] if index < len(titles) else "") or f"Page {index + 1}")
            opened = " open" if index == chosen else ""
            parts.append(f"<details{opened}><summary>{title}</summary>{made}</details>")
        return self._box(parts, "saved-box")

    def _image(self, model: Model) -> str:
        page = self._renderer.page
        shown = picture(model, page)
        return images.tag(page, shown, page.alternative(model.words("description"))) if shown else ""

    def _words(self, model: Model) -> str:
        value = model.words("value")
        if not value.strip():
            return ""
        html = (
            f"<span>{escape(value)}</span>"
            if model.kind == "Label" and "$" not in value
            else self._renderer.prose_html(value)
        )
        described = _name(model)
        if described:
            return f'<div class="field static"><span>{described}</span> {html}</div>'
        return f'<div class="saved-text">{html}</div>' if html else ""


def _name(model: Model) -> str:
    return escape(model.words("description").strip().rstrip(":"))


def _row(model: Model) -> str | None:
    """Give a control as its name and value; None for a widget that is no control."""
    described, names = _name(model), model.names()
    if model.kind in _SILENT:
        return ""
    if model.kind in _NUMBERS:
        return _field(described, _number(model))
    if model.kind in _TEXTS:
        return _field(described, model.words("value"))
    if model.kind in _SWITCHES:
        return _field(described, "on" if model.flag("value") else "off")
    if model.kind in _CHOICES:
        chosen = model.chosen()
        return _field(described, names[chosen[0]] if chosen else model.words("value"))
    if model.kind in _MANY:
        return _field(described, ", ".join(names[index] for index in model.chosen()))
    if model.kind in _PROGRESS:
        low, high = model.number("min", 0), model.number("max", 100)
        share = (model.number("value", 0) - low) / (high - low) * 100 if high > low else 0.0
        return _field(described, f"{min(max(share, 0), 100):.0f}%")
    return None


def _field(name: str, value: str) -> str:
    if not value.strip() and not name:
        return ""
    shown = f"<output>{escape(value)}</output>"
    return (
        f'<div class="field static"><span>{name} {shown}</span></div>'
        if name
        else f'<div class="field static"><span>{shown}</span></div>'
    )


def _number(model: Model) -> str:
    """Write a number as its slider shows it."""
    value, form = model.values.get("value"), model.words("readout_format")

    def one(number: object) -> str:
        if not is_number(number):
            return ""
        if isinstance(number, float):
            digits = form[1:-1] if form.startswith(".") and form.endswith("f") else ""
            return f"{number:.{int(digits)}f}" if digits.isdigit() and int(digits) <= 12 else f"{number:g}"
        return words(number)

    if isinstance(value, list):
        return " to ".join(filter(None, map(one, value)))
    return one(value)
