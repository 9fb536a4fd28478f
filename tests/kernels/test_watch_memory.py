"""Figures of processes: texts of Linux as they are, and real children that grow, compute and end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from livekernel.watch import memory
from livekernel.watch.memory import Reading
from support.processes import wait_until

MEGABYTE = 1 << 20

ROLLUP = """\
55dce7df7000-7ffeee3a5000 ---p 00000000 00:00 0                          [rollup]
Rss:                1732 kB
Pss:                 472 kB
Pss_Dirty:           116 kB
Shared_Clean:       1552 kB
Shared_Dirty:          0 kB
Private_Clean:        64 kB
Private_Dirty:       116 kB
Shared_Hugetlb:        0 kB
Private_Hugetlb:    2048 kB
Swap:                 12 kB
SwapPss:               8 kB
Locked:                0 kB
"""

# What a kernel does: opens its own figures, gives up being dumpable, and hands the descriptor over.
CHILD = """
import ctypes, os, socket, sys
from livekernel.watch import memory
over = socket.socket(fileno=int(sys.argv[1]))
mine = memory.opened()
PR_SET_DUMPABLE = 4
assert ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0
socket.send_fds(over, [b"x"], [mine])
kept = []
while asked := over.recv(1):
    if asked == b"m":
        kept.append(bytearray(os.urandom(1)) * (50 << 20))
    elif asked == b"c":
        end = os.times().user + 0.2
        while os.times().user < end:
            pass
    over.sendall(asked)
"""


class Child:
    """A process that grows by 50 MB, or computes for 0.2 s, when it is told to."""

    def __init__(self) -> None:
        import socket

        self.socket, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-c", CHILD, str(theirs.fileno())]
            self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        _, (self.descriptor,), _, _ = socket.recv_fds(self.socket, 1, 1)

    def tell(self, what: bytes) -> None:
        self.socket.sendall(what)
        assert self.socket.recv(1) == what

    def reading(self) -> Reading:
        found = memory.reading(self.descriptor)
        assert found is not None
        return found


@contextmanager
def child() -> Iterator[Child]:
    made = Child()
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        made.socket.close()
        os.close(made.descriptor)


def test_the_text_of_linux_is_read() -> None:
    assert memory.parse_rollup(ROLLUP) == Reading(472 * 1024, (64 + 116 + 2048) * 1024, 8 * 1024)


def test_a_linux_without_shared_swap_tells_the_whole() -> None:
    found = memory.parse_rollup(ROLLUP.replace("SwapPss:               8 kB\n", ""))
    assert found is not None
    assert found.swap == 12 * 1024


@pytest.mark.parametrize("text", ["", "Pss: 1 kB\n", "Pss: x kB", ROLLUP.replace("Private_Dirty", "Other")])
def test_what_is_no_such_text_gives_nothing(text: str) -> None:
    assert memory.parse_rollup(text) is None


@pytest.mark.parametrize("name", ["python3", "a b", "a) R 1 (b", ")", ""])
def test_the_seconds_are_found_behind_any_name(name: str) -> None:
    times = "S 1 1 1 0 -1 4194560 2000 3000 0 0 150 50 30 20 20 0 1 0 12345"
    assert memory.parse_stat(f"42 ({name}) {times}", 100) == 2.5


@pytest.mark.parametrize("text", ["", "42 (python3) S 1", "42 (x) " + "x " * 40])
def test_what_is_no_stat_gives_nothing(text: str) -> None:
    assert memory.parse_stat(text, 100) is None


def test_a_kernel_that_is_not_dumpable_is_still_seen_to_grow() -> None:
    with child() as kernel:
        before = kernel.reading()
        kernel.tell(b"m")
        after = kernel.reading()
    assert after.private + after.swap - before.private - before.swap >= 50 * MEGABYTE
    assert after.pss + after.swap - before.pss - before.swap >= 49 * MEGABYTE


def test_what_a_fork_shares_is_not_its_own() -> None:
    kept = bytearray(os.urandom(1)) * (50 * MEGABYTE)
    ready, done = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(ready[1], b"x")
        os.read(done[0], 1)
        os._exit(0)
    try:
        os.read(ready[0], 1)
        descriptor = memory.opened(pid)
        found = memory.reading(descriptor)
        os.close(descriptor)
    finally:
        os.write(done[1], b"x")
        os.waitpid(pid, 0)
        for end in (*ready, *done):
            os.close(end)
    assert found is not None
    assert found.private < len(kept) // 2
    assert found.pss >= found.private


def test_seconds_of_cpu_grow_with_work_only() -> None:
    with child() as kernel:
        before = memory.cpu_seconds(kernel.process.pid)
        kernel.tell(b"c")
        after = memory.cpu_seconds(kernel.process.pid)
    assert before is not None
    assert after is not None
    assert after - before >= 0.19  # ticks are of 0.01 s


def test_nothing_is_told_of_a_process_that_has_gone() -> None:
    with child() as kernel:
        kernel.process.kill()
        os.waitid(os.P_PID, kernel.process.pid, os.WEXITED | os.WNOWAIT)
        assert memory.reading(kernel.descriptor) is None  # a zombie has no memory
        assert memory.cpu_seconds(kernel.process.pid) is not None
        kernel.process.wait()
        assert memory.reading(kernel.descriptor) is None
        assert memory.cpu_seconds(kernel.process.pid) is None


def test_nothing_is_told_of_what_runs_another_program() -> None:
    ready = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(ready[0], 1)
        os.execv("/bin/sleep", ["sleep", "1000"])  # noqa: S606
    descriptor = memory.opened(pid)
    try:
        assert memory.reading(descriptor) is not None
        os.write(ready[1], b"x")
        wait_until(lambda: memory.reading(descriptor) is None, "the other program")
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        for end in (descriptor, *ready):
            os.close(end)
