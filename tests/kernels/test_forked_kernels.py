"""What a notebook can do in a reader's kernel, and what is told of its life; forked by a real server."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import uuid
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import psutil
import pytest
from livekernel.watch.report import short
from livekernel.wire import PROTOCOL
from support.live_server import (
    FIGURE,
    LiveProcess,
    kernel_of,
    live_server,
    notebook,
    stock_server,
    wait_for,
    write_notebooks,
)
from support.rest import states
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

#: Each attempt is an expression, tried by every reader's kernel; ``zygote`` is its parent as a process.
TRIES = {
    "read passwords": "open('/etc/passwd').read()",
    "read the zygote's environment": "open(f'/proc/{zygote}/environ').read()",
    "read the zygote's memory": "open(f'/proc/{zygote}/mem', 'rb')",
    "list other readers' folders": "os.listdir(os.path.dirname(scratch))",
    "write beside": "open(os.path.join(os.path.dirname(scratch), 'x'), 'w')",
    "write among the notebooks": "open('written', 'w')",
    "write to memory that stays": "open('/dev/shm/live-forked-test', 'w')",
    "write to /tmp": "open('/tmp/live-forked-test', 'w')",
    "start a program": "subprocess.run(['/bin/true'], check=True)",
    "start a shell": "os.system('exit 0') and 1/0",
    "a connection": "socket.create_connection(('127.0.0.1', 9), 1)",
    "a datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "end the zygote": "os.kill(zygote, 15)",
    "stop its group": "os.kill(-os.getpgid(zygote), 19)",
    "be root": "os.setuid(0) or os.getuid() or 1/0",
    "ask for more files": "resource.setrlimit(resource.RLIMIT_NOFILE, (10**5, 10**5))",
}
LEFT = (Path("/dev/shm/live-forked-test"), Path("/tmp/live-forked-test"))

TRYING = """\
import os, resource, socket, subprocess, sys, tempfile
import ipywidgets
warm = os.getpid()
"""
TRIED = f"""\
zygote, scratch = warm, tempfile.gettempdir()
answers = {{}}
for name, source in {TRIES!r}.items():
    if zygote == os.getpid() and "os.kill" in source:
        continue
    try:
        eval(source)
        answers[name] = "done"
    except OSError as error:
        answers[name] = error.strerror
    except Exception as error:
        answers[name] = repr(error)
print("TRIED", repr(answers))
"""

#: What it has, and what has to work.
HAS = """\
print("HAS", repr({
    "written": open(os.path.join(scratch, "x"), "w").write("mine"),
    "home": os.path.expanduser("~") == scratch,
    "notebooks": os.listdir("."),
    "environment": sorted(os.environ),
}))
"""
STUBBORN = """\
import os, signal
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
print("stubborn")
"""

NOTEBOOKS = {
    "posts/figure": notebook(("import numpy", "warm"), (FIGURE, "live")),
    "demos/tries": notebook((TRYING, "warm"), (TRIED,), (HAS,)),
    "demos/stubborn": notebook(("warm = 1", "warm"), (STUBBORN,)),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forked")
    write_notebooks(folder, NOTEBOOKS)
    return folder


@pytest.fixture(scope="module")
def live(root: Path) -> Iterator[LiveProcess]:
    with live_server(root, "--rest", str(root / "rest"), "--unwatched", "4") as running:
        yield running


@pytest.fixture(autouse=True)
def no_kernel_is_left(live: LiveProcess) -> Iterator[None]:
    yield
    live.empty()


def told(page: str, word: str) -> Any:
    found = re.search(rf"{word} (\{{.*\}})", unescape(page))
    assert found, page
    return ast.literal_eval(found[1])


def test_a_notebook_in_a_readers_kernel_gets_nowhere(live: LiveProcess, root: Path) -> None:
    status, _, page = live.start("/live/render/demos/tries")
    assert status == 200
    answers = told(page, "TRIED")
    assert {name: answer for name, answer in answers.items() if answer == "done"} == {}
    assert set(answers) == set(TRIES)
    assert live.start("/live/render/posts/figure")[0] == 200, "the zygotes have not been harmed"
    assert not (root / "notebooks/demos/written").exists()


def test_a_kernel_has_its_own_folder_and_nothing_of_its_servers_environment(live: LiveProcess) -> None:
    has = told(live.start("/live/render/demos/tries")[2], "HAS")
    assert (has["written"], has["home"]) == (4, True)
    assert "tries.ipynb" in has["notebooks"]
    assert "LIVEKERNEL_TEST_SECRET" not in has["environment"]
    assert not [name for name in has["environment"] if name.startswith(("JUPYTER", "JPY"))]


def test_without_the_sandbox_it_would(tmp_path: Path) -> None:
    write_notebooks(tmp_path, {"demos/tries": NOTEBOOKS["demos/tries"]})
    try:
        with stock_server(tmp_path) as stock:
            answers = told(stock.start("/live/render/demos/tries")[2], "TRIED")
    finally:
        for left in LEFT:
            left.unlink(missing_ok=True)
    free = {name for name, answer in answers.items() if answer == "done"}
    assert free >= {name for name in TRIES if name.startswith(("read", "write", "start", "a datagram"))}


def test_what_ignores_signals_ends_all_the_same(live: LiveProcess) -> None:
    status, _, page = live.start("/live/render/demos/stubborn")
    assert (status, "stubborn" in page) == (200, True)
    (kernel,) = live.kernels()
    kernel.terminate()
    assert live.end(kernel_of(page)) == 204
    wait_for(lambda: not kernel.is_running(), 5, "the end of a kernel that does not want to")
    assert live.sessions() == 0


def test_readers_kernels_stand_back(live: LiveProcess) -> None:
    assert live.start("/live/render/posts/figure")[0] == 200
    (kernel,) = live.kernels()
    (server,) = psutil.Process(live.process.pid).children()
    assert kernel.nice() >= server.nice() + 10


def test_a_kernel_has_no_pipe_of_its_zygotes(live: LiveProcess) -> None:
    def pipes(process: psutil.Process) -> set[str]:
        links = (str(one.readlink()) for one in Path(f"/proc/{process.pid}/fd").iterdir())
        return {link for link in links if link.startswith("pipe:")}

    assert live.start("/live/render/posts/figure")[0] == 200
    (kernel,) = live.kernels()
    zygote = kernel.parent()
    assert zygote is not None
    root = zygote.parent()
    assert root is not None
    assert pipes(kernel), "the one that its life hangs on"
    assert not pipes(kernel) & pipes(zygote)
    assert not pipes(zygote) & pipes(root)


def test_models_have_the_same_ids_when_the_server_is_started_again(
    live: LiveProcess, root: Path, tmp_path: Path
) -> None:
    write_notebooks(tmp_path, {"posts/figure": NOTEBOOKS["posts/figure"]})
    with live_server(tmp_path, "--rest", str(tmp_path / "rest")) as again:
        page = again.start("/live/render/posts/figure")[2]
        models = sorted(states(tmp_path / "rest/posts-figure.state"))
    assert models == sorted(states(root / "rest/posts-figure.state")) != []
    assert {*re.findall(r'"model_id": "(\w+)"', page)} <= {*models}


def test_the_log_has_a_sessions_whole_life(live: LiveProcess) -> None:
    where = {"X-Forwarded-For": "203.0.113.77"}
    page = live.start("/live/render/posts/figure", **where)[2]
    kernel = kernel_of(page)

    def life() -> list[dict[str, Any]]:
        lines = [line for line in live.log.read_text().splitlines() if line.startswith("{")]
        return [one for line in lines if (one := json.loads(line)).get("session") == short(kernel)]

    def has(event: str) -> bool:
        return event in [one["event"] for one in life()]

    async def visit() -> None:
        address = (
            f"ws://127.0.0.1:{live.port}/live/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
        )
        asked = HTTPRequest(address, headers=live.own())
        page = await websocket_connect(asked, subprotocols=[PROTOCOL])
        page.close()
        while await asyncio.wait_for(page.read_message(), 30) is not None:
            pass

    for _ in range(2):
        asyncio.run(visit())
    wait_for(lambda: has("ended"), what="the end of a kernel without a page")
    told = life()
    assert [one["event"] for one in told] == ["started", "attached", "lost", "resumed", "lost", "ended"]
    assert {one["notebook"] for one in told} == {"posts/figure"}
    assert (told[0]["address"], told[0]["generation"]) == ("203.0.113.0", 1)
    assert 0 < told[0]["fork_ms"] / 1000 < told[0]["seconds"]
    assert told[-1]["reason"] == "unwatched"
    assert told[-1]["cpu"] >= 0
    assert told[-1]["private"] > 2**20
    text = live.log.read_text()
    assert "203.0.113.77" not in text
