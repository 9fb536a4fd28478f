"""Sanitised HTML becomes the site's markup: headings with anchors, figures, links, tables, notes.

Markdown cells and HTML outputs both pass through :class:`Markup`; the headings of an output are no
part of the outline.
"""

from __future__ import annotations

import re
from typing import Any

from blog.convert import figures, films, links, tables
from blog.convert.figures import Legend
from blog.convert.media import elsewhere
from blog.convert.notes import Notes
from blog.convert.page import Label, Page, Section, slugify
from blog.convert.paragraphs import BLOCKS, HEADINGS, MEDIA, Paragraphs, marks
from blog.convert.pictures import JUNK, Pictures, alt
from blog.convert.references import Reference, reference
from blog.convert.slots import OPEN, Slot
from blog.convert.tree import (
    VOID,
    Element,
    Node,
    escape,
    is_blank,
    only_image,
    serialise,
    text,
    unwrapped,
    walk,
)

_CODE = frozenset({"code", "pre", "kbd", "samp", "tt"})
_MODERN = {"font": "span", "tt": "code", "big": "span", "strike": "s", "dir": "ul", "center": "div"}
_SIDES = {"left": "ta-l", "center": "ta-c", "right": "ta-r", "middle": "ta-c"}
_TARGET = re.compile(r"\(([A-Za-z][\w:.-]*)\)=")
_TABLE_CAPTION = re.compile(r"\s*:\s+(.*?)\s*(?:\{#([\w:.-]+)[^{}]*\})?\s*", re.DOTALL)


class Markup:
    """The way from sanitised nodes to the site's for one page.

    ``outline`` says whether headings are the article's own; ``line`` renders one line of Markdown.
    """

    def __init__(self, page: Page, notes: Notes, pictures: Pictures, line: Any, *, outline: bool) -> None:
        self.page = page
        self.notes = notes
        self.pictures = pictures
        self.paragraphs = Paragraphs(page, notes)
        self.line = line
        self.outline = outline
        self._label = ""
        self._considered = 0

    def article(self, nodes: list[Node]) -> list[Node]:
        """Rewrite the nodes of a cell or an output; text that stands loose becomes paragraphs."""
        return self.blocks(self.paragraphs.wrapped(nodes))

    def blocks(self, nodes: list[Node]) -> list[Node]:
        """Rewrite nodes, in document order."""
        result: list[Node] = []
        position = 0
        while position < len(nodes):
            node = nodes[position]
            position += 1
            if isinstance(node, str):
                result.append(node)
                continue
            if node.tag == "table":
                caption, position = self._table_caption(nodes, position)
                result += self._table(node, caption)
                continue
            made = self._element(node)
            if self._label and made and isinstance(made[0], Element):
                self._label_element(made[0])
            result += made
        return result

    def _element(self, element: Element) -> list[Node]:
        name = element.tag
        self._common(element)
        if name in HEADINGS:
            return self._heading(element)
        if name == "p":
            return self._paragraph(element)
        if name == "img":
            return [self._image(element)]
        if name == "a":
            return self._link(element)
        if name == "figure":
            return self._figure(element)
        if name in MEDIA:
            made = films.own(self.page, element)
            return elsewhere(self.page, element) if made is None else made
        if name in _CODE:
            return self._code(element)
        if name == "input":
            return _checkbox(element)
        if name in ("source", "track"):
            return []
        element.tag = _MODERN.get(name, name)
        if name in ("div", "center", "section", "blockquote", "aside", "details"):
            mixed = any(isinstance(child, Element) and child.tag in BLOCKS for child in element.children)
            element.children = self.paragraphs.wrapped(
                element.children, pictures_only=not mixed or name == "details"
            )
        element.children = self.blocks(element.children)
        if name == "center":
            element.add_class("ta-c")
        elif name in ("li", "dd"):
            within, after = self._notes_of(element.children)
            element.children += [*within, *after]
        elif name == "div" and not element.attributes:
            return _unwrapped_div(element)
        return [element]

    def _common(self, element: Element) -> None:
        """Put slots in attributes back to their source, keep free ids, write alignment as a class."""
        attributes = element.attributes
        for key, value in attributes.items():
            if OPEN in value or "%EE" in value:
                attributes[key] = self.page.slots.sources(value)
        if "name" in attributes:
            attributes.setdefault("id", attributes.pop("name"))
        if "id" in attributes and element.tag not in HEADINGS | {"img", "figure"}:
            claimed = self.page.claim_id(attributes.pop("id"))
            if claimed:
                attributes["id"] = claimed
        if element.tag in ("td", "th"):
            return
        style = re.search(r"text-align:\s*(\w+)", attributes.pop("style", ""))
        side = _SIDES.get(attributes.pop("align", "").lower()) or (_SIDES.get(style[1]) if style else None)
        if side and element.tag not in ("img", "table", "tr"):
            element.add_class(side)

    def _label_element(self, element: Element) -> None:
        """Give an element the label that a line ``(label)=`` before it holds."""
        label, self._label = self._label, ""
        if element.tag.startswith(f"h{OPEN}"):
            section = self.page.sections[-1]
            self.page.label(label, Label(section.id, "section", title=section.html))
        elif "id" in element.attributes or (identity := self.page.claim_id(slugify(label))) is None:
            return
        else:
            element.attributes["id"] = identity
            self.page.label(label, Label(identity, "section", title=escape(label)))

    # ---------------------------------------------------------------- headings
    def _heading(self, element: Element) -> list[Node]:
        wanted = element.attributes.pop("id", "")
        element.children = self.blocks(element.children)
        noted = marks(element.children)
        words = self.words(element.children)
        if not words:
            pictures = any(isinstance(node, Element) or node.strip() for node in element.children)
            return [Element("p", {}, element.children)] if pictures else []
        if not self.outline:
            return [Element("p", {"class": "label"}, element.children)]
        page = self.page
        level = int(element.tag[1])
        if level == 1 and not page.sections and not page.started and _same(words, page.title):
            return []
        page.started = True
        identity = (page.claim_id(wanted) if wanted else None) or page.id(slugify(wanted or words))
        section = Section(level, identity, _plain_inline(element.children), words)
        page.sections.append(section)
        if wanted:
            page.label(wanted, Label(identity, "section", title=section.html))
        index = len(page.sections) - 1
        shown = page.slots.put(Slot(lambda: str(page.level(index))))
        anchor = Element(
            "a", {"class": "anchor", "href": f"#{identity}", "aria-label": f"Link to {words}"}, ["#"]
        )
        heading = Element(f"h{shown}", {"id": identity}, [*element.children, anchor])
        within, after = self.notes.take(noted)
        return [heading, *(Element("p", {}, [note]) for note in within), *after]

    # -------------------------------------------------------------- paragraphs
    def _paragraph(self, element: Element) -> list[Node]:
        label = _TARGET.fullmatch(text(element.children).strip())
        if label and all(isinstance(child, str) for child in element.children):
            self._label = label[1]
            return []
        alone = only_image(element.children)
        if alone is not None:
            return self._picture(alone, element.classes())
        element.children = self.blocks(element.children)
        if self.outline:
            self._consider_summary(element)
        return self.paragraphs.split(element)

    def _consider_summary(self, element: Element) -> None:
        """Keep the first paragraph that can stand for the article; one that leads on to a list can't."""
        words = " ".join(self.words(element.children).split())
        if words:
            self.page.started = True
        if len(re.findall(r"\w{2,}", words)) < 6 or not text(element.children, skip=("a",)).strip():
            return
        self._considered += 1
        if not self.page.summary or (self.page.summary.endswith(":") and self._considered <= 3):
            self.page.summary = words

    # ------------------------------------------------------- pictures, figures
    def _image(self, element: Element) -> Node:
        """Put a picture within text into a slot."""
        element.attributes.pop("id", None)
        if not element.attributes.get("src", "").strip():
            return escape(alt(element))
        tag = self.pictures.image(element)
        return self.pictures.instead(element) if tag is None else self.page.slots.put_html(tag)

    def _picture(self, element: Element, names: list[str]) -> list[Node]:
        """Make a figure of a paragraph that is a picture, its caption from the title or telling alt text."""
        self._common(element)
        label, self._label = element.attributes.get("id", "") or self._label, ""
        words = element.attributes.get("title", "").strip()
        if not words and not JUNK.fullmatch(element.attributes.get("alt", "").strip()):
            words = element.attributes["alt"].strip()
        tag = self.pictures.image(element, in_figure=True)
        if tag is None:
            return [Element("p", {}, [self.pictures.instead(element)])]
        names = [*names, *element.classes()]
        legend = Legend(
            self.line(words) if words else "", label, wide="wide" in names, plate="plate" in names
        )
        return [self.page.slots.put_html(figures.figure(self.page, [tag], legend), block=True)]

    def _figure(self, element: Element) -> list[Node]:
        """Read a ``<figure>`` of raw HTML or of a directive."""
        captions = [one for one in element.children if isinstance(one, Element) and one.tag == "figcaption"]
        found = [one for one in walk(element.children) if one.tag == "img"]
        label = element.attributes.pop("id", "") or next((one.attributes.get("id", "") for one in found), "")
        if not found:
            element.children = self.blocks(element.children)
            return [element]
        tags: list[str] = []
        for one in found:
            self._common(one)
            tags.append(self.pictures.image(one, in_figure=True) or serialise([self.pictures.instead(one)]))
        caption = serialise(unwrapped(self.blocks(captions[0].children))).strip() if captions else ""
        names = [*element.classes(), *(name for one in found for name in one.classes())]
        label, self._label = label or self._label, ""
        legend = Legend(caption, label, wide="wide" in names, plate="plate" in names)
        return [self.page.slots.put_html(figures.figure(self.page, tags, legend), block=True)]

    # ------------------------------------------------------------------ tables
    def _table(self, element: Element, caption: tuple[str, str] | None) -> list[Node]:
        self._common(element)
        element.children = self.blocks(element.children)
        within, after = self._notes_of(element.children)
        made = tables.table(self.page, element, text([caption[0]]) if caption else "")
        if caption:
            legend = Legend(caption[0].strip(), caption[1])
            made = [self.page.slots.put_html(figures.table(self.page, serialise(made), legend), block=True)]
        return [*made, *(Element("p", {}, [note]) for note in within), *after]

    def _table_caption(self, nodes: list[Node], position: int) -> tuple[tuple[str, str] | None, int]:
        """Read Quarto's caption below a table: a paragraph ``: Caption {#tbl-x}``."""
        following = position
        while following < len(nodes) and is_blank(nodes[following]):
            following += 1
        paragraph = nodes[following] if following < len(nodes) else None
        if not isinstance(paragraph, Element) or paragraph.tag != "p":
            return None, position
        found = _TABLE_CAPTION.fullmatch(serialise(paragraph.children))
        return ((found[1], found[2] or ""), following + 1) if found else (None, position)

    # ------------------------------------------------------------------- other
    def _link(self, element: Element) -> list[Node]:
        element.children = self.blocks(element.children)
        href = element.attributes.pop("href", None)
        kept = {key: value for key, value in element.attributes.items() if key in ("id", "title")}
        if href is None:
            element.attributes = kept
            return [element] if "id" in kept else element.children
        if not element.children and href.startswith("#"):
            return [reference(self.page, Reference(href[1:], href))]
        attributes = links.target(self.page, href)
        if attributes is None:
            return element.children
        element.attributes = {**attributes, **kept}
        return [element]

    def _code(self, element: Element) -> list[Node]:
        self._restore(element)
        element.tag = _MODERN.get(element.tag, element.tag)
        if element.tag != "pre":
            return [element]
        name = self.page.name("Text")
        element.attributes = {**element.attributes, "tabindex": "0", "role": "region", "aria-label": name}
        return [Element("div", {"class": "out"}, [element])]

    def _restore(self, element: Element) -> None:
        """Put formulas in code back to their source."""
        for index, child in enumerate(element.children):
            if isinstance(child, str):
                element.children[index] = self.page.slots.escaped_sources(child)
            else:
                self._common(child)
                child.attributes = {
                    key: child.attributes[key] for key in ("id", "class") if key in child.attributes
                }
                child.tag = child.tag if child.tag not in MEDIA | {"img", "input", "table"} else "span"
                self._restore(child)

    def _notes_of(self, nodes: list[Node]) -> tuple[list[Node], list[Node]]:
        return self.notes.take(marks(nodes))

    def words(self, nodes: list[Node]) -> str:
        """Give the words of nodes, formulas by their characters."""
        return self.page.slots.texts(text(nodes)).strip()


def _checkbox(element: Element) -> list[Node]:
    if element.attributes.get("type") != "checkbox":
        return []
    done = "checked" in element.attributes
    attributes = {"type": "checkbox", "disabled": "", "aria-label": "done" if done else "to do"}
    return [Element("input", {**attributes, "checked": ""} if done else attributes)]


def _unwrapped_div(element: Element) -> list[Node]:
    """Take off a div that says nothing and holds one block."""
    content = [node for node in element.children if not is_blank(node)]
    if not content:
        return []
    return (
        content
        if len(content) == 1 and isinstance(content[0], Element) and content[0].tag in BLOCKS
        else [element]
    )


def _plain_inline(nodes: list[Node]) -> str:
    """Give inline markup without links, anchors and ids: an entry of the table of contents."""
    result: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            result.append(node)
        elif node.tag in ("a", "span", "div", "p"):
            result.append(_plain_inline(node.children))
        elif node.tag not in VOID:
            result.append(Element(node.tag, {}, [_plain_inline(node.children)]))
    return serialise(result).strip()


def _same(words: str, title: str) -> bool:
    def plain(value: str) -> str:
        return re.sub(r"\W+", " ", value).strip().casefold()

    return bool(title) and plain(words) == plain(title)
