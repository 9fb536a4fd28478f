"""Bounds that every Unix has: resource limits, the file mode mask, the user id, and the core dump."""

from __future__ import annotations

import os
import resource

from livekernel.sandbox import libc
from livekernel.sandbox.policy import Policy

# Bits of capabilities in /proc/self/status (linux/capability.h): both are needed to change the id.
_CAP_SETGID = 6
_CAP_SETUID = 7


def can_change_user() -> bool:
    """Tell whether this process may take another user and group id."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123
        for line in status:
            if line.startswith("CapEff:"):
                effective = int(line.split()[1], 16)
                return bool(effective >> _CAP_SETGID & 1 and effective >> _CAP_SETUID & 1)
    return False


def limit_resources(policy: Policy) -> None:
    """Set the resource limits, soft and hard alike, so that none can be raised again.

    One that is lower already stays. Raises OSError.
    """
    wanted = {
        resource.RLIMIT_AS: policy.address_space,
        resource.RLIMIT_NPROC: policy.tasks,
        resource.RLIMIT_NOFILE: policy.open_files,
        resource.RLIMIT_FSIZE: policy.file_size,
        # no core dump, which would hold what others share; no locked memory, queues or priorities
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NICE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }
    if policy.cpu is not None:
        wanted[resource.RLIMIT_CPU] = policy.cpu
    for which, bound in wanted.items():
        _, hard = resource.getrlimit(which)
        lowest = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(which, (lowest, lowest))


def change_user(user: int) -> None:
    """Take the user and group id for good, and leave every other group. Raises OSError."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def give_up_privileges() -> None:
    """Keep no capability, gain none by a program's set-user-id bit, and be no one's to inspect.

    A process that isn't dumpable can't be traced, nor its memory or environment read, by others of
    the same user id (ptrace(2), proc(5)). Raises OSError.
    """
    libc.drop_capabilities()
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.prctl(libc.PR_SET_DUMPABLE, 0)
