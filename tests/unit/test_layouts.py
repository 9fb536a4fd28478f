"""Layouts of widgets become declarations; nothing that a notebook saved can say more than that."""

from __future__ import annotations

import pytest
from blog.convert import layouts


@pytest.mark.parametrize(
    "value",
    [
        "auto", "0", "1 1 15rem", "50%", "-4px", ".5em", "row wrap", "space-between", "calc(100% - 2 * 1rem)",
        "min(100%, 20rem)", "repeat(3, minmax(0, 1fr))", "1px solid #8abf", "2px dashed rgb(0 0 0 / 50%)",
        '"header header" "left centre"', '"header"\n"main"', "[start] 1fr [end]", "1 / span 2",
        "var(--jp-border-color1)", "clamp(1rem, 2vw, 3rem)", "fit-content(20em)",
    ],
)  # fmt: skip
def test_what_a_layout_may_say(value: str) -> None:
    assert layouts.is_safe(value)


@pytest.mark.parametrize(
    "value",
    [
        "", "  ", "url(//elsewhere.example/x.png)", "URL(x)", "u\\72l(x)", "image-set('x' 1x)",
        "expression(alert(1))", "1px; color: red", "1px } body { display: none", "1px !important",
        "red/**/url(x)", "attr(x)", "env(x)", "calc(1px", "1px)", ")(", "'a' url('b')", '"a', "'a\nb'",
        "@import 'x'", "<!-- 1px", "1px\\9", "a" * 500, "-moz-element(#x)", "paint(x)", "element(#a)",
        "cross-fade(url(x), 1)", "1px {", "\N{LATIN SMALL LETTER E WITH ACUTE}", "1px\0", "a:b",
        "var (--x) url(x)",
    ],
)  # fmt: skip
def test_what_it_may_not(value: str) -> None:
    assert not layouts.is_safe(value)


def test_a_layout_is_written_in_one_order_and_what_is_no_layout_is_left_out() -> None:
    layout = {
        "width": "50%", "flex": "1 1  0", "order": 2, "height": None, "margin": ["1px"], "display": True,
        "position": "fixed", "_model_name": "LayoutModel", "padding": "url(x)", "grid_gap": "4px 8px",
    }  # fmt: skip
    written = layouts.of_layout(layout)
    assert written == "flex:1 1 0!important;grid-gap:4px 8px!important;order:2!important;width:50%!important"
    assert written == layouts.of_layout(dict(reversed(layout.items())))
    assert layouts.of_layout({}) == ""


def test_a_stylesheet_has_one_rule_for_what_is_said_twice() -> None:
    one, two = layouts.of_width("50%"), layouts.of_colour("background-color", "lightgreen")
    rules = {layouts.class_of(said): said for said in (one, two, one)}
    sheet = layouts.stylesheet(rules)
    assert sheet.count("{") == 2
    assert f".{layouts.class_of(one)}{{width:50%!important}}" in sheet


def test_a_style_says_what_it_may_of_the_control() -> None:
    style = {"font_size": "20px", "text_color": "url(x)", "button_color": "#eee", "description_width": "5em"}
    assert layouts.of_style(style) == "background-color:#eee!important;font-size:20px!important"
    assert layouts.of_style(style, "font_size") == "font-size:20px!important"
