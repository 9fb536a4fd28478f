"""How many sessions there may be, and how long what concerns them holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults fit a machine of two cores and 1 GB whose kernels share their memory; times in seconds.

    ``sessions`` may run in all, ``per_address`` of them for one address (of IPv4, or a /64 of IPv6: a
    lecture hall may be one). One address may start ``starts_per_minute``. Whoever finds all taken asks
    again every ``retry``, and keeps a place in the line while doing so within ``3 * retry``; the line has
    ``waiting`` places. A token is good for ``token``. The reason why a session ended is told for
    ``remembered``.
    """

    sessions: int = 16
    per_address: int = 8
    starts_per_minute: int = 30
    waiting: int = 100
    retry: int = 5
    token: int = 60
    remembered: float = 300
