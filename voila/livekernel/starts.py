"""One start of a session, on whichever way a page asks for it: the gate, the kernel, the journal."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from livekernel.engine.generations import Generation, State
from livekernel.engine.link import ForkError
from livekernel.errors import Busy, LiveError
from livekernel.forks import Forks
from livekernel.gate.admission import Gate, Refusal
from livekernel.index import Entry
from livekernel.kernels import LiveKernels

log = logging.getLogger("livekernel")

Prepared = TypeVar("Prepared")

WARMING = 2
"""Seconds until a page asks again for a notebook that is warming up."""

UNAVAILABLE = "This live figure is not available at the moment."


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a session of which notebook; ``waited`` gives the seconds since, for the journal."""

    entry: Entry
    browser: str
    address: str
    waited: Callable[[], float]


class TurnedAway(LiveError):  # noqa: N818  (as Busy)
    """There is no session now; ``refusal`` says why, and when to ask again."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Starts:
    """Made once for a server; handlers ask it on the server's loop."""

    def __init__(self, gate: Gate, kernels: LiveKernels, forks: Forks | None) -> None:
        self.gate, self.forks, self._kernels = gate, forks, kernels

    def generation(self, entry: Entry) -> Generation | None:
        """Give the generation that is forked from; None where kernels are started as programs.

        Raises :class:`TurnedAway` while the notebook is warming up, and where it can't be run here: then
        asking again is of no use, and the refusal has no ``retry``.
        """
        if self.forks is None:
            return None
        if (ready := self.forks.engine.ready(entry.key)) is not None:
            return ready
        coming = self.forks.engine.why_not(entry.key)
        if coming is not None and coming.state is State.UNAVAILABLE:
            raise TurnedAway(Refusal(503, UNAVAILABLE, 0, 0))
        raise TurnedAway(Refusal(503, "The figure is being prepared.", 0, WARMING, "warming"))

    async def begin(
        self,
        asking: Asking,
        generation: Generation | None,
        prepare: Callable[[], Awaitable[tuple[str, Prepared]]],
    ) -> tuple[str, Prepared]:
        """Start a kernel; give its id and what was prepared, or raise :class:`TurnedAway`.

        ``prepare`` gives the kernelspec's name as well. It comes after the gate: who waits costs nothing.
        """
        entry, gate, kernels = asking.entry, self.gate, self._kernels
        who = asking.browser, asking.address
        kernel_id = str(uuid.uuid4())
        if refusal := gate.enter(kernel_id, *who):
            raise self._turned_away(asking, refusal)
        # Before it starts: it may have ended again before this goes on.
        leave = partial(gate.leave, kernel_id)
        kernels.when_gone(kernel_id, leave)
        fork = self.forks.of(generation) if self.forks and generation else None
        try:
            name, prepared = await prepare()
            await kernels.begin(kernel_id, kernel_name=name, path=entry.path, fork=fork)
        except Busy:
            kernels.forget(kernel_id, leave)
            raise self._turned_away(asking, gate.back(kernel_id, *who)) from None
        except ForkError as error:
            kernels.forget(kernel_id, leave)
            leave()
            log.warning("%s: no kernel was forked: %s", entry.path, error)
            kernels.lives.refused(entry.key, asking.address, "fork")
            refusal = Refusal(503, "The kernel could not be started just now.", 0, WARMING, "fork")
            raise TurnedAway(refusal) from error
        except BaseException:
            kernels.forget(kernel_id, leave)
            leave()
            raise
        self._tell(kernel_id, asking, generation)
        return kernel_id, prepared

    def _tell(self, kernel_id: str, asking: Asking, generation: Generation | None) -> None:
        """Write the start into the journal; the kernel may have ended again already."""
        if kernel_id in self._kernels:
            forked = getattr(self._kernels.get_kernel(kernel_id).provisioner, "forked", None)
            self._kernels.lives.started(
                kernel_id,
                asking.entry.key,
                address=asking.address,
                seconds=asking.waited(),
                generation=generation.number if generation else None,
                fork_ms=forked.milliseconds if forked else None,
            )

    def _turned_away(self, asking: Asking, refusal: Refusal) -> TurnedAway:
        """Write a reader for whom there is no place now into the journal, once."""
        told = asking.entry.key, asking.address, refusal.reason
        if not refusal.place:
            self._kernels.lives.refused(*told)
        elif not refusal.again:
            self._kernels.lives.queued(*told)
        return TurnedAway(refusal)
