"""The supervisor: one loop that starts services, restarts those that die, and ends everything at last.

A child that the supervisor did not start itself is an orphan: the worker of a service that was killed,
the kernel of a server that was. It is killed before anything is started again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pickle
import selectors
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self, TypeVar, cast

from blog.errors import ServiceError, UserError
from blog.supervise import processes, signals
from blog.supervise.logs import Log
from blog.supervise.service import Patience, Service, spawn

#: Seconds that services have to end by themselves, and then the killed ones to be gone.
GRACE, KILLING = 8.0, 1.0
#: How often a service may fail before the first reader could use it.
ATTEMPTS = 5

# Seconds between looks for orphans: the kernel does not say when a child is adopted.
_LOOK, _LOOK_AGAIN = 2.0, 0.02
# Bytes read at once, and how often in a row: no service's noise keeps the others waiting.
_CHUNK, _CHUNKS = 1 << 16, 16

_T = TypeVar("_T")


class Stopped(BaseException):
    """Somebody asked for the end: raised out of whatever the supervisor is asked to do."""


@dataclass(slots=True)
class _Running:
    """A service with its state: ``pid`` while it runs, ``due`` (monotonic) while it waits to."""

    service: Service
    log: Log
    output: tuple[int, int]
    pid: int | None = None
    due: float | None = 0.0
    started: float = 0.0
    patience: Patience = field(default_factory=Patience)


class Supervisor:
    """Starts services and sees to them, while it is entered and asked to do something.

    Nothing happens in the background: :meth:`call`, :meth:`wait` and leaving the ``with`` block turn
    the loop. ``lifetime`` is the reading end of a pipe that closes when the guard has died.
    """

    def __init__(self, lifetime: int) -> None:
        self._lifetime = lifetime
        self._services: list[_Running] = []
        self._task: int | None = None
        self._tasks_end = ""
        self._settled = False
        self._ending = False
        self._deadline = 0.0
        self._log_is_full = False
        self._selector = selectors.DefaultSelector()
        self._signals = signals.Signals()

    def __enter__(self) -> Self:
        self._signals.__enter__()
        self._selector.register(self._signals, selectors.EVENT_READ, self._on_signals)
        self._selector.register(self._lifetime, selectors.EVENT_READ, self._on_guards_death)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """End everything that was started. :class:`Stopped` ends here."""
        if kind is Stopped and self._known():
            self.say("ending; Ctrl-C again kills everything at once")
        self._end()
        for running in self._services:
            running.log.close()
        self._selector.close()
        self._signals.__exit__(None, None, None)
        return kind is Stopped

    def say(self, line: str) -> None:
        """Tell the user one line on standard error; a terminal that has gone is no reason to fail."""
        with contextlib.suppress(OSError):
            print(f"blog: {line}", file=sys.stderr, flush=True)

    def call(self, function: Callable[[], _T]) -> _T:
        """Run ``function`` in a child and give what it returns, seeing to the services meanwhile.

        So nothing that takes long keeps the supervisor from its work, and what ``function`` imports
        and leaves behind goes with the child. Raises what it raises: a :class:`UserError` or OSError;
        any other exception shows its traceback and ends with SystemExit(1).
        """
        reader, writer = os.pipe()
        parent = os.getpid()
        pid = signals.fork()
        if pid == 0:
            _answer(function, writer, parent)
        os.close(writer)
        self._task = pid
        parts: list[bytes] = []

        def collect() -> None:
            part = os.read(reader, _CHUNK)
            parts.append(part)
            if not part:
                self._selector.unregister(reader)

        self._selector.register(reader, selectors.EVENT_READ, collect)
        try:
            while self._task is not None or parts[-1:] != [b""]:
                self._turn()
        finally:
            if parts[-1:] != [b""]:
                self._selector.unregister(reader)
            os.close(reader)
        if parts == [b""] and self._tasks_end.startswith("SIG"):
            raise ServiceError(f"a process of the start was killed ({self._tasks_end}); is memory short?")
        return cast("_T", _result(b"".join(parts)))

    def start(self, service: Service, log: Path) -> None:
        """Start a service, and start it again whenever it dies; what it prints goes to ``log``."""
        output = os.pipe()
        os.set_blocking(output[0], False)
        running = _Running(service, Log(log), output)
        self._selector.register(output[0], selectors.EVENT_READ, lambda: self._on_output(running))
        self._services.append(running)
        self._start_due()

    def settle(self) -> None:
        """Say that the start is over: from now on a service that fails is always tried again."""
        self._settled = True

    def wait(self) -> NoReturn:
        """See to the services until somebody asks for the end (:class:`Stopped`)."""
        while True:
            self._turn()

    def _turn(self) -> None:
        """Wait for the next thing that happens and see to it."""
        now = time.monotonic()
        due = [running.due for running in self._services if running.due is not None]
        look = _LOOK_AGAIN if self._orphans() or self._ending else _LOOK
        for key, _ in self._selector.select(max(0.0, min([now + look, *due]) - now)):
            key.data()
        for pid, status in processes.reap():
            self._on_death(pid, status)
        # Killed until none is left: each may leave children of its own, which are orphans in turn.
        if orphans := self._orphans():
            for pid in orphans:
                processes.kill(pid)
        elif not self._ending:
            self._start_due()

    def _orphans(self) -> list[int]:
        if not processes.ADOPTS:
            return []
        ours = {running.pid for running in self._services} | {self._task}
        return [pid for pid in processes.children() if pid not in ours]

    def _start_due(self) -> None:
        for running in self._services:
            if running.due is not None and running.due <= time.monotonic():
                running.due, running.started = None, time.monotonic()
                running.pid = spawn(running.service, running.output[1])

    def _on_signals(self) -> None:
        if any(number != signal.SIGCHLD for number in self._signals.read()):
            self._stop()

    def _on_guards_death(self) -> None:
        self._selector.unregister(self._lifetime)
        self._stop()

    def _stop(self) -> None:
        if not self._ending:
            raise Stopped
        self._deadline = time.monotonic()  # asked twice

    def _on_output(self, running: _Running) -> None:
        try:
            for _ in range(_CHUNKS):
                running.log.write(os.read(running.output[0], _CHUNK))
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            if not self._settled and not self._ending:
                raise
            # A site that runs is worth more than its log.
            if not self._log_is_full:
                self._log_is_full = True
                self.say("the disk is full: what the services print is not being kept")

    def _on_death(self, pid: int, status: int) -> None:
        if pid == self._task:
            self._task, self._tasks_end = None, signals.describe(status)
        for running in self._services:
            if running.pid == pid:
                running.pid = None
                if not processes.ADOPTS:
                    processes.kill_group(pid)
                if not self._ending:
                    self._plan_restart(running, signals.describe(status))

    def _plan_restart(self, running: _Running, reason: str) -> None:
        name = running.service.name
        now = time.monotonic()
        self._on_output(running)
        delay = running.patience.after(now - running.started)
        if not self._settled:
            for line in running.log.tail():
                self.say(f"  {name}: {line}")
            if running.patience.failures >= ATTEMPTS:
                raise ServiceError(
                    f"{name} does not start: it ended {ATTEMPTS} times, the last time with {reason}; "
                    f"see {running.log.path}"
                )
        self.say(f"{name} ended ({reason}); starting it again in {delay:g} s")
        running.due = now + delay

    def _end(self) -> None:
        """End everything: ask the services, and kill what is left when their time is over."""
        self._ending = True
        self._deadline = time.monotonic() + GRACE
        for running in self._services:
            running.due = None
        for pid in self._known():
            processes.kill(pid, signal.SIGTERM)
        while processes.children():
            if time.monotonic() > self._deadline + KILLING:
                self.say("some processes can't be ended, though killed; the system may be stuck")
                break
            if time.monotonic() > self._deadline:
                for pid in processes.children():
                    processes.kill(pid)
            self._turn()
        for running in self._services:
            self._on_output(running)

    def _known(self) -> list[int]:
        pids = [running.pid for running in self._services] + [self._task]
        return [pid for pid in pids if pid is not None]


def _answer(function: Callable[[], object], writer: int, parent: int) -> NoReturn:
    """Run ``function`` in the child of :meth:`Supervisor.call` and send what comes of it."""
    code = 1
    try:
        processes.die_with(parent, signal.SIGKILL)
        outcome: tuple[str, object]
        try:
            outcome = ("value", function())
        except UserError as error:
            outcome = ("user", str(error))
        except OSError as error:
            outcome = ("system", (error.errno, error.strerror, error.filename))
        with os.fdopen(writer, "wb") as stream:
            pickle.dump(outcome, stream)
        code = 0
    except BaseException:  # nothing may leave the child but by its exit
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _result(sent: bytes) -> object:
    if not sent:
        raise SystemExit(1)  # a bug, or a kill: the child has shown what it could
    kind, value = pickle.loads(sent)  # noqa: S301  (from a child of ours)
    if kind == "user":
        raise UserError(value)
    if kind == "system":
        raise OSError(*value)
    return cast(object, value)
