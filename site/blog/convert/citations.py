"""The citations of one page: keys looked up, places numbered, cards beside them, the list at the end.

How a citation reads depends on all others (numbers, letters after a year), so each is a slot until the
whole notebook has been read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from blog.convert import bibtex, citation_styles
from blog.convert.bibtex import Bibliography, Item
from blog.convert.citation_styles import Rendered, StyleError, short_authors
from blog.convert.citation_syntax import Citation
from blog.convert.page import Page, Section, slugify
from blog.convert.slots import Slot, without_marks
from blog.convert.tree import escape, escape_attribute
from blog.model import Problem

# what a reader calls the list
_TITLES = {
    "en": "References",
    "de": "Literatur",
    "fr": "Références",
    "es": "Referencias",
    "it": "Riferimenti bibliografici",
    "nl": "Literatuur",
    "pt": "Referências",
}
# headings under which an author leaves room for it
_ROOM = re.compile(
    r"references|bibliography|literature|works cited|literatur(?:verzeichnis)?|références|bibliographie"
    r"|referencias|bibliografía|riferimenti(?: bibliografici)?|bibliografia|literatuur|referências",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Place:
    """Where works are cited: the citation, and the id of the link for each of its works."""

    citation: Citation
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where works are looked up, how they are cited and in what language.

    ``files`` are paths below the notebooks folder; ``style`` is one, or a style's name.
    """

    files: tuple[str, ...] = ()
    style: str = ""
    language: str = "en"


def sources(page: Page, bibliography: tuple[str, ...], style: str, language: str) -> Sources:
    """Settle what front matter says, whose paths are as seen from the notebook, and ``blog.toml``."""
    defaults = page.context.defaults
    files = []
    for path in bibliography:
        if (place := page.resolve(path)) is None:
            page.warn(f"the bibliography {path} lies outside of the notebooks folder", "Put it there")
        else:
            files.append(place)
    if style.endswith(".csl"):
        style = page.resolve(style) or style
    return Sources(
        tuple(files) or defaults.bibliography, style or defaults.csl, language or defaults.language
    )


class Citations:
    """What a page cites; ``formulas`` puts those of a title into slots.

    :meth:`cite` is called by the renderer of Markdown for each citation in the page's order,
    :meth:`section` once, when all cells have been rendered.
    """

    def __init__(self, page: Page, sources: Sources, formulas: Callable[[str], str]) -> None:
        self._page = page
        self._files = sources.files
        self._style = sources.style or citation_styles.DEFAULT
        self._language = sources.language
        self._formulas = formulas
        self._read: dict[str, Item] | None = None
        self._places: list[_Place] = []
        self._entries: dict[str, str] = {}
        self._rendered: Rendered | None = None
        self._clean: dict[str, str] = {}

    @property
    def has_bibliography(self) -> bool:
        """Whether there is a file to look keys up in."""
        return bool(self._files)

    def cite(self, citation: Citation) -> str:
        """Put a citation into a slot; a key that is in no file is told of, with its cell."""
        known = tuple(work for work in citation.works if self._known(work.key))
        if not known:
            return escape(self._page.slots.sources(citation.source))
        place = _Place(Citation(known, citation.source, citation.narrative))
        for work in known:
            place.ids.append(self._page.id(f"cite-{slugify(work.key)}"))
            if work.key not in self._entries:
                self._entries[work.key] = self._page.id(f"ref-{slugify(work.key)}")
        self._places.append(place)
        number = len(self._places) - 1
        return self._page.slots.put(
            Slot(lambda: self._shown(number), citation.source, text=lambda: self._spoken(place.citation))
        )

    def section(self, body: str) -> str:
        """Give the list of what is cited, its heading before it where ``body`` doesn't end with one."""
        if not self._places:
            return ""
        rendered = self._all()
        places: dict[str, list[str]] = {}
        for place in self._places:
            for work, identity in zip(place.citation.works, place.ids, strict=True):
                places.setdefault(work.key, []).append(identity)
        entries = "\n".join(
            f'<li id="{escape_attribute(self._entries[key])}">{self._entry(key)} {_back(places[key])}</li>'
            for key, _ in rendered.entries
        )
        tag = "ol" if rendered.numeric else "ul"
        return f'{self._heading(body)}<{tag} class="refs">\n{entries}\n</{tag}>\n'

    # ------------------------------------------------------------------- parts
    def _known(self, key: str) -> bool:
        if key in self._items:
            return True
        if not self._files:
            self._page.warn(
                f"@{key} is cited, but there is no bibliography",
                "Write bibliography: references.bib into the front matter, or into blog.toml",
            )
            return False
        close = difflib.get_close_matches(key, self._items, n=1)
        remedy = (
            f"Write @{close[0]} if that is meant" if close else r"Add it, or write \@ where none is meant"
        )
        self._page.warn(f"no entry of {', '.join(self._files)} has the key {key}", remedy)
        return False

    @property
    def _items(self) -> dict[str, Item]:
        if self._read is None:
            self._read = {}
            for path in self._files:
                for key, item in self._file(path).items.items():
                    self._read.setdefault(key, item)
        return self._read

    def _file(self, path: str) -> Bibliography:
        page = self._page
        content = page.read(path)
        if content is None:
            page.warn(f"the bibliography {path} is not there", "Mend its path, or put the file there")
            return Bibliography()
        try:
            found = _parsed(content)
        except UnicodeDecodeError:
            page.problems.append(Problem("warning", path, "it is not UTF-8", "Save it as UTF-8"))
            return Bibliography()
        for line, what in found.faults:
            page.problems.append(
                Problem("warning", path, f"at line {line}, {what}", "Mend the entry; the others are used")
            )
        return found

    def _all(self) -> Rendered:
        """Write all citations, once: by now every one is known."""
        if self._rendered is None:
            keys = dict.fromkeys(self._entries)
            items = {key: self._with_formulas(self._items[key]) for key in keys}
            citations = [place.citation for place in self._places]
            try:
                self._rendered = citation_styles.rendered(self._source(), self._language, items, citations)
            except StyleError as error:
                self._page.warn(f"the style {self._style} can't be used: {error}", "Name another one", None)
                source = citation_styles.bundled(citation_styles.DEFAULT) or b""
                try:
                    self._rendered = citation_styles.rendered(source, self._language, items, citations)
                except StyleError:
                    self._rendered = citation_styles.plainly(self._language, items, citations)
        return self._rendered

    def _source(self) -> bytes:
        """Give the style's file: one of the notebooks folder, or one that the blog has."""
        own = self._page.read(self._style) if self._style.endswith(".csl") else None
        name = self._style.rpartition("/")[2].removesuffix(".csl")
        content = own if own is not None else citation_styles.bundled(name)
        if content is None:
            raise StyleError(f"there is no such file, and the blog has {', '.join(citation_styles.names())}")
        return content

    def _with_formulas(self, item: Item) -> Item:
        title = item.get("title", "")
        if "$" not in title:
            return item
        return {**item, "title": self._formulas(title)}

    def _shown(self, number: int) -> str:
        place = self._places[number]
        parts = []
        for piece in self._all().citations[number]:
            if piece.work is None:
                parts.append(piece.html)
                continue
            key = place.citation.works[piece.work].key
            entry = escape_attribute(self._entries[key])
            link = (
                f'<a class="cite" id="{escape_attribute(place.ids[piece.work])}"'
                f' href="#{entry}" aria-describedby="{entry}">{piece.html}</a>'
            )
            card = f'<span class="cite-card" popover>{self._entry(key)}</span>'
            parts.append(f'<span class="cited">{link}{card}</span>')
        return "".join(parts)

    def _spoken(self, citation: Citation) -> str:
        """Give the words of a citation for a summary, in no style: it may be asked for before the end."""
        texts = []
        for work in citation.works:
            item = self._items[work.key]
            year = str(((item.get("issued") or {}).get("date-parts") or [[""]])[0][0])
            authors = short_authors(item, self._language)
            texts.append(f"{authors} ({year})" if citation.narrative else f"{authors} {year}".strip())
        return texts[0] if citation.narrative else f"({'; '.join(texts)})"

    def _entry(self, key: str) -> str:
        """Give a work as the list and the cards show it, its address a link."""
        if key not in self._clean:
            self._clean[key] = _linked(dict(self._all().entries)[key].strip(), self._items[key])
        return self._clean[key]

    def _heading(self, body: str) -> str:
        page = self._page
        ends = page.sections and re.search("</h\ue000\\d+\ue001>\\s*$", body)
        if ends and _ROOM.fullmatch(page.sections[-1].text.strip()):
            return ""
        words = _TITLES.get(self._language[:2].lower(), _TITLES["en"])
        level = min((section.level for section in page.sections), default=2)
        identity = page.id(slugify(words))
        page.sections.append(Section(level, identity, words, words))
        index = len(page.sections) - 1
        shown = page.slots.put(Slot(lambda: str(page.level(index))))
        anchor = f'<a class="anchor" href="#{identity}" aria-label="Link to {words}">#</a>'
        return f'<h{shown} id="{identity}">{words}{anchor}</h{shown}>\n'


@lru_cache(maxsize=16)
def _parsed(content: bytes) -> Bibliography:
    text = without_marks(content.decode("utf-8-sig"))
    return bibtex.parse(citation_styles.MARKS.sub("�", text))


def _linked(html: str, item: Item) -> str:
    """Make the DOI or the URL in an entry a link; one that the style leaves out comes after it."""
    doi, url = str(item.get("DOI", "")), str(item.get("URL", ""))
    target = f"https://doi.org/{doi}" if doi else url if url.startswith(("http://", "https://")) else ""
    if not target:
        return html
    link = f'<a href="{escape_attribute(target.replace(" ", "%20"))}" rel="noopener">'
    shown = re.sub(r"^https?://(?:www\.)?", "", url).rstrip("/")
    words = f"doi:{escape(doi)}" if doi else escape(shown)
    written = [f"https://doi.org/{escape(doi)}", f"doi:{escape(doi)}", f"doi: {escape(doi)}"] if doi else []
    for form in [*written, escape(url)]:
        if form and form in html:
            return html.replace(form, f"{link}{words}</a>", 1)
    return f"{html} {link}{words}</a>"


def _back(places: list[str]) -> str:
    """Give the links from an entry to where it is cited."""
    links = " ".join(
        f'<a href="#{escape_attribute(place)}" aria-label="Back to citation {number}">{number}</a>'
        for number, place in enumerate(places, 1)
    )
    return f'<span class="back">↑ {links}</span>'
