"""Whether a process may be forked: what of it would be broken, or shared, in the child.

A thread isn't there in the child, and what it had locked stays locked; a loop and a ØMQ context hold
descriptors that both would read; two processes that write one file by one descriptor write over each
other.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_ACCESS = 0o3  # O_ACCMODE
_WATCHES = ("anon_inode:[eventpoll]", "anon_inode:inotify")


def keep() -> None:
    """Turn off what known libraries start behind the author's back; where they are imported."""
    if tqdm := sys.modules.get("tqdm"):
        tqdm.tqdm.monitor_interval = 0  # its monitor is a thread
    helpers = sys.modules.get("IPython.core.async_helpers")
    loop = getattr(helpers, "_asyncio_event_loop", None)
    # A cell with a top-level await leaves IPython's own loop; one on which nothing waits can go.
    if isinstance(loop, asyncio.AbstractEventLoop) and not loop.is_closed() and not asyncio.all_tasks(loop):
        loop.close()


def threads() -> list[str]:
    """Name what runs beside the main thread: Python's threads by name, others by Linux's."""
    known = {thread.native_id: thread for thread in threading.enumerate()}
    found = []
    for task in sorted(int(task) for task in os.listdir("/proc/self/task")):  # noqa: PTH208
        if task == os.getpid():
            continue
        if thread := known.get(task):
            target = getattr(thread, "_target", None)
            made = getattr(target, "__qualname__", type(thread).__qualname__)
            found.append(f"the thread {thread.name!r} ({made})")
        else:
            with suppress(OSError):
                name = Path(f"/proc/self/task/{task}/comm").read_text("utf-8", "replace").strip()
                found.append(f"a thread of compiled code ({name})")
    return found


def loops() -> list[str]:
    """Name event loops and ØMQ contexts."""
    found = []
    if asyncio._get_running_loop() is not None:
        found.append("a running event loop")
    helpers = sys.modules.get("IPython.core.async_helpers")
    loop = getattr(helpers, "_asyncio_event_loop", None)
    if isinstance(loop, asyncio.AbstractEventLoop) and not loop.is_closed():
        waiting = ", ".join(sorted(task.get_name() for task in asyncio.all_tasks(loop)))
        found.append(f"an event loop that still has to do ({waiting})")
    if (zmq := sys.modules.get("zmq")) and zmq.Context._instance is not None:
        found.append("a ØMQ context")
    return found


def descriptors() -> set[int]:
    """Give the descriptors that are open, without the one that lists them."""
    listed = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208
    return {number for number in listed if Path(f"/proc/self/fd/{number}").is_symlink()}


def files(own: Collection[int]) -> list[str]:
    """Name open descriptors, but for ``own``, that parent and child must not share."""
    found = []
    for name in sorted(os.listdir("/proc/self/fd"), key=int):  # noqa: PTH208
        number = int(name)
        try:
            target = os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115
            flags = Path(f"/proc/self/fdinfo/{name}").read_text("ascii")
        except FileNotFoundError:  # the one that listed them
            continue
        if number in own or target == "/dev/null":
            continue
        if target.startswith("socket:"):
            found.append(f"an open socket (descriptor {number})")
        elif target in _WATCHES:
            found.append(f"an event loop's descriptor ({number})")
        elif target.startswith("/") and number > 2 and _writes(flags):
            found.append(f"a file open for writing ({target})")
    return found


def _writes(info: str) -> bool:
    line = next(line for line in info.splitlines() if line.startswith("flags:"))
    return int(line.split()[1], 8) & _ACCESS != os.O_RDONLY


def assert_single() -> None:
    """Raise AssertionError, with names, unless this process has one thread, no loop and no ØMQ context."""
    if found := threads() + loops():
        raise AssertionError("this process can't be forked: it has " + ", ".join(found))
