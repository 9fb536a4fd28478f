"""Lock the calling process in, for code that a reader can drive: files, network, processes, memory.

For a forked child with one thread that has imported all it needs, before it takes its first message::

    prepare()                                    # once
    offer = offered()
    entered = enter(policy, available=offer)     # in each child; from here on there is no way back

What is open stays open: close what the child has no business with before. A path, an environment
variable or memory that it may read is not secret any more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path

from livekernel.errors import SandboxError
from livekernel.sandbox import landlock, libc, limits, seccomp
from livekernel.sandbox.policy import Entered, Feature, Offer, Policy

__all__ = ["REQUIRED", "Entered", "Feature", "Offer", "Policy", "code", "enter", "offered", "prepare"]

REQUIRED = frozenset({Feature.NO_NEW_PRIVILEGES, Feature.LANDLOCK, Feature.SECCOMP})
"""What a kernel isn't started without by default; Debian 12 has it, in a default container too."""

# Facts about the machine that numerical libraries, glibc and psutil ask for, and nothing of others.
_FACTS = (
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/uptime",
    "/proc/version",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/kernel/mm/transparent_hugepage",
    "/dev/random",
    "/dev/urandom",
)
_READ_AND_WRITTEN = ("/dev/null", "/dev/zero", "/dev/full")
_SYSTEM_CODE = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share",
    "/lib",
    "/lib64",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
)


def code() -> tuple[Path, ...]:
    """Return what Python and its libraries read while they run: for :attr:`Policy.readable`.

    The folder that Python was started in isn't among it, even where it would look for modules there.
    """
    found = [sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path, *_SYSTEM_CODE]
    # A prefix of /usr is Debian's own Python: its lib folder stands in the list already.
    own = [entry for entry in found if entry not in ("", "/", "/usr", os.getcwd())]  # noqa: PTH109
    return tuple(dict.fromkeys(Path(entry) for entry in own))


def prepare() -> None:
    """Do beforehand what every child would do again; :func:`enter` works without it, but takes longer."""
    seccomp.prepare()


def offered() -> Offer:
    """Ask the running kernel what it offers to this process, without a change to it."""
    try:
        no_new_privileges = libc.prctl(libc.PR_GET_NO_NEW_PRIVS) in (0, 1)
    except OSError:
        no_new_privileges = False
    return Offer(
        no_new_privileges=no_new_privileges,
        own_user=limits.can_change_user(),
        landlock_abi=landlock.abi(),
        seccomp=seccomp.offered(),
    )


def enter(
    policy: Policy,
    *,
    required: Collection[Feature] = REQUIRED,
    available: Offer | None = None,
) -> Entered:
    """Lock this process in, for good, and say what holds.

    ``available`` is what to use of the machine, by default all that it offers. What it lacks of
    ``required`` raises :class:`SandboxError` before anything is changed; the rest is left out and
    reported. Raises :class:`SandboxError` too where a step fails, or where there is a second thread, which
    would stay free: the process must end then, since it may be locked in by half.
    """
    offer = available or offered()
    usable = offer.features()
    if policy.user is None:
        usable -= {Feature.OWN_USER}
    lacking = sorted(feature for feature in required if feature not in usable)
    if lacking:
        raise SandboxError(f"no sandbox for kernels: this machine doesn't offer {', '.join(lacking)}")
    if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208
        raise SandboxError("no sandbox for a kernel: a second thread runs in it, and would stay free")
    try:
        unreadable = _apply(policy, offer, usable)
    except (OSError, ValueError) as error:
        raise SandboxError(f"no sandbox for a kernel: {error}") from error
    return Entered(holds=usable, missing=frozenset(Feature) - usable, unreadable=unreadable)


def _apply(policy: Policy, offer: Offer, usable: frozenset[Feature]) -> tuple[Path, ...]:
    """Apply each step in the only order that works: the later ones forbid what the earlier ones do."""
    limits.limit_resources(policy)
    os.umask(0o077)
    if policy.user is not None and Feature.OWN_USER in usable:
        limits.change_user(policy.user)
    # After the change, which makes a process not dumpable or dumpable as the system likes.
    limits.give_up_privileges()
    unreadable: tuple[Path, ...] = ()
    if Feature.LANDLOCK in usable:
        # Landlock knows a folder of /proc by its inode, which Linux may drop and make anew; one that is
        # open stays. It is the kernel's own, and is left open on purpose.
        os.open("/proc/self", os.O_PATH | os.O_CLOEXEC)
        rules = [
            *((landlock.READ, path) for path in policy.readable),
            (landlock.READ, Path("/proc/self")),
            *((landlock.READ, Path(path)) for path in _FACTS),
            *((landlock.READ_AND_WRITE_FILE, Path(path)) for path in _READ_AND_WRITTEN),
        ]
        missed = landlock.restrict(offer.landlock_abi, policy.scratch, rules)
        unreadable = tuple(path for path in missed if path in policy.readable)
    if Feature.SECCOMP in usable:
        seccomp.restrict()
    return unreadable
