"""Files of the notebooks folder: what is read, what leads out of it, and what is no file."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from blog.errors import NotebookError
from blog.notebook import read
from blog.notebook.document import MAX_BYTES

CONTENT = json.dumps(
    {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Title\ntext"}],
    }
).encode()


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTENT)
    return path


def refused(path: Path, root: Path) -> str:
    with pytest.raises(NotebookError) as caught:
        read(path, root)
    assert str(root) not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("posts/a.ipynb", "posts"),
        ("demos/a.ipynb", "demos"),
        ("demos/more/a.ipynb", "demos"),
        ("a.ipynb", "posts"),
        ("demos.ipynb", "posts"),
        ("notes/demos/a.ipynb", "posts"),
        ("posts/Ünï cödé.ipynb", "posts"),
    ],
)
def test_place_and_kind(tmp_path: Path, place: str, kind: str) -> None:
    notebook = read(put(tmp_path / place), tmp_path)
    assert (notebook.path, notebook.kind) == (place, kind)
    assert notebook.digest == hashlib.sha256(CONTENT).hexdigest()
    assert notebook.metadata.title == "Title"
    assert all(problem.path == place for problem in notebook.problems)


def test_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "posts/a.ipynb")
    monkeypatch.chdir(tmp_path)
    assert read(Path("posts/a.ipynb"), Path()).path == "posts/a.ipynb"
    assert read(tmp_path / "posts/a.ipynb", Path()).path == "posts/a.ipynb"


def test_symlinks_inside_of_the_folder_are_followed(tmp_path: Path) -> None:
    put(tmp_path / "root/drafts/a.ipynb")
    (tmp_path / "root/posts").mkdir()
    (tmp_path / "root/posts/b.ipynb").symlink_to("../drafts/a.ipynb")
    assert read(tmp_path / "root/posts/b.ipynb", tmp_path / "root").path == "posts/b.ipynb"


def test_the_folder_itself_may_be_a_symlink(tmp_path: Path) -> None:
    put(tmp_path / "real/posts/a.ipynb")
    (tmp_path / "link").symlink_to("real")
    assert read(tmp_path / "link/posts/a.ipynb", tmp_path / "link").path == "posts/a.ipynb"


def test_symlinks_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    outside = put(tmp_path / "outside/a.ipynb")
    (root / "posts").mkdir(parents=True)
    (root / "posts/file.ipynb").symlink_to(outside)
    (root / "demos").symlink_to(outside.parent)
    (root / "twice.ipynb").symlink_to("posts/file.ipynb")
    for place in ("posts/file.ipynb", "demos/a.ipynb", "twice.ipynb"):
        assert "outside of the notebooks folder" in refused(root / place, root)


def test_a_folder_with_the_same_beginning_is_outside(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    outside = put(tmp_path / "root-2/a.ipynb")
    assert "outside" in refused(outside, tmp_path / "root")
    assert "outside" in refused(tmp_path / "root/../root-2/a.ipynb", tmp_path / "root")


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "loop.ipynb").symlink_to("loop.ipynb")
    (tmp_path / "gone.ipynb").symlink_to("nowhere.ipynb")
    assert "not a file" in refused(tmp_path / "folder.ipynb", tmp_path)
    assert "not a file" in refused(tmp_path / "pipe.ipynb", tmp_path)
    assert "leads nowhere" in refused(tmp_path / "loop.ipynb", tmp_path)
    assert "is not there" in refused(tmp_path / "gone.ipynb", tmp_path)
    assert "is not there" in refused(tmp_path / "missing.ipynb", tmp_path)
    assert "can't be read" in refused(tmp_path / ("x" * 300 + ".ipynb"), tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = put(tmp_path / "a.ipynb")
    path.chmod(0)
    assert "Permission denied" in refused(path, tmp_path)


def test_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # holes: it takes no space
    assert "more than 500 MB" in refused(path, tmp_path)


def test_name_that_is_not_utf_8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.ipynb"))
    put(path)
    assert "name is not UTF-8" in refused(path, tmp_path)
