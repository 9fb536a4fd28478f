"""What a zygote can't record is told, and run by each reader's kernel; what it can is as a kernel has it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from livekernel.index import ALL, WARM
from support.both_ways import generation
from support.live_server import LIBRARIES, LiveProcess, live_server, notebook, write_notebooks

ANIMATION = """\
%matplotlib widget
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
figure, axes = plt.subplots()
(line,) = axes.plot([0, 1])
moves = FuncAnimation(figure, lambda n: line.set_ydata([0, n]), frames=3)
moves.event_source.start()
"""
UNWRITABLE = """\
import ipywidgets as widgets
from traitlets import Any

class Odd(widgets.DOMWidget):
    held = Any().tag(sync=True, to_json=lambda value, _: value())

odd = Odd(held=lambda: 1)
odd.comm, comm = None, odd.comm
odd.held = lambda: 1 / 0
odd.comm = comm
"""
STRANGE = """\
from anywidget.experimental import dataclass

@dataclass(esm="export default { render() {} }")
class Plain:
    value: int = 1

Plain()
"""
NUMBERS = """\
import numpy as np
import ipywidgets as widgets
from traitlets import Any

class Numbers(widgets.DOMWidget):
    held = Any().tag(sync=True)

widgets.VBox([Numbers(held=[np.int64(7), float("nan")])])
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    sources = {"animation": ANIMATION, "unwritable": UNWRITABLE, "numbers": NUMBERS}
    notebooks = {f"posts/{key}": notebook((source, "live")) for key, source in sources.items()}
    notebooks["posts/strange"] = notebook(("begun = 1",), (STRANGE, "live"))
    notebooks["posts/unwritable-at-once"] = notebook((UNWRITABLE, "warm"), ("begun = 1", "live"))
    write_notebooks(root, notebooks)
    options = ("--libraries", LIBRARIES + ",matplotlib.pyplot,anywidget")
    options += ("--admin-file", str(root / "admin"), "--rest", str(root / "rest"))
    with live_server(root, *options) as running:
        yield running


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("posts/animation", "event loop"),
        ("posts/unwritable", "the state of its widget Odd can't be written: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_recorded_is_run_by_each_reader(live: LiveProcess, key: str, reason: str) -> None:
    told = generation(live, key)
    assert (told["state"], told["way"]) == ("ready", WARM)
    assert reason in told["reason"]
    assert live.start(f"/live/render/{key}")[0] == 200


def test_a_widget_that_is_none_of_ipywidgets_is_told(live: LiveProcess) -> None:
    told = generation(live, "posts/strange")
    assert (told["state"], told["way"]) == ("ready", ALL)
    assert told["reason"] == "cells that show a widget which ipywidgets doesn't have, nor will a page: 2"


def test_what_no_page_could_take_over_is_unavailable(live: LiveProcess) -> None:
    told = generation(live, "posts/unwritable-at-once")
    assert told["state"] == "unavailable"
    assert "its widget Odd can't be written" in told["reason"]


def test_a_state_is_written_as_the_kernel_would_send_it(live: LiveProcess) -> None:
    assert generation(live, "posts/numbers")["way"] == ALL

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    content = (live.root / "rest/posts-numbers.state").read_bytes()
    begin, end = (int.from_bytes(content[8 * n : 8 * (n + 1)], "little") for n in (1, 2))
    states = json.loads(content[begin:end], parse_constant=refuse)["states"]
    (held,) = [one["state"]["held"] for one in states.values() if "held" in one["state"]]
    assert held == [7, "nan"]
