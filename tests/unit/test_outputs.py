"""Outputs: of each bundle the best form, whatever it holds."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from support.articles import article, body, output, png, stream, tags, warnings, words
from support.notebooks import code

FIGURE = {"image/png": png(), "text/plain": "<Figure size 640x480>"}
TABLE = (
    '<div><style scoped>.x {}</style><table border="1" class="dataframe"><thead>'
    '<tr style="text-align: right;"><th></th><th>n</th><th>name</th></tr></thead>'
    "<tbody><tr><th>0</th><td>1.5</td><td>gold</td></tr><tr><th>1</th><td>NaN</td><td>7</td></tr></tbody></table></div>"
)


def shown(data: dict[str, Any], **options: Any) -> str:
    """Give what follows the code of a cell with one output."""
    return body(code("x", output(data, **options))).partition("</code></pre></div>")[2]


@pytest.mark.parametrize(
    ("data", "mark"),
    [
        ({"text/plain": "plain"}, "<pre>plain</pre>"),
        ({"text/html": "<b>rich</b>", "text/plain": "plain"}, "<b>rich</b>"),
        ({"text/markdown": "*rich*", "text/html": "<b>no</b>"}, "<em>rich</em>"),
        ({"text/latex": "$\\displaystyle x^2$", "text/plain": "x**2"}, '<math display="block">'),
        ({"text/latex": "\\begin{tabular}{l}a\\end{tabular}", "text/html": "<p>tab</p>"}, "<p>tab</p>"),
        ({"text/latex": "$\\nosuch$", "text/plain": "plain"}, "<pre>plain</pre>"),
        ({"text/latex": "Words"}, "<pre>Words</pre>"),
        (
            {**FIGURE, "text/html": "<b>no</b>"},
            '<figure class="drawing"><a class="enlarge" href="/static/case-2-1.',
        ),
        ({"image/jpeg": png(format="JPEG")}, '.jpg" class="raster" width="8" height="6"'),
        ({"image/gif": png(format="GIF")}, ".gif"),
        ({"image/bmp": png(format="BMP")}, ".webp"),
        ({"image/webp": png(format="WEBP")}, ".webp"),
        (
            {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' width='3' height='4'/>", **FIGURE},
            ".svg",
        ),
        ({"application/json": {"a": 1}}, '"a": 1'),
        ({"application/json": [1, 2]}, "<pre>["),
        ({"application/geo+json": {}, "text/plain": "<map>"}, "A map; this page keeps its text form."),
        ({"application/vnd.plotly.v1+json": {}, **FIGURE}, "<img"),
        (
            {"application/vnd.vegalite.v5+json": {}, "text/plain": "alt.Chart"},
            "An interactive Vega-Lite figure",
        ),
        ({"application/vnd.plotly.v1+json": {}}, "plotly figure; it is not shown here."),
        ({"text/html": "<div id='a'></div><script>Plotly.newPlot('a')</script>"}, "plotly figure; it is not"),
        ({"text/html": "<script>Bokeh.x</script>", "text/plain": "Row(id=1)"}, "<pre>Row(id=1)</pre>"),
        ({"application/pdf": base64.b64encode(b"%PDF-1.7").decode()}, '.pdf">download</a>'),
        ({"application/pdf": "x", "text/plain": "plain"}, "<pre>plain</pre>"),
        ({"application/vnd.dataresource+json": {}, "text/html": TABLE}, '<div class="table"'),
    ],
)
def test_the_best_form(data: dict[str, Any], mark: str) -> None:
    assert mark in shown(data)


@pytest.mark.parametrize(
    "data",
    [
        {"text/html": "<style>p {}</style>", "text/plain": "<IPython.core.display.HTML object>"},
        {"text/html": "<script>go()</script>"},
        {"application/javascript": "alert(1)", "text/plain": "<IPython.core.display.Javascript object>"},
        {"application/vnd.bokehjs_load.v0+json": "", "application/javascript": "x"},
        {"text/plain": "  \n"},
        {},
    ],
)
def test_nothing_to_read_leaves_nothing(data: dict[str, Any]) -> None:
    converted = article(code("x", output(data)))
    assert converted.article.body.count("<div") == 2
    assert not warnings(converted)


def test_an_unknown_type_is_said_to_reader_and_author() -> None:
    converted = article("words", code("x", output({"application/x-foo": "q"})))
    assert "An output of the type application/x-foo is left out here." in words(converted.article.body)
    (line,) = warnings(converted)
    assert line.startswith(
        "warning: posts/case.ipynb, cell 3: an output has no form this page can show (application/x-foo)"
    )


def test_an_unknown_type_with_text_shows_it() -> None:
    assert "<pre>text</pre>" in shown({"application/x-foo": "q", "text/plain": "text"})


@pytest.mark.parametrize(
    "value", [None, 7, 1.5, True, [], {}, [None], ["a", 7], {"x": {"y": []}}, "", " ", "\x00"]
)
@pytest.mark.parametrize(
    "mime",
    [
        "text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "image/svg+xml",
        "application/json", "application/vnd.jupyter.widget-view+json", "application/pdf", "x",
    ],
)  # fmt: skip
def test_data_of_any_type_never_raises(mime: str, value: object) -> None:
    article(code("x", output({mime: value})))


@pytest.mark.parametrize(
    "broken",
    [None, 7, "text", {}, [None], [7], ["a"], [{}], [{"output_type": 7}], [{"output_type": "stream"}],
     [{"output_type": "stream", "text": 7, "name": []}], [{"output_type": "display_data", "data": []}],
     [{"output_type": "execute_result", "data": {"image/png": png()}, "metadata": 7}]],
)  # fmt: skip
def test_outputs_of_any_shape_never_raise(broken: object) -> None:
    made = code("x")
    made["outputs"] = broken
    article(made)


def test_a_broken_picture_falls_back_to_text() -> None:
    converted = article(code("x", output({"image/png": "AAAA", "text/plain": "the text"})))
    assert "<pre>the text</pre>" in converted.article.body
    assert "its image/png output can't be shown" in warnings(converted)[0]


def test_a_truncated_picture_falls_back_to_text() -> None:
    data = png(300, 300, (1, 2, 3))[:200]
    assert "<pre>t</pre>" in shown({"image/png": data, "text/plain": "t"})


def test_the_size_of_a_sharp_picture_is_the_one_it_is_meant_to_have() -> None:
    data = {"image/png": png(80, 60)}
    assert 'width="40" height="30"' in shown(data, metadata={"image/png": {"width": 40}})
    assert 'width="40" height="30"' in shown(data, metadata={"image/png": {"width": 40, "height": 30}})
    assert 'width="40" height="30"' in shown(data, metadata={"height": "30"})
    assert 'width="80" height="60"' in shown(data, metadata={"image/png": {"width": "wide", "height": -1}})


def test_tables_of_pandas() -> None:
    html = shown({"text/html": TABLE, "text/plain": "x"})
    assert tags(html, "table") == ["<table>"]
    assert '<div class="table" role="region" aria-label="Table" tabindex="0">' in html
    assert '<tr><td></td><th class="ta-r" scope="col">n</th><th scope="col">name</th></tr>' in html
    assert '<tr><th scope="row">0</th><td class="ta-r">1.5</td><td>gold</td></tr>' in html
    assert "style" not in html
    assert "dataframe" not in html


def test_html_that_is_too_long_keeps_its_text() -> None:
    rows = "<tr><td>" + "x" * 100 + "</td></tr>"
    converted = article(
        code("x", output({"text/html": f"<table>{rows * 10_000}</table>", "text/plain": "the text"}))
    )
    assert "<pre>the text</pre>" in converted.article.body
    assert "the page keeps its text form" in warnings(converted)[0]


def test_headings_of_outputs_are_not_the_article_s() -> None:
    converted = article("## Real", code("x", output({"text/markdown": "# Not", "text/html": ""})))
    assert [heading.html for heading in converted.article.headings] == ["Real"]
    assert '<p class="label">Not</p>' in converted.article.body


def test_long_json_is_folded() -> None:
    html = shown({"application/json": {"a": list(range(50))}})
    assert "<summary>JSON<span>54 lines</span></summary>" in html


def test_outputs_keep_their_order() -> None:
    html = body(
        code(
            "x",
            stream("one\n"),
            output(FIGURE),
            stream("two\n"),
            output({"text/html": "<p>three</p>"}),
            stream("four"),
        )
    )
    places = [html.index(mark) for mark in ("one", "<figure", "two", "three", "four")]
    assert places == sorted(places)
    assert html.count('<div class="cell"') == 3


class TestTags:
    def test_hide_input_folds_with_the_first_comment(self) -> None:
        html = body(code("# Make the scan\nx = 1\ny = 2", tags=("hide-input",)))
        assert '<details><summary>Make the scan<span>3 lines</span></summary><div class="code"' in html

    def test_code_summary_says_it_better(self) -> None:
        html = body(code("#| code-summary: The *scan*\nx", tags=("hide-input",)))
        assert "<summary>The *scan*<span>1 line</span></summary>" in html

    def test_code_fold(self) -> None:
        assert "<summary>Code<span>1 line</span>" in body(code("#| code-fold: true\nx"))

    def test_long_code_is_folded(self) -> None:
        assert "<details>" not in body(code("\n".join("x" * 40)))
        assert "<summary>Code<span>41 lines</span>" in body(code("\n".join("x" * 41)))
        assert "<details>" not in body(code("#| code-fold: false\n" + "\n".join("x" * 41)))

    @pytest.mark.parametrize("option", ["#| echo: false\n", ""])
    def test_remove_input(self, option: str) -> None:
        html = body(code(f"{option}secret = 1", stream("seen"), tags=() if option else ("remove-input",)))
        assert "secret" not in html
        assert '<div class="cell" id="cell-2"><div class="out"' in html

    @pytest.mark.parametrize("tag", ["remove-output", "remove_output"])
    def test_remove_output(self, tag: str) -> None:
        html = body(code("kept", stream("secret"), tags=(tag,)))
        assert "kept" in html
        assert "secret" not in html

    def test_hide_output(self) -> None:
        html = body(code("x", stream("folded"), tags=("hide-output",)))
        assert '<details class="folded"><summary>Output</summary>' in html

    def test_remove_cell(self) -> None:
        assert body(code("x", stream("secret"), tags=("remove-cell",)), "kept") == "<p>kept</p>\n"

    def test_hide_cell(self) -> None:
        html = body(code("x", stream("y"), tags=("hide-cell",)))
        assert html.startswith('<details class="folded"><summary>Code</summary>')
        assert html.count("<details") == 1

    def test_warm_shows_nothing(self) -> None:
        assert body(code("x", tags=("warm",))) == body(code("x"))


class TestFigures:
    def test_caption_label_and_alternative_text(self) -> None:
        html = body(
            code(
                "#| label: fig-scan\n#| fig-cap: 'A *scan* at $k$.'\n#| fig-alt: Grey rounds\nx",
                output(FIGURE),
            ),
            "As @fig-scan and [](#fig-scan) and {numref}`fig-scan` show.",
        )
        assert '<figure class="drawing" id="fig-scan"><a class="enlarge"' in html
        assert 'alt="Grey rounds"' in html
        assert "<figcaption><b>Figure 1. </b>A <em>scan</em> at <math>" in html
        assert "As Figure 1 and Figure 1 and Figure 1 show." in words(html)

    def test_without_caption_there_is_no_number(self) -> None:
        converted = article(code("x", output(FIGURE), output({"image/png": png(9, 9)})))
        assert converted.article.body.count('<figure class="drawing"><a class="enlarge"') == 2
        assert "<figcaption" not in converted.article.body
        assert converted.article.figures == 0
        assert 'alt="Output of cell 1"' in converted.article.body

    def test_pictures_with_one_caption_are_one_figure(self) -> None:
        html = body(code("#| fig-cap: Two\nx", output(FIGURE), output({"image/png": png(9, 9)})))
        assert html.count("<figure") == 1
        assert html.count("<img") == 2

    def test_a_caption_is_the_alternative_text_where_there_is_no_other(self) -> None:
        assert 'alt="The scan of [x]"' in body(code("#| fig-cap: 'The *scan* of [x]'\nx", output(FIGURE)))

    def test_plates_only_where_asked_for(self) -> None:
        one = body(code("x", output(FIGURE), tags=("plate",)))
        assert '<figure><div class="plate"><a class="enlarge"' in one
        two = body(code("x", output(FIGURE), output({"image/png": png(9, 9)}), tags=("plate", "wide")))
        assert '<figure class="wide"><div class="plates"><div class="plate">' in two

    def test_a_table_takes_a_caption(self) -> None:
        html = body(
            code("#| label: tbl-a\n#| tbl-cap: Counts\nx", output({"text/html": TABLE})), "See @tbl-a."
        )
        assert '<figure class="tabular" id="tbl-a"><figcaption><b>Table 1. </b>Counts</figcaption>' in html
        assert "See Table 1." in words(html)

    def test_the_first_picture_loads_at_once_and_the_others_later(self) -> None:
        first, second = tags(body(code("x", output(FIGURE), output({"image/png": png(9, 9)}))), "img")
        assert "loading" not in first
        assert 'loading="lazy" decoding="async"' in second

    def test_equal_pictures_are_one_asset(self) -> None:
        converted = article(code("x", output(FIGURE)), code("y", output(FIGURE)))
        assert len(converted.assets) == 1
        assert len(set(tags(converted.article.body, "img"))) == 2


class TestLive:
    def cell(self, **options: Any) -> dict[str, Any]:
        made = code("# Look\nx", output({"image/png": png(300, 300)}), stream("text"), tags=("live",))
        return {**made, "id": "abc", **options}

    def test_at_rest(self) -> None:
        converted = article(self.cell(source="#| fig-cap: Move it.\nx"))
        html = converted.article.body
        (live,) = converted.article.live_cells
        assert (live.id, live.number) == ("abc", 2)
        assert live.html in html
        assert (
            '<live-cell notebook="posts/case" cell="abc" data-state="rest" data-runs="0">\n'
            '<figure class="live wide" id="fig-1">\n<div class="live-bar"><svg class="mark"'
        ) in html
        assert '<span class="say" data-say role="status">Changing it needs JavaScript.</span>' in html
        assert '<a class="btn small" data-run href="/demos/case/">Run live</a>' in html
        assert '<div class="live-stage"><img src="/static/case-2-1.' in html
        assert "<figcaption><b>Figure 1. </b>Move it.</figcaption>\n</figure></live-cell>" in html

    def test_its_code_is_folded_below_and_its_text_stays(self) -> None:
        html = body(self.cell())
        assert html.index("</live-cell>") < html.index("<summary>Look<span>2 lines</span></summary>")
        assert html.index("</live-cell>") < html.index("<pre>text</pre>")

    def test_in_a_demo(self) -> None:
        html = body(self.cell(), path="demos/ring.ipynb")
        assert 'notebook="demos/ring"' in html
        assert 'data-run href="/demos/ring/"' in html

    def test_without_a_saved_picture_it_says_so(self) -> None:
        assert "No picture of this cell was saved." in body({**code("x", tags=("live",)), "id": "a"})


def test_output_is_json_to_the_letter() -> None:
    """An output whose JSON holds what HTML would take for markup stays text."""
    html = shown({"application/json": {"</pre><script>": "<b>"}})
    assert "<script" not in html
    assert json.dumps("<b>")[1:-1] in words(html)
