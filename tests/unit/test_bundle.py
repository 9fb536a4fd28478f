"""The live cells' front end among the assets: all imports are renamed, and nothing that looks like one."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest
from blog.build.build import SKIN, STATIC
from blog.bundle import compress, load, static_files

WORDS = (
    'const f=`from "./gone.js"`,g="import(\\"./chunk-AB12.jsx\\")",h={from:"./chunk-AB12.js"},'
    'i="from./chunk-AB12.js";'
)
ENTRY = (
    'import{a as b}from"./chunk-AB12.js";import"./chunk-AB12.js";export{c}from "./chunk-AB12.js";'
    "const d=()=>import(\"./late-X.js\"),e=()=>import( './late-X.js' );" + WORDS
)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """Make what a bundler would have written."""
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "live.js").write_text(ENTRY)
    (folder / "chunk-AB12.js").write_text("export const a=1,c=2;")
    (folder / "late-X.js").write_text('import{a}from"./chunk-AB12.js";' + "a;" * 600)
    (folder / "live.css").write_text(".widget-box{display:flex}")
    (folder / "NOTICES.txt").write_text("a licence")
    return folder


def test_imports_are_renamed_exactly(dist: Path) -> None:
    bundle = load(dist)
    assert bundle
    text = bundle.assets["live.js"].content.decode()
    chunk, late = bundle.assets["chunk-AB12.js"].url, bundle.assets["late-X.js"].url
    assert text == (
        f"/* Licences of what is in here: {bundle.assets['NOTICES.txt'].url} */\n"
        f'import{{a as b}}from"{chunk}";import"{chunk}";export{{c}}from "{chunk}";'
        f"const d=()=>import(\"{late}\"),e=()=>import( '{late}' );" + WORDS
    )
    assert f'from"{chunk}"' in bundle.assets["late-X.js"].content.decode()


def test_a_change_below_changes_the_names_above(dist: Path) -> None:
    before = load(dist)
    (dist / "chunk-AB12.js").write_text("export const a=2,c=2;")
    after = load(dist)
    assert before
    assert after
    assert {name for name in before.assets if before.assets[name] != after.assets[name]} == {
        "live.js",
        "chunk-AB12.js",
        "late-X.js",
    }


def test_modules_in_a_circle_are_told(dist: Path) -> None:
    (dist / "chunk-AB12.js").write_text('import("./live.js")')
    with pytest.raises(ValueError, match="each other"):
        load(dist)


@pytest.mark.parametrize("missing", ["live.js", "live.css", "NOTICES.txt"])
def test_one_that_was_broken_off_is_none(dist: Path, missing: str) -> None:
    (dist / missing).unlink()
    assert load(dist) is None


def test_compressed_forms_are_made_once_and_taken_over(dist: Path) -> None:
    compress(dist)
    bundle = load(dist)
    assert bundle
    late = bundle.assets["late-X.js"]
    forms = bundle.forms[late.path]
    assert brotli.decompress(forms[".br"]) == gzip.decompress(forms[".gz"]) == late.content
    assert forms[".br"] == brotli.compress(late.content, quality=11)
    assert static_files(STATIC, dist, SKIN).forms == bundle.forms
    (dist / "late-X.js").write_text("other")
    again = load(dist)
    assert again
    assert again.assets["late-X.js"].path not in again.forms, "forms are of the very content"


def test_a_page_gets_the_widgets_own_stylesheet_and_the_skin_after_it(dist: Path) -> None:
    sheet = static_files(STATIC, dist, SKIN).assets["css/widgets.css"].content.decode()
    assert sheet.startswith(".widget-box{display:flex}")
    assert ":is(#live, live-cell) .jupyter-button {" in sheet


def test_what_is_imported_is_the_bundle(dist: Path) -> None:
    static = static_files(STATIC, dist, SKIN)
    importing = [
        asset
        for name, asset in static.assets.items()
        if name.startswith("js/") and b"/static/live." in asset.content
    ]
    assert importing
    assert static.url("live/live.js").encode() in importing[0].content


def test_without_a_bundle_the_site_is_made_and_who_imports_it_is_told(tmp_path: Path) -> None:
    static = static_files(STATIC, tmp_path / "none", SKIN)
    assert static.assets["live/live.js"].content.startswith(b"throw new SyntaxError(")
    assert ".widget-vbox { flex-direction: column; }" in static.assets["css/widgets.css"].content.decode()
    assert static.forms == {}
