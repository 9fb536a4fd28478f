"""What a kernel may do, what this machine can hold it to, and what came of it: data alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

# Landlock's ABI numbers, from kernel.org, "Landlock: unprivileged access control", Previous limitations.
NETWORK_ABI = 4
SIGNALS_ABI = 6


class Feature(StrEnum):
    """A part of the sandbox that not every machine offers; the values are what operators read."""

    NO_NEW_PRIVILEGES = "no new privileges"
    OWN_USER = "a user id of its own"
    LANDLOCK = "Landlock for files"
    LANDLOCK_NETWORK = "Landlock for TCP"
    LANDLOCK_SIGNALS = "Landlock for signals"
    SECCOMP = "seccomp"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The bounds of one kernel.

    ``scratch`` is the one folder it may write to: it must be there, empty and with mode 0700, and
    belong to ``user``. ``readable`` are folders and files that it may read beside; one that isn't
    there gives nothing. :func:`livekernel.sandbox.code` names those that Python itself needs.
    """

    scratch: Path
    readable: tuple[Path, ...]
    address_space: int
    """Bytes of virtual memory (RLIMIT_AS), the libraries' and shared data's included."""
    cpu: int | None = None
    """Seconds on a CPU in its whole life (RLIMIT_CPU), after which it is killed; None for no bound."""
    tasks: int = 64
    """Threads of its user id (RLIMIT_NPROC). Linux counts by id: one that is shared needs enough for
    every process and thread that has it."""
    open_files: int = 256
    """File descriptors (RLIMIT_NOFILE)."""
    file_size: int = 64 * 1024 * 1024
    """Bytes of the largest file that it may write (RLIMIT_FSIZE)."""
    user: int | None = None
    """The user and group id to take, used by no one else; None keeps the server's own."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What the running kernel of this machine offers to this process.

    ``landlock_abi`` is 0 where Landlock is missing or off.
    """

    no_new_privileges: bool
    own_user: bool
    landlock_abi: int
    seccomp: bool

    def features(self) -> frozenset[Feature]:
        """Return the same as a set, to compare with what is required."""
        held = {
            Feature.NO_NEW_PRIVILEGES: self.no_new_privileges,
            Feature.OWN_USER: self.own_user,
            Feature.LANDLOCK: self.landlock_abi >= 1,
            Feature.LANDLOCK_NETWORK: self.landlock_abi >= NETWORK_ABI,
            Feature.LANDLOCK_SIGNALS: self.landlock_abi >= SIGNALS_ABI,
            Feature.SECCOMP: self.seccomp,
        }
        return frozenset(feature for feature, holds in held.items() if holds)


@dataclass(frozen=True, kw_only=True)
class Entered:
    """What holds in a process from now on, and what does not, for the log."""

    holds: frozenset[Feature]
    missing: frozenset[Feature]
    unreadable: tuple[Path, ...]
    """Paths of the policy that aren't there, or that its user id can't reach."""
