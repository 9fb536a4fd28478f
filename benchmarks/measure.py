"""The measurements by a bare client: how long a reader waits, and what the server spends on one.

Each is a context that has its servers running and gives a function that measures one side once. What is
timed is written in :mod:`benchmarks.figures`, beside the numbers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks import notebook, processes, servers
from benchmarks.bench import Bench, Once, Sample, Side
from benchmarks.reader import GoneError, Reader

REST = 2.0
"""Seconds after which a reader who does nothing is idle: what was started for the page has ended."""

PATIENCE = 30.0
"""Seconds that a kernel has to end."""

INTERACTIONS = 5
READERS = 8


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
                own = sum(processes.own_seconds(one) for one in processes.tree(server.pid) - around)
                sample = {
                    "client": reader.steps["image"],
                    "cpu": spent,
                    "cpu of kernel": own,
                    **_steps(reader),
                }
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
            servers.stock(path, port=port, bytecode=bench.bytecode)
            if side == "stock"
            else servers.ours(path, port=port, kernels=READERS, engine=bench.engine, bytecode=bench.bytecode)
        )
        with running as server, ExitStack() as readers:
            before = processes.tree(server.pid)
            here = [readers.enter_context(server.reader()) for _ in range(READERS)]
            for reader in here:
                reader.open()
                reader.connect()
            time.sleep(REST)
            idle = processes.proportional_bytes(processes.tree(server.pid))
            for reader in here:
                reader.move()
            time.sleep(REST)
            used = processes.proportional_bytes(processes.tree(server.pid))
            own = processes.private_bytes(processes.tree(server.pid) - before)
        return {name: used / 1e6, "idle": idle / 1e6, "readers' own": own / 1e6}

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
