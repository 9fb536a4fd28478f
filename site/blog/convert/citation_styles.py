"""Citations and their list in one of CSL's styles, by citeproc-py; what it leaves undone is done here.

That is: the letters that tell two works of one year apart, authors in the sentence, citations without
their author, and full stops and commas within closing quotation marks where English of America has them.
"""

from __future__ import annotations

import html
import re
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from citeproc import (
    LOCALES_PATH,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    Locator,
    formatter,
)
from citeproc import Citation as CslCitation
from citeproc.source import Name
from citeproc.source.json import CiteProcJSON
from lxml import etree

from blog.convert import sanitise
from blog.convert.bibtex import OTHERS, Item
from blog.convert.citation_syntax import Citation, Cited

FOLDER = Path(__file__).parent / "styles"
DEFAULT = "elsevier-harvard"

# Where a work begins and ends in a citation: characters that no text holds (``without_marks``).
_FIRST, _LAST, _AUTHOR = 0xE100, "\ue003", "\ue004"
_WORK = re.compile(f"([\ue100-\ue1ff])(.*?){_LAST}", re.DOTALL)
# citeproc-py escapes some of its texts and some not, so none of them holds what has to be
_ESCAPED = str.maketrans("&<>", "\ue005\ue006\ue007")
_ENTITIES = str.maketrans({"\ue005": "&amp;", "\ue006": "&lt;", "\ue007": "&gt;"})
MARKS = re.compile("[\ue002-\ue008\ue100-\ue1ff]")
_NUMBER = re.compile(r"^\s*(?:<sup>)?[\[(]?{}[\])]?\.?(?:</sup>)?\s*")
_AND = {"en": "and", "de": "und", "fr": "et", "es": "y", "it": "e", "pt": "e", "nl": "en"}
_AND_OTHERS = re.compile(rf"(?:,?\s+(?:&amp;|&|{'|'.join(_AND.values())})\s+|,\s*){OTHERS}")
_CSL = "{http://purl.org/net/xbiblio/csl}"


class StyleError(ValueError):
    """A file that is no style of CSL's."""


class _Year(int):
    """A year that is written with a letter after it, and sorts as a year."""

    letter = ""

    def __str__(self) -> str:
        return f"{int(self)}{self.letter}"

    def __abs__(self) -> _Year:
        return self


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a citation: HTML, and the place of the work that it stands for, None between works."""

    html: str
    work: int | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """All citations of a page in their order, and the list: each work's key and HTML in the list's order."""

    citations: tuple[tuple[Piece, ...], ...]
    entries: tuple[tuple[str, str], ...]
    numeric: bool


def names() -> list[str]:
    """Give the names of the styles that are here."""
    return sorted(file.stem for file in FOLDER.glob("*.csl"))


def bundled(name: str) -> bytes | None:
    """Give the style of this name, None where it is not here."""
    return (FOLDER / f"{name}.csl").read_bytes() if name in names() else None


@lru_cache(maxsize=8)
def _style(source: bytes, language: str) -> tuple[Any, bool]:
    """Read a style once in a process; say whether it cites by numbers."""
    try:
        style = CitationStylesStyle(BytesIO(source), locale=_locale(language), validate=False)
        if style.root.tag != f"{_CSL}style" or style.root.find(f"{_CSL}citation") is None:
            raise StyleError("it has no <style> with a <citation>")
        if not style.has_bibliography():
            raise StyleError("it makes no list of references, so it is for notes")
    except etree.XMLSyntaxError as error:
        raise StyleError(f"it is not XML at line {error.lineno}") from None
    kinds = style.root.findall(f"{_CSL}info/{_CSL}category")
    return style, any(kind.get("citation-format") == "numeric" for kind in kinds)


def _locale(language: str) -> str:
    """Give CSL's words for a language: ``de`` means ``de-DE``, one that has none means English."""
    known = sorted(file.stem.removeprefix("locales-") for file in Path(LOCALES_PATH).glob("locales-*.xml"))
    short = language.partition("-")[0].lower()
    wanted = [language, {"en": "en-US", "pt": "pt-PT", "zh": "zh-CN"}.get(short, f"{short}-{short.upper()}")]
    wanted += [name for name in known if name.partition("-")[0] == short]
    return next((name for name in wanted if name in known), "en-US")


def rendered(
    source: bytes, language: str, items: Mapping[str, Item], citations: Sequence[Citation]
) -> Rendered:
    """Write citations and their list. ``items`` holds every work that is cited, by its key.

    Raises StyleError where ``source`` is no style that can be used.
    """
    style, numeric = _style(source, language)
    try:
        return _Run(style, numeric, language, items, citations).result()
    except Exception as error:  # citeproc-py trips over what a style or a work may lack, in many ways
        raise StyleError(f"these works can't be written in it ({type(error).__name__})") from error


def plainly(language: str, items: Mapping[str, Item], citations: Sequence[Citation]) -> Rendered:
    """Write citations and their list in no style: for works that none can write."""

    def said(key: str) -> str:
        year = str(((items[key].get("issued") or {}).get("date-parts") or [["n.d."]])[0][0])
        return html.escape(f"{short_authors(items[key], language)}, {year}", quote=False)

    keys = sorted(dict.fromkeys(work.key for citation in citations for work in citation.works), key=said)
    pieces = []
    for citation in citations:
        row = [Piece("(")]
        for index, work in enumerate(citation.works):
            row += [Piece("; ")] if index else []
            row.append(Piece(said(work.key), index))
        pieces.append((*row, Piece(")")))
    entries = [
        (key, f"{said(key)}. {html.escape(str(items[key].get('title')), quote=False)}.") for key in keys
    ]
    return Rendered(tuple(pieces), tuple(entries), numeric=False)


class _Run:
    """One page's citations in one style."""

    def __init__(
        self,
        style: Any,
        numeric: bool,
        language: str,
        items: Mapping[str, Item],
        citations: Sequence[Citation],
    ) -> None:
        keys = dict.fromkeys(work.key for citation in citations for work in citation.works)
        # citeproc-py takes keys in lower case, ours may differ by case alone
        self._ids = {key: f"work{index}" for index, key in enumerate(keys)}
        self._items, self._numeric, self._language = items, numeric, language
        self._sorts = numeric or style.root.find(f"{_CSL}citation/{_CSL}sort") is not None
        self._american = _locale(language) == "en-US"
        self._citations = citations
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of variables that it doesn't know
            self._source = CiteProcJSON([{**_escaped(items[key]), "id": self._ids[key]} for key in keys])
        self._bibliography = CitationStylesBibliography(style, self._source, formatter.html)
        self._bibliography.register(CslCitation([CitationItem(name) for name in self._ids.values()]))
        self._bibliography.sort()

    def result(self) -> Rendered:
        if not self._numeric:
            self._add_letters()
        keys = {name: key for key, name in self._ids.items()}
        entries = []
        for item in self._bibliography.items:
            html_of = self._finished("".join(map(str, self._bibliography.style.render_bibliography([item]))))
            if self._numeric:
                html_of = re.sub(_NUMBER.pattern.replace("{}", str(item.number)), "", html_of, count=1)
            entries.append((keys[item.key], html_of))
        return Rendered(tuple(map(self._pieces, self._citations)), tuple(entries), self._numeric)

    def _add_letters(self) -> None:
        """Tell works apart that would be cited alike, by letters in the order of the list."""
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for item in self._bibliography.items:
            alike[self._cite([(item.key, None, "", "")])].append(item.key)
        for same in alike.values():
            for index, name in enumerate(same if len(same) > 1 else []):
                issued = self._source[name].get("issued")
                if issued and isinstance(issued.get("year"), int):
                    year = _Year(issued["year"])
                    year.letter = chr(ord("a") + index % 26)
                    issued["year"] = year

    def _pieces(self, citation: Citation) -> tuple[Piece, ...]:
        if citation.narrative or any(work.without_author for work in citation.works):
            return self._one_by_one(citation)
        works = [
            (self._ids[work.key], _locator(work), _before(work, index), _after(work))
            for index, work in enumerate(citation.works)
        ]
        return _split(self._finished(self._cite(works)))

    def _one_by_one(self, citation: Citation) -> tuple[Piece, ...]:
        """Write a citation whose author stands in the sentence: ``Ophus (2019)``, or ``(2019)`` alone."""
        pieces: list[Piece] = []
        for index, work in enumerate(citation.works):
            name = self._ids[work.key]
            whole = self._cite([(name, _locator(work), "", "")])
            marked = self._without_author(name, _locator(work))
            before, found, after = marked.partition(_AUTHOR)
            author = ""
            if found and whole.startswith(before) and whole.endswith(after):
                author = whole[len(before) : len(whole) - len(after)]
                author = author.replace("&amp;", _AND.get(self._language[:2], "&amp;"))
            if found:
                marked = before + re.sub(r"^[\s,]+", "", after)
            if citation.narrative:
                marked = (
                    f"{author or self._short(work.key)}{'' if marked.startswith('<sup>') else ' '}{marked}"
                )
            extra = [html.escape(text, quote=False) for text in (work.prefix, work.suffix)]
            pieces += [Piece("; ")] if index else []
            pieces += [Piece(f"{extra[0]} ")] if extra[0] else []
            pieces.append(Piece(self._finished(marked), index))
            pieces += [Piece(f" {extra[1]}")] if extra[1] else []
        return tuple(pieces)

    def _short(self, key: str) -> str:
        """Name the authors for a style that doesn't: "Ophus", "Gammer and Minor", "Savitzky et al."."""
        return html.escape(short_authors(self._items[key], self._language), quote=False)

    def _without_author(self, name: str, locator: Locator | None) -> str:
        reference = self._source[name]
        author = reference.get("author")
        reference["author"] = [Name(literal=_AUTHOR)]
        try:
            return self._cite([(name, locator, "", "")])
        finally:
            if author is None:
                del reference["author"]
            else:
                reference["author"] = author

    def _cite(self, works: Sequence[tuple[str, Locator | None, str, str]]) -> str:
        items = []
        for name, locator, prefix, suffix in works:
            given = {"prefix": prefix, "suffix": suffix}
            items.append(CitationItem(name, **given, **({"locator": locator} if locator else {})))
        citation = CslCitation(items)
        citation.bibliography = self._bibliography
        if not self._sorts:  # citeproc-py would take the list's order, CSL asks for the author's
            citation.bibliography = copy(self._bibliography)
            citation.bibliography.keys = list(
                dict.fromkeys([work[0] for work in works] + self._bibliography.keys)
            )
        # Styles ask whether a locator is a number; citeproc-py looks for that among the work's variables.
        for name, locator, _, _ in works:
            if locator:
                self._source[name]["locator"] = str(locator.identifier)
        try:
            return str(self._bibliography.cite(citation, str))
        finally:
            for name, _, _, _ in works:
                self._source[name].pop("locator", None)

    def _finished(self, text: str) -> str:
        text = re.sub(r"\.(</[a-z]+>)\.", r".\1", text).replace("..", ".")
        text = re.sub(r"”([.,])", r"\1”", text) if self._american else text
        text = _AND_OTHERS.sub(" et al.", text).replace(OTHERS, "others").replace("et al..", "et al.")
        return sanitise.clean(text.translate(_ENTITIES))


def _escaped(value: Any) -> Any:
    """Put stand-ins for what HTML would read as its own into all texts of an item."""
    if isinstance(value, str):
        return value.translate(_ESCAPED)
    if isinstance(value, list):
        return [_escaped(one) for one in value]
    if isinstance(value, dict):
        return {key: _escaped(one) for key, one in value.items()}
    return value


def short_authors(item: Item, language: str = "en") -> str:
    """Name the authors of a work as a sentence does; its title where it has none."""
    people = item.get("author") or item.get("editor") or []
    families = [str(person.get("family") or person.get("literal")) for person in people]
    if not families:
        return str(item.get("title", ""))
    if len(families) > 2 or families[-1] == OTHERS:
        return f"{families[0]} et al."
    return f" {_AND.get(language[:2], '&')} ".join(families)


def _locator(work: Cited) -> Locator | None:
    return Locator(work.label, work.locator.replace("-", "–")) if work.locator else None


def _before(work: Cited, index: int) -> str:
    text = f"{html.escape(work.prefix, quote=False)} " if work.prefix else ""
    return text + chr(_FIRST + min(index, 0xFF))


def _after(work: Cited) -> str:
    text = html.escape(work.suffix, quote=False)
    return _LAST + (text if not text or text[0] in ",.;:" else f" {text}")


def _split(text: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    position = 0
    for found in _WORK.finditer(text):
        pieces += [Piece(text[position : found.start()]), Piece(found[2], ord(found[1]) - _FIRST)]
        position = found.end()
    pieces.append(Piece(text[position:]))
    return tuple(piece for piece in pieces if piece.html)
