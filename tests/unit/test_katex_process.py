"""The Node process behind the formulas: restarted once, never shared over a fork, ended with Python."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest
from blog.convert.katex_process import Katex, KatexError


@pytest.fixture
def katex() -> Iterator[Katex]:
    """Give a process of the test's own."""
    made = Katex()
    yield made
    made.stop()


def node_of(katex: Katex) -> psutil.Process:
    """Find the running Node process."""
    assert katex._process is not None
    return psutil.Process(katex._process.pid)


def test_one_process_renders_all(katex: Katex) -> None:
    assert katex.starts == 0
    assert "<mi>x</mi>" in katex.render("x", False, {})
    assert 'display="block"' in katex.render("y", True, {})
    assert katex.starts == 1


def test_macros_of_a_request_stay_in_it(katex: Katex) -> None:
    assert "double-struck" in katex.render("\\mine", False, {"\\mine": "\\mathbb{R}"})
    with pytest.raises(KatexError, match="Undefined control sequence"):
        katex.render("\\mine", False, {})
    katex.render("\\gdef\\ours{x}\\ours", False, {})
    with pytest.raises(KatexError, match="Undefined control sequence"):
        katex.render("\\ours", False, {})


def test_a_process_that_died_is_started_again(katex: Katex) -> None:
    katex.render("x", False, {})
    process = node_of(katex)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert "<mi>y</mi>" in katex.render("y", False, {})
    assert katex.starts == 2


def test_a_formula_that_takes_too_long_is_given_up() -> None:
    katex = Katex(time_limit=0.5)
    katex.render("x", False, {})
    process = node_of(katex)
    process.suspend()
    with pytest.raises(KatexError, match=r"longer than 0\.5 s"):
        katex.render("y", False, {})
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert "<mi>z</mi>" in katex.render("z", False, {})
    katex.stop()


def test_a_long_formula_fits_through_the_pipes(katex: Katex) -> None:
    assert katex.render("+".join(["x"] * 20_000), False, {}).count("<mi>x</mi>") == 20_000


def test_a_forked_child_has_a_process_of_its_own(katex: Katex) -> None:
    katex.render("x", False, {})
    ours = node_of(katex).pid
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        katex.forget()
        html = katex.render("y", False, {})
        theirs = node_of(katex).pid
        katex.stop()
        os.write(write, f"{theirs} {'<mi>y</mi>' in html}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs, right = os.read(read, 100).decode().split()
    os.close(read)
    os.close(write)
    assert right == "True"
    assert int(theirs) != ours
    assert "<mi>z</mi>" in katex.render("z", False, {})
    assert katex.starts == 1


@pytest.mark.parametrize("ending", ["pass", "import os; os.kill(os.getpid(), 9)"])
def test_node_ends_with_python(ending: str) -> None:
    program = (
        "from blog.convert.katex_process import katex\n"
        "katex.render('x', False, {})\n"
        f"print(katex._process.pid, flush=True)\n{ending}\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    if psutil.pid_exists(pid):
        psutil.wait_procs([psutil.Process(pid)], timeout=10)
    assert not psutil.pid_exists(pid)
