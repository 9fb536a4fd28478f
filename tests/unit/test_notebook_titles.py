"""Titles and slugs of notebooks that don't say theirs."""

from __future__ import annotations

import json

import pytest
from blog.notebook import Notebook, parse
from blog.notebook.inline import plain
from blog.notebook.titles import slug_of, title_of


def made(*sources: str, path: str = "posts/my_file.ipynb", title: str = "") -> Notebook:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": source} for source in sources]
    if title:
        cells.insert(
            0, {"cell_type": "raw", "metadata": {}, "source": f"---\ntitle: {json.dumps(title)}\n---"}
        )
    raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return parse(json.dumps(raw).encode(), path, "posts")


@pytest.mark.parametrize(
    ("sources", "title", "left"),
    [
        (["# One\n\nText."], "One", ["Text."]),
        (["Before.\n\n# One\nAfter.\n\n## Two"], "One", ["Before.\n\nAfter.\n\n## Two"]),
        (["One\n===\nText."], "One", ["Text."]),
        (["# One"], "One", []),
        (["Text.", "# One", "More."], "One", ["Text.", "More."]),
        (["# One #\n# Two"], "One", ["# Two"]),
        (["#\n\n# One"], "One", ["#"]),
        (["# One {#sec-one .unnumbered}\nText."], "One", ["Text."]),
        (["<h1 align='center'>One <i>two</i> &amp; three</h1>\nText."], "One two & three", ["Text."]),
        (["<div><H1>One</H1>\n<p>Text.</p></div>\n\nMore."], "One", ["<div><p>Text.</p></div>\n\nMore."]),
        (["```\n# no heading\n```\n\n# One"], "One", ["```\n# no heading\n```"]),
        (["    # code\n\n# One"], "One", ["    # code"]),
        (["> # quoted\n\n- # listed\n\n# One"], "One", ["> # quoted\n\n- # listed"]),
        # a heading of a lower level is the title where there is nothing better, and stays
        (["## Two\nText."], "Two", ["## Two\nText."]),
        (["##### Lesson 1", "# One"], "One", ["##### Lesson 1", "# One"]),
        (["a", "b", "c", "d", "## Two", "# One"], "Two", ["a", "b", "c", "d", "## Two", "# One"]),
        (["Text without any."], "My file", ["Text without any."]),
        ([], "My file", []),
    ],
)
def test_title_from_a_heading(sources: list[str], title: str, left: list[str]) -> None:
    notebook = made(*sources)
    assert notebook.metadata.title == title
    assert [cell.source for cell in notebook.node.cells] == left


@pytest.mark.parametrize(
    ("given", "source", "left"),
    [
        ("One", "# One\n\nText.", ["Text."]),
        ("one TWO", "# One *two*\n\nText.", ["Text."]),
        ("The $k$-means", "# The $k$-means\nText.", ["Text."]),
        ("Other", "# One\n\nText.", ["# One\n\nText."]),
        ("One", "## Zero\n\n# One", ["## Zero\n\n# One"]),
        ("Two", "## Two\n\nText.", ["## Two\n\nText."]),
    ],
)
def test_heading_that_repeats_the_title_is_taken_out(given: str, source: str, left: list[str]) -> None:
    notebook = made(source, title=given)
    assert [cell.source for cell in notebook.node.cells] == left


def test_title_that_the_format_has_a_place_for() -> None:
    cells: list[dict[str, str]] = [{"cell_type": "markdown", "source": "Text."}]
    raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"title": "From metadata"}, "cells": cells}
    assert parse(json.dumps(raw).encode(), "a.ipynb", "posts").metadata.title == "From metadata"
    cells.append({"cell_type": "markdown", "source": "# Heading"})
    assert parse(json.dumps(raw).encode(), "a.ipynb", "posts").metadata.title == "Heading"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Plain", "Plain"),
        ("*Strain* **maps** with `py4DSTEM`", "Strain maps with py4DSTEM"),
        ("A [link](https://example.org) and ![a picture](x.png)", "A link and a picture"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("Caf&eacute; &lt;b&gt; <b>bold</b>", "Café <b> bold"),
        ("In Depth: $k$-Means", "In Depth: k-Means"),
        (r"$\alpha$, $\Delta x$ and $\lambda$", "α, Δx and λ"),
        (r"$\mathbf{x} \times \vec{k}$", "x ×k"),
        (r"A \(\theta\) scan at $10^\circ$", "A θ scan at 10°"),
        (r"Solve $\frac{a}{b}$ now", "Solve now"),
        ("$5 or $6", "$5 or $6"),
        (r"\$a\$ is money", "$a$ is money"),
        ("two\nlines", "two lines"),
        ("a\x00b", "a\ufffdb"),
        ("🎉 Party", "🎉 Party"),
    ],
)
def test_plain_text_of_a_heading(markdown: str, text: str) -> None:
    assert plain(markdown) == text


@pytest.mark.parametrize(
    ("stem", "slug"),
    [
        ("dark-field", "dark-field"),
        ("Dark_Field  Imaging", "dark-field-imaging"),
        ("01.2 Überblick, größer", "01-2-uberblick-grosser"),
        ("Ångström & Łódź", "angstrom-lodz"),
        ("Don't panic", "dont-panic"),
        ("Cafe\u0301", "cafe"),
        ("Café", "cafe"),
        ("ﬁt", "fit"),
        ("--a--b--", "a-b"),
        ("数据-intro", "intro"),
        ("../../etc/passwd", "etc-passwd"),
        ("x" * 300, "x" * 100),
        ("a" * 99 + " b", "a" * 99),
    ],
)
def test_slug_of_a_file(stem: str, slug: str) -> None:
    assert slug_of(stem) == slug


@pytest.mark.parametrize("stem", ["数据", "", "...", "🎉", "\udcff"])
def test_slug_where_no_letter_is_left(stem: str) -> None:
    assert slug_of(stem) == slug_of(stem)
    assert slug_of(stem).startswith("notebook-")
    assert len(slug_of(stem)) == len("notebook-") + 8


def test_slugs_of_different_names_without_letters_differ() -> None:
    assert slug_of("数据") != slug_of("数学")


@pytest.mark.parametrize(
    ("stem", "title"),
    [
        ("my_first-notebook", "My first notebook"),
        ("03.08-Aggregation", "03 08 Aggregation"),
        ("数据", "数据"),
        ("__", "Untitled"),
        ("", "Untitled"),
    ],
)
def test_title_of_a_file(stem: str, title: str) -> None:
    assert title_of(stem) == title


@pytest.mark.parametrize(
    ("path", "slug", "title"),
    [
        ("posts/My Post.ipynb", "my-post", "My Post"),
        ("My.Post.IPYNB", "my-post", "My Post"),
        ("a/b/c.ipynb", "c", "C"),
        (".ipynb", slug_of(""), "Untitled"),
    ],
)
def test_both_come_from_the_name_of_the_file(path: str, slug: str, title: str) -> None:
    metadata = made("Text.", path=path).metadata
    assert (metadata.slug, metadata.title) == (slug, title)
