"""A session belongs to the browser that started it, for as long as its page may be there; a real server."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from livekernel.sockets import PING
from livekernel.wire import PROTOCOL
from support.live_server import LiveProcess, kernel_of, live_server, notebook, wait_for, write_notebooks
from support.reader import Reader, connected
from tornado.httpclient import HTTPClientError

COUNTER = """\
import ipywidgets as widgets
slider = widgets.IntSlider()
total = widgets.IntText()
def add(change):
    total.value += change.new
slider.observe(add, "value")
widgets.VBox([slider, total])
"""

STUCK = """\
import time
import ipywidgets as widgets
slider = widgets.IntSlider()
def work(change):
    try:
        print("at work", flush=True)
        time.sleep(change.new)
    except KeyboardInterrupt:
        print("broken off")
slider.observe(work, "value")
slider
"""

LATE = """\
import os, time
import ipywidgets as widgets
slider = widgets.IntSlider()
answer = widgets.IntText()
def work(change):
    print("at work")
    while not os.path.exists("go"):
        time.sleep(0.01)
    answer.value = change.new
slider.observe(work, "value")
widgets.VBox([slider, answer])
"""

NOTEBOOKS = {
    "posts/quick": notebook(("print('quick')", "live")),
    "posts/counter": notebook((COUNTER, "live")),
    "posts/late": notebook((LATE, "live")),
    "posts/stuck": notebook((STUCK, "live")),
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    write_notebooks(root, NOTEBOOKS)
    with live_server(root, "--kernels", "2") as running:
        yield running


@pytest.fixture(autouse=True)
def no_kernel_is_left(live: LiveProcess) -> Iterator[None]:
    yield
    live.empty()


def start(live: LiveProcess, slug: str) -> tuple[str, list[str]]:
    """Start a session; give its kernel and the ids of the widgets it shows."""
    status, _, text = live.start(f"/live/render/posts/{slug}")
    assert status == 200
    kernel = kernel_of(text)
    return kernel, re.findall(r'"model_id": "(\w+)"', text)


def status_of(live: LiveProcess, kernel: str) -> int:
    return live.ask(f"/live/api/kernels/{kernel}", headers=live.own())[0]


async def value(page: Reader, model: str) -> Any:
    """Ask for the widgets as a page that opens does; give the value of the one of a model."""
    states = await page.take_over()
    return states[page.widget(model)]["state"]["value"]


def test_the_cookie_says_who_and_no_script_reads_it(live: LiveProcess) -> None:
    asked = {}
    for scheme in ("http", "https"):
        status, headers, text = live.ask("/live/token", "POST", live.own(X_Forwarded_Proto=scheme))
        assert status == 200
        assert headers["Cache-Control"] == "no-store"
        assert json.loads(text)["seconds"] == 60
        value, *attributes = headers["Set-Cookie"].split("; ")
        asked[scheme] = value.partition("=")[0], set(attributes)
    assert asked["http"] == ("live", {"HttpOnly", "Path=/", "SameSite=Strict"})
    assert asked["https"] == ("__Host-live", {"HttpOnly", "Path=/", "SameSite=Strict", "Secure"})


def test_a_browser_keeps_its_sessions_when_it_asks_for_another_token(live: LiveProcess) -> None:
    kernel, _ = start(live, "quick")
    live.token()
    assert status_of(live, kernel) == 200


def test_a_start_needs_the_cookie_and_its_token(live: LiveProcess) -> None:
    path, other = "/live/render/posts/quick", live.another_browser()
    token, cookie = live.token(), live.cookie
    others = other.token()
    for headers, body in (
        ({}, f"token={token}"),
        ({"Cookie": cookie}, ""),
        ({"Cookie": cookie}, f"token={others}"),
        ({"Cookie": other.cookie}, f"token={token}"),
        ({"Cookie": cookie.replace("live=", "__Host-live=")}, f"token={token}"),
        ({"Cookie": cookie[:-1]}, f"token={token}"),
        ({"Cookie": f"live={token}"}, f"token={token}"),
        ({"Cookie": cookie}, f"token={cookie.partition('=')[2]}"),
    ):
        sent = {"Origin": live.origin, **headers}
        status, _, text = live.ask(path, "POST", sent, body.replace("|", "%7C").encode())
        assert status == 403, (headers, body)
        assert 'data-live-state="failed"' in text
        assert "Press again." in text
        assert "<button" in text
    assert live.sessions() == 0
    status, _, _ = live.ask(path, "POST", live.own(X_Live_Token=token))
    assert status == 200


def test_to_another_browser_there_is_no_such_kernel(live: LiveProcess) -> None:
    kernel, _ = start(live, "quick")
    other = live.another_browser()

    async def attach(as_whom: LiveProcess) -> None:
        async with connected(as_whom, kernel):
            pass

    for who in (other, other.another_browser()):
        for path, method in (
            (f"/live/api/kernels/{kernel}", "GET"),
            (f"/live/api/kernels/{kernel}/interrupt", "POST"),
            (f"/live/api/kernels/{kernel}/restart", "POST"),
            (f"/live/voila/api/shutdown/{kernel}", "POST"),
        ):
            assert who.ask(path, method, who.own())[0] == 404, path
        with pytest.raises(HTTPClientError) as refused:
            asyncio.run(attach(who))
        assert refused.value.code == 404
        other.token()
    assert status_of(live, kernel) == 200
    asyncio.run(attach(live))
    assert live.end(kernel) == 204
    assert status_of(live, kernel) == 410
    assert status_of(other, kernel) == 404


def test_an_interrupt_breaks_off_what_is_computed(live: LiveProcess) -> None:
    kernel, widgets = start(live, "stuck")

    async def use() -> str:
        async with connected(live, kernel) as page:
            await page.tell(widgets[-1], {"value": 100})
            while True:
                one = await page.hear()
                if one.kind == "stream" and "at work" in one.content["text"]:
                    path = f"/live/api/kernels/{kernel}/interrupt"
                    status, _, _ = await asyncio.to_thread(live.ask, path, "POST", live.own())
                    assert status == 204
                elif one.kind == "stream" and one.content["text"].strip():
                    return str(one.content["text"])

    assert asyncio.run(use()).strip() == "broken off"
    assert status_of(live, kernel) == 200


def test_a_restart_leaves_nothing_of_what_was(live: LiveProcess) -> None:
    kernel, _ = start(live, "counter")
    (before,) = live.kernels()

    async def widgets() -> dict[str, Any]:
        async with connected(live, kernel) as page:
            return await page.take_over()

    assert asyncio.run(widgets())
    status, _, text = live.ask(f"/live/api/kernels/{kernel}/restart", "POST", live.own())
    assert (status, json.loads(text)["id"]) == (200, kernel)
    (after,) = live.kernels()
    assert after.pid != before.pid
    assert live.sessions() == 1
    assert status_of(live, kernel) == 200


def test_a_page_that_connects_again_goes_on_with_the_same_kernel(live: LiveProcess) -> None:
    kernel, _ = start(live, "counter")

    async def use() -> list[Any]:
        async with connected(live, kernel) as page:
            await page.take_over()
            slider = page.widget("IntSliderModel")
            await page.tell(slider, {"value": 30})
            await page.tell(slider, {"value": 12})
            while await value(page, "IntTextModel") != 42:
                pass
            page.drop()
        async with connected(live, kernel) as page:
            return [await value(page, model) for model in ("IntSliderModel", "IntTextModel")]

    assert asyncio.run(use()) == [12, 42]
    assert live.sessions() == 1


def test_what_is_said_while_the_line_is_down_is_said_again(live: LiveProcess) -> None:
    kernel, _ = start(live, "late")

    def state() -> str:
        model = json.loads(live.ask(f"/live/api/kernels/{kernel}", headers=live.own())[2])
        return str(model["execution_state"])

    async def use() -> None:
        session = uuid.uuid4().hex
        async with connected(live, kernel, session) as page:
            await page.take_over()
            await page.tell(page.widget("IntSliderModel"), {"value": 7})
            while (await page.hear()).kind != "stream":
                pass
            page.drop()
        wait_for(lambda: '"event": "lost"' in live.log.read_text(), what="the server's notice")
        assert state() == "busy"
        (live.root / "notebooks/posts/go").touch()
        wait_for(lambda: state() == "idle", what="an answer that nobody hears")
        async with connected(live, kernel, session) as page:
            while (await page.hear()).content != {"execution_state": "idle"}:
                pass
            assert 7 in [one.data["state"].get("value") for one in page.heard if one.kind == "comm_msg"]

    asyncio.run(use())


def test_a_page_that_answers_no_ping_is_gone(live: LiveProcess) -> None:
    kernel, _ = start(live, "quick")
    lines = (
        f"GET /live/api/kernels/{kernel}/channels?session_id=x HTTP/1.1",
        f"Host: 127.0.0.1:{live.port}",
        f"Origin: {live.origin}",
        f"Cookie: {live.cookie}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        f"Sec-WebSocket-Protocol: {PROTOCOL}",
    )
    with socket.create_connection(("127.0.0.1", live.port)) as silent:
        silent.sendall("\r\n".join((*lines, "", "")).encode())
        assert silent.recv(12) == b"HTTP/1.1 101"
        begun = time.monotonic()
        silent.settimeout(60)
        received = b""
        while not received.endswith(b"\x88\x10\x03\xe8ping timed out"):
            received += (more := silent.recv(65536))
            assert more or b"ping timed out" in received
        # Pinged first, at the very end of an interval.
        assert time.monotonic() - begun > PING


def test_who_waits_is_told_the_place_and_is_served_in_turn(live: LiveProcess) -> None:
    path = "/live/render/posts/quick"
    kernels = [start(live, "quick")[0] for _ in range(2)]
    first, second = live.another_browser(), live.another_browser()
    status, headers, text = first.start(path)
    assert (status, headers["Retry-After"]) == (503, "5")
    assert "You are number 1 in line." in text
    assert 'data-live-state="queued"' in text
    assert 'data-live-retry="5"' in text
    status, headers, text = second.start(path, Accept="application/json")
    assert status == 503
    assert headers["Content-Type"].startswith("application/json")
    message = "All kernels are busy. You are number 2 in line."
    told = {"state": "queued", "message": message, "reason": "full", "place": 2, "retry": 5}
    assert json.loads(text) == told
    live.end(kernels[0])
    # A place is free, and it isn't for who came later.
    assert second.start(path)[0] == 503
    assert first.start(path)[0] == 200
    live.end(kernels[1])
    assert second.start(path)[0] == 200


def test_an_address_may_not_take_all(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("address")
    write_notebooks(root, NOTEBOOKS)
    with live_server(root, "--kernels", "9", "--unwatched", "600") as live:
        path = "/live/render/posts/quick"
        readers = [live.another_browser() for _ in range(9)]
        answers = [one.start(path, X_Forwarded_For="6.6.6.6, 192.0.2.1")[0] for one in readers]
        assert answers == [*[200] * 8, 429]
        status, headers, text = readers[8].start(path, X_Forwarded_For="192.0.2.1")
        assert status == 429
        assert int(headers["Retry-After"]) > 0
        assert "As many live figures run in your network as may: 8." in text
        assert readers[8].start(path, X_Forwarded_For="192.0.2.2")[0] == 200
