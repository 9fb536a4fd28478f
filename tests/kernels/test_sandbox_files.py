"""A kernel reaches no file but its own and the libraries, and could without Landlock."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.attempts import DENIED, DONE, WITHOUT_SECCOMP, Attempt, Ways, needs_landlock, succeeded
from support.locked_in import Ground


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


@needs_landlock
@pytest.mark.parametrize("attempt", FILES)
def test_a_kernel_reaches_no_file_but_its_own_and_the_libraries(ways: Ways, attempt: Attempt) -> None:
    assert succeeded(ways.free(attempt))
    assert ways.locked(attempt) in DENIED
    # Landlock alone, as Debian 12's Linux 6.1 has it
    assert ways.locked(attempt, ways.offer(landlock_abi=1, seccomp=False), WITHOUT_SECCOMP) in DENIED
