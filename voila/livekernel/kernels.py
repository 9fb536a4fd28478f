"""The readers' kernels: so many at once, none without a page, and a page is told when its own ends."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from jupyter_client.session import Session
from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.ioloop import PeriodicCallback
from tornado.web import HTTPError
from traitlets import Float, Integer

from livekernel.engine.manager import Fork
from livekernel.engine.provisioner import ForkProvisioner
from livekernel.environment import for_kernel
from livekernel.errors import Busy
from livekernel.filter import LEARNED, Comms
from livekernel.gate.endings import Reason
from livekernel.gate.lately import Lately
from livekernel.lives import Lives
from livekernel.offline import Offline

REMEMBERED, MOST_REMEMBERED = 300.0, 1000
"""Seconds for which a page may ask why its kernel ended, and of how many kernels that is known."""

# jupyter_server says that it is typed; the methods used here aren't.
_KernelManager: Any = AsyncMappingKernelManager


class LiveKernels(_KernelManager):  # type: ignore[misc]
    """Voila's kernel manager with a bound on the number of kernels and on the time without a page.

    The start handler calls :meth:`begin`, then :meth:`release` once the page has been sent; the
    websocket handler calls :meth:`when_gone`. How a kernel is made is left to its kernelspec's
    provisioner. ``turns`` counts the messages that each kernel has taken up.
    """

    limit = Integer(3, help="How many kernels may run at once.").tag(config=True)
    unwatched_timeout = Float(35.0, help="Seconds a kernel lives without a page.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lives = Lives()
        self._beginning: set[str] = set()
        self._ending: set[str] = set()
        # A page that is closed without `beforeunload` says nothing: only the missing websocket tells.
        self._unwatched_since: dict[str, float] = {}
        self._told_when_gone: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)
        self._comms: dict[str, Comms] = {}
        self.turns: Counter[str] = Counter()
        self._listeners: dict[str, Any] = {}
        self._sweeper: PeriodicCallback | None = None
        self._cleaning: set[asyncio.Future[Any]] = set()
        self.ended: Counter[str] = Counter()
        self._why: dict[str, Reason] = {}  # of kernels that are about to end
        self._endings: Lately[Reason] = Lately(REMEMBERED, MOST_REMEMBERED, time.monotonic)

    def watch(self) -> None:
        """Begin to end kernels that nobody is connected to; the server calls it on its loop."""
        interval = min(2.0, self.unwatched_timeout / 4)
        self._sweeper = PeriodicCallback(self._sweep, interval * 1000)
        self._sweeper.start()

    async def begin(self, kernel_id: str, *, kernel_name: str, path: str, fork: Fork | None = None) -> None:
        """Start a kernel under an id that the caller chose, in the folder of the notebook ``path``.

        With ``fork`` it is forked. Raises :class:`~livekernel.engine.link.ForkError` then.
        Raises :class:`Busy` where every place is taken. The kernel isn't counted as left alone before
        :meth:`release`.
        """
        if len({*self.list_kernel_ids(), *self._beginning}) >= self.limit:
            raise Busy
        self._beginning.add(kernel_id)
        try:
            folder = path.rpartition("/")[0]
            environment = for_kernel(os.environ)
            forked = {"fork": fork} if fork is not None else {}
            await self.start_kernel(
                kernel_id=kernel_id, kernel_name=kernel_name, path=folder, env=environment, **forked
            )
            # jupyter_server looks for the sentence on the kernel, where it isn't, and drops the error.
            kernel = self.get_kernel(kernel_id)
            kernel.traceback_replacement_message = self.traceback_replacement_message
            if fork is not None:
                # A kernel tells of widgets as it makes them; these it has had from the beginning.
                widgets = kernel.provisioner.generation.widgets
                self.comms(kernel_id).learn("comm_msg", {"comm_id": "", "data": _states(widgets)})
                # It listens already; a websocket would else ask it twice, half a second apart.
                kernel.execution_state = "idle"
        finally:
            self._beginning.discard(kernel_id)

    def release(self, kernel_id: str) -> None:
        """Give the page from now on so many seconds to connect."""
        if kernel_id in self and not self._kernel_connections.get(kernel_id):
            self._unwatched_since[kernel_id] = time.monotonic()

    async def end(self, kernel_id: str, reason: Reason = "ended") -> None:
        """End a kernel at once; one that has gone already, or is going, is no error.

        ``reason`` is for :meth:`ending`; where several are given, the first counts.
        """
        if kernel_id in self._ending:
            return
        self._ending.add(kernel_id)
        if kernel_id in self:
            self._why.setdefault(kernel_id, reason)
        try:
            with suppress(HTTPError, KeyError):
                await self.shutdown_kernel(kernel_id, now=True)
        finally:
            self._ending.discard(kernel_id)

    def ending(self, kernel_id: str) -> Reason | None:
        """Say why a kernel ended some minutes ago at most; None while it runs."""
        return self._endings.get(kernel_id)

    async def renew(self, kernel_id: str) -> None:
        """Restart a kernel, as it was at its beginning, for the pages that are connected to it."""
        self.comms(kernel_id).clear()
        await self.restart_kernel(kernel_id, now=True)
        provisioner = self.get_kernel(kernel_id).provisioner
        if isinstance(provisioner, ForkProvisioner):
            widgets = _states(provisioner.generation.widgets)
            self.comms(kernel_id).learn("comm_msg", {"comm_id": "", "data": widgets})

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that nobody has used; called by jupyter_server now and then."""
        self._why.setdefault(kernel_id, "idle")
        try:
            await super().cull_kernel_if_idle(kernel_id)
        finally:
            if kernel_id in self and kernel_id not in self._ending:
                self._why.pop(kernel_id, None)

    def when_gone(self, kernel_id: str, tell: Callable[[], None]) -> None:
        """Call ``tell`` once when the kernel has ended, in whatever way."""
        self._told_when_gone[kernel_id].append(tell)

    def forget(self, kernel_id: str, tell: Callable[[], None]) -> None:
        """Don't call ``tell`` any more."""
        with suppress(ValueError):
            self._told_when_gone[kernel_id].remove(tell)
        if not self._told_when_gone[kernel_id]:
            del self._told_when_gone[kernel_id]

    def comms(self, kernel_id: str) -> Comms:
        """Give the widgets that a kernel has told of, for the filter of its pages' messages."""
        return self._comms.setdefault(kernel_id, Comms())

    def start_watching_activity(self, kernel_id: str) -> None:
        """Listen to a kernel from its start; called by jupyter_server once it runs."""
        super().start_watching_activity(kernel_id)
        kernel, comms = self.get_kernel(kernel_id), self.comms(kernel_id)
        session = Session(config=kernel.session.config, key=kernel.session.key)

        def learn(parts: list[bytes]) -> None:
            _, told = session.feed_identities(parts)
            kind = session.unpack(told[1])["msg_type"]
            if kind == "status" and session.unpack(told[4])["execution_state"] == "busy":
                self.turns[kernel_id] += 1
            if kind in LEARNED:
                comms.learn(kind, session.unpack(told[4]))

        self._listeners[kernel_id] = listener = kernel.connect_iopub()
        listener.on_recv(learn)

    def stop_watching_activity(self, kernel_id: str) -> None:
        """Listen no more; called by jupyter_server before a kernel ends, and here when it has died."""
        super().stop_watching_activity(kernel_id)
        if listener := self._listeners.pop(kernel_id, None):
            listener.close()

    def notify_connect(self, kernel_id: str) -> None:
        """Note a page; called by jupyter_server when a websocket has opened."""
        super().notify_connect(kernel_id)
        self._unwatched_since.pop(kernel_id, None)
        self.lives.attached(kernel_id)

    def notify_disconnect(self, kernel_id: str) -> None:
        """Note that a page has gone; called by jupyter_server when a websocket has closed."""
        super().notify_disconnect(kernel_id)
        self.release(kernel_id)
        if kernel_id in self._unwatched_since and kernel_id not in self._ending:
            self.lives.lost(kernel_id)

    def start_buffering(self, kernel_id: str, session_key: str, channels: Any) -> None:
        """Keep what a kernel says while no page hears it, but not all; called by jupyter_server."""
        super().start_buffering(kernel_id, session_key, channels)
        self._kernel_buffers[kernel_id]["buffer"] = Offline()

    def remove_kernel(self, kernel_id: str) -> Any:
        """Take a kernel off the list; called by jupyter_client and here, when it has ended."""
        kernel = super().remove_kernel(kernel_id)
        self._kernel_connections.pop(kernel_id, None)
        self._kernel_ports.pop(kernel_id, None)
        self._unwatched_since.pop(kernel_id, None)
        self._comms.pop(kernel_id, None)
        self.turns.pop(kernel_id, None)
        # Before the pages are told, which then ask why.
        reason = self._why.pop(kernel_id, "ended")
        self._endings.note(kernel_id, reason)
        self.ended[reason] += 1
        self.lives.ended(kernel_id, reason)
        for tell in self._told_when_gone.pop(kernel_id, ()):
            tell()
        return kernel

    def _handle_kernel_died(self, kernel_id: str) -> None:
        # jupyter_server forgets the kernel and leaves its sockets and its connection file behind.
        kernel = self._kernels.get(kernel_id)
        if kernel is None:
            return
        self._why.setdefault(kernel_id, "died")
        self.stop_watching_activity(kernel_id)
        self.stop_buffering(kernel_id)
        super()._handle_kernel_died(kernel_id)
        cleaning = asyncio.ensure_future(ensure_async(kernel.cleanup_resources()))
        self._cleaning.add(cleaning)
        cleaning.add_done_callback(self._cleaning.discard)

    async def _sweep(self) -> None:
        now = time.monotonic()
        for kernel_id, since in list(self._unwatched_since.items()):
            if now - since >= self.unwatched_timeout:
                self.log.info("Ending kernel %s: no page has been connected to it", kernel_id)
                self._unwatched_since.pop(kernel_id, None)
                await self.end(kernel_id, "unwatched")


def _states(widgets: dict[str, Any]) -> dict[str, Any]:
    """Say it as a kernel does that is asked for all its widgets."""
    return {"method": "update_states", "states": widgets}
