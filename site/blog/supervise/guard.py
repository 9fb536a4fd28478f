"""The guard: the process that the user started. It waits, passes signals on, and ends what is left.

It does too little to fail. Should it be killed all the same, the supervisor notices at once that the
pipe between them has closed, and ends everything.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable

from blog.supervise import processes, signals
from blog.supervise.supervisor import GRACE, KILLING, Supervisor

# Seconds the supervisor has to end everything itself; a little more than it gives its services.
_PATIENCE = GRACE + KILLING + 0.3


def guarded(main: Callable[[Supervisor], int]) -> int:
    """Run ``main`` in a process of its own, under this one's guard; give its exit code.

    Ctrl-C, SIGTERM and SIGHUP end ``main`` (exit code 0); a second one kills everything at once. An
    exception that ``main`` raises goes on upwards, in that other process. Called by a process with
    one thread, as both fork.
    """
    if threading.active_count() != 1:
        raise RuntimeError("a process with several threads can't be forked safely")
    processes.adopt_orphans()
    lifetime, held = os.pipe()
    with signals.Signals() as arrived:
        pid = signals.fork()
        if pid == 0:
            os.close(held)
            return _supervise(main, lifetime)
        os.close(lifetime)
        code = _watch(pid, arrived)
        _end_all()
    return code


def _supervise(main: Callable[[Supervisor], int], lifetime: int) -> int:
    # A session of its own: Ctrl-C reaches the guard alone, which passes it on once.
    os.setsid()
    processes.adopt_orphans()
    with Supervisor(lifetime) as supervisor:
        return main(supervisor)
    return 0  # it was stopped


def _watch(supervisor: int, arrived: signals.Signals) -> int:
    """Wait for the supervisor's end and give the exit code of the whole."""
    deadline: float | None = None
    while True:
        for pid, status in processes.reap():
            if pid == supervisor:
                return _code(status, asked=deadline is not None)
        timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
        select.select([arrived], [], [], timeout)
        for number in arrived.read():
            if number == signal.SIGCHLD:
                continue
            if deadline is None:
                deadline = time.monotonic() + _PATIENCE
                processes.kill(supervisor, signal.SIGTERM)
            else:
                deadline = time.monotonic()
        if deadline is not None and time.monotonic() >= deadline:
            processes.kill(supervisor)


def _code(status: int, *, asked: bool) -> int:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return code
    if asked:
        return 0
    print(
        f"blog: the supervisor was killed ({signals.describe(status)}); "
        "everything it had started is being ended",
        file=sys.stderr,
    )
    return 1


def _end_all() -> None:
    """Kill every descendant: each child, then the children it leaves, until there are none."""
    deadline = time.monotonic() + KILLING
    while (left := processes.children()) and time.monotonic() < deadline:
        for pid in left:
            processes.kill(pid)
        for _ in processes.reap():
            pass
        time.sleep(0.01)
