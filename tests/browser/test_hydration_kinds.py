"""Every kind of widget that a post may use, at rest and live, under the page's own policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError
from support.hydrating import FAULTS, hydrating, open_context, page_of, shown, state
from support.live_server import LiveProcess, live_server, notebook, write_notebooks
from support.other_widgets import KINDS
from support.same_origin import Site

CONTROLS = """\
import datetime, io
import ipywidgets as w
from PIL import Image as Picture

told = w.Label("none")
def hear(name, key="value"):
    def tell(change):
        told.value = f"{name} {change.new!r}"
    made[name].observe(tell, key)

options = ["one", "two", "three"]
made = {
    "IntSlider": w.IntSlider(value=3), "FloatSlider": w.FloatSlider(value=1.0, min=0, max=2, step=0.5),
    "FloatLogSlider": w.FloatLogSlider(value=10),
    "IntRangeSlider": w.IntRangeSlider(value=(2, 5), min=0, max=9),
    "IntText": w.IntText(value=4), "BoundedIntText": w.BoundedIntText(value=4, max=9),
    "FloatText": w.FloatText(value=0.5),
    "Checkbox": w.Checkbox(value=False), "ToggleButton": w.ToggleButton(value=False, description="toggle"),
    "Dropdown": w.Dropdown(options=options), "RadioButtons": w.RadioButtons(options=options),
    "Select": w.Select(options=options), "SelectMultiple": w.SelectMultiple(options=options),
    "SelectionSlider": w.SelectionSlider(options=options), "ToggleButtons": w.ToggleButtons(options=options),
    "Text": w.Text(value="a"), "Textarea": w.Textarea(value="b"), "Password": w.Password(value="c"),
    "Combobox": w.Combobox(options=options), "DatePicker": w.DatePicker(value=datetime.date(2024, 1, 2)),
    "TimePicker": w.TimePicker(value=datetime.time(10, 30)), "ColorPicker": w.ColorPicker(value="#ff0000"),
    "TagsInput": w.TagsInput(value=["x"]), "Play": w.Play(value=0, max=3, interval=50),
    "FileUpload": w.FileUpload(),
}
for name in made:
    made[name].description = name if hasattr(made[name], "description") else ""
    hear(name)
tab = made["Tab"] = w.Tab([w.HTML("first"), w.HTML("second")], titles=["Tab one", "Tab two"])
folds = made["Accordion"] = w.Accordion([w.HTML("inside")], titles=["Fold"])
hear("Tab", "selected_index"), hear("Accordion", "selected_index")
button = made["Button"] = w.Button(description="Press")
button.on_click(lambda _: setattr(told, "value", "Button pressed"))

stream = io.BytesIO()
Picture.new("RGB", (8, 8), "red").save(stream, "png")
bar, valid = w.IntProgress(3, max=10), w.Valid(value=True, description="Valid")
linked, follows = w.IntSlider(value=1, description="Linked"), w.IntSlider(value=1, description="Follows")
link = w.jslink((linked, "value"), (follows, "value"))
stack = w.Stack([w.Label("lower"), w.Label("upper")], selected_index=0)
shown = [
    w.Image(value=stream.getvalue(), format="png"), bar, valid, linked, follows,
    w.HTML("<b style='color: rgb(0, 0, 255)'>html</b>"), w.HTMLMath(r"$\\sqrt{2}$"), stack,
    w.GridspecLayout(1, 2), w.Text(description=r"$\\alpha$"),
    w.Checkbox(description="<i>inline</i>", description_allow_html=True),
]
w.VBox([told, *made.values(), *shown])
"""

MATPLOTLIB = """\
%matplotlib inline
import ipywidgets as w
import matplotlib.pyplot as plt
def draw(power):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([x**power for x in range(5)])
    plt.show()
    print("power", power)
w.interactive(draw, power=w.IntSlider(1, 0, 3, description="Power"))
"""

NESTED = """\
import ipywidgets as w
from IPython.display import clear_output, display
out, more = w.Output(), w.IntSlider(value=1, description="More")
def fill(change):
    with out:
        clear_output(wait=True)
        print("before")
        display(w.HBox([w.Label(f"made {change.new}"), w.Button(description="inner")]))
more.observe(fill, "value")
with out:
    print("at rest")
w.VBox([more, out])
"""


def keys(*pressed: str) -> Callable[[Page, str], None]:
    def act(page: Page, name: str) -> None:
        control(page, name).focus()
        for key in pressed:
            page.keyboard.press(key)

    return act


def control(page: Page, name: str) -> Locator:
    label = page.locator(".widget-label", has_text=re.compile(f"^{name}$"))
    box = page.locator(":is(.jupyter-widgets, .widget-slider):not(.widget-box)", has=label)
    return box.locator("[role=slider], input:not([type=hidden]), select, textarea, button").first


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def choose(*options: str) -> Callable[[Page, str], None]:
    def act(page: Page, name: str) -> None:
        control(page, name).select_option(list(options))

    return act


def fill(text: str) -> Callable[[Page, str], None]:
    return lambda page, name: control(page, name).fill(text)


def at(where: Callable[[Page], Locator]) -> Callable[[Page, str], None]:
    return lambda page, _: where(page).click()


def tag(page: Page, _: str) -> None:
    page.locator(".jupyter-widget-tagsinput").click()
    page.keyboard.type("y")
    page.keyboard.press("Enter")


def write(text: str) -> Callable[[Page, str], None]:
    def act(page: Page, name: str) -> None:
        control(page, name).fill(text)
        page.keyboard.press("Enter")

    return act


def upload(page: Page, _: str) -> None:
    with page.expect_file_chooser() as chosen:
        page.locator(".widget-upload").click()
    chosen.value.set_files([{"name": "note.txt", "mimeType": "text/plain", "buffer": b"some words"}])


ACTS: dict[str, tuple[Callable[[Page, str], None], str]] = {
    "IntSlider": (keys("ArrowRight"), "IntSlider 4"),
    "FloatSlider": (keys("ArrowRight"), "FloatSlider 1.5"),
    "FloatLogSlider": (keys("ArrowRight"), "FloatLogSlider 12.5"),
    "IntRangeSlider": (keys("ArrowRight"), "IntRangeSlider (3, 5)"),
    "IntText": (write("6"), "IntText 6"),
    "BoundedIntText": (write("7"), "BoundedIntText 7"),
    "FloatText": (write("2.5"), "FloatText 2.5"),
    "Checkbox": (at(lambda page: page.get_by_label("Checkbox", exact=True)), "Checkbox True"),
    "ToggleButton": (at(lambda page: button(page, "ToggleButton")), "ToggleButton True"),
    "Dropdown": (choose("two"), "Dropdown 'two'"),
    "RadioButtons": (at(lambda page: page.get_by_label("two", exact=True).first), "RadioButtons 'two'"),
    "Select": (choose("three"), "Select 'three'"),
    "SelectMultiple": (choose("one", "three"), "SelectMultiple ('one', 'three')"),
    "SelectionSlider": (keys("ArrowRight"), "SelectionSlider 'two'"),
    "ToggleButtons": (at(lambda page: button(page, "three")), "ToggleButtons 'three'"),
    "Text": (write("words"), "Text 'words'"),
    "Textarea": (fill("more"), "Textarea 'more'"),
    "Password": (write("open"), "Password 'open'"),
    "Combobox": (write("two"), "Combobox 'two'"),
    "DatePicker": (fill("2025-03-04"), "DatePicker datetime.date(2025, 3, 4)"),
    "TimePicker": (fill("11:45"), "TimePicker datetime.time(11, 45)"),
    "ColorPicker": (write("#00ff00"), "ColorPicker '#00ff00'"),
    "TagsInput": (tag, "TagsInput ['x', 'y']"),
    "Play": (at(lambda page: page.locator(".widget-play button").first), "Play 3"),
    "FileUpload": (upload, "note.txt"),
    "Tab": (at(lambda page: page.get_by_text("Tab two")), "Tab 1"),
    "Accordion": (at(lambda page: page.get_by_text("Fold")), "Accordion 0"),
    "Button": (at(lambda page: button(page, "Press")), "Button pressed"),
}

DISPLAYED = "figure.canvas._repr_mimebundle_()\nwidgets.VBox"
NOTEBOOKS = {
    "posts/controls": notebook((CONTROLS, "live")),
    "posts/matplotlib": notebook((MATPLOTLIB, "live")),
    "posts/nested": notebook((NESTED, "live")),
    **{f"posts/{kind}": notebook((source, "live")) for kind, (source, _) in KINDS.items()},
    # An ipympl figure has a picture at rest once its canvas has been displayed by itself.
    "posts/ipympl": notebook((KINDS["ipympl"][0].replace("widgets.VBox", DISPLAYED), "live")),
    "posts/undrawn": notebook((KINDS["ipympl"][0], "live")),
}
PAGES = {f"/{key[6:]}": page_of((key, "cell-0")) for key in NOTEBOOKS}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    write_notebooks(root, NOTEBOOKS)
    with live_server(root, "--kernels", "4") as running:
        yield running


@pytest.fixture(scope="module")
def site(live: LiveProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with hydrating(live.port, PAGES, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def page(browser: Browser, site: Site, live: LiveProcess) -> Iterator[Page]:
    FAULTS.clear()
    context = open_context(browser, site, viewport={"width": 1200, "height": 1000})
    yield context.new_page()
    context.close()
    live.empty()
    assert not FAULTS


def test_each_control_is_shown_at_rest_and_tells_its_kernel(page: Page, live: LiveProcess) -> None:
    shown(page, "/controls")
    assert live.sessions() == 0
    expect(page.locator(".widget-html b")).to_have_css("color", "rgb(0, 0, 255)")
    expect(page.locator(".widget-htmlmath-content msqrt")).to_be_visible()
    expect(page.locator("label math mi")).to_be_visible()
    expect(page.locator(".widget-checkbox i", has_text="inline")).to_be_visible()
    assert (
        page.locator(".widget-image").evaluate(
            "async image => { await image.decode(); return image.naturalWidth; }"
        )
        == 8
    )
    # A link between two widgets works without a kernel.
    control(page, "Linked").focus()
    follows = control(page, "Follows").get_attribute("aria-valuetext")
    page.keyboard.press("ArrowRight")
    expect(control(page, "Follows")).not_to_have_attribute("aria-valuetext", follows or "")
    told = page.locator(".live-widgets .widget-label").first
    missed = []
    for name, (act, words) in ACTS.items():
        try:
            act(page, name)
            expect(told).to_contain_text(words, timeout=15_000)
        except (AssertionError, PlaywrightError) as error:
            missed.append((name, words, told.inner_text(), str(error).partition("\n")[0]))
    assert missed == []
    state(page, "live")
    assert live.sessions() == 1
    assert "Dropped" not in live.log.read_text()


def test_a_file_that_is_chosen_after_a_while_starts_a_session(
    page: Page, live: LiveProcess, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("some words")
    shown(page, "/controls")
    with page.expect_file_chooser() as chosen:
        page.locator(".widget-upload").click()
    # Longer than a gesture counts, by the page's own clock.
    page.evaluate("const now = performance.now.bind(performance); performance.now = () => now() + 60000")
    # A file by its path is chosen as a reader would; one of bytes is put there by a script.
    chosen.value.set_files(tmp_path / "note.txt")
    expect(page.locator(".live-widgets .widget-label").first).to_contain_text("note.txt")
    assert live.sessions() == 1


def test_matplotlib_draws_into_an_output(page: Page, live: LiveProcess) -> None:
    shown(page, "/matplotlib")
    picture = page.locator(".live-output img")
    before = picture.get_attribute("src")
    assert live.sessions() == 0
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".live-text")).to_have_text("power 2\n")
    assert picture.count() == 1
    assert picture.get_attribute("src") != before


def test_an_output_shows_widgets_that_the_kernel_makes(page: Page) -> None:
    shown(page, "/nested")
    expect(page.locator(".live-output")).to_have_text("at rest\n")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("made 2")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("made 3")).to_be_visible()
    expect(page.get_by_text("made 2")).to_have_count(0)
    expect(page.get_by_role("button", name="inner")).to_be_visible()


@pytest.mark.parametrize("kind", KINDS)
def test_a_widget_of_another_package(page: Page, live: LiveProcess, kind: str) -> None:
    shown(page, f"/{kind}")
    assert live.sessions() == 0
    KINDS[kind][1](page)
    state(page, "live")
    assert "Dropped" not in live.log.read_text()


def test_a_figure_without_a_picture_starts_by_its_button(page: Page) -> None:
    page.goto("/undrawn")
    expect(page.get_by_role("button", name="Run live, figure 1")).to_be_visible()
