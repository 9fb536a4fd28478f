"""A kernel that tries to get out can't, and could without the sandbox: with real processes and calls.

Each attempt is made twice by the same process tree, free (the control: it must work, or nothing would
be shown) and locked in, for a server that is root and gives each kernel a user id of its own, and for
one without privileges, whose kernels have its id.
"""

from __future__ import annotations

import contextlib
import ctypes
import encodings.idna  # noqa: F401  connecting by name imports it, and the test's user can't everywhere
import fcntl
import importlib
import mmap
import os
import resource
import signal
import socket
import subprocess
import threading
import warnings
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyseccomp
import pytest
import zmq
from livekernel import sandbox
from livekernel.errors import SandboxError
from livekernel.sandbox import Feature, Offer, Policy, libc, policy
from support.locked_in import KERNEL, ROOT, SERVER, Ground, ground, kernel

DONE = "done"
#: What a rule answers: seccomp and lost rights EPERM, Landlock and modes EACCES.
DENIED = ("EPERM", "EACCES")
MEGABYTE = 1 << 20
WITHOUT_LANDLOCK = (Feature.NO_NEW_PRIVILEGES, Feature.SECCOMP)
WITHOUT_SECCOMP = (Feature.NO_NEW_PRIVILEGES, Feature.LANDLOCK)

Attempt = Callable[[Ground], object]

needs_root = pytest.mark.skipif(not ROOT, reason="only root can give a kernel a user id of its own")
needs_landlock = pytest.mark.skipif(not sandbox.offered().landlock_abi, reason="this Linux has no Landlock")


@pytest.fixture(params=[pytest.param("as root", marks=needs_root), "unprivileged"])
def way(request: pytest.FixtureRequest) -> str:
    sandbox.prepare()
    return str(request.param)


@pytest.fixture
def place(way: str) -> Iterator[Ground]:
    with ground(SERVER, KERNEL if way == "as root" else SERVER) as made:
        yield made


class Ways:
    """Does one thing in a kernel, free or locked in."""

    def __init__(self, way: str, place: Ground) -> None:
        self.place = place
        self.server = None if way == "as root" else SERVER
        self.policy = Policy(
            scratch=place.scratch,
            readable=(*sandbox.code(), place.data),
            address_space=_address_space() + 256 * MEGABYTE,
            cpu=60,
            tasks=_tasks(KERNEL if way == "as root" else SERVER) + 16,
            open_files=64,
            file_size=MEGABYTE,
            user=KERNEL if way == "as root" else None,
        )

    def free(self, attempt: Attempt) -> Any:
        return kernel(self.place, lambda: None, attempt, server=self.server)

    def locked(
        self, attempt: Attempt, offer: Offer | None = None, required: Collection[Feature] = sandbox.REQUIRED
    ) -> Any:
        return kernel(
            self.place,
            lambda: sandbox.enter(self.policy, required=required, available=offer),
            attempt,
            server=self.server,
        )

    def offer(self, **changes: Any) -> Offer:
        """What the machine offers to the kernel's server, with changes."""
        offer = sandbox.offered()
        return replace(offer, **{"own_user": offer.own_user and self.server is None, **changes})


@pytest.fixture
def ways(way: str, place: Ground) -> Ways:
    return Ways(way, place)


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE


def _tasks(user: int) -> int:
    """How many threads there are of that user id: Linux counts them all."""
    return sum(
        len(list((process / "task").iterdir()))
        for process in Path("/proc").glob("[0-9]*")
        if process.exists() and process.stat().st_uid == user
    )


def call(name: str, *arguments: int) -> int:
    return libc.call(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name), *arguments)


def attempt(function: Callable[..., object], *arguments: Any, **named: Any) -> Attempt:
    """Put a call that needs nothing of the ground as an attempt."""

    def made(_: Ground) -> str:
        function(*arguments, **named)
        return DONE

    return made


# Files: Landlock's.


def reads_passwords(_: Ground) -> str:
    Path("/etc/passwd").read_bytes()
    return DONE


def reads_another_kernels(ground: Ground) -> str:
    (ground.other / "state").read_bytes()
    return DONE


def lists_another_kernels(ground: Ground) -> str:
    list(ground.other.iterdir())
    return DONE


def reads_its_servers_status(ground: Ground) -> str:
    Path(f"/proc/{ground.server}/status").read_bytes()
    return DONE


def writes_outside(ground: Ground) -> str:
    (ground.outside / "left").write_bytes(b"x")
    return DONE


def makes_a_folder_outside(ground: Ground) -> str:
    (ground.outside / "folder").mkdir()
    (ground.outside / "folder").rmdir()
    return DONE


def writes_data(ground: Ground) -> str:
    with (ground.data / "cube").open("ab"):
        return DONE


def links_out(ground: Ground) -> str:
    """Through a link in its own folder."""
    (link := ground.scratch / "link").unlink(missing_ok=True)
    link.symlink_to("/etc/passwd")
    link.read_bytes()
    return DONE


def makes_a_pipe(ground: Ground) -> str:
    os.mkfifo(path := ground.scratch / "pipe")
    path.unlink()
    return DONE


FILES = [
    reads_passwords,
    reads_another_kernels,
    lists_another_kernels,
    reads_its_servers_status,
    writes_outside,
    makes_a_folder_outside,
    writes_data,
    links_out,
]


# Network, programs, others' processes, what outlives a kernel: seccomp's.


def connects_by_tcp(ground: Ground) -> str:
    socket.create_connection(ground.tcp.getsockname()).close()
    return DONE


def listens_by_tcp(_: Ground) -> str:
    socket.create_server(("127.0.0.1", 0)).close()
    return DONE


def sends_by_udp(ground: Ground) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.sendto(b"x", ground.udp.getsockname())
    return DONE


def connects_to_a_service(ground: Ground) -> str:
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(ground.path(ground.unix))
    return DONE


def sends_to_a_service(ground: Ground) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.sendto(b"x", ground.path(ground.datagrams))
    return DONE


def sends_from_a_pair(ground: Ground) -> str:
    one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, two:
        one.sendmsg([b"x"], [], 0, ground.path(ground.datagrams))
    return DONE


def forks(_: Ground) -> str:
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return DONE


def executes(_: Ground) -> str:
    os.execv("/bin/sh", ["sh", "-c", "exit 0"])  # noqa: S606


def executes_a_descriptor(_: Ground) -> str:
    os.execve(os.open("/bin/sh", os.O_RDONLY), ["sh", "-c", "exit 0"], {})  # noqa: S606


def signals_its_server(ground: Ground) -> str:
    os.kill(ground.server, 0)
    return DONE


def signals_a_thread_of_its_server(ground: Ground) -> str:
    call("tgkill", ground.server, ground.server, 0)
    return DONE


def signals_by_descriptor(ground: Ground) -> str:
    call("pidfd_send_signal", os.pidfd_open(ground.server), 0, 0, 0)
    return DONE


def signals_by_a_files_owner(ground: Ground) -> str:
    """A file that is ready sends its owner a signal, and any that was chosen."""
    one, two = socket.socketpair()
    with one, two:
        fcntl.fcntl(one, fcntl.F_SETOWN, ground.server)
    return DONE


def traces_its_server(ground: Ground) -> str:
    seize = 0x4206
    call("ptrace", seize, ground.server, 0, 0)
    return DONE


def reads_its_servers_memory(ground: Ground) -> str:
    word = ctypes.create_string_buffer(b"secret")  # at the same address in both: one is the other's fork
    there, here = (
        (ctypes.c_size_t * 2)(ctypes.addressof(word), 6),
        (ctypes.c_size_t * 2)(ctypes.addressof(ctypes.create_string_buffer(8)), 6),
    )
    call("process_vm_readv", ground.server, ctypes.addressof(here), 1, ctypes.addressof(there), 1, 0)
    return DONE


def limits_its_server(ground: Ground) -> str:
    bounds = resource.prlimit(ground.server, resource.RLIMIT_CORE)
    resource.prlimit(ground.server, resource.RLIMIT_CORE, bounds)
    return DONE


def slows_its_server(ground: Ground) -> str:
    os.setpriority(os.PRIO_PROCESS, ground.server, os.getpriority(os.PRIO_PROCESS, ground.server))
    return DONE


def moves_its_server(ground: Ground) -> str:
    os.sched_setaffinity(ground.server, os.sched_getaffinity(ground.server))
    return DONE


def puts_its_server_last(ground: Ground) -> str:
    os.sched_setscheduler(ground.server, os.SCHED_IDLE, os.sched_param(0))
    return DONE


def empties_what_it_reads(ground: Ground) -> str:
    """Landlock doesn't see this before ABI 3."""
    os.close(os.open(ground.data / "cube", os.O_RDONLY | os.O_TRUNC))
    return DONE


def empties_by_name(ground: Ground) -> str:
    os.truncate(ground.data / "cube", 0)
    return DONE


def hides_data_from_others(ground: Ground) -> str:
    (ground.data / "cube").chmod(0o644)
    return DONE


def keeps_shared_memory(_: Ground) -> str:
    private, remove = 0, 0
    call("shmctl", call("shmget", private, 4096, 0o600), remove, 0)
    return DONE


def becomes_itself(_: Ground) -> str:
    os.setuid(os.getuid())
    return DONE


CALLS = [
    connects_by_tcp,
    listens_by_tcp,
    sends_by_udp,
    connects_to_a_service,
    sends_to_a_service,
    sends_from_a_pair,
    forks,
    executes,
    executes_a_descriptor,
    signals_its_server,
    signals_a_thread_of_its_server,
    signals_by_descriptor,
    signals_by_a_files_owner,
    traces_its_server,
    reads_its_servers_memory,
    limits_its_server,
    slows_its_server,
    moves_its_server,
    puts_its_server_last,
    empties_what_it_reads,
    empties_by_name,
    hides_data_from_others,
    makes_a_pipe,
    keeps_shared_memory,
    becomes_itself,
    pytest.param(attempt(subprocess.run, ["/bin/true"], check=True), id="starts_a_program"),
    pytest.param(attempt(os.memfd_create, "x"), id="makes_memory_that_no_limit_counts"),
    pytest.param(attempt(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW, 0), id="asks_linux_for_routes"),
    pytest.param(attempt(libc.prctl, libc.PR_SET_DUMPABLE, 1), id="is_dumpable_again"),
    pytest.param(attempt(os.setsid), id="leaves_its_session"),
    pytest.param(attempt(call, "unshare", 0x10000000), id="makes_a_user_namespace"),
    pytest.param(attempt(call, "personality", 0xFFFFFFFF), id="asks_for_its_personality"),
]
AS_ROOT = [
    pytest.param(attempt(socket.socket, socket.AF_INET, socket.SOCK_RAW, 1), id="raw_socket"),
    pytest.param(attempt(socket.socket, socket.AF_PACKET, socket.SOCK_RAW, 0), id="packets"),
    pytest.param(attempt(os.setuid, 0), id="root"),
    pytest.param(attempt(os.setgroups, [0]), id="groups"),
    pytest.param(attempt(os.chroot, "/"), id="chroot"),
    pytest.param(attempt(os.setpriority, os.PRIO_PROCESS, 0, -1), id="priority"),
]


def succeeded(answer: Any) -> bool:
    return answer in (DONE, "ended by 0")


@needs_landlock
@pytest.mark.parametrize("attempt", FILES)
def test_a_kernel_reaches_no_file_but_its_own_and_the_libraries(ways: Ways, attempt: Attempt) -> None:
    assert succeeded(ways.free(attempt))
    assert ways.locked(attempt) in DENIED
    # Landlock alone, as Debian 12's Linux 6.1 has it
    assert ways.locked(attempt, ways.offer(landlock_abi=1, seccomp=False), WITHOUT_SECCOMP) in DENIED


@pytest.mark.parametrize("attempt", CALLS)
def test_a_kernel_keeps_to_itself_with_landlock_off_too(ways: Ways, attempt: Attempt) -> None:
    assert succeeded(ways.free(attempt))
    assert ways.locked(attempt, ways.offer(landlock_abi=0), WITHOUT_LANDLOCK) == "EPERM"
    assert ways.locked(attempt, required=()) in DENIED


@needs_root
@pytest.mark.parametrize("way", ["as root"], indirect=True)
@pytest.mark.parametrize("attempt", AS_ROOT)
def test_a_kernel_of_a_root_server_has_no_privilege_left(ways: Ways, attempt: Attempt) -> None:
    assert succeeded(ways.free(attempt))
    assert ways.locked(attempt, ways.offer(seccomp=False), WITHOUT_SECCOMP[:1]) in DENIED
    assert ways.locked(attempt) in DENIED


@pytest.mark.skipif(
    sandbox.offered().landlock_abi < policy.SIGNALS_ABI, reason="this Landlock has no rules for signals"
)
@pytest.mark.parametrize("attempt", [connects_by_tcp, listens_by_tcp, signals_its_server])
def test_landlock_denies_tcp_and_signals_by_itself(ways: Ways, attempt: Attempt) -> None:
    offer = ways.offer(seccomp=False)
    assert ways.locked(attempt, replace(offer, own_user=False), WITHOUT_SECCOMP) in DENIED
    without = replace(offer, landlock_abi=1, own_user=False)
    if ways.server is not None:  # else the right to signal went with root's capabilities
        assert succeeded(ways.locked(attempt, without, WITHOUT_SECCOMP))


@needs_root
@pytest.mark.parametrize("way", ["as root"], indirect=True)
def test_a_kernel_of_a_root_server_has_its_own_ids_and_no_other_group(ways: Ways) -> None:
    def ids(_: Ground) -> list[Any]:
        os.setgroups([4])
        sandbox.enter(ways.policy)
        return [os.getresuid(), os.getresgid(), os.getgroups()]

    assert ways.free(ids) == [[KERNEL] * 3, [KERNEL] * 3, []]


def test_calls_that_no_filter_can_read_are_not_there(ways: Ways) -> None:
    def clones(_: Ground) -> str:
        call("clone3", 0, 0)
        return DONE

    assert ways.free(clones) == "EINVAL"
    assert ways.locked(clones) == "ENOSYS"


# Resources.


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


# What must work.


def test_a_kernel_signals_itself_and_its_threads(ways: Ways) -> None:
    def signals(_: Ground) -> list[str]:
        came: list[str] = []
        signal.signal(signal.SIGUSR1, lambda *_: came.append("process"))
        signal.signal(signal.SIGUSR2, lambda *_: came.append("thread"))
        os.kill(os.getpid(), signal.SIGUSR1)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR2)
        return came

    assert ways.locked(signals) == ["process", "thread"]


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
        ways.policy, file_size=8 * MEGABYTE, address_space=_address_space() + 1024 * MEGABYTE
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


# What a machine doesn't offer, and what an operator is told.


def entering(ways: Ways, offer: Offer, required: Collection[Feature]) -> Any:
    """Enter in a kernel; returns what was said of it, and whether anything was changed."""

    def enters(_: Ground) -> list[Any]:
        try:
            entered = sandbox.enter(ways.policy, required=required, available=offer)
        except SandboxError as error:
            return [str(error), libc.prctl(libc.PR_GET_NO_NEW_PRIVS)]
        return [sorted(entered.missing), libc.prctl(libc.PR_GET_NO_NEW_PRIVS)]

    return ways.free(enters)


def test_what_is_required_and_not_offered_is_an_error_before_anything_is_done(ways: Ways) -> None:
    nothing = Offer(no_new_privileges=True, own_user=False, landlock_abi=0, seccomp=False)
    said = "no sandbox for kernels: this machine doesn't offer Landlock for files, seccomp"
    assert entering(ways, nothing, sandbox.REQUIRED) == [said, 0]


def test_what_is_not_required_is_reported(ways: Ways) -> None:
    old = ways.offer(landlock_abi=2, own_user=False)
    missing = ["Landlock for TCP", "Landlock for signals", "a user id of its own"]
    assert entering(ways, old, sandbox.REQUIRED) == [missing, 1]
    assert entering(ways, ways.offer(landlock_abi=4), ())[0][:1] == ["Landlock for signals"]


def test_a_kernel_with_a_second_thread_is_refused(ways: Ways) -> None:
    def enters(_: Ground) -> str:
        end = threading.Event()
        thread = threading.Thread(target=end.wait)
        thread.start()
        try:
            sandbox.enter(ways.policy)
        except SandboxError as error:
            return str(error)
        finally:
            end.set()
        return DONE

    assert ways.free(enters) == ("no sandbox for a kernel: a second thread runs in it, and would stay free")


@needs_landlock
def test_a_scratch_folder_that_is_not_there_is_an_error_and_a_missing_path_is_told(ways: Ways) -> None:
    gone = ways.place.data / "gone"

    def enters(_: Ground) -> list[str]:
        return [str(path) for path in sandbox.enter(ways.policy).unreadable]

    ways.policy = replace(ways.policy, readable=(gone, ways.place.data))
    assert ways.free(enters) == [str(gone)]
    ways.policy = replace(ways.policy, scratch=gone)
    assert "SandboxError: no sandbox for a kernel: [Errno 2]" in ways.free(enters)
