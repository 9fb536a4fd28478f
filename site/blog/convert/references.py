r"""Labels and the references to them: figures, tables, equations and sections.

A reference may come before what it names, so it is a slot until the whole notebook has been read.
Understood are Quarto's ``@fig-x``, MyST's ``{numref}`fig-x``` and ``[](#fig-x)``, and TeX's ``\ref``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from blog.convert.page import Label, Page
from blog.convert.slots import Slot
from blog.convert.tree import escape, escape_attribute

Style = Literal["full", "number", "brackets"]

_WORDS = {"figure": "Figure", "table": "Table", "equation": "Equation", "section": ""}


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference in the text: ``words`` are the author's own, with ``%s`` for the number if at all."""

    label: str
    source: str
    style: Style = "full"
    words: str = ""


def reference(page: Page, found: Reference) -> str:
    """Put the link that a reference becomes into a slot."""
    cell = page.cell

    def make() -> str:
        known = page.labels.get(found.label)
        if known is None:
            page.warn(
                f"nothing is labelled {found.label}",
                "Label the figure, table, equation or heading, or mend the reference",
                cell,
            )
            return f"<span>{escape(found.source)}</span>"
        return f'<a href="#{escape_attribute(known.id)}">{_shown(known, found)}</a>'

    def text() -> str:
        known = page.labels.get(found.label)
        return _shown(known, found) if known else found.source

    return page.slots.put(Slot(make, found.source, text=text))


def _shown(label: Label, found: Reference) -> str:
    if found.words:
        number = label.number or label.title
        return escape(found.words).replace("%s", number).replace("{number}", number)
    if label.kind == "section":
        return label.title
    if found.style == "number":
        return label.number
    if found.style == "brackets":
        return f"({label.number})"
    return f"{_WORDS[label.kind]} {label.number}"
