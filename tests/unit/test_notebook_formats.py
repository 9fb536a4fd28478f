"""Bytes of any kind become a notebook of format 4.5, or one clear line."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import nbformat
import pytest
from blog.errors import NotebookError
from blog.notebook import Notebook, parse
from blog.notebook.jsontext import MAX_DEPTH

MINIMAL: dict[str, Any] = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


def made(raw: Any) -> Notebook:
    return parse(json.dumps(raw).encode(), "posts/made.ipynb", "posts")


def warnings(notebook: Notebook) -> list[str]:
    """Give what was warned of, but for the metadata that none of these notebooks has."""
    return [
        problem.what
        for problem in notebook.problems
        if not problem.what.startswith(("it has no metadata", "it has no cells"))
    ]


@pytest.mark.parametrize(
    ("data", "what", "remedy"),
    [
        (b"", "the file is empty", "delete the file"),
        (b" \n\n", "the file is empty", "delete the file"),
        (b'{"cells": [', "not valid JSON at line 1, column 12: Expecting value", "JupyterLab"),
        (b'{\n "cells": [],\n}', "not valid JSON at line 3, column 1", "JupyterLab"),
        (b'{\n<<<<<<< HEAD\n "cells": []\n', "not valid JSON at line 2", "merge conflict"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "not valid JSON", "git lfs pull"),
        (b"\x89PNG\r\n\x1a\n", "not UTF-8 text (byte 1)", "encoding UTF-8"),
        ('{"cells": []}'.encode("utf-16"), "not UTF-8 text", "encoding UTF-8"),
        (b'{"cells": ["\xe9"]}', "not UTF-8 text (byte 13)", "encoding UTF-8"),
        (b"[]", "not a notebook (its JSON is not an object)", "JupyterLab"),
        (b'"text"', "not a notebook", "JupyterLab"),
        (b"null", "not a notebook", "JupyterLab"),
        (b"{}", "not a notebook (neither 'nbformat' nor cells)", "JupyterLab"),
        (b'{"nbformat": 4}', "it has no list of cells", "JupyterLab"),
        (b'{"nbformat": 4, "cells": {"0": {}}}', "it has no list of cells", "JupyterLab"),
        (b'{"nbformat": 5, "cells": []}', "its format 5 is not known", "format 4"),
        (b'{"nbformat": 1e300, "cells": []}', "is not known", "format 4"),
        (b'{"nbformat": 1, "cells": []}', "its format 1 is too old", "JupyterLab"),
        (b'{"nbformat": 0, "cells": []}', "its format 0 is too old", "JupyterLab"),
        (b"[" * 100_000, f"nested more than {MAX_DEPTH} deep", "Clear the output"),
        (b'{"a":' * 100_000, f"nested more than {MAX_DEPTH} deep", "Clear the output"),
        (b'{"cells": ' + b"[" * 200 + b"]" * 200 + b"}", f"nested more than {MAX_DEPTH} deep", "Clear"),
        (b'{"cells": [' + b"9" * 5000 + b"]}", "a number has too many digits", "JupyterLab"),
    ],
)
def test_bytes_that_are_no_notebook(data: bytes, what: str, remedy: str) -> None:
    with pytest.raises(NotebookError) as caught:
        parse(data, "posts/a.ipynb", "posts")
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("version", "warning"),
    [
        *(({"nbformat": 4, "nbformat_minor": minor}, None) for minor in range(6)),
        ({"nbformat": 4}, None),
        ({"nbformat": "4", "nbformat_minor": 4.0}, None),
        ({"nbformat": 4, "nbformat_minor": "x"}, None),
        ({"nbformat": 4, "nbformat_minor": 6}, "its format 4.6 is newer than 4.5"),
        ({"nbformat": 4, "nbformat_minor": 9}, "its format 4.9 is newer than 4.5"),
        ({}, "it does not say its format and was read as format 4"),
        ({"nbformat": True}, "it does not say its format and was read as format 4"),
    ],
)
def test_versions_of_format_4(version: dict[str, Any], warning: str | None) -> None:
    raw = {key: value for key, value in MINIMAL.items() if not key.startswith("nbformat")} | version
    raw["cells"] = [{"cell_type": "markdown", "metadata": {}, "source": "text"}]
    notebook = made(raw)
    nbformat.validate(notebook.node)
    assert (notebook.node.nbformat, notebook.node.nbformat_minor) == (4, 5)
    assert [line.partition(";")[0] for line in warnings(notebook)] == ([warning] if warning else [])


def test_fields_of_a_future_minor_version_are_left_out() -> None:
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "1",
        "outputs": [{"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {}, "later": 1}],
        "execution_count": 1,
        "later": {"x": 1},
    }
    notebook = made({**MINIMAL, "nbformat_minor": 9, "cells": [cell], "later": 1})
    nbformat.validate(notebook.node)
    assert "later" not in notebook.node
    assert "later" not in notebook.node.cells[0]
    assert notebook.node.cells[0].outputs[0].data == {"text/plain": "1"}


def test_cell_type_of_the_future_is_shown_with_a_warning() -> None:
    notebook = made({**MINIMAL, "nbformat_minor": 9, "cells": [{"cell_type": "dialogue", "source": "Hello"}]})
    nbformat.validate(notebook.node)
    assert (notebook.node.cells[0].cell_type, notebook.node.cells[0].source) == ("markdown", "Hello")
    assert any("'dialogue' is unknown" in line for line in warnings(notebook))


FORMAT_3 = {
    "metadata": {"name": "Old"},
    "nbformat": 3,
    "nbformat_minor": 0,
    "worksheets": [
        {
            "cells": [
                {"cell_type": "heading", "level": 2, "metadata": {}, "source": ["First ", "part"]},
                {"cell_type": "markdown", "metadata": {}, "source": ["a\n", "b"]},
                {
                    "cell_type": "code",
                    "collapsed": True,
                    "input": ["x = 1", "x"],
                    "language": "python",
                    "metadata": {},
                    "prompt_number": 3,
                    "outputs": [
                        {"output_type": "pyout", "prompt_number": 3, "text": ["1", "2"], "metadata": {}},
                        {"output_type": "display_data", "png": "iVBORw0K", "metadata": {"png": {"width": 3}}},
                        {"output_type": "stream", "stream": "stderr", "text": ["a\n", "b\n"]},
                        {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["t"]},
                        {"output_type": "display_data", "json": '{"a": 1}', "metadata": {}},
                        {"output_type": "display_data", "json": "{broken", "metadata": {}},
                    ],
                },
            ]
        },
        {"cells": [{"cell_type": "html", "source": "<p>x</p>"}, {"cell_type": "raw", "source": "raw"}]},
    ],
}


def test_format_3_is_converted() -> None:
    notebook = made(FORMAT_3)
    nbformat.validate(notebook.node)
    assert warnings(notebook)[0] == "its format 3 is old; it was converted to format 4"
    assert notebook.language == "python"
    assert [(cell.cell_type, cell.source) for cell in notebook.node.cells] == [
        ("markdown", "## First part"),
        ("markdown", "a\nb"),
        ("code", "x = 1\nx"),
        ("markdown", "<p>x</p>"),
        ("raw", "raw"),
    ]
    code = notebook.node.cells[2]
    assert code.execution_count == 3
    assert code.metadata.tags == ["hide-output"]
    assert code.outputs == [
        {
            "output_type": "execute_result",
            "execution_count": 3,
            "metadata": {},
            "data": {"text/plain": "1\n2"},
        },
        {
            "output_type": "display_data",
            "metadata": {"image/png": {"width": 3}},
            "data": {"image/png": "iVBORw0K"},
        },
        {"output_type": "stream", "name": "stderr", "text": "a\nb\n"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
        {"output_type": "display_data", "metadata": {}, "data": {"application/json": {"a": 1}}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/json": "{broken"}},
    ]


def test_format_2_is_converted() -> None:
    cells = [
        {"cell_type": "markdown", "source": "# Old"},
        {"cell_type": "code", "input": "1+1", "outputs": [{"output_type": "pyout", "text": "2"}]},
        {"cell_type": "plaintext", "source": "as it is"},
    ]
    notebook = made({"nbformat": 2, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]})
    nbformat.validate(notebook.node)
    assert warnings(notebook) == ["its format 2 is old; it was converted to format 4"]
    assert notebook.metadata.title == "Old"
    assert [(cell.cell_type, cell.source) for cell in notebook.node.cells] == [
        ("code", "1+1"),
        ("raw", "as it is"),
    ]
    assert notebook.node.cells[0].outputs[0].data == {"text/plain": "2"}


@pytest.mark.parametrize(
    "worksheets", [[], [None], [{}], [{"cells": None}], [{"cells": [{"cell_type": "code"}]}], [[], "x"]]
)
def test_odd_worksheets(worksheets: Any) -> None:
    nbformat.validate(made({"nbformat": 3, "worksheets": worksheets}).node)


def test_format_3_outputs_in_a_file_of_format_4() -> None:
    outputs = [
        {"output_type": "pyout", "data": {"text/plain": ["1"]}},
        {"output_type": "pyerr", "ename": "E"},
    ]
    notebook = made({**MINIMAL, "cells": [{"cell_type": "code", "source": "", "outputs": outputs}]})
    nbformat.validate(notebook.node)
    assert [output.output_type for output in notebook.node.cells[0].outputs] == ["execute_result", "error"]
    assert notebook.node.cells[0].outputs[0].data == {"text/plain": "1"}


def test_byte_order_mark_is_tolerated() -> None:
    data = b"\xef\xbb\xbf" + json.dumps(MINIMAL).encode()
    assert parse(data, "a.ipynb", "posts").digest == hashlib.sha256(data).hexdigest()


def test_numbers_and_text_that_no_file_of_ours_could_hold() -> None:
    data = (
        b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "\\ud83d",'
        b' "metadata": {"k\\udc00": NaN}, "outputs": [{"output_type": "display_data",'
        b' "data": {"application/json": [NaN, -Infinity, 1e999, 1.5]}}]}]}'
    )
    notebook = parse(data, "a.ipynb", "posts")
    cell = notebook.node.cells[0]
    assert cell.source == "\ufffd"
    assert cell.metadata["k\ufffd"] is None
    assert cell.outputs[0].data["application/json"] == [None, None, None, 1.5]
    json.dumps(notebook.node, allow_nan=False, ensure_ascii=False).encode("utf-8")


def test_no_cells_is_a_page_with_a_warning() -> None:
    notebook = made(MINIMAL)
    assert notebook.node.cells == []
    assert "it has no cells to show" in [problem.what for problem in notebook.problems]


@pytest.mark.parametrize("metadata", [None, [], "x", 3, {"kernelspec": None, "language_info": "python"}])
def test_odd_metadata(metadata: Any) -> None:
    notebook = made({**MINIMAL, "metadata": metadata})
    nbformat.validate(notebook.node)
    assert notebook.node.metadata.language_info == {"name": "text"}


def test_the_same_bytes_give_the_same_notebook() -> None:
    assert made(FORMAT_3) == made(FORMAT_3)
