"""Writes the search index: one SQLite file with the passages of all notebooks, for the build.

The same library gives the same bytes with the same SQLite. What it is made of has a digest, which the file
holds too, so that a build need not write it again, and a reader can tell whose it is.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from blog.errors import BuildError
from blog.library import Entry, Library
from blog.model import Passage
from blog.search import BITS, TAG, YEAR
from blog.search.question import parted
from blog.views import day_view

_MOST = 1 << BITS  # passages of one notebook

# "title" and "about" (tags, series, authors, description) are filled for a notebook's first passage alone,
# or every passage of a notebook would be found by its title. "around" says the same for all the others and
# counts nothing, so that words may stand partly in the title and partly in the passage. "kept" has a word
# for each tag and for the year, by which FTS5 narrows an answer before it ranks it.
_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE notebooks (id INTEGER PRIMARY KEY, url TEXT, title TEXT, summary TEXT, day TEXT, series TEXT,
                        year INTEGER, language TEXT);
CREATE TABLE tags (place INTEGER PRIMARY KEY, slug TEXT UNIQUE, name TEXT, count INTEGER);
CREATE TABLE tagged (tag INTEGER, notebook INTEGER, PRIMARY KEY (tag, notebook)) WITHOUT ROWID;
CREATE TABLE years (year INTEGER PRIMARY KEY, count INTEGER);
CREATE VIRTUAL TABLE passages USING fts5 (
    title, heading, text, code, about, around, kept, anchor UNINDEXED,
    tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
CREATE VIRTUAL TABLE words USING fts5vocab (passages, row);
"""


_PASSAGES = "passages (rowid, title, heading, text, code, about, around, kept, anchor)"


@dataclass(slots=True)
class Rows:
    """What goes into the index, by its tables; ``digest`` is that of all of it."""

    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    digest: str = ""


def rows(library: Library) -> Rows:
    """Gather what the index of a library is to hold. Called by the build, which knows whether it has it."""
    numbers = {entry.key: number for number, entry in enumerate(library.entries)}
    tagged = [
        (place, numbers[entry.key]) for place, group in enumerate(library.tags) for entry in group.entries
    ]
    kept: dict[int, list[str]] = {}
    for place, number in tagged:
        kept.setdefault(number, []).append(TAG.format(place))
    years = [entry.metadata.date.year for entry in library.entries if entry.metadata.date]
    made = Rows(
        {
            "notebooks": [_notebook(entry, number) for number, entry in enumerate(library.entries)],
            "tags": [
                (place, group.slug, group.name, len(group.entries))
                for place, group in enumerate(library.tags)
            ],
            "tagged": tagged,
            "years": [(year, years.count(year)) for year in sorted(set(years))],
            _PASSAGES: [
                row
                for number, entry in enumerate(library.entries)
                for row in _passages(entry, number, kept.get(number, ()))
            ],
        }
    )
    told = json.dumps([_SCHEMA, BITS, made.tables], ensure_ascii=False)
    made.digest = hashlib.sha256(told.encode()).hexdigest()
    return made


def write(made: Rows) -> bytes:
    """Give the index's bytes. Raises :class:`BuildError` where Python's SQLite can't search."""
    # Autocommit, and one transaction of our own: what is in it when it ends is one segment.
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        try:
            database.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            raise BuildError(f"this Python's SQLite can't search ({error}); use one that has FTS5") from None
        database.execute("BEGIN")
        database.execute("INSERT INTO facts VALUES ('digest', ?)", [made.digest])
        for table, values in made.tables.items():
            if values:
                places = ", ".join("?" * len(values[0]))
                database.executemany(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608
        database.execute("INSERT INTO passages (passages) VALUES ('optimize')")
        database.execute("COMMIT")
        database.execute("VACUUM")
        return database.serialize()


def _notebook(entry: Entry, number: int) -> tuple[Any, ...]:
    metadata = entry.metadata
    day = day_view(metadata.date)
    series = metadata.series
    part = f"Part {series.part} of {series.name}" if series and series.part else series.name if series else ""
    part = "Demo" if entry.kind == "demos" else part
    return (
        *(number, entry.url, metadata.title, metadata.description or entry.article.summary),
        *(day.text if day else "", part, metadata.date.year if metadata.date else None, metadata.lang),
    )


def _passages(entry: Entry, number: int, tags: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    metadata = entry.metadata
    series = (metadata.series.name,) if metadata.series else ()
    about = " ".join(
        (metadata.subtitle, metadata.description, *metadata.tags, *series, *metadata.authors)
    ).strip()
    year = (YEAR.format(metadata.date.year),) if metadata.date else ()
    kept = " ".join((*tags, *year))
    found = entry.article.passages
    if not found or found[0].anchor:  # an article that begins with a heading
        found = (Passage("", "", ""), *found)
    for place, passage in enumerate(found[:_MOST]):
        texts = (passage.heading, passage.text, passage.code)
        first = (metadata.title, *texts, about, "")
        later = ("", *texts, "", f"{metadata.title} {about}")
        words = map(parted, later if place else first)
        yield ((number << BITS) + place, *words, kept, passage.anchor)
