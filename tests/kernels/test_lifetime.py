"""No stock kernel outlives its reader, its use, or its server; test_engine.py asks it of forked ones."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import time
from pathlib import Path

import psutil
import pytest
from livekernel.gate.endings import MESSAGES
from support.live_server import LiveProcess, notebook, stock_server, wait_for, write_notebooks

NOTEBOOKS = {
    "posts/quick": notebook(("print('quick')", "live")),
    "posts/slow": notebook(("import time; time.sleep(600)",), ("print('never')", "live")),
    "posts/busy": notebook(
        ("import threading; threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()", "live")
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_notebooks(tmp_path, NOTEBOOKS)
    return tmp_path


def post_without_reading(live: LiveProcess, path: str) -> socket.socket:
    """Ask for a page and leave the connection open."""
    connection = socket.create_connection(("127.0.0.1", live.port))
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{live.port}",
        f"Origin: {live.origin}",
        f"X-Live-Token: {live.token()}",
        f"Cookie: {live.cookie}",
        "Content-Length: 0",
    )
    connection.sendall("\r\n".join((*lines, "", "")).encode())
    return connection


def why_ended(live: LiveProcess) -> str:
    """Give the reason that the owner of the last kernel is told."""
    kernel = re.findall(r"Kernel started: (\S+)", live.log.read_text())[-1]
    status, _, text = live.ask(f"/live/api/kernels/{kernel}", headers=live.own())
    assert status == 410
    told = json.loads(text)
    assert told["message"] == MESSAGES[told["reason"]]
    return str(told["reason"])


def all_gone(kernels: list[psutil.Process]) -> bool:
    return not any(kernel.is_running() and kernel.status() != psutil.STATUS_ZOMBIE for kernel in kernels)


def test_a_kernel_without_a_page_ends(root: Path) -> None:
    with stock_server(root, "--unwatched", "1") as live:
        assert live.start("/live/render/posts/quick")[0] == 200
        kernels = live.kernels()
        assert len(kernels) == live.sessions() == 1
        wait_for(lambda: live.sessions() == 0, what="the end of a kernel that no page came for")
        wait_for(lambda: all_gone(kernels), what="the end of its process")
        assert why_ended(live) == "unwatched"


def test_a_kernel_that_works_without_a_page_ends_too(root: Path) -> None:
    with stock_server(root, "--unwatched", "1") as live:
        assert live.start("/live/render/posts/busy")[0] == 200
        wait_for(lambda: live.sessions() == 0, what="the end of a busy kernel")


def test_an_unused_kernel_ends(root: Path) -> None:
    with stock_server(root, "--idle", "1") as live:
        assert live.start("/live/render/posts/quick")[0] == 200
        wait_for(lambda: live.sessions() == 0, what="the end of an unused kernel")
        assert "inactivity" in live.log.read_text()
        assert why_ended(live) == "idle"


def test_a_reader_who_leaves_while_the_notebook_runs_takes_the_kernel_along(root: Path) -> None:
    with stock_server(root, "--unwatched", "600") as live:
        with post_without_reading(live, "/live/render/posts/slow"):
            wait_for(lambda: live.kernels() and live.sessions() == 1, what="a kernel")
        kernels = live.kernels()
        wait_for(lambda: live.sessions() == 0, what="the end of the kernel")
        wait_for(lambda: all_gone(kernels), what="the end of its process")


def test_a_notebook_that_takes_too_long_is_given_up(root: Path) -> None:
    with stock_server(root, "--start", "3") as live:
        text = live.start("/live/render/posts/slow")[2]
        assert re.search(r'data-live-failure="[^"]*not done in time; it stopped in its cell 1', text)
        assert "never" not in text
        wait_for(lambda: live.sessions() == 0, what="the end of the kernel")


def test_while_one_notebook_runs_the_server_answers(root: Path) -> None:
    with stock_server(root) as live, post_without_reading(live, "/live/render/posts/slow") as waiting:
        waiting.settimeout(30)
        head = b""
        while b"voila.js" not in head:  # the page's head comes before its kernel
            head += waiting.recv(65536)
        assert b"never" not in head
        assert live.start("/live/render/posts/quick")[0] == 200
        assert live.sessions() == 2


def test_one_place_is_given_to_one_reader(root: Path) -> None:
    with stock_server(root, "--kernels", "1") as live:
        asked = [post_without_reading(live, "/live/render/posts/quick") for _ in range(4)]
        answers = []
        for connection in asked:
            connection.settimeout(60)
            with connection:
                answers.append(connection.recv(12).decode())
        assert sorted(answers) == ["HTTP/1.1 200", *["HTTP/1.1 503"] * 3]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_every_kernel(root: Path, sign: signal.Signals) -> None:
    with stock_server(root) as live:
        with post_without_reading(live, "/live/render/posts/slow"):
            assert live.start("/live/render/posts/quick")[0] == 200
            wait_for(lambda: len(live.kernels()) == 2, what="two kernels")
            kernels = live.kernels()
            begun = time.monotonic()
            for _ in range(3):  # as a terminal, or an impatient user, sends it
                live.process.send_signal(sign)
            assert live.process.wait(10) == 0
        wait_for(lambda: all_gone(kernels), 10 - (time.monotonic() - begun), "the end of the kernels")
        log = live.log.read_text()
        assert "Traceback" not in log
        runtime = root / "state" / "jupyter_runtime_dir"
        assert not list(runtime.rglob("*.json")), "the kernels' keys are left"


def test_kernels_end_when_their_server_is_killed(root: Path) -> None:
    with stock_server(root) as live:
        assert live.start("/live/render/posts/quick")[0] == 200
        kernels = live.kernels()
        os.kill(live.process.pid, signal.SIGKILL)
        live.process.wait()
        try:
            wait_for(lambda: all_gone(kernels), what="the end of the kernels")
        finally:
            for kernel in kernels:
                if kernel.is_running():
                    kernel.kill()
