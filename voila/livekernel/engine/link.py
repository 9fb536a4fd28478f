"""The server's end of one zygote: what it is asked, what it says, and the pipe that its life hangs on."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from livekernel import protocol
from livekernel.errors import LiveError

log = logging.getLogger("livekernel")

PATIENCE = 10.0
"""Seconds for a fork, which takes milliseconds: a zygote that needs longer is stuck."""


class ForkError(LiveError):
    """The zygote did not fork: it has gone, is stuck, or says why."""


@dataclass(frozen=True, slots=True)
class Forked:
    """A process that a zygote forked: ``descriptor`` is its pidfd, which names no other process ever."""

    pid: int
    descriptor: int
    milliseconds: float


class Link:
    """One zygote, on the server's event loop.

    ``tell`` is called with each message that answers nothing, and with ``{"event": "gone"}`` at the end.
    :meth:`end` ends the zygote; so does the server's own end, however it comes.
    """

    def __init__(self, control: socket.socket, lifetime: int, tell: Callable[[dict[str, Any]], None]) -> None:
        control.setblocking(False)
        self._control, self._lifetime, self._tell = control, lifetime, tell
        self._asked: dict[str, asyncio.Future[Forked]] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(control, self._hear)
        self.alive = True

    @classmethod
    def make(cls, tell: Callable[[dict[str, Any]], None]) -> tuple[Self, socket.socket, int]:
        """Give a link, and the two ends for its zygote, which the caller passes on and closes."""
        ours, theirs = protocol.pair()
        reading, writing = os.pipe()
        return cls(ours, writing, tell), theirs, reading

    async def fork(self, name: str, request: dict[str, Any], files: list[int]) -> Forked:
        """Have a child forked; its pidfd is the caller's to close. Raises :class:`ForkError`."""
        if not self.alive:
            raise ForkError("the zygote has gone")
        asked: asyncio.Future[Forked] = self._loop.create_future()
        self._asked[name] = asked
        try:
            protocol.send(self._control, {**request, "id": name}, files)
            return await asyncio.wait_for(asked, PATIENCE)
        except TimeoutError as error:
            raise ForkError(f"the zygote did not fork within {PATIENCE:g} s") from error
        except OSError as error:
            raise ForkError(f"the zygote can't be asked ({error.strerror})") from error
        finally:
            self._asked.pop(name, None)

    def end(self) -> None:
        """End the zygote at once; the kernels that it forked go on."""
        if self.alive:
            self.alive = False
            self._loop.remove_reader(self._control)
            self._control.close()
            os.close(self._lifetime)
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_exception(ForkError("the zygote was ended"))

    def _hear(self) -> None:
        while self.alive:
            try:
                message, files = protocol.receive(self._control)
            except BlockingIOError:
                return
            except protocol.Hungup:
                self.end()
                self._tell({"event": "gone"})
                return
            self._take(message, files)

    def _take(self, message: dict[str, Any], files: list[int]) -> None:
        asked = self._asked.get(message.get("id", ""))
        if message["event"] == "forked":
            if asked is None or asked.done():  # given up meanwhile: nobody would ever end it
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(files[0], signal.SIGKILL)
                os.close(files[0])
            else:
                asked.set_result(Forked(message["pid"], files[0], message["milliseconds"]))
        elif message["event"] == "refused":
            if asked is not None and not asked.done():
                asked.set_exception(ForkError(message["reason"]))
        else:
            self._tell(message)
