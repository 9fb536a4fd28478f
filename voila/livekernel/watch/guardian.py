"""Judge whether one kernel has gone too far: a decision from numbers, with nothing read or ended here.

The server asks about each kernel every second or so, and ends those with a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a kernel is to be ended; the values stand in the journal and in metrics."""

    MEMORY = "memory"
    TIME = "time"
    LIFE = "life"
    IDLE = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one kernel may take; None bounds nothing.

    ``private`` are bytes of its own, swapped ones too. ``callback`` are seconds on a CPU for the answer
    to one message. ``life`` and ``idle`` are seconds by the clock, from its start and from its reader's
    last message.
    """

    private: int | None = None
    callback: float | None = None
    life: float | None = None
    idle: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of one kernel; its times are those of a monotonic clock.

    ``private`` and ``cpu`` are None where they could not be read. ``cpu_before`` is what ``cpu`` was when
    the message that it is working on was taken up; None while it waits.
    """

    started: float
    used: float
    private: int | None = None
    cpu: float | None = None
    cpu_before: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kernel is to be ended: it has ``found`` where ``limit`` is allowed."""

    reason: Reason
    found: float
    limit: float


def judge(limits: Limits, seen: Seen, now: float) -> Verdict | None:
    """Compare a kernel with its limits; None while it keeps them all.

    What harms others most comes first. Idle is who hears nothing from its reader, at work or not: a
    callback that sleeps takes no CPU, and would hold a place for the whole life otherwise.
    """
    callback = None
    if seen.cpu is not None and seen.cpu_before is not None:
        callback = seen.cpu - seen.cpu_before
    compared = (
        (Reason.MEMORY, seen.private, limits.private),
        (Reason.TIME, callback, limits.callback),
        (Reason.LIFE, now - seen.started, limits.life),
        (Reason.IDLE, now - seen.used, limits.idle),
    )
    for reason, found, limit in compared:
        if found is not None and limit is not None and found > limit:
            return Verdict(reason, found, limit)
    return None
