"""Figures and captioned tables, numbered where they have a caption or a label.

A picture lies on a plate only where the author says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from blog.convert.page import Label, Page, slugify
from blog.convert.tree import escape_attribute


@dataclass(frozen=True, slots=True)
class Legend:
    """What an author says of a figure: ``caption`` is finished HTML."""

    caption: str = ""
    label: str = ""
    wide: bool = False
    plate: bool = False
    table: bool = False

    @property
    def numbered(self) -> bool:
        """Whether the figure gets a number."""
        return bool(self.caption or self.label)


def number(page: Page, legend: Legend) -> tuple[str, str]:
    """Give the id and the figcaption of the next figure; both empty where it has no number."""
    if not legend.numbered:
        return "", ""
    page.figures += 1
    shown = str(page.figures)
    identity = page.id(slugify(legend.label) if legend.label else f"fig-{shown}")
    if legend.label:
        page.label(legend.label, Label(identity, "figure", shown))
    return identity, f"<figcaption><b>Figure {shown}. </b>{legend.caption}</figcaption>"


def table(page: Page, html: str, legend: Legend) -> str:
    """Put a caption with the next number above a table."""
    page.tables += 1
    shown = str(page.tables)
    identity = page.id(slugify(legend.label) if legend.label else f"tbl-{shown}")
    if legend.label:
        page.label(legend.label, Label(identity, "table", shown))
    caption = f"<figcaption><b>Table {shown}. </b>{legend.caption}</figcaption>"
    return f'<figure class="tabular" id="{escape_attribute(identity)}">{caption}{html}</figure>'


def figure(page: Page, images: list[str], legend: Legend) -> str:
    """Make a figure around pictures."""
    identity, caption = number(page, legend)
    classes = [name for name, on in (("drawing", not legend.plate), ("wide", legend.wide)) if on]
    attributes = f' class="{" ".join(classes)}"' if classes else ""
    if identity:
        attributes += f' id="{escape_attribute(identity)}"'
    return f"<figure{attributes}>{ground(images, legend.plate)}{caption}</figure>"


def ground(images: list[str], plate: bool) -> str:
    """Give pictures as they stand, or each on a plate."""
    if not plate:
        return "".join(images)
    plates = [f'<div class="plate">{image}</div>' for image in images]
    if len(plates) == 1:
        return plates[0]
    size = " four" if len(plates) % 4 == 0 else ""
    return f'<div class="plates{size}">{"".join(plates)}</div>'
