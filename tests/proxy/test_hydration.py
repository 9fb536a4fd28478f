"""What a post asks of the live server by itself: the widgets' state, kept here, and a session's websocket."""

import asyncio
import json

import pytest
from support.front import standing
from support.processes import wait_until
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

REST = "/live/rest/posts/figure"
MODULE = f"/live/rest/modules/{'0' * 32}.js"
SESSION = "/live/session/posts/figure"
TOKEN = "2%7C1%3A0%7C10%3A1700000000%7C5%3Atoken%7C32%3AMDEyMzQ1Njc4OWFi%7Cabcdef"
QUERY = f"token={TOKEN}&generation={'a' * 32}&session_id=0b7f7f4e-9d52"


def test_however_many_read_the_live_server_is_asked_now_and_then(front) -> None:
    counts = [json.loads(front.get(REST).body)["asked"] for _ in range(200)]
    assert len(set(counts)) < 50


def test_each_form_is_kept_for_itself(front) -> None:
    plain, packed = front.get(REST), front.get(REST, Accept_Encoding="deflate, gzip, br;q=0")
    assert plain["Content-Encoding"] is None
    assert packed["Content-Encoding"] == "gzip"
    assert plain["Content-Type"] == "application/octet-stream"
    assert plain["Cache-Control"] == "no-cache"
    assert plain["Content-Security-Policy"].startswith("default-src 'none'")


def test_who_has_it_already_is_told_so(front) -> None:
    tag = front.get(MODULE)["ETag"]
    answer = front.get(MODULE, If_None_Match=tag)
    # Another second, another answer of the stand-in.
    assert answer.status == 304 or answer["ETag"] != tag


def test_a_query_makes_no_second_copy_and_reaches_nobody(front) -> None:
    counts = {json.loads(front.get(f"{REST}?{number}").body)["asked"] for number in range(200)}
    assert len(counts) < 50


def test_the_state_is_there_while_the_live_server_is_not(tmp_path) -> None:
    with standing(tmp_path / "state") as front:
        before = front.get(REST)
        front.stop_voila()
        assert front.get("/live/static/frame.css").status == 503
        answer = front.get(REST)
        assert (answer.status, answer.body) == (200, before.body)


def test_what_was_withdrawn_is_soon_gone(front) -> None:
    assert front.get("/live/rest/posts/withdrawn").status == 200
    wait_until(lambda: front.get("/live/rest/posts/withdrawn").status == 404, "it is gone")


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/live/rest/", "GET"),
        ("/live/rest/drafts/x", "GET"),
        ("/live/rest/modules/x.js", "GET"),
        ("/live/rest/modules/../posts/x", "GET"),
        ("/live/session/drafts/x", "GET"),
        ("/live/session/posts/x/y", "GET"),
    ],
)
def test_nothing_else_is_there(front, path: str, method: str) -> None:
    assert front.get(path, method).status == 404


@pytest.mark.parametrize("path", [REST, MODULE, SESSION])
def test_it_is_only_read(front, path: str) -> None:
    assert front.get(path, "POST", b"").status == 405
    assert front.get(path, "PUT", b"x").status == 405


async def _knock(port: int, path: str, source: str = "127.0.0.1") -> dict:
    request = HTTPRequest(f"ws://127.0.0.1:{port}{path}", headers={"Origin": f"http://127.0.0.1:{port}"})
    request.network_interface = source
    connection = await websocket_connect(request, subprotocols=["v1.kernel.websocket.jupyter.org"])
    told = json.loads(await connection.read_message())
    connection.close()
    while connection.close_code is None and await connection.read_message():
        pass
    return told


def test_a_session_gets_through_with_what_it_brings_and_no_more(front) -> None:
    told = asyncio.run(_knock(front.port, f"{SESSION}?utm_source=x&{QUERY}&kernel_name=x"))
    assert told["query"] == QUERY
    assert told["origin"] == f"http://127.0.0.1:{front.port}"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "token=x",
        QUERY.replace("a" * 32, "../x"),
        QUERY.replace("0b7f", "a%20b"),
        QUERY + "%0d%0a",
        "token=" + "x" * 500,
    ],
)
def test_of_a_query_that_no_page_makes_nothing_is_passed_on(front, query: str) -> None:
    assert "query" not in asyncio.run(_knock(front.port, f"{SESSION}?{query}"))


def test_a_flood_of_sessions_is_held_off_and_nobody_else(front) -> None:
    let_in = 0

    async def flood() -> None:
        nonlocal let_in
        for let_in in range(1000):  # noqa: B007  (what it was at the end counts)
            await _knock(front.port, SESSION, "127.0.0.5")

    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(flood())
    assert refused.value.code == 429
    assert let_in >= 100
    assert asyncio.run(_knock(front.port, SESSION, "127.0.0.6"))
