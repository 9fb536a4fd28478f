"""Frames and films of other sites become quiet links, for no request leaves the site."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from blog.convert.page import Page
from blog.convert.tree import Element, Node, escape, walk


def elsewhere(page: Page, element: Element) -> list[Node]:
    """Write a frame or film as a link in a line of its own."""
    source = element.attributes.get("src") or element.attributes.get("data", "")
    if not source:
        source = next(
            (one.attributes["src"] for one in walk(element.children) if "src" in one.attributes), ""
        )
    source = f"https:{source}" if source.startswith("//") else source
    try:
        parts = urlsplit(source)
    except ValueError:
        return []
    if parts.scheme not in ("http", "https") or not parts.hostname:
        if source and not source.startswith("data:"):
            page.warn(f"the {element.tag} {source[:80]} can't be shown", "Link to it instead")
        return []
    link = Element("a", {"href": _watchable(source), "rel": "noopener"}, ["open"])
    host = escape(parts.hostname.removeprefix("www."))
    return [Element("p", {"class": "elsewhere"}, [f"Content from {host}: ", link])]


def _watchable(url: str) -> str:
    """Give the page a reader wants to see for the address of a frame."""
    found = re.match(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]+)", url)
    if found:
        return f"https://www.youtube.com/watch?v={found[1]}"
    found = re.match(r"https?://player\.vimeo\.com/video/(\d+)", url)
    return f"https://vimeo.com/{found[1]}" if found else url
