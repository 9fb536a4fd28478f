"""The kernel alone, without a page or a server: from its start to the reply to ``import py4DSTEM``.

Both sides are asked in the same words by the same client of jupyter_client; only the kernel manager
differs: jupyter_server's own, or the live server's over its zygote.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from livekernel.engine.manager import ForkedKernelManager
from livekernel.environment import for_kernel
from livekernel.forks import Forks
from livekernel.index import Index
from livekernel.settings import Settings

from benchmarks import notebook, servers
from benchmarks.bench import Bench, Once, Sample, Side
from benchmarks.reader import PATIENCE, GoneError

IMPORT = "import py4DSTEM"
KEY = f"posts/{notebook.SLUG}"


@contextmanager
def kernel(bench: Bench) -> Iterator[Once]:
    """Measure a kernel's start until py4DSTEM is imported in it."""
    path = bench.write("kernel", notebook.imports_only())
    # A kernel's own process ids and sockets are below it: short, as a socket's path is bounded.
    with (
        asyncio.Runner() as runner,
        tempfile.TemporaryDirectory(prefix="bench-kernel-", ignore_cleanup_errors=True) as scratch,
    ):
        forks = _forks(path, Path(scratch))

        async def once(side: Side) -> Sample:
            if side == "stock" or bench.engine == "stock":
                hidden = {} if bench.bytecode else servers.uncompiled(Path(scratch))
                environ = {**for_kernel(os.environ), **hidden}
                return await _timed(_manager(ServerKernelManager, scratch), {"env": environ})
            generation = forks.engine.ready(KEY)
            if generation is None:
                raise GoneError(f"the zygote has gone: {forks.engine.why_not(KEY)}")
            return await _timed(_manager(ForkedKernelManager, scratch), {"fork": forks.of(generation)})

        try:
            runner.run(_warm(forks))
            runner.run(once("stock"))  # files come from the disk once
            runner.run(once("ours"))
            yield lambda side: runner.run(once(side))
        finally:
            runner.run(_end(forks))


def _forks(path: Path, scratch: Path) -> Forks:
    settings = Settings(
        notebooks=path.parents[1], index=path.parents[2] / "live.json", port=0, scratch=scratch / "forks"
    )
    assert settings.scratch is not None  # noqa: S101  (told to mypy)
    scratch.chmod(0o711)  # kernels of another user get to theirs
    settings.scratch.mkdir()
    return Forks(settings, Index(settings.index))


async def _warm(forks: Forks) -> None:
    """Start the zygotes, as the live server does on its loop, and wait until the notebook's has warmed up."""
    forks.engine.start()
    deadline = time.monotonic() + PATIENCE
    while forks.engine.ready(KEY) is None:
        failed = forks.engine.why_not(KEY)
        if time.monotonic() > deadline or (failed is not None and failed.reason):
            raise GoneError(f"the zygote did not warm up: {failed.reason if failed else 'not in time'}")
        await asyncio.sleep(0.1)


async def _end(forks: Forks) -> None:
    forks.engine.stop()


def _manager(kind: Any, folder: str) -> Any:
    return kind(kernel_name="python3", connection_file=f"{folder}/{time.monotonic_ns()}.json")


async def _timed(manager: Any, how: dict[str, Any]) -> Sample:
    """Start a kernel, have it import py4DSTEM, and end it.

    The request is sent at once and waits in the socket until the kernel listens: jupyter_client's
    ``wait_for_ready`` would wait for a fifth of a second more on both sides.
    """
    begun = time.perf_counter()
    await manager.start_kernel(kernel_id=str(uuid.uuid4()), **how)
    started = time.perf_counter() - begun
    client: AsyncKernelClient = manager.client()
    try:
        client.start_channels(stdin=False, hb=False)
        reply = await client.execute(IMPORT, reply=True, timeout=PATIENCE)
        taken = time.perf_counter() - begun
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
    if reply["content"]["status"] != "ok":
        raise GoneError("the kernel could not import py4DSTEM")
    return {"kernel": 1000 * taken, "until started": started}
