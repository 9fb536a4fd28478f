"""Options at the top of a cell, in the comments of each language, and the tags they stand for."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from blog.notebook import Notebook, parse


def made(source: str, language: str = "python", tags: list[str] | None = None) -> Notebook:
    cell = {"cell_type": "code", "metadata": {"tags": tags} if tags else {}, "source": source, "outputs": []}
    metadata = {"language_info": {"name": language}}
    raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [cell]}
    notebook = parse(json.dumps(raw).encode(), "posts/made.ipynb", "posts")
    nbformat.validate(notebook.node)
    return notebook


@pytest.mark.parametrize(
    ("source", "options", "left"),
    [
        ("x = 1", {}, "x = 1"),
        ("#| label: fig-x\nx = 1", {"label": "fig-x"}, "x = 1"),
        ("#|label: fig-x\nx = 1", {"label": "fig-x"}, "x = 1"),
        ("\n  \n#| label: fig-x\n\n\nx = 1", {"label": "fig-x"}, "x = 1"),
        ("#| label: fig-x", {"label": "fig-x"}, ""),
        ("#| fig-cap: A 'b', $x^2$\n#| fig-alt: Alt\nx", {"fig-cap": "A 'b', $x^2$", "fig-alt": "Alt"}, "x"),
        ("#| fig-cap: |\n#|   Two\n#|   lines\nx", {"fig-cap": "Two\nlines"}, "x"),
        ("#| fig-subcap:\n#|   - One\n#|   - Two\nx", {"fig-subcap": ["One", "Two"]}, "x"),
        ("#| fig-width: 6\n#| a: 4.5\n#| echo: true\nx", {"fig-width": 6, "a": 4.5, "echo": True}, "x"),
        ("#| fig.cap: a\n#| out_width: 50%\nx", {"fig-cap": "a", "out-width": "50%"}, "x"),
        ("#| date: 2026-10-14\n#| a: .nan\n#| b: 0x1F\nx", {"date": "2026-10-14", "a": ".nan", "b": 31}, "x"),
        ("#| code-summary: Show it\nx", {"code-summary": "Show it"}, "x"),
        # only at the very top, and contiguous
        ("x = 1\n#| label: a", {}, "x = 1\n#| label: a"),
        ("#| label: a\nx\n#| fig-cap: b", {"label": "a"}, "x\n#| fig-cap: b"),
        ("# a comment\n#| label: a", {}, "# a comment\n#| label: a"),
        ("# | label: a", {}, "# | label: a"),
        ("%%time\n#| label: a", {}, "%%time\n#| label: a"),
        ("#|\nx", {}, "x"),
        # nbdev's directives
        ("#| export\ndef f(): pass", {}, "def f(): pass"),
        ("#| default_exp core.x\n#| label: a\nx", {"label": "a"}, "x"),
        ("#|hide\nx", {"include": False}, "x"),
    ],
)  # fmt: skip
def test_options(source: str, options: dict[str, Any], left: str) -> None:
    notebook = made(source)
    cell = notebook.node.cells[0]
    assert cell.metadata.blog.options == options
    assert cell.source == left
    assert len(notebook.problems) == 1  # no metadata


@pytest.mark.parametrize(
    ("language", "mark"),
    [
        ("python", "#"), ("julia", "#"), ("R", "#"), ("bash", "#"), ("ruby", "#"),
        ("javascript", "//"), ("c++", "//"), ("C#", "//"), ("F#", "//"), ("java", "//"), ("scala", "//"),
        ("rust", "//"), ("go", "//"), ("c", "//"), ("typescript", "//"),
        ("sql", "--"), ("haskell", "--"), ("lua", "--"),
        ("matlab", "%"), ("octave", "%"),
        ("clojure", ";"), ("common-lisp", ";"),
        ("a language of my own", "#"),
    ],
)  # fmt: skip
def test_comment_of_each_language(language: str, mark: str) -> None:
    cell = made(f"{mark}| label: fig-x\n{mark}| fig-cap: A\nx", language).node.cells[0]
    assert (cell.metadata.blog.options, cell.source) == ({"label": "fig-x", "fig-cap": "A"}, "x")
    other = "//" if mark == "#" else "#"
    assert made(f"{other}| label: fig-x\nx", language).node.cells[0].source.startswith(other)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("#| fig-cap: Strain: a map\nx", " at line 1"),
        ("#| label: a\n#| label: b\nx", " at line 2"),
        ("#| export\n#| fig-cap: [a\nx", ""),
        ("#| a: &a 1\n#| b: *a\nx", " at line 2"),
        ("#| a: !expr f(x)\nx", " at line 1"),
        ("#|-----|\nx", ""),
        ("#| just words of some kind\nx", ""),
        ("#| a: \x00\nx", " at line 1"),
        ("#| a: " + "[" * 3000 + "\nx", ""),
    ],
)
def test_invalid_options_are_a_warning_and_not_shown(source: str, line: str) -> None:
    notebook = made(source)
    cell = notebook.node.cells[0]
    assert (cell.source, cell.metadata.blog.options) == ("x", {})
    (problem,) = [problem for problem in notebook.problems if problem.cell]
    assert (problem.cell, problem.severity) == (1, "warning")
    assert f"the cell's options (#|) are not valid YAML{line}" in problem.what
    assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("source", "given", "tags"),
    [
        ("#| tags: [live, warm]\nx", None, ["live", "warm"]),
        ("#| tags: live\nx", ["warm"], ["warm", "live"]),
        ("#| echo: false\nx", None, ["remove-input"]),
        ("#| echo: true\nx", None, None),
        ("#| echo: 0\nx", None, None),
        ("#| output: false\nx", None, ["remove-output"]),
        ("#| output: asis\nx", None, None),
        ("#| include: false\nx", None, ["remove-cell"]),
        ("#| code-fold: true\nx", None, ["hide-input"]),
        ("#| code-fold: show\nx", None, None),
        ("#| echo: false\nx", ["remove-input"], ["remove-input"]),
        ("#| hide\nx", None, ["remove-cell"]),
        ("#| hide_input\nx", None, ["remove-input"]),
        ("#| tags: 5\nx", None, None),
    ],
)
def test_options_that_are_tags(source: str, given: list[str] | None, tags: list[str] | None) -> None:
    assert made(source, tags=given).node.cells[0].metadata.get("tags") == tags


def test_markdown_has_no_options() -> None:
    cell = {"cell_type": "markdown", "metadata": {}, "source": "#| label: a\nx"}
    raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    notebook = parse(json.dumps(raw).encode(), "a.ipynb", "posts")
    assert notebook.node.cells[0].source == cell["source"]
    assert notebook.node.cells[0].metadata.blog == {"number": 1, "options": {}}
