"""What notebooks do works in a kernel that is locked in."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import threading
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zmq
from support.attempts import MEGABYTE, WITHOUT_LANDLOCK, Attempt, Ways, address_space
from support.locked_in import Ground


def test_a_kernel_signals_itself_and_its_threads(ways: Ways) -> None:
    def signals(_: Ground) -> list[str]:
        came: list[str] = []
        signal.signal(signal.SIGUSR1, lambda *_: came.append("process"))
        signal.signal(signal.SIGUSR2, lambda *_: came.append("thread"))
        os.kill(os.getpid(), signal.SIGUSR1)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR2)
        return came

    assert ways.locked(signals) == ["process", "thread"]


@pytest.fixture(autouse=True)
def room_for_files(ways: Ways) -> None:
    """Let a kernel open as many as in life: it has inherited those of the tests before it, too."""
    opened = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  (names are all that is asked for)
    ways.policy = replace(ways.policy, open_files=ways.policy.open_files + opened)


@pytest.fixture
def computing() -> Any:
    """What a zygote would have imported; only now, as it takes seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("support.computing")


def quietly(work: Callable[[Path], object]) -> Attempt:
    def made(ground: Ground) -> object:
        warnings.simplefilter("ignore")
        return work(ground.scratch)

    return made


# Without Landlock's network rules, as on Debian 12; with all; and without Landlock at all.
@pytest.mark.parametrize("abi", [0, 2, None])
def test_what_notebooks_use_works_inside(ways: Ways, computing: Any, tmp_path: Path, abi: int | None) -> None:
    ways.policy = replace(
        ways.policy, file_size=8 * MEGABYTE, address_space=address_space() + 1024 * MEGABYTE
    )
    offer = ways.offer()
    if abi is not None:
        offer = replace(offer, landlock_abi=min(abi, offer.landlock_abi))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = computing.computes(
            tmp_path, workers=1
        )  # and imports what is imported when it is first used
    assert len(expected) == 10
    assert ways.locked(quietly(computing.computes), offer, WITHOUT_LANDLOCK) == expected


def test_a_kernel_is_reached_by_zeromq_over_ipc(ways: Ways, computing: Any) -> None:
    """The kernel binds, who asks connects: as Jupyter does, and it needs no connect of the kernel's."""
    address = f"ipc://{ways.place.scratch}/shell"
    answer: list[Any] = []

    def asks() -> None:
        with zmq.Context() as context, context.socket(zmq.DEALER) as asking:
            asking.connect(address)
            asking.send(b"who?")
            if asking.poll(60_000):
                answer.append(asking.recv())

    # In a process of its own: the kernel is forked from this one, which must have no second thread.
    if (client := os.fork()) == 0:
        with contextlib.suppress(BaseException):
            asks()
        os._exit(0 if answer == [b"who?"] else 1)
    ends = None
    try:
        kernel_answer = ways.locked(lambda _: computing.answers(address))
        assert kernel_answer is None
        ends = os.waitstatus_to_exitcode(os.waitpid(client, 0)[1])
    finally:
        if ends is None:
            os.kill(client, signal.SIGKILL)
            os.waitpid(client, 0)
    assert ends == 0
