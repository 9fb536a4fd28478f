"""Pages come from the application by way of nginx's cache, which outlives it."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest
from support.processes import wait_until

DECODERS = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}


def told(answer) -> dict:
    return json.loads(DECODERS[answer["Content-Encoding"]](answer.body))


def test_the_application_learns_of_the_reader(front) -> None:
    headers = told(front.get("/any/", Host="blog.example:8443", X_Forwarded_For="6.6.6.6"))["headers"]
    assert headers["HTTP_HOST"] == "blog.example:8443"
    assert headers["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert headers["HTTP_X_FORWARDED_PROTO"] == "http"


def test_a_page_is_asked_for_once(front) -> None:
    first = front.get("/fresh/once/", Host="one.example")
    second = front.get("/fresh/once/", Host="another.example")
    assert first.body == second.body
    assert front.asked("/fresh/once/") == 1
    # How long nginx keeps it is nobody else's business.
    assert second["X-Accel-Expires"] is None
    assert second["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_queries_do_not_fill_the_cache(front) -> None:
    for number in range(5):
        assert front.get(f"/fresh/query/?{number}").status == 200
    assert front.asked("/fresh/query/") == 1


def test_a_crowd_asks_once(front) -> None:
    with ThreadPoolExecutor(8) as crowd:
        bodies = set(crowd.map(lambda _: front.get("/fresh/crowd/").body, range(40)))
    assert len(bodies) == 1
    assert front.asked("/fresh/crowd/") == 1


def test_what_the_application_does_not_release_is_not_kept(front) -> None:
    for _ in range(2):
        front.get("/fleeting")
    assert front.asked("/fleeting") == 2


@pytest.mark.parametrize(
    ("accepted", "form"),
    [
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.8", "br"),
        ("BR", "br"),
        ("gzip", "gzip"),
        ("deflate, gzip;q=1.0, *;q=0.5", "gzip"),
        ("gzip;q=0.001", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000 , gzip ; q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("brotli, xgzip", None),
        ("identity", None),
        ("*", None),
        ("", None),
    ],
)
def test_each_way_to_say_an_encoding_is_one_of_three(front, accepted: str, form: str | None) -> None:
    answer = front.get("/fresh/forms/", Accept_Encoding=accepted)
    assert answer["Content-Encoding"] == form
    assert told(answer)["path"] == "/fresh/forms/"
    assert answer.headers.get_all("Vary") == ["Accept-Encoding"]
    # Strong, so that a part of it may be asked for; a weak one would mean that nginx changed the page.
    assert answer["ETag"] == f'"fresh-forms-{form or ""}"'
    # However they say it, there are three forms, each asked for once.
    assert front.asked("/fresh/forms/") <= 3


def test_a_reader_who_has_the_page_gets_304_from_the_cache(front) -> None:
    etag = front.get("/fresh/known/", Accept_Encoding="br")["ETag"]
    again = front.get("/fresh/known/", Accept_Encoding="br", If_None_Match=etag)
    assert (again.status, again.body) == (304, b"")
    assert again["ETag"] == etag
    other = front.get("/fresh/known/", Accept_Encoding="br", If_None_Match='"of an older build"')
    assert other.status == 200
    assert front.asked("/fresh/known/") == 1


def test_a_page_gets_the_headers_that_nginx_owns(front) -> None:
    answer = front.get("/fresh/headers/")
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers.get_all("Referrer-Policy") == ["strict-origin-when-cross-origin"]
    assert answer["Server"] == "nginx"


def test_an_error_of_the_application_is_its_own(front) -> None:
    answer = front.get("/broken/")
    assert (answer.status, answer.body) == (500, b"the application's own error page")


def test_pages_outlive_the_application(front) -> None:
    known = front.get("/short/known/").body
    front.stop_site()
    try:
        # It is out of date by then or not: a page that nginx has ever had is shown.
        wait_until(lambda: front.get("/unknown/").status == 503, "the application is down")
        for _ in range(3):
            answer = front.get("/short/known/")
            assert (answer.status, answer.body) == (200, known)
        unknown = front.get("/unknown/")
        assert b"the site's 503" in unknown.body
        assert unknown["Retry-After"] == "10"
        assert unknown.headers.get_all("Cache-Control") == ["no-store"]
        assert "default-src 'none'" in unknown["Content-Security-Policy"]
        assert front.get("/healthz", port=front.inner).body == b"ok\n"
    finally:
        front.start_site()
    wait_until(lambda: front.get("/unknown/").status == 200, "the application is back")


def test_a_page_out_of_date_is_shown_while_the_application_is_down(front) -> None:
    front.get("/short/old/")
    asked = front.asked("/short/old/")

    def is_out_of_date() -> bool:
        front.get("/short/old/")
        return front.asked("/short/old/") > asked

    wait_until(is_out_of_date, "nginx asks again after the second it may keep the page")
    front.stop_site()
    try:
        wait_until(lambda: front.get("/unknown/").status == 503, "the application is down")
        assert front.get("/short/old/").status == 200
    finally:
        front.start_site()
    wait_until(lambda: front.get("/unknown/").status == 200, "the application is back")


def test_requests_have_a_limit(front) -> None:
    assert front.get("/" + "x" * 10_000).status == 414
    assert front.get("/any/", X_Long="x" * 10_000).status == 431


def test_a_page_that_was_withdrawn_is_soon_gone(front) -> None:
    assert front.get("/short/withdrawn/").status == 200
    wait_until(lambda: front.get("/short/withdrawn/").status == 404, "it is gone")
    assert front.get("/short/withdrawn/").status == 404


def test_pages_that_never_were_do_not_fill_the_cache(front) -> None:
    for accepted in ("text/html", "application/json"):
        answer = front.get("/never/was/", Accept=accepted)
        assert (answer.status, answer.body) == (404, accepted.encode())
    assert front.asked("/never/was/") == 2
