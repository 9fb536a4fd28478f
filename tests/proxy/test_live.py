"""Of Voila a reader gets what live cells need, and nothing else."""

import asyncio
import gzip
import json
import re
from pathlib import Path

import pytest
from livekernel.server import KERNEL_ID, PUBLIC_PATHS
from support.front import standing
from support.stand_in_voila import TAKEN_OVER
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

KERNEL = "0b7f7f4e-9d52-4a4e-8f8e-2f0f5d3b8c11"


@pytest.mark.parametrize(
    "path",
    [
        "/live/render/posts/virtual-detectors",
        "/live/render/demos/virtual-detectors?cell=abc",
        f"/live/api/kernels/{KERNEL}",
        "/live/static/frame.css",
        "/live/voila/static/voila.woff2",
        "/live/voila/labextensions/anywidget/package.json",
    ],
)
def test_what_a_live_cell_needs_gets_through(front, path: str) -> None:
    gets_through(front.get(path, Host="blog.example:8443", Origin="http://blog.example:8443"), path)


# As long as one that the live server signs (tests/kernels/test_gate.py).
FORM = b"token=" + b"x" * 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/live/token", b""),
        ("/live/render/posts/x?cell=abc", FORM),
        (f"/live/api/kernels/{KERNEL}/interrupt", b""),
        (f"/live/api/kernels/{KERNEL}/restart", b""),
        (f"/live/voila/api/shutdown/{KERNEL}", b""),
    ],
)
def test_what_a_page_posts_gets_through(front, path: str, body: bytes) -> None:
    answer = front.get(path, "POST", body, Host="blog.example:8443", Origin="http://blog.example:8443")
    gets_through(answer, path)


def gets_through(answer, path: str) -> None:
    assert answer.status == 200
    told = json.loads(answer.body)
    assert told["path"] == path.partition("?")[0]
    # Voila compares these two.
    assert told["headers"]["Host"] == "blog.example:8443"
    assert told["headers"]["Origin"] == "http://blog.example:8443"
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]


@pytest.mark.parametrize(
    "path",
    [
        "/live/",
        "/live/healthz",
        "/live/render/",
        "/live/render/posts/",
        "/live/render/drafts/x",
        "/live/render/posts/x/y",
        "/live/api/kernels",
        "/live/api/kernels/",
        "/live/api/kernels/x/channels",
        f"/live/api/kernels/{KERNEL}/execute",
        "/live/token/",
        "/live/tokens",
        "/live/api/contents/posts",
        "/live/api/sessions",
        "/live/api/terminals",
        "/live/voila/render/posts/x.ipynb",
        "/live/voila/files/posts/secret.txt",
        "/live/voila/tree/",
        "/live/files/x",
        "/live/tree",
        "/live/lab",
        "/live/static/../api/contents",
        "/live//api/contents",
        "/live/render/posts/..%2f..%2fapi",
        "/live/render/posts/" + "x" * 300,
        "/live/static/" + "x" * 500,
    ],
)
def test_everything_else_does_not_exist(front, path: str) -> None:
    answer = front.get(path)
    assert answer.status == 404
    # Scripts, which ask for kernels, get a line.
    assert answer.body == b"404\n" or b"the site's 404" in answer.body


def test_a_live_server_that_was_taken_over_gets_no_further(front) -> None:
    answer = front.get("/live/static/taken-over")
    assert json.loads(answer.body)["path"] == "/live/static/taken-over"
    assert not set(TAKEN_OVER) & set(answer.headers)


COOKIE = "live=2|1:0|10:1700000000|4:live|32:MDEyMzQ1Njc4OWFi|abcdef; HttpOnly; Path=/; SameSite=Strict"


@pytest.mark.parametrize("cookie", [COOKIE, f"__Host-{COOKIE}; Secure"])
def test_the_cookie_of_a_session_gets_through_with_its_token(front, cookie: str) -> None:
    answer = front.get("/live/token", "POST", b"", X_Stand_In_Cookie=cookie)
    assert answer.headers.get_all("Set-Cookie") == [cookie]
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert front.get("/live/static/frame.css", X_Stand_In_Cookie=cookie)["Set-Cookie"] is None


@pytest.mark.parametrize(
    "cookie",
    [
        COOKIE.replace("live=", "other=", 1),
        COOKIE.replace("HttpOnly; ", ""),
        COOKIE.replace("Strict", "None"),
        COOKIE.replace("Path=/", "Path=/live/"),
        f"{COOKIE}; Domain=example",
        f"{COOKIE}; Max-Age=9999",
        f"a=b, {COOKIE}",
    ],
)
def test_no_other_cookie_does(front, cookie: str) -> None:
    assert front.get("/live/token", "POST", b"", X_Stand_In_Cookie=cookie)["Set-Cookie"] is None


def test_voilas_front_end_is_compressed_on_its_way(front) -> None:
    plain = front.get("/live/voila/static/voila.js")
    packed = front.get("/live/voila/static/voila.js", Accept_Encoding="gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 10


def test_voilas_front_end_comes_from_the_live_server_once(tmp_path) -> None:
    with standing(tmp_path) as front:
        paths = [f"/live/{name}/voila.js" for name in ("static", "voila/static", "voila/labextensions")]
        before = [front.get(path).body for path in paths]
        front.stop_voila()
        assert [front.get(path).body for path in paths] == before
        assert front.get("/live/voila/static/never-asked-for.js").status == 503


# What stands for each group of the live server's regular expressions.
GROUPS = {
    "(posts|demos)": "posts",
    "([^/]+)": "x",
    "([0-9a-f]{16})": "0" * 16,
    "([0-9a-f]{32})": "0" * 32,
    "(.+)": "x",
}


def test_nginx_lets_through_what_the_live_server_has() -> None:
    """Whoever adds a path to the one must add it to the other."""
    config = (Path(__file__).parents[2] / "nginx/conf.d/site.conf").read_text()
    allowed = re.findall(r'location ~ "\^/live/([^"]*)"', config)
    allowed += [re.escape(path) + "$" for path in re.findall(r"location = /live/(\S+)", config)]
    for path in PUBLIC_PATHS:
        example = path.replace(KERNEL_ID, KERNEL)
        for group, chosen in GROUPS.items():
            example = example.replace(group, chosen)
        example = example.replace("\\.", ".")
        assert re.fullmatch(path, example)
        assert any(re.match(pattern, example) for pattern in allowed), path


async def _talk(port: int, path: str) -> list:
    request = HTTPRequest(f"ws://127.0.0.1:{port}{path}", headers={"Origin": f"http://127.0.0.1:{port}"})
    connection = await websocket_connect(request, subprotocols=["v1.kernel.websocket.jupyter.org"])
    found = [connection.selected_subprotocol, json.loads(await connection.read_message())]
    await connection.write_message(b"\x00binary", binary=True)
    found.append(await connection.read_message())
    connection.close()
    return found


def test_a_kernels_connection_gets_through(front) -> None:
    subprotocol, told, echo = asyncio.run(_talk(front.port, f"/live/api/kernels/{KERNEL}/channels"))
    assert subprotocol == "v1.kernel.websocket.jupyter.org"
    assert told == {"host": f"127.0.0.1:{front.port}", "origin": f"http://127.0.0.1:{front.port}"}
    assert echo == b"\x00binary"


@pytest.mark.parametrize(
    "path", ["/live/terminals/channels", "/live/api/events/channels", "/live/static/channels"]
)
def test_no_other_connection_does(front, path: str) -> None:
    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(_talk(front.port, path))
    assert refused.value.code in (400, 404)
