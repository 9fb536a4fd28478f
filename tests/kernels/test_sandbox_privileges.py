"""A kernel of a server that is root keeps none of root's privileges."""

from __future__ import annotations

import os
import socket
from typing import Any

import pytest
from livekernel import sandbox
from support.attempts import DENIED, WITHOUT_SECCOMP, Attempt, Ways, attempt, needs_root, succeeded
from support.locked_in import KERNEL, Ground

AS_ROOT = [
    pytest.param(attempt(socket.socket, socket.AF_INET, socket.SOCK_RAW, 1), id="raw_socket"),
    pytest.param(attempt(socket.socket, socket.AF_PACKET, socket.SOCK_RAW, 0), id="packets"),
    pytest.param(attempt(os.setuid, 0), id="root"),
    pytest.param(attempt(os.setgroups, [0]), id="groups"),
    pytest.param(attempt(os.chroot, "/"), id="chroot"),
    pytest.param(attempt(os.setpriority, os.PRIO_PROCESS, 0, -1), id="priority"),
]


@needs_root
@pytest.mark.parametrize("ways", ["as root"], indirect=True)
@pytest.mark.parametrize("attempt", AS_ROOT)
def test_a_kernel_of_a_root_server_has_no_privilege_left(ways: Ways, attempt: Attempt) -> None:
    assert succeeded(ways.free(attempt))
    assert ways.locked(attempt, ways.offer(seccomp=False), WITHOUT_SECCOMP[:1]) in DENIED
    assert ways.locked(attempt) in DENIED


@needs_root
@pytest.mark.parametrize("ways", ["as root"], indirect=True)
def test_a_kernel_of_a_root_server_has_its_own_ids_and_no_other_group(ways: Ways) -> None:
    def ids(_: Ground) -> list[Any]:
        os.setgroups([4])
        sandbox.enter(ways.policy)
        return [os.getresuid(), os.getresgid(), os.getgroups()]

    assert ways.free(ids) == [[KERNEL] * 3, [KERNEL] * 3, []]
