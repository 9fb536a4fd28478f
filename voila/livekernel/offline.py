"""What a kernel says while its page's line is down, kept for the moment when the page is back.

Without the answers to what it sent last a page's controls would stay mute: ipywidgets waits for the status
``idle`` before it sends the next change of a slider (its widget.ts, ``_pending_msgs``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from jupyter_client.session import DELIM

BYTES = 8 * 2**20
"""Of one kernel's messages: some dozen pictures. Where it says more, the newest are kept."""

STATUSES = 1000
"""Messages that tell of the kernel's state, which are kept beyond that."""

Message = tuple[str, list[bytes]]
"""A channel and a message in the parts that arrived from ZeroMQ."""


class Offline:
    """Stands for the list in which jupyter_server would keep everything.

    The last messages count: older ones make room for them, but for the kernel's statuses, which are small
    and each of which a page may be waiting for.
    """

    def __init__(self, most: int = BYTES, statuses: int = STATUSES) -> None:
        self._most, self._statuses = most, statuses
        self._kept: dict[int, Message] = {}
        self._large: dict[int, int] = {}  # sizes, of what may go, by number
        self._next = self._bytes = 0

    def append(self, message: Message) -> None:
        """Keep a message; called by jupyter_server for each."""
        number, self._next = self._next, self._next + 1
        self._kept[number] = message
        if _is_status(message[1]):
            if len(self._kept) - len(self._large) > self._statuses:
                del self._kept[next(one for one in self._kept if one not in self._large)]
            return
        self._large[number] = sum(map(len, message[1]))
        self._bytes += self._large[number]
        while self._bytes > self._most:
            oldest = next(iter(self._large))
            self._bytes -= self._large.pop(oldest)
            del self._kept[oldest]

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._kept)

    def __iter__(self) -> Iterator[Message]:
        """Give what is kept in the order in which it came."""
        return iter(self._kept.values())


def _is_status(parts: list[bytes]) -> bool:
    """Read the header, the second part after the identities (jupyter-client's "Messaging", wire protocol)."""
    try:
        header = json.loads(bytes(parts[parts.index(DELIM) + 2]))
    except (ValueError, IndexError):
        return False
    return isinstance(header, dict) and header.get("msg_type") == "status"
