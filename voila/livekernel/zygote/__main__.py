"""``python -m livekernel.zygote CONTROL LIFETIME LIBRARY…``: the root, on descriptors of the server."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from livekernel import protocol

NICE = 10
"""Readers' kernels, and what warms up, come after the server, Gunicorn and nginx (nice(2))."""


def yield_to_others() -> None:
    """Take a lower priority for this process and all that it forks.

    Where Linux groups processes by session (sched(7), "The autogroup feature"), nice counts within a
    group only, and the group has one of its own. The root is started in a session of its own, so all
    readers together are one group.
    """
    os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(f"{NICE}\n", "ascii")


def main(argv: list[str]) -> int:
    """Import the libraries, then fork a zygote for each notebook that the server names."""
    control, lifetime = (int(word) for word in argv[:2])
    protocol.die_when_closed(lifetime)
    protocol.call_itself("zygote")
    yield_to_others()

    from livekernel.zygote import root

    root.serve(socket.socket(fileno=control), lifetime, argv[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
