"""The measurements by a bare client: how long a reader waits, and what the server spends on one.

Each is a context that has its servers running and gives a function that measures one side once. What is
timed is written in :mod:`benchmarks.figures`, beside the numbers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from jupyter_client.manager import KernelManager

from benchmarks import notebook, processes, servers
from benchmarks.bench import Bench, Once, Sample, Side
from benchmarks.protocol import find
from benchmarks.reader import GoneError, Reader

REST = 2.0
"""Seconds after which a reader who does nothing is idle: what was started for the page has ended."""

PATIENCE = 30.0
"""Seconds that a kernel has to end."""

INTERACTIONS = 5
READERS = 8


@contextmanager
def kernel(bench: Bench) -> Iterator[Once]:
    """Measure from a start until py4DSTEM is imported in a kernel."""
    path = bench.write("kernel", notebook.imports_only())
    port = servers.free_port()
    with servers.ours(path, port=port, kernels=2, engine=bench.engine) as server:
        servers.warm_up(server)

        def once(side: Side) -> Sample:
            if side == "stock":
                return {"kernel": 1000 * _plain_kernel()}
            with server.reader() as reader:
                reader.open()
                reader.connect()
                if not str(find(reader.widgets, "LabelModel").state["value"]).startswith("py4DSTEM 0."):
                    raise GoneError("the kernel has not imported py4DSTEM")
                return {"kernel": 1000 * reader.steps["states"], **_steps(reader)}

        _plain_kernel()  # files come from the disk once
        yield once


@contextmanager
def client(bench: Bench) -> Iterator[Once]:
    """Measure a reader's time, and the server's CPU time, from the request to the first new image."""
    with bench.both("client", notebook.demo()) as running:

        def once(side: Side) -> Sample:
            server = running[side]
            around = processes.tree(server.pid)
            before = processes.cpu_seconds(server.pid)
            with server.reader() as reader:
                _come_in(reader)
                spent = processes.cpu_seconds(server.pid) - before
                sample = {"client": reader.steps["image"], "cpu": spent, **_steps(reader)}
            wait_until_gone(server, around)
            return sample

        yield once


@contextmanager
def memory(bench: Bench) -> Iterator[Once]:
    """Measure the private memory of what was started for one reader."""
    with bench.both("memory", notebook.demo()) as running:

        def once(side: Side) -> Sample:
            server = running[side]
            before = processes.tree(server.pid)
            with server.reader() as reader:
                reader.open()
                reader.connect()
                time.sleep(REST)
                new = processes.tree(server.pid) - before
                if not new:
                    raise GoneError("no process was started for the reader")
                idle = processes.private_bytes(new)
                for _ in range(INTERACTIONS):
                    reader.move()
                time.sleep(REST)
                used = processes.private_bytes(new)
            wait_until_gone(server, before)
            return {"memory-idle": idle / 1e6, "memory-used": used / 1e6, "processes": len(new)}

        yield once


@contextmanager
def eight_small(bench: Bench) -> Iterator[Once]:
    """Measure the memory of eight readers with the small cube."""
    yield _eight(bench, "eight-33", notebook.SCAN)


@contextmanager
def eight_large(bench: Bench) -> Iterator[Once]:
    """Measure the memory of eight readers with the large cube."""
    yield _eight(bench, "eight-268", notebook.LARGE_SCAN)


def _eight(bench: Bench, name: str, scan: int) -> Once:
    path = bench.write(name, notebook.demo(scan))

    def once(side: Side) -> Sample:
        port = servers.free_port()
        running = (
            servers.stock(path, port=port)
            if side == "stock"
            else servers.ours(path, port=port, kernels=READERS, engine=bench.engine)
        )
        with running as server, ExitStack() as readers:
            here = [readers.enter_context(server.reader(number)) for number in range(READERS)]
            for reader in here:
                reader.open()
                reader.connect()
            time.sleep(REST)
            idle = processes.proportional_bytes(processes.tree(server.pid))
            for reader in here:
                reader.move()
            time.sleep(REST)
            used = processes.proportional_bytes(processes.tree(server.pid))
        return {name: used / 1e6, f"{name}-idle": idle / 1e6}

    return once


def _come_in(reader: Reader) -> None:
    reader.open()
    reader.connect()
    reader.move()


def _steps(reader: Reader) -> Sample:
    return {f"until {step}": seconds for step, seconds in reader.steps.items()}


def wait_until_gone(server: servers.Server, before: set[int]) -> None:
    """Wait until what was started for a reader has ended; its end is not the next one's cost."""
    deadline = time.monotonic() + PATIENCE
    while new := processes.tree(server.pid) - before:
        if time.monotonic() > deadline:
            raise GoneError(f"processes of a reader who has left still run: {sorted(new)}")
        time.sleep(0.05)


def _plain_kernel() -> float:
    """Start a kernel as any of Jupyter's servers does, import py4DSTEM in it, and give the seconds."""
    manager = KernelManager(kernel_name="python3")
    begun = time.perf_counter()
    manager.start_kernel()
    try:
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=timedelta(minutes=3).total_seconds())
        reply = client.execute("import py4DSTEM", reply=True, timeout=timedelta(minutes=3).total_seconds())
        taken = time.perf_counter() - begun
        client.stop_channels()
    finally:
        manager.shutdown_kernel(now=True)
    if reply["content"]["status"] != "ok":
        raise GoneError("the kernel could not import py4DSTEM")
    return taken
