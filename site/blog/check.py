"""Which live figures can't go live in the post itself, and why: they start by a button, in a frame.

What is looked at is the notebook as it was saved; nothing runs. What the live server finds when it runs the
notebook (a thread that is left, a cell that fails) is in ``blog status``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from blog.convert.cells import tags
from blog.convert.saved import saved_state
from blog.errors import NotebookError
from blog.library import find_notebooks
from blog.model import Problem
from blog.notebook import Notebook, read

BUILT_IN = frozenset(
    {"@jupyter-widgets/base", "@jupyter-widgets/controls", "@jupyter-widgets/output", "anywidget"}
)
"""Modules whose widgets the front end has itself (``OWN`` in voila/frontend/src/manager.js)."""

EXTENSIONS = Path(sys.prefix) / "share/jupyter/labextensions"
"""Where pip puts the front ends of other widgets, which Voila serves by their packages' names."""

_VIEW = "application/vnd.jupyter.widget-view+json"
_REFERENCE = "IPY_MODEL_"
_BUTTON = "so it starts by its button"


def check(root: Path, extensions: Path = EXTENSIONS) -> list[Problem]:
    """Look at every notebook below ``root``; give a line for each that has something to say."""
    problems: list[Problem] = []
    for path, _ in find_notebooks(root):
        try:
            problems += _live(read(root / path, root), extensions)
        except NotebookError as error:
            problems.append(Problem("skipped", path, error.what, error.remedy, error.cell))
    return problems


def _live(notebook: Notebook, extensions: Path) -> Iterator[Problem]:
    cells = [cell for cell in notebook.node.cells if cell["cell_type"] == "code" and "live" in tags(cell)]
    if cells and notebook.metadata.fork == "warm cells":
        what = f"its front matter says `fork: warm-cells`, {_BUTTON}: there is no state before a kernel runs"
        yield Problem("warning", notebook.path, what, "Leave it, or say `fork: all-cells`")
        return
    states = saved_state(notebook.node.metadata)
    for cell in cells:
        number = cell["metadata"]["blog"]["number"]
        for what, remedy in _cell(_views(cell), states, extensions):
            yield Problem("warning", notebook.path, f"{what}, {_BUTTON}", remedy, number)


def _cell(views: list[str], states: Mapping[str, Any], extensions: Path) -> Iterator[tuple[str, str]]:
    if not views:
        yield "it is tagged `live` and shows no widget", "Let its last line be a widget, run it and save"
    elif any(view not in states for view in views):
        remedy = "Run it and save; in JupyterLab with Settings → Save Widget State Automatically"
        yield "the state of its widgets was not saved", remedy
    else:
        modules = {_module(states[model]) for model in _reached(views, states)} - BUILT_IN
        for module in sorted(modules):
            if not (extensions / module / "package.json").is_file():
                yield (
                    f"it has a widget of {module}, which is not installed as an extension for JupyterLab",
                    "Install its package in the environment that serves the site",
                )


def _views(cell: Mapping[str, Any]) -> list[str]:
    views = [output.get("data", {}).get(_VIEW) for output in cell.get("outputs", ())]
    return [str(view.get("model_id")) for view in views if isinstance(view, dict)]


def _reached(views: list[str], states: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    todo = list(views)
    while todo:
        if (model := todo.pop()) in states and model not in found:
            found.add(model)
            todo += _references(states[model])
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(_REFERENCE):
        yield value.removeprefix(_REFERENCE)
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _references(part)


def _module(model: Any) -> str:
    return str(model.get("model_module", "")) if isinstance(model, dict) else ""
