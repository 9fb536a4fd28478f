"""Readers' kernels are forked from a zygote that is warm, and nothing of them is left; a real server."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from support.live_server import (
    FIGURE,
    LiveProcess,
    kernel_of,
    live_server,
    notebook,
    wait_for,
    write_notebooks,
)
from support.rest import states

HERE = """\
import os, random, sys
import ipywidgets
import numpy
drawn = ipywidgets.Label(f"{os.getpid()}")
drawn
"""
WARM = """\
import os
warm = os.getpid()
"""
EACH = """\
import random, numpy
print("mine", os.getpid() != warm, random.random(), numpy.random.rand())
"""
PRINTS = """\
import ipywidgets as widgets
inside = widgets.Output()
with inside:
    print("within the output")
inside
"""
THREAD = """\
import threading
threading.Thread(target=threading.Event().wait, name="mine", daemon=True).start()
"""
WRITING = "log = open('/dev/shm/live-test', 'w')"

NOTEBOOKS = {
    "posts/figure": notebook(("import numpy", "warm"), (FIGURE, "live")),
    "posts/here": notebook((HERE, "live")),
    "posts/prints": notebook((PRINTS, "live")),
    "posts/broken": notebook(("fine = 1", "warm"), ("1 / 0", "warm"), ("print('live')", "live")),
    "posts/slow": notebook(("import time; time.sleep(600)", "warm"), ("print('live')", "live")),
    "posts/thread": notebook(("fine = 1", "warm"), (THREAD + "print('each')", "live")),
    "posts/warm-thread": notebook((THREAD, "warm"), ("print('live')", "live")),
    "posts/writing": notebook(("fine = 1", "warm"), (WRITING, "live")),
    "demos/each": notebook((WARM, "warm"), (EACH,)),
    "posts/other": notebook(("print('julia')", "live"), kernel="julia", language="julia"),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("live")
    write_notebooks(folder, NOTEBOOKS)
    return folder


@pytest.fixture(scope="module")
def live(root: Path) -> Iterator[LiveProcess]:
    options = ("--start", "8", "--admin-file", str(root / "admin"), "--rest", str(root / "rest"))
    with live_server(root, *options) as running:
        yield running


@pytest.fixture(autouse=True)
def no_kernel_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "live" in request.fixturenames:
        running: LiveProcess = request.getfixturevalue("live")
        running.empty()


def report(root: Path) -> dict[str, Any]:
    with urllib.request.urlopen((root / "admin").read_text().strip() + "/status", timeout=10) as answer:  # noqa: S310
        told: dict[str, Any] = json.loads(answer.read())
    return told


def generation(root: Path, key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in report(root)["generations"] if one["notebook"] == key)
    return found


def zygote_of(kernel: psutil.Process) -> psutil.Process:
    parent = kernel.parent()
    assert parent is not None
    assert parent.name().startswith("zygote")
    return parent


def test_a_kernel_is_a_child_of_its_notebooks_zygote_which_is_one_of_the_root(live: LiveProcess) -> None:
    assert live.start("/live/render/posts/figure")[0] == 200
    assert live.start("/live/render/posts/here")[0] == 200
    first, second = live.kernels()
    zygotes = {zygote_of(first), zygote_of(second)}
    assert {zygote.name() for zygote in zygotes} == {"zygote figure", "zygote here"}
    assert {zygote.parent() for zygote in zygotes} == {
        child for child in live.processes() if child.name() == "zygote"
    }


def test_a_whole_notebook_is_run_once_for_all(live: LiveProcess, root: Path) -> None:
    pages = [live.start("/live/render/posts/here")[2] for _ in range(2)]
    models = [re.findall(r'"model_id": "(\w+)"', page) for page in pages]
    assert models[0] == models[1] != []
    assert len(live.kernels()) == 2
    assert generation(root, "posts/here")["way"] == "all cells"


def test_what_is_not_warm_is_run_by_each_reader_with_chances_of_its_own(live: LiveProcess) -> None:
    pages = [live.start("/live/render/demos/each")[2] for _ in range(2)]
    drawn = [re.findall(r"mine (\w+) ([\d.e-]+) ([\d.e-]+)", page)[0] for page in pages]
    assert [own for own, *_ in drawn] == ["True", "True"]
    assert drawn[0][1] != drawn[1][1]
    assert drawn[0][2] != drawn[1][2]


def test_what_is_printed_into_an_output_is_in_the_state_at_rest(live: LiveProcess, root: Path) -> None:
    found = states(root / "rest" / "posts-prints.state")
    (output,) = [one["state"] for one in found.values() if one["model_name"] == "OutputModel"]
    assert output["outputs"][0]["text"] == "within the output\n"


@pytest.mark.parametrize(
    ("key", "cell", "reason"),
    [
        ("posts/broken", 2, "ZeroDivisionError"),
        ("posts/slow", 1, "not done within 8 s"),
        ("posts/warm-thread", 1, "the thread 'mine'"),
        ("posts/other", None, "written in julia"),
    ],
)
def test_a_notebook_that_cannot_be_warmed_says_why_and_the_others_serve(
    live: LiveProcess, root: Path, key: str, cell: int | None, reason: str
) -> None:
    told = generation(root, key)
    assert (told["state"], told["cell"]) == ("unavailable", cell)
    assert reason in told["reason"]
    status, _, text = live.start(f"/live/render/{key}")
    assert status == 503
    assert "not available" in text
    assert reason not in text
    assert live.start("/live/render/posts/figure")[0] == 200


@pytest.mark.parametrize(
    ("key", "reason"), [("posts/thread", "the thread 'mine'"), ("posts/writing", "/dev/shm/live-test")]
)
def test_what_cannot_be_shared_is_run_by_each_reader(
    live: LiveProcess, root: Path, key: str, reason: str
) -> None:
    told = generation(root, key)
    assert (told["state"], told["way"]) == ("ready", "warm cells")
    assert reason in told["reason"]
    assert live.start(f"/live/render/{key}")[0] == 200


def test_thirty_at_once(root: Path, tmp_path: Path) -> None:
    write_notebooks(tmp_path, {"posts/here": NOTEBOOKS["posts/here"]})
    from concurrent.futures import ThreadPoolExecutor

    with live_server(tmp_path, "--kernels", "30") as live:
        readers = [live.another_browser() for _ in range(30)]

        def start(place: int) -> int:
            # Of several networks: one may not start so many.
            return readers[place].start("/live/render/posts/here", **{"X-Forwarded-For": f"192.0.2.{place}"})[
                0
            ]

        with ThreadPoolExecutor(30) as pool:
            assert list(pool.map(start, range(30))) == [200] * 30
        assert len({kernel.pid for kernel in live.kernels()}) == 30


def test_a_killed_kernel_frees_its_place_and_its_reader_may_ask_why(live: LiveProcess) -> None:
    page = live.start("/live/render/posts/figure")[2]
    (kernel,) = live.kernels()
    kernel.kill()
    wait_for(lambda: live.sessions() == 0, 5, "the end of a session whose kernel was killed")
    found = re.search(r'data-live-kernel="([^"]+)"', page)
    assert found
    status, _, text = live.ask(found[1], headers=live.own())
    assert status == 410
    assert json.loads(text)["reason"] == "died"


def test_kernels_of_a_dead_zygote_live_on_and_a_new_one_takes_its_place(
    live: LiveProcess, root: Path
) -> None:
    before = generation(root, "posts/figure")["number"]
    assert live.start("/live/render/posts/figure")[0] == 200
    (kernel,) = live.kernels()
    zygote_of(kernel).kill()
    wait_for(lambda: generation(root, "posts/figure")["number"] > before, what="a new generation")
    wait_for(lambda: generation(root, "posts/figure")["state"] == "ready", what="its warmth")
    assert kernel.is_running()
    assert live.sessions() == 1
    assert kernel.parent() == psutil.Process(live.process.pid), "the supervisor adopts it"
    assert live.start("/live/render/posts/figure")[0] == 200


def test_a_changed_notebook_makes_a_generation_beside_the_old_one(live: LiveProcess, root: Path) -> None:
    text = live.start("/live/render/posts/prints")[2]
    (kernel,) = live.kernels()
    path = root / "notebooks/posts/prints.ipynb"
    node = nbformat.read(path, as_version=4)
    node.cells[0].source += "\n# changed"
    nbformat.write(node, path)
    wait_for(
        lambda: (
            [one["state"] for one in report(root)["generations"] if one["notebook"] == "posts/prints"]
            == ["ready", "retiring"]
        ),
        what="a second generation",
    )
    assert kernel.is_running()
    again = live.start("/live/render/posts/prints")[2]
    models = [re.findall(r'"model_id": "(\w+)"', page) for page in (text, again)]
    assert models[0] == models[1] != [], "model ids are the same in every generation"
    kernel.kill()
    wait_for(
        lambda: len([one for one in report(root)["generations"] if one["notebook"] == "posts/prints"]) == 1,
        what="the end of the old generation with its last reader",
    )


def test_a_signal_renews_every_generation(live: LiveProcess, root: Path) -> None:
    before = generation(root, "posts/here")["number"]
    live.process.send_signal(signal.SIGHUP)
    wait_for(
        lambda: (told := generation(root, "posts/here"))["number"] > before and told["state"] == "ready",
        what="a new generation",
    )


def left_of(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("victim", ["supervisor", "server", "root"])
def test_nothing_is_left_whoever_is_killed(tmp_path: Path, victim: str) -> None:
    write_notebooks(tmp_path, {"posts/here": NOTEBOOKS["posts/here"]})
    with live_server(tmp_path) as live:
        assert live.start("/live/render/posts/here")[0] == 200
        processes = live.processes()
        server = psutil.Process(live.process.pid).children()[0]
        (kernel,) = live.kernels()
        sockets = [Path(one.laddr) for one in kernel.net_connections("unix") if one.laddr]
        folder = next(path for path in sockets if path.name == "k-1").parent.parent
        victims = {"supervisor": live.process.pid, "server": server.pid}
        victims["root"] = next(one.pid for one in processes if one.name() == "zygote")
        os.kill(victims[victim], signal.SIGKILL)
        if victim == "root":
            wait_for(lambda: live.start("/live/render/posts/here")[0] == 200, what="a start without the root")
            live.process.terminate()
        live.process.wait(20)
        wait_for(lambda: not left_of(processes), 10, "the end of every process")
        wait_for(lambda: not folder.exists(), 5, "the end of the scratch folder")


def test_fifty_sessions_leave_nothing(live: LiveProcess) -> None:
    def descriptors() -> int:
        return psutil.Process(live.process.pid).children()[0].num_fds()

    def once(place: int) -> None:
        reader = live.another_browser()
        address = {"X-Forwarded-For": f"198.51.100.{place}"}
        status, _, page = reader.start("/live/render/posts/here", **address)
        assert status == 200
        kernel = kernel_of(page)
        assert reader.end(kernel) == 204

    once(0)
    wait_for(lambda: live.sessions() == 0, what="an empty server")
    before, processes = descriptors(), len(psutil.Process(live.process.pid).children(recursive=True))
    for place in range(1, 50):
        once(place)
    wait_for(lambda: live.sessions() == 0, what="an empty server")
    wait_for(lambda: descriptors() <= before + 2, 10, "closed descriptors")
    children = psutil.Process(live.process.pid).children(recursive=True)
    assert len(children) <= processes
    assert not [child for child in children if child.status() == psutil.STATUS_ZOMBIE]


def test_a_kernel_that_computes_without_an_end_is_ended(tmp_path: Path) -> None:
    each = notebook(("import time\nbegun = time.monotonic()\nwhile time.monotonic() - begun < 60: pass",))
    write_notebooks(tmp_path, {"demos/endless": each})
    with live_server(tmp_path, "--callback", "1") as live:
        text = live.start("/live/render/demos/endless")[2]
        assert "data-live-failure" in text
        wait_for(lambda: live.sessions() == 0, what="the end of the kernel")


def test_a_kernel_that_computes_often_and_never_long_goes_on(tmp_path: Path) -> None:
    cell = (
        "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass\nprint('done')"
    )
    write_notebooks(tmp_path, {"demos/often": notebook(*[(cell,)] * 10)})
    with live_server(tmp_path, "--callback", "2") as live:
        assert live.start("/live/render/demos/often")[2].count("done") == 10


@pytest.mark.parametrize("victim", ["zygote waits", "zygote"])
def test_a_notebook_whose_zygote_ends_while_it_warms_up_is_tried_again(tmp_path: Path, victim: str) -> None:
    waits = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.02)"
    write_notebooks(tmp_path, {"posts/waits": notebook((waits, "warm"), (HERE, "live"))})
    go = tmp_path / "notebooks/posts/go"
    go.touch()
    with live_server(tmp_path, "--admin-file", str(tmp_path / "admin")) as live:
        ready = {one.pid for one in live.processes()}
        go.unlink()
        live.process.send_signal(signal.SIGHUP)
        named = wait_for(
            lambda: [
                one for one in live.processes() if one.pid not in ready and one.name() == "zygote waits"
            ],
            what="a second zygote",
        )
        if victim == "zygote":
            named = [one for one in live.processes() if one.name() == victim]
        named[0].kill()
        go.touch()
        wait_for(
            lambda: generation(tmp_path, "posts/waits")["number"] > 2 or victim == "zygote", what="a try"
        )
        wait_for(lambda: generation(tmp_path, "posts/waits")["state"] == "ready", what="a warm zygote")
        assert live.start("/live/render/posts/waits")[0] == 200


def test_a_kernel_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    each = notebook(("import time\nheld = b'x' * 80_000_000\ntime.sleep(60)",))
    write_notebooks(tmp_path, {"demos/greedy": each})
    with live_server(tmp_path, "--memory", "40") as live:
        assert "data-live-failure" in live.start("/live/render/demos/greedy")[2]
        wait_for(lambda: live.sessions() == 0, what="the end of the kernel")
        assert "memory" in live.log.read_text()
