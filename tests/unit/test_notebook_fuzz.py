"""Notebooks broken at random, always in the same ways: a valid one comes out, or a NotebookError."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import nbformat
import pytest
from blog.errors import NotebookError
from blog.notebook import Notebook, parse

WIDGETS = "application/vnd.jupyter.widget-state+json"
FRONT = """---
title: A
date: 2026-10-14
tags: [a, b]
series: {name: s, part: 1}
author: [{name: A}]
draft: no
---"""

FORMAT_4: dict[str, Any] = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {
            "name": "python",
            "codemirror_mode": {"name": "ipython"},
            "pygments_lexer": "ipython3",
        },
        "widgets": {WIDGETS: {"state": {"m": {"model_name": "M", "model_module": "m", "state": {}}}}},
        "title": "T",
        "authors": [{"name": "A"}],
    },
    "cells": [
        {
            "cell_type": "raw",
            "id": "f",
            "metadata": {"format": "text/x"},
            "source": FRONT.splitlines(keepends=True),
        },
        {
            "cell_type": "markdown",
            "id": "m",
            "metadata": {"tags": ["a"], "name": "n"},
            "source": ["# A\n", "text $x$ ![](attachment:a.png)"],
            "attachments": {"a.png": {"image/png": "iVBORw0K"}},
        },
        {
            "cell_type": "code",
            "id": "c",
            "metadata": {
                "tags": ["live"],
                "collapsed": False,
                "scrolled": "auto",
                "jupyter": {"source_hidden": True},
                "execution": {"iopub.status.busy": "2026-10-14T10:00:00Z"},
            },
            "source": ["#| label: fig-x\n", "#| fig-cap: A\n", "x"],
            "execution_count": 1,
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["a\n", "b\n"]},
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "metadata": {"image/png": {"width": 3}},
                    "data": {"text/plain": ["1"], "application/vnd.vega.v5+json": {"a": [1, {"b": None}]}},
                },
                {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0K"}},
                {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", "b"]},
            ],
        },
    ],
}
FORMAT_3: dict[str, Any] = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": "Old", "language": "Julia"},
    "worksheets": [
        {
            "metadata": {},
            "cells": [
                {"cell_type": "heading", "level": 1, "source": ["A"], "metadata": {}},
                {"cell_type": "markdown", "source": ["a", "b"], "metadata": {}},
                {
                    "cell_type": "code",
                    "collapsed": False,
                    "language": "python",
                    "input": ["x = 1"],
                    "prompt_number": 1,
                    "metadata": {},
                    "outputs": [
                        {
                            "output_type": "pyout",
                            "prompt_number": 1,
                            "text": ["1"],
                            "html": ["<b>"],
                            "metadata": {},
                        },
                        {"output_type": "stream", "stream": "stdout", "text": ["1"]},
                        {"output_type": "display_data", "png": "iVBORw0K", "json": ["{}"]},
                        {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["a"]},
                    ],
                },
            ],
        }
    ],
}

VALUES: list[Any] = [
    None, True, False, 0, -1, 3, 2.5, float("inf"), 10**30, "", "text", "a\nb", "\ud800", "# H", FRONT,
    "---\n[\n---", "#| a: [\nx", [], ["a", "b"], [1, None], [[]], [{}], {}, {"a": 1},
    {"text/plain": ["x", 1]}, {"state": {}},
]  # fmt: skip


def containers(value: Any) -> list[Any]:
    """Give all lists and dictionaries in ``value`` that hold something."""
    found = [value] if isinstance(value, (dict, list)) and value else []
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return found + [inner for item in items for inner in containers(item)]


def broken(base: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Delete, replace, rename and repeat up to five things of a notebook."""
    raw = copy.deepcopy(base)
    for _ in range(chance.randint(1, 5)):
        places = containers(raw)
        if not places:
            break
        place = chance.choice(places)
        key = chance.choice(list(place)) if isinstance(place, dict) else chance.randrange(len(place))
        match chance.choice(("delete", "replace", "replace", "more")):
            case "delete":
                del place[key]
            case "replace":
                place[key] = copy.deepcopy(chance.choice(VALUES))
            case _ if isinstance(place, dict):
                place[f"{key}x"] = place.pop(key)
            case _:
                place.append(copy.deepcopy(place[key]))
    return raw


def check(notebook: Notebook) -> None:
    node = copy.deepcopy(notebook.node)
    nbformat.validate(node)
    assert node == notebook.node  # nothing was left for nbformat to repair
    json.dumps(node, allow_nan=False, ensure_ascii=False).encode("utf-8")
    assert len({cell.id for cell in node.cells}) == len(node.cells)
    numbers = [cell.metadata.blog.number for cell in node.cells]
    assert numbers == sorted(set(numbers))
    for cell in node.cells:
        assert isinstance(cell.source, str)
        assert isinstance(cell.metadata.blog.options, dict)
    assert notebook.metadata.title
    assert notebook.metadata.slug
    assert not any("\n" in str(problem) for problem in notebook.problems)


@pytest.mark.parametrize("base", [FORMAT_4, FORMAT_3], ids=["format 4", "format 3"])
def test_whole_notebooks(base: dict[str, Any]) -> None:
    check(parse(json.dumps(base).encode(), "posts/a.ipynb", "posts"))


@pytest.mark.parametrize("base", [FORMAT_4, FORMAT_3], ids=["format 4", "format 3"])
def test_notebooks_broken_in_their_structure(base: dict[str, Any]) -> None:
    pages = 0
    for seed in range(1500):
        data = json.dumps(broken(base, random.Random(seed))).encode()  # noqa: S311
        try:
            check(parse(data, "posts/a.ipynb", "posts"))
            pages += 1
        except NotebookError:
            pass
        except BaseException as error:
            error.add_note(f"seed {seed}: {data!r}")
            raise
    assert pages > 1000  # most of what is broken can be mended


def test_notebooks_broken_in_their_bytes() -> None:
    whole = json.dumps(FORMAT_4).encode()
    for seed in range(500):
        chance = random.Random(seed)  # noqa: S311
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(data))
            data[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        try:
            check(parse(bytes(data), "posts/a.ipynb", "posts"))
        except NotebookError:
            pass
        except BaseException as error:
            error.add_note(f"seed {seed}: {bytes(data)!r}")
            raise


def test_front_matter_broken_in_its_text() -> None:
    alphabet = "abt: -[]{}\"'#|>&*!%@,\n\t0129\\~é\x00\u2028"
    for seed in range(1500):
        chance = random.Random(seed)  # noqa: S311
        text = list(FRONT)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(4, len(text) - 4)
            text[place : place + chance.randint(0, 2)] = chance.choices(alphabet, k=chance.randint(0, 3))
        cell = {"cell_type": "raw", "metadata": {}, "source": "".join(text)}
        options = {
            "cell_type": "code",
            "source": "".join("#| " + line for line in "".join(text[4:-4]).splitlines(True)),
        }
        data = json.dumps({**FORMAT_4, "cells": [cell, options]}).encode()
        try:
            check(parse(data, "posts/a.ipynb", "posts"))
        except NotebookError:
            pass
        except BaseException as error:
            error.add_note(f"seed {seed}: {''.join(text)!r}")
            raise
