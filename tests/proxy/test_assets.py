"""Assets come from the disk, compressed beforehand, to be kept for ever."""

import gzip

import brotli
import pytest

CSS = "/static/style.0123456789abcdef.css"
STYLE = ("body { color: #123 }\n" * 200).encode()
DECODERS = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@pytest.fixture(scope="module")
def has_brotli(front) -> bool:
    return "brotli" in (front.state / "run/nginx/nginx.conf").read_text()


@pytest.mark.parametrize(
    ("accepted", "best"),
    [("", None), ("gzip", "gzip"), ("br", "br"), ("gzip, deflate, br, zstd", "br"), ("zstd", None)],
)
def test_the_best_form_is_sent(front, has_brotli: bool, accepted: str, best: str | None) -> None:
    if best == "br" and not has_brotli:
        best = "gzip" if "gzip" in accepted else None
    answer = front.get(CSS, Accept_Encoding=accepted)
    assert answer.status == 200
    assert answer["Content-Encoding"] == best
    assert DECODERS[best](answer.body) == STYLE
    # Its length is known beforehand, so it was not compressed on the way.
    assert int(answer["Content-Length"]) == len(answer.body)
    assert answer["Vary"] == "Accept-Encoding"


def test_an_asset_is_kept_for_ever(front) -> None:
    answer = front.get(CSS)
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer["Server"] == "nginx"
    again = front.get(CSS, If_None_Match=answer["ETag"])
    assert (again.status, again.body) == (304, b"")
    part = front.get(CSS, Range="bytes=0-3")
    assert (part.status, part.body) == (206, b"body")


def test_a_picture_opened_by_itself_runs_nothing(front) -> None:
    answer = front.get("/static/figure.0123456789abcdef.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    photo = front.get("/static/photo.0123456789abcdef.png")
    assert (photo["Content-Security-Policy"] or "").startswith("default-src 'none'")


def test_an_asset_that_is_not_there(front) -> None:
    answer = front.get("/static/gone.0123456789abcdef.css")
    assert answer.status == 404
    assert b"the site's 404" in answer.body
    # It may be there after the next build.
    assert answer.headers.get_all("Cache-Control") == ["no-store"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/../.build/live.json",
        "/static/%2e%2e/.build/live.json",
        "/static/..%2f.build/live.json",
    ],
)
def test_nothing_but_assets_is_read_from_the_disk(front, path: str) -> None:
    answer = front.get(path)
    # Either there is no such thing, or it is a path for the application.
    assert answer.status in (400, 403, 404) or b'"path"' in answer.body
    assert front.get("/index.html").body != b"a page that only the application serves"


def test_assets_are_only_read(front) -> None:
    assert front.get(CSS, "POST", b"x").status == 405
    assert front.get(CSS, "PUT", b"x").status == 405
    assert front.get(CSS, "HEAD").status == 200
