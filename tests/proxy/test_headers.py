"""Every header is on every kind of answer, once, whoever makes it; errors are in the site's own look."""

import http.client
import io
import re
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
from blog.error_texts import ERRORS
from support.front import standing
from support.processes import wait_until

NGINX = Path(__file__).parents[2] / "nginx"
KERNEL = "0b7f7f4e-9d52-4a4e-8f8e-2f0f5d3b8c11"
CSS = "/static/style.0123456789abcdef.css"
FRAME, DRAWS = "/static/case-3-1.0123456789abcdef.html", "/static/frame-plotly.0123456789abcdef.js"

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# What is asked for: path, method, status, and further headers.
ANSWERS: dict[str, tuple[str, str, int, dict[str, str]]] = {
    "page": ("/any/", "GET", 200, {}),
    "page asked by HEAD": ("/any/", "HEAD", 200, {}),
    "page from the cache": ("/fresh/headers/", "GET", 200, {}),
    "page not changed": ("/fresh/headers/", "GET", 304, {"If_None_Match": '"fresh-headers-"'}),
    "the application's own error": ("/broken/", "GET", 500, {}),
    "asset": (CSS, "GET", 200, {}),
    "part of an asset": (CSS, "GET", 206, {"Range": "bytes=0-3"}),
    "part that is not there": (CSS, "GET", 416, {"Range": "bytes=900000-"}),
    "picture": ("/static/figure.0123456789abcdef.svg", "GET", 200, {}),
    "frame of a saved figure": (FRAME, "GET", 200, {}),
    "no such asset": ("/static/gone.css", "GET", 404, {}),
    "folder": ("/static/", "GET", 404, {}),
    "error page by its name": ("/errors/404.html", "GET", 404, {}),
    "wrong method": (CSS, "PUT", 405, {}),
    "wrong method for a page": ("/any/", "POST", 405, {}),
    "address too long": ("/" + "x" * 10_000, "GET", 414, {}),
    "headers too large": ("/any/", "GET", 431, {"X_Long": "x" * 10_000}),
    "body too large": ("/live/render/posts/x", "POST", 413, {"Content_Length": "100000"}),
    "body where none is taken": ("/any/", "GET", 413, {"Content_Length": "10"}),
    "start page": ("/live/render/posts/x", "GET", 200, {}),
    "kernel": (f"/live/api/kernels/{KERNEL}", "GET", 200, {}),
    "front end": ("/live/voila/static/voila.js", "GET", 200, {}),
    "no such live path": ("/live/tree", "GET", 404, {}),
    "health": ("/healthz", "GET", 200, {}),
}


def holds(headers: http.client.HTTPMessage) -> None:
    for name, value in ALWAYS.items():
        assert headers.get_all(name) == [value], name
    (permissions,) = headers.get_all("Permissions-Policy") or []
    assert {"camera=()", "geolocation=()", "fullscreen=(self)"} <= set(permissions.split(", "))
    (policy,) = headers.get_all("Content-Security-Policy") or []
    assert "default-src 'none'" in policy
    assert "frame-ancestors" in policy
    assert headers.get_all("X-Frame-Options") is None


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_has_every_header_once(front, kind: str) -> None:
    path, method, status, more = ANSWERS[kind]
    answer = front.get(path, method, **more)
    assert answer.status == status
    holds(answer.headers)
    assert len(answer.headers.get_all("Content-Type", [])) == (status != 304)
    if path.startswith("/static/") and status < 300:
        types = {"svg": "image/svg+xml", "css": "text/css; charset=utf-8", "html": "text/html; charset=utf-8"}
        assert answer["Content-Type"] == types[path.rpartition(".")[2]]
        assert answer.headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"]
    if status >= 400:
        # nginx has written an asset's headers already when it finds that the part is not there.
        cached = "public, max-age=31536000, immutable" if status == 416 else "no-store"
        assert answer.headers.get_all("Cache-Control") == [cached]
        assert answer["Allow"] == ("GET, HEAD" if status == 405 else None)
    if status >= 400 and status in ERRORS and kind != "the application's own error":
        assert f"the site's {status}".encode() in answer.body
        assert answer["Content-Type"] == "text/html; charset=utf-8"


def test_a_saved_figure_has_no_origin_and_one_script(front) -> None:
    policy = set(front.get(FRAME)["Content-Security-Policy"].split("; "))
    assert {
        "sandbox allow-scripts",
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'self'",
    } <= policy
    assert not any(rule.startswith("connect-src") or "unsafe-eval" in rule for rule in policy)
    assert front.get(DRAWS).headers.get_all("Cross-Origin-Resource-Policy") == ["cross-origin"]
    for name in (
        DRAWS.replace(".js", ".css"),
        DRAWS.replace("frame-", "live-"),
        DRAWS.replace("/static", "/static/x"),
    ):
        assert front.get(name).headers.get_all("Cross-Origin-Resource-Policy") == ["same-origin"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /any/ HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n", 400),
        (b"GET /any/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /any/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /any/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: strange\r\n\r\n", 501),
    ],
)
def test_what_is_no_request_gets_them_too(front, sent: bytes, status: int) -> None:
    head, _, body = front.raw(sent).partition(b"\r\n\r\n")
    line, _, rest = head.partition(b"\r\n")
    assert int(line.split()[1]) == status
    holds(http.client.parse_headers(io.BytesIO(rest + b"\r\n\r\n")))
    assert b"the site's 400" in body


def test_a_service_that_is_down(front) -> None:
    front.stop_site()
    try:
        page = front.get("/nowhere/else/")
        told = front.get("/nowhere/else/", Accept="application/json")
    finally:
        front.start_site()
    for answer in (page, told):
        assert answer.status == 503
        holds(answer.headers)
        assert answer.headers.get_all("Retry-After") == ["10"]
        assert answer.headers.get_all("Cache-Control") == ["no-store"]
    assert b"the site's 503" in page.body
    assert told.body == b"503\n"


def test_a_service_that_does_not_answer(tmp_path: Path) -> None:
    """A listener whose queue is full: nginx waits for it in vain (504), and the reader is told 503."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # more than the queue takes
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        site = f"127.0.0.1:{full.getsockname()[1]}"
        front = stack.enter_context(standing(tmp_path / "state", site=site, log="readers.log"))
        answer = front.get("/slow/")
        assert answer.status == 503
        holds(answer.headers)
        assert answer.headers.get_all("Retry-After") == ["10"]
        assert answer.headers.get_all("Cache-Control") == ["no-store"]
        assert b"the site's 503" in answer.body
        log = front.state / "readers.log"
        lines = wait_until(
            lambda: [line for line in log.read_text().splitlines() if "/slow/" in line], "a line"
        )
        assert [line.split()[-2] for line in lines] == ["504"]


def test_a_flood_is_told_when_to_come_again(front) -> None:
    answer = front.get("/live/render/posts/x", "POST", b"", address="127.0.0.9")
    for _ in range(1000):
        if answer.status == 429:
            break
        answer = front.get("/live/render/posts/x", "POST", b"", address="127.0.0.9")
    assert answer.status == 429
    holds(answer.headers)
    assert answer.headers.get_all("Retry-After") == ["10"]
    assert answer.headers.get_all("Cache-Control") == ["no-store"]
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert b"the site's 429" in answer.body


@pytest.mark.parametrize(
    ("path", "accepted", "short"),
    [
        ("/static/gone.css", "application/json", True),
        ("/static/gone.css", "text/html, application/json", False),
        ("/static/gone.css", "*/*", False),
        ("/live/api/contents", "*/*", True),
    ],
)
def test_who_wants_no_page_gets_a_line(front, path: str, accepted: str, short: bool) -> None:
    answer = front.get(path, Accept=accepted)
    assert answer.status == 404
    assert (answer.body == b"404\n") == short
    holds(answer.headers)


def test_one_add_header_drops_all_others() -> None:
    """A block that adds a header of its own includes the common ones too."""
    common = "include snippets/own-headers.conf;"
    for path in NGINX.rglob("*.conf"):
        if path.name == "own-headers.conf":
            continue
        text = re.sub(r"#.*", "", path.read_text())
        # What keeps another set of headers away.
        text = text.replace('add_header Retry-After "";', "")
        # Innermost blocks first; what is left at the end is the file itself.
        while True:
            block = re.search(r"\{[^{}]*\}", text)
            inside = block[0] if block else text
            if re.search(r"\b(?:add_header|proxy_hide_header)\b", inside):
                assert common in inside, f"{path.name}: {inside}"
            if block is None:
                break
            text = text[: block.start()] + ";" + text[block.end() :]
