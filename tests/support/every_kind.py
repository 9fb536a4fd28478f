"""Posts with every kind of widget that a notebook may use, each with a line of what its kernel has heard.

A case is the source of a cell, which shows a widget. ``heard`` puts a label under a widget that says as JSON,
in their order, all the values that the kernel has been told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support.every_widget import every_widget, run
from support.notebooks import code, notebook, save
from support.site import Site, start_site

HEARD = """\
import datetime, json
import ipywidgets as widgets
from IPython.display import display
from ipywidgets import HTML, HTMLMath, HBox, IntSlider, Label, Layout, Output, VBox

def heard(widget, key="value", of=None, tell=lambda value: value):
    got, told = [], Label("[]")
    told.add_class("my-told")
    def hear(change):
        got.append(tell(change.new))
        told.value = json.dumps(got, default=str)
    (of or widget).observe(hear, key)
    return VBox([widget, told])

NAMES = ["one", "two", "three"]
"""

#: Of ipywidgets' own: each has one control, and a line of what was heard.
CONTROLS = {
    "IntSlider": 'heard(IntSlider(5, 0, 10, description="Kind"))',
    "FloatSlider": 'heard(widgets.FloatSlider(0.5, min=0, max=1, step=0.25, description="Kind"))',
    "FloatLogSlider": 'heard(widgets.FloatLogSlider(value=10, min=0, max=3, step=1, description="Kind"))',
    "IntRangeSlider": 'heard(widgets.IntRangeSlider(value=(2, 8), min=0, max=10, description="Kind"))',
    "FloatRangeSlider": """\
heard(widgets.FloatRangeSlider(value=(0.25, 0.75), min=0, max=1, step=0.25, description="Kind"))""",
    "SelectionSlider": 'heard(widgets.SelectionSlider(options=NAMES, description="Kind"))',
    "SelectionRangeSlider": """\
heard(widgets.SelectionRangeSlider(options=NAMES, index=(0, 1), description="Kind"), "index")""",
    "IntText": 'heard(widgets.IntText(5, description="Kind"))',
    "FloatText": 'heard(widgets.FloatText(0.5, step=0.25, description="Kind"))',
    "BoundedIntText": 'heard(widgets.BoundedIntText(5, min=0, max=6, description="Kind"))',
    "BoundedFloatText": 'heard(widgets.BoundedFloatText(0.5, min=0, max=1, step=0.5, description="Kind"))',
    "Text": 'heard(widgets.Text("a", description="Kind"))',
    "Text, when left": 'heard(widgets.Text("a", description="Kind", continuous_update=False))',
    "Password": 'heard(widgets.Password(value="a", description="Kind"))',
    "Textarea": 'heard(widgets.Textarea("a", description="Kind"))',
    "Combobox": 'heard(widgets.Combobox(value="", options=NAMES, description="Kind"))',
    "Dropdown": 'heard(widgets.Dropdown(options=NAMES, description="Kind"))',
    "Select": 'heard(widgets.Select(options=NAMES, description="Kind"))',
    "SelectMultiple": 'heard(widgets.SelectMultiple(options=NAMES, index=(0,), description="Kind"), "index")',
    "RadioButtons": 'heard(widgets.RadioButtons(options=NAMES, description="Kind"))',
    "ToggleButtons": 'heard(widgets.ToggleButtons(options=NAMES, description="Kind"))',
    "Checkbox": 'heard(widgets.Checkbox(False, description="Kind"))',
    "ToggleButton": 'heard(widgets.ToggleButton(False, description="Kind"))',
    "Button": """\
pressed, count = widgets.Button(description="Kind"), widgets.IntText(0)
pressed.on_click(lambda button: setattr(count, "value", count.value + 1))
heard(pressed, of=count)""",
    "Play": "heard(widgets.Play(value=0, min=0, max=2, interval=1100))",
    "ColorPicker": 'heard(widgets.ColorPicker(value="#112233", description="Kind"))',
    "DatePicker": 'heard(widgets.DatePicker(value=datetime.date(2026, 3, 4), description="Kind"))',
    "TimePicker": 'heard(widgets.TimePicker(value=datetime.time(12, 30), description="Kind"))',
    "NaiveDatetimePicker": """\
heard(widgets.NaiveDatetimePicker(value=datetime.datetime(2026, 3, 4, 12, 30), description="Kind"))""",
    "DatetimePicker": """\
heard(widgets.DatetimePicker(value=datetime.datetime(2026, 3, 4, 12, 30, tzinfo=datetime.timezone.utc),
                             description="Kind"))""",
    "TagsInput": 'heard(widgets.TagsInput(value=["a"], allow_duplicates=False))',
    "ColorsInput": 'heard(widgets.ColorsInput(value=["red"]))',
    "IntsInput": "heard(widgets.IntsInput(value=[1]))",
    "FloatsInput": "heard(widgets.FloatsInput(value=[1.5]))",
    "FileUpload": """\
heard(widgets.FileUpload(), tell=lambda files: [[one.name, bytes(one.content).decode()] for one in files])""",
    "Tab": """\
heard(widgets.Tab([Label("in the first"), Label("in the second")], titles=["First", "Second"]),
      "selected_index")""",
    "Accordion": """\
heard(widgets.Accordion([Label("in the first"), Label("in the second")], titles=["First", "Second"]),
      "selected_index")""",
    "in a Tab": """\
heard(widgets.Tab([VBox([inner := IntSlider(5, 0, 10, description="Kind")])], titles=["First"]), of=inner)""",
    "interact": """\
def double(x):
    print(f"twice is {2 * x}")
widgets.interactive(double, x=IntSlider(5, 0, 10, description="Kind"))""",
    "Output": """\
%matplotlib inline
import matplotlib.pyplot as plt
turn, output = IntSlider(5, 0, 10, description="Kind"), Output()
def draw(change=None):
    with output:
        output.clear_output(wait=True)
        figure, axes = plt.subplots(figsize=(2, 1))
        axes.plot([0, turn.value])
        plt.show()
turn.observe(draw, "value")
draw()
heard(VBox([turn, output]), of=turn)""",
}

#: What needs no kernel, and what only shows.
SHOWN = {
    "jslink": """\
linked = IntSlider(5, 0, 10, description="Kind"), widgets.IntProgress(5, 0, 10), widgets.Label("-")
widgets.jslink((linked[0], "value"), (linked[1], "value"))
widgets.jsdlink((linked[0], "value"), (linked[2], "value"))
VBox(linked)""",
    "words": """\
VBox([HTML('<b style="color: rgb(255, 0, 0)">bold</b><script>document.body.dataset.ran = 1</script>',
           description="<i>Told</i>", description_allow_html=True),
      HTMLMath("half is $\\\\frac{1}{2}$"), Label("$x^2$"), IntSlider(description="$\\\\beta$")])""",
}

ANYWIDGET = """\
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _css = ".counted { color: rgb(0, 0, 255); }"
    _esm = \"\"\"
    export default { render({ model, el }) {
      const button = document.createElement("button"), text = document.createElement("p");
      text.className = "counted";
      button.textContent = "Add";
      button.onclick = () => { model.set("value", model.get("value") + 1); model.save_changes(); };
      const show = () => { text.textContent = `twice is ${model.get("twice")}`; };
      model.on("change:twice", show);
      show();
      el.append(button, text);
    } }\"\"\"
    value = traitlets.Int(1).tag(sync=True)
    twice = traitlets.Int(2).tag(sync=True)

    @traitlets.observe("value")
    def _double(self, change):
        self.twice = 2 * change.new

heard(Counter())
"""
IPYMPL = """\
%matplotlib widget
import matplotlib.pyplot as plt
with plt.ioff():
    figure, axes = plt.subplots(figsize=(3, 3), dpi=100)
figure.canvas.toolbar_visible = "visible"
axes.set_position([0, 0, 1, 1])
axes.plot([0, 1, 2], [0, 2, 1])
axes.set(xlim=(0, 2), ylim=(0, 2))
told = Label("whole")
axes.callbacks.connect("xlim_changed", lambda axes: setattr(told, "value", "zoomed"))
"""
ALONE, BOXED = "display(figure.canvas, told)", "VBox([figure.canvas, told])"
PLOTLY = """\
import plotly.graph_objects as go
told = Label("whole")
figure = go.FigureWidget(go.Scatter(x=[0, 1, 2, 3], y=[0, 1, 4, 9]))
figure.update_layout(width=400, height=300)
figure.layout.on_change(lambda layout, values: setattr(told, "value", "zoomed"), "xaxis.range")
VBox([figure, told])
"""
BQPLOT = """\
import bqplot
across, up = bqplot.LinearScale(min=0.0, max=3.0), bqplot.LinearScale(min=0.0, max=9.0)
line = bqplot.Lines(x=[0, 1, 2, 3], y=[0, 1, 4, 9], scales={"x": across, "y": up})
figure = bqplot.Figure(marks=[line], title="Squares", layout=Layout(width="400px", height="300px"),
                       axes=[bqplot.Axis(scale=across), bqplot.Axis(scale=up, orientation="vertical")])
told = Label("whole")
across.observe(lambda change: setattr(told, "value", "moved"), "min")
VBox([told, figure])
"""
#: Kinds of other packages, a post each: what they need is asked for on that post alone.
PACKAGES = {
    "anywidget": ANYWIDGET,
    "bqplot": BQPLOT,
    "ipympl": IPYMPL + ALONE,
    "ipympl-boxed": IPYMPL + BOXED,
    "plotly": PLOTLY,
}
BLOG = """\
title = "Kinds"

[live]
kernels = 6
per_address = 6
starts_per_minute = 10000
libraries = ["numpy", "ipywidgets"]
"""


def cell_id(name: str) -> str:
    """Give the id of a case's cell."""
    return name.replace(" ", "-").replace(",", "")


def _run(title: str, cases: dict[str, str]) -> dict[str, Any]:
    """Make a notebook of live cells, run it, and give it as it is saved, its widgets' state with it."""
    cells = [code(HEARD, tags=("warm",))]
    cells += [{**code(source, tags=("live",)), "id": cell_id(name)} for name, source in cases.items()]
    made = nbformat.from_dict(notebook(*cells, front_matter=f"title: {title}\ndate: 2026-01-01"))
    return run(made)


def save_every_kind(notebooks: Path) -> None:
    """Write the posts ``controls``, ``shown`` and ``every-widget``, and one for each of the packages."""
    others = {name: {name: source} for name, source in PACKAGES.items()}
    posts = {"controls": CONTROLS, "shown": SHOWN, **others}
    for name, cases in posts.items():
        save(notebooks / "posts" / f"{name}.ipynb", _run(name, cases))
    save(notebooks / "posts/every-widget.ipynb", every_widget())
    (notebooks / "blog.toml").write_text(BLOG, encoding="utf-8")


@pytest.fixture(scope="session")
def kinds_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """All these posts, served for the whole session."""
    folder = tmp_path_factory.mktemp("kinds")
    save_every_kind(folder / "notebooks")
    with start_site(folder / "notebooks", folder / "state") as running:
        yield running
