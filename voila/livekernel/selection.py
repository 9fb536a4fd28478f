"""Which cells of a notebook a frame shows; all of them run."""

from __future__ import annotations

import re
from typing import Any

from livekernel.index import Entry

MARK = "livekernel"
"""The key in a cell's metadata that the template reads: ``{"shown": bool}``."""

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)


def mark(notebook: Any, entry: Entry, cell_id: str | None) -> None:
    """Mark in place which cells are shown: one cell, a post's live cells, or a demo's whole page.

    Raises KeyError for an id that the index doesn't list, or whose cell is no longer in the notebook.
    """
    for cell in notebook.cells:
        cell.metadata[MARK] = {"shown": False}
    if cell_id is not None:
        shown = [_cell(notebook, entry, cell_id)]
    elif entry.key.startswith("demos/"):
        _take_off_front_matter(notebook)
        shown = [cell for cell in notebook.cells if _belongs_to_page(cell)]
    else:
        shown = [_cell(notebook, entry, listed) for listed in entry.cells]
    for cell in shown:
        cell.metadata[MARK]["shown"] = True


def _cell(notebook: Any, entry: Entry, cell_id: str) -> Any:
    number = entry.cells[cell_id]
    if number > len(notebook.cells) or notebook.cells[number - 1].cell_type != "code":
        raise KeyError(cell_id)
    return notebook.cells[number - 1]


def _take_off_front_matter(notebook: Any) -> None:
    """Leave of a first Markdown cell what comes after its YAML."""
    if notebook.cells and notebook.cells[0].cell_type == "markdown":
        notebook.cells[0].source = _FRONT_MATTER.sub("", notebook.cells[0].source, count=1)


def _belongs_to_page(cell: Any) -> bool:
    tags = cell.metadata.get("tags", [])
    hidden = {"remove-cell", "remove-output"} & set(tags if isinstance(tags, list) else [])
    return cell.cell_type in ("markdown", "code") and bool(cell.source.strip()) and not hidden
