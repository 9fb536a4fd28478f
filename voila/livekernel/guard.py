"""Looks after the readers' kernels that were forked: none takes more memory, time or life than it may."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from tornado.ioloop import PeriodicCallback

from livekernel.lives import Used
from livekernel.watch import guardian, memory

log = logging.getLogger("livekernel")

LOOK = 1.0
"""Seconds between two looks at every kernel."""


@dataclass(slots=True)
class Watched:
    """What is known of one kernel from look to look; times are monotonic."""

    started: float
    used: float
    turn: int = 0
    cpu_before: float | None = None
    private: int | None = None
    cpu: float | None = None


class Guard:
    """Asks Linux about each kernel, and ends those that :func:`livekernel.watch.guardian.judge` judges."""

    def __init__(self, kernels: Any, limits: guardian.Limits) -> None:
        self._kernels, self._limits = kernels, limits
        self.watched: dict[str, Watched] = {}
        self._timer = PeriodicCallback(self.look, LOOK * 1000)

    def start(self) -> None:
        """Begin; on the server's loop."""
        self._timer.start()

    def stop(self) -> None:
        """End looking."""
        self._timer.stop()

    def used(self, kernel_id: str) -> Used:
        """Give what a kernel had taken at the last look."""
        seen = self.watched.get(kernel_id)
        return Used(seen.cpu, seen.private) if seen else Used()

    async def look(self) -> None:
        """Look at every kernel once."""
        now = time.monotonic()
        running = dict(self._kernels._kernels)
        for gone in self.watched.keys() - running.keys():
            del self.watched[gone]
        for kernel_id, kernel in running.items():
            forked = getattr(kernel.provisioner, "forked", None)
            if forked is None:
                continue
            seen = self.watched.setdefault(kernel_id, Watched(now, now))
            self._update(seen, kernel, self._kernels.turns[kernel_id], now)
            verdict = guardian.judge(
                self._limits,
                guardian.Seen(
                    started=seen.started,
                    used=seen.used,
                    private=seen.private,
                    cpu=seen.cpu,
                    cpu_before=seen.cpu_before,
                ),
                now,
            )
            if verdict is not None:
                facts = (verdict.reason, verdict.found, verdict.limit)
                log.warning("A reader's kernel is ended: %s, %.0f where %.0f are allowed", *facts)
                await self._kernels.end(kernel_id, str(verdict.reason))

    def _update(self, seen: Watched, kernel: Any, turn: int, now: float) -> None:
        provisioner = kernel.provisioner
        before, cpu = seen.cpu, memory.cpu_seconds(provisioner.forked.pid)
        if cpu is None:  # it has just gone: what it took last is what it took
            return
        seen.cpu = cpu
        # Linux walks all its pages for it: not where the kernel has done nothing since the last look.
        moved = seen.private is None or seen.cpu != before
        if provisioner.memory is not None and moved and (reading := memory.reading(provisioner.memory)):
            seen.private = reading.private + reading.swap
        if turn != seen.turn:
            # Another message: what was used for the ones before is not held against it.
            seen.turn, seen.used, seen.cpu_before = turn, now, None
        if kernel.execution_state != "busy":
            seen.cpu_before = None
        elif seen.cpu_before is None:
            seen.cpu_before = before if before is not None else seen.cpu
