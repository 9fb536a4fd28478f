"""Landlock: which files a process may reach, and that it can neither use TCP nor signal others.

Numbers and structures are those of ``include/uapi/linux/landlock.h``; what each ABI brought is told at
https://docs.kernel.org/userspace-api/landlock.html.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from livekernel.sandbox import libc
from livekernel.sandbox.policy import NETWORK_ABI, SIGNALS_ABI

# The same on every architecture (include/uapi/asm-generic/unistd.h).
_CREATE_RULESET = 444
_ADD_RULE = 445
_RESTRICT_SELF = 446

_CREATE_RULESET_VERSION = 1 << 0
_RULE_PATH_BENEATH = 1

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_REMOVE_DIR = 1 << 4
_REMOVE_FILE = 1 << 5
_MAKE_CHAR = 1 << 6
_MAKE_DIR = 1 << 7
_MAKE_REG = 1 << 8
_MAKE_SOCK = 1 << 9
_MAKE_FIFO = 1 << 10
_MAKE_BLOCK = 1 << 11
_MAKE_SYM = 1 << 12
_REFER = 1 << 13
_TRUNCATE = 1 << 14
_IOCTL_DEV = 1 << 15

_NET_BIND_TCP = 1 << 0
_NET_CONNECT_TCP = 1 << 1

_SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0
_SCOPE_SIGNAL = 1 << 1

_REFER_ABI = 2
_TRUNCATE_ABI = 3
_IOCTL_ABI = 5

# Rights that a rule for a file, not a folder, may give; any other is refused with EINVAL.
_FOR_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE

READ = _READ_FILE | _READ_DIR
"""To read files and list folders. Not to execute: libraries are mapped, which takes no such right."""
READ_AND_WRITE_FILE = _READ_FILE | _WRITE_FILE
"""For a file that is there, such as /dev/null."""
WRITE = (
    READ
    | _WRITE_FILE
    | _TRUNCATE
    | _REMOVE_DIR
    | _REMOVE_FILE
    | _MAKE_DIR
    | _MAKE_REG
    | _MAKE_SOCK
    | _MAKE_SYM
    | _REFER
)
"""To do anything with files, folders, links and sockets, but no devices or named pipes."""


class _Ruleset(ctypes.Structure):
    """``struct landlock_ruleset_attr``."""

    _fields_ = [
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _PathBeneath(ctypes.Structure):
    """``struct landlock_path_beneath_attr``, which is packed."""

    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def abi() -> int:
    """Return the number of Landlock's ABI in the running kernel; 0 where it is missing or off."""
    try:
        return libc.call(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    except OSError:
        return 0


def _files(abi: int) -> int:
    """Return all rights over files that an ABI knows: what is handled is denied unless allowed."""
    rights = (_MAKE_SYM << 1) - 1
    for since, right in ((_REFER_ABI, _REFER), (_TRUNCATE_ABI, _TRUNCATE), (_IOCTL_ABI, _IOCTL_DEV)):
        if abi >= since:
            rights |= right
    return rights


def _allow(ruleset: int, rights: int, path: Path) -> None:
    """Allow the rights at and beneath a path; raises OSError where it can't be reached."""
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _FOR_FILES
        rule = _PathBeneath(rights, descriptor)
        libc.call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.pointer(rule), 0)
    finally:
        os.close(descriptor)


def restrict(abi: int, scratch: Path, rules: Iterable[tuple[int, Path]]) -> tuple[Path, ...]:
    """Restrict the calling thread to the rules and to writing in ``scratch``; returns paths not reached.

    ``abi`` is the number of the ABI to use, at most that of the running kernel. From 4 TCP is denied,
    from 6 signals and abstract sockets of others. No new privileges must be set before. Raises OSError,
    also where ``scratch`` can't be reached.
    """
    handled = _files(abi)
    attributes = _Ruleset(
        handled,
        _NET_BIND_TCP | _NET_CONNECT_TCP if abi >= NETWORK_ABI else 0,
        _SCOPE_ABSTRACT_UNIX_SOCKET | _SCOPE_SIGNAL if abi >= SIGNALS_ABI else 0,
    )
    # An older kernel takes the longer structure as long as what it doesn't know is zero.
    size = ctypes.sizeof(attributes)
    ruleset = libc.call(_CREATE_RULESET, ctypes.pointer(attributes), size, 0)
    missed = []
    try:
        _allow(ruleset, WRITE & handled, scratch)
        for rights, path in rules:
            try:
                _allow(ruleset, rights & handled, path)
            except (FileNotFoundError, NotADirectoryError, PermissionError):
                missed.append(path)
        libc.call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return tuple(missed)
