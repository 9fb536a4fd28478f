"""Cells and outputs of any shape become those of format 4.5."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from blog.notebook import Notebook, parse
from blog.notebook.outputs import LARGE_OUTPUT
from blog.notebook.report import quote

WIDGETS = "application/vnd.jupyter.widget-state+json"
MODEL = {"model_name": "IntSliderModel", "model_module": "@jupyter-widgets/controls", "state": {"value": 3}}


def made(*cells: Any, **metadata: Any) -> Notebook:
    raw = {"nbformat": 4, "nbformat_minor": 4, "metadata": metadata, "cells": list(cells)}
    notebook = parse(json.dumps(raw).encode(), "posts/made.ipynb", "posts")
    nbformat.validate(notebook.node)
    return notebook


def code(*outputs: Any, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": "", "outputs": list(outputs), **fields}


def warnings(notebook: Notebook) -> list[str]:
    return [str(problem) for problem in notebook.problems if "no metadata" not in problem.what]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a\nb", "a\nb"),
        (["a\n", "b"], "a\nb"),
        (["a\r\n", "b\rc"], "a\nb\nc"),
        ([], ""),
        (None, ""),
        (7, "7"),
        (True, ""),
        ({"a": 1}, ""),
        (["a\n", None, 3, ["b"]], "a\n3b"),
    ],
)
def test_source(source: Any, expected: str) -> None:
    assert made({"cell_type": "markdown", "source": source}).node.cells[0].source == expected


def test_source_that_is_missing() -> None:
    assert made({"cell_type": "code"}).node.cells[0].source == ""


@pytest.mark.parametrize(
    ("cell", "kind", "warned"),
    [
        ({"cell_type": "markdown"}, "markdown", False),
        ({"cell_type": "raw"}, "raw", False),
        ({"cell_type": "heading", "level": 3}, "markdown", False),
        ({}, "markdown", True),
        ({"outputs": []}, "code", True),
        ({"cell_type": "sql", "outputs": []}, "code", True),
        ({"cell_type": 5}, "markdown", True),
        ({"cell_type": None}, "markdown", True),
    ],
)
def test_cell_type(cell: dict[str, Any], kind: str, warned: bool) -> None:
    notebook = made({"source": "x", **cell})
    assert notebook.node.cells[0].cell_type == kind
    assert bool(warnings(notebook)) == warned


def test_cells_that_are_no_objects_are_left_out_and_numbers_stay() -> None:
    notebook = made(
        {"cell_type": "markdown", "source": "a"}, None, "text", {"cell_type": "markdown", "source": "b"}
    )
    assert [cell.metadata.blog.number for cell in notebook.node.cells] == [1, 4]
    assert [(problem.cell, problem.severity) for problem in notebook.problems[:2]] == [
        (2, "warning"),
        (3, "warning"),
    ]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["a", "b"], ["a", "b"]),
        ([None, None], ["cell-1", "cell-2"]),
        (["a", "a", "a"], ["a", "cell-2", "cell-3"]),
        (["cell-2", None, "cell-2"], ["cell-2", "cell-2-2", "cell-3"]),
        (["cell-2", None, "cell-2-2"], ["cell-2", "cell-2-3", "cell-2-2"]),
        (
            ["", "a b", "ü", "x" * 65, 7, "x" * 64],
            ["cell-1", "cell-2", "cell-3", "cell-4", "cell-5", "x" * 64],
        ),
        (["ok\n", "A-Z_09"], ["cell-1", "A-Z_09"]),
    ],
)
def test_ids(ids: list[Any], expected: list[str]) -> None:
    cells = [{"cell_type": "code", "source": "1"} | ({} if name is None else {"id": name}) for name in ids]
    assert [cell.id for cell in made(*cells).node.cells] == expected


@pytest.mark.parametrize(
    ("metadata", "tags"),
    [
        (None, None),
        ([], None),
        ({"tags": ["live", "warm"]}, ["live", "warm"]),
        ({"tags": ["live", "live", "", None, 3, " warm "]}, ["live", "warm"]),
        ({"tags": "live, warm"}, ["live", "warm"]),
        ({"tags": None}, []),
        ({"tags": {"live": True}}, []),
        ({"tags": ["hide_input", "remove_cell", "my_own"]}, ["hide-input", "remove-cell", "my_own"]),
        ({"tags": ["a,b"]}, ["a", "b"]),
        ({"jupyter": {"source_hidden": True}}, ["hide-input"]),
        ({"jupyter": {"outputs_hidden": True}}, ["hide-output"]),
        ({"jupyter": {"source_hidden": "yes"}}, None),
        ({"jupyter": None, "collapsed": True}, ["hide-output"]),
        ({"collapsed": "yes"}, None),
        ({"cellView": "form"}, ["hide-input"]),
        ({"tags": ["hide-input"], "jupyter": {"source_hidden": True}}, ["hide-input"]),
    ],
)
def test_tags(metadata: Any, tags: list[str] | None) -> None:
    assert made(code(metadata=metadata)).node.cells[0].metadata.get("tags") == tags


@pytest.mark.parametrize(
    ("metadata", "kept"),
    [
        ({"name": ""}, {}),
        ({"name": "fig", "x": {"y": [1]}}, {"name": "fig", "x": {"y": [1]}}),
        ({"scrolled": "auto"}, {"scrolled": "auto"}),
        ({"scrolled": 3, "execution": {"a": 1}, "collapsed": 0}, {}),
        ({"trusted": True, "blog": {"number": 99, "options": {"label": "x"}}}, {}),
    ],
)
def test_cell_metadata(metadata: dict[str, Any], kept: dict[str, Any]) -> None:
    assert made(code(metadata=metadata)).node.cells[0].metadata == {
        **kept,
        "blog": {"number": 1, "options": {}},
    }


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ({"output_type": "stream", "text": ["a\n", "b"]}, {"name": "stdout", "text": "a\nb"}),
        ({"output_type": "stream", "name": "stderr", "text": None}, {"name": "stderr", "text": ""}),
        ({"output_type": "stream", "name": 3}, {"name": "stdout", "text": ""}),
        ({"text": "no type"}, {"output_type": "stream", "name": "stdout", "text": "no type"}),
        (
            {"output_type": "display_data", "data": {"text/plain": ["a\n", "b"], "text/html": "<b>"}},
            {"data": {"text/plain": "a\nb", "text/html": "<b>"}, "metadata": {}},
        ),
        ({"output_type": "display_data"}, {"data": {}}),
        ({"output_type": "display_data", "data": "text"}, {"data": {"text/plain": "text"}}),
        ({"output_type": "display_data", "data": None, "metadata": []}, {"data": {}, "metadata": {}}),
        (
            {"output_type": "update_display_data", "data": {"text/plain": "1"}},
            {"output_type": "display_data"},
        ),
        ({"output_type": "hologram", "data": {"text/plain": "1"}}, {"output_type": "display_data"}),
        (
            {"output_type": "display_data", "data": {"text/plain": 3, "image/png": None, "x/y": {"a": [1]}}},
            {"data": {"text/plain": "3", "x/y": '{"a": [1]}'}},
        ),
        (
            {
                "output_type": "display_data",
                "data": {"application/json": ["a", "b"], "application/x+json": '{"a": 1}'},
            },
            {"data": {"application/json": ["a", "b"], "application/x+json": {"a": 1}}},
        ),
        (
            {
                "output_type": "display_data",
                "data": {"application/x+json": '{"a": ' * 200, "image/svg+xml": ["<svg>"]},
            },
            {"data": {"application/x+json": '{"a": ' * 200, "image/svg+xml": "<svg>"}},
        ),
        ({"output_type": "execute_result", "data": {}, "execution_count": "3"}, {"execution_count": None}),
        ({"output_type": "execute_result", "data": {}, "execution_count": -1}, {"execution_count": None}),
        ({"output_type": "execute_result", "data": {}, "execution_count": 3}, {"execution_count": 3}),
        ({"output_type": "error"}, {"ename": "", "evalue": "", "traceback": []}),
        (
            {"output_type": "error", "ename": None, "evalue": 3, "traceback": "a\nb"},
            {"evalue": "3", "traceback": ["a\nb"]},
        ),
        ({"output_type": "error", "traceback": ["a", None, ["b"]]}, {"traceback": ["a", "b"]}),
    ],
)
def test_outputs(output: dict[str, Any], expected: dict[str, Any]) -> None:
    found = made(code(output)).node.cells[0].outputs[0]
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("outputs", "kept", "warned"),
    [
        (None, 0, False),
        ([], 0, False),
        ({"output_type": "stream", "text": "one"}, 1, False),
        ([{"output_type": "stream", "text": "one"}, None, 3], 1, True),
        ("text", 0, True),
        ([{}], 0, True),
        ([{"output_type": "hologram"}], 0, True),
    ],
)
def test_outputs_of_the_wrong_shape(outputs: Any, kept: int, warned: bool) -> None:
    notebook = made({"cell_type": "code", "source": "", "outputs": outputs})
    assert len(notebook.node.cells[0].outputs) == kept
    assert any("can't be read" in line for line in warnings(notebook)) == warned


@pytest.mark.parametrize(
    ("attachments", "expected"),
    [
        ({"a.png": {"image/png": ["ab", "cd"]}}, {"a.png": {"image/png": "abcd"}}),
        ({"a.png": None, "b.png": {"image/png": 3}}, {"b.png": {"image/png": "3"}}),
        (None, None),
        (["a.png"], None),
    ],
)
def test_attachments(attachments: Any, expected: Any) -> None:
    cell = {"cell_type": "markdown", "source": "x", "attachments": attachments}
    assert made(cell).node.cells[0].get("attachments") == expected


def test_attachments_of_a_code_cell_are_left_out() -> None:
    assert "attachments" not in made(code(attachments={"a.png": {"image/png": "ab"}})).node.cells[0]


def test_large_output_is_a_warning_with_its_cell() -> None:
    large = {"output_type": "stream", "name": "stdout", "text": "x" * (LARGE_OUTPUT + 1)}
    notebook = made({"cell_type": "markdown", "source": "a"}, code(large))
    assert [line for line in warnings(notebook) if "10 MB" in line and "cell 2" in line]
    assert len(notebook.node.cells[1].outputs[0].text) == LARGE_OUTPUT + 1
    assert not warnings(made(code({**large, "text": "x" * 1000})))


@pytest.mark.parametrize(
    ("output", "tags", "line"),
    [
        (
            {
                "output_type": "error",
                "ename": "ZeroDivisionError",
                "evalue": "division by zero",
                "traceback": [],
            },
            [],
            "cell 1: the cell ends in an error (ZeroDivisionError: division by zero).",
        ),
        ({"output_type": "error", "ename": "\x1b[31mE\x1b[0m", "evalue": "a\nb"}, [], "(E: a b)"),
        ({"output_type": "error"}, [], "(an error without a name)"),
        ({"output_type": "error", "ename": "E"}, ["raises-exception"], None),
    ],
)
def test_saved_error(output: dict[str, Any], tags: list[str], line: str | None) -> None:
    found = [
        text for text in warnings(made(code(output, metadata={"tags": tags}))) if "ends in an error" in text
    ]
    assert [line in text for text in found if line] == ([True] if line else [])
    assert bool(found) == bool(line)


def test_the_same_problem_in_many_cells_is_said_once() -> None:
    (line,) = warnings(made(*[code({"output_type": "error", "ename": "E"})] * 40))
    assert "cell 1: " in line
    assert "39 other places" in line


@pytest.mark.parametrize(
    ("saved", "state", "warned"),
    [
        (
            {WIDGETS: {"state": {"m": MODEL}, "version_major": 2, "version_minor": 0}},
            {"m": "IntSliderModel"},
            False,
        ),
        ({WIDGETS: {"m": MODEL}}, {"m": "IntSliderModel"}, False),  # as Colab saves it
        ({WIDGETS: {"state": {"m": MODEL, "n": {"state": {}}, "o": None}}}, {"m": "IntSliderModel"}, False),
        ({WIDGETS: {"state": {"m": {**MODEL, "state": None}}}}, {"m": "IntSliderModel"}, False),
        ({WIDGETS: {"state": {}}}, None, False),
        ({"state": {"m": {"views": []}}, "version": "1.2.0"}, None, False),  # ipywidgets 5
        ({}, None, False),
        (None, None, False),
        ([], None, True),
        ("text", None, True),
        ({WIDGETS: "text"}, None, True),
        ({WIDGETS: {"state": []}}, None, True),
        ({WIDGETS: {"state": {"m": "x"}}}, None, True),
        ({"other": 1}, None, True),
    ],
)
def test_widget_state(saved: Any, state: dict[str, str] | None, warned: bool) -> None:
    notebook = made(code(), widgets=saved)
    found = notebook.node.metadata.get("widgets")
    if state is None:
        assert found is None
    else:
        assert found[WIDGETS].version_major == 2
        assert {name: model.model_name for name, model in found[WIDGETS].state.items()} == state
        assert all(isinstance(model.state, dict) for model in found[WIDGETS].state.values())
    assert any("state of its widgets" in line for line in warnings(notebook)) == warned


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("a\n\tb  c", 60, "a b c"),
        ("\x1b[1;31mred\x1b[0m", 60, "red"),
        ("x" * 100, 10, "x" * 9 + "…"),
        ("a\u2028b\x85c\x00", 60, "a b c"),
        (None, 60, "None"),
        ("\ud800", 60, ""),
    ],
)
def test_quote(text: object, limit: int, expected: str) -> None:
    assert quote(text, limit) == expected
