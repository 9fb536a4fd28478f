"""Formulas: found as Jupyter finds them, set by KaTeX, numbered and referred to by us."""

from __future__ import annotations

import pytest
from blog.convert import mathematics
from blog.convert.formulas import Formula, Reference, replace
from blog.convert.katex_process import KatexError, KatexUnavailableError, available
from blog.convert.macros import MacroError, expand, take, used
from blog.convert.mathml import core, letter
from support.articles import article, body, elements, tags, warnings, words


def found(text: str) -> list[str]:
    """Give the TeX that is found in Markdown."""
    seen: list[str] = []

    def put(one: Formula | Reference) -> str:
        seen.append(one.tex if isinstance(one, Formula) else one.label)
        return "*"

    replace(text, put)
    return seen


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("$x$", ["x"]),
        ("$a_1 * b_2$ and $c$", ["a_1 * b_2", "c"]),
        ("| $|x|$ | $\\|y\\|$ |", ["|x|", "\\|y\\|"]),
        ("$ \\alpha $", ["\\alpha"]),
        ("a $x\n+ y$ b", ["x\n+ y"]),
        ("$\\text{costs \\$5}$", ["\\text{costs \\$5}"]),
        ("$\\text{a $b$ c}$", ["\\text{a $b$ c}"]),
        ("$$x$$", ["x"]),
        ("$$\nx\n= y\n$$", ["x\n= y"]),
        ("\\(x\\) \\\\(y\\\\)", ["x", "y"]),
        ("\\[x^2\\] and \\\\[y\\\\]", ["x^2", "y"]),
        ("\\begin{align}a\\\\b\\end{align}", ["\\begin{align}a\\\\b\\end{align}"]),
        (
            "\\begin{cases}\\begin{cases}a\\end{cases}\\end{cases}",
            ["\\begin{cases}\\begin{cases}a\\end{cases}\\end{cases}"],
        ),
        ("$20$ and $3.5\\%$", ["20", "3.5\\%"]),
        ("$12 x$", ["12 x"]),
        ("{math}`x^2`", ["x^2"]),
        ("```{note}\n$x$\n```", ["x"]),
        ("see @fig-a and [@tbl-b] but not me@fig-x.org", ["fig-a", "tbl-b"]),
    ],
)
def test_what_is_a_formula(text: str, tex: list[str]) -> None:
    assert found(text) == tex


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        "US$20,000 and $30,000. A 10$ bill",
        "It is $5 a day or 10$",
        "costs $5",
        "\\$x\\$",
        "`$x$`",
        "``a ` $x$``",
        "```\n$x$\n```",
        "~~~ python\n$x$\n~~~",
        "<!-- $x$ -->",
        "<pre>$x$</pre>",
        "a $x\n\ny$ b",
        "\\[1\\] a reference",
        "\\begin{itemize}\\end{itemize}",
        "$$\n\nx$$",
    ],
)
def test_what_is_none(text: str) -> None:
    assert found(text) == []


def test_what_lies_in_indented_code_is_put_back() -> None:
    html = body("A list:\n\n    x = $a_1$\n\nand ``$b$``, [$c$](https://e.org/$d$)")
    assert "x = $a_1$" in words(html)
    assert "<code>$b$</code>" in html
    assert 'href="https://e.org/$d$"' in html
    assert html.count("<math") == 1


def test_many_dollars_take_no_time() -> None:
    text = "$a {" * 20_000
    assert len(found(text)) < 20_000


def test_inline_and_display_are_mathml_with_their_source() -> None:
    html = body("Let $k=\\theta/\\lambda$ be.\n\n$$E = mc^2$$")
    assert '<annotation encoding="application/x-tex">k=\\theta/\\lambda</annotation>' in html
    assert html.count("<math") == 2
    assert (
        '<div class="eq"><div tabindex="0" role="region" aria-label="Equation"><math display="block">' in html
    )
    assert "katex" not in html


def test_display_cuts_its_paragraph() -> None:
    html = body("Before $$x$$ after.")
    assert html.startswith('<p>Before</p><div class="eq">')
    assert html.rstrip().endswith("<p>after.</p>")


def test_letters_are_unicode_for_browsers_ignore_variants() -> None:
    html = body(r"$\mathbf r \mathbb{R} \mathcal{L} \mathfrak{g} \mathsf{x} \mathtt{y} \boldsymbol{\alpha}$")
    for character in "𝐫ℝℒ𝔤𝗑𝚢𝜶":
        assert f"<mi>{character}</mi>" in html
    assert "mathvariant" not in html


def test_upright_words_are_one_name() -> None:
    html = body(r"$\theta_\mathrm{out} + \mathrm{d}x$")
    assert "<mi>out</mi>" in html
    assert '<mi mathvariant="normal">d</mi>' in html


def test_every_hole_of_the_alphabets() -> None:
    assert [letter(one, "script") for one in "BEFHILMRego"] == list("ℬℰℱℋℐℒℳℛℯℊℴ")
    assert letter("h", "italic") == "ℎ"
    assert letter("7", "bold") == "𝟕"
    assert letter("Γ", "bold") == "𝚪"
    assert letter("+", "bold") == "+"
    assert letter("a", "no such variant") == "a"


def test_columns_are_aligned_by_classes() -> None:
    html = body("\\begin{align*}a&=b\\\\c&=d\\end{align*}")
    assert html.count('class="ta-r"') == 2
    assert html.count('class="ta-l"') == 2


@pytest.mark.parametrize(
    "tex",
    [
        "\\begin{align}a&=b\\end{align}",
        "\\begin{equation}a\\end{equation}",
        "\\begin{gather}a\\\\b\\end{gather}",
        "\\begin{multline}a\\\\b\\end{multline}",
        "\\begin{eqnarray}a&=&b\\end{eqnarray}",
        "\\begin{alignat}{2}a&=b\\end{alignat}",
        "\\begin{equation}\\begin{split}a&=b\\end{split}\\end{equation}",
    ],
)
def test_ams_environments_are_numbered(tex: str) -> None:
    converted = article(tex)
    assert warnings(converted) == []
    assert '<div class="eq" id="eq-1">' in converted.article.body
    assert '<a href="#eq-1">(1)</a>' in converted.article.body


@pytest.mark.parametrize(
    "tex", ["\\begin{align*}a\\end{align*}", "\\begin{equation}a\\nonumber\\end{equation}", "$$a$$"]
)
def test_others_are_not(tex: str) -> None:
    assert 'class="eq" id=' not in body(tex)


def test_labels_and_references_over_cells() -> None:
    html = body(
        "See \\eqref{eq:b}, \\ref{eq:a}, [](#eq:a), {eq}`eq-q` and @eq-q.",
        "\\begin{align}a &= b \\label{eq:a}\\\\ c &= d \\label{eq:b}\\end{align}",
        "$$x \\tag{A}$$\n\n$$y$$ {#eq-q}",
    )
    assert "See (2), 1, Equation 1, (3) and Equation 3." in words(html)
    assert "(1–2)" in words(html)
    assert "(A)" in words(html)
    assert 'href="#eq-a"' in html
    assert "label" not in words(html).split("See")[1][:60]


def test_a_reference_within_a_formula() -> None:
    html = body("$$a \\label{one}$$", "$b \\text{ by } \\eqref{one}$")
    assert "by (1)" in words(html).replace("\xa0", " ")


def test_definitions_hold_for_later_cells() -> None:
    html = body(
        "$\\newcommand{\\R}{\\mathbb{R}}\\def\\v#1{\\mathbf{#1}}$",
        "$\\R$ $\\v{k}$",
        "$\\DeclareMathOperator{\\sgn}{sgn}\\sgn x$",
    )
    assert "ℝ" in html
    assert "𝐤" in html
    assert "<mi>sgn</mi>" in html
    assert html.count("<p>") == 2


def test_definitions_of_the_front_matter() -> None:
    html = body(
        "$\\R$ and $\\bra{x}$",
        front_matter='title: T\nmacros:\n  "\\\\R": "\\\\mathbb{R}"\n  bra: "\\\\langle #1|"',
    )
    assert "ℝ" in html
    assert "⟨" in html


def test_a_definition_of_one_notebook_does_not_reach_the_next() -> None:
    body("$\\newcommand{\\mine}{x}\\mine$")
    assert "tex-error" in body("$\\mine$")


def test_a_wrong_formula_is_shown_as_written_with_a_warning() -> None:
    converted = article("fine", "Bad $\\frac{1}$ here\n\n$$\\nosuch <x>$$")
    assert '<code class="tex-error">\\frac{1}</code>' in converted.article.body
    assert '<code class="tex-error">\\nosuch &lt;x&gt;</code>' in converted.article.body
    first, second = warnings(converted)
    assert first.startswith("warning: posts/case.ipynb, cell 3: the formula \\frac{1} can't be set: ")
    assert "Undefined control sequence: \\nosuch" in second


@pytest.mark.parametrize(
    "tex",
    [
        "\\href{https://e.org}{x}",
        "\\includegraphics{https://e.org/x.png}",
        "\\htmlStyle{color:red}{x}",
        "\\htmlData{a=b}{x}",
    ],
)
def test_commands_that_could_reach_out_are_refused(tex: str) -> None:
    html = body(f"${tex}$")
    assert "tex-error" in html
    assert "<math" not in html


def test_endless_definitions_end() -> None:
    assert "tex-error" in body("$\\def\\a{\\a\\a}\\a$")


def test_no_formula_leaves_a_style() -> None:
    html = body(
        "$\\fcolorbox{red}{blue}{x} \\boxed{y} \\pmb{z} \\textcolor{green}{w} \\ce{H2O} \\raisebox{1em}{q}$"
    )
    assert all("style" not in element.attrib for element in elements(html))


def test_chemistry() -> None:
    assert "tex-error" not in body("$\\ce{2 H2 + O2 -> 2 H2O}$")


def test_mathml_that_is_broken_is_said_so() -> None:
    with pytest.raises(ValueError, match="mismatched tag"):
        core("<math><mi>x</math>", "x", False)


class TestWithoutNode:
    @pytest.fixture(autouse=True)
    def _without(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(*_: object) -> str:
            raise KatexUnavailableError

        monkeypatch.setattr(mathematics.katex, "render", missing)
        monkeypatch.setattr(mathematics, "_remembered", {})

    def test_the_fallback_sets_the_common(self) -> None:
        html = body("$\\newcommand{\\R}{\\mathbb{R}}x^2 \\in \\R$ and $$\\frac{a}{b}$$")
        assert tags(html, "math")
        assert "ℝ" in html
        assert "tex-error" not in html

    def test_what_it_can_not_is_refused(self) -> None:
        assert "tex-error" in body("$\\nosuchcommand{x}$")


class TestMacros:
    def test_take(self) -> None:
        macros: dict[str, str] = {}
        rest = take(
            "a \\newcommand{\\x}[1]{b#1} \\def\\y{c} \\renewcommand\\x{d} \\providecommand{\\y}{e} f", macros
        )
        assert rest.split() == ["a", "f"]
        assert macros == {"\\x": "d", "\\y": "c"}

    def test_an_unfinished_definition_stays(self) -> None:
        macros: dict[str, str] = {}
        assert take("\\newcommand{\\x}{a", macros) == "\\newcommand{\\x}{a"
        assert macros == {}

    def test_used_by_way_of_others(self) -> None:
        assert used("\\a", {"\\a": "\\b", "\\b": "c", "\\z": "d"}) == {"\\a": "\\b", "\\b": "c"}

    def test_expand(self) -> None:
        assert expand("\\v{k}\\v r", {"\\v": "\\mathbf{#1}"}) == "{\\mathbf{k}}{\\mathbf{r}}"
        assert expand("\\ab", {"\\a": "x"}) == "\\ab"

    def test_expand_ends(self) -> None:
        with pytest.raises(MacroError):
            expand("\\a" * 50, {"\\a": "\\a\\a\\a\\a" * 20}, rounds=50)


def test_katex_is_there_in_the_suite() -> None:
    """The suite must not pass by the fallback alone: the set-up installs KaTeX."""
    assert available()


def test_an_error_is_remembered_as_one() -> None:
    for _ in range(2):
        with pytest.raises(KatexError):
            mathematics.mathml("\\nosuch", False, {})


def test_references_to_what_is_not_there_are_told_and_doubled_labels_too() -> None:
    made = article(
        r"$\eqref{eq:no}$, @fig-no and [@tbl-no]. @Eq-one, @eq-one.",
        "$$a$$ {#eq-one}\n\n$$b$$ {#eq-one}",
    )
    told = [line.partition(": ")[2].split(". ")[0] for line in warnings(made)]
    assert told == [
        "posts/case.ipynb, cell 2: nothing is labelled eq:no",
        "posts/case.ipynb, cell 2: nothing is labelled fig-no",
        "posts/case.ipynb, cell 2: nothing is labelled tbl-no",
        "posts/case.ipynb, cell 3: the label eq-one is there twice; the first counts",
    ]
    assert made.article.body.count('<a href="#eq-one">Equation 1</a>') == 2
