"""What other programs read: the Atom and JSON feeds, the sitemap and robots.txt.

Feeds carry summaries, never whole posts or their pictures, and only dated posts: an entry of Atom
must say when it was updated (RFC 4287, section 4.1.1), and an undated post doesn't.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from io import StringIO
from typing import Any
from xml.etree import ElementTree

import feedgenerator

from blog.library import Entry, Library
from blog.settings import LIVE_PREFIX, SEARCH, Settings

#: Entries in a feed: readers fetch it often, and older ones they have seen.
FEED_LENGTH = 30


class _Atom(feedgenerator.Atom1Feed):  # type: ignore[misc]
    """Atom as feedgenerator writes it, but a feed without entries is as old as time, not made now."""

    def latest_post_date(self) -> datetime:
        """Give the date of the newest entry; the same feed gives the same bytes at any time."""
        dates = [item["updateddate"] for item in self.items]
        return max(dates, default=datetime(1970, 1, 1, tzinfo=UTC))


def atom(library: Library, settings: Settings) -> bytes:
    """Write the Atom feed."""
    feed = _Atom(
        title=settings.title,
        link=f"{settings.url}/",
        description=settings.description or None,
        subtitle=settings.tagline or None,
        feed_url=f"{settings.url}/feed.xml",
        language=settings.language,
        # An entry without an author of its own needs the feed's (RFC 4287, section 4.1.1).
        author_name=", ".join(settings.authors) or settings.title,
        feed_copyright=settings.license or None,
    )
    for entry, day in _dated(library):
        metadata = entry.metadata
        feed.add_item(
            title=metadata.title,
            link=settings.url + entry.url,
            unique_id=settings.url + entry.url,
            description=html.escape(metadata.description or entry.article.summary) or None,
            author_name=", ".join(metadata.authors) or None,
            pubdate=_midnight(day),
            updateddate=_midnight(metadata.updated or day),
            categories=metadata.tags,
        )
    text = StringIO()
    feed.write(text, "utf-8")
    return text.getvalue().encode()


def json_feed(library: Library, settings: Settings) -> bytes:
    """Write the JSON feed (jsonfeed.org, version 1.1)."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": settings.title,
        "home_page_url": f"{settings.url}/",
        "feed_url": f"{settings.url}/feed.json",
        "description": settings.description or settings.tagline,
        "language": settings.language,
        "authors": [{"name": name} for name in settings.authors],
        "items": [
            {
                "id": settings.url + entry.url,
                "url": settings.url + entry.url,
                "title": entry.metadata.title,
                # The version 1.1 asks for a content; a summary as text keeps the feed small.
                "content_text": entry.metadata.description or entry.article.summary or entry.metadata.title,
                "date_published": _midnight(day).isoformat(),
                "date_modified": _midnight(entry.metadata.updated or day).isoformat(),
                "authors": [{"name": name} for name in entry.metadata.authors],
                "tags": list(entry.metadata.tags),
            }
            for entry, day in _dated(library)
        ],
    }
    # The list is there even where it is empty.
    feed = _without_empty(feed) | {"items": _without_empty(feed["items"])}
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()


def sitemap(urls: Iterable[str], library: Library, settings: Settings) -> bytes:
    """Write the sitemap (sitemaps.org) of the pages at ``urls``; dated posts say when they changed."""
    changed = {
        entry.url: day.isoformat()
        for entry in library.entries
        if (day := entry.metadata.updated or entry.metadata.date)
    }
    root = ElementTree.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    for url in urls:
        page = ElementTree.SubElement(root, "url")
        ElementTree.SubElement(page, "loc").text = settings.url + url
        if url in changed:
            ElementTree.SubElement(page, "lastmod").text = changed[url]
    ElementTree.indent(root, " ")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def robots(settings: Settings) -> bytes:
    """Write robots.txt: all may be read, but a crawler has no business in a reader's session or search."""
    closed = "".join(f"Disallow: {start}\n" for start in (LIVE_PREFIX, f"{SEARCH}?"))
    return f"User-agent: *\n{closed}\nSitemap: {settings.url}/sitemap.xml\n".encode()


def _dated(library: Library) -> list[tuple[Entry, date]]:
    dated = [(entry, entry.metadata.date) for entry in library.posts if entry.metadata.date]
    return dated[:FEED_LENGTH]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _without_empty(value: Any) -> Any:
    """Leave out what has no value: the format wants a key absent rather than empty."""
    if isinstance(value, dict):
        return {key: _without_empty(item) for key, item in value.items() if item not in ("", [], None)}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value
