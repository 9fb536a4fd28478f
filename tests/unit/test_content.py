"""The notebooks that come with the blog are in order: valid, small, quiet, and what their code gives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
FILES = sorted(NOTEBOOKS.glob("*/*.ipynb"))
# how-this-blog-works measures times, which are never the same twice
REPEATABLE = [path for path in FILES if path.stem != "how-this-blog-works"]

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def name(path: Path) -> str:
    return path.relative_to(NOTEBOOKS).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_it_is_valid_and_small_and_was_run_from_the_top(path: Path) -> None:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert path.stat().st_size < 1_000_000
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        assert "execution" not in cell.metadata
        assert max(len(line) for line in cell.source.splitlines()) <= 88, cell.id
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", output.text


@pytest.mark.parametrize("path", FILES, ids=name)
def test_it_names_no_folder_of_the_machine_that_ran_it(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"(?<![\w.:/])/(?:work|tmp|home|root|usr)/", text)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_each_figure_has_a_caption_and_a_text_for_those_who_do_not_see_it(path: Path) -> None:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    for cell in notebook.cells:
        shown = {kind for output in cell.get("outputs", []) for kind in output.get("data", {})}
        if shown & {"image/png", VIEW}:
            for option in ("label: fig-", "fig-cap:", "fig-alt:"):
                assert f"#| {option}" in cell.source, cell.id


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_state_of_its_widgets_is_whole(path: Path) -> None:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    live = [cell for cell in notebook.cells if "live" in cell.metadata.get("tags", [])]
    state = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    assert bool(live) == bool(state)
    waiting = [output.data[VIEW]["model_id"] for cell in live for output in cell.outputs]
    pictures = 0
    for model in waiting:
        entry = state[model]
        waiting += [m for m in re.findall(r"IPY_MODEL_(\w+)", str(entry["state"])) if m not in waiting]
        if entry["model_name"] == "ImageModel":
            # ipywidgets 8.1 can't show a picture with a tooltip
            assert entry["state"].get("tooltip") is None
            assert [buffer["path"] for buffer in entry["buffers"]] == [["value"]]
            pictures += 1
    assert pictures >= 2 * len(live)


@pytest.mark.parametrize("path", REPEATABLE, ids=name)
def test_run_again_it_says_the_same(path: Path) -> None:
    saved = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    fresh = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    NotebookClient(fresh, timeout=240, resources={"metadata": {"path": str(path.parent)}}).execute()
    assert texts(fresh) == texts(saved)


def texts(notebook: Any) -> list[tuple[str, list[str]]]:
    """What the code cells print and return as text, cell by cell; pictures count by their number."""
    said: list[tuple[str, list[str]]] = []
    for cell in notebook.cells:
        lines: list[str] = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                lines.append("a picture")
            elif output.output_type == "stream":  # comes in pieces, as it happens
                lines += output.text.splitlines()
            elif VIEW not in data:
                lines.append(data.get("text/markdown") or data["text/plain"])
        said.append((cell.id, lines))
    return said
