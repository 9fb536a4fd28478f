"""A reader's page without a browser: it says what the widgets' views say, and hears what they would hear."""

from __future__ import annotations

import asyncio
import json
import urllib.parse
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from livekernel.wire import PROTOCOL
from support.live_server import LiveProcess, kernel_of
from support.rest import parse
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect


def request(
    kind: str,
    *buffers: bytes,
    channel: str = "shell",
    name: str = "",
    metadata: Mapping[str, Any] | None = None,
    **content: Any,
) -> bytes:
    """Give a message to a kernel as a page writes it; ``name`` is its id."""
    header = {"msg_id": name or uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "u"}
    told = ({**header, "version": "5.3"}, {}, metadata or {}, content)
    whole: bytes = serialize_msg_to_ws_v1([*(json.dumps(part).encode() for part in told), *buffers], channel)
    return whole


def updating(state: dict[str, Any], paths: Sequence[Sequence[str]] = ()) -> dict[str, Any]:
    """Give what a widget's view sends to set keys; ``paths`` are the buffers' places."""
    return {"method": "update", "state": state, "buffer_paths": list(paths)}


@dataclass(frozen=True)
class Heard:
    """A message of the kernel's. ``answers`` is the id of the one that it answers; ``asked``, its kind."""

    kind: str
    answers: str | None
    content: dict[str, Any]
    buffers: tuple[bytes, ...] = ()
    asked: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """Give what a widget's message holds."""
        found: dict[str, Any] = self.content.get("data", {})
        return found


@dataclass
class Reader:
    """One page, connected to its kernel. ``states`` are the widgets as the page took them over, by id."""

    kernel: str
    socket: WebSocketClientConnection
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)

    def widget(self, model: str, **state: Any) -> str:
        """Give the id of the one widget of a model whose state holds this."""
        (found,) = [
            one
            for one, told in self.states.items()
            if told["model_name"] == model and state.items() <= told["state"].items()
        ]
        return found

    async def send(self, kind: str, *buffers: bytes, channel: str = "shell", **content: Any) -> str:
        """Send a message; give its id."""
        name = uuid.uuid4().hex
        message = request(kind, *buffers, channel=channel, name=name, **content)
        await self.socket.write_message(message, binary=True)
        return name

    async def tell(self, widget: str, state: dict[str, Any]) -> str:
        """Set keys of a widget, and wait for nothing; give the message's id."""
        return await self.send("comm_msg", comm_id=widget, data=updating(state))

    async def update(self, widget: str, state: dict[str, Any]) -> list[Heard]:
        """Set keys of a widget as its view does; give what the kernel says until it has done."""
        return await self.answers(await self.tell(widget, state))

    async def custom(self, widget: str, content: Any, *buffers: bytes) -> list[Heard]:
        """Send a widget's own message; give what the kernel says until it has done."""
        data = {"method": "custom", "content": content}
        return await self.answers(await self.send("comm_msg", *buffers, comm_id=widget, data=data))

    async def refused(self, widget: str, content: Any) -> None:
        """Send what isn't forwarded; the next message is answered, and this one wasn't."""
        data = {"method": "custom", "content": content}
        sent = await self.send("comm_msg", comm_id=widget, data=data)
        begun = len(self.heard)
        await self.answers(await self.send("comm_info_request", target_name="jupyter.widget"))
        assert sent not in {one.answers for one in self.heard[begun:]}

    async def take_over(self) -> dict[str, dict[str, Any]]:
        """Ask for all widgets as a page does that has opened; give them."""
        control = uuid.uuid4().hex
        await self.send("comm_open", comm_id=control, target_name="jupyter.widget.control", data={})
        asked = await self.send("comm_msg", comm_id=control, data={"method": "request_states"})
        (told,) = [one for one in await self.answers(asked) if one.data.get("method") == "update_states"]
        await self.send("comm_close", comm_id=control, data={})
        self.states = told.data["states"]
        return self.states

    async def answers(self, sent: str) -> list[Heard]:
        """Give all that answers a message, up to the kernel's word that it is idle."""
        got = []
        while True:
            one = await self.hear()
            if one.answers == sent:
                if one.kind == "status" and one.content["execution_state"] == "idle":
                    return got
                got.append(one)

    async def closed(self) -> int | None:
        """Hear out what is still on its way; give the code that the connection is closed with."""
        while self.socket.close_code is None:
            if await asyncio.wait_for(self.socket.read_message(), 30) is None:
                break
        return self.socket.close_code

    async def leave(self) -> None:
        """Close the connection, if it is still there, and hear out what is still on its way."""
        is_there = self.socket.protocol is not None and not self.socket.protocol.stream.closed()
        self.socket.close()
        if is_there:
            await self.closed()

    def drop(self) -> None:
        """End the connection without a goodbye, as when the network goes."""
        assert self.socket.protocol is not None
        self.socket.protocol.stream.close()

    async def hear(self) -> Heard:
        """Give the next message."""
        message = await asyncio.wait_for(self.socket.read_message(), 60)
        assert isinstance(message, bytes), "the connection was closed"
        _, parts = deserialize_msg_from_ws_v1(message)
        header, parent, _, content = (json.loads(bytes(part)) for part in parts[:4])
        buffers = tuple(map(bytes, parts[4:]))
        one = Heard(header["msg_type"], parent.get("msg_id"), content, buffers, parent.get("msg_type"))
        self.heard.append(one)
        return one


async def connect(
    live: LiveProcess, path: str, protocols: Sequence[str] = (PROTOCOL,), **headers: str
) -> WebSocketClientConnection:
    """Open a websocket as the site's own page does in the browser ``live``.

    ``headers`` are other ones; those that are empty aren't sent.
    """
    sent = {"Cookie": live.cookie, "Origin": live.origin, **headers}
    filled = {name: value for name, value in sent.items() if value}
    asked = HTTPRequest(f"ws://127.0.0.1:{live.port}{path}", headers=filled, connect_timeout=30)
    return await websocket_connect(asked, subprotocols=list(protocols) or None)


@asynccontextmanager
async def connected(
    live: LiveProcess, kernel: str, session: str = "", protocols: Sequence[str] = (PROTOCOL,), **headers: str
) -> AsyncIterator[Reader]:
    """Connect to a kernel that is there: as a page that was there before, if ``session`` is its name."""
    path = f"/live/api/kernels/{kernel}/channels?session_id={session or uuid.uuid4().hex}"
    reader = Reader(kernel, await connect(live, path, protocols, **headers))
    try:
        yield reader
    finally:
        await reader.leave()


@asynccontextmanager
async def reading(live: LiveProcess, key: str, address: str = "192.0.2.1") -> AsyncIterator[Reader]:
    """Open a notebook in a browser of its own, in the network of ``address``."""
    browser = live.another_browser()
    path = f"/live/render/{key}"
    status, _, page = await asyncio.to_thread(browser.start, path, **{"X-Forwarded-For": address})
    assert status == 200, page
    assert "data-live-failure" not in page, page
    kernel = kernel_of(page)
    try:
        async with connected(browser, kernel) as reader:
            await reader.take_over()
            yield reader
    finally:
        await asyncio.to_thread(browser.end, kernel)


def at_rest(live: LiveProcess, key: str) -> dict[str, Any]:
    """Give what a post shows before there is a kernel."""
    with urllib.request.urlopen(f"{live.origin}/live/rest/{key}", timeout=60) as answer:  # noqa: S310
        return parse(answer.read())[0]


async def knock(
    live: LiveProcess, key: str, generation: str, token: str, *, session: str = "s", **headers: str
) -> WebSocketClientConnection:
    """Ask for a session as a post's figure does at its first touch."""
    query = urllib.parse.urlencode({"token": token, "generation": generation, "session_id": session})
    return await connect(live, f"/live/session/{key}?{query}", **headers)


async def first(socket: WebSocketClientConnection) -> dict[str, Any]:
    """Give the server's first word."""
    message = await asyncio.wait_for(socket.read_message(), 30)
    assert isinstance(message, str)
    said: dict[str, Any] = json.loads(message)
    return said


@asynccontextmanager
async def touching(
    live: LiveProcess, key: str, *, session: str = "s", **headers: str
) -> AsyncIterator[Reader]:
    """Go live in the post itself, in the browser ``live``."""
    rest = await asyncio.to_thread(at_rest, live, key)
    token = await asyncio.to_thread(live.token, **headers)
    socket = await knock(live, key, rest["generation"], token, session=session, **headers)
    said = await first(socket)
    assert said["state"] == "live", said
    reader = Reader(said["kernel"], socket, rest["states"])
    try:
        yield reader
    finally:
        await reader.leave()
        await asyncio.to_thread(live.end, said["kernel"])


def changes(heard: list[Heard], widget: str) -> dict[str, Any]:
    """Give what the kernel has changed of a widget; the last of each key."""
    found: dict[str, Any] = {}
    for one in heard:
        if one.content.get("comm_id") == widget and one.data.get("method") == "update":
            found |= one.data["state"]
    return found


def sent_by(heard: list[Heard], widget: str, which: Callable[[Any], bool] = bool) -> list[Heard]:
    """Give a widget's own messages."""
    return [
        one
        for one in heard
        if one.content.get("comm_id") == widget
        and one.data.get("method") == "custom"
        and which(one.data["content"])
    ]
