"""What comes with each kind of answer of the running site: its type, how long it is kept, what it may do."""

from __future__ import annotations

import pytest
from support.site import Site

CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
ASKED_AGAIN = "public, max-age=0, must-revalidate"
FOR_EVER = "public, max-age=31536000, immutable"
PAGE = "text/html; charset=utf-8"
COMMON = (
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Content-Security-Policy",
    "Content-Type",
    "Cache-Control",
)


@pytest.mark.parametrize(
    ("path", "status", "kind", "kept"),
    [
        ("/posts/outputs", 308, PAGE, ASKED_AGAIN),
        ("/posts/old-outputs/", 301, PAGE, ASKED_AGAIN),
        ("/feed.xml", 200, "application/xml; charset=utf-8", ASKED_AGAIN),
        ("/feed.json", 200, "application/json; charset=utf-8", ASKED_AGAIN),
        ("/sitemap.xml", 200, "application/xml; charset=utf-8", ASKED_AGAIN),
        ("/robots.txt", 200, "text/plain; charset=utf-8", ASKED_AGAIN),
        ("/posts/live/live.ipynb", 200, "application/x-ipynb+json", ASKED_AGAIN),
        ("/healthz", 200, "application/json", "no-store"),
        ("/static/serif.*.woff2", 200, "font/woff2", FOR_EVER),
        ("/static/app.*.js", 200, "text/javascript; charset=utf-8", FOR_EVER),
    ],
)
def test_what_is_no_page_has_every_header_once(
    case_site: Site, path: str, status: int, kind: str, kept: str
) -> None:
    if "*" in path:
        (file,) = (case_site.state / "site").glob(path[1:])
        path = f"/static/{file.name}"
    answer = case_site.get(path)
    assert answer.status == status
    assert {name: len(answer.headers.get_all(name, [])) for name in COMMON} == dict.fromkeys(COMMON, 1)
    assert (answer["content-type"], answer["cache-control"]) == (kind, kept)
    assert answer["content-security-policy"] == CLOSED


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", PAGE),
        ("*/*", PAGE),
        ("application/json", "text/plain; charset=utf-8"),
        ("application/feed+json, */*;q=0.1", "text/plain; charset=utf-8"),
        ("application/json, text/html", PAGE),
    ],
)
def test_a_program_is_told_in_a_line_what_is_wrong(case_site: Site, accepted: str, kind: str) -> None:
    answer = case_site.get("/nothing/", Accept=accepted)
    assert (answer.status, answer["content-type"]) == (404, kind)
    assert answer["cache-control"] == "no-store"
    assert (answer.body == b"404 Not Found\n") == (kind != PAGE)


def test_a_start_from_elsewhere_is_refused_in_a_frames_own_look(case_site: Site) -> None:
    answer = case_site.get("/live/render/posts/live", "POST", b"", Origin="https://elsewhere.example")
    assert (answer.status, answer["content-type"]) == (403, PAGE)
    assert answer["cache-control"] == "no-store"
    assert {name: len(answer.headers.get_all(name, [])) for name in COMMON} == dict.fromkeys(COMMON, 1)
    assert "frame-ancestors 'self'" in (answer["content-security-policy"] or "")
