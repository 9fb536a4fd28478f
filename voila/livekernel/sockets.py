"""The websocket between a reader's page and its kernel: own pages only, one protocol, an honest end."""

from __future__ import annotations

import asyncio
from typing import Any

from tornado.iostream import StreamBufferFullError
from tornado.web import HTTPError
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from livekernel.origin import is_own
from livekernel.wire import PROTOCOL, is_well_formed

UNSENT = 32 * 2**20
"""Bytes that may wait for a reader who doesn't read; beyond, the connection is closed."""

PING = 30.0
"""Seconds between two pings, and until a page that doesn't answer one is taken for gone."""

BAD_MESSAGE = 4002
TOO_SLOW = 4003
KERNEL_GONE = 4001


class KernelSocket(VoilaKernelWebsocketHandler):  # type: ignore[misc]
    """Voila's websocket handler, closed to other sites and to malformed messages.

    Any other subprotocol is refused: jupyter_server's older one makes Voila read the count of a binary
    message from the wrong bytes, and hang. When the kernel ends, in whatever way, the page is
    told ``dead`` and the connection is closed, with which the front end stops trying again.
    """

    kernel_id: str = ""

    async def prepare(self) -> None:
        """Refuse the handshake before anything is looked up."""
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "")
        if not is_own(self.request.headers):
            raise HTTPError(403)
        if PROTOCOL not in (name.strip() for name in offered.split(",")):
            raise HTTPError(400, reason="Unknown Subprotocol")
        await super().prepare()

    async def open(self, kernel_id: str) -> None:
        """Connect the page with its kernel; called by tornado after the handshake."""
        self.kernel_manager.when_gone(kernel_id, self._kernel_gone)
        self.ws_connection.stream.max_write_buffer_size = UNSENT
        self.ws_connection.params.ping_interval = self.ws_connection.params.ping_timeout = PING
        self.ws_connection.start_pinging()
        await super().open(kernel_id)

    def on_message(self, ws_message: str | bytes) -> None:
        """Pass a message on to the kernel if it is one."""
        if not isinstance(ws_message, bytes) or not is_well_formed(ws_message):
            self.close(BAD_MESSAGE, "bad message")
            return
        try:
            super().on_message(ws_message)
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            # The parts aren't JSON, not UTF-8, or no message of Jupyter's.
            self.close(BAD_MESSAGE, "bad message")

    def write_error(self, status_code: int, **_: Any) -> None:
        """Refuse a handshake in a line; jupyter_server's page asks for a user whom nobody looked up."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")

    def write_message(self, message: bytes | dict[str, Any], binary: bool = False) -> Any:
        """Send a message, or give up a reader who doesn't read."""
        try:
            return super().write_message(message, binary)
        except StreamBufferFullError:
            self.close(TOO_SLOW, "too slow")
            return None

    def on_close(self) -> None:
        """Leave the kernel; called by tornado."""
        self.kernel_manager.forget(self.kernel_id, self._kernel_gone)
        super().on_close()

    def _kernel_gone(self) -> None:
        if self.connection is not None:
            self.connection._send_status_message("dead")
        # Afterwards: jupyter_server may be about to say the same on this connection.
        asyncio.get_running_loop().call_soon(self.close, KERNEL_GONE, "kernel ended")
