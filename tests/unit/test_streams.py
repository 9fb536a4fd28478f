"""Text of programs: as a terminal shows it, with its colours, folded where it is long."""

from __future__ import annotations

import pytest
from blog.convert.citations import Sources
from blog.convert.mathematics import Mathematics
from blog.convert.outputs import Outputs
from blog.convert.page import Context, Page
from blog.convert.prose import Prose
from blog.convert.streams import FOLD_LINES, KEPT, coloured, plain, shown, terminal
from support.articles import NOWHERE, article, body, stream, warnings, words
from support.notebooks import code


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\r\nb", "a\nb"),
        ("  0%\r 50%\r100%\n", "100%\n"),
        ("longer line\rshort\n", "shortr line\n"),
        ("abc\b\bX", "aXc"),
        ("abc\r\x1b[Kd", "d"),
        ("abc\r\x1b[2Kd", "d"),
        ("a\rb\rc\rd", "d"),
        ("\x1b[31mred\x1b[0m\rX", "\x1b[31mXed\x1b[0m"),
        ("no returns", "no returns"),
        ("\r\r\n", "\n"),
    ],
)
def test_returns_and_backspaces(text: str, seen: str) -> None:
    assert plain(terminal(text)) == plain(seen)


def test_a_bar_of_a_million_steps_takes_no_time() -> None:
    assert terminal("".join(f"\r{step:>7}" for step in range(300_000))).strip() == "299999"


@pytest.mark.parametrize(
    ("codes", "classes"),
    [
        ("31", "ansi-r"),
        ("1;32", "ansi-g ansi-bold"),
        ("01;34", "ansi-b ansi-bold"),
        ("93", "ansi-y"),
        ("38;5;196", "ansi-r"),
        ("38;5;21", "ansi-b"),
        ("38;5;3", "ansi-y"),
        ("38;5;255", "ansi-w"),
        ("38;5;999", "ansi-w"),
        ("38;2;10;20;250", "ansi-b"),
        ("38;2;0;160;0", "ansi-g"),
        ("41", "ansi-on-r"),
        ("48;5;46", "ansi-on-g"),
        ("3;4;9", "ansi-italic ansi-underline ansi-strike"),
        ("2", "ansi-dim"),
        ("7", "ansi-w ansi-on-k"),
        ("31;7", "ansi-w ansi-on-r"),
    ],
)
def test_colours(codes: str, classes: str) -> None:
    assert coloured(f"\x1b[{codes}mx\x1b[0m y") == f'<span class="{classes}">x</span> y'


@pytest.mark.parametrize(
    "codes", ["", "0", "38", "38;5", "38;2;1", "99", ";;", "1;22", "31;39", "999999999999"]
)
def test_codes_that_set_nothing(codes: str) -> None:
    assert coloured(f"\x1b[{codes}mx") == "x"


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[2J",
        "\x1b[10;20H",
        "\x1b]0;title\x07",
        "\x1b]8;;https://e.org\x1b\\",
        "\x1b(B",
        "\x1b[?25l",
        "\x1b=",
        "\x07",
        "\x00",
        "\x1b",
        "\x1b[",
        "\x9b",
    ],
)
def test_other_controls_go(sequence: str) -> None:
    assert coloured(f"a{sequence}") == "a"
    assert plain(f"{sequence}") == ""


def test_text_is_escaped() -> None:
    assert coloured("\x1b[31m<b>&\x1b[0m<i>") == '<span class="ansi-r">&lt;b&gt;&amp;</span>&lt;i&gt;'
    assert coloured("\ud800\ue000") == ""


def test_streams_that_follow_each_other_are_one() -> None:
    html = body(code("x", stream("a\n"), stream("b\n"), stream("bad\n", "stderr"), stream("c\n")))
    assert '<pre>a\nb</pre><pre class="stderr">bad</pre><pre>c</pre>' in html
    assert html.count('class="out"') == 1


def test_a_bar_over_several_outputs() -> None:
    html = body(code("x", stream("10%\r", "stderr"), stream("50%\r", "stderr"), stream("100%\n", "stderr")))
    assert '<pre class="stderr">100%</pre>' in html


def test_nothing_to_see_is_nothing() -> None:
    assert 'class="out"' not in body(code("x", stream("\n \x1b[0m\n")))


def test_short_text_stands_open() -> None:
    assert "<details" not in shown("\n".join("x" * FOLD_LINES)).html


def test_long_text_is_folded_with_its_start_in_sight() -> None:
    made = shown("\n".join(map(str, range(FOLD_LINES + 1))))
    start, rest = made.html.split("<details>")
    assert "\n19</pre>" in start
    assert "<summary>The rest of the output<span>101 lines</span></summary><pre>20\n" in rest
    assert made.left_out == 0


def test_a_huge_text_is_cut_in_the_middle_and_said_so() -> None:
    text = "\n".join(f"line {number}" for number in range(100_000))
    converted = article(code("x", stream(text)))
    html = converted.article.body
    assert len(html) < 2 * KEPT + 5_000
    assert "line 0\n" in html
    assert "line 99999" in html
    assert "characters are left out here; the notebook has them all." in words(html)
    assert any("an output of 1,088,889 characters is cut by" in line for line in warnings(converted))


def test_one_line_of_fifty_megabytes() -> None:
    converted = article(code("x", stream("x" * 50_000_000)))
    assert len(converted.article.body) < 200_000
    assert len(warnings(converted)) >= 1


def test_a_traceback_keeps_its_colours() -> None:
    error = {
        "output_type": "error",
        "ename": "E",
        "evalue": "v",
        "traceback": ["\x1b[0;31mE\x1b[0m: <v>", "at line"],
    }
    html = body(code("x", error))
    assert '<div class="trace"><pre tabindex="0" role="region" aria-label="Error output, cell 1">' in html
    assert '<span class="ansi-r">E</span>: &lt;v&gt;\nat line</pre>' in html


@pytest.mark.parametrize(
    ("error", "seen"),
    [
        ({"ename": "E", "evalue": "v", "traceback": []}, "E: v"),
        ({"ename": "E", "evalue": "", "traceback": None}, "E"),
        ({"traceback": "text"}, "text"),
        ({"ename": 3, "evalue": {}, "traceback": [{}, 7]}, "7"),
        ({}, "Error"),
    ],
)
def test_tracebacks_of_any_shape(error: dict[str, object], seen: str) -> None:
    page = Page("posts/a.ipynb", "a", "posts", "python", Context(NOWHERE))
    outputs = Outputs(page, Prose(page, Mathematics(page), Sources()))
    (block,) = outputs.blocks([{"output_type": "error", **error}])
    assert words(block.html) == seen
