"""``python -m livekernel.status``: the report of a live server on this machine, as JSON.

For where ``blog status`` isn't, as in the container: it prints what that reads (``blog status --read``).
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
from urllib.parse import urlsplit

PORT = 8867
"""The port for operators in the container, where it is always the same."""

PATIENCE = 10.0
"""Seconds for an answer."""


def ask(url: str) -> object:
    """Give what ``/status`` of a live server tells; raises OSError or ValueError where there is none."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("no address to ask")
    # Directly, whatever proxy the environment names.
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/status")
        told: object = json.loads(connection.getresponse().read())
    except http.client.HTTPException as error:
        raise ValueError(repr(error)) from error
    finally:
        connection.close()
    return told


def main(argv: list[str] | None = None) -> int:
    """Print the report; give the exit code (2: nobody answers there, or somebody else)."""
    parser = argparse.ArgumentParser(
        prog="livekernel.status",
        description="Print what a live server on this machine does, as JSON.",
        epilog="example: python -m livekernel.status http://127.0.0.1:8867",
        allow_abbrev=False,
    )
    parser.add_argument(
        "url",
        nargs="?",
        default=f"http://127.0.0.1:{PORT}",
        help="its address for operators (default: %(default)s)",
    )
    url = parser.parse_args(argv).url
    try:
        told = ask(url)
    except (OSError, ValueError) as error:
        print(f"livekernel.status: no live server answers at {url} ({error})", file=sys.stderr)
        return 2
    print(json.dumps(told, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
