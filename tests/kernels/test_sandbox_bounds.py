"""A kernel takes no more of the machine than it may: memory, disk, files, threads, processor."""

from __future__ import annotations

import mmap
import resource
import threading
from dataclasses import replace

import pytest
from support.attempts import DONE, MEGABYTE, Attempt, Ways
from support.locked_in import Ground


def takes_memory(_: Ground) -> str:
    mmap.mmap(-1, 512 * MEGABYTE).close()
    return DONE


def writes_much(ground: Ground) -> str:
    big = ground.scratch / "big"
    try:
        with big.open("wb", buffering=0) as file:
            for _ in range(4):
                file.write(bytes(MEGABYTE))
    finally:
        big.unlink()
    return DONE


def opens_much(ground: Ground) -> str:
    opened = [(ground.data / "cube").open("rb") for _ in range(100)]
    for file in opened:
        file.close()
    return DONE


def starts_threads(_: Ground) -> str:
    threading.stack_size(64 * 1024)  # so that it's not the memory that ends it
    end = threading.Event()
    threads = [threading.Thread(target=end.wait) for _ in range(100)]
    try:
        for thread in threads:
            thread.start()
    except RuntimeError:
        return "no more"
    finally:
        end.set()
    return DONE


def dumps_core(_: Ground) -> str:
    return DONE if resource.getrlimit(resource.RLIMIT_CORE)[1] else "none"


@pytest.mark.parametrize(
    ("attempt", "answer"),
    [
        (takes_memory, "ENOMEM"),
        (writes_much, "EFBIG"),
        (opens_much, "EMFILE"),
        (starts_threads, "no more"),
        (dumps_core, "none"),
    ],
)
def test_a_kernel_has_bounds(ways: Ways, attempt: Attempt, answer: str) -> None:
    assert ways.free(attempt) == DONE
    assert ways.locked(attempt) == answer


def test_a_kernel_cannot_raise_its_bounds(ways: Ways) -> None:
    def answer(_: Ground) -> str:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        except ValueError as error:  # Python's own for EPERM
            return str(error)
        return DONE

    assert ways.free(answer) == DONE
    assert ways.locked(answer) == "not allowed to raise maximum limit"


def test_a_kernel_that_computes_too_long_is_killed(ways: Ways) -> None:
    def computes(_: Ground) -> None:
        while True:
            pass

    ways.policy = replace(ways.policy, cpu=1)
    assert ways.locked(computes) == "ended by -9"
