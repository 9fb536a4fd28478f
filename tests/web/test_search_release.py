"""The search follows the build, in an application of its own."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest
from blog.build import Selection, build
from blog.search import INDEX
from blog.settings import Serving
from blog.web import create_app
from support.notebooks import post

TODAY = Selection(dt.date(2026, 6, 1))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    post(tmp_path / "notebooks", "one", "Gold and silver.")
    return tmp_path / "notebooks"


def test_a_new_build_is_searched_at_once(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "a site?#%"
    build(source, out, TODAY)
    client = create_app(Serving(site=out)).test_client()
    assert "1 passage in 1 notebook" in client.get("/search?q=silver").text
    post(source, "one", "Gold and tin.")
    build(source, out, TODAY)
    assert "Nothing was found." in client.get("/search?q=silver").text
    assert "1 passage in 1 notebook" in client.get("/search?q=tin").text


def test_an_index_that_is_gone_or_broken_is_an_error_of_ours_and_no_more(
    source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    build(source, out, TODAY)
    client = create_app(Serving(site=out)).test_client()
    whole = (out / INDEX).read_bytes()
    (out / INDEX).write_bytes(whole[:2000] + b"x" * 4000)
    assert client.get("/search?q=gold").status_code == 503
    (out / INDEX).unlink()
    assert client.get("/search?q=gold").status_code == 503
    assert client.get("/posts/one/").status_code == 200


def test_the_application_needs_nothing_of_what_builds() -> None:
    """Its container has three packages and what these need."""
    script = (
        "import blog.wsgi, sys\n"
        "print(*sorted({'brotli', 'nbformat', 'nbconvert', 'yaml', 'PIL', 'markdown_it'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env={"BLOG_SITE": "/nowhere"})
    assert told.stdout == "\n"
