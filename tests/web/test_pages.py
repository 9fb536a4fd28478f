"""Pages over real HTTP, through nginx and Gunicorn."""

from __future__ import annotations

import gzip
import json
import re
from urllib.parse import urlsplit

import brotli
import pytest
from support.site import Site

PAGES = ("/", "/archive/", "/tags/", "/about/", "/demos/", "/posts/outputs/", "/posts/live/", "/demos/live/")


@pytest.mark.parametrize("path", PAGES)
def test_every_kind_of_page_is_served(case_site: Site, path: str) -> None:
    answer = case_site.get(path)
    assert answer.status == 200
    assert answer["content-type"] == "text/html; charset=utf-8"
    policy = answer["content-security-policy"] or ""
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.body.startswith(b"<!doctype html>")


def test_each_form_of_a_page_holds_the_same(case_site: Site) -> None:
    plain = case_site.get("/posts/outputs/")
    br = case_site.get("/posts/outputs/", Accept_Encoding="gzip, deflate, br, zstd")
    gz = case_site.get("/posts/outputs/", Accept_Encoding="gzip")
    assert brotli.decompress(br.body) == gzip.decompress(gz.body) == plain.body
    assert (br["content-encoding"], gz["content-encoding"]) == ("br", "gzip")
    tags = {answer["etag"] or "" for answer in (plain, br, gz)}
    assert len(tags) == 3, "forms differ in their bytes, so their strong ETags must"
    assert not any(tag.startswith("W/") for tag in tags)
    assert all("accept-encoding" in (answer["vary"] or "").lower() for answer in (plain, br, gz))


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_a_page_that_has_not_changed_is_not_sent_again(case_site: Site, encoding: str) -> None:
    tag = case_site.get("/posts/outputs/", Accept_Encoding=encoding)["etag"] or ""
    again = case_site.get("/posts/outputs/", Accept_Encoding=encoding, If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    other = case_site.get("/posts/outputs/", Accept_Encoding=encoding, If_None_Match='"other"')
    assert other.status == 200


def test_assets_are_for_ever_and_compressed(case_site: Site) -> None:
    style = re.search(rb'href="(/static/style\.[0-9a-f]{16}\.css)"', case_site.get("/").body)
    assert style
    answer = case_site.get(style[1].decode(), Accept_Encoding="br")
    assert answer.status == 200
    assert "immutable" in (answer["cache-control"] or "")
    assert answer["content-encoding"] == "br"
    assert b"@layer" in brotli.decompress(answer.body)
    assert (answer["content-type"] or "").startswith("text/css")


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/posts/outputs", 308, "/posts/outputs/"),
        ("/posts/old-outputs/", 301, "/posts/outputs/"),
        ("/archive", 308, "/archive/"),
    ],
)
def test_addresses_that_lead_elsewhere(case_site: Site, path: str, status: int, location: str) -> None:
    answer = case_site.get(path)
    assert (answer.status, urlsplit(answer["location"] or "").path) == (status, location)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing/",
        "/posts/draft/",
        "/posts/future/",
        "/.build/manifest.json",
        "/posts/../.build/live.json",
        "/static/../.build/live.json",
        "/static/none.css",
        "/errors/404.html",
        "/posts/live/index.html.br",
        "/%2e%2e/%2e%2e/etc/passwd",
    ],
)
def test_what_is_not_published_is_not_found(case_site: Site, path: str) -> None:
    answer = case_site.get(path)
    assert answer.status in (400, 404)
    if answer.status == 404:
        assert b"systematically absent" in answer.body
        assert answer["content-type"] == "text/html; charset=utf-8"
        assert answer["cache-control"] == "no-store"


def test_nothing_but_reading_is_allowed(case_site: Site) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert case_site.get("/posts/live/", method).status in (403, 405)
    answer = case_site.get("/posts/live/", "HEAD")
    assert (answer.status, answer.body) == (200, b"")


def test_the_notebook_can_be_downloaded(case_site: Site) -> None:
    answer = case_site.get("/posts/live/live.ipynb")
    assert answer.status == 200
    assert answer["content-type"] == "application/x-ipynb+json"
    assert answer["content-disposition"] == 'attachment; filename="live.ipynb"'
    assert json.loads(answer.body)["nbformat"] == 4


def test_feeds_are_small_and_complete(case_site: Site) -> None:
    atom = case_site.get("/feed.xml")
    assert (atom.status, atom["content-type"]) == (200, "application/xml; charset=utf-8")
    assert b"data:image" not in atom.body
    feed = json.loads(case_site.get("/feed.json").body)
    dated = [f"/posts/{slug}/" for slug in ("live", "outputs", "cited", "julia", "markdown")]
    assert [urlsplit(item["url"]).path for item in feed["items"]] == dated


def test_health_tells_each_service_and_no_more(case_site: Site) -> None:
    answer = case_site.get("/healthz")
    assert answer.status == 200
    assert answer["cache-control"] == "no-store"
    health = json.loads(answer.body)
    assert health.keys() == {"status", "services", "sessions"}
    assert health["services"] == {"site": "ok", "voila": "ok", "nginx": "ok"}
