"""The picture that other sites show: of the size they ask for, the same each time, with what it has."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from blog.convert import Context, Defaults
from blog.convert.social_card import CardText, draw
from PIL import Image
from support.articles import article, output, png
from support.notebooks import code

TEXT = CardText("One scan, every detector", "Bright Disk", "A. Author, 2026")
FIGURE = base64.b64decode(png(300, 280))


def opened(content: bytes | None) -> Image.Image:
    assert content is not None
    return Image.open(io.BytesIO(content)).convert("RGB")


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    """Tell whether a pixel of a JPEG is of a colour."""
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 12 for a, b in zip(pixel, colour, strict=True))


def test_it_has_its_size_and_the_same_bytes_each_time() -> None:
    first = draw(TEXT, FIGURE)
    assert opened(first).size == (1200, 630)
    assert draw(TEXT, FIGURE) == first
    assert draw(CardText("Another", "Bright Disk"), FIGURE) != first
    assert len(first or b"") < 150_000


def test_the_figure_fills_its_part_or_is_shown_whole() -> None:
    filled, whole = opened(draw(TEXT, FIGURE)), opened(draw(TEXT, base64.b64decode(png(900, 100))))
    assert near(filled.getpixel((1190, 10)), (200, 30, 40))
    assert near(whole.getpixel((600, 480)), (200, 30, 40)), "a wide one lies below the title"
    assert near(filled.getpixel((30, 600)), (250, 251, 249))


@pytest.mark.parametrize("figure", [None, b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_without_a_figure_there_is_the_sites_mark(figure: bytes | None) -> None:
    assert draw(TEXT, figure) == draw(TEXT, None)


def test_a_long_title_has_room() -> None:
    title = "Überraschung in Łódź: λ, Å and ± in a title that goes on for longer than any title should " * 3
    card = opened(draw(CardText(title, "Bright Disk", title), FIGURE))
    # nothing is written where the figure is, nor at the edges
    column = [card.getpixel((685, y)) for y in range(630)]
    assert all(near(pixel, (250, 251, 249)) for pixel in column)


def test_a_title_in_letters_that_we_lack_has_no_card() -> None:
    assert draw(CardText("散乱", "Bright Disk"), FIGURE) is None


def test_a_post_has_a_card_and_a_demo_has_none() -> None:
    cells = ["Text.", code("1", output({"image/png": png(300, 280), "text/plain": "a"}))]
    made = article(*cells, site="Bright Disk")
    assert made.article.card
    assert made.article.card.url.startswith("/static/case-card.")
    assert made.article.card.url.removeprefix("/static/") in made.article.assets
    assert {asset.path for asset in made.assets} == set(made.article.assets)
    assert article(*cells, path="demos/case.ipynb", site="Bright Disk").article.card is None


def test_the_sites_name_is_on_it() -> None:
    assert Context(Path(), defaults=Defaults(site="A")) != Context(Path(), defaults=Defaults(site="B"))
    assert draw(CardText("T", "A"), None) != draw(CardText("T", "B"), None)
