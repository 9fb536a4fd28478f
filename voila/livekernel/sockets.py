"""The websocket between a reader's page and its kernel: own pages only, one protocol, an honest end."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from tornado.iostream import StreamBufferFullError
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from livekernel.filter import LEARNED, Filter, Malformed, Refused
from livekernel.gate.admission import Gate
from livekernel.origin import is_own
from livekernel.own import browser_of
from livekernel.wire import PROTOCOL, is_handshake, is_well_formed, split

log = logging.getLogger("livekernel")

UNSENT = 32 * 2**20
"""Bytes that may wait for a reader who doesn't read; beyond, the connection is closed."""

PING = 10.0
"""Seconds between two pings, and until a page that doesn't answer one is taken for gone: with the time that a
kernel lives without a page (``unwatched``), one whose reader's network vanished ends within a minute."""

QUIET = 60.0
"""Seconds between two lines of the log about messages that were dropped, of all readers together."""

BAD_MESSAGE = 4002
TOO_SLOW = 4003
KERNEL_GONE = 4001


class Dropped:
    """Counts messages that were dropped, and tells the log of them now and then."""

    def __init__(self) -> None:
        """Begin with none."""
        self._count, self._told = 0, float("-inf")

    def add(self, kernel_id: str, why: Refused) -> None:
        """Count one; the first, and then one a minute, stands for the others in the log."""
        self._count += 1
        now = time.monotonic()
        if now - self._told >= QUIET:
            log.warning("Dropped %d messages of readers; the last to %s: %s", self._count, kernel_id, why)
            self._count, self._told = 0, now


class KernelSocket(VoilaKernelWebsocketHandler):  # type: ignore[misc]
    """Voila's websocket handler, closed to other sites and other browsers, and to what isn't for readers.

    Any other subprotocol is refused: jupyter_server's older one makes Voila read the count of a binary
    message from the wrong bytes, and hang. When the kernel ends, in whatever way, the page is
    told ``dead`` and the connection is closed, with which the front end stops trying again.
    """

    kernel_id: str = ""
    _is_over = False
    dropped = Dropped()

    def initialize(self, gate: Gate) -> None:
        """Take the gate; called by tornado."""
        self._gate = gate

    async def prepare(self) -> None:
        """Refuse the handshake before anything is looked up."""
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "")
        if not is_own(self.request.headers):
            raise HTTPError(403)
        # Before anything is begun for it: what is no handshake is refused by tornado only afterwards.
        if not is_handshake(self.request.headers):
            raise HTTPError(400, reason="No Websocket Handshake")
        if PROTOCOL not in (name.strip() for name in offered.split(",")):
            raise HTTPError(400, reason="Unknown Subprotocol")
        if not self._may_connect():
            raise HTTPError(404)
        await super().prepare()

    def _may_connect(self) -> bool:
        """Say whether the kernel is this browser's; to any other there is none."""
        return self._gate.owns(browser_of(self, self._gate), self.path_args[0])

    def select_subprotocol(self, subprotocols: list[str]) -> str:  # noqa: ARG002
        """Speak the one that ``prepare`` has found among those offered; called by tornado."""
        return PROTOCOL

    async def open(self, kernel_id: str) -> None:
        """Connect the page with its kernel; called by tornado after the handshake."""
        self.kernel_manager.when_gone(kernel_id, self._kernel_gone)
        self._comms = self.kernel_manager.comms(kernel_id)
        self._filter = Filter(self._comms)
        try:
            self.ws_connection.stream.max_write_buffer_size = UNSENT
            self.ws_connection.params.ping_interval = self.ws_connection.params.ping_timeout = PING
            self.ws_connection.start_pinging()
            self.set_nodelay(True)  # small messages follow each other: none is to wait for an ACK
            await super().open(kernel_id)
        except BaseException:
            # tornado takes the connection away then, and calls nobody.
            self.on_close()
            raise

    def on_message(self, ws_message: str | bytes) -> None:
        """Pass a message on to the kernel if it is one that readers may send."""
        if not isinstance(ws_message, bytes) or not is_well_formed(ws_message):
            self.close(BAD_MESSAGE, "bad message")
            return
        try:
            channel, parts = split(ws_message)
            passed = self._filter.passed(channel, parts)
        except Refused as refusal:
            self.dropped.add(self.kernel_id, refusal)
        except (Malformed, UnicodeDecodeError):
            self.close(BAD_MESSAGE, "bad message")
        else:
            super().on_message(serialize_msg_to_ws_v1(passed, channel))  # type: ignore[no-untyped-call]

    def write_error(self, status_code: int, **_: Any) -> None:
        """Refuse a handshake in a line; jupyter_server's page asks for a user whom nobody looked up."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")

    def write_message(self, message: bytes | dict[str, Any], binary: bool = False) -> Any:
        """Send a message, or give up a reader who doesn't read; to one who has gone, nothing is said."""
        if self.ws_connection is None:
            # Closed by us, and not yet by the reader: jupyter_server would go over to its older protocol,
            # which nothing here understands.
            return None
        if isinstance(message, bytes):
            # Before the page can answer it.
            self._learn(message)
        try:
            return super().write_message(message, binary)
        except StreamBufferFullError:
            self.close(TOO_SLOW, "too slow")
        except WebSocketClosedError:
            pass  # its end is on the way
        return None

    def on_close(self) -> None:
        """Leave the kernel; called by tornado, and here where a connection could not be made."""
        if not self._is_over:
            self._is_over = True
            self.kernel_manager.forget(self.kernel_id, self._kernel_gone)
            super().on_close()

    def _learn(self, message: bytes) -> None:
        channel, parts = split(message)
        if channel == "iopub":
            kind = json.loads(bytes(parts[0])).get("msg_type")
            if kind in LEARNED:
                self._comms.learn(kind, json.loads(bytes(parts[3])))

    def _kernel_gone(self) -> None:
        if self.connection is not None:
            self.connection._send_status_message("dead")
        # Afterwards: jupyter_server may be about to say the same on this connection.
        asyncio.get_running_loop().call_soon(self.close, KERNEL_GONE, "kernel ended")
