"""The line of readers who wait: first come, first served, kept by asking again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Ticket:
    """One browser's place in the line, until it has not asked again for too long."""

    browser: str
    address: str
    until: float


class Line:
    """Tickets in the order in which they were drawn; one a browser."""

    def __init__(self, most: int, patience: float, clock: Callable[[], float]) -> None:
        """Take the number of places, and the seconds within which a browser asks again."""
        self._most, self._patience, self._clock = most, patience, clock
        self._tickets: dict[str, Ticket] = {}  # in order: to put in again what is there moves nothing

    def __len__(self) -> int:
        """Count who stands in it and has asked lately."""
        now = self._clock()
        return sum(ticket.until > now for ticket in self._tickets.values())

    def __contains__(self, browser: str) -> bool:
        """Say whether a browser stands in it and has asked lately."""
        ticket = self._tickets.get(browser)
        return ticket is not None and ticket.until > self._clock()

    def ahead(self, browser: str) -> Sequence[Ticket]:
        """Give the living tickets before a browser's own: all of them where it has none."""
        now = self._clock()
        self._tickets = {name: ticket for name, ticket in self._tickets.items() if ticket.until > now}
        tickets = list(self._tickets.values())
        if browser in self._tickets:
            tickets = tickets[: list(self._tickets).index(browser)]
        return tickets

    def keep(self, browser: str, address: str) -> int:
        """Keep a browser's place, or give it the last; give its number, or 0 where the line is full."""
        place = len(self.ahead(browser)) + 1
        if browser not in self._tickets and len(self._tickets) >= self._most:
            if not self._make_room(address):
                return 0
            place = len(self._tickets) + 1
        self._tickets[browser] = Ticket(browser, address, self._clock() + self._patience)
        return place

    def _make_room(self, address: str) -> bool:
        """Take the last place from the address that has the most, for one that has fewer; say whether.

        Cookies are free: else one machine could hold all places, and nobody else could wait.
        """
        counts = Counter(ticket.address for ticket in self._tickets.values())
        crowd, places = max(counts.items(), key=lambda item: item[1], default=(address, 0))
        if places <= counts[address] + 1:
            return False
        del self._tickets[next(name for name, one in reversed(self._tickets.items()) if one.address == crowd)]
        return True

    def first(self, browser: str, address: str) -> None:
        """Put a browser before all others: it was admitted, and could not be served."""
        ticket = Ticket(browser, address, self._clock() + self._patience)
        self._tickets = {browser: ticket, **{k: v for k, v in self._tickets.items() if k != browser}}

    def leave(self, browser: str) -> None:
        """Take a browser out of the line."""
        self._tickets.pop(browser, None)
