"""Every page of a built site keeps what was promised: links lead somewhere, nothing comes from elsewhere.

Both the cases of ``input/`` and the blog's own notebooks are built and walked, page by page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from blog.build import Selection, build
from blog.manifest import load
from blog.settings import SEARCH

ROOT = Path(__file__).parents[2]
# What loads by itself; a link is only followed by a reader who wants to.
_LOADED = ("src", "srcset", "poster", "data", "action", "background", "imagesrcset")


class Site:
    """A built site with its pages parsed."""

    def __init__(self, out: Path) -> None:
        manifest = load(out)
        assert manifest
        self.urls = {*manifest.pages, *manifest.redirects}
        self.urls |= {f"/static/{asset}" for asset in manifest.assets}
        html = {url: page.file for url, page in manifest.pages.items() if page.type.startswith("text/html")}
        html |= {f"error {code}": page.file for code, page in manifest.errors.items()}
        self.pages = {
            url: html5lib.parse((out / file).read_text(), namespaceHTMLElements=False)
            for url, file in html.items()
        }

    def elements(self) -> Iterator[tuple[str, Element]]:
        """Give every element with the URL of its page."""
        for url, page in self.pages.items():
            for element in page.iter():
                if isinstance(element.tag, str):
                    yield url, element


@pytest.fixture(scope="module", params=["tests/build/input", "notebooks"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build a folder of notebooks once."""
    out = tmp_path_factory.mktemp("site") / "out"
    build(ROOT / request.param, out, Selection(dt.date(2026, 12, 31)))
    return Site(out)


def test_every_link_leads_somewhere(site: Site) -> None:
    ids = {url: {e.get("id") for e in page.iter()} for url, page in site.pages.items()}
    dead = set()
    for url, element in site.elements():
        for name in ("href", "src"):
            target = urlsplit(element.get(name) or "")
            if target.scheme or target.netloc or not element.get(name):
                continue
            path = unquote(target.path) or url
            if path == SEARCH:
                continue  # answered by the application
            if not path.startswith("/live/") and path not in site.urls and not path.startswith("error"):
                dead.add(f"{url}: {element.get(name)}")
            elif target.fragment and unquote(target.fragment) not in ids.get(path, set()):
                dead.add(f"{url}: no place {element.get(name)}")
    assert dead == set()


def test_nothing_is_fetched_from_elsewhere(site: Site) -> None:
    for url, element in site.elements():
        loaded = [element.get(name) for name in _LOADED]
        if element.tag == "link" and element.get("rel") not in ("canonical", "alternate"):
            loaded.append(element.get("href"))
        for value in filter(None, loaded):
            assert not urlsplit(value.strip()).netloc, f"{url}: <{element.tag}> loads {value[:80]}"
        assert element.tag not in ("iframe", "object", "embed", "base", "meta http-equiv"), (
            f"{url}: {element.tag}"
        )


def test_nothing_is_inline(site: Site) -> None:
    for url, element in site.elements():
        assert element.tag != "style", url
        assert (
            element.tag != "script" or element.get("src") or element.get("type") == "application/ld+json"
        ), url
        inline = [name for name in element.attrib if name == "style" or name.lower().startswith("on")]
        assert inline == [], f"{url}: <{element.tag} {inline}>"
        assert not (element.get("href") or "").lower().startswith(("javascript:", "data:")), url


def test_pages_are_sound(site: Site) -> None:
    for url, page in site.pages.items():
        ids = [e.get("id") for e in page.iter() if e.get("id")]
        assert len(ids) == len(set(ids)), f"{url}: doubled ids {[i for i in ids if ids.count(i) > 1]}"
        assert len(page.findall(".//h1")) == 1, url
        assert page.get("lang"), url
        assert (page.findtext(".//title") or "").strip(), url
        for image in page.iter("img"):
            assert image.get("alt") is not None, f"{url}: a picture without alt"
            assert image.get("width"), f"{url}: {image.get('src')} has no size, so the text would jump"
            assert image.get("height"), url
        levels = [
            int(e.tag[1])
            for e in page.iter()
            if isinstance(e.tag, str) and e.tag in {f"h{n}" for n in "123456"}
        ]
        jumps = [(a, b) for a, b in pairwise(levels) if b > a + 1]
        assert jumps == [], f"{url}: headings jump {jumps}"


def test_pages_are_small(site: Site) -> None:
    for url, page in site.pages.items():
        images = [e.get("src") or "" for e in page.iter("img")]
        assert not any(source.startswith("data:") for source in images), f"{url} holds embedded pictures"
