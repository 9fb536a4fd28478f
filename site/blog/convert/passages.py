"""Cuts a finished article into the passages that search finds: its text from one heading to the next."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from blog.convert.tree import Node, parse, text
from blog.model import Passage

#: Characters of one output that are worth finding; what follows is mostly numbers.
LONGEST_OUTPUT = 2_000
#: Characters of a passage, and of its code. A book in one section is still found by its beginning.
LONGEST = 40_000

_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
# drawings, controls and the TeX behind a formula: no words of the text
_WITHOUT_WORDS = frozenset(
    {"annotation", "annotation-xml", "button", "nav", "script", "select", "style", "svg"}
)
# nor what stands there a second time, such as the card of a citation
_NOT_TEXT = frozenset({"prompt", "sr", "live-bar", "live-view", "note-ref", "anchor", "cite-card", "back"})
# what stands inside a line; whatever else begins or ends parts words
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s"}
) | frozenset({"samp", "small", "span", "strong", "sub", "sup", "u", "var", "wbr"})
_MATHEMATICS = re.compile(r"m[a-z]+\Z|semantics\Z")
_CONTROL = re.compile(r"[\0-\x1f\x7f-\x9f\s]+")


@dataclass(slots=True)
class _Open:
    """A passage that is being gathered."""

    anchor: str = ""
    heading: str = ""
    text: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)

    def closed(self) -> Passage:
        words, code = (_plain("".join(parts))[:LONGEST] for parts in (self.text, self.code))
        return Passage(self.anchor, self.heading, words, code)


def passages(body: str) -> tuple[Passage, ...]:
    """Give the passages of an article's body in their order, those without a word left out."""
    gathered = [_Open()]
    _gather(parse(body), gathered)
    closed = (one.closed() for one in gathered)
    return tuple(one for one in closed if one.heading or one.text or one.code)


def _gather(nodes: Iterable[Node], gathered: list[_Open]) -> None:
    for node in nodes:
        if isinstance(node, str):
            gathered[-1].text.append(html.unescape(node))
            continue
        if node.tag in _WITHOUT_WORDS or not _NOT_TEXT.isdisjoint(node.classes()):
            continue
        if node.tag == "summary":  # the span in it counts lines
            _gather([child for child in node.children if not _is_count(child)], gathered)
            gathered[-1].text.append(" ")
        elif node.tag in _HEADINGS and node.attributes.get("id"):
            title = [_Open()]
            _gather(node.children, title)
            gathered.append(_Open(node.attributes["id"], title[0].closed().text))
        elif node.tag == "pre":
            gathered[-1].code.append(f" {text(node.children)[:LONGEST_OUTPUT]} ")
        elif "code" in node.classes():
            gathered[-1].code.append(f" {text(node.children)} ")
        else:
            inline = node.tag in _INLINE or _MATHEMATICS.match(node.tag)
            between = "" if inline and "note" not in node.classes() else " "
            gathered[-1].text.append(between)
            _gather(node.children, gathered)
            gathered[-1].text.append(between)


def _is_count(node: Node) -> bool:
    return not isinstance(node, str) and node.tag == "span"


def _plain(words: str) -> str:
    """Give text in one line, without characters that are none."""
    return _CONTROL.sub(" ", words).strip()
