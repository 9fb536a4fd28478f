"""What happens to sessions, one JSON object a line, on the logger ``livekernel.session``.

A line says nothing by which somebody could attach to a session or be found: ids are digests, addresses are
cut to networks as in nginx's log.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import logging
import sys
from enum import StrEnum
from typing import TextIO

from livekernel.watch.report import short

logger = logging.getLogger("livekernel.session")


class Event(StrEnum):
    """What can happen to a session, in the order of its life."""

    REFUSED = "refused"
    QUEUED = "queued"
    STARTED = "started"
    ATTACHED = "attached"
    LOST = "lost"
    RESUMED = "resumed"
    ENDED = "ended"


def to_stream(stream: TextIO | None = None) -> logging.Handler:
    """Send the lines to a stream, standard output by default, and nowhere else; ``__main__`` calls it."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return handler


def write(
    event: Event,
    kernel_id: str | None = None,
    *,
    notebook: str | None = None,
    generation: int | None = None,
    address: str | None = None,
    seconds: float | None = None,
    fork_ms: float | None = None,
    reason: str | None = None,
    cpu: float | None = None,
    private: int | None = None,
) -> None:
    """Write a line; what is None is left out.

    ``seconds`` is how long it took until now (waited, lived), ``cpu`` seconds on a processor, ``private``
    bytes. Who waits or is refused has no kernel yet.
    """
    line = {
        "time": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        "event": event.value,
        "session": None if kernel_id is None else short(kernel_id),
        "notebook": notebook,
        "generation": generation,
        "address": None if address is None else network(address),
        "seconds": _rounded(seconds),
        "fork_ms": _rounded(fork_ms),
        "reason": reason,
        "cpu": _rounded(cpu),
        "private": private,
    }
    # json.dumps escapes line ends and all that is not ASCII: no name can forge a line.
    logger.info("%s", json.dumps({name: value for name, value in line.items() if value is not None}))


def network(address: str) -> str:
    """Cut an address to 24 bits of IPv4 or 48 of IPv6, written as in nginx's log; ``-`` for what is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0].partition("/")[0])
    except ValueError:
        return "-"
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    cut = ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False)
    return str(cut.network_address)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
