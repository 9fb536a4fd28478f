"""Front matter: found where it stands, read key by key, refused where its author must mend it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from blog.errors import NotebookError
from blog.model import Erratum, Series
from blog.notebook import Notebook, parse

TEXT = {"cell_type": "markdown", "metadata": {}, "source": "Some text."}


def made(*cells: dict[str, Any], path: str = "posts/made.ipynb") -> Notebook:
    raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    return parse(json.dumps(raw).encode(), path, "posts")


def raw(source: str) -> dict[str, Any]:
    return {"cell_type": "raw", "metadata": {}, "source": source}


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def front(text: str) -> Notebook:
    return made(raw(f"---\n{text}\n---"), TEXT)


def refused(*cells: dict[str, Any]) -> NotebookError:
    with pytest.raises(NotebookError) as caught:
        made(*cells)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("title: A plain title", "title", "A plain title"),
        ("title: 1984", "title", "1984"),
        ("title: 2.10", "title", "2.10"),
        ("title: No", "title", "No"),
        ("title: 'It''s: a colon'", "title", "It's: a colon"),
        ("title: |\n  two\n  lines", "title", "two lines"),
        (r"title: $\alpha$ and $k$-means for $5", "title", "α and k-means for $5"),
        ("title: 'a <b> & \"c\"'", "title", 'a <b> & "c"'),
        ('title: "a\\0b"', "title", "a\ufffdb"),
        ("title:", "title", "Made"),
        ("subtitle: Below", "subtitle", "Below"),
        ("description: >\n  One\n  two.", "description", "One two."),
        ("abstract: Short.", "description", "Short."),
        ("summary: Short.", "description", "Short."),
        ("description: First.\nabstract: Second.", "description", "First."),
        ("date: 2026-10-14", "date", date(2026, 10, 14)),
        ("date: '2026-10-14'", "date", date(2026, 10, 14)),
        ("date: 2026-1-4", "date", date(2026, 1, 4)),
        ("date: 2026/10/14", "date", date(2026, 10, 14)),
        ("date: 2026-10-14 23:59", "date", date(2026, 10, 14)),
        ("date: 2026-10-14T23:59:59.5+02:00", "date", date(2026, 10, 14)),
        ("date: 14 October 2026", "date", date(2026, 10, 14)),
        ("date: 14. oct 2026", "date", date(2026, 10, 14)),
        ("date: October 14, 2026", "date", date(2026, 10, 14)),
        ("date: Wednesday, October 14th, 2026", "date", date(2026, 10, 14)),
        ("date: Sept. 3 2026", "date", date(2026, 9, 3)),
        ("date: ''", "date", None),
        ("date:", "date", None),
        ("updated: 2026-10-15", "updated", date(2026, 10, 15)),
        ("date-modified: 2026-10-15", "updated", date(2026, 10, 15)),
        ("tags: [gold,  strain map , gold]", "tags", ("gold", "strain map")),
        ("tags: gold, strain map,, gold", "tags", ("gold", "strain map")),
        ("tags: gold", "tags", ("gold",)),
        ("tags:\n  - 2024\n  - 4D-STEM", "tags", ("2024", "4D-STEM")),
        ("tags: [Python, python]", "tags", ("Python",)),
        ("tags: []", "tags", ()),
        ("categories: [a, b]", "tags", ("a", "b")),
        ("errata: {date: 2026-10-14, text: Wrong}", "errata", (Erratum(date(2026, 10, 14), "Wrong"),)),
        (
            "errata:\n- {date: 2026-10-14, text: One}\n- {date: 14 Nov 2026, text: Two}",
            "errata",
            (Erratum(date(2026, 11, 14), "Two"), Erratum(date(2026, 10, 14), "One")),
        ),
        ("errata: {date: 2026-10-14, text: Wrong}", "updated", date(2026, 10, 14)),
        ("updated: 2026-11-01\nerrata: {date: 2026-10-14, text: Wrong}", "updated", date(2026, 11, 1)),
        ("series: First steps", "series", Series("First steps")),
        ("series: {name: First steps}", "series", Series("First steps")),
        ("series: {name: First steps, part: 2}", "series", Series("First steps", 2)),
        ("series:", "series", None),
        ("authors: [Ada Lovelace, Grace Hopper]", "authors", ("Ada Lovelace", "Grace Hopper")),
        ("author: Ada Lovelace", "authors", ("Ada Lovelace",)),
        ("author:\n  - {name: A. Lovelace, orcid: 0}\n  - G. H.", "authors", ("A. Lovelace", "G. H.")),
        ("author: {name: {given: Ada, family: Lovelace}}", "authors", ("Ada Lovelace",)),
        ("author: {name: Ada Lovelace, email: a@example.org}", "authors", ("Ada Lovelace",)),
        ("draft: true", "draft", True),
        ("draft: False", "draft", False),
        ("draft: yes", "draft", True),
        ("draft:", "draft", False),
        ("image: figures/a b.png", "image", "figures/a b.png"),
        ("image: false", "image", ""),
        ("slug: my-slug-2", "slug", "my-slug-2"),
        ("aliases: [/2019/old/, older.html]", "aliases", ("/2019/old/", "older.html")),
        ("aliases: /2019/old/", "aliases", ("/2019/old/",)),
        ("bibliography: a.bib", "bibliography", ("a.bib",)),
        ("bibliography: [a.bib, b.bib]", "bibliography", ("a.bib", "b.bib")),
        ("license: CC BY 4.0", "license", "CC BY 4.0"),
        ("license: {text: CC BY, url: 'https://creativecommons.org'}", "license", "CC BY"),
        ("license: {content: CC-BY-4.0, code: MIT}", "license", "CC-BY-4.0"),
        ("lang: pt-BR", "lang", "pt-BR"),
        ("lang: no", "lang", "no"),
        ("csl: nature.csl", "csl", "nature.csl"),
        (
            r"macros: {\RR: '\mathbb{R}', vec: ['\mathbf{#1}', 1]}",
            "macros",
            ((r"\RR", r"\mathbb{R}"), (r"\vec", r"\mathbf{#1}")),
        ),
        ("fork: all-cells", "fork", "all cells"),
        ("fork: warm-cells", "fork", "warm cells"),
        ("fork:", "fork", None),
    ],
)  # fmt: skip
def test_values(text: str, field: str, expected: object) -> None:
    notebook = front(text)
    assert getattr(notebook.metadata, field) == expected
    assert not notebook.problems
    assert [cell.source for cell in notebook.node.cells] == ["Some text."]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: [a, b]", "'title' in the front matter must be a text, but is a list"),
        ("title: true", "'title' in the front matter must be a text, but is true"),
        ("title: {a: b}", "but is a map"),
        ("description: [a]", "'description'"),
        ("date: soon", "'date' in the front matter must be a date such as 2026-10-14, but is 'soon'"),
        ("date: 2026", "but is the number 2026"),
        ("date: 2026-10", "a date such as"),
        ("date: 10/14/2026", "a date that can't be misread"),
        ("date: 3.4.2026", "a date that can't be misread"),
        ("date: 2026-02-30", "a date that exists"),
        ("date: 30 February 2026", "a date that exists"),
        ("date: 2026-13-45", "a date that exists"),
        ("date: 14 Ok 2026", "a date such as"),
        ("date: [2026-10-14]", "but is a list"),
        ("date: true", "but is true"),
        ("date-modified: soon", "'date-modified' in the front matter must be"),
        ("tags: 5", "'tags' in the front matter must be a list of texts, but is the number 5"),
        ("tags: {a: b}", "but is a map"),
        ("tags: [a, [b]]", "'tags'"),
        ("tags: [true]", "'tags'"),
        ("categories: {a: b}", "'categories'"),
        ("errata: [Wrong]", "a list of maps with 'date' and 'text'"),
        ("errata: {date: 2026-10-14}", "a list of maps with 'date' and 'text'"),
        ("errata: {date: soon, text: Wrong}", "a date such as"),
        ("errata: {date: 2026-10-14, text: ''}", "a list of maps with 'date' and 'text'"),
        ("series: [a]", "'series'"),
        ("series: {part: 2}", "'series'"),
        ("series: {name: a, part: two}", "whose 'part' is a whole number"),
        ("series: {name: a, part: 1.5}", "whose 'part' is a whole number"),
        ("series: {name: a, order: 1}", "'series'"),
        ("authors: 5", "'authors'"),
        ("authors: [{email: x}]", "'authors'"),
        ("draft: maybe", "'draft' in the front matter must be true or false, but is 'maybe'"),
        ("draft: 1", "'draft'"),
        ("image: [a.png]", "'image'"),
        ("slug: My Slug", "'slug' in the front matter must be lower-case letters"),
        ("slug: ../../etc", "'slug'"),
        ("slug: -a-", "'slug'"),
        ("slug: " + "a" * 101, "'slug'"),
        ("aliases: [../../etc/passwd]", "'aliases'"),
        ("aliases: ['https://example.org/']", "'aliases'"),
        ("aliases: [//example.org/]", "'aliases'"),
        ('aliases: ["a\\\\b"]', "'aliases'"),
        ("bibliography: {a: b}", "'bibliography'"),
        ("license: {color: red}", "'license'"),
        ("lang: the English one", "'lang'"),
        ("macros: [a]", "'macros'"),
        ("macros: {a b: c}", "'macros'"),
        ("macros: {a: {b: c}}", "'macros'"),
        ("fork: cold", "'fork' in the front matter must be all-cells or warm-cells, but is 'cold'"),
        ("fork: [all-cells]", "all-cells or warm-cells, but is a list"),
        ("fork: true", "all-cells or warm-cells, but is true"),
    ],
)
def test_wrong_types_say_key_cell_and_remedy(text: str, says: str) -> None:
    error = refused(raw(f"---\n{text}\n---"), TEXT)
    assert says in error.what
    assert error.cell == 1
    assert error.remedy.startswith("Write it like ")


@pytest.mark.parametrize(
    ("text", "line", "says", "remedy"),
    [
        ("title: Strain: a map", 2, "mapping values", "quotation marks"),
        ("title: a\ntags: [a, b", 4, "", "bracket"),
        ("title: a\n\ttags: b", 3, "'\\t'", "tabs"),
        ("title: a\n- b", 3, "", ""),
        ("title: @home", 2, "'@'", "quotation marks"),
        ("title: 'a", 3, "", "quotation mark"),
        ("title: a\ntitle: b", 3, "the key 'title' is there twice", "Delete one"),
        ("series: {name: a, name: b}", 2, "the key 'name' is there twice", "Delete one"),
        ("a: &x [1]\nb: *x", 3, "aliases are not read here", "quotation marks"),
        ("title: *bold* words", 2, "", "quotation marks"),
        ("title: !!python/name:os.system a", 2, "the tag '!!python/name:os.system'", "value itself"),
        ("title: !!map a", 2, "the tag '!!map'", ""),
        ("tags: !!seq a", 2, "the tag '!!seq'", ""),
        ("? [a, b]\n: c", 2, "a key must be a word", ""),
        ('title: "a\x07"', 2, "the character U+0007 is not allowed", "Delete"),
        ('title: "\\UFFFFFFFF"', None, "an escape stands for no character", ""),
        ("title: " + "[" * 3000, None, "nested too deep", ""),
        ("title: " + "a" * 50_001, None, "longer than 50000 characters", "Shorten"),
    ],
)  # fmt: skip
def test_invalid_yaml_says_the_line_of_the_cell(text: str, line: int | None, says: str, remedy: str) -> None:
    error = refused(raw(f"---\n{text}\n---"))
    assert error.what.startswith("the front matter is not valid YAML")
    if line is not None:
        assert f"at line {line}:" in error.what
    assert says in error.what
    assert remedy in error.remedy
    assert error.cell == 1


def test_lines_are_counted_from_the_top_of_the_cell() -> None:
    assert "at line 4:" in refused(raw("\n\n---\na: b: c\n---")).what


@pytest.mark.parametrize("text", ["- a\n- b", "just words", "5"])
def test_front_matter_without_keys(text: str) -> None:
    assert "holds no keys" in refused(raw(f"---\n{text}\n---")).what


def test_many_aliases_cost_nothing() -> None:
    bomb = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]" for n in range(9))
    assert "aliases are not read here" in refused(raw(f"---\n{bomb}\n---")).what


@pytest.mark.parametrize(
    ("source", "title", "left"),
    [
        ("---\ntitle: A\n---", "A", []),
        ("---\ntitle: A\n---\n", "A", []),
        ("\n \n--- \ntitle: A\n---\t\n\n", "A", []),
        ("---\ntitle: A\n...", "A", []),
        ("---\r\ntitle: A\r\n---", "A", []),
        ("---\ntitle: A\n---\n\nMore.", "A", ["More."]),
        ("---\ntitle: a --- b\n---", "a --- b", []),
    ],
)
@pytest.mark.parametrize("kind", ["raw", "markdown"])
def test_the_block_is_taken_out(kind: str, source: str, title: str, left: list[str]) -> None:
    notebook = made({"cell_type": kind, "metadata": {}, "source": source}, TEXT)
    assert notebook.metadata.title == title
    assert [cell.source.strip() for cell in notebook.node.cells] == [*left, "Some text."]
    assert notebook.node.cells[-1].metadata.blog.number == 2
    assert not notebook.problems


def test_blank_cells_may_stand_before_it() -> None:
    notebook = made(
        {"cell_type": "code", "metadata": {}, "source": "", "outputs": []}, raw("---\ntitle: A\n---")
    )
    assert notebook.metadata.title == "A"


@pytest.mark.parametrize(
    "cell",
    [
        markdown("---\nNote: this is old\n---"),
        markdown("---\nwords\n---\nmore"),
        markdown("A rule:\n\n---\ntitle: x\n---"),
        raw("<b>html</b>"),
        raw("--- not\ntitle: a\n---"),
        {"cell_type": "code", "metadata": {}, "source": "---\ntitle: a\n---", "outputs": []},
    ],
)
def test_what_is_not_front_matter_stays(cell: dict[str, Any]) -> None:
    notebook = made(cell)
    assert notebook.node.cells[0].source == cell["source"]
    (problem,) = notebook.problems
    assert "no metadata" in problem.what
    assert "raw cell" in problem.remedy
    assert problem.cell is None


def test_front_matter_that_is_not_closed() -> None:
    error = refused(raw("---\ntitle: A\n"))
    assert (error.what, error.cell) == ("the front matter is not closed", 1)


def test_front_matter_below_the_top_is_pointed_out() -> None:
    (problem,) = made(TEXT, raw("---\ntitle: A\n---")).problems
    assert (problem.cell, problem.remedy) == (2, "Move the cell to the top")


def test_empty_front_matter() -> None:
    (problem,) = made(raw("---\n---"), TEXT).problems
    assert problem.what == "its front matter is empty"


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        ("tag", "Write 'tags'"),
        ("Title", "Write 'title'"),
        ("catagories", "Write 'categories'"),
        ("licence", "Write 'license'"),
        ("desciption", "Write 'description'"),
        ("zzz", "docs/author.md"),
        ("1", "docs/author.md"),
    ],
)
def test_unknown_keys_are_warnings(key: str, remedy: str) -> None:
    (problem,) = front(f"title: A\n{key}: x").problems
    assert problem.severity == "warning"
    assert problem.what == f"the key '{key}' in the front matter is unknown"
    assert remedy in problem.remedy
    assert problem.cell == 1


def test_keys_of_other_tools_are_accepted() -> None:
    notebook = front(
        """
title: A
format:
  html: {code-fold: true, toc: true}
jupyter: python3
jupytext: {text_representation: {extension: .md}}
kernelspec: {name: python3, display_name: Python 3}
execute: {echo: false}
engine: jupyter
toc: true
toc-depth: 3
number-sections: true
code-fold: true
highlight-style: github
theme: cosmo
title-block-banner: true
editor: visual
listing: {contents: posts}
draft-mode: gone
comments: {giscus: {repo: a/b}}
reference-location: margin
link-citations: true
crossref: {fig-title: Fig.}
fig-cap-location: top
tbl-colwidths: auto
html-math-method: katex
keywords: [a]
date-format: long
image-alt: A cover
exports: [{format: pdf}]
numbering: {headings: true}
"""
    )
    assert not notebook.problems


@pytest.mark.parametrize(
    ("text", "what", "field"),
    [
        ("tags: [a]\ncategories: [b]", "'categories' in the front matter means the same", ("tags", ("a",))),
        ("categories: [b]\ntags: [a]", "'categories' in the front matter means the same", ("tags", ("a",))),
        ("date: today", "'date' in the front matter is 'today', which differs", ("date", None)),
        ("date: last-modified", "'date' in the front matter is 'last-modified'", ("date", None)),
        ("image: https://example.org/a.png", "names a picture on another site; it is ignored", ("image", "")),
    ],
)  # fmt: skip
def test_values_that_are_ignored_with_a_warning(text: str, what: str, field: tuple[str, object]) -> None:
    notebook = front(text)
    (problem,) = notebook.problems
    assert what in problem.what
    assert getattr(notebook.metadata, field[0]) == field[1]


def test_no_update_comes_before_the_post() -> None:
    found = front("date: 2026-10-14\nupdated: 2026-10-13")
    assert found.metadata.updated is None
    assert [problem.what for problem in found.problems] == ["'updated' lies before 'date' and is ignored"]
