"""What was true a while ago: a mapping whose entries go by themselves, by age and by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Lately(Generic[Value]):
    """Remembers a value by its name for so many seconds, and the last so many names."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float]) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._noted: dict[str, tuple[float, Value]] = {}

    def note(self, name: str, value: Value) -> None:
        """Remember; what was noted before under this name is replaced."""
        self._noted.pop(name, None)
        self._noted[name] = (self._clock() + self._seconds, value)
        # In the order of their end: all stay equally long.
        while len(self._noted) > self._most:
            del self._noted[next(iter(self._noted))]

    def get(self, name: str) -> Value | None:
        """Give what is remembered, or None."""
        now = self._clock()
        while self._noted and (first := next(iter(self._noted.items())))[1][0] <= now:
            del self._noted[first[0]]
        found = self._noted.get(name)
        return None if found is None else found[1]
