"""What a kernel attempts, free and locked in; ``ways`` is to be imported by the conftest of its folder.

Each attempt is made twice by the same process tree, free (the control: it must work, or nothing would
be shown) and locked in, for a server that is root and gives each kernel a user id of its own, and for
one without privileges, whose kernels have its id.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyseccomp
import pytest
from livekernel import sandbox
from livekernel.sandbox import Feature, Offer, Policy, libc
from support.locked_in import KERNEL, ROOT, SERVER, Ground, ground, kernel

DONE = "done"
#: What a rule answers: seccomp and lost rights EPERM, Landlock and modes EACCES.
DENIED = ("EPERM", "EACCES")
MEGABYTE = 1 << 20
WITHOUT_LANDLOCK = (Feature.NO_NEW_PRIVILEGES, Feature.SECCOMP)
WITHOUT_SECCOMP = (Feature.NO_NEW_PRIVILEGES, Feature.LANDLOCK)

Attempt = Callable[[Ground], object]

needs_root = pytest.mark.skipif(not ROOT, reason="only root can give a kernel a user id of its own")
needs_landlock = pytest.mark.skipif(not sandbox.offered().landlock_abi, reason="this Linux has no Landlock")


class Ways:
    """Does one thing in a kernel, free or locked in."""

    def __init__(self, place: Ground, user: int) -> None:
        self.place = place
        self.server = SERVER if user == SERVER else None
        self.policy = Policy(
            scratch=place.scratch,
            readable=(*sandbox.code(), place.data),
            address_space=address_space() + 256 * MEGABYTE,
            cpu=60,
            tasks=_tasks(user) + 16,
            open_files=64,
            file_size=MEGABYTE,
            user=user if user != SERVER else None,
        )

    def free(self, attempt: Attempt) -> Any:
        return kernel(self.place, lambda: None, attempt, server=self.server)

    def locked(
        self, attempt: Attempt, offer: Offer | None = None, required: Collection[Feature] = sandbox.REQUIRED
    ) -> Any:
        return kernel(
            self.place,
            lambda: sandbox.enter(self.policy, required=required, available=offer),
            attempt,
            server=self.server,
        )

    def offer(self, **changes: Any) -> Offer:
        """What the machine offers to the kernel's server, with changes."""
        offer = sandbox.offered()
        return replace(offer, **{"own_user": offer.own_user and self.server is None, **changes})


@pytest.fixture(params=[pytest.param("as root", marks=needs_root), "unprivileged"])
def ways(request: pytest.FixtureRequest) -> Iterator[Ways]:
    """A kernel whose server is root, and one whose server has its user id."""
    sandbox.prepare()
    user = KERNEL if request.param == "as root" else SERVER
    with ground(SERVER, user) as place:
        yield Ways(place, user)


def address_space() -> int:
    """How many bytes of address space this process has."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE


def _tasks(user: int) -> int:
    """How many threads there are of that user id: Linux counts them all."""
    return sum(
        len(list((process / "task").iterdir()))
        for process in Path("/proc").glob("[0-9]*")
        if process.exists() and process.stat().st_uid == user
    )


def call(name: str, *arguments: int) -> int:
    """Make a call of Linux's by its name."""
    return libc.call(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name), *arguments)


def attempt(function: Callable[..., object], *arguments: Any, **named: Any) -> Attempt:
    """Put a call that needs nothing of the ground as an attempt."""

    def made(_: Ground) -> str:
        function(*arguments, **named)
        return DONE

    return made


def succeeded(answer: Any) -> bool:
    """Say whether an attempt did what it was to do; a program that was started says so by its end."""
    return answer in (DONE, "ended by 0")
