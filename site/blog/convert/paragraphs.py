"""Paragraphs: inline content that stands loose is put into them, blocks within them are taken out.

HTML allows no block in a paragraph; a parser would end the paragraph there, wherever its author meant it.
"""

from __future__ import annotations

from blog.convert.notes import Notes
from blog.convert.page import Page
from blog.convert.slots import OPEN, PATTERN
from blog.convert.tree import Element, Node, is_blank, only_image, trimmed

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
MEDIA = frozenset({"iframe", "video", "audio", "object", "embed"})
BLOCKS = frozenset(
    {
        "div",
        "table",
        "figure",
        "ul",
        "ol",
        "blockquote",
        "p",
        "aside",
        "details",
        "pre",
        "section",
        "dl",
        "hr",
    }
)


class Paragraphs:
    """Makes and mends the paragraphs of one page."""

    def __init__(self, page: Page, notes: Notes) -> None:
        self.page = page
        self.notes = notes

    def wrapped(self, nodes: list[Node], *, pictures_only: bool = False) -> list[Node]:
        """Put runs of inline content into paragraphs, as Markdown would have done."""
        result: list[Node] = []
        run: list[Node] = []

        def flush() -> None:
            loose = any(not is_blank(node) for node in run)
            wrap = loose and (not pictures_only or only_image(run) is not None)
            result.extend([Element("p", {}, list(run))] if wrap else run)
            run.clear()

        for node in self._pieces(nodes):
            if self._stands_alone(node):
                flush()
                result.append(node)
            else:
                run.append(node)
        flush()
        return result

    def split(self, element: Element) -> list[Node]:
        """Cut a paragraph where it holds blocks (displayed formulas, code), for HTML allows none in it."""
        result: list[Node] = []
        rest: list[Node] = []
        attributes = dict(element.attributes)

        def flush() -> None:
            if any(not is_blank(node) for node in rest):
                within, after = self.notes.take(marks(rest))
                result.append(Element("p", dict(attributes), [*trimmed(rest), *within]))
                attributes.pop("id", None)
                result.extend(after)
            rest.clear()

        for node in self._pieces(element.children):
            if self._stands_alone(node):
                flush()
                result.append(node)
            else:
                rest.append(node)
        flush()
        return result

    def _stands_alone(self, node: Node) -> bool:
        """Whether a node can't be part of a paragraph."""
        if isinstance(node, Element):
            return node.tag in BLOCKS | HEADINGS | MEDIA | {"summary"} or "label" in node.classes()
        found = PATTERN.fullmatch(node)
        return found is not None and self.page.slots.get(found[1]).block

    def _pieces(self, nodes: list[Node]) -> list[Node]:
        """Split text at the slots that hold blocks."""
        result: list[Node] = []
        for node in nodes:
            if not isinstance(node, str) or OPEN not in node:
                result.append(node)
                continue
            last = 0
            for found in PATTERN.finditer(node):
                slot = self.page.slots.get(found[1])
                if slot.block or slot.empty:
                    result += [node[last : found.start()], "" if slot.empty else found[0]]
                    last = found.end()
            result.append(node[last:])
        return [node for node in result if node != ""]


def marks(nodes: list[Node]) -> list[str]:
    """Find the marks of slots in nodes, in order."""
    found: list[str] = []
    for node in nodes:
        found += (
            [mark[0] for mark in PATTERN.finditer(node)] if isinstance(node, str) else marks(node.children)
        )
    return found
