"""Search indexes for tests, made of a few passages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from blog.library import Entry, Library, arrange
from blog.model import Article, Metadata, Passage
from blog.search import index
from blog.search.index_file import Found, IndexFile
from blog.search.question import parse


def entry(slug: str, *passages: Passage | str, summary: str = "", **metadata: Any) -> Entry:
    """Make a post; text alone is a passage before any heading."""
    made = tuple(Passage("", "", one) if isinstance(one, str) else one for one in passages)
    about = Metadata(**{"title": slug, "slug": slug, "date": dt.date(2026, 1, 1)} | metadata)
    return Entry(f"posts/{slug}.ipynb", "posts", about, Article("", summary=summary, passages=made), "")


class Searched:
    """An index of posts that can be asked."""

    def __init__(self, folder: Path, *entries: Entry) -> None:
        self.library: Library = arrange(entries)
        rows = index.rows(self.library)
        path = folder / "search.sqlite"
        path.write_bytes(index.write(rows))
        self.file = IndexFile(path, rows.digest)

    def ask(self, typed: str, **narrowed: Any) -> Found:
        """Ask what a reader types."""
        with self.file.reading() as reader:
            return reader.find(parse(typed), **narrowed)

    def titles(self, typed: str, **narrowed: Any) -> list[str]:
        """Give the titles of what is found, the best first."""
        return [one.title.striptags() for one in self.ask(typed, **narrowed).results]
