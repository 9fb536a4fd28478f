"""A session's whole life, from its start or refusal to its end, as the journal has it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from livekernel.watch.journal import Event, write


@dataclass(frozen=True, slots=True)
class Used:
    """What a kernel has taken: seconds of a processor, and bytes of its own; None where nobody knows."""

    cpu: float | None = None
    private: int | None = None


@dataclass(slots=True)
class _Life:
    notebook: str
    generation: int | None
    begun: float
    has_page: bool = False


class Lives:
    """Writes what happens to each session; one for a server, called on its loop.

    ``used`` says what a kernel took, when it ends.
    """

    def __init__(self) -> None:
        self._lives: dict[str, _Life] = {}
        self.used: Callable[[str], Used] = lambda _: Used()

    def refused(self, notebook: str, address: str, reason: str) -> None:
        """Tell of a reader who got no session and no place in the line."""
        write(Event.REFUSED, notebook=notebook, address=address, reason=reason)

    def queued(self, notebook: str, address: str, reason: str) -> None:
        """Tell of a reader who begins to wait."""
        write(Event.QUEUED, notebook=notebook, address=address, reason=reason)

    def started(
        self,
        kernel_id: str,
        notebook: str,
        *,
        address: str,
        seconds: float,
        generation: int | None = None,
        fork_ms: float | None = None,
    ) -> None:
        """Tell of a new kernel; ``seconds`` is how long its reader waited, ``fork_ms`` the fork alone."""
        self._lives[kernel_id] = _Life(notebook, generation, time.monotonic())
        write(
            Event.STARTED,
            kernel_id,
            notebook=notebook,
            generation=generation,
            address=address,
            seconds=seconds,
            fork_ms=fork_ms,
        )

    def attached(self, kernel_id: str) -> None:
        """Tell of a page that has connected, for the first time or again."""
        if life := self._lives.get(kernel_id):
            event = Event.RESUMED if life.has_page else Event.ATTACHED
            life.has_page = True
            self._write(event, kernel_id, life)

    def lost(self, kernel_id: str) -> None:
        """Tell of the last page's connection that has closed while the kernel lives."""
        if life := self._lives.get(kernel_id):
            self._write(Event.LOST, kernel_id, life)

    def ended(self, kernel_id: str, reason: str) -> None:
        """Tell of the end, in whatever way, and of what the kernel took."""
        if life := self._lives.pop(kernel_id, None):
            used = self.used(kernel_id)
            self._write(Event.ENDED, kernel_id, life, reason, used)

    def _write(
        self, event: Event, kernel_id: str, life: _Life, reason: str | None = None, used: Used | None = None
    ) -> None:
        write(
            event,
            kernel_id,
            notebook=life.notebook,
            generation=life.generation,
            seconds=time.monotonic() - life.begun,
            reason=reason,
            cpu=used.cpu if used else None,
            private=used.private if used else None,
        )
