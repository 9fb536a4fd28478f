"""A frame's page loads the extensions that its notebook may need, and plotly's 5 MB only where they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from livekernel.extensions import needed
from support.live_server import FIGURE, LiveProcess, live_server, notebook, wait_for, write_notebooks

PLOTLY = "jupyterlab-plotly"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    notebooks = {
        "posts/plain": notebook((FIGURE, "live")),
        "posts/plotly": notebook(("import plotly",), (FIGURE, "live")),
        "posts/later": notebook(("begun = 1", "warm"), (FIGURE, "live")),
    }
    write_notebooks(root, notebooks, {"posts/later": "warm cells"})
    with live_server(root) as running:
        wait_for(lambda: running.ask("/live/healthz")[0] == 200, 60)
        yield running


def extensions(live: LiveProcess, key: str) -> set[str]:
    """Give the extensions that a started page lists."""
    status, _, page = live.start(f"/live/render/{key}")
    assert status == 200
    written = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert written
    config = json.loads(written[1])
    live.end(config["kernelId"])
    return {one["name"] for one in config["federated_extensions"]}


def test_what_draws_only_plotly_is_for_who_has_imported_it(live: LiveProcess) -> None:
    plain = extensions(live, "posts/plain")
    assert PLOTLY not in plain
    # Those that bring widgets are there without being asked for.
    assert {"@jupyter-widgets/jupyterlab-manager", "jupyter-matplotlib", "anywidget"} <= plain
    assert extensions(live, "posts/plotly") == plain | {PLOTLY}


def test_where_cells_run_for_each_reader_nobody_knows_yet(live: LiveProcess) -> None:
    assert PLOTLY in extensions(live, "posts/later")


def test_what_does_not_say_where_it_is_from_stays(tmp_path) -> None:
    folder = tmp_path / "drawing"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"name": "drawing", "version": "1"}))
    drawing = {"name": "drawing", "load": "static/entry.js", "mimeExtension": "./mimeExtension"}
    assert needed([drawing], frozenset(), [str(tmp_path)]) == [drawing]
    (folder / "install.json").write_text(json.dumps({"packageName": "draw-ing"}))
    assert needed([drawing], frozenset(), [str(tmp_path)]) == []
    assert needed([drawing], frozenset({"draw_ing"}), [str(tmp_path)]) == [drawing]
    assert needed([{**drawing, "extension": "./plugin"}], frozenset(), [str(tmp_path)]) != []
