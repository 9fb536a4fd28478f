"""How a post is cited, and what search engines and reference managers are told of it.

BibTeX and a sentence for readers, the ``citation_*`` tags that Google Scholar and Zotero read, and
schema.org's BlogPosting as JSON-LD.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from blog.library import Entry
from blog.settings import Settings
from blog.views import CiteView, day_view

# What TeX reads as its own in a text.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        **{character: f"\\{character}" for character in "&%$#_{}"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_SMALL = frozenset("a an the how on of der die das ein eine le la les".split())  # noqa: SIM905


def authors_of(entry: Entry, settings: Settings) -> tuple[str, ...]:
    """Give who wrote a post: its own authors, else the site's."""
    return entry.metadata.authors or tuple(settings.authors)


def cite_view(entry: Entry, settings: Settings) -> CiteView:
    """Say how a post is cited: in a sentence, and in BibTeX."""
    metadata = entry.metadata
    authors = authors_of(entry, settings)
    url = settings.url + entry.url
    year = str(metadata.date.year) if metadata.date else ""
    updated = day_view(metadata.updated)
    fields = {
        "author": " and ".join(_bibtex_name(name) for name in authors),
        "title": f"{{{metadata.title.translate(_TEX)}}}",
        "howpublished": settings.title.translate(_TEX),
        "year": year,
        "month": str(metadata.date.month) if metadata.date else "",
        "note": f"Updated {updated.text}" if updated else "",
        "url": url,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    bibtex = "\n".join([f"@misc{{{_key(metadata.title, authors, year)},", *lines, "}"])
    who = ", ".join(authors) + (f" ({year})" if year else "") if authors else year
    said = [part for part in (who, metadata.title, settings.title) if part]
    return CiteView(" ".join(p if p.endswith((".", "?", "!")) else f"{p}." for p in said), url, bibtex)


def _bibtex_name(name: str) -> str:
    """Write a name for BibTeX; a group's is in braces, or it would be taken apart."""
    written = name.translate(_TEX)
    return f"{{{written}}}" if is_group(name) else written


def is_group(name: str) -> bool:
    """Tell a group's name from a person's: it begins with an article, or joins several."""
    return name.lower().startswith(("the ", "die ", "das ", "les ", "los ")) or " and " in name.lower()


def _key(title: str, authors: tuple[str, ...], year: str) -> str:
    """Make a key as authors make them: name, year, first word of the title."""
    words = [word for word in _ascii(title).split() if word not in _SMALL]
    name = _ascii(authors[0]).split() if authors else []
    if name and is_group(authors[0]):
        name = ["".join(word for word in name if word not in _SMALL)]
    return (name[-1] if name else "") + year + (words[0] if words else "") or "post"


def _ascii(text: str) -> str:
    """Give the words of a text in ASCII's small letters and digits."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def citation_tags(entry: Entry, settings: Settings) -> Iterator[tuple[str, str]]:
    """Give the ``citation_*`` tags of a post (scholar.google.com, "Inclusion Guidelines for Webmasters")."""
    metadata = entry.metadata
    yield "citation_title", metadata.title
    for author in authors_of(entry, settings):
        yield "citation_author", author
    if metadata.date:
        yield "citation_publication_date", metadata.date.strftime("%Y/%m/%d")
    yield "citation_journal_title", settings.title
    yield "citation_fulltext_html_url", settings.url + entry.url
    yield "citation_language", metadata.lang or settings.language


def json_ld(entry: Entry, settings: Settings, image: str) -> Markup:
    """Describe a post as schema.org's BlogPosting, safe within a ``<script>`` of data.

    ``image`` is the full address of its picture, empty where it has none.
    """
    metadata, url = entry.metadata, settings.url + entry.url
    updated = metadata.updated or metadata.date
    site = {"name": settings.title, "url": f"{settings.url}/"}
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": metadata.title,
        "alternativeHeadline": metadata.subtitle,
        "description": metadata.description or entry.article.summary,
        "url": url,
        "mainEntityOfPage": url,
        "image": image,
        "datePublished": metadata.date.isoformat() if metadata.date else "",
        "dateModified": updated.isoformat() if updated else "",
        "author": [
            {"@type": "Organization" if is_group(name) else "Person", "name": name}
            for name in authors_of(entry, settings)
        ],
        "publisher": {"@type": "Organization", **site},
        "isPartOf": {"@type": "Blog", **site},
        "inLanguage": metadata.lang or settings.language,
        "keywords": list(metadata.tags),
        "license": metadata.license or settings.license,
        "correction": [
            {"@type": "CorrectionComment", "datePublished": one.date.isoformat(), "text": one.text}
            for one in metadata.errata
        ],
        "wordCount": entry.article.words,
    }
    text = json.dumps({key: value for key, value in described.items() if value}, ensure_ascii=False)
    # What would end the script, or begin a comment in it, is written as JSON writes any character.
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  (nothing in it is markup now)
