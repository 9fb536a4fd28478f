"""The page on the design has what the stylesheet has, and shows it by the converter's own hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from blog.build.specimens import specimens
from blog.convert import Context
from blog.design import contrast, tokens

CSS = Path(__file__).parents[2] / "site" / "blog" / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()


def test_every_token_is_read_or_is_a_face() -> None:
    found = tokens(TOKENS)
    read = {token.name for group in (found.colours, found.type, found.space, found.others) for token in group}
    defined = set(re.findall(r"--([\w-]+):", TOKENS))
    assert defined - read == {"serif", "display", "sans", "mono", "lh", "edge-pad"}


def test_a_colour_has_both_themes_and_its_contrast() -> None:
    ink = next(colour for colour in tokens(TOKENS).colours if colour.name == "ink")
    assert (ink.light, ink.dark) == ("#18211f", "#e4eae7")
    assert float(ink.on_light) > 14
    plate = next(colour for colour in tokens(TOKENS).colours if colour.name == "plate")
    assert plate.light == plate.dark


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_each_size_is_shown_as_large_as_it_is() -> None:
    found = tokens(TOKENS)
    rules = (CSS / "design.css").read_text()
    for token in (*found.type, *found.space):
        assert f".{token.name} {{" in rules


def test_the_specimens_are_without_fault(tmp_path: Path) -> None:
    made = specimens(Context(root=tmp_path))
    assert made.article.problems == ()
    assert made == specimens(Context(root=tmp_path))
