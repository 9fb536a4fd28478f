"""The engine as one live server uses it: what kernels may do, where they write, when they are ended."""

from __future__ import annotations

import logging
import os
from functools import partial
from pathlib import Path

from livekernel import sandbox
from livekernel.engine.engine import Engine, Warmth
from livekernel.engine.generations import Generation
from livekernel.engine.manager import Fork
from livekernel.engine.provisioner import ForkProvisioner
from livekernel.engine.scratch import USERS, Scratches, reachable
from livekernel.errors import StartError
from livekernel.index import Index
from livekernel.sandbox import Feature
from livekernel.settings import OFFERED, Settings
from livekernel.watch import groups

log = logging.getLogger("livekernel")

FOR_ONE = 32 * 2**20
"""Bytes that must be left for one more reader: twice what a kernel takes of its own after some use."""

FOR_OTHERS = 32 * 2**20
"""Bytes that stay free beside, for the server itself and for nginx and Gunicorn."""

AT_ONCE = 1
"""Notebooks that warm up at the same time. Two at once were no sooner done on two cores, and in a container
for 1 GB their peaks together ended one of them."""

SHARED_TASKS = 4096
"""Threads of all processes together, where kernels have the server's own user id (Linux counts by id)."""


class Forks:
    """Made once for a server; raises :class:`StartError` where the machine lacks what is required."""

    def __init__(self, settings: Settings, index: Index) -> None:
        self.offer = sandbox.offered()
        required = set() if settings.sandbox == OFFERED else set(sandbox.REQUIRED)
        if lacking := sorted(required - self.offer.features()):
            raise StartError(
                f"this machine does not offer {', '.join(lacking)}, which keeps readers' kernels apart; "
                "--sandbox offered goes on with what there is"
            )
        assert settings.scratch is not None  # noqa: S101  (__main__ has made it)
        readable = [settings.notebooks]
        users = self._users(readable)
        self.missing = frozenset(Feature) - self.offer.features() | (set() if users else {Feature.OWN_USER})
        for feature in sorted(self.missing):
            log.warning("Readers' kernels go without %s", feature)
        self.scratches = Scratches(settings.scratch, users=users)
        self.limits = ForkProvisioner.limits(
            memory=settings.memory + 2**28,  # of virtual memory, reserved for stacks and heaps
            cpu=None,
            tasks=64 if users else SHARED_TASKS,
            readable=readable,
            required=[str(feature) for feature in required],
        )
        state = settings.rest or settings.scratch / "rest"
        self.modules = state / "modules"
        warmth = Warmth(
            notebooks=settings.notebooks,
            state=state,
            libraries=settings.libraries,
            limit=settings.start,
            life=settings.life,
            at_once=AT_ONCE,
        )
        self.engine = Engine(warmth, index.entries)

    @property
    def holds(self) -> frozenset[Feature]:
        """What every kernel is held by."""
        return frozenset(Feature) - self.missing

    def _users(self, readable: list[Path]) -> bool:
        """Say whether kernels get user ids of their own: if the server may give them, and they can read."""
        if Feature.OWN_USER not in self.offer.features():
            return False
        closed = reachable(USERS[0], [*sandbox.code()[:3], Path(os.__file__), *readable])
        if closed is not None:
            log.warning("%s is closed to other users", closed)
        return closed is None

    def room(self, sessions: int) -> bool:
        """Say whether the memory that is really left is enough for so many more sessions."""
        left = groups.left()
        return left is None or left >= sessions * FOR_ONE + FOR_OTHERS

    def of(self, generation: Generation) -> Fork:
        """Say how a kernel of a generation is made: for the kernel manager's ``start_kernel``."""
        return partial(ForkProvisioner, generation=generation, scratches=self.scratches, limits=self.limits)
