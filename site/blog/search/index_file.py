"""Reads the search index of a finished build: ranked passages, gathered by their notebooks.

It takes what :mod:`blog.search.index` wrote, and a question that FTS5 can't refuse.
"""

from __future__ import annotations

import difflib
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from blog.search import BITS, TAG, YEAR
from blog.search.question import BREAK, Question, Term

#: Notebooks on one page of results, passages of one notebook that are shown, and pages at most.
A_PAGE, OF_ONE, MOST_PAGES = 10, 3, 20
# Passages that are told at most, and those that are ranked by all their words: where a question finds
# more of them, what it asks for is best found in titles, headings and tags.
_MOST, _MANY = 2_000, 3_000
# Seconds for one answer; most take a few thousandths.
_PATIENCE = 2.0
# For the columns of the index. A title says most, code least; the last three count nothing.
_WEIGHTS = "bm25(10.0, 5.0, 1.0, 0.4, 3.0, 0.0, 0.0, 0.0)"
_TELLING = "title heading about"
# Before and after what was found; the index holds no control characters.
_ON, _OFF = "\x02", "\x03"
_SNIPPET = 30  # words


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage, with what was found in it marked; ``code`` tells that the snippet is of code."""

    href: str
    heading: Markup
    snippet: Markup
    code: bool = False


@dataclass(frozen=True, slots=True)
class FoundNotebook:
    """A notebook with its best passages; ``more`` counts those that are not shown."""

    href: str
    title: Markup
    meta: tuple[str, ...]
    language: str
    passages: tuple[FoundPassage, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One page of an answer.

    ``passages`` and ``notebooks`` count all that was found, ``some`` tells that no passage has all the
    terms and these have some; ``meant`` is a question that would find something, where this one doesn't.
    """

    results: tuple[FoundNotebook, ...] = ()
    notebooks: int = 0
    passages: int = 0
    page: int = 1
    pages: int = 1
    some: bool = False
    meant: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A tag or a year that answers can be narrowed to."""

    value: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class IndexFile:
    """The index at ``path``, which no one changes while it is there: a build writes a new one."""

    path: Path
    digest: str

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Open it for one answer. Raises FileNotFoundError where another build's is there by now."""
        try:
            database = sqlite3.connect(f"file:{quote(str(self.path))}?mode=ro&immutable=1", uri=True)
        except sqlite3.OperationalError:
            raise FileNotFoundError(self.path) from None
        with closing(database):
            # Where the application runs there may be no folder to write to.
            database.execute("PRAGMA temp_store = MEMORY")
            end = time.monotonic() + _PATIENCE
            database.set_progress_handler(lambda: time.monotonic() > end, 10_000)
            found = database.execute("SELECT value FROM facts WHERE name = 'digest'").fetchone()
            if found is None or found[0] != self.digest:
                raise FileNotFoundError(self.path)
            yield Reader(database)


class Reader:
    """One answer's look into the index."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def tags(self) -> tuple[Choice, ...]:
        """Give every tag."""
        return tuple(Choice(*row) for row in self._all("SELECT slug, name, count FROM tags ORDER BY place"))

    def years(self) -> tuple[Choice, ...]:
        """Give every year, the last one first."""
        found = self._all("SELECT year, count FROM years ORDER BY year DESC")
        return tuple(Choice(str(year), str(year), count) for year, count in found)

    def find(self, question: Question, tag: str = "", year: int | None = None, page: int = 1) -> Found:
        """Answer a question; without one, with the notebooks of a tag or a year, the newest first."""
        page = min(max(page, 1), MOST_PAGES)
        place = self._all("SELECT place FROM tags WHERE slug = ?", [tag]) if tag else []
        if tag and not place:
            return Found()
        tagged = place[0][0] if place else None
        if not question.terms:
            return Found() if tagged is None and year is None else self._listed(tagged, year, page)
        kept = [TAG.format(tagged)] if place else []
        kept += [YEAR.format(year)] if year is not None else []
        ask, ranked = question.all, self._ranked(question.all, kept)
        some = not ranked and len(question.terms) > 1
        if some:
            ask, ranked = question.any, self._ranked(question.any, kept)
        if not ranked:
            return Found(meant=self._meant(question))
        groups: dict[int, list[int]] = {}
        for number in ranked:
            groups.setdefault(number >> BITS, []).append(number)
        shown = list(groups.items())[(page - 1) * A_PAGE : page * A_PAGE]
        return Found(
            tuple(self._results(shown, ask())),
            notebooks=len(groups),
            passages=len(ranked),
            page=page,
            pages=_pages(len(groups)),
            some=some,
            meant=self._meant(question) if some else "",
        )

    # ------------------------------------------------------------------ the parts of an answer

    def _all(self, sql: str, values: Iterable[Any] = ()) -> list[Any]:
        return self._database.execute(sql, tuple(values)).fetchall()

    def _ranked(self, ask: Callable[[str], str], kept: list[str]) -> list[int]:
        """Give the numbers of the passages that match, the best first."""
        narrowed = "".join(f' AND kept : "{word}"' for word in kept)
        expression = f"({ask('')}){narrowed}"
        matching = "FROM passages WHERE passages MATCH ?"
        ((count,),) = self._all(f"SELECT count(*) {matching}", [expression])
        asked = f"({ask(_TELLING)}){narrowed}" if count > _MANY else expression
        ranking = f"SELECT rowid, rank {matching} AND rank MATCH '{_WEIGHTS}' ORDER BY rank LIMIT {_MOST}"
        # What only matches by what stands around it has no rank.
        found = [number for number, rank in self._all(ranking, [asked]) if rank < 0]
        if asked != expression and len(found) < _MOST:
            others = self._all(f"SELECT rowid {matching} LIMIT {_MOST}", [expression])
            found = list(dict.fromkeys([*found, *(number for (number,) in others)]))[:_MOST]
        return found

    def _results(self, groups: list[tuple[int, list[int]]], expression: str) -> Iterator[FoundNotebook]:
        """Show notebooks with the best of their passages."""
        about = self._notebooks([notebook for notebook, _ in groups])
        shown = self._shown([number for _, numbers in groups for number in numbers[:OF_ONE]], expression)
        for notebook, numbers in groups:
            _, url, title, summary, *rest = about[notebook]
            # What stands before the first heading comes first, or it would seem to belong to another.
            best = sorted(
                (_passage(shown[number], url, summary) for number in numbers[:OF_ONE]),
                key=lambda passage: passage.href != url,
            )
            # A notebook's first passage alone has its title.
            titles = (shown[number][1] for number in numbers[:OF_ONE])
            marked = _marked(next(filter(None, titles), title))
            yield _notebook(url, marked, rest, tuple(best), len(numbers) - len(best))

    def _shown(self, numbers: list[int], expression: str) -> dict[int, list[str]]:
        """Give what is shown of passages: anchor, title, heading, snippets of text and code, all marked."""
        # One walk over what matches: the plus keeps FTS5 from looking each number up anew.
        sql = (
            "SELECT rowid, anchor, highlight(passages, 0, ?1, ?2), highlight(passages, 1, ?1, ?2),"  # noqa: S608
            " snippet(passages, 2, ?1, ?2, '…', ?3), snippet(passages, 3, ?1, ?2, '…', ?3) FROM passages"
            f" WHERE passages MATCH ?4 AND +rowid IN ({', '.join(map(str, numbers))})"
        )
        return {row[0]: row[1:] for row in self._all(sql, [_ON, _OFF, _SNIPPET, expression])}

    def _listed(self, tagged: int | None, year: int | None, page: int) -> Found:
        sql = (
            "SELECT id, url, title, summary, day, series, language FROM notebooks"
            " WHERE (?1 IS NULL OR id IN (SELECT notebook FROM tagged WHERE tag = ?1))"
            " AND (?2 IS NULL OR year = ?2) ORDER BY id"
        )
        found = self._all(sql, [tagged, year])
        results = tuple(
            _notebook(
                url, escape(title), rest, (FoundPassage(url, Markup(), escape(summary)),) if summary else ()
            )
            for _, url, title, summary, *rest in found[(page - 1) * A_PAGE : page * A_PAGE]
        )
        return Found(results, notebooks=len(found), page=page, pages=_pages(len(found)))

    def _notebooks(self, numbers: list[int]) -> dict[int, tuple[Any, ...]]:
        sql = (
            "SELECT id, url, title, summary, day, series, language FROM notebooks"  # noqa: S608  (marks only)
            f" WHERE id IN ({', '.join('?' * len(numbers))})"
        )
        return {row[0]: row for row in self._all(sql, numbers)}

    def _meant(self, question: Question) -> str:
        """Give the question with its unknown words replaced by the nearest that the index has."""
        words = [self._nearest(term) for term in question.terms]
        asked = [term.text for term in question.terms]
        if None in words or [*map(str, words)] == asked:
            return ""
        return " ".join(
            f'"{word}"' if term.exact else str(word) for term, word in zip(question.terms, words, strict=True)
        )

    def _nearest(self, term: Term) -> str | None:
        if self._all("SELECT 1 FROM passages WHERE passages MATCH ? LIMIT 1", [term.expression()]):
            return term.text
        word = term.text.casefold()
        if len(word) < 4 or not word.isalnum():
            return None
        # A first letter is seldom wrong; the others of a word that long are compared.
        sql = (
            "SELECT term FROM words WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?"
            " ORDER BY doc DESC, term LIMIT 2000"
        )
        near = self._all(sql, [word[0], chr(ord(word[0]) + 1), len(word) - 2, len(word) + 2])
        return next(iter(difflib.get_close_matches(word, [row[0] for row in near], 1, 0.72)), None)


def _passage(shown: list[str], url: str, summary: str) -> FoundPassage:
    anchor, _, heading, text, code = shown
    is_code = _ON not in text and _ON in code
    snippet = code if is_code else text if _ON in text or anchor else summary
    return FoundPassage(
        f"{url}#{quote(anchor)}" if anchor else url, _marked(heading), _marked(snippet), is_code
    )


def _notebook(
    url: str, title: Markup, rest: list[str], passages: tuple[FoundPassage, ...], more: int = 0
) -> FoundNotebook:
    day, series, language = rest
    return FoundNotebook(url, title, tuple(filter(None, (day, series))), language, passages, more)


def _marked(text: str) -> Markup:
    """Escape a text, and mark in it what FTS5 has found."""
    html = str(escape(text.replace(BREAK, "")))
    html = html.replace(_ON, "<mark>").replace(_OFF, "</mark>")
    return Markup(re.sub(r"</mark>(\s*)<mark>", r"\1", html))  # noqa: S704  (escaped above)


def _pages(notebooks: int) -> int:
    return min(max(1, -(-notebooks // A_PAGE)), MOST_PAGES)
