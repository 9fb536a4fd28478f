"""One websocket that starts a session and is its connection: how a post's own figures go live.

A page that has its widgets already needs no other page, only a kernel. So its first touch is one handshake:
it brings a token and the generation that the page shows, the kernel is forked, and the kernel's messages
follow on the same connection, through the same filter as on any other. What a handshake's refusal would
say no script can read, so whoever gets no kernel is let in, told why, and the connection is closed.
"""

from __future__ import annotations

from typing import Any

from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from livekernel.gate.admission import Gate
from livekernel.index import Entry, Index
from livekernel.own import address_of, browser_of
from livekernel.sockets import KernelSocket
from livekernel.starts import Asking, Starts, TurnedAway

REFUSED = 4010
"""The connection is closed with it after the page has been told why there is no kernel."""


class SessionSocket(KernelSocket):
    """``session/<kind>/<slug>?token=…&generation=…&session_id=…``: a kernel, and the way to it.

    The first message is text: ``{"state": "live", "kernel": id}``, or ``queued`` (with ``message``,
    ``reason`` as :data:`livekernel.gate.admission.Reason` has it, ``place``, ``retry`` in seconds),
    ``changed`` (with the ``generation`` that there is now) or ``failed`` (with ``message``, and ``stale``
    where another token would do).
    """

    def initialize(self, gate: Gate, index: Index, starts: Starts) -> None:  # type: ignore[override]
        """Take the gate, the index and what starts kernels; called by tornado."""
        super().initialize(gate)
        self._index, self._starts = index, starts
        self._first: dict[str, Any] | None = None
        self._left = self._spoke = False

    def on_connection_close(self) -> None:
        """Note that the reader has gone before there was an answer; called by tornado."""
        self._left = True
        super().on_connection_close()

    def _may_connect(self) -> bool:
        return self._index.find("/".join(self.path_args)) is not None

    async def get(self, kind: str, slug: str) -> None:
        """Start a kernel and go on as its connection, or answer why there is none; called by tornado."""
        entry = self._index.find(f"{kind}/{slug}")
        if entry is None:
            raise HTTPError(404)
        try:
            kernel_id = await self._start(entry)
        except TurnedAway as away:
            refusal = away.refusal
            said = {"message": refusal.message}
            self._first = (
                {
                    "state": "queued",
                    **said,
                    "reason": refusal.reason,
                    "place": refusal.place,
                    "retry": refusal.retry,
                }
                if refusal.retry
                else {"state": "failed", **said}
            )
            kernel_id = None
        if kernel_id is None:
            await WebSocketHandler.get(self, kernel_id="")
            return
        if self._left:
            await self.kernel_manager.end(kernel_id)
            return
        self._first = {"state": "live", "kernel": kernel_id}
        # From here on it ends by itself where the page does not connect.
        self.kernel_manager.release(kernel_id)
        await super().get(kernel_id)

    async def _start(self, entry: Entry) -> str | None:
        """Give the id of a new kernel, or None where ``_first`` says why not; raises :class:`TurnedAway`."""
        browser = browser_of(self, self._gate)
        if browser is None or not self._gate.browsers.holds(browser, self.get_query_argument("token", None)):
            message = "The start was not made by a page that was just used. Try again."
            self._first = {"state": "failed", "message": message, "stale": True}
            return None
        generation = self._starts.generation(entry)
        if generation is None or generation.shown is None:
            message = "This figure can't go live in the page."
            self._first = {"state": "failed", "message": message}
            return None
        if self.get_query_argument("generation", None) != generation.shown:
            self._first = {"state": "changed", "generation": generation.shown}
            return None
        asking = Asking(entry, browser, address_of(self), self.request.request_time)

        async def prepare() -> tuple[str, None]:
            return self.kernel_manager.default_kernel_name, None  # the page is there already

        kernel_id, _ = await self._starts.begin(asking, generation, prepare)
        return kernel_id

    async def open(self, kernel_id: str) -> None:
        """Say how it went, and connect the page with its kernel; called by tornado after the handshake."""
        if kernel_id:
            await super().open(kernel_id)
            self._tell()
        else:
            self._tell()
            self.close(REFUSED, "no kernel")

    def on_message(self, ws_message: str | bytes) -> None:
        """Pass a message on to the kernel, if there is one."""
        if self.kernel_id:
            self._spoke = True
            super().on_message(ws_message)

    def write_message(self, message: bytes | dict[str, Any], binary: bool = False) -> Any:
        """Send a message, after the one that must come first."""
        self._tell()
        return super().write_message(message, binary)

    def on_close(self) -> None:
        """Leave the kernel, if there is one, and end it where the page never spoke; called by tornado.

        Such a page has left before it knew that it has a kernel, and won't come back to it.
        """
        if self.kernel_id:
            super().on_close()
            if not self._spoke:
                IOLoop.current().add_callback(self.kernel_manager.end, self.kernel_id)

    def _tell(self) -> None:
        first, self._first = self._first, None
        if first is not None:
            super().write_message(first)
