"""A live cell that shows its controls at rest, in a real browser: touched, dropped, ended; real kernels."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.hydrating import (
    FAULTS,
    cell,
    hydrating,
    open_context,
    page_of,
    runs,
    said,
    shown,
    state,
    thumb,
    touch,
)
from support.live_server import FIGURE, LiveProcess, live_server, notebook, wait_for, write_notebooks
from support.same_origin import Site

SAVED = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="192" height="192"><rect width="99" height="99"/></svg>'
)

TWO = """\
import ipywidgets as w
number, heard = w.IntSlider(description="Number", continuous_update=False), w.Label("none")
asked = []
def hear(change):
    asked.append(change.new)
    heard.value = " ".join(map(str, asked))
number.observe(hear, "value")
w.VBox([number, heard])
"""
PRESSED = """\
button, count = w.Button(description="Count"), w.Label("0 presses")
def press(_):
    count.value = f"{int(count.value.split()[0]) + 1} presses"
button.on_click(press)
w.HBox([button, count])
"""
PRINTS = """\
import ipywidgets as w
from IPython.display import HTML, display
def show(level):
    print(f"level {level}")
    display(HTML(f"<b style='color: red'>bold {level}</b><script>document.body.dataset.ran = 1</script>"))
    if level == 3:
        raise ValueError("not three")
w.interactive(show, level=w.IntSlider(1, 0, 5, description="Level"))
"""

NOTEBOOKS = {
    "posts/ring": notebook((FIGURE, "live")),
    "posts/two": notebook((TWO, "live"), (PRESSED, "live")),
    "posts/prints": notebook((PRINTS, "live")),
    "posts/slow": notebook(
        (TWO.replace("asked.append", "import time; time.sleep(0.3); asked.append"), "live")
    ),
    "posts/changes": notebook((FIGURE, "live")),
    "posts/becomes": notebook((FIGURE, "live")),
    "posts/text": notebook(
        (
            "import ipywidgets as w\n"
            "w.VBox([w.Text(description='$\\\\alpha$'), w.HTMLMath('$x^2$ <i>so</i>')])",
            "live",
        )
    ),
    "posts/unknown": notebook(
        (
            "import ipywidgets as w\nfrom traitlets import Unicode\n"
            "class Odd(w.DOMWidget):\n    _model_module = _view_module = Unicode('odd').tag(sync=True)\n"
            "    _model_name = _view_name = Unicode('Odd').tag(sync=True)\nOdd()",
            "live",
        )
    ),
}


PAGES = {f"/{key}": page_of((f"posts/{key}", "cell-0")) for key in (one[6:] for one in NOTEBOOKS)}
PAGES["/two"] = page_of(("posts/two", "cell-0"), ("posts/two", "cell-1"))
PAGES["/far"] = page_of(("posts/ring", "cell-0")).replace("<p>Before.</p>", "<p>Before.</p>" * 400)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    write_notebooks(root, NOTEBOOKS)
    with live_server(root, "--kernels", "2", "--unwatched", "35") as running:
        yield running


@pytest.fixture(scope="module")
def site(live: LiveProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with hydrating(live.port, PAGES, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def context(browser: Browser, site: Site, live: LiveProcess) -> Iterator[BrowserContext]:
    site.down = ""
    FAULTS.clear()
    context = open_context(browser, site)
    yield context
    context.close()
    live.empty()
    assert not FAULTS


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def picture(page: Page) -> str:
    """Give a digest of the pixels of the picture that the figure shows."""
    pixels = page.locator("live-cell .widget-image").evaluate(
        """async image => {
          await image.decode();
          const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          return context.getImageData(0, 0, canvas.width, canvas.height).data.join();
        }"""
    )
    return hashlib.sha256(pixels.encode()).hexdigest()


def test_at_rest_the_controls_are_there_and_no_kernel(page: Page, live: LiveProcess) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    shown(page, "/ring")
    assert page.locator(".live-view img").count() == 1
    assert not page.locator("img[src='/saved.svg']").count()
    expect(thumb(page)).to_have_attribute("aria-label", "Outer angle")
    expect(page.locator(".widget-image")).to_have_attribute("alt", re.compile("^A ring, saved"))
    assert not page.get_by_role("button").count()
    assert said(page) == "Move a control to run it."
    # A script moves the control, not the reader.
    thumb(page).evaluate(
        "thumb => thumb.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}))"
    )
    expect(thumb(page)).to_have_attribute("aria-valuetext", "24")
    thumb(page).hover()
    thumb(page).focus()
    page.keyboard.press("Tab")
    page.locator(".widget-image").click()
    expect(page.get_by_text("pixels")).to_have_text("1245 pixels")
    page.wait_for_load_state("networkidle")
    assert sockets == []
    assert live.sessions() == 0
    state(page, "rest")


def test_what_is_far_from_the_screen_loads_nothing(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("?")[0]))
    page.goto("/far", wait_until="networkidle")
    assert not [url for url in asked if "/live/" in url.replace("/live/live.css", "")]
    thumb(page).or_(cell(page)).first.scroll_into_view_if_needed()
    expect(page.locator(".live-widgets")).to_be_attached()


@pytest.mark.parametrize("how", ["keyboard", "mouse", "touch"])
def test_the_first_touch_gets_a_kernel_and_the_picture(
    browser: Browser, site: Site, live: LiveProcess, context: BrowserContext, how: str
) -> None:
    other = open_context(browser, site, has_touch=how == "touch")
    page = shown(other.new_page(), "/ring")
    before, element = picture(page), thumb(page).element_handle()
    if how == "keyboard":
        touch(page)
    else:
        box = page.locator(".noUi-target").bounding_box()
        assert box
        x, y = box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2
        (page.touchscreen.tap if how == "touch" else page.mouse.click)(x, y)
    runs(page, 1)
    state(page, "live")
    assert picture(page) != before
    assert live.sessions() == 1
    # The views are those that were there at rest.
    assert element
    assert element.is_visible()
    assert how != "keyboard" or element.evaluate("thumb => document.activeElement === thumb")
    touch(page)
    runs(page, 2)
    other.close()


def test_a_click_of_no_pointer_starts_it(page: Page, live: LiveProcess) -> None:
    # As a key makes it, or a screen reader's press (test_accessibility_tree has the controls that it finds).
    shown(page, "/two")
    page.get_by_role("button", name="Count").press("Enter")
    expect(page.get_by_text("1 presses")).to_be_visible()
    assert live.sessions() == 1


def test_what_is_done_while_it_starts_is_neither_lost_nor_doubled(page: Page, live: LiveProcess) -> None:
    shown(page, "/slow")
    thumb(page).focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    expect(thumb(page)).to_have_attribute("aria-valuetext", "7")
    expect(page.locator(".widget-label").last).to_have_text(re.compile("(^| )7$"))
    heard = [int(number) for number in page.locator(".widget-label").last.inner_text().split()]
    assert heard == sorted(set(heard))
    assert len(heard) <= 3


def test_two_cells_share_one_session(page: Page, live: LiveProcess) -> None:
    shown(page, "/two")
    cells = page.locator("live-cell")
    expect(page.locator(".live-widgets")).to_have_count(2)
    touch(page)
    runs(page, 1)
    for n in range(2):
        expect(cells.nth(n)).to_have_attribute("data-state", "live")
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("1 presses")).to_be_visible()
    assert live.sessions() == 1


def test_end_and_start_again_with_what_was_set(page: Page, live: LiveProcess) -> None:
    shown(page, "/ring")
    touch(page)
    runs(page, 1)
    page.get_by_role("button", name="End, figure 1").click()
    state(page, "ended")
    after = picture(page)
    wait_for(lambda: live.sessions() == 0, 5, "the end of the kernel")
    assert said(page) == "Move a control to start again. Your settings are kept."
    page.get_by_role("button", name="Start again, figure 1").click()
    state(page, "live")
    runs(page, 2)
    assert picture(page) == after
    expect(page.get_by_text("pixels")).to_have_text("1789 pixels")


def test_what_buttons_did_is_said_to_be_gone(page: Page, live: LiveProcess) -> None:
    shown(page, "/two")
    expect(page.locator(".live-widgets")).to_have_count(2)
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("1 presses")).to_be_visible()
    touch(page)
    runs(page, 2)
    page.get_by_role("button", name="End, figure 1").click()
    state(page, "ended")
    assert "Your settings are kept, what buttons did is not." in said(page)
    touch(page)
    state(page, "live")
    assert "what buttons did in the last one is gone" in said(page)
    expect(page.get_by_text("0 presses")).to_be_visible()
    expect(thumb(page)).to_have_attribute("aria-valuetext", "2")
    expect(page.locator(".widget-label", has_text=re.compile("^2$"))).to_be_visible()


def test_a_kernel_that_is_killed_leaves_the_picture_and_the_next_touch_starts_again(
    page: Page, live: LiveProcess
) -> None:
    shown(page, "/ring")
    touch(page)
    runs(page, 1)
    after = picture(page)
    for kernel in live.kernels():
        kernel.kill()
    state(page, "ended")
    assert said(page) == "The kernel ended unexpectedly. Your settings are kept."
    assert picture(page) == after
    page.keyboard.press("ArrowRight")
    runs(page, 2)
    state(page, "live")
    expect(page.get_by_text("pixels")).to_have_text("2449 pixels")


def test_a_dropped_line_goes_on_with_the_same_kernel(page: Page, live: LiveProcess, site: Site) -> None:
    shown(page, "/slow")
    touch(page)
    runs(page, 1)
    (kernel,) = live.kernels()
    site.down = "502"
    site.cut()
    state(page, "starting")
    assert said(page) == "Getting back to your kernel. Your settings are kept."
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    site.down = ""
    state(page, "live")
    expect(page.locator(".widget-label").last).to_have_text(re.compile("^1 (2 )?3$"))
    assert [one.pid for one in live.kernels()] == [kernel.pid]


def test_in_line_the_place_is_shown_and_kept(
    page: Page, live: LiveProcess, browser: Browser, site: Site
) -> None:
    others = [open_context(browser, site) for _ in range(2)]
    for other in others:
        first = shown(other.new_page(), "/ring")
        touch(first)
        runs(first, 1)
    shown(page, "/ring")
    touch(page)
    state(page, "queued")
    assert "1" in said(page) or "busy" in said(page)
    page.get_by_role("button", name="Leave the line, figure 1").click()
    state(page, "rest")
    assert said(page) == "You left the line. Your settings are kept; move a control to try again."
    expect(page.get_by_role("button", name="Try again, figure 1")).to_be_visible()
    touch(page)
    state(page, "queued")
    others[0].close()
    runs(page, 1)
    state(page, "live")
    expect(page.get_by_text("pixels")).to_have_text("2449 pixels")
    others[1].close()


def test_another_generation_is_taken_over_and_the_touch_goes_on(page: Page, live: LiveProcess) -> None:
    shown(page, "/changes")
    expect(page.get_by_text("pixels")).to_have_text("1245 pixels")
    loaded = page.evaluate("performance.timeOrigin")
    changed = FIGURE.replace('f"{mask.sum()} pixels"', 'f"{mask.sum()} new pixels"')
    before = live.ask("/live/rest/posts/changes", "HEAD")[1]["Etag"]
    write_notebooks(live.root, {**NOTEBOOKS, "posts/changes": notebook((changed, "live"))})
    wait_for(lambda: live.ask("/live/rest/posts/changes", "HEAD")[1].get("Etag", before) != before, 60)
    touch(page)
    runs(page, 1)
    expect(page.get_by_text("pixels")).to_have_text("1789 new pixels")
    assert page.evaluate("performance.timeOrigin") == loaded


def test_another_generation_with_other_widgets_is_asked_about(page: Page, live: LiveProcess) -> None:
    shown(page, "/becomes")
    before = live.ask("/live/rest/posts/becomes", "HEAD")[1]["Etag"]
    write_notebooks(live.root, {**NOTEBOOKS, "posts/becomes": notebook(("w = 1\n" + TWO, "live"))})
    wait_for(lambda: live.ask("/live/rest/posts/becomes", "HEAD")[1].get("Etag", before) != before, 60)
    touch(page)
    state(page, "failed")
    assert said(page) == "The notebook has changed since this page was opened. The picture stays."
    page.get_by_role("button", name="Load again, figure 1").click()
    expect(page.get_by_text("Number")).to_be_visible()


def test_an_output_shows_what_is_printed_and_drawn(page: Page) -> None:
    shown(page, "/prints")
    expect(page.locator(".live-text")).to_have_text("level 1\n")
    touch(page)
    runs(page, 1)
    expect(page.locator(".live-text")).to_have_text("level 2\n")
    expect(page.locator(".live-html b")).to_have_css("color", "rgb(255, 0, 0)")
    assert page.evaluate("document.body.dataset.ran") is None
    page.keyboard.press("ArrowRight")
    expect(page.locator(".live-text.error, .live-text.stderr").last).to_contain_text("Error")
    assert "Traceback" not in page.locator("live-cell").inner_text()


def test_mathematics_in_labels(page: Page) -> None:
    shown(page, "/text")
    expect(page.locator("label math")).to_be_visible()
    expect(page.locator(".widget-htmlmath-content msup")).to_be_visible()
    expect(page.locator(".widget-htmlmath-content i")).to_have_text("so")


def test_widgets_that_cant_be_shown_here_start_by_a_button(page: Page) -> None:
    page.goto("/unknown")
    expect(page.get_by_role("button", name="Run live, figure 1")).to_be_visible()
    assert page.locator(".live-view img").is_visible()
    FAULTS.clear()


def test_without_javascript_the_cell_is_complete(
    browser: Browser, site: Site, context: BrowserContext
) -> None:
    other = open_context(browser, site, java_script_enabled=False)
    page = other.new_page()
    page.goto("/ring")
    expect(page.locator(".live-view img")).to_be_visible()
    expect(page.get_by_role("link", name="Run live")).to_be_visible()
    other.close()


def test_where_the_module_does_not_come_it_is_said_and_tried_again(page: Page) -> None:
    page.route("**/static/live/live.js*", lambda route: route.fulfill(status=404))
    page.goto("/ring")
    state(page, "failed")
    assert said(page) == "The controls could not be loaded. The picture stays."
    assert page.locator(".live-view img").is_visible()
    page.unroute("**/static/live/live.js*")
    page.get_by_role("button", name="Load again, figure 1").click()
    expect(page.locator(".live-widgets")).to_be_attached()
    state(page, "rest")


@pytest.mark.parametrize(
    "mistake",
    [
        "null.length; export const open = () => {};",
        "export const open = async () => null.length;",
        "export const open = async (notebook, token, asked) => { await (await asked).nothing(); };",
    ],
)
def test_a_mistake_in_the_module_is_not_taken_for_the_network(page: Page, mistake: str) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.route(
        "**/static/live/live.js*", lambda route: route.fulfill(content_type="text/javascript", body=mistake)
    )
    page.goto("/ring")
    state(page, "failed")
    assert said(page) == "The controls have failed; the mistake is ours. The picture stays."
    assert [text for text in told if "The front end of live cells has failed: TypeError" in text]
    page.unroute("**/static/live/live.js*")
    page.get_by_role("button", name="Load again, figure 1").click()
    expect(page.locator(".live-widgets")).to_be_attached()


def test_where_the_server_is_down_it_is_said_and_tried_again(page: Page, site: Site) -> None:
    site.down = "502"
    page.goto("/ring")
    state(page, "offline")
    assert said(page) == "No kernel can be reached. The picture stays."
    site.down = ""
    page.get_by_role("button", name="Try again, figure 1").click()
    expect(page.locator(".live-widgets")).to_be_attached()
    site.down = "502"
    touch(page)
    state(page, "offline")
    site.down = ""
    page.keyboard.press("ArrowRight")
    runs(page, 1)


def test_where_websockets_are_blocked_it_is_said(page: Page) -> None:
    page.route_web_socket(re.compile("/live/session/"), lambda socket: socket.close())
    shown(page, "/ring")
    touch(page)
    state(page, "failed")
    assert said(page) == "The network or an extension may block the way to a kernel. The picture stays."
    expect(thumb(page)).to_have_attribute("aria-valuetext", "24")


def test_offline_it_is_said_and_goes_on_with_the_same_kernel(page: Page, live: LiveProcess) -> None:
    shown(page, "/ring")
    page.context.set_offline(True)
    touch(page)
    state(page, "offline")
    page.context.set_offline(False)
    state(page, "rest")
    assert said(page) == "You are online again. Move a control to run it."
    page.keyboard.press("ArrowRight")
    runs(page, 1)
    expect(page.get_by_text("pixels")).to_have_text("2449 pixels")
    page.get_by_role("button", name="End, figure 1").click()
    page.context.set_offline(True)
    touch(page)
    state(page, "offline")
    page.context.set_offline(False)
    state(page, "ended")
    assert said(page) == "You are online again. Move a control to go on. Your settings are kept."


def test_the_network_that_comes_back_brings_the_controls(page: Page, site: Site) -> None:
    site.down = "502"
    page.goto("/ring")
    state(page, "offline")
    page.context.set_offline(True)
    site.down = ""
    page.context.set_offline(False)
    expect(page.locator(".live-widgets")).to_be_attached()
    assert said(page) == "Move a control to run it."


def test_leaving_the_page_ends_the_kernel(page: Page, live: LiveProcess) -> None:
    shown(page, "/ring")
    touch(page)
    runs(page, 1)
    page.goto("about:blank")
    wait_for(lambda: live.sessions() == 0, 5, "the end of the kernel")
