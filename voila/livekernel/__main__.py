"""``python -m livekernel``: the command that starts the live server."""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path

from livekernel.errors import StartError
from livekernel.settings import Settings

EXAMPLE = """example:
  python -m livekernel --port 8866 --notebooks notebooks --index site/.build/live.json --base-url /live/
"""


def parser() -> argparse.ArgumentParser:
    """Give the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="livekernel",
        description="Serve live cells of notebooks: Voila with kernels that only the site's pages start.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--port", type=int, required=True, help="port to listen on; 0 takes any that is free")
    add("--address", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--notebooks", type=Path, required=True, metavar="DIR", help="folder the notebooks lie in")
    add("--index", type=Path, required=True, metavar="FILE", help="live.json that the build wrote")
    add("--base-url", default="/live/", metavar="URL", help="prefix of every URL (default: %(default)s)")
    add("--kernels", type=int, default=3, metavar="N", help="kernels at once (default: %(default)s)")
    add("--idle", type=float, default=600, metavar="S", help="seconds until an unused kernel ends")
    add("--unwatched", type=float, default=35, metavar="S", help="seconds a kernel lives without a page")
    add("--start", type=float, default=120, metavar="S", help="seconds a notebook has to run its cells")
    return parser


def settings(arguments: argparse.Namespace) -> Settings:
    """Check what was asked for; raises StartError."""
    if not arguments.notebooks.is_dir():
        raise StartError(f"--notebooks {arguments.notebooks}: there is no such folder")
    base_url = arguments.base_url
    if not (base_url.startswith("/") and base_url.endswith("/")):
        raise StartError(f"--base-url {base_url}: begin and end it with a slash")
    for name in ("kernels", "idle", "unwatched", "start"):
        if getattr(arguments, name) <= 0:
            raise StartError(f"--{name} {getattr(arguments, name):g}: give a number above zero")
    return Settings(
        notebooks=arguments.notebooks.resolve(),
        index=arguments.index.absolute(),
        port=arguments.port,
        address=arguments.address,
        base_url=base_url,
        kernels=arguments.kernels,
        idle=arguments.idle,
        unwatched=arguments.unwatched,
        start=arguments.start,
    )


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
    except (OSError, OverflowError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or error
        line = f"port {port} of {address} can't be taken ({reason}): choose another --port"
        raise StartError(line) from error
    return bound


def main(argv: list[str] | None = None) -> int:
    """Run the server until a signal comes; give the exit code (2: the user can mend it)."""
    arguments = parser().parse_args(argv)
    try:
        chosen = settings(arguments)
        bound = bind(chosen.address, chosen.port)
    except StartError as error:
        print(f"livekernel: {error}", file=sys.stderr)
        return 2
    if not chosen.index.exists():
        print(f"livekernel: {chosen.index}: not there yet, nothing can be started", file=sys.stderr)

    from livekernel.server import LiveServer

    LiveServer(chosen).serve(bound)
    return 0


if __name__ == "__main__":
    sys.exit(main())
