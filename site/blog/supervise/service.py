"""A service: a program that is to run for as long as the supervisor does, and how it is started."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from blog.supervise import processes, signals

#: Seconds before a service that died is started again: at first, and at most; it doubles each time.
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
#: Seconds after which a service counts as well again.
GOOD_LIFE = 60.0

_FIRST_FREE = 3  # after standard input, output and error


@dataclass(frozen=True, slots=True)
class Service:
    """What to start: ``command`` in ``directory`` with exactly the ``environment`` given.

    ``sockets`` are descriptors the program inherits, numbered 3, 4, … there. It runs in a session of
    its own, with its output in the supervisor's log.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    sockets: tuple[int, ...] = ()


@dataclass(slots=True)
class Patience:
    """How long to wait before a service that died is started again."""

    delay: float = FIRST_DELAY
    failures: int = field(default=0)

    def after(self, lived: float) -> float:
        """Take note of an end after ``lived`` seconds, and give the seconds to wait."""
        if lived >= GOOD_LIFE:
            self.delay, self.failures = FIRST_DELAY, 0
        self.failures += 1
        wait, self.delay = self.delay, min(self.delay * 2, LONGEST_DELAY)
        return wait


def spawn(service: Service, output: int) -> int:
    """Start the service with ``output`` for what it prints; gives its process id.

    It gets SIGTERM should this process die without a word. A program that can't be started prints
    why to ``output`` and ends with exit code 127.
    """
    parent = os.getpid()
    pid = signals.fork()
    if pid != 0:
        return pid
    try:
        os.setsid()
        processes.die_with(parent, signal.SIGTERM)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        _inherit(service.sockets)
        # Python ignores these; a program expects them as they were.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        os.chdir(service.directory)
        os.execvpe(service.command[0], service.command, service.environment)  # noqa: S606
    except BaseException as error:  # nothing may leave the child but by its exit
        os.write(2, f"{service.command[0]}: {error}\n".encode())
    finally:
        os._exit(127)


def _inherit(sockets: tuple[int, ...]) -> None:
    """Give the program these descriptors from 3 on, and no other but the standard three."""
    # Out of the way first: one may have a number that another is to get.
    free = _FIRST_FREE + len(sockets)
    aside = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, free) for descriptor in sockets]
    for number, descriptor in enumerate(aside, _FIRST_FREE):
        os.dup2(descriptor, number)
    most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 1 << 16)
    os.closerange(free, most)
