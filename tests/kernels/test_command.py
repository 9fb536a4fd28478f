"""``python -m livekernel``: what the user can mend is one line and exit code 2."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "livekernel", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("--port", port, "--notebooks", str(tmp_path), "--index", str(tmp_path / "live.json"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--notebooks", "nowhere"), "nowhere: there is no such folder"),
        (("--notebooks", ".", "--base-url", "live"), "--base-url live"),
        (("--notebooks", ".", "--kernels", "0"), "--kernels 0"),
        (("--notebooks", ".", "--idle", "-1"), "--idle -1"),
        (("--notebooks", ".", "--port", "70000"), "port 70000"),
    ],
)
def test_values_that_make_no_sense(arguments: tuple[str, ...], says: str) -> None:
    done = run("--port", "0", "--index", "live.json", *arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


@pytest.mark.parametrize("option", ["--Voila.ip=0.0.0.0", "--theme=dark", "--kernel=3", "rings.ipynb"])
def test_an_unknown_option_is_named(option: str) -> None:
    done = run("--port", "0", "--notebooks", ".", "--index", "live.json", option)
    assert done.returncode == 2
    assert option in done.stderr


def test_help_has_an_example() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "python -m livekernel --port" in done.stdout
