"""``python -m livekernel``: the command that starts the live server."""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
from pathlib import Path

from livekernel.errors import StartError
from livekernel.settings import LIBRARIES, OFFERED, REQUIRED, STOCK, ZYGOTE, Settings
from livekernel.supervisor import supervised
from livekernel.watch import journal

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
    add("--kernels", type=int, metavar="N", help="kernels at once (default: 16, or 3 stock ones)")
    add(
        "--engine",
        choices=(ZYGOTE, STOCK),
        default=ZYGOTE if sys.platform == "linux" else STOCK,
        help="forked from a warm zygote, or stock kernels, which nothing locks in (default: %(default)s)",
    )
    add(
        "--libraries",
        default=",".join(LIBRARIES),
        metavar="NAMES",
        help="imported once (default: %(default)s)",
    )
    add(
        "--memory", type=float, default=256, metavar="MB", help="a kernel's own memory (default: %(default)s)"
    )
    add(
        "--callback",
        type=float,
        default=30,
        metavar="S",
        help="CPU seconds of one answer (default: %(default)s)",
    )
    add("--life", type=float, default=3600, metavar="S", help="seconds that a kernel lives at most")
    add(
        "--sandbox",
        choices=(REQUIRED, OFFERED),
        default=REQUIRED,
        help="whether a machine without Landlock or seccomp will do (offered) or not (default: %(default)s)",
    )
    add("--rest", type=Path, metavar="DIR", help="folder for the widgets' states at rest")
    add("--admin-file", type=Path, metavar="FILE", help="where the address for operators is written")
    add("--admin-port", type=int, default=0, metavar="N", help="its port on 127.0.0.1; 0 takes a free one")
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
    if arguments.kernels is None:
        arguments.kernels = 16 if arguments.engine == ZYGOTE else 3
    for name in ("kernels", "idle", "unwatched", "start", "memory", "callback", "life"):
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
        engine=arguments.engine,
        libraries=tuple(filter(None, arguments.libraries.split(","))),
        memory=int(arguments.memory * 2**20),
        callback=arguments.callback,
        life=arguments.life,
        sandbox=arguments.sandbox,
        scratch=Path(tempfile.mkdtemp(prefix="live-")),
        rest=arguments.rest.absolute() if arguments.rest else None,
        admin=arguments.admin_file.absolute() if arguments.admin_file else None,
        admin_port=arguments.admin_port,
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

    def serve() -> int:
        from livekernel.server import LiveServer

        journal.to_stream()
        try:
            LiveServer(chosen).serve(bound)
        except StartError as error:
            print(f"livekernel: {error}", file=sys.stderr)
            return 2
        return 0

    assert chosen.scratch is not None  # noqa: S101  (settings has made it)
    return supervised(serve, chosen.scratch)


if __name__ == "__main__":
    sys.exit(main())
