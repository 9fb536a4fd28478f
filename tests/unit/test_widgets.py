"""Widgets: a quiet picture of their saved state, whatever was saved."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from blog.convert.saved import STATE
from support.articles import article, body, output, png, stream, warnings, words
from support.notebooks import code
from support.saved_widgets import VIEW, box, model


def saved(state: object, **data: Any) -> Any:
    """Convert a cell whose output is a view of the model ``top``."""
    cell = code("x", output({VIEW: {"model_id": "top", "version_major": 2}, **data}))
    return article(cell, widgets={STATE: {"state": state, "version_major": 2}})


def shown(**models: dict[str, Any]) -> str:
    html: str = saved(models).article.body.partition("</code></pre></div></div>")[2]
    return html


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (model("IntSlider", description="Inner angle", value=14), "Inner angle 14"),
        (model("FloatSlider", description="Angle:", value=0.12345, readout_format=".2f"), "Angle 0.12"),
        (model("FloatSlider", description="Angle", value=0.5), "Angle 0.5"),
        (
            model("FloatRangeSlider", description="Range", value=[1.0, 2.5], readout_format=".1f"),
            "Range 1.0 to 2.5",
        ),
        (model("Dropdown", description="Detector", _options_labels=["BF", "ADF"], index=1), "Detector ADF"),
        (
            model("SelectMultiple", description="Which", _options_labels=["a", "b", "c"], index=[0, 2]),
            "Which a, c",
        ),
        (model("Checkbox", description="Log", value=True), "Log on"),
        (model("ToggleButton", description="Log", value=False), "Log off"),
        (model("Text", description="Name", value="<gold>"), "Name <gold>"),
        (model("FloatProgress", description="Done", value=3.0, max=4.0, min=0.0), "Done 75%"),
        (model("IntProgress", value=1, max=0), "0%"),
        (model("Label", value="Plain <b>"), "Plain <b>"),
        (model("HTML", value="<b>Bold</b><script>x</script>", description="What"), "What Bold"),
        (model("HTML", value='<h2 style="x" onclick="y">Head</h2>'), "Head"),
    ],
)
def test_controls_are_quiet_rows(one: dict[str, Any], text: str) -> None:
    html = shown(top=one)
    assert words(html) == text
    assert html.strip().startswith('<div class="widgets">')
    assert "<input" not in html
    assert "<h2" not in html


def test_a_row() -> None:
    assert '<div class="field static"><span>Inner angle <output>14</output></span></div>' in shown(
        top=model("IntSlider", description="Inner angle", value=14)
    )


def test_formulas_in_widgets() -> None:
    assert "<math" in shown(top=model("HTMLMath", value="The angle $\\alpha$"))
    assert "<math" in shown(top=model("Label", value="$x$"))


def test_boxes_lie_in_each_other() -> None:
    html = shown(
        top=box("row", "label"),
        row=box("a", "b", name="HBox"),
        a=model("IntSlider", description="A", value=1),
        b=model("IntSlider", description="B", value=2),
        label=model("Label", value="End"),
    )
    assert (
        '<div class="widgets"><div class="saved-box"><div class="saved-row"><div class="field static">'
        in html
    )
    assert words(html) == "A 1B 2End" or words(html) == "A 1 B 2 End"


def test_tabs_and_accordions_fold() -> None:
    children = {"a": model("Label", value="One"), "b": model("Label", value="Two")}
    html = shown(top=box("a", "b", name="Tab", titles=["First", "<Second>"], selected_index=1), **children)
    assert "<details><summary>First</summary>" in html
    assert "<details open><summary>&lt;Second&gt;</summary>" in html
    html = shown(top=box("a", "b", name="Accordion", _titles={"0": "Old"}, selected_index=None), **children)
    assert "<details><summary>Old</summary>" in html
    assert "<summary>Page 2</summary>" in html


def test_pictures_become_assets() -> None:
    data = base64.b64decode(png(300, 200))
    image = {
        **model("Image", format="png", width="150"),
        "buffers": [{"path": ["value"], "encoding": "base64", "data": base64.b64encode(data).decode()}],
    }
    converted = saved({"top": image})
    assert len(converted.assets) == 1
    assert 'width="150" height="100" alt="Output of cell 1"' in converted.article.body
    hexadecimal = {**model("Image"), "buffers": [{"path": ["value"], "encoding": "hex", "data": data.hex()}]}
    assert saved({"top": hexadecimal}).assets == converted.assets


def test_saved_outputs_pass_through_the_same_code() -> None:
    outputs = [
        stream("text\x1b[31m!"),
        output({"image/png": png()}),
        output({"text/html": "<b>x</b><script>y</script>"}),
    ]
    html = shown(top=model("Output", outputs=outputs))
    assert '<div class="out"><pre>text<span class="ansi-r">!</span></pre></div>' in html
    assert "<img" in html
    assert "script" not in html


def test_hidden_and_unknown_widgets() -> None:
    hidden = {**model("Label", value="secret", layout="IPY_MODEL_l")}
    assert "secret" not in shown(
        top=box("a", "b"), a=hidden, b=model("Label", value="x"), l=model("Layout", display="none")
    )
    assert "Inside" in shown(top=box("a", name="Strange"), a=model("Label", value="Inside"))
    assert "<button" not in shown(top=model("Button", description="Go"))


def test_a_state_that_is_missing_keeps_the_text() -> None:
    converted = saved({}, **{"text/plain": "VBox(children=())"})
    assert "A widget without its saved state; this page keeps its text form." in words(converted.article.body)
    assert "<pre>VBox(children=())</pre>" in converted.article.body
    assert warnings(converted) == []


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        7,
        {"top": None},
        {"top": {}},
        {"top": {"state": 7, "model_name": 3}},
        {"top": box("top")},
        {"top": box("a"), "a": box("top")},
        {"top": box("nosuch")},
        {"top": model("VBox", children=[7, None, {}])},
        {"top": model("VBox", children="x")},
        {"top": model("Image", value="AAAA")},
        {"top": model("Image")},
        {"top": {**model("Image"), "buffers": [None, {}, {"path": 7}]}},
        {"top": {**model("Image"), "buffers": [{"path": ["value"], "data": "é", "encoding": "hex"}]}},
        {"top": model("Tab", children=["IPY_MODEL_a"], titles=7, _titles=8, selected_index="x")},
        {"top": model("Dropdown", _options_labels=7, index="x", value=None)},
        {"top": model("SelectMultiple", _options_labels=["a"], index=[5, "x"])},
        {"top": model("FloatSlider", value="x", readout_format=7)},
        {"top": model("FloatSlider", value=1.5, readout_format=".99f")},
        {"top": model("FloatProgress", value="x", min=None, max=[])},
        {"top": model("Output", outputs=7)},
        {"top": model("Output", outputs=[None, {"output_type": "error"}])},
        {"top": model("HTML", value=7, layout=7)},
        {"top": model("IntSlider", value=[None, {}], description=[])},
    ],
)
def test_a_state_of_any_shape_never_raises(state: object) -> None:
    saved(state, **{"text/plain": "text"})


@pytest.mark.parametrize("view", [None, 7, [], "x", {}, {"model_id": 7}, {"model_id": None}])
def test_a_view_of_any_shape_never_raises(view: object) -> None:
    assert "text" in body(code("x", output({VIEW: view, "text/plain": "text"})))


@pytest.mark.parametrize("metadata", [None, 7, [], {}, {STATE: 7}, {STATE: {}}, {STATE: {"state": []}}])
def test_widget_metadata_of_any_shape_never_raises(metadata: object) -> None:
    assert "text" in body(
        code("x", output({VIEW: {"model_id": "a"}, "text/plain": "text"})), widgets=metadata
    )
