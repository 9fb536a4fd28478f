"""Tables in the site's form: a box that scrolls and has a name, numbers to the right, text to the left."""

from __future__ import annotations

import re
from collections.abc import Iterator

from blog.convert.page import Page
from blog.convert.slots import PATTERN
from blog.convert.tree import Element, Node, text, walk

_NUMBER = re.compile(
    r"[<>≈~±+−-]?\s*[$€£¥]?\d[\d.,  ]*(?:e[+-]?\d+|[×x]\s*10\S*)?j?\s*"
    r"(?:%|‰|°|[a-zA-Zµμ]{1,3})?(?:\s*±\s*[\d.]+)?"
    r"|nan|none|n/?a|inf|-inf|<na>|nat|[-–—−.…]+|",
    re.IGNORECASE,
)


def table(page: Page, element: Element, caption: str = "") -> list[Node]:
    """Wrap a table and set its columns; its name is its caption."""
    element.attributes = {key: value for key, value in element.attributes.items() if key in ("id", "class")}
    rows = [row for row in walk(element.children) if row.tag == "tr"]
    _align(rows)
    for row in rows:
        row.attributes.pop("align", None)
    _scopes(element)
    own = next((text(child.children) for child in walk(element.children) if child.tag == "caption"), "")
    words = " ".join(PATTERN.sub("", caption or own).split())
    name = page.name(words[:80] or "Table")
    return [
        Element("div", {"class": "table", "role": "region", "aria-label": name, "tabindex": "0"}, [element])
    ]


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row.children if isinstance(cell, Element) and cell.tag in ("td", "th")]


def _scopes(element: Element) -> None:
    """Say of each heading cell which way it heads; empty corners become plain cells."""
    for part in element.children:
        if not isinstance(part, Element) or part.tag not in ("thead", "tbody", "tfoot"):
            continue
        for row in part.children:
            if not isinstance(row, Element):
                continue
            for cell in _cells(row):
                if cell.tag == "th":
                    if not text(cell.children).strip() and not any(True for _ in walk(cell.children)):
                        cell.tag = "td"
                        cell.attributes.pop("scope", None)
                    else:
                        cell.attributes.setdefault("scope", "col" if part.tag == "thead" else "row")


def _span(cell: Element) -> int:
    try:
        return min(max(1, int(cell.attributes.get("colspan", "1"))), 1000)
    except ValueError:
        return 1


def _align(rows: list[Element]) -> None:
    """Set the columns of numbers to the right, where the author has set no side."""
    numeric: dict[int, bool] = {}
    chosen: set[int] = set()
    spread = any(cell.attributes.get("rowspan", "1") != "1" for row in rows for cell in _cells(row))
    for row in rows:
        for column, cell in _columns(row):
            if side := _side(cell):
                cell.add_class(side)
                chosen.add(column)
            elif cell.tag == "td" and _span(cell) == 1 and (words := " ".join(text(cell.children).split())):
                is_number = _NUMBER.fullmatch(PATTERN.sub("", words)) is not None
                numeric[column] = numeric.get(column, True) and is_number
    for row in rows:
        for column, cell in _columns(row):
            if not spread and column not in chosen and numeric.get(column) and _span(cell) == 1:
                cell.add_class("ta-r")


def _columns(row: Element) -> Iterator[tuple[int, Element]]:
    column = 0
    for cell in _cells(row):
        yield column, cell
        column += _span(cell)


def _side(cell: Element) -> str:
    """Take the alignment an author chose by ``align``, ``style`` or a class; both attributes go."""
    style = cell.attributes.pop("style", "")
    align = cell.attributes.pop("align", "").lower()
    found = re.search(r"text-align:\s*(left|center|right)", style)
    names = {"left": "ta-l", "center": "ta-c", "right": "ta-r"}
    own = next((name for name in cell.classes() if name in names.values()), "")
    return own or names.get(align) or (names[found[1]] if found else "")
