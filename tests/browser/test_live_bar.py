"""The bar of a live cell on a phone and a narrow page: seen, of one height, and true in each state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from livekernel.gate.admission import Gate
from livekernel.gate.endings import MESSAGES
from livekernel.gate.limits import Limits
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from support.hydrating import FAULTS, cell, hydrating, open_context, page_of, runs, said, shown, state, touch
from support.live_server import LiveProcess, live_server, notebook, write_notebooks
from support.same_origin import Site

HIGH = """\
import ipywidgets as w
w.VBox([w.HTML("<div style='height: 900px'>high</div>"), w.IntSlider(description="Angle"), w.IntSlider()])
"""
TWO = """\
import ipywidgets as w
w.VBox([w.IntSlider(description="Angle"), w.IntSlider(description="Width")])
"""
HEARD = """\
import ipywidgets as w
angle, heard = w.IntSlider(description="Angle"), w.Label("none")
angle.observe(lambda change: setattr(heard, "value", f"heard {change.new}"), "value")
heard.layout = w.Layout(margin="calc(0px - 500px)", top="-9px", width="50%")
for name in ("live-bar", "my-own"):
    heard.add_class(name)
w.VBox([angle, heard])
"""
PRESSED = """\
import ipywidgets as w
buttons = [w.Button(description="Go"), w.Button(icon="play"), w.ToggleButton(description="On")]
w.VBox([w.IntSlider(description="Angle"), w.IntRangeSlider(description="Ring"), *buttons,
        w.ToggleButtons(options=["a", "b"]), w.Play()])
"""
NOTEBOOKS = {
    "posts/high": notebook((HIGH, "live")),
    "posts/two": notebook((TWO, "live")),
    "posts/pressed": notebook((PRESSED, "live")),
    "posts/heard": notebook((HEARD, "live")),
}
# As site/blog/convert/sliders.py draws it.
SLIDER = """<div class="jupyter-widgets widget-inline-hbox widget-slider widget-hslider">
<label class="widget-label">{}</label><div class="slider-container">
<div class="slider noUi-target noUi-ltr noUi-horizontal noUi-txt-dir-ltr" aria-hidden="true"><div
class="noUi-base"><div class="noUi-connects"></div><div class="noUi-origin"><div
class="noUi-handle noUi-handle-lower"><div class="noUi-touch-area"></div></div></div></div></div></div>
<div class="widget-readout">0</div></div>"""
BOX = '<div class="jupyter-widgets widget-box widget-vbox">{}</div>'
STILL = BOX.format(SLIDER.format("Angle") + SLIDER.format("Width"))
PAGES = {
    "/high": page_of(("posts/high", "cell-0")).replace("<p>After.</p>", "<p>After.</p>" * 30),
    "/pressed": page_of(("posts/pressed", "cell-0")),
    "/heard": page_of(("posts/heard", "cell-0")),
    "/two": re.sub("<img[^>]*>", STILL, page_of(("posts/two", "cell-0"))),
}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    write_notebooks(root, NOTEBOOKS)
    with live_server(root, "--kernels", "1") as running:
        yield running


@pytest.fixture(scope="module")
def site(live: LiveProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with hydrating(live.port, PAGES, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def context(browser: Browser, site: Site, live: LiveProcess) -> Iterator[BrowserContext]:
    site.down = ""
    FAULTS.clear()
    context = open_context(browser, site, **PHONE)
    yield context
    context.close()
    live.empty()
    assert not FAULTS


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def tap(page: Page) -> None:
    """Tap the first slider's track, which is in the middle of the screen then."""
    page.locator(".noUi-target").first.evaluate("track => track.scrollIntoView({block: 'center'})")
    box = page.locator(".noUi-target").first.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)


def test_on_a_phone_the_bar_comes_to_where_the_hand_is(page: Page, site: Site) -> None:
    shown(page, "/high")
    site.down = "502"
    words = page.locator(".live-bar .say")
    page.locator(".noUi-target").first.evaluate("track => track.scrollIntoView({block: 'center'})")
    expect(words).not_to_be_in_viewport()
    place = "track => track.getBoundingClientRect().top + scrollY"
    before = page.locator(".noUi-target").first.evaluate(place)
    tap(page)
    state(page, "offline")
    expect(words).to_be_in_viewport(ratio=1)
    assert page.locator(".noUi-target").first.evaluate(place) == before
    # It covers what it lies on.
    assert page.locator(".live-bar").evaluate(
        "bar => getComputedStyle(bar).backgroundColor"
    ) == page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_still_of_a_control_says_that_the_control_comes(page: Page) -> None:
    held: list[Route] = []
    page.route("**/static/live/live.js*", lambda route: held.append(route))
    page.goto("/two")
    expect(cell(page)).to_have_attribute("data-why", "coming")
    still = page.locator(".live-view .noUi-handle")
    cursor = "control => getComputedStyle(control).cursor"
    assert {still.nth(n).evaluate(cursor) for n in range(2)} == {"default"}
    assert said(page) == ""
    page.locator(".noUi-target").nth(1).tap()
    assert said(page) == "Its controls are on the way."
    held[0].continue_()
    expect(page.get_by_role("slider", name="Width")).to_be_focused()
    assert still.nth(1).evaluate(cursor) == "grab"
    assert said(page) == "Move a control to run it."


def test_who_has_gone_on_keeps_the_focus_when_the_controls_come(page: Page) -> None:
    held: list[Route] = []
    page.route("**/static/live/live.js*", lambda route: held.append(route))
    page.goto("/two")
    page.locator(".noUi-target").nth(1).tap()
    page.evaluate("document.body.append(document.createElement('input'))")
    page.locator("body > input").focus()
    held[0].continue_()
    expect(page.locator(".live-widgets")).to_be_attached()
    state(page, "rest")
    assert said(page) == "Move a control to run it."
    expect(page.locator("body > input")).to_be_focused()


def test_what_is_said_without_javascript_is_no_news_with_it(
    browser: Browser, site: Site, context: BrowserContext
) -> None:
    plain = open_context(browser, site, java_script_enabled=False)
    page = plain.new_page()
    page.goto("/high")
    assert said(page) == "Changing it needs JavaScript."
    plain.close()
    page = context.new_page()
    # Only what changes in a status is read out.
    page.add_init_script(
        """window.overwritten = [];
        new MutationObserver(changes => changes.forEach(({ target, removedNodes: [before] }) => {
          if (before?.data?.includes("JavaScript")) overwritten.push(target.hasAttribute("role"));
        })).observe(document, { subtree: true, childList: true });"""
    )
    shown(page, "/high")
    assert "JavaScript" not in page.locator("live-cell").inner_text()
    assert page.evaluate("overwritten") == [False]


def refusals() -> list[str]:
    """Give what the gate says to those who wait, with numbers as large as they get."""
    said = []
    full, many, fast = Limits(1, 99, 99, 999), Limits(99, 10, 99, 9), Limits(99, 99, 1, 9)
    for limits, readers in ((full, 1000), (full, 1001), (many, 11), (fast, 2)):
        gate = Gate(limits)
        refused = [gate.enter(f"kernel-{n}", f"browser-{n}", "192.0.2.1") for n in range(readers)]
        assert refused[-1]
        said.append(refused[-1].message)
    assert len(set(said)) == 4
    return said


EVERY_WORD = """async ([endings, refusals]) => {
  const words = await import("/static/js/live-words.js");
  const { Bar } = await import("/static/js/live-bar.js");
  const cell = document.querySelector("live-cell"), bar = new Bar(cell);
  const all = Object.entries(words.TOUCHED).flatMap(([state, whys]) =>
    Object.keys(whys).map(why => [state, why, ...words.touched(state, why)]));
  for (const message of endings) {
    all.push(["ended", "gone", ...words.touched("ended", "gone", message, true)]);
    all.push(["ended", "", ...words.pressed("ended", message)]);
  }
  for (const message of refusals) {
    all.push(["queued", "inLine", ...words.touched("queued", "inLine", message)]);
  }
  for (const state of Object.keys(words.PRESSED)) all.push([state, "", ...words.pressed(state)]);
  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const moved = [];
  const note = entries => entries.forEach(({ sources }) => moved.push(
    ...sources.map(({ node }) => node?.parentElement ?? document.body)
      .filter(node => !node.closest(".live-bar"))
      .map(node => node.outerHTML.slice(0, 80))));
  const watcher = new PerformanceObserver(list => note(list.getEntries()));
  await frame();
  watcher.observe({ type: "layout-shift" });
  const heights = {};
  for (const [state, why, name, sentence, action] of all) {
    cell.dataset.why = why;
    bar.to(state, name, sentence, action);
    bar.count(1234, 12345);
    await frame();
    const height = cell.querySelector(".live-bar").getBoundingClientRect().height;
    const cut = [...cell.querySelectorAll(".live-bar *")].some(one => one.scrollWidth > one.clientWidth + 1
      && getComputedStyle(one).overflow === "hidden");
    if (cut) moved.push(`cut: ${name}`);
    const beside = document.documentElement.scrollWidth > innerWidth ? "beside the page" : "";
    (heights[`${height}${beside}`] ??= []).push(`${name}: ${sentence}`);
  }
  note(watcher.takeRecords());
  watcher.disconnect();
  return { heights, moved, count: all.length };
}"""


@pytest.mark.parametrize("width", [320, 360, 390, 768, 1280])
def test_the_bar_has_one_height_for_all_words(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    shown(page, "/two")
    state(page, "rest")
    found = page.evaluate(EVERY_WORD, [list(MESSAGES.values()), refusals()])
    assert found["count"] > 40
    assert len(found["heights"]) == 1, found["heights"]
    assert not found["moved"]


def test_while_the_notebook_warms_up_nobody_is_said_to_be_in_line(page: Page) -> None:
    word = {"state": "queued", "reason": "warming", "message": "It is.", "place": 0, "retry": 60}
    page.route_web_socket(re.compile("/live/session/"), lambda socket: socket.send(json.dumps(word)))
    shown(page, "/two")
    touch(page)
    expect(cell(page)).to_have_attribute("data-why", "preparing")
    state(page, "starting")
    expect(page.locator("[data-name]")).to_have_text("Preparing")
    assert said(page) == "The figure is being prepared. It goes on by itself."
    page.get_by_role("button", name="Cancel, figure 1").click()
    state(page, "rest")
    assert said(page) == "Move a control to run it."


def test_live_the_bar_counts_runs_and_says_how_long_the_last_took(page: Page) -> None:
    shown(page, "/heard")
    numbers = page.locator(".live-bar .runs")
    expect(numbers).to_have_text("")
    for n, pattern in ((1, r"^1 run · last \d+(\.\d)?\s(ms|s)$"), (2, r"^2 runs · last \d+(\.\d)?\s(ms|s)$")):
        touch(page)
        runs(page, n)
        expect(numbers).to_have_text(re.compile(pattern))
    assert "run" not in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="End, figure 1").click()
    state(page, "ended")
    expect(numbers).to_be_hidden()


# Whether a control is hit as far from its middle as a finger's target reaches.
HIT = """control => {
  control.scrollIntoView({ block: "center" });
  const { left, right, top, bottom } = control.getBoundingClientRect();
  const x = (left + right) / 2, y = (top + bottom) / 2;
  return [[0, -21], [0, 21], [-21, 0], [21, 0]].map(([right, down]) => [right, down,
      document.elementFromPoint(x + right, y + down)])
    .filter(([, , hit]) => hit?.closest(".noUi-handle, button") !== control)
    .map(([right, down, hit]) => `${control.outerHTML} at ${right}, ${down}: ${hit?.outerHTML}`);
}"""


def test_what_a_finger_is_to_hit_is_large_enough(page: Page) -> None:
    page.route_web_socket(re.compile("/live/session/"), lambda socket: socket.close())
    shown(page, "/pressed")
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    touch(page)
    state(page, "failed")
    controls = page.locator("live-cell :is(.noUi-handle, button):visible")
    for thumb, key in ((0, "PageUp"), (1, "PageDown")):  # away from the figure's edge, and from its twin
        page.locator(".noUi-handle").nth(thumb).focus()
        for _ in range(3):
            page.keyboard.press(key)
    missed = [one.evaluate(HIT) for one in controls.all()]
    assert controls.count() == 12
    assert not any(missed), missed
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_widget_neither_leaves_its_place_nor_looks_like_a_part_of_the_site(page: Page) -> None:
    shown(page, "/heard")
    own = page.locator("live-cell .my-own")
    expect(own).not_to_have_class(re.compile("live-bar"))
    assert own.evaluate("one => [one.style.margin, one.style.top, one.style.width]") == ["", "", "50%"]
