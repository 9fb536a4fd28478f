"""What an author says of a cell's pictures: the size of a pixel, and that two are to be compared."""

from __future__ import annotations

import pytest
from blog.convert.scales import pixel_size
from support.articles import article, output, png, tags, warnings
from support.notebooks import code


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0.18 nm", "0.18 nm"),
        ("0.18nm", "0.18 nm"),
        (".5 um", "0.5 µm"),
        ("2e-3 Å", "0.002 Å"),
        ("0.25 A", "0.25 Å"),
        ("0.02 nm^-1", "0.02 1/nm"),
        ("0.25 mrad", "0.25 mrad"),
    ],
)
def test_sizes_of_a_pixel(written: str, read: str) -> None:
    assert pixel_size(written) == read


@pytest.mark.parametrize(
    "written", ["", "nm", "0.18", 0.18, "0 nm", "-1 nm", "1e999 nm", "3 ells", True, "1 nm wide"]
)
def test_what_is_no_size(written: object) -> None:
    assert pixel_size(written) is None


def test_each_picture_has_its_scale_or_all_have_one() -> None:
    pictures = [output({"image/png": png(8, side)}) for side in (6, 7, 8)]
    made = article(code("#| fig-scale: [1 nm, 2 um]\nshow()", *pictures)).article.body
    links = tags(made, "a")[:3]
    assert ['data-pixel="1 nm"' in link for link in links] == [True, False, False]
    assert ['data-pixel="2 µm"' in link for link in links] == [False, True, True]


def test_a_scale_that_is_none_is_a_warning_and_no_more() -> None:
    made = article(code("#| fig-scale: fine\nshow()", output({"image/png": png()})))
    assert "data-pixel" not in made.article.body
    assert warnings(made) == [
        "warning: posts/case.ipynb, cell 2: the scale fine is no size of a pixel and is ignored. "
        "Write a number and a unit, such as `#| fig-scale: 0.18 nm`."
    ]


def test_two_pictures_of_one_size_are_compared() -> None:
    two = (output({"image/png": png(8, 6)}), output({"image/png": png(8, 6, (1, 2, 3))}))
    source = "#| fig-compare: true\n#| fig-alt: [one, two]\n#| fig-subcap: [Raw, <b>]\nshow()"
    html = article(code(source, *two, tags=("plate",))).article.body
    assert html.count("data-compare") == 1
    assert [tag for tag in tags(html, "img") if 'alt="two"' in tag]
    assert ">Raw</a></div>" in html
    assert ">&lt;b&gt;</a></div>" in html
    assert html.count('class="plate"') == 2, "each has one plate, whatever the tag says"


@pytest.mark.parametrize("sizes", [[(8, 6)], [(8, 6), (8, 7)], [(8, 6), (9, 6), (10, 6)]])
def test_other_pictures_are_shown_as_always(sizes: list[tuple[int, int]]) -> None:
    made = article(
        code("#| fig-compare: true\nshow()", *(output({"image/png": png(*size)}) for size in sizes))
    )
    assert "data-compare" not in made.article.body
    assert len(tags(made.article.body, "img")) == len(sizes)
    assert "`fig-compare` is for two pictures of one size" in warnings(made)[0]
