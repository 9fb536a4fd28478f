"""Sanitised HTML becomes the site's markup: headings with anchors, figures, links, tables, notes.

Markdown cells and HTML outputs both pass through :class:`Prose`; an output's headings are no part of
the outline and its words don't count.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from markdown_it.token import Token

from blog.convert import links, markdown, sanitise, tables
from blog.convert.figures import Legend, figure
from blog.convert.formulas import Formula, Reference, replace
from blog.convert.images import BrokenImage, data_uri, keep, tag
from blog.convert.mathematics import Mathematics
from blog.convert.notes import Notes
from blog.convert.page import Page, Section, slugify
from blog.convert.slots import OPEN, PATTERN, Slot, without_marks
from blog.convert.tree import VOID, Element, Node, escape, escape_attribute, is_blank, parse, serialise, text, walk
from blog.model import Picture

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MEDIA = ("iframe", "video", "audio", "object", "embed")
_CODE = ("code", "pre", "kbd", "samp", "tt")
_SIDES = {"left": "ta-l", "center": "ta-c", "right": "ta-r", "middle": "ta-c"}
_TARGET = re.compile(r"\(([A-Za-z][\w:.-]*)\)=")
_JUNK_ALT = re.compile(
    r"(?:(?:alt[ _-]?text|image|img|picture|figure|photo|drawing|png|jpe?g|svg|title|screenshot|logo)[ _-]?\d*|\S+\.(?:png|jpe?g|gif|svg|webp|bmp|tiff?))",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
# shown where the summary of a post is cut, in characters
SUMMARY = 200


class Prose:
    """The way from Markdown to the article's HTML for one page."""

    def __init__(self, page: Page, mathematics: Mathematics) -> None:
        self.page = page
        self.mathematics = mathematics
        self.notes = Notes(page, self._note)
        self.attachments: dict[str, Any] = {}
        self.env: dict[str, Any] = {
            "page": page,
            "notes": self.notes,
            "inline": lambda source: markdown.inline(source, self.env),
            "nested": self._nested,
            "display": lambda tex, label: mathematics.display(tex, tex, label),
        }
        self._parsed: dict[int, list[Token]] = {}
        self._label = ""
        self._output = False
        self._started = False
        self._drawings: list[str] = []

    # ---------------------------------------------------------------- Markdown
    def read(self, number: int, source: str) -> None:
        """First step: read the blocks of a cell, so that later cells' definitions are known to all."""
        self.page.cell = number
        protected = self.protect(source)
        tokens = markdown.blocks(protected, self.env)
        self._parsed[number] = self.notes.define(tokens)

    def cell(self, number: int, attachments: dict[str, Any] | None = None) -> str:
        """Second step: the HTML of the cell."""
        self.page.cell = number
        self.attachments = attachments or {}
        nodes = self._tree(markdown.render(self._parsed.pop(number, []), self.env))
        self.page.words += len(_WORD.findall(PATTERN.sub(" ", text(nodes, skip=("code", "pre")))))
        return serialise(nodes).strip()

    def card(self, source: str) -> Picture | None:
        """The picture for lists and cards that the front matter names."""
        element = Element("img", {"src": source, "alt": ""})
        self._common(element)
        name, content = self._source(element)
        if content is None:
            return None
        try:
            shown = keep(self.page, content)
        except BrokenImage as error:
            self.page.warn(f"the picture {name} can't be shown: {error}", "Name another one as image")
            return None
        return Picture(shown.asset.url, shown.width, shown.height)

    def markdown(self, source: str) -> str:
        """Markdown that is no cell: an output, a label of a widget."""
        self._output = True
        tokens = self.notes.define(markdown.blocks(self.protect(source), self.env))
        nodes = self._tree(markdown.render(tokens, self.env))
        self._output = False
        return serialise(nodes).strip()

    def html(self, source: str, *, protected: bool = False) -> tuple[str, bool]:
        """HTML of an output, and whether a reader finds anything in it.

        ``protected`` HTML has had its formulas put into slots already.
        """
        self._output = True
        nodes = self._tree(source if protected else without_marks(source))
        self._output = False
        readable = bool(text(nodes).strip()) or any(one.tag in ("img", "hr") for one in walk(nodes))
        return serialise(nodes).strip(), readable

    def line(self, source: str) -> str:
        """One line of Markdown: a caption, a title."""
        html = markdown.inline(self.protect(source), self.env)
        return serialise(self._inline_nodes(parse(sanitise.clean(html)))).strip()

    def protect(self, source: str) -> str:
        """Put the formulas of Markdown into slots."""

        def put(found: Formula | Reference) -> str:
            if isinstance(found, Reference):
                return self.reference(found.label, found.source, brackets=found.command == "eqref")
            if found.display:
                return self.mathematics.display(found.tex, found.source, found.label)
            return self.mathematics.inline(found.tex, found.source)

        return replace(without_marks(source.replace("\r\n", "\n")), put)

    def _nested(self, source: str) -> str:
        tokens = self.notes.define(markdown.blocks(source, self.env))
        return markdown.render(tokens, self.env)

    def _note(self, tokens: list[Token], env: dict[str, Any]) -> list[Node]:
        return self._tree(markdown.render(tokens, env))

    # -------------------------------------------------------------- references
    def reference(self, label: str, source: str, *, brackets: bool = False, word: str = "") -> str:
        """A link with the number of a figure, an equation, a table or the name of a section."""
        page, cell = self.page, self.page.cell

        def make() -> str:
            known = page.labels.get(label)
            if known is None:
                at_work, page.cell = page.cell, cell
                page.warn(f"nothing is labelled {label}", "Label the figure, equation or heading, or mend the reference")
                page.cell = at_work
                return f"<span>{escape(source)}</span>"
            identity, shown = known
            shown = f"({shown})" if brackets else f"{word}{shown}"
            return f'<a href="#{escape_attribute(identity)}">{shown}</a>'

        return page.slots.put(Slot(make, source, text=lambda: page.labels.get(label, ("", ""))[1]))

    # ------------------------------------------------------------------- trees
    def _tree(self, html: str) -> list[Node]:
        html, drawings = sanitise.without_svg(html)
        outer, self._drawings = self._drawings, drawings
        nodes = self._blocks(parse(sanitise.clean(html)))
        self._drawings = outer
        return nodes

    def _blocks(self, nodes: list[Node]) -> list[Node]:
        result: list[Node] = []
        for node in nodes:
            if isinstance(node, str):
                result.append(node)
                continue
            made = self._element(node)
            if self._label and made and isinstance(made[0], Element):
                self._labelled(made[0])
            result += made
        return result

    def _inline_nodes(self, nodes: list[Node]) -> list[Node]:
        return self._blocks(nodes)

    def _labelled(self, element: Element) -> None:
        label, self._label = self._label, ""
        if "id" not in element.attributes and (identity := self.page.claim_id(slugify(label))):
            element.attributes["id"] = identity
        if element.tag.startswith("h") and self.page.sections:
            self.page.labels.setdefault(label, (element.attributes["id"], self.page.sections[-1].html))

    def _element(self, element: Element) -> list[Node]:
        name = element.tag
        self._common(element)
        if name in HEADINGS:
            return self._heading(element)
        if name == "p":
            return self._paragraph(element)
        if name == "img":
            return self._image(element)
        if name == "a":
            return self._link(element)
        if name == "figure":
            return self._figure(element)
        if name in _MEDIA:
            return self._media(element)
        if name in _CODE:
            return self._code(element)
        if name == "table":
            element.children = self._blocks(element.children)
            after = self._notes_of(element)
            return [*tables.table(self.page, element), *after]
        if name == "center":
            element.tag = "div"
            element.add_class("ta-c")
        elif name in ("font", "tt", "big", "strike", "dir"):
            element.tag = {"font": "span", "tt": "code", "big": "span", "strike": "s", "dir": "ul"}[name]
        elif name == "input":
            return self._checkbox(element)
        elif name == "source":
            return []
        element.children = self._blocks(element.children)
        if name in ("li", "dd"):
            within, after = self._take(element.children)
            element.children += [*within, *after]
        return [element]

    def _common(self, element: Element) -> None:
        """Ids that are still free, alignment as a class, slots in attributes back to their source."""
        attributes = element.attributes
        for key, value in list(attributes.items()):
            if OPEN in value or "%EE" in value:
                attributes[key] = self.page.slots.sources(value)
        if attributes.get("class", None) == "":
            del attributes["class"]
        if element.tag == "a" and "name" in attributes:
            attributes.setdefault("id", attributes.pop("name"))
        attributes.pop("name", None)
        if "id" in attributes and element.tag not in (*HEADINGS, "img", "figure"):
            claimed = self.page.claim_id(attributes.pop("id"))
            if claimed:
                attributes["id"] = claimed
        if element.tag in ("td", "th"):
            return
        side = _SIDES.get(attributes.pop("align", "").lower(), "")
        style = re.search(r"text-align:\s*(\w+)", attributes.pop("style", ""))
        side = side or (_SIDES.get(style[1], "") if style else "")
        if side and element.tag not in ("img", "table", "tr"):
            element.add_class(side)

    # ---------------------------------------------------------------- headings
    def _heading(self, element: Element) -> list[Node]:
        wanted = element.attributes.pop("id", "")
        element.children = [
            node for node in self._blocks(element.children) if not (isinstance(node, Element) and node.tag == "figure")
        ]
        marks = self._marks(element.children)
        words = self._words(element.children)
        if self._output or not words:
            if not words and not any(True for _ in walk(element.children)):
                return []
            return [Element("p", {"class": "label"}, element.children)]
        first = not self._started
        self._started = True
        level = int(element.tag[1])
        if first and level == 1 and _same(words, self.page.title) and not self.page.sections:
            return []
        inner = serialise(element.children).strip()
        identity = (self.page.claim_id(wanted) if wanted else None) or self.page.id(slugify(wanted or words))
        if wanted:
            self.page.labels.setdefault(wanted, (identity, inner))
        section = Section(level, identity, _plain_inline(element.children), words, wanted)
        self.page.sections.append(section)
        index = len(self.page.sections) - 1
        shown = self.page.slots.put(Slot(lambda: str(self.page.level(index))))
        anchor = Element(
            "a", {"class": "anchor", "href": f"#{identity}", "aria-label": f"Link to {words}"}, ["#"]
        )
        heading = Element("h\0", {"id": identity}, [*element.children, anchor])
        heading.tag = f"h{shown}"
        within, after = self._take_marks(marks)
        return [heading, *[Element("p", {}, [note]) for note in within], *after]

    # -------------------------------------------------------------- paragraphs
    def _paragraph(self, element: Element) -> list[Node]:
        label = _TARGET.fullmatch(text(element.children).strip())
        if label and all(isinstance(child, str) for child in element.children):
            self._label = label[1]
            return []
        alone = self._alone(element.children)
        if alone is not None:
            return self._picture(alone, element.classes())
        element.children = self._blocks(element.children)
        self._first_paragraph(element)
        result: list[Node] = []
        rest: list[Node] = []
        attributes = dict(element.attributes)

        def flush() -> None:
            if any(not is_blank(node) for node in rest):
                within, after = self._take(rest)
                content = _trimmed(rest)
                result.append(Element("p", dict(attributes), [*content, *within]))
                attributes.pop("id", None)
                result.extend(after)
            rest.clear()

        for node in _pieces(element.children, self.page):
            if (isinstance(node, str) and self._is_block(node)) or (isinstance(node, Element) and node.tag in _BLOCKS):
                flush()
                result.append(node)
            else:
                rest.append(node)
        flush()
        return result

    def _is_block(self, node: str) -> bool:
        found = PATTERN.fullmatch(node.strip())
        return bool(found) and self.page.slots.get(found[1]).block  # type: ignore[index]

    def _alone(self, children: list[Node]) -> Element | None:
        """The picture that is all a paragraph holds."""
        content = [node for node in children if not is_blank(node) and not (isinstance(node, Element) and node.tag == "br")]
        if len(content) != 1 or not isinstance(content[0], Element):
            return None
        only = content[0]
        if only.tag == "img":
            return only
        return None

    def _first_paragraph(self, element: Element) -> None:
        if self._output or self.page.summary:
            return
        words = " ".join(self._words(element.children).split())
        links_only = text(element.children, skip=("a",)).strip()
        if len(re.findall(r"\w{2,}", words)) < 5 or not links_only:
            return
        self._started = True
        self.page.summary = words

    # ---------------------------------------------------------------- pictures
    def _source(self, element: Element) -> tuple[str, bytes | None]:
        """The name and bytes of a picture; None where there is none to show (the author is told)."""
        source = element.attributes.get("src", "").strip()
        drawing = re.fullmatch(r"data:,svg-(\d+)", source)
        if drawing and int(drawing[1]) < len(self._drawings):
            return "drawing", self._drawings[int(drawing[1])].encode()
        if source.startswith("attachment:"):
            return self._attachment(unquote(source.removeprefix("attachment:")))
        if source.startswith("data:"):
            try:
                return "", data_uri(source)
            except BrokenImage as error:
                self.page.warn(f"a picture can't be shown: {error}", "Save the picture again")
                return "", None
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", source):
            return source, None
        path = self.page.resolve(source.partition("?")[0].partition("#")[0])
        if path is None:
            self.page.warn(f"the picture {source} lies out of the notebooks folder", "Put it into the folder of the notebook")
            return source, None
        content = self.page.read(path)
        if content is None:
            self.page.warn(f"the picture {source} is missing", "Put the file there or mend the path")
        return source.rpartition("/")[2], content

    def _attachment(self, name: str) -> tuple[str, bytes | None]:
        bundle = self.attachments.get(name)
        if isinstance(bundle, dict):
            for mime, data in bundle.items():
                if str(mime).startswith("image/"):
                    try:
                        if "svg" in str(mime) and isinstance(data, str) and data.lstrip().startswith("<"):
                            return name, data.encode()
                        return name, data_uri(f"data:;base64,{''.join(data) if isinstance(data, list) else data}")
                    except BrokenImage as error:
                        self.page.warn(f"the attachment {name} can't be shown: {error}", "Paste the picture again")
                        return name, None
        self.page.warn(f"the attachment {name} is missing", "Paste the picture into the cell again")
        return name, None

    def _shown(self, element: Element) -> tuple[str, str] | None:
        """The ``<img>`` tag of a picture and its alternative text."""
        name, content = self._source(element)
        attributes = element.attributes
        alt = attributes.get("fig-alt") or attributes.get("alt", "")
        if content is None:
            return None
        try:
            shown = keep(
                self.page,
                content,
                width=_pixels(attributes.get("width", "")),
                height=_pixels(attributes.get("height", "")),
            )
        except BrokenImage as error:
            self.page.warn(f"the picture {name or 'in a data URI'} can't be shown: {error}", "Save the picture again")
            return None
        classes = " ".join([*(one for one in element.classes() if one not in ("plate", "wide")), _share(attributes)]).strip()
        return tag(self.page, shown, alt, classes), alt

    def _missing(self, element: Element) -> Node:
        """What stands in the place of a picture that can't be shown."""
        source = element.attributes.get("src", "")
        alt = element.attributes.get("alt", "").strip()
        if re.match(r"https?://|//", source):
            host = urlsplit(source).hostname or "another site"
            self.page.warn(
                f"the picture {source if len(source) < 100 else source[:99] + '…'} lies on another site and is shown as a link",
                "Download it into the folder of the notebook",
            )
            where = source if source.startswith("http") else f"https:{source}"
            shown = alt or f"Picture on {host}"
            return Element("a", {"class": "remote", "href": where, "rel": "noopener"}, [escape(shown)])
        what = f"Missing picture: {alt}" if alt else "Missing picture"
        return Element("span", {"class": "missing"}, [escape(what)])

    def _image(self, element: Element) -> list[Node]:
        """A picture within text."""
        element.attributes.pop("id", None)
        shown = self._shown(element)
        return [self._missing(element) if shown is None else self._finished(shown[0])]

    def _finished(self, html: str, *, block: bool = False, source: str = "") -> str:
        return self.page.slots.put_html(html, block=block, source=source)

    def _picture(self, element: Element, classes: list[str]) -> list[Node]:
        """A paragraph that is a picture: a figure, with a caption from its title or telling alt text."""
        self._common(element)
        label = element.attributes.get("id", "") or self._take_label()
        title = element.attributes.get("title", "").strip()
        alt = element.attributes.get("alt", "").strip()
        words = title or ("" if _JUNK_ALT.fullmatch(alt) else alt)
        shown = self._shown(element)
        if shown is None:
            return [Element("p", {}, [self._missing(element)])]
        names = [*classes, *element.classes()]
        legend = Legend(
            self.line(words) if words else "", label, wide="wide" in names, plate="plate" in names
        )
        return [self._finished(figure(self.page, [shown[0]], legend), block=True)]

    def _take_label(self) -> str:
        label, self._label = self._label, ""
        return label

    def _figure(self, element: Element) -> list[Node]:
        """A ``<figure>`` in raw HTML, or of a MyST directive."""
        caption = next((one for one in element.children if isinstance(one, Element) and one.tag == "figcaption"), None)
        pictures = [one for one in walk(element.children) if one.tag == "img"]
        label = element.attributes.pop("id", "") or next((one.attributes.get("id", "") for one in pictures), "")
        if not pictures:
            element.children = self._blocks(element.children)
            return [element]
        images = []
        for one in pictures:
            self._common(one)
            shown = self._shown(one)
            images.append(serialise([self._missing(one)]) if shown is None else shown[0])
        legend_html = ""
        if caption is not None:
            children = self._blocks(caption.children)
            legend_html = serialise(_unwrapped(children)).strip()
        names = [*element.classes(), *(name for one in pictures for name in one.classes())]
        legend = Legend(legend_html, label or self._take_label(), wide="wide" in names, plate="plate" in names)
        return [self._finished(figure(self.page, images, legend), block=True)]

    # ------------------------------------------------------------------- other
    def _link(self, element: Element) -> list[Node]:
        element.children = self._blocks(element.children)
        href = element.attributes.pop("href", None)
        if href is None:
            return [element] if "id" in element.attributes else element.children
        attributes = links.target(self.page, href)
        if attributes is None:
            return element.children
        if not element.children and href.startswith("#"):
            label = href[1:]
            return [self.reference(label, href, word=_word(label))]
        title = element.attributes.get("title", "")
        identity = element.attributes.get("id", "")
        element.attributes = dict(attributes)
        if title:
            element.attributes["title"] = title
        if identity:
            element.attributes["id"] = identity
        return [element]

    def _media(self, element: Element) -> list[Node]:
        """A frame or film of another site: a quiet link, for no request leaves the site."""
        source = element.attributes.get("src") or element.attributes.get("data", "")
        if not source:
            source = next((one.attributes.get("src", "") for one in walk(element.children) if one.tag == "source"), "")
        source = f"https:{source}" if source.startswith("//") else source
        try:
            parts = urlsplit(source)
        except ValueError:
            return []
        if parts.scheme not in ("http", "https") or not parts.hostname:
            if source and not source.startswith("data:"):
                self.page.warn(f"the {element.tag} {source[:80]} can't be shown", "Link to it instead")
            return []
        host = parts.hostname.removeprefix("www.")
        link = Element("a", {"href": _page_of(source), "rel": "noopener"}, ["open"])
        return [Element("p", {"class": "elsewhere"}, [f"Content from {escape(host)}: ", link])]

    def _code(self, element: Element) -> list[Node]:
        self._restore(element)
        if element.tag == "tt":
            element.tag = "code"
        if element.tag == "pre":
            classes = element.attributes.get("class")
            element.attributes = {"tabindex": "0", "role": "region", "aria-label": self.page.name("Text")}
            if classes:
                element.attributes["class"] = classes
            return [Element("div", {"class": "out"}, [element])] if not self._output else [element]
        return [element]

    def _restore(self, element: Element) -> None:
        element.children = [
            self.page.slots.escaped_sources(child) if isinstance(child, str) else child for child in element.children
        ]
        for child in element.children:
            if isinstance(child, Element):
                self._common(child)
                child.attributes = {key: value for key, value in child.attributes.items() if key in ("id", "class")}
                self._restore(child)

    def _checkbox(self, element: Element) -> list[Node]:
        if element.attributes.get("type") != "checkbox":
            return []
        done = "checked" in element.attributes
        attributes = {"type": "checkbox", "disabled": "", "aria-label": "done" if done else "to do"}
        if done:
            attributes["checked"] = ""
        return [Element("input", attributes)]

    # ------------------------------------------------------------------- notes
    def _marks(self, nodes: list[Node]) -> list[str]:
        """The marks of slots in nodes, in order."""
        marks: list[str] = []
        for node in nodes:
            if isinstance(node, str):
                marks += [found[0] for found in PATTERN.finditer(node)]
            else:
                marks += self._marks(node.children)
        return marks

    def _take(self, nodes: list[Node]) -> tuple[list[Node], list[Node]]:
        return self._take_marks(self._marks(nodes))

    def _take_marks(self, marks: list[str]) -> tuple[list[Node], list[Node]]:
        return self.notes.take(marks, self.env) if marks else ([], [])

    def _notes_of(self, element: Element) -> list[Node]:
        within, after = self._take(element.children)
        return [*[Element("p", {}, [note]) for note in within], *after]

    def _words(self, nodes: list[Node]) -> str:
        return self.page.slots.texts(text(nodes)).strip()


_BLOCKS = frozenset({"div", "table", "figure", "ul", "ol", "blockquote", "p", "aside", "details", "pre", "section", "dl", "hr"})


def _pieces(nodes: list[Node], page: Page) -> list[Node]:
    """Split text at the slots that hold blocks."""
    result: list[Node] = []
    for node in nodes:
        if not isinstance(node, str) or OPEN not in node:
            result.append(node)
            continue
        last = 0
        for found in PATTERN.finditer(node):
            if page.slots.get(found[1]).block:
                if found.start() > last:
                    result.append(node[last : found.start()])
                result.append(found[0])
                last = found.end()
        if last < len(node):
            result.append(node[last:])
    return result


def _trimmed(nodes: list[Node]) -> list[Node]:
    """Without line breaks and white space at both ends."""
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


def _is_break(node: Node) -> bool:
    return isinstance(node, Element) and node.tag == "br"


def _unwrapped(nodes: list[Node]) -> list[Node]:
    """A caption of one paragraph without the paragraph."""
    content = [node for node in nodes if not is_blank(node)]
    if len(content) == 1 and isinstance(content[0], Element) and content[0].tag == "p":
        return content[0].children
    return nodes


def _plain_inline(nodes: list[Node]) -> str:
    """Inline markup without links, anchors and ids: an entry of the table of contents."""
    result: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            result.append(node)
        elif node.tag in ("a", "span", "font", "div", "p"):
            result.append(_plain_inline(node.children))
        elif node.tag == "br":
            result.append(" ")
        elif node.tag in VOID:
            continue
        else:
            result.append(Element(node.tag, {}, [_plain_inline(node.children)]))
    return serialise(result).strip()


def _same(words: str, title: str) -> bool:
    def plain(value: str) -> str:
        return re.sub(r"\W+", " ", value).strip().casefold()

    return bool(title) and plain(words) == plain(title)


def _pixels(value: str) -> int | None:
    found = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", value)
    return int(found[1]) or None if found else None


def _share(attributes: dict[str, str]) -> str:
    """The class of a width in per cent."""
    found = re.fullmatch(r"\s*(\d{1,3})(?:\.\d+)?\s*%\s*", attributes.get("width", ""))
    if not found:
        return ""
    share = int(found[1])
    return "w-25" if share <= 35 else "w-50" if share <= 62 else "w-75" if share <= 87 else ""


def _word(label: str) -> str:
    return {"fig": "Figure ", "tbl": "Table ", "eq": "Equation "}.get(re.split(r"[-:]", label)[0], "")


def _page_of(url: str) -> str:
    """The page a reader wants to see for the address of a frame."""
    found = re.match(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]+)", url)
    if found:
        return f"https://www.youtube.com/watch?v={found[1]}"
    found = re.match(r"https?://player\.vimeo\.com/video/(\d+)", url)
    return f"https://vimeo.com/{found[1]}" if found else url


__all__ = ["Prose"]
