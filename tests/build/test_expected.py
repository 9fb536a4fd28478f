"""A build of ``input/`` is ``expected/``, file by file: none more, none less.

After a change that is meant, write the tree anew and read the difference before committing it:

    ./blog test tests/build/test_expected.py --update-expected
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
from pathlib import Path

import pytest
from blog.build import Report, Selection, build
from blog.build.build import FRONTEND, SKIN, STATIC
from blog.bundle import static_files
from blog.search import INDEX

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
TODAY = dt.date(2026, 6, 1)

# The site's own files change with its look, which is not what this test is about: their digests are
# left out of pages, and what they hold is not compared.
_OWN = re.compile(r"/static/(?P<name>[a-z0-9-]+)\.[0-9a-f]{16}\.(?P<ext>css|js|woff2|svg)")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """Build the input once."""
    out = tmp_path_factory.mktemp("build") / "out"
    return out, build(HERE / "input", out, Selection(TODAY))


def own_assets() -> set[str]:
    """Give the assets that come from the site's own sources, the live cells' front end among them."""
    own = static_files(STATIC, FRONTEND, SKIN)
    return {asset.path for asset in own.assets.values()}


def tree(out: Path) -> dict[str, str]:
    """Give every file as text; of pictures their digest."""
    found = {}
    own = own_assets()
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if (
            path.is_dir()
            or name.endswith((".br", ".gz"))
            or name.startswith((".build/articles", ".build/manifest", INDEX))
        ):
            continue
        if path.name in own:
            continue
        content = path.read_bytes()
        try:
            found[name] = (
                _OWN.sub(r"/static/\g<name>.\g<ext>", content.decode()) if b"\0" not in content else ""
            )
        except UnicodeDecodeError:
            found[name] = ""
        found[name] = found[name] or f"sha256 {hashlib.sha256(content).hexdigest()}\n"
    return found


def test_the_tree_is_as_expected(built: tuple[Path, Report], request: pytest.FixtureRequest) -> None:
    out, _ = built
    found = tree(out)
    if request.config.getoption("--update-expected"):
        shutil.rmtree(EXPECTED, ignore_errors=True)
        for name, text in found.items():
            (EXPECTED / name).parent.mkdir(parents=True, exist_ok=True)
            (EXPECTED / name).write_text(text)
    expected = {p.relative_to(EXPECTED).as_posix(): p.read_text() for p in EXPECTED.rglob("*") if p.is_file()}
    assert sorted(found) == sorted(expected)
    for name, text in found.items():
        assert text == expected[name], f"{name} differs"


def test_every_problem_is_told_in_one_line(
    built: tuple[Path, Report], request: pytest.FixtureRequest
) -> None:
    lines = [str(problem) for problem in built[1].problems]
    assert all("\n" not in line for line in lines)
    if request.config.getoption("--update-expected"):
        (HERE / "problems.txt").write_text("\n".join(lines) + "\n")
    assert lines == (HERE / "problems.txt").read_text().splitlines()


def test_what_is_not_published_is_nowhere(built: tuple[Path, Report]) -> None:
    out, _ = built
    for secret in (b"SECRET-DRAFT", b"SECRET-FUTURE"):
        guilty = [p for p in out.rglob("*") if p.is_file() and secret in p.read_bytes()]
        assert guilty == []
    page = (out / "posts/outputs/index.html").read_text()
    assert "SECRET-OUTPUT" not in page
    assert "SECRET-CELL" not in page
    index = (out / INDEX).read_bytes()
    assert b"SECRET-OUTPUT" not in index
    assert b"SECRET-CELL" not in index
