"""Seccomp: which system calls a process may make, and with what; the same for all its threads.

Two filters, as Linux takes the stricter answer of both. One knows names: calls that may be made pass,
those that are denied get EPERM, and any other is not there (ENOSYS), so that C libraries fall back to
what they used before it came: clone3, whose flags lie in memory where no filter can read them, to
clone. The other looks at arguments and says EPERM. Nothing is killed for trying.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import functools
import importlib
import os
import socket
import struct
from typing import Any

from livekernel.sandbox import libc
from livekernel.sandbox.calls import ALLOWED, DENIED

WHY_NOT: str | None = None
"""Why libseccomp can't be used here, for an operator; None where it can."""

_seccomp: Any = None
try:
    # It looks for the system's libseccomp when it is imported, and raises RuntimeError without it.
    _seccomp = importlib.import_module("pyseccomp")
except (ImportError, RuntimeError, OSError) as _error:
    WHY_NOT = str(_error)

_ACTIONS = "/proc/sys/kernel/seccomp/actions_avail"

# linux/sched.h
_CLONE_THREAD = 0x00010000
_CLONE_NEW = {
    "time": 0x00000080,
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}

# linux/net.h: the type of a socket without its flags
_SOCK_TYPE_MASK = 0xF

# asm-generic/fcntl.h, asm-generic/ioctls.h and sockios.h: who is sent a signal when a file is ready,
# and which: a way round kill(2)
_F_SETSIG = 10
_F_SETOWN_EX = 15
_IOCTLS = {
    "FIOSETOWN": 0x8901,
    "SIOCSPGRP": 0x8902,
    "FIOASYNC": 0x5452,
    "TIOCSTI": 0x5412,
    "TIOCLINUX": 0x541C,
}

# linux/prctl.h: to be dumpable again, to let another trace it, to move its own memory map
_PRCTLS = {"SET_DUMPABLE": 4, "SET_MM": 35, "SET_CHILD_SUBREAPER": 36, "SET_PTRACER": 0x59616D61}

_PRIO_PROCESS = 0
_32_BITS = 0xFFFFFFFF


def offered() -> bool:
    """Tell whether the running kernel takes filters that answer with an error, and libseccomp is here."""
    try:
        with open(_ACTIONS, encoding="ascii") as actions:  # noqa: PTH123
            return _seccomp is not None and "errno" in actions.read().split()
    except OSError:
        return False


def _by_name() -> Any:
    """Return the filter of names."""
    names = _filter(_seccomp.ERRNO(errno.ENOSYS))
    for action, listed in ((_seccomp.ALLOW, ALLOWED), (_seccomp.ERRNO(errno.EPERM), DENIED)):
        for name in listed:
            number = _seccomp.resolve_syscall(_seccomp.Arch.NATIVE, name)
            if number >= 0:  # a negative one isn't there on this architecture, or newer than libseccomp
                names.add_rule(action, number)
    return names


def _filter(otherwise: int) -> Any:
    """Return an empty filter, with the action for what no rule of it fits."""
    empty = _seccomp.SyscallFilter(otherwise)
    # Another architecture's calls (x86's 32-bit ones on a 64-bit Linux) have other numbers.
    empty.set_attr(_seccomp.Attr.ACT_BADARCH, _seccomp.ERRNO(errno.EPERM))
    return empty


def prepare() -> None:
    """Make what is the same for every process, so that a forked child finds it (some milliseconds)."""
    if _seccomp is not None:
        _programs()


def _by_argument(process: int) -> Any:
    """Return the filter of arguments, for the process of that id."""
    arguments = _filter(_seccomp.ALLOW)
    denied = _seccomp.ERRNO(errno.EPERM)
    not_equal, masked = _seccomp.NE, _seccomp.MASKED_EQ

    def deny(name: str, *conditions: Any) -> None:
        number = _seccomp.resolve_syscall(_seccomp.Arch.NATIVE, name)
        if number >= 0:
            arguments.add_rule(denied, number, *conditions)

    def argument(index: int, operator: int, *values: int) -> Any:
        return _seccomp.Arg(index, operator, *values)

    # Streams between processes of this machine that come to it: connect(2) is denied, and a datagram
    # needs none. So no service's socket can be reached, whatever its mode, without Landlock either.
    for name in ("socket", "socketpair"):
        deny(name, argument(0, not_equal, socket.AF_UNIX))
        for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
            deny(name, argument(1, masked, _SOCK_TYPE_MASK, kind))
    # Threads, but no processes: these would outlive the kernel.
    deny("clone", argument(0, masked, _CLONE_THREAD, 0))
    for flag in _CLONE_NEW.values():
        deny("clone", argument(0, masked, flag, flag))
    # Signals to itself and its threads; 0 and below would mean groups.
    for name in ("kill", "tgkill"):
        deny(name, argument(0, not_equal, process))
    for command in (fcntl.F_SETOWN, _F_SETSIG, _F_SETOWN_EX):
        deny("fcntl", argument(1, masked, _32_BITS, command))
    for command in _IOCTLS.values():
        deny("ioctl", argument(1, masked, _32_BITS, command))
    for option in _PRCTLS.values():
        deny("prctl", argument(0, masked, _32_BITS, option))
    # Limits, places and priorities of itself alone, and not of all that have its user id.
    deny("prlimit64", argument(0, not_equal, 0))
    deny("sched_setaffinity", argument(0, not_equal, 0))
    # libzmq sets the ordinary policy for its threads, and ends the process where it may not.
    deny("sched_setscheduler", argument(1, not_equal, os.SCHED_OTHER))
    deny("setpriority", argument(0, not_equal, _PRIO_PROCESS))
    deny("setpriority", argument(1, not_equal, 0))
    # A file opened to be read can be emptied by it, which Landlock knows from ABI 3 (Linux 6.2); the
    # access mode 3 is a relic that is neither reading nor writing (open(2)).
    for name, index in (("open", 1), ("openat", 2)):
        deny(name, argument(index, masked, os.O_ACCMODE | os.O_TRUNC, os.O_RDONLY | os.O_TRUNC))
        deny(name, argument(index, masked, os.O_ACCMODE, os.O_ACCMODE))
    return arguments


def restrict() -> None:
    """Load both filters into the calling thread, for it and all that it starts; raises OSError."""
    arguments, names = _programs()
    # In this order: the filter of names lets no other be loaded.
    _load(_of(arguments, os.getpid()))
    _load(names)


# No process has it: the highest id of Linux is 2 to the power of 22 (PID_MAX_LIMIT, linux/threads.h).
_ANY_PROCESS = 0x5EC0A11
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2  # linux/prctl.h, linux/seccomp.h
_INSTRUCTION = struct.Struct("=HBBI")  # struct sock_filter (linux/filter.h): code, jt, jf, k


class _Program(ctypes.Structure):
    """struct sock_fprog (linux/filter.h)."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


@functools.cache
def _programs() -> tuple[bytes, bytes]:
    """Compile both filters, with a process id that is to be filled in, for all that are forked from here."""
    return _compiled(_by_argument(_ANY_PROCESS)), _compiled(_by_name())


def _compiled(made: Any) -> bytes:
    # Not a file with a name: a process that is locked in by half may make none.
    with os.fdopen(os.memfd_create("filter"), "w+b") as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()


def _of(program: bytes, process: int) -> bytes:
    """Give the filter of arguments for a process: an instruction's k holds what it compares with."""
    return b"".join(
        _INSTRUCTION.pack(code, true, false, process if value == _ANY_PROCESS else value)
        for code, true, false, value in _INSTRUCTION.iter_unpack(program)
    )


def _load(program: bytes) -> None:
    buffer = ctypes.create_string_buffer(program, len(program))
    told = _Program(len(program) // _INSTRUCTION.size, ctypes.addressof(buffer))
    libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(told))
