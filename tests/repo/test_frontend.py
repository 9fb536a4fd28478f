"""The live cells' front end: its own tests, its lock, and what it weighs."""

import json
import re
from pathlib import Path

import brotli
import pytest
from support.firefox import FOLDER as FIREFOX
from support.frontend import FOLDER, run_node

#: Bytes of JavaScript for ipywidgets' own controls, by brotli.
MOST = 150_000


def test_its_parts_pass_their_tests() -> None:
    tests = sorted((FOLDER / "test").glob("*.test.mjs"))
    assert tests
    done = run_node("--test", *tests)
    assert done.returncode == 0, done.stdout + done.stderr
    ran = re.search(r"tests (\d+)", done.stdout)
    assert ran
    assert int(ran[1]) > len(tests)


@pytest.mark.parametrize("folder", [FOLDER, FIREFOX])
def test_the_lock_names_no_host(folder: Path) -> None:
    lock = json.loads((folder / "package-lock.json").read_text())
    packages = {name: told for name, told in lock["packages"].items() if name}
    assert packages
    assert [name for name, told in packages.items() if "resolved" in told] == []
    assert [name for name, told in packages.items() if "integrity" not in told] == []


def test_what_controls_need_is_one_small_file(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for out in (first, second):
        done = run_node("build.mjs", "--out", out)
        assert done.returncode == 0, done.stderr
    names = {file.name for file in first.iterdir()}
    frames = {f"frame-{name}.js" for name in ("plotly-basic", "plotly-cartesian", "vega", "bokeh")}
    assert {"live.js", "live.css", "katex.js", "federation.js", "NOTICES.txt"} | frames == names
    assert {name for name in frames if b"sourceMappingURL" in (first / name).read_bytes()} == set()
    live = (first / "live.js").read_bytes()
    assert len(brotli.compress(live, quality=11)) <= MOST
    assert re.findall(rb"""(?:\bfrom|\bimport)\s*["']\.[^"']+["']""", live) == []
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)


def test_modules_stay_small_enough_to_be_one_idea() -> None:
    sources = [*(FOLDER / "src").rglob("*.js"), *(FOLDER / "test").glob("*.mjs")]
    assert sources
    assert {file.name: n for file in sources if (n := len(file.read_text().splitlines())) > 400} == {}
    assert [file.name for file in sources if not file.read_text().startswith(("/*", "import"))] == []
