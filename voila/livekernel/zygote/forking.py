"""The loop of a zygote: it forks when it is told to, reaps what has ended, and says both."""

from __future__ import annotations

import errno
import gc
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from livekernel import protocol

Child = Callable[[dict[str, Any], list[int]], object]
"""What a forked child does with the request and its files; it may not come back but by ending."""


class Zygote:
    """Answers one connection until the server has gone; ``before`` is asserted before every fork.

    ``lifetime`` is the pipe that its own life hangs on. No child gets it: who has it could turn it off.
    """

    def __init__(
        self, control: socket.socket, lifetime: int, child: Child, before: Callable[[], None]
    ) -> None:
        self._control, self._lifetime, self._child, self._before = control, lifetime, child, before
        self._wake: tuple[int, int] = os.pipe()
        for end in self._wake:
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake[1], warn_on_full_buffer=False)

    def say(self, message: dict[str, Any], files: tuple[int, ...] = ()) -> None:
        """Tell the server; raises :class:`livekernel.protocol.Hungup` when it has gone."""
        try:
            protocol.send(self._control, message, files)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise protocol.Hungup from error

    def serve(self) -> None:
        """Fork and reap until the server hangs up."""
        # What is there now is shared with every child: the collector must not write to it.
        gc.collect()
        gc.freeze()
        waiting = select.poll()
        waiting.register(self._control, select.POLLIN)
        waiting.register(self._wake[0], select.POLLIN)
        with suppress(protocol.Hungup):
            while True:
                for descriptor, _ in waiting.poll():
                    if descriptor == self._wake[0]:
                        self._reap()
                    else:
                        self._answer()

    def _answer(self) -> None:
        request, files = protocol.receive(self._control)
        try:
            self._before()
            began = time.perf_counter()
            pid = os.fork()
            if pid == 0:
                self._become(request, files)
            milliseconds = (time.perf_counter() - began) * 1e3
        except (AssertionError, OSError) as error:
            self.say({"event": "refused", "id": request["id"], "reason": str(error)})
        else:
            process = os.pidfd_open(pid)
            try:
                told = {"event": "forked", "id": request["id"], "pid": pid, "milliseconds": milliseconds}
                self.say(told, (process,))
            finally:
                os.close(process)
        finally:
            for file in files:
                os.close(file)

    def _become(self, request: dict[str, Any], files: list[int]) -> NoReturn:
        """Be the child: nothing of the parent's loop is left in it."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in self._wake:
                os.close(end)
            self._control.close()
            os.close(self._lifetime)
            self._child(request, files)
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except BaseException:  # nothing may get back into the parent's loop
            traceback.print_exc(file=sys.__stderr__)
        finally:
            with suppress(Exception):
                sys.__stderr__.flush()  # type: ignore[union-attr]
            os._exit(code)

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._wake[0], 4096)
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except OSError as error:
                if error.errno == errno.ECHILD:
                    return
                raise
            if pid == 0:
                return
            self.say(
                {
                    "event": "ended",
                    "pid": pid,
                    "code": os.waitstatus_to_exitcode(status),
                    "cpu": _seconds(used),
                }
            )


def _seconds(used: resource.struct_rusage) -> float:
    return float(used.ru_utime + used.ru_stime)
