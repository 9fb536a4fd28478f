"""The site's own files: fingerprinted, bundled, and named by what they hold."""

import gzip
from pathlib import Path

import brotli
import pytest
from blog.assets import collect, compressed, fingerprint


def sources(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_the_name_holds_the_digest_of_the_content() -> None:
    first, second = fingerprint("a.css", b"x"), fingerprint("a.css", b"y")
    assert first.path != second.path
    assert first.url == f"/static/{first.path}"
    assert fingerprint("a.css", b"x") == first


def test_stylesheets_become_one_and_name_fingerprinted_files(tmp_path: Path) -> None:
    folder = sources(
        tmp_path,
        css__style_dot_css='/* why\nso */\n@layer a, b;\n@import "./type.css";\n',
        css__type_dot_css='@font-face { src: url("../fonts/a.woff2") } '
        "i { mask: url(data:image/png;base64,AA) } b { filter: url(#f) }",
        fonts__a_dot_woff2="font",
    )
    static = collect(folder)
    style = static.assets["css/style.css"].content.decode()
    assert static.url("fonts/a.woff2") in style
    assert "url(data:image/png;base64,AA)" in style
    assert "url(#f)" in style
    assert "@import" not in style
    assert style.startswith("@layer a, b;"), "comments are for the sources"
    assert set(static.assets) == {"css/style.css", "fonts/a.woff2"}


def test_modules_import_fingerprinted_modules(tmp_path: Path) -> None:
    folder = sources(
        tmp_path,
        js__app_dot_js='import { a } from "./part.js";\nif (a) import("./late.js");\n',
        js__part_dot_js="export const a = 1;",
        js__late_dot_js="import './part.js'",
    )
    static = collect(folder)
    app = static.assets["js/app.js"].content.decode()
    assert f'from "{static.url("js/part.js")}"' in app
    assert f'import("{static.url("js/late.js")}")' in app
    before = static.url("js/app.js")
    (folder / "js/part.js").write_text("export const a = 2;")
    assert collect(folder).url("js/app.js") != before, "a change below must change the names above"


def test_a_name_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"gone\.js"):
        collect(sources(tmp_path / "a", js__app_dot_js='import "./gone.js"'))
    with pytest.raises(ValueError, match=r"gone\.woff2"):
        collect(sources(tmp_path / "b", css__style_dot_css="a { src: url(../gone.woff2) }"))
    with pytest.raises(ValueError, match="each other"):
        collect(sources(tmp_path / "c", js__a_dot_js='import "./b.js"', js__b_dot_js='import "./a.js"'))


def test_compressed_forms_hold_the_same_and_are_the_same_each_time() -> None:
    content = b"<p>micrograph</p>" * 400
    forms = compressed("index.html", content)
    assert brotli.decompress(forms[".br"]) == gzip.decompress(forms[".gz"]) == content
    assert forms == compressed("index.html", content)
    assert compressed("a.png", content) == {}
    assert compressed("a.txt", b"x") == {}, "a form larger than the file is no use"
