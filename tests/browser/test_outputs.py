"""Outputs in a browser: interactive figures in frames without an origin, films and animations that wait."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect
from support.articles import output, png
from support.firefox import start_firefox
from support.interactive import bokeh, plotly, vega
from support.notebooks import code, markdown, notebook
from support.site import Site, start_site

POST = "/posts/figures/"
FIRST, HEAT, ALTAIR, BOKEH, LAST = range(5)

#: Gathers what moves from now on; a face that comes late moves the page, too, and is no figure's doing.
SHIFTS = """async () => {
  await document.fonts.ready;
  const found = [];
  const from = performance.now();
  const note = list => found.push(...list.filter(one => one.startTime > from).map(one => one.value));
  const watcher = new PerformanceObserver(list => note(list.getEntries()));
  watcher.observe({ type: "layout-shift" });
  window.shifts = () => { note(watcher.takeRecords()); return found; };
}"""


def animation() -> str:
    frames = [Image.new("RGB", (300, 200), colour) for colour in ("#a33", "#3a3", "#33a")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=50, loop=0)
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("outputs")
    posts = folder / "notebooks" / "posts"
    posts.mkdir(parents=True)
    hostile = {
        "x": [1, 2],
        "y": [1, 2],
        "text": ["<img src=x onerror=alert(1)>", "b"],
        "mode": "text+markers",
    }
    far = markdown("\n\n".join(f"Words that keep what follows away, line {line}." for line in range(150)))
    cells = [
        code("#| fig-cap: Counts over time.\nx", output({**plotly(), "image/png": png(700, 360)})),
        code("x", output(plotly({"type": "heatmap", "z": [[1, 2], [3, 4]]}))),
        code("x", output(vega())),
        code("x", output(bokeh())),
        code("#| fig-alt: A scan\nx", output({"image/gif": animation()})),
        far,
        code("x", output(plotly(hostile))),
    ]
    (posts / "figures.ipynb").write_text(json.dumps(notebook(*cells, front_matter="title: Figures")))
    with start_site(folder / "notebooks", folder / "state") as running:
        yield running


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site.url)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Iterator[Page]:
    """A page on which nothing may go wrong and which asks nobody but the site."""
    page = context.new_page()
    faults: list[str] = []
    hosts: set[str] = set()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: said.type in ("error", "warning") and faults.append(said.text))
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    yield page
    assert faults == []
    assert hosts - {""} <= {urlsplit(site.url).netloc}


def box(page: Page, which: int):
    return page.locator("[data-frame]").nth(which)


def drawn(page: Page, which: int) -> FrameLocator:
    """Go to a figure and wait until its frame has drawn it."""
    box(page, which).scroll_into_view_if_needed()
    expect(box(page, which)).to_have_attribute("data-state", "shown")
    return box(page, which).frame_locator("iframe")


def test_a_figure_comes_when_the_reader_does_and_moves_nothing(page: Page) -> None:
    page.goto(POST)
    page.evaluate(SHIFTS)
    place = "one => [one.offsetTop, one.offsetWidth, one.offsetHeight]"
    before = box(page, FIRST).evaluate(place)
    first = drawn(page, FIRST)
    expect(first.locator(".main-svg").first).to_be_visible()
    assert box(page, FIRST).evaluate(place) == before
    assert box(page, LAST).locator("iframe").count() == 0
    drawn(page, LAST)
    assert page.evaluate("window.shifts()") == []


def test_each_kind_is_drawn(page: Page) -> None:
    page.goto(POST)
    expect(drawn(page, FIRST).locator(".scatterlayer .trace")).to_have_count(1)
    expect(drawn(page, HEAT).locator(".heatmaplayer image")).to_have_count(1)
    marks = drawn(page, ALTAIR).locator(".mark-symbol path")
    expect(marks).to_have_count(2)
    expect(drawn(page, BOKEH).locator("canvas").first).to_be_visible()
    expect(drawn(page, BOKEH).get_by_title("Reset")).not_to_have_count(0)
    expect(drawn(page, BOKEH).get_by_title("Save")).to_have_count(0)
    expect(drawn(page, LAST).locator(".textpoint")).to_have_count(2)


def test_its_frame_can_do_nothing_to_the_site(page: Page) -> None:
    page.goto(POST)
    drawn(page, FIRST)
    frame = page.locator("iframe").first
    assert frame.get_attribute("sandbox") == "allow-scripts"
    inner = next(one for one in page.frames if one.parent_frame)
    assert inner.evaluate("origin") == "null"
    assert (
        inner.evaluate("() => { try { return parent.document.title; } catch { return 'refused'; } }")
        == "refused"
    )
    assert "default-src 'none'" in (page.request.get(inner.url).headers["content-security-policy"])
    assert "connect-src" not in page.request.get(inner.url).headers["content-security-policy"]


def test_a_frame_has_no_connection(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(POST)
    drawn(page, FIRST)
    inner = next(one for one in page.frames if one.parent_frame)
    for attempt in ("fetch('/')", "import('/static/x.js')", "document.cookie"):
        tried = f"async () => {{ try {{ await {attempt}; return 'done'; }} catch {{ return 'refused'; }} }}"
        assert inner.evaluate(tried) == "refused", attempt


def test_by_keyboard(page: Page) -> None:
    page.goto(POST)
    first = drawn(page, FIRST)
    frame = page.locator("iframe").first
    assert frame.get_attribute("title") == "Counts over time."
    buttons = first.locator(".modebar-btn")
    assert {buttons.nth(at).get_attribute("role") for at in range(buttons.count())} == {"button"}
    names = [buttons.nth(at).get_attribute("aria-label") for at in range(buttons.count())]
    assert {"Zoom in", "Zoom out", "Reset axes"} <= set(names)
    assert "Share chart..." not in names
    ticks = first.locator(".xtick").all_text_contents()
    into = first.get_by_role("button", name="Zoom in")
    into.focus()
    page.keyboard.press("Enter")
    expect(first.locator(".xtick").first).not_to_have_text(ticks[0])


def test_one_that_can_not_be_drawn_leaves_what_stood_there(context: BrowserContext) -> None:
    page = context.new_page()
    page.route(
        re.compile("frame-plotly-basic"),
        lambda route: route.fulfill(
            body="parent.postMessage({ figure: 'failed' }, '*')",
            headers={"Content-Type": "text/javascript", "Cross-Origin-Resource-Policy": "cross-origin"},
        ),
    )
    page.goto(POST)
    box(page, FIRST).scroll_into_view_if_needed()
    expect(box(page, FIRST).locator("iframe")).to_have_count(0)
    expect(box(page, FIRST).locator("img")).to_be_visible()


def test_without_scripts_the_page_is_whole(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(POST)
    expect(box(page, FIRST).locator("img")).to_be_visible()
    expect(box(page, ALTAIR)).to_contain_text("which needs JavaScript; its data are in the table below")
    assert box(page, ALTAIR).bounding_box()["height"] < 100  # no room is kept for what can't come
    page.get_by_text("Data of the figure").last.click()
    expect(page.get_by_role("cell", name="1").last).to_be_visible()
    expect(page.get_by_role("link", name="Play the animation: A scan")).to_be_visible()
    context.close()


def test_an_animation_plays_by_a_press_and_stops_by_another(page: Page) -> None:
    page.goto(POST)
    image = page.get_by_role("img", name="A scan")
    image.scroll_into_view_if_needed()
    expect(image).to_have_attribute("src", re.compile(r"\.webp$|\.png$"))
    before = image.bounding_box()
    page.get_by_role("button", name="Play the animation: A scan").press("Enter")
    expect(image).to_have_attribute("src", re.compile(r"\.gif$"))
    stop = page.get_by_role("button", name="Stop the animation: A scan")
    expect(stop).to_be_focused()
    assert image.bounding_box() == before
    stop.click()
    expect(image).to_have_attribute("src", re.compile(r"\.webp$|\.png$"))


def test_in_firefox(site: Site) -> None:
    with start_firefox() as firefox:
        firefox.do("open", url=f"{site.url}{POST}")
        script = """(() => {
          const box = document.querySelectorAll("[data-frame]")[AT];
          box.scrollIntoView();
          return box.dataset.state;
        })()"""
        for which in (FIRST, HEAT, ALTAIR, BOKEH, LAST):
            firefox.do("until", script=script.replace("AT", str(which)), value="shown")
        assert firefox.do("faults") == []
