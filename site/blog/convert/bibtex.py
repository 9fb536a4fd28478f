"""Reads BibTeX files: each entry becomes an item as CSL has them, or a fault with its line.

BibLaTeX's names of types and fields are understood, too. What TeX says of letters becomes the letters;
formulas in a title stay as they are written, for whoever sets them.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Any

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import (
    InvalidNameError,
    parse_single_name_into_parts,
    split_multiple_persons_names,
)
from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry
from pylatexenc.latex2text import LatexNodes2Text

Item = dict[str, Any]

# CSL's types by BibTeX's and BibLaTeX's; what is not here is a document
_TYPES = {
    "article": "article-journal",
    "inproceedings": "paper-conference",
    "conference": "paper-conference",
    "proceedings": "book",
    "book": "book",
    "mvbook": "book",
    "booklet": "pamphlet",
    "incollection": "chapter",
    "inbook": "chapter",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis",
    "techreport": "report",
    "report": "report",
    "manual": "report",
    "unpublished": "manuscript",
    "online": "webpage",
    "electronic": "webpage",
    "www": "webpage",
    "software": "software",
    "dataset": "dataset",
    "patent": "patent",
}
# CSL's variables by the fields they may come from, the first that is there counts
_FIELDS = {
    "container-title": ("journaltitle", "journal", "booktitle", "maintitle"),
    "collection-title": ("series",),
    "publisher": ("publisher", "school", "institution", "organization"),
    "publisher-place": ("location", "address"),
    "volume": ("volume",),
    "edition": ("edition",),
    "page": ("pages",),
    "event-title": ("eventtitle",),
    "version": ("version",),
    "ISBN": ("isbn",),
}
_THESES = {"phdthesis": "PhD thesis", "mastersthesis": "Master’s thesis"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# What the parser would say of an entry to a log is told as a fault.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())
logging.getLogger("bibtexparser").propagate = False
# stands for "and others" until the names have been put together; no text of a file holds it
OTHERS = "\ue008"
_TEX = LatexNodes2Text(math_mode="verbatim", keep_comments=False)


@dataclass(slots=True)
class Bibliography:
    """The items of a file by their keys, and its faults: a line's number and what is wrong there."""

    items: dict[str, Item] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)


def parse(text: str) -> Bibliography:
    """Read a BibTeX file. An entry that can't be read is a fault; the others are there all the same."""
    found = Bibliography()
    library = parse_string(text)
    entries: list[Entry] = list(library.entries)
    for block in library.failed_blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, DuplicateBlockKeyBlock):
            found.faults.append((line, f"the key {block.key} is there twice; the first counts"))
        elif isinstance(block, DuplicateFieldKeyBlock) and isinstance(block.ignore_error_block, Entry):
            names = ", ".join(sorted(block.duplicate_keys))
            found.faults.append((line, f"the entry has {names} twice"))
            entries.append(block.ignore_error_block)
        else:
            found.faults.append((line, f"the entry that begins here can't be read: {_reason(block.error)}"))
    for entry in entries:
        if not entry.key:
            found.faults.append(((entry.start_line or 0) + 1, f"an entry @{entry.entry_type} has no key"))
        else:
            found.items.setdefault(entry.key, _item(entry))
    found.faults.sort()
    return found


def _reason(error: Exception | None) -> str:
    """Say what the parser met, in one line."""
    words = " ".join(str(getattr(error, "abort_reason", None) or error or "it is not BibTeX").split())
    if words.startswith("Unexpected block start"):
        return "it is not closed before the next one"
    return words[:1].lower() + words[1:].rstrip(". ")


def plain(tex: str) -> str:
    r"""Give the text of a field: ``{\"o}`` is ö, braces go, formulas stay."""
    try:
        # an ampersand that nobody has escaped would be taken for the end of a column
        text = _TEX.latex_to_text(re.sub(r"(?<!\\)&", r"\\&", tex))
    except Exception:  # pylatexenc has no base class for what it raises
        text = tex.replace("{", "").replace("}", "")
    return " ".join(text.split())


def _item(entry: Entry) -> Item:
    fields = {one.key.lower(): str(one.value).strip() for one in entry.fields if str(one.value).strip()}
    kind = entry.entry_type.lower()
    # a work without a title is called by its key: so it can be put in order, and its author sees it
    item: Item = {"type": _TYPES.get(kind, "document"), "title": plain(entry.key)}
    if kind == "misc" and {"url", "howpublished"} & fields.keys() and "eprint" not in fields:
        item["type"] = "webpage"
    title = ": ".join(plain(fields[name]) for name in ("title", "subtitle") if name in fields)
    if title:
        item["title"] = title
    for variable, names in _FIELDS.items():
        value = next((fields[name] for name in names if name in fields), "")
        if value:
            item[variable] = plain(value)
    for name in ("author", "editor"):
        if name in fields and (people := _people(fields[name])):
            item[name] = people
    number = fields.get("number") or fields.get("issue")
    if number:
        item["issue" if item["type"] == "article-journal" else "number"] = plain(number)
    if "page" in item:
        item["page"] = re.sub(r"\s*[-–—]+\s*", "-", item["page"])
    if genre := fields.get("type") or _THESES.get(kind):
        item["genre"] = plain(genre)
    if issued := _issued(fields):
        item["issued"] = issued
    _addresses(item, fields)
    return item


def _addresses(item: Item, fields: dict[str, str]) -> None:
    """Say where it is found: its DOI bare, its URL, its number at arXiv."""
    if doi := fields.get("doi"):
        item["DOI"] = re.sub(
            r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", doi, flags=re.IGNORECASE
        ).replace("\\", "")
    url = re.search(r"https?://[^\s{}]+", fields.get("url", "") or fields.get("howpublished", ""))
    if url:
        item["URL"] = url[0].replace("\\", "")
    eprint = fields.get("eprint", "")
    if eprint and fields.get("archiveprefix", fields.get("eprinttype", "arxiv")).lower() == "arxiv":
        item.setdefault("URL", f"https://arxiv.org/abs/{eprint}")
        item.setdefault("container-title", f"arXiv:{eprint}")
        if item["type"] == "document":
            item["type"] = "article"


def _issued(fields: dict[str, str]) -> Item | None:
    """Read the date: BibLaTeX's ``date``, or ``year`` and ``month``; None where there is none."""
    date = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", fields.get("date", ""))
    if date:
        return {"date-parts": [[int(part) for part in date.groups() if part]]}
    year = re.search(r"\d{4}", fields.get("year", ""))
    if not year:
        return {"literal": plain(fields["year"])} if "year" in fields else None
    month = fields.get("month", "").lower()
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1 if month[:3] in _MONTHS else 0
    return {"date-parts": [[int(year[0]), number] if 1 <= number <= 12 else [int(year[0])]]}


def _people(text: str) -> list[Item]:
    people = [person for person in map(_person, split_multiple_persons_names(text)) if person]
    return [] if people and people[0] == {"literal": OTHERS} else people


def _person(name: str) -> Item | None:
    name = name.strip()
    if name.startswith("{") and name.endswith("}"):  # a group: nobody's first or last name
        return {"literal": plain(name)} if plain(name) else None
    if name.lower() == "others":
        return {"literal": OTHERS}
    try:
        parts = parse_single_name_into_parts(name, strict=False)
    except InvalidNameError:
        return {"literal": plain(name)} if plain(name) else None
    found = {
        "family": plain(" ".join(parts.last)),
        "given": plain(" ".join(parts.first)),
        "non-dropping-particle": plain(" ".join(parts.von)),
        "suffix": plain(" ".join(parts.jr)),
    }
    found = {key: value for key, value in found.items() if value}
    return found if "family" in found else {"literal": plain(name)} if plain(name) else None
