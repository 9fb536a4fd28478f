"""``python -m livekernel``: what the user can mend is one line and exit code 2."""

import json
import os
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest
from livekernel.engine.scratch import USERS
from livekernel.options import parser, settings
from livekernel.settings import MOST_KERNELS, STOCK_KERNELS, Settings
from support.admin_server import served
from support.reports import FULL

NEEDED = ("--port", "0", "--notebooks", ".", "--index", "live.json")


def run(*arguments: str, module: str = "livekernel", **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *arguments]
    environment = {**os.environ, **more}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


def chosen(*arguments: str) -> Settings:
    return settings(parser().parse_args([*NEEDED, *arguments]))


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        options = ("--port", port, "--notebooks", str(tmp_path), "--index", str(tmp_path / "live.json"))
        done = run(*options, TMPDIR=str(tmp_path))
    assert list(tmp_path.iterdir()) == []
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
        (("--notebooks", ".", "--kernels", "401"), "--kernels 401: give a whole number from 1 to 400"),
        (("--notebooks", ".", "--kernels", "2.5"), "--kernels 2.5"),
        (("--notebooks", ".", "--kernels", ""), "--kernels : give a whole number"),
        (("--notebooks", ".", "--per-address", "0"), "--per-address 0"),
        (("--notebooks", ".", "--starts-per-minute", "-3"), "--starts-per-minute -3"),
        (("--notebooks", ".", "--waiting", "many"), "--waiting many"),
        (("--notebooks", ".", "--idle", "-1"), "--idle -1"),
        (("--notebooks", ".", "--idle", "nan"), "--idle nan: give seconds above zero"),
        (("--notebooks", ".", "--life", "inf"), "--life inf"),
        (("--notebooks", ".", "--memory", "0"), "--memory 0: give MB above zero"),
        (("--notebooks", ".", "--libraries", "numpy,os;x"), "--libraries os;x: give names of modules"),
        (("--notebooks", ".", "--engine", "fork"), "--engine invalid choice: 'fork'"),
        (("--notebooks", ".", "--port", "70000"), "--port 70000"),
        (("--notebooks", ".", "--admin-port", "70000"), "--admin-port 70000"),
        (("--notebooks", ".", "--address", "192.0.2.254"), "192.0.2.254"),
        (("--notebooks", ".", "@nowhere.options"), "nowhere.options"),
    ],
)
def test_values_that_make_no_sense(arguments: tuple[str, ...], says: str) -> None:
    done = run("--port", "0", "--index", "live.json", *arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("livekernel: ")
    assert says in done.stderr


def test_what_is_not_asked_for_is_as_the_settings_have_it() -> None:
    read, defaults = chosen(), {field.name: field.default for field in fields(Settings)}
    told = {field.name: getattr(read, field.name) for field in fields(Settings)}
    asked = {"notebooks", "index", "port", *(() if sys.platform == "linux" else ("engine",))}
    assert {name: value for name, value in told.items() if name not in asked} == {
        name: value for name, value in defaults.items() if name not in asked
    }
    assert chosen("--engine", "stock").kernels == STOCK_KERNELS
    assert chosen("--engine", "stock", "--kernels", "7").kernels == 7


def test_what_is_asked_for_is_what_is_set(tmp_path: Path) -> None:
    (tmp_path / "live.options").write_text("--kernels=5\n--libraries=numpy, PIL.Image\n--idle=2.5\n")
    read = chosen(f"@{tmp_path / 'live.options'}", "--kernels", "6", "--memory", "0.5", "--waiting", "0")
    assert (read.kernels, read.libraries, read.idle) == (6, ("numpy", "PIL.Image"), 2.5)
    assert (read.memory, read.waiting) == (2**19, 0)
    assert chosen("--libraries", "").libraries == ()


def test_there_are_more_user_ids_than_kernels() -> None:
    assert len(USERS) > MOST_KERNELS


def test_a_taken_port_for_operators_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        options = ("--notebooks", str(tmp_path), "--index", str(tmp_path / "live.json"), "--engine", "stock")
        done = run("--port", "0", *options, "--admin-port", port)
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("livekernel: port")]
    assert (
        line
        == f"livekernel: port {port} can't be taken (Address already in use): choose another --admin-port"
    )


def test_the_report_is_printed_from_inside() -> None:
    with served(FULL) as url:
        done = run(url, module="livekernel.status", http_proxy="http://192.0.2.254")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["sessions"][0]["id"] == FULL.sessions[0].id


def test_where_no_live_server_answers_is_one_line() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", "http://127.0.0.1:x", "ftp://127.0.0.1", "http://"):
        done = run(url, module="livekernel.status")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        assert url in done.stderr


@pytest.mark.parametrize("option", ["--Voila.ip=0.0.0.0", "--theme=dark", "--kernel=3", "rings.ipynb"])
def test_an_unknown_option_is_named(option: str) -> None:
    done = run("--port", "0", "--notebooks", ".", "--index", "live.json", option)
    assert done.returncode == 2
    assert option in done.stderr


def test_help_has_an_example() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "python -m livekernel --port" in done.stdout
