"""What the server and its zygotes say to each other: one JSON object a packet, with open files beside it.

Each pair has a socket pair of its own (AF_UNIX, SEQPACKET: a packet arrives whole or not at all), made
before either side knows a stranger: there is no address that anyone else could connect to. What is
large, such as recorded outputs, goes as a file.

A process's life hangs on a pipe: see :func:`die_when_closed`.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MOST_BYTES = 128 * 1024
"""Of one packet; Linux's default buffer of a socket takes more (net.core.wmem_default, 208 KiB)."""

MOST_FILES = 4

_F_SETSIG = 10  # asm-generic/fcntl.h


class Hungup(Exception):  # noqa: N818  (how every pair ends)
    """The other side has gone."""


def pair() -> tuple[socket.socket, socket.socket]:
    """Give the two ends of a new connection."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(connection: socket.socket, message: dict[str, Any], files: Sequence[int] = ()) -> None:
    """Send a message; the files stay open here. Raises OSError (BrokenPipeError when nobody is there)."""
    packet = json.dumps(message).encode()
    if len(packet) > MOST_BYTES:
        raise ValueError(f"a message of {len(packet)} bytes")
    socket.send_fds(connection, [packet], list(files), socket.MSG_NOSIGNAL)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Give the next message and its files, which are the caller's to close.

    Raises :class:`Hungup`, and BlockingIOError where nothing has come on a connection that doesn't wait.
    """
    try:
        packet, files, _, _ = socket.recv_fds(connection, MOST_BYTES, MOST_FILES, socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError as error:
        raise Hungup from error
    if not packet:
        raise Hungup
    return json.loads(packet), files


def call_itself(name: str) -> None:
    """Give this process the name that ps and top show, of 15 bytes at most (proc(5), comm)."""
    Path("/proc/self/comm").write_bytes(name.encode()[:15])


def die_when_closed(lifetime: int) -> None:
    """Make Linux kill this process when the last writing end of the pipe ``lifetime`` is closed.

    It takes no thread and no attention: a process that is stuck in C code, or stopped, dies as well
    (fcntl(2), "Managing signals"). The owner belongs to the open pipe and not to the descriptor, so
    every process needs a pipe of its own. Nothing may ever be written to it.
    """
    fcntl.fcntl(lifetime, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifetime, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifetime, fcntl.F_SETFL, fcntl.fcntl(lifetime, fcntl.F_GETFL) | os.O_ASYNC)
    os.set_blocking(lifetime, False)
    try:
        closed = os.read(lifetime, 1) == b""
    except BlockingIOError:
        closed = False
    if closed:  # before anything watched it
        os.kill(os.getpid(), signal.SIGKILL)
