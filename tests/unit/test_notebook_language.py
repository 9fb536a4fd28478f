"""The language of a notebook's code, by what its kernel calls itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from blog.notebook import parse
from blog.notebook.language import _COMMENTS, _NAMES, lexer
from pygments.lexers import get_lexer_by_name


def language(metadata: dict[str, Any], *sources: str) -> str:
    cells = [{"cell_type": "code", "metadata": {}, "source": source, "outputs": []} for source in sources]
    raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return parse(json.dumps(raw).encode(), "a.ipynb", "posts").language


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"language_info": {"name": "python", "pygments_lexer": "ipython3"}}, "python"),
        ({"language_info": {"name": "python"}}, "python"),
        ({"language_info": {"name": "julia"}, "kernelspec": {"name": "julia-1.9"}}, "julia"),
        ({"language_info": {"name": "R", "pygments_lexer": "r"}}, "r"),
        ({"language_info": {"name": "C#", "pygments_lexer": "csharp"}}, "csharp"),
        ({"language_info": {"name": "polyglot-notebook"}}, "csharp"),
        ({"language_info": {"name": "F#"}}, "fsharp"),
        ({"language_info": {"name": "c++17"}}, "cpp"),
        ({"language_info": {"name": "bash"}}, "bash"),
        ({"language_info": {"name": "sql"}}, "sql"),
        ({"language_info": {"name": "octave"}}, "octave"),
        ({"language_info": {"name": "matlab"}}, "matlab"),
        ({"language_info": {"name": "sagemath", "pygments_lexer": "sage"}}, "python"),
        ({"language_info": {"name": "no such language"}}, "text"),
        ({"language_info": {"pygments_lexer": "no-such-lexer", "name": "julia"}}, "julia"),
        ({"language_info": {"name": 3}, "kernelspec": {"language": None, "name": "ir"}}, "r"),
        ({"language_info": {"name": "text"}, "kernelspec": {"language": "julia"}}, "julia"),
        ({"kernelspec": {"name": "python3"}}, "python"),
        ({"kernelspec": {"name": "conda-env-stem-py", "language": "python"}}, "python"),
        ({"kernelspec": {"name": "conda-env-stem-py"}}, "python"),
        ({"kernelspec": {"name": "julia-0.4", "display_name": "Julia 0.4.4"}}, "julia"),
        ({"kernelspec": {"name": ".net-csharp"}}, "csharp"),
        ({"kernelspec": {"name": ".net-fsharp"}}, "fsharp"),
        ({"kernelspec": {"name": "xcpp17"}}, "cpp"),
        ({"kernelspec": {"name": "xoctave"}}, "octave"),
        ({"kernelspec": {"name": "scala212"}}, "scala"),
        ({"language": "Julia"}, "julia"),
        ({}, "text"),
    ],
)
def test_language_that_the_notebook_says(metadata: dict[str, Any], expected: str) -> None:
    assert language(metadata) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy as np\nx = np.zeros(3)", "python"),
        ("def f(x):\n    return x", "python"),
        ("%matplotlib inline", "python"),
        ("print 'old'", "python"),
        ("using Plots\nfunction f(x)\n  x\nend", "julia"),
        ("library(ggplot2)\nx <- 3", "r"),
        ("x", "text"),
        ("", "text"),
    ],
)
def test_language_by_its_looks(source: str, expected: str) -> None:
    assert language({}, source) == expected


def test_looks_do_not_count_where_the_notebook_says_a_language() -> None:
    assert language({"language_info": {"name": "no such language"}}, "import numpy as np") == "text"


def test_every_name_has_a_lexer() -> None:
    for name in (*_NAMES, *(name for names in _COMMENTS.values() for name in names)):
        found = lexer(name)
        assert found, name
        assert get_lexer_by_name(found)


@pytest.mark.parametrize("name", ["", "   ", "5", "x" * 10_000, "\x00"])
def test_names_of_no_language(name: str) -> None:
    assert lexer(name) is None
