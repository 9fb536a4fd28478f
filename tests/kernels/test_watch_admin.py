"""The admin port, as a process of its own: who may ask, for what, and how."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from livekernel.watch import admin
from livekernel.watch.report import from_json
from support.admin_server import served
from support.asking import Answer, ask
from support.reports import FULL


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(FULL) as url:
        assert url.startswith("http://127.0.0.1:")
        found = urlsplit(url).port
        assert found
        yield found


def test_status_is_the_report(port: int) -> None:
    answer = ask(port, "/status")
    assert (answer.status, answer["Content-Type"]) == (200, "application/json")
    assert from_json(answer.body) == FULL


def test_metrics_are_for_a_scraper(port: int) -> None:
    answer = ask(port, "/metrics")
    assert answer.status == 200
    assert (answer["Content-Type"] or "").startswith("text/plain; version=0.0.4")
    assert b"\nlivekernel_sessions 3.0\n" in answer.body
    answer = ask(port, "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert (answer["Content-Type"] or "").startswith("application/openmetrics-text")
    assert answer.body.endswith(b"# EOF\n")


@pytest.mark.parametrize("path", ["/status", "/metrics"])
def test_head_is_get_without_a_body(port: int, path: str) -> None:
    head, get = ask(port, path, "HEAD"), ask(port, path)
    assert (head.status, head.body) == (200, b"")
    assert head["Content-Length"] == str(len(get.body))
    assert head["Content-Type"] == get["Content-Type"]


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:80", "127.0.0.1", "127.1.2.3:9", "[::1]", "[::1]:80"]
)
def test_the_loopbacks_own_names_are_answered(port: int, host: str) -> None:
    assert ask(port, "/status", Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "192.168.1.20",
        "0.0.0.0",  # noqa: S104
        "[::]",
        "::1",
        "[::1",
        "localhost:x",
        "localhost:",
        "127.0.0.1:80:80",
        "2130706433",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/status", "/metrics", "/other"])
def test_another_name_is_refused(port: int, host: str, path: str) -> None:
    answer = ask(port, path, Host=host)
    assert answer.status in (400, 403)  # tornado refuses some itself
    assert b"gold" not in answer.body


def test_a_request_without_a_host_is_refused(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /status HTTP/1.0\r\n\r\n")
        assert connection.makefile("rb").readline().split()[1] in (b"400", b"403")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "ODD"])
@pytest.mark.parametrize("path", ["/status", "/metrics"])
def test_only_reading_is_possible(port: int, method: str, path: str) -> None:
    answer = ask(port, path, method)
    assert answer.status == 405
    assert answer["Allow"] == "GET, HEAD"


def test_a_body_is_not_taken(port: int) -> None:
    answer: Answer = ask(port, "/status", "POST", b"x")
    assert answer.status in (400, 405, 413)


@pytest.mark.parametrize("path", ["/", "/status/", "/status.json", "/../status", "/metrics/x"])
def test_there_is_nothing_else(port: int, path: str) -> None:
    answer = ask(port, path)
    assert answer.status == 404
    assert b"tornado" not in answer.body.lower()


def test_answers_are_not_kept_and_not_for_other_pages(port: int) -> None:
    for path in ("/status", "/metrics", "/other"):
        answer = ask(port, path)
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Access-Control-Allow-Origin"] is None
        assert answer["Server"] is None


def test_the_address_is_announced_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "live-admin"
    path.write_text("http://127.0.0.1:1\nold")
    admin.announce(path, "http://127.0.0.1:2")
    assert path.read_text() == "http://127.0.0.1:2\n"
    assert list(tmp_path.iterdir()) == [path]
