"""The limits that an operator sets hold at the gate of a running server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from support.live_server import LiveProcess, live_server, notebook, write_notebooks

PAGE = "/live/render/posts/quick"
OPTIONS = ("--kernels=3", "--per-address=1", "--starts-per-minute=2", "--waiting=1")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    write_notebooks(root, {"posts/quick": notebook(("print('quick')", "live"))})
    # By way of a file, as in the container.
    (root / "live.options").write_text("".join(f"{option}\n" for option in OPTIONS))
    with live_server(root, f"@{root / 'live.options'}") as running:
        yield running


@pytest.fixture(autouse=True)
def no_kernel_is_left(live: LiveProcess) -> Iterator[None]:
    yield
    live.empty()


@pytest.fixture(scope="module")
def hall(live: LiveProcess) -> list[LiveProcess]:
    """Browsers, each in a network of its own."""
    return [live.another_browser() for _ in range(9)]


def ask(hall: list[LiveProcess], network: int) -> tuple[int, str, int]:
    """Ask for a session; give the status, what is said, and the place in the line."""
    named = {"X-Forwarded-For": f"192.0.2.{network}", "Accept": "application/json"}
    status, _, text = hall[network].start(PAGE, **named)
    told = {} if status == 200 else json.loads(text)
    return status, told.get("message", ""), told.get("place", 0)


def test_kernels_in_all_and_places_in_the_line(hall: list[LiveProcess]) -> None:
    assert [ask(hall, network)[0] for network in (3, 4, 5)] == [200, 200, 200]
    status, message, place = ask(hall, 6)
    assert (status, place) == (503, 1)
    assert message == "All kernels are busy. You are number 1 in line."
    status, message, place = ask(hall, 7)
    assert (status, place) == (503, 0)
    assert message == "All kernels are busy, and the line is full."


def test_sessions_and_starts_of_an_address(live: LiveProcess, hall: list[LiveProcess]) -> None:
    assert ask(hall, 1)[0] == 200
    status, message, _ = ask(hall, 1)
    assert (status, message) == (429, "As many live figures run in your network as may: 1.")
    assert ask(hall, 2)[0] == 200
    live.empty()
    assert ask(hall, 1)[0] == 200
    live.empty()
    status, message, _ = ask(hall, 1)
    assert status == 429
    assert "within a minute" in message
