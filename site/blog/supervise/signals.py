"""Signals as numbers to be read in a loop: a handler does nothing but enqueue."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from types import FrameType, TracebackType
from typing import Self

#: What asks for an end: Ctrl-C, ``kill``, a closed terminal.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Collects the signals of ``ENDING`` and SIGCHLD while it is entered.

    ``select`` on it, then :meth:`read`. One that was ignored from the start (``nohup``, a background
    job of a script) stays ignored.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def __enter__(self) -> Self:
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in ENDING:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _enqueued)
        signal.signal(signal.SIGCHLD, _enqueued)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _forget()
        self._reader.close()
        self._writer.close()

    def fileno(self) -> int:
        """Give the descriptor that becomes readable when a signal has come."""
        return self._reader.fileno()

    def read(self) -> list[int]:
        """Take the numbers that came since the last time, in their order."""
        try:
            return list(self._reader.recv(4096))
        except BlockingIOError:
            return []


def fork() -> int:
    """Fork; the child starts with the default reaction to every signal.

    Signals wait while it happens, so that none of the child's ever lands in the parent's queue.
    Flushes what is printed, which would else appear twice.
    """
    _flush()
    waiting = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            _forget()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, waiting)
    return pid


def describe(status: int) -> str:
    """Put a status of ``waitpid`` in words: "exit code 1", "SIGKILL"."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _enqueued(number: int, frame: FrameType | None) -> None:
    """Do nothing: Python has written the number to the wakeup descriptor already."""


def _forget() -> None:
    signal.set_wakeup_fd(-1)
    for number in (*ENDING, signal.SIGCHLD):
        if signal.getsignal(number) is _enqueued or signal.getsignal(number) is signal.default_int_handler:
            signal.signal(number, signal.SIG_DFL)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
