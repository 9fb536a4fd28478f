"""The author's choice of what is run before the fork, and the guide's way to random numbers of one's own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from livekernel.index import ALL, WARM
from support.live_server import LiveProcess, live_server, notebook, write_notebooks
from support.reader import changes, reading

GUIDE = (Path(__file__).parents[2] / "docs" / "author.md").read_text()
(RENEWED,) = re.findall(r"```python\n(import os\n.*?)```", GUIDE, re.DOTALL)
DRAWS = """\
import ipywidgets as widgets
button, told = widgets.Button(), widgets.Label()
button.on_click(lambda _: setattr(told, "value", str(generator.random())))
widgets.VBox([button, told])
"""
WHO = "import os, ipywidgets\nipywidgets.Label(str(os.getpid()))"

NOTEBOOKS = {
    "posts/usual": notebook(("begun = 1", "warm"), (WHO, "live")),
    "posts/each": notebook(("begun = 1", "warm"), (WHO, "live")),
    "demos/usual": notebook(("begun = 1", "warm"), (WHO,)),
    "demos/once": notebook(("begun = 1", "warm"), (WHO,)),
    "posts/draws-all": notebook((RENEWED, "warm"), (DRAWS, "live")),
    "posts/draws-warm": notebook((RENEWED, "warm"), (DRAWS, "live")),
}
FORKS = {"posts/each": WARM, "demos/once": ALL, "posts/draws-warm": WARM}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    write_notebooks(root, NOTEBOOKS, FORKS)
    with live_server(root) as running:
        yield running


@pytest.mark.parametrize(
    ("key", "once"),
    [("posts/usual", True), ("posts/each", False), ("demos/usual", False), ("demos/once", True)],
)
def test_the_notebook_is_run_as_its_author_chose(live: LiveProcess, key: str, once: bool) -> None:
    async def ran_in(address: str) -> str:
        async with reading(live, key, address) as reader:
            return str(reader.states[reader.widget("LabelModel")]["state"]["value"])

    first, second = (asyncio.run(ran_in(f"192.0.2.{n}")) for n in (1, 2))
    assert (first == second) is once


@pytest.mark.parametrize("key", ["posts/draws-all", "posts/draws-warm"])
def test_a_generator_that_is_renewed_at_the_fork_differs_for_each_reader(live: LiveProcess, key: str) -> None:
    async def drawn(address: str) -> str:
        async with reading(live, key, address) as reader:
            heard = await reader.custom(reader.widget("ButtonModel"), {"event": "click"})
            return str(changes(heard, reader.widget("LabelModel"))["value"])

    assert asyncio.run(drawn("192.0.2.1")) != asyncio.run(drawn("192.0.2.2"))
