"""Saved interactive figures: a picture or a sentence and a table, and a document of its own for the frame."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from blog.convert import Converted
from blog.convert.bokeh import height
from support.articles import article, output, png, tags, warnings, words
from support.interactive import array, bokeh, plotly, vega
from support.notebooks import code

LIBRARIES = {
    f"library:{name}": f"/static/{name}.js" for name in ("plotly-basic", "plotly-cartesian", "vega", "bokeh")
}


def shown(data: dict[str, Any], options: str = "") -> Converted:
    return article(code(f"{options}x", output(data)), links=LIBRARIES)


def frame(converted: Converted) -> str:
    """Give the document of the figure's frame."""
    (asset,) = (asset for asset in converted.assets if asset.path.endswith(".html"))
    assert f'data-frame="{asset.url}"' in converted.article.body
    return asset.content.decode()


def told(document: str) -> Any:
    """Read what the frame is to draw, as a browser finds it."""
    found = re.search(r'<script type="application/json" id="figure">(.*?)</script>', document, re.DOTALL)
    assert found is not None
    return json.loads(found[1], parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_at_rest_a_sentence_and_the_data() -> None:
    converted = shown(plotly(), "#| fig-cap: Counts.\n")
    html = converted.article.body
    assert '<figure class="drawing" id="fig-1"><div class="interactive" ' in html
    assert '<svg class="space" width="1" height="360" aria-hidden="true"></svg><p class="left-out">' in html
    assert '<th scope="col">time (s)</th><th scope="col">counts</th>' in html
    assert "<tr><td>1</td><td>0.5</td></tr><tr><td>2</td><td>4</td></tr>" in html
    assert "Figure 1. Counts." in words(html)
    assert 'data-title="Counts."' in html
    assert "no picture for readers without JavaScript" in warnings(converted)[0]
    assert not re.search(r"<script|style=|<iframe", html)


def test_at_rest_the_picture_that_was_saved() -> None:
    converted = shown({**plotly(), "image/png": png()}, "#| fig-alt: Three points\n")
    (image,) = tags(converted.article.body, "img")
    assert 'alt="Three points"' in image
    assert 'data-title="Three points"' in converted.article.body
    assert "left-out" not in converted.article.body
    assert not warnings(converted)


def test_the_document_holds_the_figure_and_one_script() -> None:
    name = '</script><script>alert("1")</script>'
    document = frame(shown(plotly({"x": [1, float("nan")], "y": [float("inf"), 2], "name": name})))
    assert re.findall(r"<script[^>]*>", document) == [
        '<script type="application/json" id="figure">',
        '<script src="/static/plotly-basic.js">',
    ]
    figure = told(document)
    assert figure["data"] == [{"x": [1, None], "y": [None, 2], "name": name}]
    assert "config" not in figure  # it names another site
    assert "https://plot.ly" not in document


@pytest.mark.parametrize(
    ("traces", "library"),
    [
        ([{}], "plotly-basic"),
        ([{"type": "scattergl"}, {"type": "bar"}], "plotly-basic"),
        ([{"type": "scatter"}, {"type": "heatmap", "z": [[1]]}], "plotly-cartesian"),
    ],
)
def test_the_smallest_library_that_can_draw_it(traces: list[dict[str, Any]], library: str) -> None:
    converted = shown(plotly(*traces))
    assert f"/static/{library}.js" in frame(converted)
    assert converted.article.links == ((f"library:{library}", f"/static/{library}.js"),)


@pytest.mark.parametrize(
    "data",
    [
        plotly({"type": "surface"}),
        plotly({"type": "scattermap"}),
        plotly({}, map={"style": "open"}),
        vega(data={"url": "https://example.org/cars.json"}),
        vega(hconcat=[{"data": {"url": "cars.json"}}]),
        {"application/vnd.plotly.v1+json": {"data": "none"}},
        {"application/vnd.plotly.v1+json": "text"},
    ],
)
def test_what_no_frame_can_draw_is_told_as_before(data: dict[str, Any]) -> None:
    html = shown(data).article.body
    assert "data-frame" not in html
    assert "An interactive" in html


def test_without_the_library_nothing_is_promised() -> None:
    assert "data-frame" not in article(code("x", output(plotly()))).article.body


def test_vega() -> None:
    converted = shown(vega())
    figure = told(frame(converted))
    assert figure["mode"] == "vega-lite"
    assert figure["spec"]["mark"]["type"] == "point"
    assert "<tr><td>1</td><td>20</td></tr><tr><td>2</td><td>35.5</td></tr>" in converted.article.body
    assert 'height="390"' in converted.article.body
    below = vega(vconcat=[{"height": 200}, {"height": 100}])
    assert 'height="480"' in shown(below).article.body


def test_altair_6_names_it_as_the_format_does_not() -> None:
    saved = {"application/vnd.vegalite.v6.json": vega()["application/vnd.vegalite.v5+json"]}
    assert told(frame(shown(saved)))["spec"]["mark"]["type"] == "point"
    assert "data-frame" not in shown({"application/vnd.vegalite.v6.json": "{half"}).article.body


def test_bokeh() -> None:
    converted = shown(bokeh())
    figure = told(frame(converted))
    (document,) = figure["documents"].values()
    assert document["roots"][0]["name"] == "Figure"
    assert figure["items"][0]["roots"]
    assert '<svg class="space" width="1" height="300"' in converted.article.body
    assert '<th scope="col">x</th><th scope="col">y</th>' in converted.article.body
    assert converted.article.body.count("<tr>") == 21
    assert "<tr><td>1</td><td>" in converted.article.body


@pytest.mark.parametrize(
    "script",
    [
        None,
        7,
        "alert(1)",
        "const docs_json = {half};\nconst render_items = [];\n",
        'const docs_json = {"a": 1};\nconst render_items = [1];\n',
    ],
)
def test_scripts_that_are_not_bokehs(script: object) -> None:
    bundle = {"application/javascript": script, "application/vnd.bokehjs_exec.v0+json": ""}
    assert "data-frame" not in shown(bundle).article.body


def test_heights_of_bokehs_layouts() -> None:
    def model(name: str, *children: object, **attributes: object) -> dict[str, Any]:
        return {"name": name, "attributes": {"children": list(children), **attributes}}

    plot, flat = model("Figure"), model("Figure", height=200)
    for root, high in (
        (plot, 600),
        (model("Row", plot, flat), 600),
        (model("Column", flat, model("Row", flat, flat)), 400),
        (model("GridBox", [flat, 0, 0], [plot, 0, 1]), 600),
        ("none", 0),
    ):
        assert height({"one": {"roots": [root]}}) == high


def test_tables_of_many_kinds() -> None:
    several = shown(plotly({"y": [7, 8]}, {"y": array(9.0), "name": "b"}))
    assert (
        "<tr><td>Trace 1</td><td>1</td><td>8</td></tr><tr><td>b</td><td>0</td><td>9</td></tr>"
        in several.article.body
    )
    pie = shown(plotly({"type": "pie", "labels": ["<a>", "b"], "values": [1, 2]}))
    assert '<th scope="col">Label</th>' in pie.article.body
    assert "<td>&lt;a&gt;</td><td>1</td>" in pie.article.body
    long = shown(plotly({"y": list(range(500))}))
    assert "the first 200 of 500 rows" in long.article.body
    assert long.article.body.count("<tr>") == 201
    assert "<table" not in shown(plotly({"type": "heatmap", "z": [[1]]})).article.body


def test_too_large_a_figure_stays_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blog.convert.interactive.MAX_FIGURE", 100)
    converted = shown({**plotly(), "image/png": png()})
    assert "data-frame" not in converted.article.body
    assert tags(converted.article.body, "img")
    assert "too large" in warnings(converted)[0]
