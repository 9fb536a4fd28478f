"""A live server's admin port without the live server: answers with the report on its standard input.

``python -m support.admin_server`` writes its URL as the only line of its output, and ends when its input is
closed, so that a test that dies leaves none behind.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livekernel.watch import admin
from livekernel.watch.report import Report, from_json, to_json


@contextmanager
def served(report: Report) -> Iterator[str]:
    """Run the server in a process of its own; give its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "support.admin_server"],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        try:
            process.stdin.write(to_json(report) + "\n")
            process.stdin.flush()
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def main() -> None:
    """Serve one report until the input is closed."""
    report = from_json(sys.stdin.readline())
    server, url = admin.listen(lambda: report)
    print(url, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.stop()


if __name__ == "__main__":
    asyncio.run(main())
