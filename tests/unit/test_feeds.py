"""Feeds and the sitemap hold what their formats ask for, whatever the posts lack."""

from __future__ import annotations

import datetime as dt
import json
from xml.etree import ElementTree

import pytest
from blog import feeds
from blog.library import Library, arrange
from blog.settings import Settings
from support.searching import entry

ATOM = {"a": "http://www.w3.org/2005/Atom"}
SETTINGS = Settings(title="A & B", url="https://blog.example", authors=["Who"])
RFC_3339 = "%Y-%m-%dT%H:%M:%S%z"


@pytest.fixture(params=["many", "none"])
def library(request: pytest.FixtureRequest) -> Library:
    """A blog of posts that have all and posts that have nothing, and one without any."""
    if request.param == "none":
        return arrange([])
    bare = [entry(f"bare-{n}", title=f"<i>{n}</i> & ]]>") for n in range(feeds.FEED_LENGTH)]
    full = entry(
        "full", summary="Sum & more.", authors=("X", "Y"), tags=("t & u",), updated=dt.date(2026, 2, 2)
    )
    return arrange([*bare, full, entry("undated", date=None)])


def test_the_atom_feed_is_one(library: Library) -> None:
    """RFC 4287, sections 4.1.1 and 4.1.2: each has one id, title and updated, and somebody wrote it."""
    feed = ElementTree.fromstring(feeds.atom(library, SETTINGS))  # noqa: S314  (ours)
    entries = feed.findall("a:entry", ATOM)
    assert len(entries) == min(feeds.FEED_LENGTH, len(library.posts))
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            (one,) = element.findall(f"a:{name}", ATOM)
            assert one.text
        dt.datetime.strptime(element.findtext("a:updated", "", ATOM), RFC_3339)
        assert [link.get("rel") for link in element.findall("a:link", ATOM)].count("alternate") == 1
        assert all(summary.text for summary in element.findall("a:summary", ATOM))
    assert feed.findtext("a:author/a:name", "", ATOM) == "Who"
    assert "https://blog.example/feed.xml" in {
        link.get("href") for link in feed.findall("a:link[@rel='self']", ATOM)
    }
    identities = [one.findtext("a:id", "", ATOM) for one in entries]
    assert len(set(identities)) == len(identities)
    assert not any("undated" in identity for identity in identities)


def test_the_json_feed_is_one(library: Library) -> None:
    """JSON Feed 1.1: an item has an id and a content; nothing is empty."""
    feed = json.loads(feeds.json_feed(library, SETTINGS))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "A & B"
    assert isinstance(feed["items"], list)
    assert len(feed["items"]) == min(feeds.FEED_LENGTH, len(library.posts))
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_text"]
        dt.datetime.strptime(item["date_published"], RFC_3339)
        assert all(item.values())


def test_the_sitemap_lists_what_it_is_given(library: Library) -> None:
    urls = ["/", *(post.url for post in library.posts)]
    root = ElementTree.fromstring(feeds.sitemap(urls, library, SETTINGS))  # noqa: S314  (ours)
    spaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    assert [url.text for url in root.findall("s:url/s:loc", spaces)] == [
        f"https://blog.example{url}" for url in urls
    ]
    changed = {url.findtext("s:loc", "", spaces): url.findtext("s:lastmod", "", spaces) for url in root}
    assert changed.get("https://blog.example/posts/full/") in (None, "2026-02-02")


def test_crawlers_are_kept_out_of_sessions_and_questions() -> None:
    lines = feeds.robots(SETTINGS).decode().splitlines()
    assert lines[:3] == ["User-agent: *", "Disallow: /live/", "Disallow: /search?"]
    assert lines[-1] == "Sitemap: https://blog.example/sitemap.xml"
