"""The server's side of the root zygote: started anew when it ends by itself."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from typing import Any

from livekernel.engine.link import Forked, ForkError, Link
from livekernel.environment import for_zygote

log = logging.getLogger("livekernel")

AGAIN = (1.0, 5.0, 30.0, 120.0)
"""Seconds until a zygote that ended by itself is replaced: the more often in a row the later."""

LASTED = 300.0
"""Seconds after which a zygote that ends counts as the first again."""


class Root:
    """Imports ``libraries`` in a process of its own, and forks the notebooks' zygotes from it.

    ``imported`` is set while there is one that can. On the server's event loop.
    """

    def __init__(self, libraries: tuple[str, ...]) -> None:
        self._libraries = libraries
        self._link: Link | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._later: asyncio.TimerHandle | None = None
        self._lost, self._ready, self._stopped = 0, 0.0, False
        self.imported = asyncio.Event()

    def start(self) -> None:
        """Start the process; comes back at once."""
        link, theirs, lifetime = Link.make(self._hear)
        command = [sys.executable, "-m", "livekernel.zygote", str(theirs.fileno()), str(lifetime)]
        self._process = subprocess.Popen(
            [*command, *self._libraries],
            pass_fds=(theirs.fileno(), lifetime),
            stdin=subprocess.DEVNULL,
            env=for_zygote(os.environ),
            start_new_session=True,
        )
        theirs.close()
        os.close(lifetime)
        self._link = link

    def stop(self) -> None:
        """End it; the zygotes that it forked go on."""
        self._stopped = True
        if self._later is not None:
            self._later.cancel()
        if self._link is not None:
            self._link.end()
        if self._process is not None:
            self._process.wait()

    async def fork(self, name: str, request: dict[str, Any], files: list[int]) -> Forked:
        """Have a notebook's zygote forked; raises :class:`ForkError`."""
        if self._link is None:
            raise ForkError("there is no root zygote")
        return await self._link.fork(name, request, files)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["event"] == "imported":
            for library, reason in message["missing"].items():
                log.warning("%s can't be imported: %s", library, reason)
            names = ", ".join(f"{name} {version}".strip() for name, version in message["libraries"].items())
            log.info("Imported %s in %.1f s", names, message["seconds"])
            self._ready = time.monotonic()
            self.imported.set()
        elif message["event"] == "gone" and not self._stopped:
            self.imported.clear()
            if self._process is not None:
                self._process.wait()
            if self._ready and time.monotonic() - self._ready > LASTED:
                self._lost = 0
            delay = AGAIN[min(self._lost, len(AGAIN) - 1)]
            self._ready, self._lost = 0.0, self._lost + 1
            log.error("The root zygote has ended; a new one in %g s, and the notebooks' zygotes go on", delay)
            self._later = asyncio.get_running_loop().call_later(delay, self.start)
