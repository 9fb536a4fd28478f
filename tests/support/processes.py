"""Finds every process of a test in the whole system, whoever its parent is by now, and waits for things."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import psutil

#: How long a condition may take before a test gives up on it, in seconds: far more than it should.
PATIENCE = 60.0

T = TypeVar("T")


def wait_until(
    condition: Callable[[], T], what: str, patience: float = PATIENCE, said: Callable[[], str] = str
) -> T:
    """Give what ``condition`` gives once it is true; else fails with ``what`` was waited for.

    ``said`` is asked then for what the thing that was waited for has printed.
    """
    deadline = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:g} s in vain: {what}\n{said()}")
        time.sleep(0.02)
    return found


def marked(mark: str) -> list[psutil.Process]:
    """Give every living process whose environment holds ``mark`` in a value."""
    return [process for process in psutil.process_iter() if _has(process, mark)]


def _has(process: psutil.Process, mark: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return any(mark in value for value in process.environ().values())
    except psutil.Error:
        return False


def told(processes: list[psutil.Process]) -> str:
    """Put processes as a list for a failure's message."""
    lines = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            lines.append(f"{process.pid} (parent {process.ppid()}) {' '.join(process.cmdline())[:150]}")
    return "\n".join(lines)


@contextlib.contextmanager
def none_left(mark: str) -> Iterator[None]:
    """End what a test left behind, whatever became of the test."""
    try:
        yield
    finally:
        for process in marked(mark):
            with contextlib.suppress(psutil.Error):
                process.kill()
