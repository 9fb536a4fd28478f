"""A live cell's widgets at rest: the elements of ipywidgets' views, and nothing that can be used."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from blog.convert.saved import STATE
from support.articles import article, output, png, stream, words
from support.notebooks import code
from support.saved_widgets import VIEW, box, model

ROW, SLIDER = "widget-inline-hbox", "widget-slider widget-hslider"


def saved(*views: str, **models: Any) -> Any:
    """Convert a live cell whose outputs are views of the models that are named."""
    outputs = [output({VIEW: {"model_id": view}, "text/plain": "text"}) for view in views or ("top",)]
    return article(code("x", *outputs, tags=("live",)), widgets={STATE: {"state": models}})


def still(**models: Any) -> str:
    """Give what is within the one view."""
    found = re.search(
        r'<div class="live-view">(.*)</div></div>\n<figcaption|<div class="live-view">(.*)</div></div>\n',
        saved(**models).article.body,
        re.DOTALL,
    )
    assert found
    return found[1] or found[2] or ""


def sheet(converted: Any) -> str:
    """Give the stylesheet of the layouts."""
    (style,) = [asset for asset in converted.assets if asset.path.endswith(".css")]
    assert converted.article.styles == (style.url,)
    assert style.path in converted.article.assets
    return style.content.decode()


def test_each_view_has_its_place_in_order_whatever_was_saved() -> None:
    body = saved("a", "gone", "b", a=model("Label", value="One"), b=model("Label", value="Two")).article.body
    views = re.findall(
        r'<div class="live-view">(.*?)</div>(?=<div class="live-view">|</div>)', body, re.DOTALL
    )
    assert [words(view) for view in views] == ["One", "", "Two"]


def test_a_cell_of_which_nothing_was_saved_says_so_in_its_place() -> None:
    body = saved().article.body
    assert '<div class="live-view"><p class="left-out">No picture of this cell was saved.</p></div>' in body


def test_a_cell_that_is_not_live_keeps_its_quiet_picture() -> None:
    cell = code("x", output({VIEW: {"model_id": "top"}}))
    converted = article(cell, widgets={STATE: {"state": {"top": model("IntSlider", value=3)}}})
    assert '<div class="widgets">' in converted.article.body
    assert "live-view" not in converted.article.body
    assert converted.article.styles == ()


@pytest.mark.parametrize(
    ("one", "classes", "text"),
    [
        (model("IntSlider", description="Angle", value=14), f"{ROW} {SLIDER}", "Angle14"),
        (model("IntSlider", value=1, orientation="vertical"),
         "widget-inline-vbox widget-slider widget-vslider", "1"),
        (model("FloatSlider", value=-0.5), f"{ROW} {SLIDER}", "\N{MINUS SIGN}0.50"),
        (model("FloatRangeSlider", value=[1.0, 2.5], readout_format=".1f"), f"{ROW} {SLIDER}", "1.0 – 2.5"),
        (model("SelectionSlider", _options_labels=["a", "b"], index=1), f"{ROW} {SLIDER}", "b"),
        (model("Dropdown", description="Detector", _options_labels=["BF", "ADF"], index=1),
         f"{ROW} widget-dropdown", "DetectorBFADFADF"),
        (model("Checkbox", description="Log", value=True),
         f"{ROW} widget-checkbox", "\N{ZERO WIDTH SPACE}LogLog on"),
        (model("ToggleButton", description="Log", value=True),
         "jupyter-button widget-toggle-button mod-active", "Log (on)"),
        (model("Text", description="Name", value="<gold>"), f"{ROW} widget-text", "Name<gold>"),
        (model("Password", value="secret"), f"{ROW} widget-text", "hidden"),
        (model("FloatProgress", description="Done", value=3.0, max=4.0),
         f"{ROW} widget-hprogress", "Done75%"),
        (model("Button", description="Go <b>", button_style="primary"),
         "jupyter-button widget-button mod-primary", "Go <b>"),
        (model("Label", value="Plain <b>"), f"{ROW} widget-label", "Plain <b>"),
        (model("DatePicker", value={"year": 2026, "month": 0, "date": 31}),
         f"{ROW} widget-datepicker", "2026-01-31"),
    ],
)  # fmt: skip
def test_a_control_is_made_of_what_its_view_is(one: dict[str, Any], classes: str, text: str) -> None:
    html = still(top=one)
    found = re.match(r'<(?:div|span) class="([^"]*)"', html)
    assert found
    assert [
        name for name in found[1].split() if name != "jupyter-widgets" and not name.startswith("w-")
    ] == classes.split()
    assert words(html).replace("\n", "") == text
    assert "secret" not in html


CONTROLS = [
    *("IntSlider", "FloatSlider", "FloatLogSlider", "IntRangeSlider", "FloatRangeSlider", "SelectionSlider"),
    *("SelectionRangeSlider", "IntProgress", "FloatProgress", "IntText", "FloatText", "BoundedIntText"),
    *("BoundedFloatText", "Text", "Combobox", "Password", "Textarea", "DatePicker", "DatetimePicker"),
    *(
        "NaiveDatetimePicker",
        "TimePicker",
        "ColorPicker",
        "Dropdown",
        "Select",
        "SelectMultiple",
        "RadioButtons",
    ),
    *("ToggleButtons", "Checkbox", "ToggleButton", "Button", "FileUpload", "Play", "Valid", "TagsInput"),
    *("ColorsInput", "Label", "HTML", "HTMLMath", "Output", "Tab", "Accordion", "Stack", "GridBox", "Image"),
]


@pytest.mark.parametrize("kind", CONTROLS)
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"description": "Name", "_options_labels": ["a", "b"], "index": 0, "value": 3},
        {"description": "Name", "_options_labels": ["a"], "index": [0], "orientation": "vertical"},
        {
            name: [None, {}]
            for name in ("description", "value", "min", "max", "index", "_options_labels", "rows", "titles",
                         "children", "selected_index", "icon", "icons", "button_style", "outputs", "base",
                         "step", "options", "layout", "style")
        },
        {"value": float("nan"), "min": -1e999, "max": 1e999, "base": 0, "readout_format": "\0", "rows": -3},
        {"value": {"year": "x"}, "icon": '"><script>', "_dom_classes": ['"><script>', 7, "live-bar"]},
    ],
)  # fmt: skip
def test_nothing_of_it_can_be_used_or_raises(kind: str, values: dict[str, Any]) -> None:
    html = still(top=model(kind, **values))
    assert "<script" not in html
    assert "style=" not in html
    assert "<button" not in html
    assert not re.search(r"<[^>]* (?:id|for|name|on\w+|contenteditable)=", html)
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", html):
        assert 'tabindex="-1"' in tag
    # Whatever could take a press or a key is inert, by itself or in what is around it.
    outside = re.sub(r"<label\b[^>]* inert[ >].*?</label>", "", html, flags=re.DOTALL)
    for tag in re.findall(r"<(?:input|select|textarea|label)\b[^>]*>", outside):
        assert " inert" in tag
        assert 'aria-hidden="true"' in tag


def test_layouts_go_into_the_pages_stylesheet() -> None:
    converted = saved(
        top=box("a", "b", name="HBox", layout="IPY_MODEL_l"),
        l=model("Layout", flex_flow="row wrap", width="50%; } body { display: none"),
        a=model("Label", value="gone", layout="n"),
        b=model("IntSlider", value=3, layout="IPY_MODEL_l", style="s"),
        n=model("Layout", display="none"),
        s=model("SliderStyle", handle_color="lightblue", description_width="initial"),
    )
    rules = sheet(converted)
    assert re.search(r"^\.(w-\w{8})\{flex-flow:row wrap!important\}$", rules, re.MULTILINE)
    assert "background-color:lightblue!important" in rules
    assert "transform:translate(-970%,0)!important" in rules
    assert "body" not in rules
    assert "gone" not in converted.article.body
    for name in re.findall(r"\bw-\w{8}\b", converted.article.body):
        assert f".{name}{{" in rules


def test_pictures_keep_their_size() -> None:
    data = base64.b64encode(base64.b64decode(png(300, 200))).decode()
    image = {
        **model("Image", format="png", width="150"),
        "buffers": [{"path": ["value"], "encoding": "base64", "data": data}],
    }
    html = still(top=image)
    assert 'class="jupyter-widgets widget-image" width="150" height="100" alt="Output of cell 1"' in html


def test_containers_show_the_page_that_is_chosen() -> None:
    children = {"a": model("Label", value="One"), "b": model("Label", value="Two")}
    html = still(top=box("a", "b", name="Tab", titles=["First", "<Second>"], selected_index=1), **children)
    assert words(html) == "First<Second>Two"
    assert '<li class="lm-TabBar-tab lm-mod-current">' in html
    html = still(top=box("a", "b", name="Accordion", titles=["First"], selected_index=None), **children)
    assert words(html) == "First"
    html = still(top=box("a", "b", name="Stack", selected_index=0), **children)
    assert words(html) == "One"


def test_an_outputs_own_widgets_are_no_views_of_the_cell() -> None:
    inner = [stream("text"), output({VIEW: {"model_id": "a"}})]
    body = saved(top=model("Output", outputs=inner), a=model("Label", value="Inside")).article.body
    assert body.count("live-view") == 1
    assert "Inside" in body


def test_html_stays_as_it_is_and_safe() -> None:
    html = still(
        top=model(
            "HTML",
            value='<h2 id="x" style="color: red; position: fixed; background: url(//x.example)" onclick="y">'
            'Head</h2><p>$x$</p><img src="https://x.example/a.png"><iframe src="/"></iframe>'
            '<a href="javascript:x">no</a>',
        )
    )
    assert re.search(
        r'<div class="widget-html-content"><h2 class="w-\w{8}" role="presentation">Head</h2><p><math', html
    )
    for word in ("x.example", "iframe", "javascript", "onclick", "fixed", ' id="'):
        assert word not in html


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"top": box("top")},
        {"top": box("a"), "a": box("top")},
        {"top": None},
        {"top": model("IntSlider", value=10**400, max=10**401)},
        {"top": model("Image", value="", width="²")},
    ],
)
def test_a_state_of_any_shape_never_raises(state: dict[str, Any]) -> None:
    saved(**state)


def test_boxes_that_hold_each_other_twice_come_to_an_end() -> None:
    levels = {f"b{n}": box(f"b{n + 1}", f"b{n + 1}") for n in range(25)}
    html = still(top=box("b0"), **levels, b25=model("Label", value="x"))
    assert html.count("widget-label") < 2000
