"""Markdown as Jupyter, MyST and Quarto write it: headings, callouts, notes, tables, code, raw HTML."""

from __future__ import annotations

import pytest
from support.articles import article, body, tags, warnings, words
from support.notebooks import code, markdown


class TestHeadings:
    def test_markup(self) -> None:
        assert body("Text.\n\n# What it *is*") == (
            '<p>Text.</p>\n<h2 id="what-it-is">What it <em>is</em>'
            '<a class="anchor" href="#what-it-is" aria-label="Link to What it is">#</a></h2>\n'
        )

    @pytest.mark.parametrize(
        ("source", "levels"),
        [
            ("# A\n\n## B\n\n### C", [2, 3, 4]),
            ("## A\n\n### B\n\n## C", [2, 3, 2]),
            ("## A\n\n#### B\n\n## C", [2, 3, 2]),
            ("#### A\n\n# B\n\n## C\n\n#### D", [2, 2, 3, 4]),
            ("# A\n\n## B\n\n### C\n\n#### D\n\n##### E\n\n###### F", [2, 3, 4, 5, 6, 6]),
            ("# A\n\n### B\n\n## C", [2, 3, 3]),
        ],
    )
    def test_levels_start_at_two_and_never_skip(self, source: str, levels: list[int]) -> None:
        found = [int(tag[2]) for level in range(1, 7) for tag in tags(body(source), f"h{level}")]
        assert sorted(found) == sorted(levels)

    def test_levels_are_the_notebook_s_not_the_cell_s(self) -> None:
        html = body("### A", "# B", "## C")
        assert tags(html, "h2") == ['<h2 id="a">', '<h2 id="b">']
        assert tags(html, "h3") == ['<h3 id="c">']

    def test_the_contents_list(self) -> None:
        converted = article("# The `code` [link](https://e.org) $x^2$^[note]\n\n## Sub\n\n### Deep")
        shown = [(heading.level, heading.id) for heading in converted.article.headings]
        assert shown == [(2, "the-code-link-x2"), (3, "sub")]
        html = converted.article.headings[0].html
        assert html.startswith("The <code>code</code> link <math>")
        assert "<a " not in html

    def test_ids_are_unique_and_never_the_page_s_own(self) -> None:
        html = body("# Same\n\n# Same\n\n# Main\n\n# Same 2\n\n# …")
        assert [tag[8:-2] for tag in tags(html, "h2")] == ["same", "same-2", "main-2", "same-2-2", "section"]

    def test_the_title_is_not_said_twice(self) -> None:
        assert tags(body("# Case\n\n## Sub"), "h2") == ['<h2 id="sub">']

    def test_of_raw_html(self) -> None:
        converted = article('<h1 align="center" id="top-one">Raw <b>one</b></h1>')
        assert converted.article.body.startswith('<h2 id="top-one">Raw <b>one</b><a class="anchor"')
        assert converted.article.headings[0].html == "Raw <b>one</b>"

    def test_other_scripts(self) -> None:
        assert tags(body("# Über Größe: 你好"), "h2") == ['<h2 id="über-größe-你好">']

    def test_pandoc_and_myst_names(self) -> None:
        html = body("# One {#sec-one}\n\n(two)=\n# Two\n\n@sec-one, [](#two), {ref}`two`, {ref}`that <two>`")
        assert '<h2 id="sec-one">One<' in html
        assert words(html).endswith("One, Two, Two, that")


class TestCallouts:
    @pytest.mark.parametrize(
        ("kind", "classes", "label"),
        [
            ("note", "roi", "Note"),
            ("tip", "roi tip", "Tip"),
            ("important", "roi important", "Important"),
            ("warning", "roi warn", "Warning"),
            ("caution", "roi warn caution", "Caution"),
        ],
    )
    def test_three_ways_to_write_one(self, kind: str, classes: str, label: str) -> None:
        start = f'<aside class="{classes}"><span class="label">{label}</span>\n<p>Text <em>x</em>.</p>'
        assert start in body(f"> [!{kind.upper()}]\n> Text *x*.")
        assert start in body(f"```{{{kind}}}\nText *x*.\n```")
        assert start in body(f":::{{{kind}}}\nText *x*.\n:::")
        assert start in body(f"::: {{.callout-{kind}}}\nText *x*.\n:::")

    def test_titles(self) -> None:
        for source in (
            "```{note} The *title*\nText\n```",
            ":::{admonition} The *title*\nText\n:::",
            '::: {.callout-note title="The *title*"}\nText\n:::',
            "::: {.callout-note}\n## The *title*\nText\n:::",
        ):
            assert '<span class="label">The <em>title</em></span>' in body(source)

    def test_folded(self) -> None:
        for source in (
            "```{note}\n:class: dropdown\nText\n```",
            ":::{note}\n:class: dropdown\nText\n:::",
            '::: {.callout-note collapse="true"}\nText\n:::',
        ):
            assert '<details class="roi"><summary class="label">Note</summary>\n<p>Text</p>' in body(source)
        assert '<details class="roi" open>' in body('::: {.callout-note collapse="false"}\nText\n:::')

    def test_within_each_other(self) -> None:
        html = body("::: {.callout-note}\nA\n\n::: {.callout-tip}\nB\n:::\n\nC\n:::\n\nD")
        assert html.count("<aside") == 2
        assert html.index("<p>C</p>") < html.rindex("</aside>") < html.index("<p>D</p>")

    def test_in_a_list_and_with_code_and_formulas(self) -> None:
        html = body("- one\n\n  ```{note}\n  $x$\n  ```\n\n- two\n\n> [!TIP]\n> ```\n> code\n> ```")
        assert html.count("<aside") == 2
        assert html.count("<math") == 1
        assert '<span class="l">code\n</span>' in html

    def test_of_an_unknown_kind_keeps_its_content(self) -> None:
        assert "<p>Kept</p>" in body("::: {.panel-tabset}\nKept\n:::")
        assert "kept" in body("```{nosuch} a\nkept\n```")

    def test_that_is_not_closed(self) -> None:
        assert "<p>Text</p>" in body(":::{note}\nText")


class TestNotes:
    def test_stands_in_its_paragraph(self) -> None:
        assert body("Text.[^a] More.\n\n[^a]: The *note*.\n\nNext.") == (
            '<p>Text.<a class="note-ref" href="#note-1" aria-label="Note 1">1</a> More.'
            '<span class="note" role="note" id="note-1"><span class="note-ref" aria-hidden="true">1</span>'
            "The <em>note</em>.</span></p>\n<p>Next.</p>\n"
        )

    def test_of_several_paragraphs_stands_after_it(self) -> None:
        html = body("Text.[^a]\n\n[^a]: One.\n\n    Two.")
        assert '</p><div class="note" role="note" id="note-1">' in html
        assert '<p><span class="note-ref" aria-hidden="true">1</span>One.</p><p>Two.</p></div>' in html

    def test_defined_in_a_later_cell_and_referred_to_twice(self) -> None:
        html = body("A[^x] and B[^x].", "C^[in place].", "[^x]: Later.")
        assert html.count('href="#note-1"') == 2
        assert html.count('id="note-1"') == 1
        assert "2</span>in place</span>" in html

    @pytest.mark.parametrize(
        "source", ["- item[^a]", "| a |\n|---|\n| b[^a] |", "## Head[^a]", "> quote[^a]"]
    )
    def test_anywhere(self, source: str) -> None:
        html = body(f"{source}\n\n[^a]: The note.")
        assert html.count('class="note"') == 1
        assert "<table><" not in html[html.index('class="note"') :]

    def test_in_a_caption(self) -> None:
        assert body("![A caption^[with a note] here](data:image/gif;base64,R0lGODlhAQABAAAAACw=)")

    def test_that_refers_to_itself_or_nothing(self) -> None:
        assert "note-1" in body("A[^a]\n\n[^a]: B[^a]")
        assert body("A[^nosuch]") == "<p>A[^nosuch]</p>\n"


class TestBlocks:
    def test_tables_say_their_sides(self) -> None:
        html = body(
            "| a | b | c | d | e |\n|:--|--:|:-:|---|---|\n| 1 | x | y | text | 2.5 |\n| 2 | x | y | 3 | 7% |"
        )
        assert '<td class="ta-l">1</td>\n<td class="ta-r">x</td>\n<td class="ta-c">y</td>' in html
        assert '<td>text</td>\n<td class="ta-r">2.5</td>' in html
        assert '<th class="ta-r" scope="col">e</th>' in html
        assert "style" not in html

    def test_a_table_with_a_caption(self) -> None:
        html = body("| a |\n|---|\n| 1 |\n\n: Counts of $x$ {#tbl-n}\n\nSee @tbl-n.")
        assert '<figure class="tabular" id="tbl-n"><figcaption><b>Table 1. </b>Counts of <math>' in html
        assert "See Table 1." in words(html)

    def test_code_is_coloured(self) -> None:
        html = body("``` python\nx = 1\n```\n\n```{r}\ny <- 2\n```\n\n``` nosuch\n<z>\n```\n\n    plain")
        assert (
            '<div class="code" data-copy><pre tabindex="0" role="region" aria-label="Code, python"><code>'
            in html
        )
        assert '<span class="l">x = <span class="mi">1</span>\n</span>' in html
        assert "&lt;z&gt;" in html
        assert html.count('class="code"') == 4

    def test_lists_of_tasks_and_definitions(self) -> None:
        html = body("- [x] done\n- [ ] not\n\nTerm\n: Meaning")
        assert '<input type="checkbox" disabled aria-label="done" checked> done' in html
        assert "<dt>Term</dt>\n<dd>Meaning</dd>" in html

    def test_bare_addresses_become_links(self) -> None:
        assert '<a href="https://e.org/a_b" rel="noopener">https://e.org/a_b</a>' in body(
            "See https://e.org/a_b."
        )

    def test_raw_html_is_closed_and_its_loose_text_set(self) -> None:
        assert body("<div><b>open") == "<div><b>open</b></div>\n"
        assert body("<b>loose</b> <i>text</i>") == "<p><b>loose</b> <i>text</i></p>\n"
        assert body("<div>\n\nText", "Next") == "<p>Text</p>\n<p>Next</p>\n"

    def test_old_alignment_becomes_a_class(self) -> None:
        html = body(
            '<center>a</center>\n\n<p align="right" style="color:red">b</p>\n\n'
            '<p style="text-align:center">c</p>'
        )
        assert html.replace("\n", "") == '<div class="ta-c">a</div><p class="ta-r">b</p><p class="ta-c">c</p>'

    def test_only_some_of_the_site_s_classes_are_an_author_s(self) -> None:
        html = body('<div class="site-head live wide cell plate">a</div>\n\n::: {.toc .wide}\nb\n:::')
        assert '<div class="wide plate">a</div>' in html
        assert '<div class="wide">' in html
        assert "toc" not in html

    def test_comments_go(self) -> None:
        assert body("a <!-- secret --> b\n\n<!-- secret\n\nblock -->") == "<p>a  b</p>\n"

    def test_deep_nesting_ends(self) -> None:
        assert "x" in body("<div>" * 3000 + "x")
        assert "x" in body("> " * 40 + "x")
        body("> " * 1000 + "x")
        assert "x" in body("<b>" * 3000 + "x")

    def test_raw_cells_are_for_other_tools_unless_they_hold_html_or_markdown(self) -> None:
        raw = {"cell_type": "raw", "metadata": {}, "source": "*a*"}
        assert body("words", raw) == "<p>words</p>\n"
        assert "<em>a</em>" in body("words", {**raw, "metadata": {"format": "text/markdown"}})
        assert "<script" not in body(
            "w", {**raw, "metadata": {"raw_mimetype": "text/html"}, "source": "<script>1</script>"}
        )

    def test_hidden_cells(self) -> None:
        folded = body("a", markdown("*folded*", tags=["hide-cell"]))
        assert '<details class="folded"><summary>More</summary><p><em>folded</em></p></details>' in folded
        assert body("a", markdown("*gone*", tags=["remove-cell"])) == "<p>a</p>\n"


class TestAbout:
    def test_words_are_those_of_the_prose(self) -> None:
        converted = article(
            "One *two* three, $x + y$ `four five`.\n\n```\nsix\n```\n\n- it's seven", code("eight")
        )
        assert converted.article.words == 5

    def test_the_summary_is_the_first_real_paragraph(self) -> None:
        text = "[A badge](https://e.org)\n\nBy me\n\nThe first *real* one, with $x^2$ and `code`, is it."
        summary = article(text).article.summary
        assert summary == "The first real one, with x2 and code, is it."

    def test_a_paragraph_that_leads_on_is_not_it(self) -> None:
        converted = article(
            "In this tutorial we show how to:\n\n- do it\n\nIt is done by a mask and a sum of counts."
        )
        assert converted.article.summary == "It is done by a mask and a sum of counts."

    def test_a_long_summary_is_cut_at_a_word(self) -> None:
        summary = article("word, " * 100).article.summary
        assert len(summary) <= 200
        assert summary.endswith("word…")

    def test_an_empty_notebook(self) -> None:
        converted = article()
        assert converted.article.body == ""
        assert converted.assets == ()

    def test_problems_name_cell_and_remedy_in_order(self) -> None:
        converted = article("[a](#nowhere)", "$\\nosuch$", "![x](missing.png)")
        assert [line.split(": ")[1] for line in warnings(converted)] == [
            "posts/case.ipynb, cell 2",
            "posts/case.ipynb, cell 3",
            "posts/case.ipynb, cell 4",
        ]
