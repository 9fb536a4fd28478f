"""Finished HTML waits in numbered slots while the text around it is still Markdown or unsanitised.

A slot is a short run of private-use characters that survives Markdown, the sanitiser and the tree as
plain text. Formulas, highlighted code and references go into slots, so that no later step can break
them, and nothing that an author writes can pretend to be one (:func:`without_marks`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

OPEN, CLOSE = "\ue000", "\ue001"
PATTERN = re.compile(f"{OPEN}([0-9]+){CLOSE}")
_ENCODED = re.compile(r"%EE%80%80([0-9]+)%EE%80%81")


@dataclass(frozen=True, slots=True)
class Slot:
    """``make`` gives the HTML at the very end; ``source`` is what the author wrote in its place.

    ``block`` content can't stand inside a paragraph; ``text`` gives the words a reader hears, for
    summaries and alternative texts. An ``empty`` slot holds nothing (definitions of TeX).
    """

    make: Callable[[], str]
    source: str = ""
    block: bool = False
    text: Callable[[], str] = str
    empty: bool = False


def without_marks(value: Any) -> Any:
    """Replace the two mark characters in all texts of a value; a value that holds none is given back."""
    if isinstance(value, str):
        return value.replace(OPEN, "�").replace(CLOSE, "�") if OPEN in value or CLOSE in value else value
    if isinstance(value, list):
        made = [without_marks(one) for one in value]
        return value if all(new is old for new, old in zip(made, value, strict=True)) else made
    if isinstance(value, dict):
        pairs = {without_marks(key): without_marks(one) for key, one in value.items()}
        same = all(new is old for new, old in zip(pairs.values(), value.values(), strict=False))
        return value if same and list(pairs) == list(value) else type(value)(pairs)
    return value


class Slots:
    """The slots of one page."""

    def __init__(self) -> None:
        self._slots: list[Slot] = []

    def put(self, slot: Slot) -> str:
        """Keep ``slot`` and give the mark that stands for it."""
        self._slots.append(slot)
        return f"{OPEN}{len(self._slots) - 1}{CLOSE}"

    def put_html(self, content: str, *, source: str = "", block: bool = False) -> str:
        """Keep finished HTML."""
        return self.put(Slot(lambda: content, source, block))

    def get(self, number: str | int) -> Slot:
        """Give the slot of a mark."""
        return self._slots[int(number)]

    def sources(self, text: str) -> str:
        """Put back what the author wrote, where a mark has ended in code, a URL or an attribute."""
        if OPEN not in text and "%EE" not in text:
            return text
        text = _ENCODED.sub(lambda found: self.get(found[1]).source, text)
        return PATTERN.sub(lambda found: self.get(found[1]).source, text)

    def escaped_sources(self, text: str) -> str:
        """Do the same in escaped HTML text."""
        if OPEN not in text:
            return text
        return PATTERN.sub(lambda found: html.escape(self.get(found[1]).source, quote=False), text)

    def texts(self, text: str) -> str:
        """Replace marks by the words a reader hears (plain text in, plain text out)."""
        if OPEN not in text:
            return text
        return PATTERN.sub(lambda found: self.texts(self.get(found[1]).text()), text)

    def fill(self, text: str) -> str:
        """Replace every mark by its HTML, slots within slots too."""
        if OPEN not in text:
            return text
        return PATTERN.sub(lambda found: self.fill(self.get(found[1]).make()), text)
