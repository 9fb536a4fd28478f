"""``blog status``: what runs now, asked of the run itself, as a table for a terminal.

A run writes two addresses below its state folder, a line each: ``blog up`` the site's, whose ``/healthz``
knows the services, and the live server that of its admin port, whose ``/status`` knows kernels. The two
packages share nothing but that JSON; tests/repo asserts that its keys are the same on both sides.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from blog.errors import ServiceError

ADMIN_FILE = "run/live-admin"
SITE_FILE = "run/site-url"

_PATIENCE = 10.0  # seconds for an answer: /healthz waits for other services itself
_MOST = 8 << 20  # bytes of an answer
_LINE = 200  # characters of a reason
_MEGABYTE = 1 << 20


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Session(_Told):
    """One reader's kernel; its id is a short name that opens nothing."""

    id: str
    notebook: str
    generation: int
    state: str
    seconds: float
    private: int | None = None
    cpu_seconds: float | None = None


class Generation(_Told):
    """One zygote of a notebook, or one that could not be made, with the cell and the reason."""

    notebook: str
    number: int
    state: Literal["warming", "ready", "retiring", "unavailable"]
    way: Literal["all cells", "warm cells"]
    reason: str | None = None
    cell: int | None = None
    sessions: int = 0
    private: int | None = None
    shared: int | None = None
    warm_seconds: float | None = None


class Live(_Told):
    """What the live server tells; sizes are bytes."""

    sessions: tuple[Session, ...] = ()
    generations: tuple[Generation, ...] = ()
    queue: int = 0
    starts_last_minute: int = 0
    starts_total: int = 0
    refusals: dict[str, int] = {}
    ended: dict[str, int] = {}
    memory_left: int | None = None
    sandbox_holds: tuple[str, ...] = ()
    sandbox_missing: tuple[str, ...] = ()


class Health(_Told):
    """What ``/healthz`` tells."""

    status: str
    services: dict[str, str]
    sessions: int


class Status(_Told):
    """All that is known; None for who didn't answer."""

    services: dict[str, str] | None = None
    live: Live | None = None


def ask(state: Path, url: str | None = None) -> Status:
    """Ask a run about itself: that of a state folder, or the live server whose admin address is ``url``.

    Raises :class:`ServiceError` where nobody answers, or somebody who is neither.
    """
    if url is not None:
        live = _ask(url, "/status", Live)
        if live is None:
            raise ServiceError(f"nothing answers at {url}; is it the admin address of a live server?")
        return Status(live=live)
    health = _ask(address, "/healthz", Health) if (address := _written(state / SITE_FILE)) else None
    live = _ask(address, "/status", Live) if (address := _written(state / ADMIN_FILE)) else None
    if health is None and live is None:
        raise ServiceError(f"nothing runs with the state folder {state}; start it with ./blog up")
    return Status(services=None if health is None else health.services, live=live)


def read(report: BinaryIO) -> Status:
    """Read what a live server has told, as ``python -m livekernel.status`` prints it.

    Raises :class:`ServiceError` for what is no report of this version's.
    """
    try:
        return Status(live=Live.model_validate_json(report.read(_MOST)))
    except ValidationError as error:
        raise ServiceError(f"that is no report of a live server ({_first(error)})") from error


def table(status: Status) -> str:
    """Write it for a terminal; nothing that a notebook or its error says can steer the terminal."""
    lines = [*_summary(status)]
    if status.live is not None:
        lines += _generations(status.live.generations)
        lines += _sessions(status.live.sessions)
    return "\n".join(_printable(line).rstrip() for line in lines)


def _written(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ServiceError(
            f"{path}: can't be read ({error.strerror}); ask as the user who runs the site"
        ) from error


_Model = TypeVar("_Model", bound=BaseModel)


def _ask(url: str, path: str, model: type[_Model]) -> _Model | None:
    """Ask directly, through no proxy; None where nobody listens any more."""
    host, number, prefix = _parts(url)
    connection = http.client.HTTPConnection(host, number, timeout=_PATIENCE)
    try:
        connection.request("GET", prefix + path)
        answer = connection.getresponse()
        text = answer.read(_MOST)
    except (OSError, UnicodeError, http.client.HTTPException):  # UnicodeError: a host that can't be one
        return None
    finally:
        connection.close()
    try:
        # /healthz answers 503 with the same body while a service is down.
        return model.model_validate_json(text)
    except ValidationError as error:
        no_json = not error.errors()[0]["loc"]
        said = f"it answered {answer.status}, and no JSON of a report" if no_json else _first(error)
        raise ServiceError(
            f"{url}{path} is not what this version of blog status reads ({said}); is it another program's?"
        ) from error


def _first(error: ValidationError) -> str:
    """Put the first thing that is wrong, and where."""
    first = error.errors()[0]
    return ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))


def _parts(url: str) -> tuple[str, int, str]:
    """Give host, port and path of an address to ask."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname:
            return parts.hostname, parts.port or http.client.HTTP_PORT, parts.path.rstrip("/")
    except ValueError:
        pass
    raise ServiceError(f"{url!r} is no address to ask; write one like http://127.0.0.1:8867")


def _summary(status: Status) -> Iterator[str]:
    if status.services is not None:
        yield _named("services", "   ".join(f"{name} {state}" for name, state in status.services.items()))
    live = status.live
    if live is None:
        yield _named("live", "the live server doesn't answer; its log says why")
        return
    yield _named("sessions", f"{len(live.sessions)} running, {live.queue} waiting")
    yield _named("starts", f"{live.starts_last_minute} in the last minute, {live.starts_total} in all")
    yield _named("refused", _counts(live.refusals))
    yield _named("ended", _counts(live.ended))
    yield _named("memory", f"{_size(live.memory_left)} left")
    if live.sandbox_missing:
        yield _named("sandbox", f"this machine lacks {', '.join(live.sandbox_missing)}")
    else:
        yield _named("sandbox", "whole" if live.sandbox_holds else "-")


def _generations(generations: Sequence[Generation]) -> Iterator[str]:
    if not generations:
        return
    head = ("NOTEBOOK", "GEN", "STATE", "RAN", "SESSIONS", "OWN", "SHARED", "WARM-UP")
    rows = [
        (
            one.notebook,
            str(one.number),
            one.state,
            "-" if one.state == "unavailable" else one.way,
            str(one.sessions),
            _size(one.private),
            _size(one.shared),
            _seconds(one.warm_seconds),
        )
        for one in generations
    ]
    first, *others = _columns(head, rows)
    yield ""
    yield first
    for line, one in zip(others, generations, strict=True):
        yield line
        if one.reason is not None:
            where = f"cell {one.cell}: " if one.cell is not None else ""
            yield f"    {where}{_shortened(one.reason)}"


def _sessions(sessions: Sequence[Session]) -> Iterator[str]:
    if not sessions:
        return
    head = ("SESSION", "NOTEBOOK", "GEN", "STATE", "AGE", "OWN", "CPU")
    rows = [
        (
            one.id,
            one.notebook,
            str(one.generation),
            one.state,
            _seconds(one.seconds),
            _size(one.private),
            _seconds(one.cpu_seconds),
        )
        for one in sessions
    ]
    yield ""
    yield from _columns(head, rows)


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    for row in (head, *rows):
        yield "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True))


def _named(name: str, text: str) -> str:
    return f"{name:<10}{text}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())) or "none"


def _size(size: int | None) -> str:
    return "-" if size is None else f"{size / _MEGABYTE:.0f} MB"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.0f} h"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LINE else f"{line[: _LINE - 1]}…"


def _printable(line: str) -> str:
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line
    )
