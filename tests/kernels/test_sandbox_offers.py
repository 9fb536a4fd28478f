"""An operator is told what the machine doesn't offer; a kernel that can't be locked in doesn't run."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from livekernel import sandbox
from livekernel.errors import SandboxError
from livekernel.sandbox import Feature, Offer, libc
from support.attempts import DONE, Ways, needs_landlock
from support.locked_in import Ground


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
