"""Footnotes stand beside the text: numbered in the order they are referred to, put after the paragraph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markdown_it.token import Token

from blog.convert.page import Page
from blog.convert.slots import Slot
from blog.convert.tree import Element, Node, is_blank, start_tag


class Notes:
    """The notes of one page.

    ``define`` is called for the blocks of each cell as they are read, ``reference`` by the renderer,
    and ``take`` by the markup as it reaches the end of a paragraph.
    """

    def __init__(self, page: Page, render: Callable[[list[Token]], list[Node]]) -> None:
        self._page = page
        self._render = render
        self._definitions: dict[str, list[Token]] = {}
        self._numbers: dict[str, int] = {}
        self._waiting: dict[str, tuple[int, list[Token]]] = {}

    def define(self, tokens: list[Token]) -> list[Token]:
        """Take the definitions out of blocks; of several with one label the first counts."""
        kept: list[Token] = []
        inside: list[list[Token]] = []
        for token in tokens:
            if token.type == "footnote_reference_open":
                label = token.meta["label"]
                inside.append([] if label in self._definitions else self._definitions.setdefault(label, []))
            elif token.type == "footnote_reference_close":
                inside.pop()
            else:
                (inside[-1] if inside else kept).append(token)
        return kept

    def reference(self, meta: dict[str, Any], env: dict[str, Any]) -> str:
        """Give the mark of a note in the text, in a slot."""
        label = meta.get("label")
        if label is None:  # ^[a note in place]
            key = f"\0{len(self._numbers)}"
            tokens = _paragraph(env["footnotes"]["list"][meta["id"]]["tokens"])
        else:
            key, tokens = f":{label}", self._definitions.get(label, [])
        first = key not in self._numbers
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        attributes = {"class": "note-ref", "href": f"#note-{number}", "aria-label": f"Note {number}"}
        mark = f"{start_tag('a', attributes)}{number}</a>"
        slot = self._page.slots.put(Slot(lambda: mark))
        if first:
            self._waiting[slot] = (number, tokens)
        return slot

    def left(self) -> list[Node]:
        """Give the notes that no paragraph has taken (those that a caption refers to)."""
        within, after = self.take(list(self._waiting))
        return [*(Element("p", {}, [note]) for note in within), *after]

    def take(self, marks: list[str]) -> tuple[list[Node], list[Node]]:
        """Give the notes that ``marks`` refer to for the first time.

        Those of one paragraph fit into a paragraph and come first; the others stand after it.
        """
        within: list[Node] = []
        after: list[Node] = []
        for mark in marks:
            if mark not in self._waiting:
                continue
            number, tokens = self._waiting.pop(mark)
            content = [node for node in self._render(tokens) if not is_blank(node)]
            only = content[0] if len(content) == 1 else None
            attributes = {"class": "note", "role": "note", "id": self._page.id(f"note-{number}")}
            head = Element("span", {"class": "note-ref", "aria-hidden": "true"}, [str(number)])
            first = content[0] if content else None
            if isinstance(only, Element) and only.tag == "p":
                within.append(Element("span", attributes, [head, *only.children]))
            elif isinstance(first, Element) and first.tag == "p":
                first.children.insert(0, head)
                after.append(Element("div", attributes, content))
            else:
                after.append(Element("div", attributes, [head, *content]))
        return within, after


def _paragraph(children: list[Token]) -> list[Token]:
    """Wrap inline tokens that have been parsed."""
    inline = Token("inline", "", 0)
    inline.children = children
    return [Token("paragraph_open", "p", 1), inline, Token("paragraph_close", "p", -1)]
