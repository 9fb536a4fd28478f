"""A small tree of sanitised HTML: only what the sanitiser writes needs to be read.

The sanitiser's output is well formed (every tag closed, every attribute quoted), so a regular
expression reads it fully and in one pass. Text stays escaped as it came.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

VOID = frozenset({"br", "hr", "img", "wbr", "input", "col", "source", "track"})
MAX_DEPTH = 120

_TAG = re.compile(r'<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[^\s"\'<>/=]+(?:="[^"]*")?)*)\s*/?>')
_ATTRIBUTE = re.compile(r'([^\s"\'<>/=]+)(?:="([^"]*)")?')


@dataclass(slots=True)
class Element:
    """An element; ``attributes`` hold plain (unescaped) values, text children are escaped."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def classes(self) -> list[str]:
        """Give the class names, in order."""
        return self.attributes.get("class", "").split()

    def add_class(self, name: str) -> None:
        """Add a class name once."""
        names = self.classes()
        if name not in names:
            self.attributes["class"] = " ".join([*names, name])


Node = Element | str


def parse(clean: str) -> list[Node]:
    """Read what the sanitiser wrote; elements nested deeper than ``MAX_DEPTH`` lose their tags."""
    root = Element("")
    stack = [root]
    ignored = 0
    position = 0
    for found in _TAG.finditer(clean):
        if found.start() > position:
            stack[-1].children.append(clean[position : found.start()])
        position = found.end()
        closing, tag, attributes = found[1], found[2].lower(), found[3]
        if closing:
            if ignored:
                ignored -= 1
            elif len(stack) > 1 and stack[-1].tag == tag:
                stack.pop()
            continue
        if len(stack) > MAX_DEPTH and tag not in VOID:
            ignored += 1
            continue
        element = Element(tag)
        if attributes:
            for name, value in _ATTRIBUTE.findall(attributes):
                element.attributes[name] = html.unescape(value)
        stack[-1].children.append(element)
        if tag not in VOID:
            stack.append(element)
    if position < len(clean):
        stack[-1].children.append(clean[position:])
    return root.children


def escape_attribute(value: str) -> str:
    """Escape a value for double quotes."""
    return html.escape(value, quote=True).replace("&#x27;", "'")


def escape(text: str) -> str:
    """Escape text between tags."""
    return html.escape(text, quote=False)


def start_tag(tag: str, attributes: dict[str, str]) -> str:
    """Write a start tag; an attribute with an empty value that means "yes" stands alone."""
    parts = [tag]
    for name, value in attributes.items():
        parts.append(
            name if value == "" and name not in ("alt", "href") else f'{name}="{escape_attribute(value)}"'
        )
    return f"<{' '.join(parts)}>"


def serialise(nodes: Iterable[Node]) -> str:
    """Write nodes as HTML."""
    parts: list[str] = []
    _write(nodes, parts)
    return "".join(parts)


def _write(nodes: Iterable[Node], parts: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
            continue
        parts.append(start_tag(node.tag, node.attributes))
        if node.tag not in VOID:
            _write(node.children, parts)
            parts.append(f"</{node.tag}>")


def walk(nodes: Iterable[Node]) -> Iterator[Element]:
    """Every element in document order."""
    for node in nodes:
        if isinstance(node, Element):
            yield node
            yield from walk(node.children)


def text(nodes: Iterable[Node], skip: Sequence[str] = ()) -> str:
    """Give the plain text of nodes, without the elements named in ``skip``."""
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(html.unescape(node))
        elif node.tag == "br":
            parts.append(" ")
        elif node.tag not in skip:
            parts.append(text(node.children, skip))
    return "".join(parts)


def is_blank(node: Node) -> bool:
    """Whether a node is white space only."""
    return isinstance(node, str) and not node.strip()


def only_image(children: list[Node]) -> Element | None:
    """Find the picture that is all a paragraph holds."""
    content = [node for node in children if not is_blank(node) and not _is_break(node)]
    only = content[0] if len(content) == 1 else None
    return only if isinstance(only, Element) and only.tag == "img" else None


def trimmed(nodes: list[Node]) -> list[Node]:
    """Take line breaks and white space off both ends."""
    start, end = 0, len(nodes)
    while start < end and (is_blank(nodes[start]) or _is_break(nodes[start])):
        start += 1
    while end > start and (is_blank(nodes[end - 1]) or _is_break(nodes[end - 1])):
        end -= 1
    kept = nodes[start:end]
    if kept and isinstance(kept[0], str):
        kept[0] = kept[0].lstrip()
    if kept and isinstance(kept[-1], str):
        kept[-1] = kept[-1].rstrip()
    return kept


def unwrapped(nodes: list[Node]) -> list[Node]:
    """Take the paragraph off a caption of one paragraph."""
    content = [node for node in nodes if not is_blank(node)]
    only = content[0] if len(content) == 1 else None
    return only.children if isinstance(only, Element) and only.tag == "p" else nodes


def _is_break(node: Node) -> bool:
    return isinstance(node, Element) and node.tag == "br"
