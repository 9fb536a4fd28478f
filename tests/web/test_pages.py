"""Pages over real HTTP, through nginx and Gunicorn."""

from __future__ import annotations

import gzip
import http.client
import json
import re
from urllib.parse import urlsplit

import brotli
import pytest
from support.site import RunningSite

PAGES = ("/", "/archive/", "/tags/", "/about/", "/demos/", "/posts/outputs/", "/posts/live/", "/demos/live/")


def get(
    site: RunningSite, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Ask without following redirects or decoding anything."""
    address = urlsplit(site.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=30)
    try:
        connection.request(
            method, path, headers={key.replace("_", "-"): value for key, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", PAGES)
def test_every_kind_of_page_is_served(case_site: RunningSite, path: str) -> None:
    status, headers, body = get(case_site, path)
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert body.startswith(b"<!doctype html>")


def test_each_form_of_a_page_holds_the_same(case_site: RunningSite) -> None:
    _, plain_headers, plain = get(case_site, "/posts/outputs/")
    _, br_headers, br = get(case_site, "/posts/outputs/", Accept_Encoding="gzip, deflate, br, zstd")
    _, gz_headers, gz = get(case_site, "/posts/outputs/", Accept_Encoding="gzip")
    assert brotli.decompress(br) == gzip.decompress(gz) == plain
    assert (br_headers["content-encoding"], gz_headers["content-encoding"]) == ("br", "gzip")
    tags = {headers["etag"] for headers in (plain_headers, br_headers, gz_headers)}
    assert len(tags) == 3, "forms differ in their bytes, so their strong ETags must"
    assert not any(tag.startswith("W/") for tag in tags)
    assert all("accept-encoding" in h["vary"].lower() for h in (plain_headers, br_headers, gz_headers))


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_a_page_that_has_not_changed_is_not_sent_again(case_site: RunningSite, encoding: str) -> None:
    _, headers, _ = get(case_site, "/posts/outputs/", Accept_Encoding=encoding)
    again = get(case_site, "/posts/outputs/", Accept_Encoding=encoding, If_None_Match=headers["etag"])
    assert (again[0], again[2]) == (304, b"")
    other = get(case_site, "/posts/outputs/", Accept_Encoding=encoding, If_None_Match='"other"')
    assert other[0] == 200


def test_assets_are_for_ever_and_compressed(case_site: RunningSite) -> None:
    _, _, page = get(case_site, "/")
    style = re.search(rb'href="(/static/style\.[0-9a-f]{16}\.css)"', page)
    assert style
    status, headers, body = get(case_site, style[1].decode(), Accept_Encoding="br")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert headers["content-encoding"] == "br"
    assert b"@layer" in brotli.decompress(body)
    assert headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/posts/outputs", 308, "/posts/outputs/"),
        ("/posts/old-outputs/", 301, "/posts/outputs/"),
        ("/archive", 308, "/archive/"),
    ],
)
def test_addresses_that_lead_elsewhere(case_site: RunningSite, path: str, status: int, location: str) -> None:
    found, headers, _ = get(case_site, path)
    assert (found, urlsplit(headers["location"]).path) == (status, location)


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
def test_what_is_not_published_is_not_found(case_site: RunningSite, path: str) -> None:
    status, headers, body = get(case_site, path)
    assert status in (400, 404)
    if status == 404 and not path.startswith("/static/"):
        assert b"systematically absent" in body
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert headers["cache-control"] == "no-store"


def test_nothing_but_reading_is_allowed(case_site: RunningSite) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert get(case_site, "/posts/live/", method)[0] in (403, 405)
    status, _, body = get(case_site, "/posts/live/", "HEAD")
    assert (status, body) == (200, b"")


def test_the_notebook_can_be_downloaded(case_site: RunningSite) -> None:
    status, headers, body = get(case_site, "/posts/live/live.ipynb")
    assert status == 200
    assert headers["content-type"] == "application/x-ipynb+json"
    assert headers["content-disposition"] == 'attachment; filename="live.ipynb"'
    assert json.loads(body)["nbformat"] == 4


def test_feeds_are_small_and_complete(case_site: RunningSite) -> None:
    status, headers, atom = get(case_site, "/feed.xml")
    assert (status, headers["content-type"]) == (200, "application/xml; charset=utf-8")
    assert b"data:image" not in atom
    feed = json.loads(get(case_site, "/feed.json")[2])
    dated = ["/posts/live/", "/posts/outputs/", "/posts/julia/", "/posts/markdown/"]
    assert [urlsplit(item["url"]).path for item in feed["items"]] == dated


def test_health_tells_each_service_and_no_more(case_site: RunningSite) -> None:
    status, headers, body = get(case_site, "/healthz")
    assert status == 200
    assert headers["cache-control"] == "no-store"
    health = json.loads(body)
    assert health.keys() == {"status", "services", "sessions"}
    assert health["services"] == {"site": "ok", "voila": "ok", "nginx": "ok"}
