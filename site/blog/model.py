"""The values that pass between the parts: plain, frozen, and without behaviour worth testing.

They are JSON-friendly on purpose: a build keeps the :class:`Article` of every notebook in its cache
and shows the last good one where a notebook fails.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["posts", "demos"]
Fork = Literal["all cells", "warm cells"]
Severity = Literal["warning", "skipped"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One line to the author: what is wrong, in which file and cell, and how to mend it.

    ``path`` is relative to the notebooks folder. ``severity`` is ``warning`` where the page is made
    all the same, ``skipped`` where it isn't.
    """

    severity: Severity
    path: str
    what: str
    remedy: str
    cell: int | None = None

    def __str__(self) -> str:
        """Give the line as the command prints it."""
        where = self.path if self.cell is None else f"{self.path}, cell {self.cell}"
        return f"{self.severity}: {where}: {self.what}. {self.remedy}."


@dataclass(frozen=True, slots=True)
class Series:
    """The series a post belongs to, as its front matter says it: a name, and a part where given."""

    name: str
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Erratum:
    """A correction that readers should know of: what was wrong, and the day it was mended."""

    date: dt.date
    text: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """A notebook's front matter, validated by ``notebook.py`` and nowhere else (DESIGN section 4).

    ``fork`` says what is run before a reader's kernel is forked, None where the author leaves it to the
    live server.
    """

    title: str
    slug: str
    subtitle: str = ""
    description: str = ""
    date: dt.date | None = None
    updated: dt.date | None = None
    tags: tuple[str, ...] = ()
    series: Series | None = None
    authors: tuple[str, ...] = ()
    draft: bool = False
    image: str = ""
    aliases: tuple[str, ...] = ()
    bibliography: tuple[str, ...] = ()
    license: str = ""
    lang: str = ""
    csl: str = ""
    macros: tuple[tuple[str, str], ...] = ()
    errata: tuple[Erratum, ...] = ()
    fork: Fork | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the article for the table of contents: ``level`` 2 or 3, ``html`` its inline markup."""

    level: int
    id: str
    html: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its URL, with its size in pixels and its alternative text."""

    url: str
    width: int
    height: int
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """A fingerprinted file that is not HTML: served as ``/static/<name>.<digest>.<ext>``.

    ``path`` is its place below ``static/`` (that is, ``<name>.<digest>.<ext>``).
    """

    path: str
    content: bytes

    @property
    def url(self) -> str:
        """The URL a page names it by."""
        return f"/static/{self.path}"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as an article has it, so that it need not be encoded again.

    ``source`` is the digest of what it was made of and by. All else are assets by their ``path``; ``scaled``
    with their widths, ``original`` and ``film`` empty where there are none.
    """

    source: str
    path: str
    width: int
    height: int
    scaled: tuple[tuple[str, int], ...] = ()
    original: str = ""
    film: str = ""


@dataclass(frozen=True, slots=True)
class LiveCell:
    """A live cell: its ``id`` as the page names it, its ``number`` in the file, counted from 1.

    ``html`` is the cell as it stands in the article, for pages that show it alone.
    """

    id: str
    number: int
    html: str


@dataclass(frozen=True, slots=True)
class Passage:
    """What search finds: an article's text from one heading to the next.

    The first one, before any heading, has neither ``anchor`` nor ``heading``. ``code`` is what stands in
    code cells and their outputs.
    """

    anchor: str
    heading: str
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """What ``convert`` makes of one notebook.

    ``body`` is the HTML of the article without the page around it. ``inputs`` are the other files
    that were read (relative to the notebooks folder) with the digest of each, None where one was
    missing: a change of any of them makes the article stale. ``links`` are the links to other
    notebooks that were asked for and the URL each one got (None: no such page).
    ``assets`` are the ``path`` of every asset the body names, ``encoded`` the pictures among them.
    ``live_cells`` are in their order, and ``styles`` the URLs of the stylesheets with the layouts of their
    widgets. ``card`` is the picture that other sites show, ``passages`` are its text for search.
    """

    body: str
    headings: tuple[Heading, ...] = ()
    assets: tuple[str, ...] = ()
    live_cells: tuple[LiveCell, ...] = ()
    styles: tuple[str, ...] = ()
    figures: int = 0
    words: int = 0
    summary: str = ""
    picture: Picture | None = None
    card: Picture | None = None
    inputs: tuple[tuple[str, str | None], ...] = ()
    links: tuple[tuple[str, str | None], ...] = ()
    encoded: tuple[Encoded, ...] = ()
    passages: tuple[Passage, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
