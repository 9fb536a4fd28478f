"""The shape of a binary message on a kernel's websocket, checked before anything reads it.

The protocol ``v1.kernel.websocket.jupyter.org`` writes a count, so many offsets (all 8 bytes,
little-endian), then the parts they point at: a channel and a Jupyter message. jupyter_server trusts the
count; a huge one makes it allocate for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

PROTOCOL = "v1.kernel.websocket.jupyter.org"

WORD = 8
FEWEST_OFFSETS = 6  # channel, header, parent header, metadata, content, and the end
MOST_OFFSETS = 256  # what is left are a message's buffers


def is_well_formed(message: bytes) -> bool:
    """Say whether the offsets are few, in order, and inside the message."""
    if len(message) < WORD:
        return False
    count = int.from_bytes(message[:WORD], "little")
    if not FEWEST_OFFSETS <= count <= MOST_OFFSETS:
        return False
    start = WORD * (count + 1)
    if len(message) < start:
        return False
    offsets = [int.from_bytes(message[at : at + WORD], "little") for at in range(WORD, start, WORD)]
    return offsets[0] == start and offsets == sorted(offsets) and offsets[-1] <= len(message)


def split(message: bytes) -> tuple[str, list[memoryview]]:
    """Give the channel and the parts of a well-formed message, without copying them.

    Raises ValueError where the channel's name isn't UTF-8.
    """
    count = int.from_bytes(message[:WORD], "little")
    offsets = [int.from_bytes(message[WORD * n : WORD * (n + 1)], "little") for n in range(1, count + 1)]
    view = memoryview(message)
    channel, *parts = (view[start:end] for start, end in pairwise(offsets))
    return str(channel, "utf-8"), parts


def is_handshake(headers: Mapping[str, str]) -> bool:
    """Say whether a request asks for a websocket as RFC 6455, section 4.2.1, has it."""
    names = {name.strip().lower() for name in headers.get("Connection", "").split(",")}
    return (
        headers.get("Upgrade", "").lower() == "websocket"
        and "upgrade" in names
        and headers.get("Sec-WebSocket-Version") == "13"
        and bool(headers.get("Sec-WebSocket-Key"))
    )
