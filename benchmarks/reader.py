"""A reader without a browser: asks for the page, connects to its kernel, moves a slider, gets the image.

It does what a page's scripts do, in their order, and nothing sooner: the websocket is opened once the whole
page has come. It speaks to stock Voila and to the live server alike; :class:`Address` says how they differ.
"""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from socket import create_connection
from typing import Self, TypeVar
from urllib.parse import urlencode

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from benchmarks import protocol
from benchmarks.notebook import IMAGE_CLASS, SLIDER, SLIDER_RANGE

PATIENCE = 180.0
"""Seconds until a reader gives up; stock Voila takes some 10 on a machine with nothing else to do."""

XSRF = "_xsrf"

T = TypeVar("T")


class GoneError(Exception):
    """The server refused the reader, or let it down: the text says how."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server's page is and how it is started.

    ``posts`` is true for the live server, which starts a kernel by a POST of its own page; stock Voila
    starts one by a GET. ``source`` is the reader's own address: behind a proxy, one for each reader, as the
    proxy counts them.
    """

    port: int
    page: str = "/"
    prefix: str = "/"
    posts: bool = False
    source: str = "127.0.0.1"

    @property
    def origin(self) -> str:
        """Give what a browser would call the site."""
        return f"http://127.0.0.1:{self.port}"


class Reader:
    """One visit. ``steps`` are seconds since :meth:`open` was called, by the name of what had been done."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.steps: dict[str, float] = {}
        self.kernel = ""
        self.widgets: list[protocol.Widget] = []
        # Stock Voila wants the same token in a cookie and in a header where a page ends its kernel.
        self._cookies = {} if address.posts else {XSRF: uuid.uuid4().hex}
        self._socket: ClientConnection | None = None
        self._turn = 0
        self._image = b""
        self._begun = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def open(self) -> None:
        """Ask for the page and read it whole; raises :class:`GoneError` where there is no kernel in it."""
        self._begun = time.perf_counter()
        form = {}
        if self.address.posts and (token := self._token()) is not None:
            form["token"] = token
        method = "POST" if self.address.posts else "GET"
        status, text = self._ask(method, self.address.page, form)
        self._done("page")
        kernel = protocol.kernel_id(text)
        if status != 200 or kernel is None:
            raise GoneError(f"{method} {self.address.page} was answered {status}, without a kernel")
        self.kernel = kernel

    def connect(self) -> None:
        """Open the websocket, and have the kernel tell the state of every widget."""
        self._socket = self._connect(f"api/kernels/{self.kernel}/channels?session_id={uuid.uuid4().hex}")
        self._done("websocket")
        control = uuid.uuid4().hex
        self._send(protocol.open_control(control))
        self._send(protocol.ask_states(control))
        self.widgets = self._until(protocol.widgets)
        self._done("states")

    def move(self) -> float:
        """Move the slider by a step and wait for the image that follows; give the seconds it took."""
        slider = protocol.find(self.widgets, "FloatSliderModel", description=SLIDER)
        image = protocol.find(self.widgets, "ImageModel", css=IMAGE_CLASS)
        low, high = SLIDER_RANGE
        self._turn += 1
        value = low + (int(slider.state["value"]) - low + self._turn) % (high - low + 1)
        before = self._image or image.state["value"]
        begun = time.perf_counter()
        self._send(protocol.update(slider.id, value=value))
        self._image = self._until(lambda message: protocol.new_value(message, image.id))
        taken = time.perf_counter() - begun
        self.steps.setdefault("image", time.perf_counter() - self._begun)
        if not self._image.startswith(b"\x89PNG") or self._image == before:
            raise GoneError("the slider was moved, and the image is not a new one")
        return taken

    def end(self) -> None:
        """Leave as a page does that is closed: the kernel is ended."""
        if self._socket is not None:
            with suppress(OSError, WebSocketException):
                self._socket.close()
        if self.kernel:
            with suppress(OSError, http.client.HTTPException):
                self._ask("POST", f"{self.address.prefix}voila/api/shutdown/{self.kernel}")
            self.kernel = ""

    def _connect(self, place: str) -> ClientConnection:
        """Open a websocket below the server's prefix, from the reader's own address."""
        port = self.address.port
        return connect(
            f"ws://127.0.0.1:{port}{self.address.prefix}{place}",
            sock=create_connection(
                ("127.0.0.1", port), timeout=PATIENCE, source_address=(self.address.source, 0)
            ),
            origin=Origin(self.address.origin),
            additional_headers={"Cookie": self._cookie()} if self._cookies else {},
            subprotocols=[Subprotocol(protocol.SUBPROTOCOL)],
            max_size=None,
            open_timeout=PATIENCE,
            compression=None,
            proxy=None,
        )

    def _token(self) -> str | None:
        status, text = self._ask("POST", f"{self.address.prefix}token")
        if status == 404:  # a server that asks for none
            return None
        if status != 200:
            raise GoneError(f"no token: {status}")
        self._done("token")
        return str(json.loads(text)["token"])

    def _ask(self, method: str, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str]:
        body = urlencode(form or {}) if method == "POST" else None
        headers = {"Accept": "text/html"}
        if method == "POST":
            headers |= {"Origin": self.address.origin, "Sec-Fetch-Site": "same-origin"}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self._cookies:
            headers["Cookie"] = self._cookie()
        if method == "POST" and XSRF in self._cookies:
            headers["X-XSRFToken"] = self._cookies[XSRF]
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.address.port, timeout=PATIENCE, source_address=(self.address.source, 0)
        )
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name.strip()] = value.strip()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _send(self, message: bytes) -> None:
        if self._socket is None:
            raise GoneError("not connected")
        self._socket.send(message)

    def _until(self, what: Callable[[protocol.Message], T | None]) -> T:
        """Give the first thing that ``what`` finds in a message; what else comes is for nobody."""
        deadline = time.monotonic() + PATIENCE
        if self._socket is None:
            raise GoneError("not connected")
        try:
            while True:
                raw = self._socket.recv(max(0.0, deadline - time.monotonic()))
                if isinstance(raw, bytes) and (found := what(protocol.read(raw))) is not None:
                    return found
        except TimeoutError as error:
            raise GoneError(f"nothing came within {PATIENCE:g} s") from error
        except (OSError, WebSocketException) as error:
            raise GoneError(f"the connection is lost: {error}") from error

    def _done(self, step: str) -> None:
        self.steps[step] = time.perf_counter() - self._begun
