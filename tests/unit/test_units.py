r"""Quantities and formulas of substances: what siunitx and mhchem write is set."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from blog.convert import Context, Defaults, convert, markdown_page
from blog.convert.katex_process import available
from blog.convert.units import expanded, number, unit
from blog.notebook import parse
from support.articles import article, body, elements, warnings
from support.notebooks import markdown, notebook


@pytest.mark.parametrize(
    ("written", "tex"),
    [
        ("1.5", "1.5"),
        ("-1,5", "-1.5"),
        (".5", "0.5"),
        ("12345.67891", r"12\,345.678\,91"),
        ("1e-3", r"1 \times 10^{-3}"),
        ("e5", "10^{5}"),
        ("1.23(4)e6", r"1.23(4) \times 10^{6}"),
        ("1.2 +- 0.1", r"1.2 \pm 0.1"),
        ("1.2 +- 0.1 e3", r"(1.2 \pm 0.1) \times 10^{3}"),
        ("x", "x"),
        ("", ""),
    ],
)
def test_numbers(written: str, tex: str) -> None:
    assert number(written) == tex


@pytest.mark.parametrize(
    ("written", "tex"),
    [
        (r"\nano\metre", r"\text{nm}"),
        (r"\metre\per\second\squared", r"\text{m}\,\text{s}^{-2}"),
        (r"\per\square\angstrom", r"\text{Å}^{-2}"),
        (r"e/\angstrom^2", r"\text{e}\,\text{Å}^{-2}"),
        ("kg.m.s^{-2}", r"\text{kg}\,\text{m}\,\text{s}^{-2}"),
        ("nm^-1", r"\text{nm}^{-1}"),
        (r"\percent", r"\text{\%}"),
        (r"\micro\ohm\centi\metre", r"\text{µΩ}\,\text{cm}"),
    ],
)
def test_units(written: str, tex: str) -> None:
    assert unit(written) == tex


@pytest.mark.parametrize(
    ("written", "tex"),
    [
        (r"a = \qty{1.5}{nm}.", r"a = {1.5\,\text{nm}}."),
        (r"\SI[per-mode=symbol]{2.5}{\milli\radian}", r"{2.5\,\text{mrad}}"),
        (r"\qty{90}{\degree}", r"{90\text{°}}"),
        (r"\ang{12.5;30}", r"{12.5\text{°}30\text{′}}"),
        (r"\qtyrange{7}{16}{\mrad}", r"{7\text{–}16\,\text{mrad}}"),
        (r"\qtylist{1;2}{nm}", r"{1,\ 2\,\text{nm}}"),
        (r"\qty{1.2 +- 0.1}{V}", r"{(1.2 \pm 0.1)\,\text{V}}"),
        (r"\si{\kelvin} \sin \number", r"{\text{K}} \sin \number"),
        (r"\qty{1}", r"\qty{1}"),
    ],
)
def test_quantities(written: str, tex: str) -> None:
    assert expanded(written, {}) == tex


def test_a_command_of_the_authors_own_stays() -> None:
    assert expanded(r"\qty{x}{y}", {r"\qty": "#1"}) == r"\qty{x}{y}"


@pytest.mark.skipif(not available(), reason="KaTeX is not there")
@pytest.mark.parametrize(
    "tex",
    [
        r"\ce{SO4^2- + Ba^2+ -> BaSO4 v}",
        r"\ce{^{227}_{90}Th+}",
        r"\ce{A <=>[\alpha][\beta] B}",
        r"\pu{123 kJ//mol}",
        r"\qty{40}{\per\square\angstrom}",
        r"\num{6.022e23}",
        r"d = \SI{4.078}{\angstrom}",
    ],
)
def test_substances_and_quantities_are_set(tex: str) -> None:
    made = article(f"As ${tex}$ says.")
    assert warnings(made) == []
    shown = [
        element.text or ""
        for element in elements(made.article.body)
        if element.tag in ("mi", "mn", "mo", "mtext")
    ]
    assert not any("\\" in text for text in shown)


@pytest.mark.skipif(not available(), reason="KaTeX is not there")
def test_a_macro_may_hold_a_quantity() -> None:
    front = r"""title: T
macros: {"\\step": "\\qty{1}{nm}"}"""
    html = body(r"A step of $\step$.", front_matter=front)
    assert re.search(r"<mtext>[^<]*nm</mtext>", html)


@pytest.mark.skipif(not available(), reason="KaTeX is not there")
def test_a_macro_of_the_site_holds_unless_the_post_has_its_own(tmp_path: Path) -> None:
    context = Context(tmp_path, defaults=Defaults(macros=((r"\who", r"\text{site}"),)))
    assert "<mtext>site</mtext>" in markdown_page(r"$\who$", context).article.body
    own = notebook(markdown(r"$\who$"), front_matter="title: T\nmacros: {who: '\\text{post}'}")
    read = parse(json.dumps(own).encode(), "posts/a.ipynb", "posts")
    assert "<mtext>post</mtext>" in convert(read, context).article.body
