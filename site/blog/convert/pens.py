"""What the stills of widgets are drawn with: an element's HTML, and a pen that knows one widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from blog.convert import layouts
from blog.convert.saved import Model
from blog.convert.tree import escape, start_tag

#: An element: its tag, its classes, what is in it, its attributes.
Drawn = tuple[str, str, str, dict[str, str]]


def element(tag: str, classes: str, content: str = "", **attributes: str) -> str:
    """Write an element; ``content`` is HTML, an attribute's ``_`` a hyphen."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    names = " ".join(classes.split())
    start = start_tag(tag, {"class": names, **named} if names else named)
    return start if tag == "input" else f"{start}{content}</{tag}>"


@dataclass(slots=True)
class Pen:
    """What a control is drawn with: its model and style, and how its words and its rules are written.

    ``prose`` makes HTML of an author's safe; ``rule`` gives the class for declarations. ``own_style`` is
    what the style says of the control itself.
    """

    model: Model
    style: dict[str, Any]
    prose: Callable[[str], str]
    rule: Callable[[str], str]
    own_style: str = field(default="")

    def styled(self, *names: str) -> None:
        """Let the style, or what it says of ``names``, hold for the control itself."""
        self.own_style = layouts.of_style(self.style, *names)

    def text(self, text: str) -> str:
        """Write plain text, its formulas set."""
        return self.prose(escape(text)) if "$" in text else escape(text)

    def description(self) -> str:
        """Write the control's name."""
        text = self.model.words("description")
        return self.prose(text) if self.model.flag("description_allow_html") else self.text(text)

    def label(self) -> str:
        """Write the name in its place before the control, where there is one."""
        if not self.model.words("description"):
            return ""
        width = self.rule(layouts.of_width(self.style.get("description_width")))
        return element("span", f"widget-label {width}", self.description())

    def row(self, classes: str, content: str) -> Drawn:
        """Give a control that stands behind its name."""
        return "div", f"widget-inline-hbox {classes}", self.label() + content, {}


def said(text: str) -> str:
    """Write what a control is set to, for who does not see it."""
    return element("span", "sr", escape(text)) if text.strip() else ""
