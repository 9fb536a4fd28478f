"""A notebook of live cells with every widget of ipywidgets, laid out in every way, and its saved state.

Each case is the source of a cell, which shows a widget.
"""

from __future__ import annotations

import tempfile
from typing import Any

import nbformat
from nbclient import NotebookClient
from support.notebooks import code, notebook
from traitlets.config import Config

SETUP = """\
import datetime
import io
import ipywidgets as widgets
from IPython.display import HTML, display
from ipywidgets import Box, Button, GridBox, HBox, Image, IntSlider, Label, Layout, Output, VBox
from PIL import Image as Picture

NAMES = ["one", "two words", "three"]

def png(width, height, colour=(120, 80, 40)):
    file = io.BytesIO()
    Picture.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()
"""

CASES = {
    "sliders": """\
VBox([IntSlider(7, 0, 50, description="Inner angle, mrad"), IntSlider(),
      IntSlider(description="No readout", readout=False),
      widgets.FloatSlider(0.5, min=0, max=1, step=0.1, description="Float"),
      widgets.FloatSlider(-1234.5, min=-1e4, max=0, readout_format=",.1f", description="With commas"),
      widgets.FloatLogSlider(description="Logarithmic"),
      widgets.IntRangeSlider(value=(20, 60), description="Range"),
      widgets.FloatRangeSlider(value=(2.0, 4.5), min=0, max=10, description="Range of floats"),
      widgets.SelectionSlider(options=NAMES, description="Selection"),
      widgets.SelectionRangeSlider(options=NAMES, index=(0, 1), description="Range of names")])""",
    "alone": 'IntSlider(7, 0, 50, description="Alone", disabled=True)',
    "upright": """\
HBox([IntSlider(7, 0, 50, description="Up", orientation="vertical"),
      widgets.IntRangeSlider(value=(20, 60), orientation="vertical", description="Range"),
      widgets.SelectionSlider(options=NAMES, orientation="vertical"),
      widgets.IntProgress(30, orientation="vertical", description="Progress")])""",
    "progress": """\
VBox([widgets.IntProgress(30, description="Progress"),
      widgets.FloatProgress(0.5, max=1.0, bar_style="success")])""",
    "numbers": """\
VBox([widgets.IntText(3, description="Int"), widgets.FloatText(3.5, description="Float"), widgets.IntText(4),
      widgets.BoundedIntText(3, description="Bounded"),
      widgets.BoundedFloatText(3, description="Bounded float")])""",
    "texts": """\
VBox([widgets.Text("abc", description="Text"), widgets.Text(placeholder="type"),
      widgets.Password(value="a", description="Password"),
      widgets.Combobox(value="a", options=NAMES, description="Combobox"),
      widgets.Textarea("one\\ntwo", description="Area"), widgets.Textarea("x", rows=7)])""",
    "choices": """\
VBox([widgets.Dropdown(options=NAMES, index=1, description="Dropdown"), widgets.Dropdown(options=NAMES),
      widgets.Select(options=NAMES, description="Select"), widgets.Select(options=NAMES, rows=3),
      widgets.SelectMultiple(options=NAMES, index=(0, 2), description="Multiple"),
      widgets.RadioButtons(options=NAMES, description="Radio"), widgets.RadioButtons(options=NAMES),
      widgets.RadioButtons(options=NAMES, orientation="horizontal"),
      widgets.ToggleButtons(options=NAMES, description="Toggle", index=1),
      widgets.ToggleButtons(options=NAMES, icons=["check", "times", ""])])""",
    "switches": """\
VBox([widgets.Checkbox(True, description="Tick me"),
      widgets.Checkbox(False, description="Flush", indent=False),
      widgets.Checkbox(False, description="A long description of what is ticked " * 4),
      widgets.ToggleButton(True, description="On"),
      widgets.ToggleButton(False, description="Off", icon="check"),
      widgets.Valid(True, description="Valid"), widgets.Valid(False, readout="Bad")])""",
    "buttons": """\
VBox([Button(description="Press"), Button(description="Primary", button_style="primary", icon="play"),
      Button(icon="check"), Button(), widgets.FileUpload(), widgets.FileUpload(description="Data"),
      widgets.Play(), widgets.Play(show_repeat=False)])""",
    "pickers": """\
VBox([widgets.ColorPicker(value="#336699", description="Colour"),
      widgets.ColorPicker(concise=True, description="Concise"),
      widgets.DatePicker(value=datetime.date(2026, 3, 4), description="Date"), widgets.DatePicker(),
      widgets.TimePicker(value=datetime.time(12, 30), description="Time"),
      widgets.NaiveDatetimePicker(value=datetime.datetime(2026, 3, 4, 12, 30), description="When")])""",
    "words": """\
VBox([Label("A label"), Label("A long label " * 20), widgets.HTML("<b>Bold</b> and <i>italic</i>"),
      widgets.HTML("<p>One</p><p>Two</p>", description="Described"),
      widgets.HTML('<h3>Head</h3><ul><li>a<li>b</ul><table><tr><td>1<td>2</table>'
                   '<p style="font-size: 30px; margin: 20px 0; color: red">Large</p>')])""",
    "mathematics": """\
VBox([Label("$x^2$ and more"), widgets.HTMLMath("The angle $\\\\alpha$ of <b>it</b>"),
      IntSlider(description="$\\\\beta$, mrad")])""",
    "tabs": """\
widgets.Tab([VBox([Label("In the first"), IntSlider(description="Inside")]), Label("Second")],
            titles=["First", "A second tab"])""",
    "second tab": 'widgets.Tab([Label("First"), Label("Second")], titles=["One", "Two"], selected_index=1)',
    "accordion": """\
widgets.Accordion([Label("First"), VBox([Label("In the second"), IntSlider(description="Inside")])],
                  titles=["One", "Two"], selected_index=1)""",
    "folded": 'widgets.Accordion([Label("First"), Label("Second")], titles=["One", "Two"])',
    "stack": 'widgets.Stack([Label("First"), IntSlider(description="In the stack")], selected_index=1)',
    "grid": """\
GridBox([Button(description=str(number)) for number in range(7)],
        layout=Layout(grid_template_columns="repeat(3, 1fr)", grid_gap="4px 8px"))""",
    "areas": """\
widgets.AppLayout(header=Button(description="Header"), left_sidebar=Button(description="Left"),
                  center=IntSlider(description="Centre"), right_sidebar=None, footer=Label("Footer"))""",
    "two by two": """\
widgets.TwoByTwoLayout(top_left=Button(description="a"), top_right=Label("b"), bottom_left=IntSlider(),
                       bottom_right=Button(description="d"))""",
    "flexible": """\
FLEXIBLE = Layout(flex="1 1 15rem", min_width="0", width="auto")
HBox([IntSlider(description="a", layout=FLEXIBLE), IntSlider(description="b", layout=FLEXIBLE)],
     layout=Layout(flex_flow="row wrap"))""",
    "pictures in a row": """\
HBox([Image(value=png(400, 300), layout=Layout(flex="1 1 14rem", width="auto")),
      Image(value=png(400, 400), layout=Layout(flex="1 1 14rem", width="auto"))])""",
    "picture and controls": """\
HBox([Image(value=png(500, 200)), VBox([Label("beside"), IntSlider(description="s")])])""",
    "pictures": """\
VBox([Image(value=png(300, 200)), Image(value=png(300, 200), width=150, height=50),
      Image(value=png(30, 20), width=300), Image(value=png(2000, 300)),
      Image(value=png(200, 200), layout=Layout(width="50%", border="2px solid red", margin="10px"))])""",
    "sizes": """\
VBox([IntSlider(description="wide", layout=Layout(width="100%")),
      Button(description="tall", layout=Layout(width="300px", height="80px")),
      VBox([Label("scrolls")] * 9, layout=Layout(height="90px", overflow="auto", border="1px solid")),
      HBox([Button(description="a"), Button(description="b")],
           layout=Layout(justify_content="space-between", align_items="center", height="120px",
                         padding="5px")),
      Box([Label("in a box"), IntSlider()],
          layout=Layout(display="flex", flex_flow="column", max_width="20em"))])""",
    "tags": """\
VBox([widgets.TagsInput(value=["a", "b"], allowed_tags=["a", "b", "c"]), widgets.TagsInput(),
      widgets.ColorsInput(value=["red", "#2f6fed"])])""",
    "hidden": """\
VBox([Label("gone", layout=Layout(display="none")), Label("unseen", layout=Layout(visibility="hidden")),
      Label("seen")], box_style="info")""",
    "styles": """\
VBox([Button(description="styled",
             style=dict(button_color="lightgreen", font_weight="bold", font_size="20px")),
      Label("large", style=dict(font_size="24px", text_color="red")),
      widgets.Text("t", style=dict(font_size="22px", description_width="120px"), description="d"),
      widgets.ToggleButtons(options=NAMES, style=dict(button_width="200px"))])""",
    "interact": 'widgets.interactive(lambda x, y: print(f"x is {x}\\nand y is {y}"), x=10, y=True)',
}


def every_widget() -> dict[str, Any]:
    """Make the notebook, run it, and give it as it is saved, its widgets' state with it."""
    cells = [code(SETUP, tags=("warm",))]
    cells += [
        {**code(source, tags=("live",)), "id": name.replace(" ", "-")} for name, source in CASES.items()
    ]
    made = nbformat.from_dict(notebook(*cells, front_matter="title: Every widget\ndate: 2026-01-01"))
    return run(made)


def run(made: nbformat.NotebookNode) -> dict[str, Any]:
    """Run a notebook and give it as it is saved, its widgets' state with it.

    Its kernel has sockets in files: of two that start at once, both may be given one free port.
    """
    with tempfile.TemporaryDirectory() as folder:
        sockets = {"transport": "ipc", "ip": f"{folder}/kernel"}
        client = NotebookClient(
            made,
            kernel_name="python3",
            store_widget_state=True,
            timeout=120,
            config=Config({"KernelManager": sockets}),
        )
        saved: dict[str, Any] = client.execute()
    return saved
