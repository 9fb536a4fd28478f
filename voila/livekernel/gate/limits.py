"""How many sessions there may be, and how long what concerns them holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What operators choose has its defaults in :mod:`livekernel.settings`; times in seconds.

    ``sessions`` may run in all, ``per_address`` of them for one address (of IPv4, or a /64 of IPv6: a
    lecture hall may be one). One address may start ``starts_per_minute``. Whoever finds all taken asks
    again every ``retry``, and keeps a place in the line while doing so within ``3 * retry``; the line has
    ``waiting`` places. A token is good for ``token``. The reason why a session ended is told for
    ``remembered``.
    """

    sessions: int
    per_address: int
    starts_per_minute: int
    waiting: int
    retry: int = 5
    token: int = 60
    remembered: float = 300
