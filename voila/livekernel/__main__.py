"""``python -m livekernel``: the command that starts the live server."""

from __future__ import annotations

import socket
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from livekernel.errors import StartError
from livekernel.options import parser, settings
from livekernel.supervisor import supervised
from livekernel.watch import journal, scrubbing


def bind(address: str, port: int) -> socket.socket:
    """Take the port, before Voila is imported: a port that is taken is told at once.

    Nothing is answered before the server listens. Raises StartError.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setblocking(False)
    try:
        bound.bind((address, port))
    except OSError as error:
        bound.close()
        reason = error.strerror or error
        line = f"port {port} of {address} can't be taken ({reason}): choose another --port"
        raise StartError(line) from error
    return bound


def main(argv: list[str] | None = None) -> int:
    """Run the server until a signal comes; give the exit code (2: the user can mend it)."""
    try:
        chosen = settings(parser().parse_args(argv))
        bound = bind(chosen.address, chosen.port)
    except StartError as error:
        print(f"livekernel: {error}", file=sys.stderr)
        return 2
    if not chosen.index.exists():
        print(f"livekernel: {chosen.index}: not there yet, nothing can be started", file=sys.stderr)

    # After all that can be refused, so that nothing is left of a command that was.
    scratch = Path(tempfile.mkdtemp(prefix="live-"))

    def serve() -> int:
        from livekernel.server import LiveServer

        journal.to_stream()
        scrubbing.scrub()
        try:
            LiveServer(replace(chosen, scratch=scratch)).serve(bound)
        except StartError as error:
            print(f"livekernel: {error}", file=sys.stderr)
            return 2
        return 0

    return supervised(serve, scratch)


if __name__ == "__main__":
    sys.exit(main())
