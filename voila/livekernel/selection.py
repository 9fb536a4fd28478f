"""Which cells of a notebook a frame shows; all of them run."""

from __future__ import annotations

import re
from typing import Any

from livekernel.index import Entry

MARK = "livekernel"
"""The key in a cell's metadata that the template reads: ``{"shown": bool}``."""

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n.*\n---[ \t]*\s*\Z", re.DOTALL)


def mark(notebook: Any, entry: Entry, cell_id: str | None) -> None:
    """Mark in place which cells are shown: one cell, a post's live cells, or a demo's whole page.

    Pages name a live cell by the id in the index. A notebook may lack ids, so that the site made
    them up: what counts is the cell's place among the live cells. Raises KeyError for an id that
    the index doesn't list or that has no cell left in the notebook.
    """
    for cell in notebook.cells:
        cell.metadata[MARK] = {"shown": False}
    live = [cell for cell in notebook.cells if cell.cell_type == "code" and "live" in _tags(cell)]
    if cell_id is not None:
        place = entry.cells.index(cell_id) if cell_id in entry.cells else len(live)
        if place >= len(live):
            raise KeyError(cell_id)
        shown = [live[place]]
    elif entry.key.startswith("demos/"):
        shown = [cell for place, cell in enumerate(notebook.cells) if _belongs_to_page(place, cell)]
    else:
        shown = live
    for cell in shown:
        cell.metadata[MARK]["shown"] = True


def _tags(cell: Any) -> list[str]:
    tags = cell.metadata.get("tags", [])
    return tags if isinstance(tags, list) else []


def _belongs_to_page(place: int, cell: Any) -> bool:
    if cell.cell_type == "markdown":
        front_matter = place == 0 and _FRONT_MATTER.match(cell.source)
        return not front_matter and "remove-cell" not in _tags(cell)
    return cell.cell_type == "code" and not {"remove-cell", "hide-output"} & set(_tags(cell))
