"""Turns the bytes of a notebook into a validated :class:`Notebook`; it never touches the disk."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from nbformat import NotebookNode
from nbformat.notebooknode import from_dict

from blog.model import Kind, Metadata, Problem
from blog.notebook.cells import Cell, repair_cells
from blog.notebook.document import load
from blog.notebook.frontmatter import take_front_matter
from blog.notebook.language import language
from blog.notebook.options import read_options
from blog.notebook.report import Report
from blog.notebook.root import repair_root
from blog.notebook.tags import settle_tags, warn_of_error
from blog.notebook.titles import settle_title, slug_of, title_of
from blog.notebook.values import prose


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook that can become a page.

    ``path`` is relative to the notebooks folder, with slashes. ``node`` always has the shape of format
    4.5: every cell has an id of its own; the front matter, and a heading that repeats the title, are
    taken out. ``cell.metadata["blog"]`` holds ``number``, the cell's number in the file as JupyterLab's
    reader counts it (from 1), and ``options``, what its ``#|`` lines say, which are taken out of its
    source. ``language`` names a Pygments lexer. ``digest`` is the SHA-256 of the file's bytes.
    """

    path: str
    kind: Kind
    metadata: Metadata
    node: NotebookNode
    language: str
    digest: str
    problems: tuple[Problem, ...] = ()


def parse(data: bytes, path: str, kind: Kind) -> Notebook:
    """Make the bytes of the notebook at ``path`` into a :class:`Notebook`.

    Raises NotebookError, and nothing else, where no page can be made of them.
    """
    report = Report(path)
    document = load(data, report)
    root = repair_root(document.metadata, report)
    cells = repair_cells(document.cells, document.old, report)
    found = [cell for cell in document.cells if isinstance(cell, dict)]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    tongue = language(document.metadata, found, (cell["source"] for cell in code), document.old)
    if not isinstance(root.get("language_info"), dict):
        root["language_info"] = {"name": tongue}
    for cell in cells:
        if cell["cell_type"] == "code":
            read_options(cell, tongue, report)
        settle_tags(cell)
        warn_of_error(cell, report)
    metadata = _metadata(cells, root, path, report)
    if not cells:
        report.warn("it has no cells to show", "Write some, or delete the file")
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": root, "cells": cells}
    node: NotebookNode = from_dict(whole)  # type: ignore[no-untyped-call]
    return Notebook(path, kind, metadata, node, tongue, hashlib.sha256(data).hexdigest(), report.problems())


def _metadata(cells: list[Cell], root: dict[str, Any], path: str, report: Report) -> Metadata:
    """Take front matter and title out of the cells; what they don't say comes from the file's name."""
    fields = take_front_matter(cells, report)
    stem = re.sub(r"(?i)\.ipynb$", "", PurePosixPath(path).name)
    title = settle_title(cells, fields.pop("title", ""))
    # the title that the format itself has a place for; few write it
    title = title or prose(root.get("title", "")) or title_of(stem)
    slug = fields.pop("slug", "") or slug_of(stem)
    return Metadata(title=title, slug=slug, **_with_honest_dates(fields, report))


def _with_honest_dates(fields: dict[str, Any], report: Report) -> dict[str, Any]:
    """Let a correction count as an update, and no update come before the post."""
    published, updated = fields.get("date"), fields.get("updated")
    corrected = max((one.date for one in fields.get("errata", ())), default=None)
    if published and updated and updated < published:
        report.warn("'updated' lies before 'date' and is ignored", "Write the day of the last change")
        updated = None
    days = [day for day in (updated, corrected) if day]
    return {**fields, "updated": max(days) if days else None}
