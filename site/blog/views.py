"""View objects: what the page templates are handed, finished, so that templates decide nothing.

Every text is plain and escaped by the template, but for the fields of type ``Markup``. An optional
part of a page is an empty tuple, an empty string or None, and the template leaves it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from blog.model import Picture

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link; ``current`` marks the page or section that the reader is on."""

    href: str
    text: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class SiteView:
    """What every page of the site shows around its own content.

    ``styles``, ``scripts`` (ES modules), ``theme_script`` (tiny, blocking: sets the theme before the
    first paint) and ``preload_fonts`` are URLs of assets; ``url`` is the site's address, no slash at
    its end.
    """

    title: str
    tagline: str
    description: str
    language: str
    url: str
    footer: Markup
    navigation: tuple[Link, ...]
    footer_navigation: tuple[Link, ...]
    styles: tuple[str, ...]
    scripts: tuple[str, ...]
    theme_script: str
    preload_fonts: tuple[str, ...]
    favicon: str
    search: Link


@dataclass(frozen=True, slots=True)
class Day:
    """A date: ``iso`` for machines, ``text`` ("14 October 2026"), ``short`` ("14 Oct"), ``year``."""

    iso: str
    text: str
    short: str
    year: str


@dataclass(frozen=True, slots=True)
class SeriesStep:
    """One part of a series on its line; ``href`` is empty for the part the reader is on."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A series as its line shows it: ``summary`` reads "Part 2 of 3 in"."""

    name: str
    href: str
    summary: str
    steps: tuple[SeriesStep, ...]


@dataclass(frozen=True, slots=True)
class TocEntry:
    """A section in the table of contents with its subsections; ``html`` may hold mathematics."""

    id: str
    html: Markup
    children: tuple[TocEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class CardView:
    """One notebook in a list. ``meta`` reads "Part 2, 9 minutes"; ``live`` adds the live mark."""

    href: str
    title: str
    description: str
    day: Day | None
    meta: str
    live: bool
    thumb: Picture | None


@dataclass(frozen=True, slots=True)
class CardGroup:
    """A list of cards under a heading: a year, or "Undated"; an empty heading shows none."""

    heading: str
    cards: tuple[CardView, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """The head of a page: ``title`` is the document's title without the site's name.

    ``canonical`` is the page's full URL, ``image`` the full URL of its picture or empty, ``card`` the
    picture itself where it was drawn for other sites;
    ``kind`` is Open Graph's type (``website`` or ``article``); ``styles`` and ``scripts`` (ES modules) are
    URLs of what not every page needs.
    """

    title: str
    description: str
    canonical: str
    image: str = ""
    card: Picture | None = None
    kind: str = "website"
    noindex: bool = False
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CiteView:
    """How a post is cited: a sentence without its address, the address, and an entry of BibTeX."""

    sentence: str
    url: str
    bibtex: str


@dataclass(frozen=True, slots=True)
class ErratumView:
    """A correction of a post: its day and what was wrong."""

    day: Day
    text: str


@dataclass(frozen=True, slots=True)
class PostView:
    """A post, finished. ``reading`` reads "11 minutes, 1 live figure"; ``cite`` says how it is cited.

    ``citation_tags`` are names and contents of ``<meta>`` elements, ``json_ld`` what stands in a
    ``<script>`` of data.
    """

    slug: str
    title: str
    subtitle: str
    lede: str
    day: Day | None
    updated: Day | None
    authors: tuple[str, ...]
    reading: str
    tags: tuple[Link, ...]
    series: SeriesView | None
    toc: tuple[TocEntry, ...]
    body: Markup
    download: str
    license: str
    language: str
    draft: bool
    previous: Link | None
    next: Link | None
    errata: tuple[ErratumView, ...]
    cite: CiteView
    citation_tags: tuple[tuple[str, str], ...]
    json_ld: Markup
    related: tuple[CardView, ...]


@dataclass(frozen=True, slots=True)
class DemoView:
    """A demo's static page. ``about`` is the post it belongs to; ``body`` is its article."""

    slug: str
    title: str
    lede: str
    about: Link | None
    body: Markup
    download: str
    language: str


@dataclass(frozen=True, slots=True)
class FeatureView:
    """The featured post of the home page: its live cell as ``figure``, else its ``picture``."""

    card: CardView
    label: str
    figure: Markup
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class TagView:
    """A tag in the list of tags with the number of its posts."""

    href: str
    name: str
    count: int


def day_view(day: date | None) -> Day | None:
    """Write a date for machines and for readers."""
    if day is None:
        return None
    month = _MONTHS[day.month - 1]
    return Day(day.isoformat(), f"{day.day} {month} {day.year}", f"{day.day} {month[:3]}", str(day.year))
