"""What operators are told of a running server: one report, put together when somebody asks."""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import Any, Literal

from livekernel.engine.generations import Generation, State
from livekernel.forks import Forks
from livekernel.gate.admission import Gate
from livekernel.guard import Guard
from livekernel.watch import groups, memory
from livekernel.watch.report import GenerationReport, Report, SessionReport, short


class Teller:
    """Counts what ends and who is refused, and reports; one for each server."""

    def __init__(self, kernels: Any, gate: Gate, guard: Guard, forks: Forks | None) -> None:
        self._kernels, self._gate, self._guard, self._forks = kernels, gate, guard, forks

    def report(self) -> Report:
        """Give everything as it is now."""
        forks = self._forks
        generations = forks.engine.generations() if forks else []
        return Report(
            sessions=tuple(self._session(one) for one in self._kernels.list_kernel_ids()),
            generations=tuple(_generation(one) for one in generations if one.state is not State.GONE),
            queue=self._gate.waiting,
            starts_last_minute=self._gate.starts_last_minute,
            starts_total=self._gate.starts,
            refusals=dict(self._gate.refusals),
            ended=dict(Counter(self._kernels.ended)),
            memory_left=groups.left(),
            sandbox_holds=tuple(sorted(forks.holds)) if forks else (),
            sandbox_missing=tuple(sorted(forks.missing)) if forks else (),
        )

    def _session(self, kernel_id: str) -> SessionReport:
        kernel = self._kernels.get_kernel(kernel_id)
        generation = getattr(kernel.provisioner, "generation", None)
        seen = self._guard.watched.get(kernel_id)
        return SessionReport(
            id=short(kernel_id),
            notebook=generation.notebook if generation else "",
            generation=generation.number if generation else 0,
            state=str(kernel.execution_state),
            seconds=time.monotonic() - seen.started if seen else 0.0,
            private=seen.private if seen else None,
            cpu_seconds=seen.cpu if seen else None,
        )


def _generation(generation: Generation) -> GenerationReport:
    private, shared = _memory(generation)
    states: dict[State, Literal["warming", "ready", "retiring", "unavailable"]] = {
        State.READY: "ready",
        State.RETIRING: "retiring",
        State.UNAVAILABLE: "unavailable",
    }
    return GenerationReport(
        notebook=generation.notebook,
        number=generation.number,
        state=states.get(generation.state, "warming"),
        way=generation.way.value,
        reason=generation.reason or generation.note,
        cell=generation.cell,
        sessions=len(generation.kernels),
        private=private,
        shared=shared,
        warm_seconds=generation.seconds or None,
    )


def _memory(generation: Generation) -> tuple[int | None, int | None]:
    """Give the memory of a zygote, its own and what it shares; None where it has none, or can't be asked."""
    if generation.pid is None or generation.state not in (State.READY, State.RETIRING):
        return None, None
    try:
        descriptor = memory.opened(generation.pid)
    except OSError:
        return None, None
    try:
        reading = memory.reading(descriptor)
    finally:
        os.close(descriptor)
    return (reading.private, max(0, reading.pss - reading.private)) if reading else (None, None)
