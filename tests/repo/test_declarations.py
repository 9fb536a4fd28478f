"""Stills and real widgets are dressed by the same rules, in Python and in JavaScript."""

import json
import random
import re

from blog.convert import layouts, stills, widget_html
from support.frontend import FOLDER, run_node

ROOT = FOLDER.parents[1]
WORDS = [
    "auto", "0", "1fr", "15rem", "50%", "-4px", "-.5em", "+2px", "row wrap", "calc(", "min(", "url(",
    "var(--x", ")", "(", "/", "*", "/*", "*/", "#8abf", "#zz", "rgb(", '"a b"', "'a", "[start]", ",", "-",
    "!important", ";", "}", "\\", "--x", "-moz-x", "1px2", "\n", " ", "image-set(", "@import", "é",
    "expression(",
    "1.", ".",
]  # fmt: skip
PROPERTIES = ["margin", "margin-left", "top", "left", "width", "padding", "border-top", "grid-area", "flex"]
VALUES = [
    "4px auto", "-4px", "calc(1px - 9px)", "1px/**/", "/*", "1px /* } */", "min(100%, 20rem)", "a" * 401,
    "var(--s-3)", "url(//elsewhere.example/x)", "0 0 0 -.5em", "2 * 3", "inherit", "", " ",
]  # fmt: skip
STYLES = [
    "color: red; margin: -1px; width: calc(100% - 1px)", "position:fixed;top:0", "WIDTH : 5PX",
    "color:red !important", "background:url(x);color:#fff", "padding:1px/*;}*/", "margin:calc(9px)",
    "font-family:'a;b'", "text-indent:-2em",
]  # fmt: skip
CLASSES = [
    "my-own",
    "mine",
    "live-frame",
    "live-bar",
    "btn",
    "widget-box",
    "jupyter-widgets",
    "my-",
    "my-a b",
    "lm-x",
]
SCRIPT = """
import { fits, mayWear, ofStyle, PROPERTIES } from "./src/declarations.js";
let text = "";
for await (const part of process.stdin) text += part;
const { pairs, styles, classes } = JSON.parse(text);
console.log(JSON.stringify({
  properties: [...PROPERTIES].sort(),
  pairs: pairs.map(([property, value]) => fits(property, value)),
  styles: styles.map(style => ofStyle(style).map(([name, value]) => `${name}:${value}!important`).join(";")),
  classes: classes.map(mayWear),
}));
"""


def pairs() -> list[tuple[str, str]]:
    """Give declarations to judge: those that were thought of, and some by chance, always the same."""
    chance = random.Random(12)  # noqa: S311
    chanced = ["".join(chance.choices(WORDS, k=chance.randint(1, 5))) for _ in range(3000)]
    return [(name, value) for name in PROPERTIES for value in VALUES] + [
        (chance.choice(PROPERTIES), value) for value in chanced
    ]


def test_both_judge_alike() -> None:
    asked = {"pairs": pairs(), "styles": STYLES, "classes": CLASSES}
    done = run_node("--input-type=module", "--eval", SCRIPT, given=json.dumps(asked))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["properties"] == sorted(widget_html.PROPERTIES)
    judged = [layouts.fits(name, value) for name, value in asked["pairs"]]
    differing = [
        pair for pair, js, py in zip(asked["pairs"], found["pairs"], judged, strict=True) if js != py
    ]
    assert differing == []
    assert 500 < sum(judged) < len(judged) - 500
    assert found["styles"] == [widget_html.declarations(style) for style in STYLES]
    assert found["classes"] == [bool(stills.OWN_CLASS.fullmatch(name)) for name in CLASSES]


def test_nothing_leaves_its_place_or_hides_what_follows() -> None:
    refused = ["-4px", "-.5em", "calc(1px - 9px)", "var(--s-3)", "1px /* } */", "/*"]
    assert [value for value in refused if layouts.fits("margin-left", value)] == []
    assert [value for value in refused if layouts.fits("top", value)] == []
    assert layouts.fits("margin", "4px auto 1.5rem 10%")
    assert layouts.fits("width", "calc(100% - 2 * 1rem)")
    assert not layouts.fits("width", "1px/*")


def test_no_class_of_the_sites_own_parts_may_be_worn() -> None:
    sheets = [path.read_text() for path in (ROOT / "site/blog/static/css").glob("*.css")]
    names = {
        name
        for sheet in sheets
        for name in re.findall(r"\.([A-Za-z][\w-]*)", re.sub(r"/\*.*?\*/", "", sheet))
    }
    assert {"live-bar", "live-frame", "btn"} <= names
    # Those by which the site dresses widgets may.
    widgets = ("widget-", "jupyter-", "lm-", "mod-")
    worn = {name for name in names if stills.OWN_CLASS.fullmatch(name)}
    assert {name for name in worn if not name.startswith(widgets)} == set()
