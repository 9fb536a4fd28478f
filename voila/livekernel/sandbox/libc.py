"""Linux calls that Python's own modules lack, by ctypes: prctl(2), capset(2), and any by its number."""

from __future__ import annotations

import ctypes
import os

# linux/prctl.h
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39

# linux/capability.h
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class _CapabilityHeader(ctypes.Structure):
    """``struct __user_cap_header_struct``."""

    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilityData(ctypes.Structure):
    """``struct __user_cap_data_struct``; version 3 takes two, for 64 capabilities."""

    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def call(number: int, *arguments: int | ctypes._Pointer[ctypes.Structure] | None) -> int:
    """Make the system call of that number; raises OSError as Python's own wrappers do."""
    # A bare int would be passed as 32 bits, and leave the rest of the register to chance.
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *wide))


def prctl(option: int, value: int = 0, more: int = 0) -> int:
    """Set or ask for an attribute of this process (prctl(2)); raises OSError."""
    second, third, zero = map(ctypes.c_ulong, (value, more, 0))
    return _checked(_libc.prctl(ctypes.c_int(option), second, third, zero, zero))


def drop_capabilities() -> None:
    """Give every capability of this thread up (capset(2)); raises OSError."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    none = (_CapabilityData * 2)()
    _checked(_libc.capset(ctypes.byref(header), none))
