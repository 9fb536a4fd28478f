"""A session that begins with a touch in the post: one websocket that starts it and is its connection."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from livekernel.session_socket import REFUSED
from livekernel.sockets import BAD_MESSAGE, KERNEL_GONE
from livekernel.starts import WARMING
from support.live_server import FIGURE, LiveProcess, live_server, notebook, wait_for, write_notebooks
from support.reader import at_rest, changes, connect, connected, first, knock, touching
from tornado.httpclient import HTTPClientError

KEY = "posts/figure"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    notebooks = {
        KEY: notebook((FIGURE, "live")),
        "posts/warm-only": notebook(("begun = 1", "warm"), (FIGURE, "live")),
    }
    write_notebooks(root, notebooks, {"posts/warm-only": "warm cells"})
    with live_server(root, "--kernels", "2") as running:
        wait_for(lambda: running.ask("/live/healthz")[0] == 200, 60)
        yield running


@pytest.fixture(autouse=True)
def no_kernel_is_left(live: LiveProcess) -> Iterator[None]:
    live.cookie = ""
    yield
    wait_for(lambda: live.sessions() == 0, what="no session")


def ask(live: LiveProcess, generation: str, token: str, key: str = KEY, **headers: str) -> tuple[dict, int]:
    """Ask for a session that there can't be; give the first word and the code of the end."""

    async def go() -> tuple[dict, int]:
        socket = await knock(live, key, generation, token, **headers)
        said = await first(socket)
        assert await asyncio.wait_for(socket.read_message(), 30) is None
        assert socket.close_code is not None
        socket.close()
        return said, socket.close_code

    return asyncio.run(go())


def test_the_touch_takes_effect_on_the_connection_that_brought_it(live: LiveProcess) -> None:
    async def go() -> None:
        async with touching(live, KEY) as reader:
            slider, image = reader.widget("IntSliderModel"), reader.widget("ImageModel")
            heard = await reader.update(slider, {"value": 24})
            assert changes(heard, reader.widget("LabelModel")) == {"value": "1789 pixels"}
            assert any(one.buffers for one in heard if one.content.get("comm_id") == image)
            assert live.ask(f"/live/api/kernels/{reader.kernel}", headers=live.own())[0] == 200
            stranger = live.another_browser()
            stranger.token()
            assert live.ask(f"/live/api/kernels/{reader.kernel}", headers=stranger.own())[0] == 404

    asyncio.run(go())


def test_who_has_another_generation_is_told_which_there_is(live: LiveProcess) -> None:
    shown = at_rest(live, KEY)["generation"]
    said, code = ask(live, "0" * 32, live.token())
    assert (said, code) == ({"state": "changed", "generation": shown}, REFUSED)


def test_without_a_token_of_its_own_a_browser_gets_none(live: LiveProcess) -> None:
    shown = at_rest(live, KEY)["generation"]
    live.token()
    stranger = live.another_browser()
    for token in ("", "2|1:0|forged", stranger.token()):
        said, code = ask(live, shown, token)
        assert (said["state"], said["stale"], code) == ("failed", True, REFUSED)


def test_another_sites_page_is_refused_before_anything(live: LiveProcess) -> None:
    shown, token = at_rest(live, KEY)["generation"], live.token()
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        with pytest.raises(HTTPClientError) as refused:
            ask(live, shown, token, **headers)
        assert refused.value.code == 403
    log = live.log.read_text()
    assert "token=[secret]&generation" in log
    assert not {token, urllib.parse.quote(token)} & set(re.findall(r"token=([^&\s]*)", log))


def test_another_subprotocol_and_another_notebook_are_refused(live: LiveProcess) -> None:
    shown, token = at_rest(live, KEY)["generation"], live.token()
    with pytest.raises(HTTPClientError) as unknown:
        ask(live, shown, token, "posts/unknown")
    assert unknown.value.code == 404

    async def speak(protocol: str) -> None:
        await connect(live, f"/live/session/{KEY}?token=x", [protocol])

    with pytest.raises(HTTPClientError) as other:
        asyncio.run(speak("other"))
    assert other.value.code == 400


def test_a_notebook_without_a_state_at_rest_has_another_way(live: LiveProcess) -> None:
    said, code = ask(live, "0" * 32, live.token(), "posts/warm-only")
    assert (said["state"], code) == ("failed", REFUSED)
    assert "stale" not in said


def handshake(live: LiveProcess, **other: str) -> bytes:
    """Give a handshake that would start a session, with other headers; without those that are empty."""
    token, shown = live.token(), at_rest(live, KEY)["generation"]
    query = urllib.parse.urlencode({"token": token, "generation": shown, "session_id": "s"})
    headers = {
        "Host": f"127.0.0.1:{live.port}",
        "Origin": live.origin,
        "Cookie": live.cookie,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
        "Sec-WebSocket-Protocol": "v1.kernel.websocket.jupyter.org",
        **{name.replace("_", "-"): value for name, value in other.items()},
    }
    lines = [f"GET /live/session/{KEY}?{query} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value]
    return "\r\n".join([*lines, "", ""]).encode()


def started(live: LiveProcess) -> int:
    return len(re.findall(r'"event": "started"', live.log.read_text()))


@pytest.mark.parametrize(
    "other",
    [
        {"Upgrade": ""},
        {"Upgrade": "h2c"},
        {"Connection": "keep-alive"},
        {"Sec_WebSocket_Version": "8"},
        {"Sec_WebSocket_Key": ""},
    ],
)
def test_what_is_no_handshake_begins_nothing(live: LiveProcess, other: dict[str, str]) -> None:
    before = started(live)
    with socket.create_connection(("127.0.0.1", live.port), 30) as connection:
        connection.sendall(handshake(live, **other))
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert (started(live), live.sessions()) == (before, 0)


def test_a_line_that_drops_behind_the_handshake_leaves_no_kernel(live: LiveProcess) -> None:
    before = started(live)
    with socket.create_connection(("127.0.0.1", live.port), 30) as connection:
        connection.sendall(handshake(live))
        assert connection.recv(100).startswith(b"HTTP/1.1 101 ")
        # Closed without a farewell, as by a network that is gone.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert started(live) == before + 1
    wait_for(lambda: live.sessions() == 0, what="the end of the kernel")


def test_a_page_that_is_cut_off_while_pictures_come_takes_nobody_down(live: LiveProcess) -> None:
    async def go() -> None:
        async with touching(live, KEY) as reader:
            slider = reader.widget("IntSliderModel")
            for value in (24, 28, 32, 36, 40, 44):
                await reader.tell(slider, {"value": value})
            await reader.socket.write_message("x")
            assert await reader.closed() == BAD_MESSAGE
            assert await asyncio.to_thread(live.token)

    asyncio.run(go())


def test_who_finds_no_place_stands_in_the_line_and_keeps_the_place(live: LiveProcess) -> None:
    async def go() -> None:
        shown = at_rest(live, KEY)["generation"]
        others = live.another_browser(), live.another_browser()
        async with touching(others[0], KEY):
            async with touching(others[1], KEY):
                for _ in range(2):
                    said, code = await asyncio.to_thread(ask, live, shown, live.token())
                    assert (said["state"], said["place"], code) == ("queued", 1, REFUSED)
                    assert said["reason"] == "full"
                    assert said["retry"] > 0
                    assert "number 1 in line" in said["message"]
            await asyncio.to_thread(wait_for, lambda: live.sessions() == 1, what="a free place")
            async with touching(live, KEY):
                pass

    asyncio.run(go())


def test_a_lost_line_goes_on_with_the_same_kernel(live: LiveProcess) -> None:
    async def go() -> None:
        async with touching(live, KEY, session="mine") as reader:
            slider = reader.widget("IntSliderModel")
            await reader.update(slider, {"value": 24})
            await reader.leave()
            async with connected(live, reader.kernel, "mine") as again:
                states = await again.take_over()
                assert states[slider]["state"]["value"] == 24

    asyncio.run(go())


def test_the_filter_is_the_same_as_on_the_other_way(live: LiveProcess) -> None:
    async def go() -> None:
        async with touching(live, KEY) as reader:
            slider = reader.widget("IntSliderModel")
            ran = await reader.send("execute_request", code="1", silent=False)
            made = await reader.send("comm_open", comm_id="0" * 32, target_name="jupyter.widget", data={})
            await reader.update(slider, {"max": 10**9})
            await reader.update(slider, {"value": 28})
            assert not {ran, made} & {one.answers for one in reader.heard}
            states = await reader.take_over()
            assert (states[slider]["state"]["max"], states[slider]["state"]["value"]) == (48, 28)

    asyncio.run(go())


def test_the_end_of_the_kernel_is_told_and_why(live: LiveProcess) -> None:
    async def go() -> None:
        async with touching(live, KEY) as reader:
            (kernel,) = live.kernels()
            kernel.kill()
            last = await reader.hear()
            while last.kind != "status":
                last = await reader.hear()
            assert last.content["execution_state"] == "dead"
            assert await reader.closed() == KERNEL_GONE
            status, _, text = live.ask(f"/live/api/kernels/{reader.kernel}", headers=live.own())
            assert (status, json.loads(text)["reason"]) == (410, "died")

    asyncio.run(go())


def test_a_reader_who_has_gone_before_the_kernel_was_there_leaves_none(live: LiveProcess) -> None:
    before = started(live)
    with socket.create_connection(("127.0.0.1", live.port), 30) as connection:
        connection.sendall(handshake(live))
    wait_for(lambda: started(live) > before, what="the kernel that nobody wants")
    wait_for(lambda: live.sessions() == 0, what="its end")


def test_while_the_notebook_warms_up_the_reader_waits_behind_nobody(tmp_path: Path) -> None:
    begun = {KEY: notebook((FIGURE, "live"))}
    write_notebooks(tmp_path, begun)
    with live_server(tmp_path) as warming:
        slow = notebook(("import time; time.sleep(600)",), (FIGURE, "live"))
        write_notebooks(tmp_path, {**begun, "posts/warms": slow})
        wait_for(lambda: warming.ask("/live/rest/posts/warms")[0] == 503, what="the notebook's warming up")
        said, code = ask(warming, "0" * 32, warming.token(), "posts/warms")
        preparing = {"state": "queued", "message": "The figure is being prepared.", "reason": "warming"}
        assert (said, code) == ({**preparing, "place": 0, "retry": WARMING}, REFUSED)
        _, _, by_button = warming.start("/live/render/posts/warms", Accept="application/json")
        assert json.loads(by_button)["reason"] == "warming"
