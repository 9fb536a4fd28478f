"""Gives every cell the shape of format 4.5, with an id of its own, whatever it was.

nbformat's own converter and validator raise on odd files and make random ids; readers want the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from blog.notebook.outputs import bundle, count, lines, repair_outputs
from blog.notebook.report import Report, quote

# a cell in the making: plain, until ``parsing.py`` makes nbformat's nodes of all at once
Cell = dict[str, Any]

# nbformat 4.5: a cell's id
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_KINDS = ("code", "markdown", "raw")
# cell types of formats 2 and 3 that later formats lack
_OLD_KINDS = {"heading": "markdown", "html": "markdown", "text": "markdown", "rst": "raw", "plaintext": "raw"}
_SAVE_AGAIN = "Open the notebook in JupyterLab, look the cell over and save it again"


def repair_cells(raw: Sequence[object], old: bool, report: Report) -> list[Cell]:
    """Give the cells of a notebook file; ``old`` says that they are of format 2 or 3.

    Each gets ``metadata["blog"] = {"number": n, "options": {}}``, where n counts from 1 as JupyterLab's
    reader counts, whatever else the file says there. A cell that is no object is left out, with a
    warning.
    """
    numbered = []
    for number, cell in enumerate(raw, start=1):
        if isinstance(cell, dict):
            numbered.append((number, cell))
        else:
            report.warn("the cell can't be read and is left out", _SAVE_AGAIN, number)
    ids = _ids(numbered)
    return [_repair(cell, number, ids[number], old, report) for number, cell in numbered]


def _ids(numbered: Sequence[tuple[int, dict[str, Any]]]) -> dict[int, str]:
    """Give every cell an id: its own where that is valid and the first of its kind, else by its place.

    The rule is simple so that the live side can follow it: ``cell-<number>``, and with a number more
    (``cell-7-2``) where a cell of the file already bears that name.
    """
    ids: dict[int, str] = {}
    taken: set[str] = set()
    for number, cell in numbered:
        found = cell.get("id")
        if isinstance(found, str) and _ID.fullmatch(found) and found not in taken:
            ids[number] = found
            taken.add(found)
    for number, _cell in numbered:
        if number not in ids:
            name, again = f"cell-{number}", 1
            while name in taken:
                again += 1
                name = f"cell-{number}-{again}"
            ids[number] = name
            taken.add(name)
    return ids


def _repair(raw: dict[str, Any], number: int, name: str, old: bool, report: Report) -> Cell:
    kind = _kind(raw, number, report)
    source = lines(raw.get("source") if "source" in raw else raw.get("input"), old)
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if raw.get("cell_type") == "heading":
        level = count(raw.get("level")) or 1
        source = "#" * min(level, 6) + " " + " ".join(source.split())
    metadata = repair_metadata(raw.get("metadata"))
    metadata["blog"] = {"number": number, "options": {}}
    cell: Cell = {"cell_type": kind, "id": name, "metadata": metadata, "source": source}
    if kind == "code":
        if isinstance(raw.get("collapsed"), bool):  # where formats 2 and 3 keep it
            cell["metadata"].setdefault("collapsed", raw["collapsed"])
        number_run = raw.get("execution_count") if "execution_count" in raw else raw.get("prompt_number")
        cell["execution_count"] = count(number_run)
        cell["outputs"] = repair_outputs(raw.get("outputs"), report, number)
    elif isinstance(raw.get("attachments"), dict):
        cell["attachments"] = {
            file: bundle(data) for file, data in raw["attachments"].items() if isinstance(data, dict)
        }
    return cell


def _kind(raw: dict[str, Any], number: int, report: Report) -> str:
    """Give the type of a cell, by what it holds where its type is missing or of the future."""
    found = raw.get("cell_type")
    if isinstance(found, str):
        if found in _KINDS:
            return found
        if found in _OLD_KINDS:
            return _OLD_KINDS[found]
    kind = "code" if "outputs" in raw or "input" in raw else "markdown"
    name = {"code": "code", "markdown": "Markdown"}[kind]
    if found is None:
        report.warn(f"the cell has no type and is shown as {name}", _SAVE_AGAIN, number)
    else:
        report.warn(
            f"the cell's type '{quote(found, 20)}' is unknown; it is shown as {name}", _SAVE_AGAIN, number
        )
    return kind


def repair_metadata(raw: object) -> dict[str, Any]:
    """Give a cell's metadata without the fields that the format's schema would trip on."""
    if not isinstance(raw, dict):
        return {}
    kept = {key: value for key, value in raw.items() if key != "trusted"}
    if "tags" in kept:
        kept["tags"] = tag_list(kept["tags"])
    valid: dict[str, Callable[[Any], bool]] = {
        "name": lambda value: isinstance(value, str) and re.search(r"^.+$", value) is not None,
        "format": lambda value: isinstance(value, str),
        "jupyter": lambda value: isinstance(value, dict),
        "collapsed": lambda value: isinstance(value, bool),
        "scrolled": lambda value: isinstance(value, bool) or value == "auto",
        "execution": lambda value: (
            isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
        ),
    }
    return {key: value for key, value in kept.items() if key not in valid or valid[key](value)}


def tag_list(raw: object) -> list[str]:
    """Give tags as the format wants them: a list of different texts without commas."""
    found = [raw] if isinstance(raw, str) else raw
    if not isinstance(found, list):
        return []
    parts = [part.strip() for tag in found if isinstance(tag, str) for part in tag.split(",")]
    return list(dict.fromkeys(part for part in parts if part))
