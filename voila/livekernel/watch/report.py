"""What runs, in one value: the server makes it, metrics and ``GET /status`` are drawn from it.

As JSON it is read by other programs (``blog status`` among them), so a key is never given another meaning:
a new one is added. Sizes are bytes, times seconds.
"""

from __future__ import annotations

import hashlib
import json
import types
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from livekernel.errors import LiveError

GenerationState = Literal["warming", "ready", "retiring", "unavailable"]
"""A zygote that runs its cells, that is forked from, that has a successor, that could not be made."""

Way = Literal["all cells", "warm cells"]
"""What a zygote has run before readers come: the whole notebook, or only the cells tagged ``warm``."""


class ReportError(LiveError):
    """What was read is no report: the message names the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReport:
    """One reader's kernel. ``id`` is :func:`short`, ``private`` None where it could not be read."""

    id: str
    notebook: str
    generation: int
    state: str
    seconds: float
    private: int | None = None
    cpu_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationReport:
    """One zygote of a notebook, or one that could not be made.

    ``reason`` says why it is unavailable, or forks no whole notebook, and ``cell`` in which cell, counted
    from 1. ``private`` is memory of the zygote's own, ``shared`` what its kernels have in common with it.
    """

    notebook: str
    number: int
    state: GenerationState
    way: Way
    reason: str | None = None
    cell: int | None = None
    sessions: int = 0
    private: int | None = None
    shared: int | None = None
    warm_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that runs now, and what has been counted since the server started.

    ``queue`` readers wait; ``refusals`` and ``ended`` count by reason. ``sandbox_holds`` and
    ``sandbox_missing`` are the parts of the sandbox that kernels have and lack on this machine.
    """

    sessions: tuple[SessionReport, ...] = ()
    generations: tuple[GenerationReport, ...] = ()
    queue: int = 0
    starts_last_minute: int = 0
    starts_total: int = 0
    refusals: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    memory_left: int | None = None
    sandbox_holds: tuple[str, ...] = ()
    sandbox_missing: tuple[str, ...] = ()


def short(kernel_id: str) -> str:
    """Give the name of a session for people: who knows a kernel's id can attach to it, so it isn't told."""
    return hashlib.sha256(kernel_id.encode()).hexdigest()[:8]


def to_json(report: Report) -> str:
    """Write a report as one JSON object."""
    return json.dumps(asdict(report), allow_nan=False)


def from_json(text: str | bytes) -> Report:
    """Read a report; raises :class:`ReportError` for what is none, an unknown key by its name."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReportError(f"not JSON: {error}") from error
    report = _typed(Report, value, "")
    assert isinstance(report, Report)  # noqa: S101  (for mypy)
    return report


_hints = cache(get_type_hints)


def _typed(kind: Any, value: Any, at: str) -> Any:
    """Make ``value``, as JSON has it, one of the types that the dataclasses above are made of."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):  # always "or None"
        return None if value is None else _typed(inner[0], value, at)
    if is_dataclass(kind):
        return _object(kind, _expected(value, dict, at), at)
    if origin is tuple:
        return tuple(
            _typed(inner[0], item, f"{at}[{n}]") for n, item in enumerate(_expected(value, list, at))
        )
    if origin is dict:
        return {
            name: _typed(inner[1], item, _below(at, name))
            for name, item in _expected(value, dict, at).items()
        }
    if origin is Literal:
        if value not in inner:
            raise ReportError(f"{at}: {value!r} is none of {', '.join(map(str, inner))}")
        return value
    if kind is float:
        return float(_expected(value, (int, float), at))
    return _expected(value, kind, at)


def _object(kind: Any, value: dict[str, Any], at: str) -> Any:
    known = {one.name for one in fields(kind)}
    for name in value:
        if name not in known:
            raise ReportError(f"{_below(at, name)}: unknown key")
    hints = _hints(kind)
    made = {name: _typed(hints[name], item, _below(at, name)) for name, item in value.items()}
    try:
        return kind(**made)
    except TypeError as error:
        raise ReportError(f"{at or 'report'}: {error}") from error


def _expected(value: Any, kind: Any, at: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ReportError(f"{at or 'report'}: {value!r:.80} is of the wrong type")
    return value


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
