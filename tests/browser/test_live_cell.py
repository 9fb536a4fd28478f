"""A live cell in a real browser: pressed, moved by keyboard, ended; with real kernels behind it.

They are forked; where a test is about what takes long, or fails on the way, they are stock ones.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Frame, Locator, Page, expect
from support.live_server import (
    FIGURE,
    LiveProcess,
    live_server,
    notebook,
    stock_server,
    wait_for,
    write_notebooks,
)
from support.same_origin import Site, same_origin

STATIC = Path(__file__).parents[2] / "site" / "blog" / "static"

CELL = """
<live-cell notebook="{notebook}" cell="{cell}" data-state="rest" data-runs="0">
<figure class="live wide" id="fig-{number}">
  <div class="live-bar"><svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle class="o"
    cx="12" cy="12" r="9"/><circle class="i" cx="12" cy="12" r="3"/><path class="x" d="M5 19 19 5"/></svg>
    <span class="txt"><b data-name>Saved picture</b> <span class="say" data-say role="status"></span></span>
    <span class="act"><a class="btn small" data-run href="/demos/ring/">Run live</a></span></div>
  <div class="live-stage"><img src="/saved.svg" width="192" height="192" alt="A ring, saved"></div>
  <figcaption><b>Figure {number}.</b> A ring.</figcaption>
</figure></live-cell>"""

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Post</title>
<link rel="stylesheet" href="/static/css/style.css"><link rel="icon" href="data:,">
<script type="module" src="/static/js/live-cell.js"></script></head>
<body><main id="main" class="frame post"><article class="post-body prose"><p>Before.</p>{cells}<p>After.</p>
</article></main></body></html>"""

SAVED = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="192" height="192"><rect width="192" height="192"/></svg>'
)

NOTEBOOKS = {
    "posts/ring": notebook(("md:Text that a frame of a post does not show",), (FIGURE, "live")),
    "posts/html": notebook(
        (
            "from IPython.display import HTML\n"
            "HTML('<p>Some <b>HTML</b></p><script>document.body.dataset.ran = 1</script>'\n"
            '     \'<img src="http://elsewhere.invalid/x.png" onerror="document.body.dataset.ran = 2">\')',
            "live",
        )
    ),
    "posts/late": notebook(
        (
            "import time, ipywidgets as w\ns, answer = w.IntSlider(), w.Label('0')\n"
            "def work(change):\n    time.sleep(0.5)\n    answer.value = str(change.new)\n"
            "s.observe(work, 'value')\nw.VBox([s, answer])",
            "live",
        )
    ),
    "posts/fails": notebook(
        (
            "import ipywidgets as w\ns = w.IntSlider(description='Fails')\n"
            "def fail(change):\n    raise ValueError('inside')\ns.observe(fail, 'value')\ns",
            "live",
        )
    ),
}

#: No zygote of these would ever be warm.
SLOW = {
    "posts/wrong": notebook(("raise RuntimeError('inside')",), ("1", "live")),
    "posts/slow": notebook(("import time; time.sleep(600)",), ("1", "live")),
}


def page_of(*cells: tuple[str, str]) -> str:
    made = [
        CELL.format(notebook=key, cell=cell, number=number) for number, (key, cell) in enumerate(cells, 1)
    ]
    return PAGE.format(cells="".join(made))


PAGES = {
    "/": page_of(("posts/ring", "cell-1")),
    "/wrong": page_of(("posts/wrong", "cell-1")),
    "/gone": page_of(("posts/gone", "cell-1")),
    "/slow": page_of(("posts/slow", "cell-1")),
    "/html": page_of(("posts/html", "cell-0")),
    "/fails": page_of(("posts/fails", "cell-0")),
    "/late": page_of(("posts/late", "cell-0")),
    "/three": page_of(*[("posts/ring", "cell-1")] * 3),
    "/demos/ring/": "<!DOCTYPE html><title>The demo's page</title>",
}


@pytest.fixture(scope="module", params=["forked"])
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    forked = request.param == "forked"
    write_notebooks(root, NOTEBOOKS if forked else {**NOTEBOOKS, **SLOW})
    with (live_server if forked else stock_server)(root, "--kernels", "2", "--unwatched", "5") as running:
        yield running


stock = pytest.mark.parametrize("live", ["stock"], indirect=True)
both = pytest.mark.parametrize("live", ["forked", "stock"], indirect=True)


@pytest.fixture(scope="module")
def site(live: LiveProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    pictures = tmp_path_factory.mktemp("pictures")
    (pictures / "saved.svg").write_text(SAVED)
    with same_origin(live.port, PAGES, {"/static/": STATIC, "/": pictures}) as site:
        yield site


@pytest.fixture
def page(browser: Browser, site: Site, live: LiveProcess) -> Iterator[Page]:
    site.down = ""
    context = browser.new_context(base_url=site.origin)
    context.set_default_timeout(60_000)
    page = context.new_page()
    FAULTS.clear()
    page.on("pageerror", lambda error: FAULTS.append(str(error)))
    page.on("console", lambda message: keep_fault(message.text))
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: request.failure == "csp" or asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    yield page
    page.goto("about:blank")  # the frames say goodbye, as when a reader leaves
    context.close()
    wait_for(lambda: live.sessions() == 0, what="an empty server")
    assert not FAULTS
    hosts = {site.origin.removeprefix("http://")}
    assert {url.split("/")[2] for url in asked if not url.startswith(("data:", "blob:"))} == hosts


FAULTS: list[str] = []
"""What the browser held against the page; a test that means it takes it out."""


def keep_fault(text: str) -> None:
    if "Content Security Policy" in text or "Uncaught" in text:
        FAULTS.append(text)


def cell(page: Page, state: str | None = None) -> Locator:
    return page.locator("live-cell" + (f"[data-state={state}]" if state else ""))


def button(page: Page) -> Locator:
    return page.locator("live-cell button[data-run]")


def run(page: Page, address: str = "/") -> Frame:
    """Press the button by keyboard, wait until the cell is live, and give its frame."""
    page.goto(address)
    button(page).first.focus()
    page.keyboard.press("Enter")
    wait_until_live(cell(page).first)
    return frame_of(page)


def press(page: Page, name: str) -> None:
    """Press the button of a start page, once its script listens."""
    button = page.get_by_role("button", name=name)
    expect(button).to_be_enabled()
    button.press("Enter")


def wait_until_live(one: Locator) -> None:
    """Wait for a cell; where it fails instead, fail with its own words."""
    expect(one).to_have_attribute("data-state", re.compile("live|failed|offline|ended"), timeout=90_000)
    assert one.get_attribute("data-state") == "live", one.get_by_role("status").inner_text()


def frame_of(page: Page) -> Frame:
    frame = page.locator("iframe").last.element_handle().content_frame()
    assert frame
    return frame


def picture(frame: Frame) -> str:
    """Give a digest of the pixels of the picture that the figure shows."""
    pixels = frame.locator(".widget-image").evaluate(
        """async image => {
          await image.decode();
          const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          return context.getImageData(0, 0, canvas.width, canvas.height).data.join();
        }"""
    )
    return hashlib.sha256(pixels.encode()).hexdigest()


def test_at_rest_nothing_has_been_asked_of_the_live_server(page: Page, live: LiveProcess) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/", wait_until="networkidle")
    assert not [url for url in asked if "/live/" in url.replace("/static/js/live", "")]
    assert not page.locator("iframe").count()
    assert cell(page, "rest").count() == 1
    expect(page.get_by_role("button", name="Run live, figure 1")).to_be_visible()
    assert page.get_by_role("status").inner_text() == "Press Run live to change it."
    assert live.sessions() == 0


@both
def test_pressed_and_moved_by_keyboard_the_picture_follows(page: Page, live: LiveProcess) -> None:
    frame = run(page)
    assert cell(page).get_attribute("data-runs") == "1"
    assert live.sessions() == 1
    assert not page.locator(".live-stage > img").is_visible()
    assert "Text that a frame" not in frame.locator("body").inner_text()
    # The focus was on the button, so it goes to the frame, and from there to the first control.
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    before = picture(frame)
    page.keyboard.press("Tab")
    thumb = frame.get_by_role("slider", name="Outer angle")
    expect(thumb).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(cell(page)).to_have_attribute("data-runs", "2")
    after = picture(frame)
    assert after != before
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_selector("live-cell:not([data-runs='1']):not([data-runs='2'])")
    expect(frame.get_by_text("pixels")).to_have_text("4049 pixels")
    assert picture(frame) not in {before, after}
    assert thumb.get_attribute("aria-valuetext") == "36"


def test_the_frame_belongs_to_the_page(page: Page) -> None:
    frame = run(page)
    holder = page.locator("iframe")
    assert holder.get_attribute("title") == "Live figure 1"
    assert holder.evaluate("frame => frame.inert") is False

    def sizes() -> tuple[int, int, int]:
        inner = frame.evaluate(
            "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
        )
        box = holder.bounding_box()
        assert box
        return round(box["height"]), inner[0], round(box["width"]) - inner[1]

    wait_for(lambda: sizes()[0] == sizes()[1], what="a frame as high as its content")
    height, _, spare = sizes()
    assert spare >= 0
    paper = "getComputedStyle(document.body).backgroundColor"
    font = "getComputedStyle(document.querySelector('.live-bar b, .widget-label')).fontFamily"
    assert frame.evaluate(paper) == page.evaluate(paper)
    assert frame.evaluate(font) == page.evaluate(font)
    light = frame.evaluate(paper)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    wait_for(lambda: frame.evaluate(paper) != light, what="the dark theme in the frame")
    assert frame.evaluate(paper) == page.evaluate(paper)
    # What grows in the frame makes the frame grow.
    frame.evaluate(
        "document.querySelector('.live-output').append(Object.assign("
        "document.createElement('p'), {textContent: 'More. '.repeat(400)}))"
    )
    wait_for(lambda: sizes()[0] > height and sizes()[0] == sizes()[1], what="a higher frame")


def test_a_kernel_that_dies_is_told_and_can_be_started_again(page: Page, live: LiveProcess) -> None:
    frame = run(page)
    before = picture(frame)
    for kernel in live.kernels():
        kernel.kill()
    expect(cell(page)).to_have_attribute("data-state", "ended", timeout=5_000)
    assert page.get_by_role("status").inner_text() == "The kernel ended unexpectedly. The picture stays."
    assert page.locator("iframe").evaluate("frame => frame.inert") is True
    page.evaluate(
        """() => {
          window.frames_shown = [];
          const one = document.querySelector("live-cell");
          new MutationObserver(() => {
            const shown = [one.dataset.state, one.querySelector("iframe")?.checkVisibility()].join();
            if (window.frames_shown.at(-1) !== shown) window.frames_shown.push(shown);
          }).observe(one, {attributes: true, attributeFilter: ["data-state"]});
        }"""
    )
    page.get_by_role("button", name="Start again").click()
    wait_until_live(cell(page))
    assert page.evaluate("window.frames_shown") == ["starting,true", "live,true"]
    assert page.locator("iframe").count() == 1
    assert picture(frame_of(page)) == before
    assert live.sessions() == 1


def test_end_frees_the_kernel_and_puts_the_saved_picture_back(page: Page, live: LiveProcess) -> None:
    run(page)
    page.get_by_role("button", name="End").click()
    expect(cell(page)).to_have_attribute("data-state", "rest")
    assert cell(page).get_attribute("data-runs") == "0"
    assert not page.locator("iframe").count()
    assert page.locator(".live-stage > img").is_visible()
    wait_for(lambda: live.sessions() == 0, 4, "the end of the kernel")


def test_a_cell_is_live_when_its_controls_are_there(page: Page) -> None:
    # A slow machine, on which views are made one after the other for a while.
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 8})
    page.goto("/")
    page.evaluate(
        """() => {
          const one = document.querySelector("live-cell");
          new MutationObserver((_, observer) => {
            if (one.dataset.state !== "live") return;
            observer.disconnect();
            window.shown = one.querySelector("iframe").contentDocument.querySelectorAll(
              ".widget-image, .widget-slider, .widget-vbox > .widget-label").length;
          }).observe(one, {attributes: true, attributeFilter: ["data-state"]});
        }"""
    )
    button(page).click()
    wait_until_live(cell(page))
    assert page.evaluate("window.shown") == 3


@both
def test_leaving_the_page_ends_the_kernel(page: Page, live: LiveProcess) -> None:
    run(page)
    page.goto("/demos/ring/")
    wait_for(lambda: live.sessions() == 0, 4, "the end of the kernel")


@stock
def test_starting_shows_the_saved_picture_and_can_be_given_up(page: Page, live: LiveProcess) -> None:
    page.goto("/slow")
    before = page.locator(".live-stage").bounding_box()
    button(page).click()
    expect(cell(page)).to_have_attribute("data-state", "starting")
    wait_for(lambda: live.sessions() == 1, what="a kernel")
    assert page.locator(".live-stage > img").is_visible()
    assert page.locator(".live-stage").bounding_box() == before
    assert page.get_by_role("status").inner_text() == "Getting a kernel, usually a few seconds."
    page.get_by_role("button", name="Cancel").click()
    expect(cell(page)).to_have_attribute("data-state", "rest")
    wait_for(lambda: live.sessions() == 0, 4, "the end of the kernel")


@stock
def test_a_double_click_starts_once(page: Page, live: LiveProcess) -> None:
    page.goto("/slow")
    button(page).dblclick()
    wait_for(lambda: live.sessions() == 1, what="a kernel")
    assert cell(page, "starting").count() == 1
    assert page.locator("iframe").count() == 1


@stock
@pytest.mark.parametrize(
    ("address", "says"),
    [("/wrong", "The notebook raised an error in its cell 1."), ("/gone", "There is no such live figure")],
)
def test_a_start_that_fails_says_so(page: Page, live: LiveProcess, address: str, says: str) -> None:
    page.goto(address)
    button(page).click()
    expect(cell(page)).to_have_attribute("data-state", "failed", timeout=60_000)
    assert says in page.get_by_role("status").inner_text()
    assert "inside" not in page.content()
    assert page.locator(".live-stage > img").is_visible()
    assert not page.locator("iframe").count()
    expect(page.get_by_role("button", name="Try again")).to_be_focused()
    wait_for(lambda: live.sessions() == 0, what="the end of the kernel")


def test_an_error_behind_a_control_is_said_and_the_figure_stays_live(page: Page) -> None:
    frame = run(page, "/fails")
    frame.get_by_role("slider").press("ArrowRight")
    expect(page.get_by_role("status")).to_have_text("The last change raised an error in the notebook.")
    assert cell(page, "live").count() == 1
    assert "inside" not in frame.content()


def test_scripts_in_an_output_do_not_run_and_nothing_comes_from_elsewhere(page: Page) -> None:
    frame = run(page, "/html")
    assert frame.get_by_text("Some HTML").is_visible()
    wait_for(lambda: sum("Content Security Policy" in fault for fault in FAULTS) >= 3, what="three refusals")
    assert frame.evaluate("document.body.dataset.ran") is None
    FAULTS.clear()


def test_without_a_server_or_a_network_the_picture_stays(page: Page, site: Site) -> None:
    page.goto("/")
    site.down = "502"
    button(page).click()
    expect(cell(page)).to_have_attribute("data-state", "offline")
    assert page.get_by_role("status").inner_text() == "No kernel can be reached. The picture stays."
    assert page.locator(".live-stage > img").is_visible()
    site.down = ""
    page.context.set_offline(True)
    button(page).click()
    expect(cell(page)).to_have_attribute("data-state", "offline")
    page.context.set_offline(False)
    expect(cell(page)).to_have_attribute("data-state", "rest")
    button(page).click()
    wait_until_live(cell(page))


@both
@pytest.mark.parametrize(
    ("down", "says"), [("502", "The kernel has ended"), ("cut", "The connection to the kernel is lost")]
)
def test_a_server_that_goes_away_is_told(
    page: Page, site: Site, live: LiveProcess, down: Literal["502", "cut"], says: str
) -> None:
    frame = run(page)
    site.down = down
    frame.evaluate("jupyterapp.widgetManager.kernel._ws.close()")
    expect(cell(page)).to_have_attribute("data-state", "ended", timeout=20_000)
    assert says in page.get_by_role("status").inner_text()
    site.down = ""
    wait_for(lambda: live.sessions() == 0, what="the end of the kernel")


def test_a_connection_that_comes_back_is_no_end(page: Page) -> None:
    frame = run(page)
    frame.evaluate(
        """() => {
          const kernel = jupyterapp.widgetManager.kernel;
          window.seen = [];
          kernel.connectionStatusChanged.connect((_, status) => window.seen.push(status));
          kernel._ws.close();
        }"""
    )
    frame.wait_for_function("window.seen.join() === 'connecting,connected'")
    assert cell(page, "live").count() == 1
    before = picture(frame)
    frame.get_by_role("slider").press("ArrowRight")
    expect(cell(page)).to_have_attribute("data-runs", "2")
    assert picture(frame) != before


def test_a_change_during_which_the_line_breaks_leaves_no_control_mute(page: Page) -> None:
    frame = run(page, "/late")
    slider, answer = frame.get_by_role("slider"), frame.locator(".widget-label").last
    slider.press("ArrowRight")
    frame.evaluate("jupyterapp.widgetManager.kernel._ws.close()")
    expect(answer).to_have_text("1")
    slider.press("ArrowRight")
    expect(answer).to_have_text("2")


def test_when_every_kernel_is_taken_the_cell_waits_in_line(page: Page, live: LiveProcess) -> None:
    page.goto("/three")
    for place in range(2):
        button(page).nth(place).click()
    for place in range(2):
        wait_until_live(cell(page).nth(place))
    button(page).nth(2).click()
    third = cell(page).nth(2)
    expect(third).to_have_attribute("data-state", "queued")
    assert "All kernels are busy. You are number 1 in line." in third.get_by_role("status").inner_text()
    assert third.locator(".live-stage > img").is_visible()
    assert live.sessions() == 2
    third.get_by_role("button", name="Leave the line").click()
    expect(third).to_have_attribute("data-state", "rest")
    button(page).nth(2).click()
    expect(third).to_have_attribute("data-state", "queued")
    button(page).nth(0).click()  # "End": its place is free
    wait_until_live(third)


def test_without_scripts_the_control_is_a_link(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.origin, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    assert page.locator(".live-stage > img").is_visible()
    assert page.locator("live-cell [data-run]").get_attribute("href") == "/demos/ring/"
    context.close()


def test_the_start_page_says_what_it_needs(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.origin, java_script_enabled=False)
    page = context.new_page()
    page.goto("/live/render/posts/ring")
    # Chromium draws what stands in it for real readers only, not where a test has switched scripts off.
    assert "A live figure needs JavaScript." in page.locator("noscript").inner_html()
    expect(page.get_by_role("button", name="Run live")).to_be_disabled()
    context.close()


def test_the_start_page_works_on_its_own(page: Page, live: LiveProcess) -> None:
    page.goto("/live/render/posts/ring?cell=cell-1")
    assert live.sessions() == 0
    press(page, "Run live")
    expect(page.get_by_role("slider", name="Outer angle")).to_be_visible(timeout=60_000)
    assert live.sessions() == 1
    for kernel in live.kernels():
        kernel.kill()
    expect(page.get_by_role("alert")).to_contain_text("The kernel ended unexpectedly.")
    page.get_by_role("link", name="Start again").click()
    expect(page.get_by_role("button", name="Run live")).to_be_visible()


def test_the_start_page_waits_in_line_by_itself(page: Page, live: LiveProcess) -> None:
    others = live.another_browser()
    for _ in range(2):
        assert others.start("/live/render/posts/ring")[0] == 200
    page.goto("/live/render/posts/ring?cell=cell-1")
    press(page, "Run live")
    expect(page.get_by_role("alert")).to_contain_text("You are number 1 in line.")
    live.kernels()[0].kill()
    expect(page.get_by_role("slider", name="Outer angle")).to_be_visible(timeout=60_000)
    for kernel in live.kernels():
        kernel.kill()


def test_a_start_page_that_says_no_may_be_pressed_again(page: Page, live: LiveProcess) -> None:
    page.goto("/live/render/posts/ring?cell=cell-1")
    page.route("**/live/token", lambda route: route.abort())
    press(page, "Run live")
    expect(page.get_by_role("alert")).to_contain_text("Press again.")
    assert live.sessions() == 0
    page.unroute("**/live/token")
    press(page, "Try again")
    expect(page.get_by_role("slider", name="Outer angle")).to_be_visible(timeout=60_000)
