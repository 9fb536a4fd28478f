"""Code in colours: lines, languages, magics, and what no lexer can read."""

from __future__ import annotations

import pytest
from blog.convert.highlight import code_html, lines
from support.articles import words


def test_each_line_is_its_own() -> None:
    assert lines("x = 1\n\n# two", "python") == [
        'x = <span class="mi">1</span>',
        "",
        '<span class="c1"># two</span>',
    ]


def test_a_token_of_several_lines_is_cut() -> None:
    assert lines('"""a\nb"""', "python") == ['<span class="sd">"""a</span>', '<span class="sd">b"""</span>']


def test_the_markup_of_the_design_board() -> None:
    assert code_html("\nx\n\n", "text", 'Code, "cell" 3') == (
        '<div class="code" data-copy><pre tabindex="0" role="region" aria-label="Code, &quot;cell&quot; 3">'
        '<code><span class="l">x\n</span></code></pre></div>'
    )


@pytest.mark.parametrize(
    ("code", "language", "mark"),
    [
        ("def f(): pass", "python", '<span class="k">def</span>'),
        ("f <- function(x) x", "r", '<span class="kr">function</span>'),
        ("function f(x) end", "julia", '<span class="k">function</span>'),
        ("var x = 1;", "csharp", '<span class="kt">var</span>'),
        ("%timeit x", "python", '<span class="o">%</span>'),
        ("!ls -l", "python", "<span"),
        ("%%bash\nif true; then echo hi; fi", "python", '<span class="k">if</span>'),
        ("%%R -i x\nf <- function(x) x", "python", '<span class="kr">function</span>'),
        ("%%html\n<b>x</b>", "python", '<span class="nt">b</span>'),
        ("%%writefile a.py\ndef f(): pass", "python", '<span class="k">def</span>'),
    ],
)
def test_languages_and_magics(code: str, language: str, mark: str) -> None:
    html = code_html(code, language, "Code")
    assert mark.replace('<span class="o">%</span>', "%") in html
    assert words(html).replace(" ", "") == code.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize("language", ["", "nosuch", "text", "C#", "x" * 1000, "\0"])
def test_any_name_of_a_language(language: str) -> None:
    assert lines("a <b>", language)[0].replace('<span class="', "")


@pytest.mark.parametrize("language", ["python", "r", "julia", "text", "nosuch", "html", "javascript", "tex"])
@pytest.mark.parametrize(
    "code", ["<script>&\"'", "\t\x00\x0b", "'''", "\\" * 100, "a\r\nb\rc", "(" * 5000, "💎ü\u2028x"]
)
def test_no_character_is_lost_and_none_is_markup(code: str, language: str) -> None:
    html = "\n".join(lines(code, language))
    assert "<script" not in html
    assert html.count("<") == html.count("<span") + html.count("</span")


def test_very_long_code_stays_plain() -> None:
    assert lines("x = 1\n" * 100_000, "python")[0] == "x = 1"
