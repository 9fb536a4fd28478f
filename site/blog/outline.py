"""The outline of an article: its contents, and how long it takes to read."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from blog.model import Article, Heading
from blog.views import TocEntry

# Words a minute for technical prose; Brysbaert (2019), doi:10.1016/j.jml.2019.104047, finds 238 for
# non-fiction, and figures and code slow a reader down.
_WORDS_A_MINUTE = 200


def contents(headings: Sequence[Heading]) -> tuple[TocEntry, ...]:
    """Nest the headings of level 3 below those of level 2."""
    entries: list[TocEntry] = []
    for heading in headings:
        entry = TocEntry(heading.id, Markup(heading.html))  # noqa: S704  (convert has made it safe)
        if heading.level > 2 and entries:
            last = entries[-1]
            entries[-1] = TocEntry(last.id, last.html, (*last.children, entry))
        else:
            entries.append(entry)
    return tuple(entries)


def minutes(article: Article) -> str:
    """Say how many minutes it takes to read, one at least."""
    return count(max(1, round(article.words / _WORDS_A_MINUTE)), "minute")


def reading(article: Article) -> str:
    """Say how long it takes, and how many live figures there are."""
    live = f", {count(len(article.live_cells), 'live figure')}" if article.live_cells else ""
    return minutes(article) + live


def count(number: int, noun: str) -> str:
    """Say a number of something; its plural ends with an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
