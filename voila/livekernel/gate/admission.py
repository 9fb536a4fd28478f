"""The gate itself: who gets a session now, who waits, and whose a session is."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from livekernel.gate.browser import Browsers
from livekernel.gate.lately import Lately
from livekernel.gate.limits import Limits
from livekernel.gate.line import Line

MINUTE = 60.0

Reason = Literal["", "full", "address", "rate", "warming", "fork"]
"""Why not now: all places are taken, or those of one address, or its starts of a minute; the notebook's cells
run still; a fork failed just now."""

Room = Callable[[int], bool]
"""Says whether the memory that is really left is enough for so many more sessions."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not now: an HTTP status, words for the reader, the place in the line (0: none), and when to ask.

    ``reason`` is a word for operators and pages; ``again`` says that the reader has been told before, and
    waits.
    """

    status: int
    message: str
    place: int
    retry: int
    reason: Reason = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """Who has a kernel, from where, and since when by the gate's clock."""

    browser: str
    address: str
    begun: float


class Gate:
    """Admits browsers to sessions; one for each server, asked on its loop only.

    The start handler calls :meth:`enter`, and :meth:`leave` when the kernel has ended, or :meth:`back` when
    it could not be had. Whoever is asked about a kernel asks :meth:`owns` first.
    """

    def __init__(
        self,
        limits: Limits,
        room: Room = lambda _: True,
        clock: Callable[[], float] = time.monotonic,
        browsers: Browsers | None = None,
    ) -> None:
        self.limits = limits
        self.browsers = browsers or Browsers(limits.token)
        self._room, self._clock = room, clock
        self._line = Line(limits.waiting, 3 * limits.retry, clock)
        self._sessions: dict[str, Session] = {}
        self._ended: Lately[str] = Lately(limits.remembered, 64 * limits.sessions, clock)
        self._starts: deque[Session] = deque()  # of the last minute
        self.starts = 0
        self.refusals: Counter[str] = Counter()

    def enter(self, kernel_id: str, browser: str, address: str) -> Refusal | None:
        """Take a place for a kernel that is about to start; give the refusal where there is none."""
        self._forget_starts()
        if self._is_admitted(browser, address):
            self._line.leave(browser)
            self._sessions[kernel_id] = session = Session(browser, address, self._clock())
            self._starts.append(session)
            self.starts += 1
            return None
        return self._refusal(browser, address)

    @property
    def waiting(self) -> int:
        """Count who stands in the line."""
        return len(self._line)

    @property
    def starts_last_minute(self) -> int:
        """Count sessions that were started within a minute."""
        self._forget_starts()
        return len(self._starts)

    def back(self, kernel_id: str, browser: str, address: str) -> Refusal:
        """Give up a place whose kernel could not be had for now; its browser is the first in the line."""
        session = self._sessions.pop(kernel_id, None)
        if session and session in self._starts:  # not so after a minute
            self._starts.remove(session)
        self._line.first(browser, address)
        return self._refusal(browser, address)

    def again(self, kernel_id: str) -> bool:
        """Say whether a session may start anew, which counts as a start."""
        self._forget_starts()
        session = self._sessions.get(kernel_id)
        if session is None or self._startable(session.address) <= 0:
            return False
        self._starts.append(replace(session, begun=self._clock()))
        self.starts += 1
        return True

    def leave(self, kernel_id: str) -> None:
        """Free the place of a kernel that has ended; its owner may still ask why."""
        if session := self._sessions.pop(kernel_id, None):
            self._ended.note(kernel_id, session.browser)

    def owns(self, browser: str | None, kernel_id: str) -> bool:
        """Say whether a kernel is a browser's, or was until a few minutes ago."""
        session = self._sessions.get(kernel_id)
        owner = session.browser if session else self._ended.get(kernel_id)
        return browser is not None and browser == owner

    def _is_admitted(self, browser: str, address: str) -> bool:
        """Hand out the free places in the line's order, as far as each address may have one."""
        free = self.limits.sessions - len(self._sessions)
        spare: dict[str, int] = {}
        before = 0
        for ticket in self._line.ahead(browser):
            if spare.setdefault(ticket.address, self._spare(ticket.address)) > 0:
                spare[ticket.address] -= 1
                before += 1
        mine = spare.get(address, self._spare(address))
        return mine > 0 and free > before and self._room(before + 1)

    def _spare(self, address: str) -> int:
        """Give how many sessions an address could still start now."""
        return min(self.limits.per_address - self._running(address), self._startable(address))

    def _running(self, address: str) -> int:
        return Counter(session.address for session in self._sessions.values())[address]

    def _startable(self, address: str) -> int:
        return self.limits.starts_per_minute - Counter(start.address for start in self._starts)[address]

    def _forget_starts(self) -> None:
        while self._starts and self._starts[0].begun <= self._clock() - MINUTE:
            self._starts.popleft()

    def _refusal(self, browser: str, address: str) -> Refusal:
        again = browser in self._line
        place = self._line.keep(browser, address)
        retry = self.limits.retry
        if self._running(address) >= self.limits.per_address:
            number = self.limits.per_address
            self.refusals["address"] += not again
            words = f"As many live figures run in your network as may: {number}."
            return Refusal(429, words, place, retry, "address", again)
        if self._startable(address) <= 0:
            self.refusals["rate"] += not again
            oldest = next(start.begun for start in self._starts if start.address == address)
            wait = max(retry, math.ceil(oldest + MINUTE - self._clock()))
            words = "Too many live figures were started in your network within a minute."
            return Refusal(429, words, place, min(wait, 3 * retry - 1), "rate", again)
        self.refusals["full"] += not again
        if place == 0:
            return Refusal(503, "All kernels are busy, and the line is full.", place, retry, "full")
        words = f"All kernels are busy. You are number {place} in line."
        return Refusal(503, words, place, retry, "full", again)
