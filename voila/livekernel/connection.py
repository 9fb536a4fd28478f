"""A page's way to a forked kernel's sockets: connected without the questions of jupyter_server's."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from livekernel.engine.provisioner import ForkProvisioner

_Connection: Any = ZMQChannelsWebsocketConnection

WELCOME = 5.0
"""Seconds for a kernel to say that it has heard of a new subscriber: a thousandth is the rule."""


class KernelConnection(_Connection):  # type: ignore[misc]
    """Made by jupyter_server's websocket handler, for each page.

    jupyter_server asks a kernel three times what it is before a page may use it: whether it is there, which
    protocol it speaks, whether its messages arrive. Of a forked kernel the first two are known, and it says
    the third by itself: ``iopub_welcome`` (Jupyter's enhancement proposal 65).
    """

    @property
    def is_forked(self) -> bool:
        """Whether the kernel was forked here."""
        return isinstance(self.kernel_manager.provisioner, ForkProvisioner)

    async def prepare(self) -> None:
        """Take the key of the kernel's messages."""
        if not self.is_forked:
            await super().prepare()
            return
        await self._register_session()
        self.session.key = self.kernel_manager.session.key

    def nudge(self) -> asyncio.Future[None]:
        """Give what is done once the kernel's messages arrive."""
        if not self.is_forked:
            nudged: asyncio.Future[None] = super().nudge()
            return nudged
        return asyncio.ensure_future(self._welcomed(self.channels["iopub"]))

    async def _welcomed(self, iopub: Any) -> None:
        """Wait for the first message; a channel that was kept while the page's line was down has had it."""
        if getattr(iopub, "was_welcomed", False):
            return
        heard = asyncio.Event()
        iopub.on_recv(lambda _: heard.set())
        try:
            await asyncio.wait_for(heard.wait(), WELCOME)
        except TimeoutError:
            self.log.warning("A kernel did not welcome its page; going on without")
        finally:
            if not iopub.closed():
                iopub.stop_on_recv()
                iopub.was_welcomed = True
