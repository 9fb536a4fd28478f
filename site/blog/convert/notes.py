"""Footnotes stand beside the text: numbered in the order they are referred to, put after the paragraph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markdown_it.token import Token

from blog.convert.page import Page
from blog.convert.slots import Slot
from blog.convert.tree import Element, Node


class Notes:
    """The notes of one page.

    ``define`` is called for each definition as the blocks of a cell are read, ``reference`` by the
    renderer, and ``take`` by the tree as it reaches the end of a paragraph.
    """

    def __init__(self, page: Page, render: Callable[[list[Token], dict[str, Any]], list[Node]]) -> None:
        self._page = page
        self._render = render
        self._definitions: dict[str, list[Token]] = {}
        self._numbers: dict[str, int] = {}
        self._waiting: dict[str, tuple[int, list[Token]]] = {}

    def define(self, tokens: list[Token]) -> list[Token]:
        """Take the definitions out of the blocks of a cell."""
        kept: list[Token] = []
        inside: list[Token] | None = None
        for token in tokens:
            if token.type == "footnote_reference_open":
                inside = self._definitions.setdefault(token.meta["label"], [])
                if inside:
                    inside = []  # the first definition of a label counts
            elif token.type == "footnote_reference_close":
                inside = None
            else:
                (kept if inside is None else inside).append(token)
        return kept

    def reference(self, meta: dict[str, Any], env: dict[str, Any]) -> str:
        """The mark of a note in the text, in a slot."""
        label = meta.get("label")
        if label is None:  # ^[a note in place]
            key = f"\0{len(self._numbers)}"
            tokens = _paragraph(env["footnotes"]["list"][meta["id"]]["tokens"])
        else:
            key, tokens = f":{label}", self._definitions.get(label, [])
        first = key not in self._numbers
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        identity = self._page.id(f"note-ref-{number}") if first else ""
        mark = f'<a class="note-ref"{f""" id="{identity}" """.rstrip() if identity else ""} href="#note-{number}" aria-label="Note {number}">{number}</a>'
        slot = self._page.slots.put(Slot(lambda: mark, text=str))
        if first:
            self._waiting[slot] = (number, tokens)
        return slot

    def take(self, marks: list[str], env: dict[str, Any]) -> tuple[list[Node], list[Node]]:
        """The notes that ``marks`` refer to for the first time: those that fit a paragraph, the others."""
        within: list[Node] = []
        after: list[Node] = []
        for mark in marks:
            if mark not in self._waiting:
                continue
            number, tokens = self._waiting.pop(mark)
            content = [node for node in self._render(tokens, env) if not isinstance(node, str) or node.strip()]
            paragraphs = [node for node in content if isinstance(node, Element) and node.tag == "p"]
            one = len(paragraphs) == 1 and len(content) == 1
            attributes = {"class": "note", "role": "note", "id": self._page.id(f"note-{number}")}
            head = Element("span", {"class": "note-ref", "aria-hidden": "true"}, [str(number)])
            if one:
                within.append(Element("span", attributes, [head, *paragraphs[0].children]))
            else:
                after.append(Element("div", attributes, [head, *content]))
        return within, after


def _paragraph(children: list[Token]) -> list[Token]:
    opening, inline, closing = Token("paragraph_open", "p", 1), Token("inline", "", 0), Token("paragraph_close", "p", -1)
    inline.children = children
    inline.meta = {"parsed": True}
    return [opening, inline, closing]
