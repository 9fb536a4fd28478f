"""The index decides which notebooks may be run, and is read again when it changes."""

import json
from pathlib import Path
from typing import Any

import pytest
from livekernel.index import ALL, WARM, Entry, Index, parse

RINGS = {"path": "posts/rings.ipynb", "title": "Rings", "cells": {"a": 2, "b": 4}}


def write(path: Path, **notebooks: Any) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"notebooks": {f"posts/{slug}": entry for slug, entry in notebooks.items()}}))
    new.replace(path)


def test_finds_what_is_listed_and_no_more(tmp_path: Path) -> None:
    write(tmp_path / "live.json", rings=RINGS)
    index = Index(tmp_path / "live.json")
    assert index.find("posts/rings") == Entry(
        "posts/rings", "posts/rings.ipynb", "Rings", {"a": 2, "b": 4}, ALL
    )
    assert index.find("posts/other") is None
    assert index.find("posts/rings.ipynb") is None


def test_the_author_chooses_what_is_run_before_the_fork() -> None:
    found = parse({"notebooks": {"a": {**RINGS, "fork": WARM}, "b": {**RINGS, "cells": {}, "fork": ALL}}})
    assert {key: entry.fork for key, entry in found.items()} == {"a": WARM, "b": ALL}


def test_follows_the_file(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    index = Index(path)
    assert index.find("posts/rings") is None
    write(path, rings=RINGS)
    assert index.find("posts/rings") is not None
    write(path, squares=RINGS)
    assert index.find("posts/rings") is None
    assert index.find("posts/squares") is not None
    path.unlink()
    assert index.find("posts/squares") is None


def test_a_broken_file_closes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    write(path, rings=RINGS)
    index = Index(path)
    assert index.find("posts/rings") is not None
    path.write_text('{"notebooks": {"posts/rings"')
    assert index.find("posts/rings") is not None


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({**RINGS, "path": "../secret.ipynb"}, "leaves"),
        ({**RINGS, "path": "posts/../../secret.ipynb"}, "leaves"),
        ({**RINGS, "path": "/etc/secret.ipynb"}, "leaves"),
        ({**RINGS, "path": "posts/rings.py"}, "no notebook"),
        ({**RINGS, "title": None}, "title"),
        ({**RINGS, "cells": ["a"]}, "cells"),
        ("posts/rings.ipynb", "not an object"),
        ({**RINGS, "fork": "cold"}, "neither 'all cells' nor 'warm cells'"),
    ],
)
def test_says_what_is_wrong(entry: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse({"notebooks": {"posts/rings": entry}})


def test_an_index_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="notebooks"):
        parse([])
