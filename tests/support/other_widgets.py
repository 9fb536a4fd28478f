"""Widgets of other packages than ipywidgets: a notebook's cell for each, and what a reader does with it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

COUNTER = '''\
import anywidget
import traitlets

class Counter(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      const button = document.createElement("button"), text = document.createElement("p");
      button.textContent = "Add";
      button.onclick = () => { model.set("value", model.get("value") + 1); model.save_changes(); };
      const show = () => { text.textContent = `twice is ${model.get("twice")}`; };
      model.on("change:twice", show);
      show();
      el.append(button, text);
    } }"""
    value = traitlets.Int(1).tag(sync=True)
    twice = traitlets.Int(2).tag(sync=True)

    @traitlets.observe("value")
    def _double(self, change):
        self.twice = 2 * change.new

Counter()
'''
FIGURE = """\
%matplotlib widget
import ipywidgets as widgets
import matplotlib.pyplot as plt
told = widgets.Label("whole")
with plt.ioff():
    figure, axes = plt.subplots(figsize=(3, 3), dpi=100)
figure.canvas.toolbar_visible = "visible"
axes.set_position([0, 0, 1, 1])
axes.plot([0, 1, 2], [0, 2, 1])
axes.set(xlim=(0, 2), ylim=(0, 2))
axes.callbacks.connect("xlim_changed", lambda axes: setattr(told, "value", "zoomed"))
widgets.VBox([figure.canvas, told])
"""
PLOTLY = """\
import ipywidgets as widgets
import plotly.graph_objects as go
told = widgets.Label("whole")
figure = go.FigureWidget(go.Scatter(x=[0, 1, 2, 3], y=[0, 1, 4, 9]))
figure.layout.on_change(lambda layout, values: setattr(told, "value", "zoomed"), "xaxis.range")
widgets.VBox([figure, told])
"""


def add(page: Page) -> None:
    expect(page.get_by_text("twice is 2")).to_be_visible()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("twice is 4")).to_be_visible()


def zoom_figure(page: Page) -> None:
    expect(page.get_by_text("whole")).to_be_visible()
    expect(page.locator(".jupyter-matplotlib-toolbar .fa-square-o")).to_be_visible()
    page.locator('button[title^="Zoom"]').click()
    drag(page, "canvas >> nth=-1")
    expect(page.get_by_text("zoomed")).to_be_visible()


def zoom_plotly(page: Page) -> None:
    expect(page.get_by_text("whole")).to_be_visible()
    drag(page, ".nsewdrag")
    expect(page.get_by_text("zoomed")).to_be_visible()


def drag(page: Page, where: str) -> None:
    box = page.locator(where).first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 110, steps=5)
    page.mouse.up()


KINDS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "anywidget": (COUNTER, add),
    "ipympl": (FIGURE, zoom_figure),
    "plotly": (PLOTLY, zoom_plotly),
}
