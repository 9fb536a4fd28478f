"""What no article may hold, whatever its notebook holds: scripts, styles, handlers, other sites' files."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from blog import notebook as reader
from blog.convert import DEPENDS_DIGEST, Context, Converted, convert
from blog.errors import NotebookError
from support.articles import NOWHERE, article, elements, output, parsed, png, stream
from support.notebooks import code, markdown, notebook

FORBIDDEN = {
    "script",
    "style",
    "link",
    "meta",
    "base",
    "iframe",
    "frame",
    "object",
    "embed",
    "applet",
    "form",
}
FORBIDDEN |= {"button", "select", "textarea", "video", "audio", "source", "track", "template", "noscript"}
FORBIDDEN |= {"dialog", "canvas", "font", "center", "title", "head", "body", "html"}
LOADED = (
    "src",
    "srcset",
    "poster",
    "data",
    "background",
    "action",
    "formaction",
    "ping",
    "xlink:href",
    "cite",
)

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//e.org/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://e.org/p.png' srcset='https://e.org/q.png 2x'>",
    "<img src=`javascript:alert(1)`>",
    "<svg onload=alert(1)><script>alert(1)</script><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<svg><foreignObject><iframe src='https://e.org'></iframe></foreignObject>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<style>@import 'https://e.org/x.css'; p {background: url(https://e.org/x)}</style>",
    "<link rel=stylesheet href='https://e.org/x.css'>",
    "<meta http-equiv=refresh content='0;url=https://e.org'>",
    "<base href='https://e.org/'>",
    "<iframe src='https://e.org' srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data='https://e.org/x.swf'></object><embed src='javascript:alert(1)'>",
    "<video src='https://e.org/v.mp4' poster='https://e.org/p.png' autoplay></video>",
    "<audio><source src='https://e.org/a.mp3' onerror='alert(1)'></audio>",
    "<form action='https://e.org'><input name=q><button formaction='javascript:alert(1)'>x</button></form>",
    "<input type=image src='https://e.org/x.png'>",
    "<input type=checkbox onclick=alert(1) checked>",
    "<body background='https://e.org/x.png' onload=alert(1)>",
    "<table background='https://e.org/x.png'><td background='//e.org/x.png' style='background:url(//e.org)'>",
    "<div style='position:fixed;background:url(https://e.org/x)' onmouseover=alert(1) id=main>x</div>",
    "<a href='javascript:alert(1)' onclick='x' target=_blank ping='https://e.org'>x</a>",
    "<a href=' &#1;javascript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<live-cell notebook='posts/x' cell='y'><div data-run data-say></div></live-cell>",
    "<div class='site-head live cell'>x</div>",
    "<p title='<script>alert(1)</script>'>x</p>",
    "<blockquote cite='https://e.org'>x</blockquote><q cite='javascript:x'>y</q>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><!DOCTYPE html>",
    "\ue0000\ue001 and \ue0007\ue001",
    "[x](javascript:alert(1)) ![x](javascript:alert(1)) <javascript:alert(1)>",
    "![x](https://e.org/x.png 'a\" onerror=\"alert(1)')",
    "![a\" onerror=\"alert(1)](attachment:x.png)",
    "[x](https://e.org/\"onclick=\"alert(1))",
    "$\\href{javascript:alert(1)}{x}$ $\\text{<script>alert(1)</script>}$ $</math><script>alert(1)</script>$",
    "$\\unknown{<img src=x onerror=alert(1)>}$",
    "``` <script>alert(1)</script>\n<script>alert(1)</script>\n```",
    "```{note} <script>alert(1)</script>\n:class: x\" onclick=\"alert(1)\n<script>alert(1)</script>\n```",
    "```{figure} javascript:alert(1)\n:name: x\" onclick=\"alert(1)\n:alt: \"><script>1</script>\nx\n```",
    "::: {.callout-note title=\"<script>alert(1)</script>\" #a\"b onclick=\"x\"}\nx\n:::",
    "## <img src=x onerror=alert(1)> {#x\" onclick=\"alert(1)}",
    "x[^1]\n\n[^1]: <script>alert(1)</script> <img src=x onerror=alert(1)>",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "![x](https://e.org/x.png){onclick=alert(1) style=\"x\" .site-head}",
    "<a name='x\" onclick=\"alert(1)'>x</a>",
    "<svg><style><!--</style><img src=x onerror=alert(1)>--></svg>",
    "<div></p></table><table><p><table><select><template><script>alert(1)",
]  # fmt: skip


def offences(html: str) -> list[str]:
    """Give all that an article must not hold."""
    found: list[str] = []
    ids: set[str] = set()
    for element in elements(html):
        tag = element.tag
        if tag in FORBIDDEN:
            found.append(f"<{tag}>")
        for name, value in element.attrib.items():
            found += [f"<{tag} {name}={value!r}>" for _ in range(_is_offence(element, name, value))]
        if name := element.get("id"):
            found += [f"the id {name} twice"] if name in ids else []
            ids.add(name)
    ids |= {"main"}
    for element in elements(html):
        target = element.get("href", "")
        if element.tag == "a" and target.startswith("#") and target[1:] not in ids:
            found.append(f"a link to {target}, which is nowhere")
    return found


def _is_offence(element: Element, name: str, value: str) -> bool:
    if name.startswith("on") or name in ("style", "srcdoc", "target", "name", "align", "bgcolor", "border"):
        return True
    if name in LOADED:
        return not value.startswith("/static/")
    if name == "href":
        return urlsplit(value).scheme not in ("", "http", "https", "mailto", "tel")
    return False


def check(converted: Converted) -> None:
    """Fail where the article holds what it must not; names of regions must differ too."""
    html = converted.article.body
    assert offences(html) == []
    names = [element.get("aria-label") for element in elements(html) if element.get("role") == "region"]
    assert len(names) == len(set(names))
    assert "\ue000" not in html
    assert "\ue001" not in html
    for heading in converted.article.headings:
        assert offences(heading.html) == []
        assert not [element for element in elements(heading.html) if element.tag == "a"]
    assert {asset.path for asset in converted.assets} == set(converted.article.assets)
    for asset in converted.assets:
        assert re.fullmatch(r"[a-z0-9-]+\.[0-9a-f]{16}\.[a-z0-9]+", asset.path)


@pytest.mark.parametrize("attack", ATTACKS)
def test_markdown_is_made_safe(attack: str) -> None:
    check(
        article(attack, f"words {attack} words", f"> {attack}", f"- {attack}", f"<div>\n\n{attack}\n\n</div>")
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_outputs_are_made_safe(attack: str) -> None:
    outputs = [
        output({mime: attack})
        for mime in ("text/html", "text/markdown", "text/plain", "text/latex", "application/json")
    ]
    error = {"output_type": "error", "ename": attack, "evalue": attack, "traceback": [attack]}
    options = "".join(f"#| {name}: {json.dumps(attack)}\n" for name in ("fig-cap", "fig-alt", "label"))
    figure = code(f"{options}x", output({"image/png": png()}))
    named = {**code(f"# {attack}", *outputs, stream(attack), error, tags=("hide-input",)), "id": "x"}
    check(article(named, figure, {**figure, "metadata": {"tags": ["live"]}}))


def test_drawings_are_made_safe() -> None:
    converted = article(
        code("x", *[output({"image/svg+xml": attack}) for attack in ATTACKS if "<svg" in attack])
    )
    check(converted)
    for asset in converted.assets:
        assert b"script" not in asset.content
        assert b"alert" not in asset.content


def everything() -> dict[str, Any]:
    """Make one notebook of all there is."""
    state = {
        "top": {"model_name": "VBoxModel", "state": {"children": ["IPY_MODEL_a", "IPY_MODEL_b"]}},
        "a": {"model_name": "HTMLModel", "state": {"value": "".join(ATTACKS)}},
        "b": {"model_name": "OutputModel", "state": {"outputs": [output({"text/html": "".join(ATTACKS)})]}},
    }
    view = output({"application/vnd.jupyter.widget-view+json": {"model_id": "top"}})
    cells = [markdown(attack) for attack in ATTACKS]
    cells += [code("x", output({"text/html": attack}), stream(attack)) for attack in ATTACKS]
    cells += [code("#| label: fig-a\n#| fig-cap: A\nx", output({"image/png": png()}), view)]
    cells += [
        code("x", output({"image/png": png(9)}), tags=("live",)),
        markdown("@fig-a $x^2$ [^n]\n\n[^n]: N"),
    ]
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    return notebook(*cells, front_matter="title: All", widgets=widgets)


def test_all_at_once() -> None:
    check(
        convert(reader.parse(json.dumps(everything()).encode(), "posts/all.ipynb", "posts"), Context(NOWHERE))
    )


@pytest.mark.parametrize("seed", range(25))
def test_a_notebook_broken_at_random_is_converted_or_refused(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 — a test that can be repeated
    whole = everything()
    for _ in range(chance.randint(1, 60)):
        _break(whole, chance)
    try:
        read = reader.parse(json.dumps(whole).encode(), "posts/all.ipynb", "posts")
    except NotebookError:
        return
    check(convert(read, Context(NOWHERE)))


def _break(value: Any, chance: random.Random) -> None:
    """Put something strange somewhere into a notebook."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(value[key], (dict, list)) and chance.random() < 0.85:
            value = value[key]
            continue
        if isinstance(value[key], str) and chance.random() < 0.5:
            cut = chance.randrange(len(value[key]) + 1)
            value[key] = value[key][cut:] + chance.choice(ATTACKS) + value[key][:cut]
        elif key not in ("nbformat", "nbformat_minor"):
            value[key] = chance.choice([None, 7, -1.5, True, "", "x", [], {}, [None], {"x": []}])
        return


PROGRAM = """
import hashlib, json, sys
from pathlib import Path
from blog import notebook
from blog.convert import Context, convert
read = notebook.parse(sys.stdin.buffer.read(), "posts/all.ipynb", "posts")
made = convert(read, Context(Path(sys.argv[1]), {"posts/b.ipynb": "/posts/b/"}))
print(hashlib.sha256(repr(made).encode()).hexdigest())
"""


def test_the_same_bytes_in_any_process_and_folder(tmp_path: Path) -> None:
    content = json.dumps(everything()).encode()
    seen = set()
    for place, seed in (("a", "1"), ("b/c", "2")):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(folder)],
            input=content,
            capture_output=True,
            check=True,
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC{seed}"},
        )
        seen.add(done.stdout)
    assert len(seen) == 1


def test_no_path_of_this_machine_is_told(tmp_path: Path) -> None:
    converted = article("![x](a.png) [y](b.csv) ![z](../../c.png)", root=tmp_path)
    assert str(tmp_path) not in repr(converted)


def test_the_converter_has_a_digest() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", DEPENDS_DIGEST)


def test_the_check_finds_what_it_is_for() -> None:
    """The check itself must be able to fail."""
    for bad in (
        "<script>x</script>",
        "<p onclick='x'>y</p>",
        "<p style='x'>y</p>",
        "<img src='https://e.org/x.png'>",
        "<a href='javascript:x'>y</a>",
        "<a href='#nowhere'>y</a>",
        "<p id=a></p><p id=a></p>",
        "<iframe></iframe>",
    ):
        assert offences(bad), bad
    assert parsed("<p>x</p>") is not None
