"""A live cell's widgets at rest: the same boxes and controls that ipywidgets makes of them, without life.

The still has the elements and class names of ipywidgets' own views (version 8.1) and the author's layouts,
so that the one skin gives it the size of the real thing at every width, and nothing on the page moves when
the real thing takes its place. Here are the boxes, pages, pictures and words; ``controls`` has what a
reader will move. What ipywidgets leaves to a script, or what has no saved state, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from blog.convert import images, layouts
from blog.convert.controls import CONTROLS, WITHOUT_COMMON_CLASS
from blog.convert.page import Page
from blog.convert.pens import Drawn, Pen, element
from blog.convert.saved import MAX_DEPTH, MAX_VIEWS, Model, Saved, children, picture
from blog.convert.still_outputs import still_outputs
from blog.convert.tree import escape

# ipywidgets' own classes and an author's, which begin with "my-": another could be one by which the site
# knows its own parts. As voila/frontend/src/declarations.js has it.
OWN_CLASS = re.compile(r"(?:my|widget|jupyter|lm|mod)-[\w-]{1,60}", re.ASCII)
# What ipywidgets calls the four colours of a box.
_BOX_STYLES = {name: f"alert alert-{name}" for name in ("success", "info", "warning", "danger")}
_BOXES = {
    "Box": "widget-container widget-box",
    "HBox": "widget-container widget-box widget-hbox",
    "VBox": "widget-container widget-box widget-vbox",
    "GridBox": "widget-container widget-gridbox",
    "Stack": "widget-container widget-box",
}


class Renderer(Protocol):
    """What a still needs of the outputs around it."""

    page: Page

    def own_html(self, source: str) -> str:
        """Give HTML of an author as it is, sanitised, its formulas set."""


class Stills:
    """Draws views; a model that is met again inside itself is left out."""

    def __init__(self, saved: Saved, renderer: Renderer) -> None:
        self._saved = saved
        self._renderer = renderer
        self._path: list[str] = []
        self._left = MAX_VIEWS

    def view(self, model_id: str) -> str:
        """Give the HTML of the view of a model, empty where there is nothing to show."""
        model = self._saved.model(model_id)
        if model is None or model_id in self._path or len(self._path) >= MAX_DEPTH or not self._left:
            return ""
        layout = self._saved.values(model.values.get("layout"))
        if layout.get("display") == "none":
            return ""
        self._path.append(model_id)
        self._left -= 1
        try:
            return self._draw(model, layout)
        finally:
            self._path.pop()

    def _draw(self, model: Model, layout: dict[str, Any]) -> str:
        page = self._renderer.page
        own = [layouts.of_layout(layout)]
        style = self._saved.values(model.values.get("style"))
        pen = Pen(model, style, self._renderer.own_html, page.rule)
        if model.kind in CONTROLS:
            drawn = CONTROLS[model.kind](pen)
        elif model.kind in _WORDS:
            drawn = _WORDS[model.kind](pen)
        elif model.kind in _BOXES:
            colours = _BOX_STYLES.get(model.words("box_style"), "")
            drawn = ("div", f"{_BOXES[model.kind]} {colours}", self._children(model), {})
        elif model.kind in _PAGES:
            drawn = _PAGES[model.kind](model, self.view)
        elif model.kind == "Image":
            return self._image(model, own)
        elif model.kind == "Output":
            held = still_outputs(model.values.get("outputs"), page, self.view, self._renderer.own_html)
            drawn = ("div", "widget-output live-output", held, {})
        else:  # a kind that is not known shows what it holds
            content = self._children(model)
            drawn = ("div", _BOXES["VBox"], content, {}) if content else ("", "", "", {})
        tag, classes, content, attributes = drawn
        if not tag:
            return ""
        own.append(pen.own_style)
        common = "" if model.kind in WITHOUT_COMMON_CLASS else "jupyter-widgets"
        return element(tag, f"{common} {classes} {self._names(model, own)}", content, **attributes)

    def _children(self, model: Model) -> str:
        held = children(model)
        if model.kind == "Stack":
            chosen = _place(model, len(held))
            held = [] if chosen is None else [held[chosen]]
        return "".join(self.view(child) for child in held)

    def _image(self, model: Model, own: list[str]) -> str:
        page = self._renderer.page
        shown = picture(model, page, whole=True)  # ipywidgets' stylesheet has the height follow the width
        if shown is None:
            return ""
        alt = page.alternative(model.words("description"))
        return images.tag(
            page, shown, alt, f"jupyter-widgets widget-image {self._names(model, own)}", kind=""
        )

    def _names(self, model: Model, own: list[str]) -> str:
        """Give the author's own class names, and those of the layout and the style."""
        names = [name for name in model.texts("_dom_classes") if OWN_CLASS.fullmatch(name)]
        return " ".join([*names, *map(self._renderer.page.rule, filter(None, own))])


View = Callable[[str], str]


def _place(model: Model, count: int) -> int | None:
    index = model.values.get("selected_index")
    return index if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < count else None


def _tab(model: Model, view: View) -> Drawn:
    """Draw a row of tabs, and the page that is chosen: nobody sees the others before they are live."""
    held, titles = children(model), model.titles()
    chosen = _place(model, len(held))
    tabs = "".join(
        element(
            "li",
            "lm-TabBar-tab" + (" lm-mod-current" if index == chosen else ""),
            element("div", "lm-TabBar-tabIcon")
            + element("div", "lm-TabBar-tabLabel", escape(titles[index] if index < len(titles) else ""))
            + element("div", "lm-TabBar-tabCloseIcon"),
        )
        for index in range(len(held))
    )
    row = element("ul", "lm-TabBar-content", tabs)
    bar = element("div", "lm-TabBar widget-tab-bar", row, data_orientation="horizontal")
    page = view(held[chosen]) if chosen is not None else ""
    contents = element("div", "widget-tab-contents", page)
    return "div", "widget-container jupyter-widget-tab widget-tab", bar + contents, {}


def _accordion(model: Model, view: View) -> Drawn:
    held, titles = children(model), model.titles()
    chosen = _place(model, len(held))
    parts = []
    for index, child in enumerate(held):
        is_open = index == chosen
        mark = element("i", f"fa fa-fw fa-caret-{'down' if is_open else 'right'}")
        title = f"<span>{escape(titles[index] if index < len(titles) else '')}</span>"
        header = element("div", "jupyter-widget-Collapse-header", mark + title)
        contents = element("div", "jupyter-widget-Collapse-contents", view(child)) if is_open else ""
        classes = "jupyter-widget-Collapse jupyter-widget-Accordion-child"
        classes += " jupyter-widget-Collapse-open" if is_open else ""
        parts.append(element("div", classes, header + contents))
    return "div", "jupyter-widget-Accordion widget-accordion widget-container", "".join(parts), {}


def _html(pen: Pen) -> Drawn:
    kind = pen.model.kind.lower()
    content = element("div", f"widget-{kind}-content", pen.prose(pen.model.words("value")))
    pen.styled("background", "font_size", "text_color")
    return "div", f"widget-inline-hbox widget-{kind}", pen.label() + content, {}


def _label(pen: Pen) -> Drawn:
    pen.styled()
    return "div", "widget-inline-hbox widget-label", pen.text(pen.model.words("value")), {}


_PAGES: dict[str, Callable[[Model, View], Drawn]] = {"Tab": _tab, "Accordion": _accordion}
_WORDS: dict[str, Callable[[Pen], Drawn]] = {"HTML": _html, "HTMLMath": _html, "Label": _label}
