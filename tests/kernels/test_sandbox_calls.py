"""A kernel makes no call that reaches others or outlives it, and could without seccomp.

Network, programs, others' processes, and what is left when a kernel has gone.
"""

from __future__ import annotations

import ctypes
import encodings.idna  # noqa: F401  connecting by name imports it, and the test's user can't everywhere
import fcntl
import os
import resource
import socket
import subprocess
from dataclasses import replace

import pytest
from livekernel import sandbox
from livekernel.sandbox import libc, policy
from support.attempts import (
    DENIED,
    DONE,
    WITHOUT_LANDLOCK,
    WITHOUT_SECCOMP,
    Attempt,
    Ways,
    attempt,
    call,
    succeeded,
)
from support.locked_in import Ground


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


def makes_a_pipe(ground: Ground) -> str:
    os.mkfifo(path := ground.scratch / "pipe")
    path.unlink()
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


@pytest.mark.parametrize("attempt", CALLS)
def test_a_kernel_keeps_to_itself_with_landlock_off_too(ways: Ways, attempt: Attempt) -> None:
    assert succeeded(ways.free(attempt))
    assert ways.locked(attempt, ways.offer(landlock_abi=0), WITHOUT_LANDLOCK) == "EPERM"
    assert ways.locked(attempt, required=()) in DENIED


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


def test_calls_that_no_filter_can_read_are_not_there(ways: Ways) -> None:
    def clones(_: Ground) -> str:
        call("clone3", 0, 0)
        return DONE

    assert ways.free(clones) == "EINVAL"
    assert ways.locked(clones) == "ENOSYS"
