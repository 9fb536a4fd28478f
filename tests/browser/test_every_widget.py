"""Every kind of widget that a post may use, in the whole site: at rest, and live by mouse, key and touch.

Each kind is the first thing on its page that is touched, and its kernel says all that it has heard.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocket, expect
from support.every_kind import CONTROLS, PACKAGES, SHOWN, cell_id
from support.every_widget import CASES
from support.processes import wait_until
from support.site import Site

WATCH = """window.violations = [];
document.addEventListener("securitypolicyviolation",
  ({ violatedDirective, blockedURI }) => violations.push(`${violatedDirective} ${blockedURI}`));"""
PATIENCE = 15_000  # ms for an answer: what does not come by then is not coming
#: Where what other packages bring is served.
LOADED = ("/live/rest/modules/", "/live/voila/", "/static/federation")


class Seen:
    """A context whose pages are watched: what they ask for, send, and what the browser holds against them."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context, self.site = context, site
        self.faults: list[str] = []
        self.asked: list[str] = []
        self.lines: list[str] = []
        self.sent: list[dict[str, Any]] = []
        context.add_init_script(WATCH)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on(
            "console", lambda said: said.type in ("error", "warning") and self.faults.append(said.text)
        )
        context.on("request", lambda request: self.asked.append(request.url))

    def open(self, post: str) -> Page:
        """Open a post; what is far from the screen isn't loaded."""
        page = self.context.new_page()
        page.on("websocket", self._line)
        page.goto(f"{self.site.url}/posts/{post}/")
        return page

    def all_of(self, post: str) -> Page:
        """Open a post, and wait until each figure has come near and shows its widgets, or its button."""
        page = self.open(post)
        for one in page.locator("live-cell").all():
            one.scroll_into_view_if_needed()
            expect(one.locator(".live-widgets, button[data-run]:visible").first).to_be_attached()
        return page

    def cell(self, name: str, post: str = "controls") -> tuple[Page, Locator]:
        """Open a post at one of its figures, which shows its widgets."""
        page = self.open(post)
        found = page.locator(f'live-cell[cell="{cell_id(name)}"]')
        found.scroll_into_view_if_needed()
        expect(found.locator(".live-widgets").first).to_be_attached()
        return page, found

    def _line(self, socket: WebSocket) -> None:
        self.lines.append(socket.url)
        socket.on("framesent", lambda data: isinstance(data, bytes) and self.sent.append(read(data)))

    def changes(self, key: str) -> list[Any]:
        """Give what has been sent of a key of a widget's state."""
        told = [one["data"] for one in self.sent if one.get("data", {}).get("method") == "update"]
        return [data["state"][key] for data in told if key in data["state"]]

    def close(self) -> None:
        for page in self.context.pages:
            self.faults += page.evaluate("violations")
            page.goto("about:blank")  # the page says goodbye, as when a reader leaves
        wait_until(lambda: sessions(self.site) == 0, "the end of the session")
        self.context.close()
        assert self.faults == []
        elsewhere = [url for url in self.asked if not url.startswith((self.site.url, "data:", "blob:"))]
        assert elsewhere == []


def read(data: bytes) -> dict[str, Any]:
    """Give the content of a message on its way to a kernel."""
    content: dict[str, Any] = json.loads(bytes(deserialize_msg_from_ws_v1(data)[1][3]))
    return content


def is_change(content: dict[str, Any]) -> set[str]:
    """Give the keys that a reader's change is told of: what an Output has gathered is the page's."""
    return set(content.get("data", {}).get("state", ())) - {"outputs"}


def is_click(content: dict[str, Any]) -> bool:
    return content.get("data", {}).get("content", {}).get("event") == "click"  # type: ignore[no-any-return]


def sessions(site: Site) -> int:
    return int(json.loads(site.get("/healthz").body)["sessions"])


@pytest.fixture
def seen(browser: Browser, kinds_site: Site) -> Iterator[Seen]:
    context = browser.new_context(viewport={"width": 1000, "height": 900}, has_touch=True)
    context.set_default_timeout(PATIENCE)
    watched = Seen(context, kinds_site)
    yield watched
    watched.close()


@pytest.mark.parametrize("post", ["controls", "shown", "every-widget", *PACKAGES])
def test_at_rest_all_are_there_and_nothing_else_is_asked_for(seen: Seen, post: str) -> None:
    page = seen.all_of(post)
    count = {"controls": len(CONTROLS), "shown": len(SHOWN), "every-widget": len(CASES)}.get(post, 1)
    expect(page.locator("live-cell")).to_have_count(count)
    expect(page.locator("live-cell:has(.live-widgets)")).to_have_count(count)
    expect(page.locator("live-cell[data-state=rest]")).to_have_count(count)
    assert not page.locator(".jupyter-widgets-error-widget").count()
    page.wait_for_load_state("networkidle")
    loaded = [url for url in seen.asked if any(part in url for part in LOADED)]
    assert bool(loaded) == (post in PACKAGES), loaded
    assert seen.lines == []
    assert sessions(seen.site) == 0


def test_links_between_widgets_need_no_kernel(seen: Seen) -> None:
    _, linked = seen.cell("jslink", "shown")
    linked.get_by_role("slider").evaluate(
        "thumb => thumb.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}))"
    )
    expect(linked.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "6")
    expect(linked.locator(".widget-label").last).to_have_text("6")
    assert seen.lines == []
    assert sessions(seen.site) == 0


def test_words_are_set_and_cleaned(seen: Seen) -> None:
    page, words = seen.cell("words", "shown")
    expect(words.locator(".widget-html-content b")).to_have_css("color", "rgb(255, 0, 0)")
    expect(words.locator(".widget-html label i")).to_have_text("Told")
    expect(words.locator("math")).to_have_count(3)
    expect(words.locator(".widget-htmlmath mfrac")).to_be_visible()
    expect(words.locator(".widget-slider label mi")).to_have_text("β")
    assert page.evaluate("document.body.dataset.ran") is None


Act = Callable[[Page, Locator], None]


def key(name: str, role: str = "slider", nth: int = 0) -> Act:
    """Make a key's press on a control, by its role."""

    def act(page: Page, where: Locator) -> None:
        where.get_by_role(role).nth(nth).press(name)  # type: ignore[arg-type]

    return act


def typed(text: str, end: str = "", *, whole: bool = False, where: str = "input, textarea") -> Act:
    """Make the typing of a text into a field, after what is in it or in its place."""

    def act(page: Page, cell: Locator) -> None:
        field = cell.locator(where).first
        field.focus()
        page.keyboard.press("ControlOrMeta+a" if whole else "End")
        page.keyboard.type(text)
        if end:
            page.keyboard.press(end)

    return act


def at(share: float, how: str = "mouse") -> Act:
    """Make a click, or a tap, on a slider's track, so far along it."""

    def act(page: Page, where: Locator) -> None:
        # noUiSlider takes no other while its thumb is on its way, a third of a second.
        expect(where.locator(".noUi-state-tap")).to_have_count(0)
        box = where.locator(".noUi-base").bounding_box()
        assert box
        x, y = box["x"] + share * box["width"], box["y"] + box["height"] / 2
        (page.mouse.click if how == "mouse" else page.touchscreen.tap)(x, y)

    return act


def drag(*shares: float) -> Act:
    """Make a drag of a slider's first thumb, so far along the track, and let it go."""

    def act(page: Page, where: Locator) -> None:
        where.locator(".noUi-handle").first.hover()
        box = where.locator(".noUi-base").bounding_box()
        assert box
        page.mouse.down()
        for share in shares:
            page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        page.mouse.up()

    return act


def click(where: str, nth: int = 0, how: str = "mouse") -> Act:
    def act(page: Page, cell: Locator) -> None:
        one = cell.locator(where).nth(nth)
        one.click() if how == "mouse" else one.tap()

    return act


def tag(text: str) -> Act:
    """Make another tag: its field comes when the widget is clicked."""

    def act(page: Page, cell: Locator) -> None:
        cell.locator(".widget-vbox > *").first.click()
        page.keyboard.type(text)
        page.keyboard.press("Enter")

    return act


def pick_late(page: Page, where: Locator) -> None:
    """Choose a file, as one does: long after the click."""
    with page.expect_file_chooser() as asked:
        where.get_by_role("button").click()
    page.evaluate("performance.now = (now => () => now() + 60_000)(performance.now.bind(performance))")
    asked.value.set_files(FILE)


#: Any will do.
FILE = Path(__file__).with_name("conftest.py")
TAB, FOLD = ".lm-TabBar-tab", ".jupyter-widget-Collapse-header"
RADIO, BUTTON, TICK = "input[type=radio]", "button", "input[type=checkbox]"

#: What a reader does with a kind, and what its kernel has heard after each; the control's key where it isn't
#: ``value``.
ACTS: dict[str, list[tuple[Act, Any]]] = {
    "IntSlider": [(key("ArrowRight"), 6), (at(0.8), 8), (at(0.2, "touch"), 2), (key("End"), 10)],
    "FloatSlider": [(at(0.98, "touch"), 1.0), (key("ArrowLeft"), 0.75), (at(0.02), 0.0)],
    "FloatLogSlider": [(at(0.98), 1000.0), (key("ArrowLeft"), 100.0)],
    "IntRangeSlider": [(key("ArrowRight"), [3, 8]), (at(0.9), [3, 9]), (key("ArrowLeft", nth=1), [3, 8])],
    "FloatRangeSlider": [(key("ArrowLeft"), [0.0, 0.75]), (at(0.98, "touch"), [0.0, 1.0])],
    "SelectionSlider": [(key("ArrowRight"), "two"), (at(0.98), "three"), (at(0.02, "touch"), "one")],
    "SelectionRangeSlider": [(key("ArrowRight", nth=1), [0, 2]), (key("ArrowRight"), [1, 2])],
    "IntText": [(key("ArrowUp", "spinbutton"), 6), (typed("8", "Enter", whole=True), 8)],
    "FloatText": [(key("ArrowUp", "spinbutton"), 0.75), (typed("1.5", "Tab", whole=True), 1.5)],
    "BoundedIntText": [(typed("9", "Enter", whole=True), 6), (key("ArrowDown", "spinbutton"), 5)],
    "BoundedFloatText": [(key("ArrowUp", "spinbutton"), 1.0), (typed("0", "Tab", whole=True), 0.0)],
    "Text": [(typed("b"), "ab"), (typed("c"), "abc"), (typed("d"), "abcd")],
    "Text, when left": [(typed("bc", "Enter"), "abc"), (typed("de", "Tab"), "abcde")],
    "Password": [(typed("b"), "ab"), (typed("c"), "abc")],
    "Textarea": [(typed("b"), "ab"), (typed("\n"), "ab\n")],
    "Combobox": [(typed("t"), "t"), (typed("w"), "tw")],
    "Dropdown": [(key("ArrowDown", "combobox"), "two"), (key("End", "combobox"), "three")],
    "Select": [(key("ArrowDown", "listbox"), "two"), (click("option", 2), "three")],
    "SelectMultiple": [(click("option", 1), [1]), (key("Shift+ArrowDown", "listbox"), [1, 2])],
    "RadioButtons": [
        (key("ArrowDown", "radio"), "two"),
        (click(RADIO, 2), "three"),
        (click(RADIO, 0, "touch"), "one"),
    ],
    "ToggleButtons": [
        (key("Enter", "button", 1), "two"),
        (click(BUTTON, 2), "three"),
        (click(BUTTON, 0, "touch"), "one"),
    ],
    "Checkbox": [(key("Space", "checkbox"), True), (click(TICK), False), (click(TICK, how="touch"), True)],
    "ToggleButton": [
        (key("Enter", "button"), True),
        (click(BUTTON), False),
        (click(BUTTON, 0, "touch"), True),
    ],
    "Button": [(click(BUTTON, 0, "touch"), 1), (key("Enter", "button"), 2), (click(BUTTON), 3)],
    "ColorPicker": [(typed("#445566", "Tab", whole=True, where="input[type=text]"), "#445566")],
    "DatePicker": [(lambda _, where: where.locator("input").press("ArrowUp"), "2026-04-04")],
    "TimePicker": [(lambda _, where: where.locator("input").press("ArrowUp"), "13:30:00")],
    "NaiveDatetimePicker": [
        (lambda _, where: where.locator("input").press("ArrowUp"), "2026-04-04 12:30:00")
    ],
    "DatetimePicker": [
        (lambda _, where: where.locator("input").press("ArrowUp"), "2026-04-04 12:30:00+00:00")
    ],
    "TagsInput": [(tag("b"), ["a", "b"]), (tag("c"), ["a", "b", "c"])],
    "ColorsInput": [(tag("blue"), ["red", "blue"])],
    "IntsInput": [(tag("2"), [1, 2])],
    "FloatsInput": [(tag("2.5"), [1.5, 2.5])],
    "FileUpload": [(pick_late, [[FILE.name, FILE.read_text()]])],
    "Tab": [(click(TAB, 1), 1), (click(TAB, 0, "touch"), 0)],
    "Accordion": [(click(FOLD), 0), (click(FOLD, 1, "touch"), 1), (click(FOLD, 1), None)],
    "in a Tab": [(key("ArrowRight"), 6), (at(0.8), 8)],
    "Output": [(key("ArrowRight"), 6), (at(0.8, "touch"), 8)],
}


def test_no_kind_is_left_out() -> None:
    assert set(CONTROLS) - set(ACTS) == {"Play", "interact"}


@pytest.mark.parametrize("name", ACTS)
def test_a_kernel_hears_all_that_a_reader_does(seen: Seen, name: str) -> None:
    page, where = seen.cell(name)
    heard: list[Any] = []
    for act, value in ACTS[name]:
        act(page, where.locator(".live-stage"))
        heard.append(value)
        expect(where.locator(".my-told")).to_have_text(json.dumps(heard), timeout=PATIENCE)
        expect(where).to_have_attribute("data-state", "live")
    assert len(seen.lines) == 1
    wait_until(lambda: sessions(seen.site) == 1, "one session")
    # As many as were made: what comes twice would not be a change to the kernel.
    told = [one for one in seen.sent if is_change(one) or (name == "Button" and is_click(one))]
    assert len(told) == len(heard), told


def test_play_counts_for_its_kernel(seen: Seen) -> None:
    _, where = seen.cell("Play")
    where.locator(".live-stage button").first.click()
    expect(where.locator(".my-told")).to_have_text("[1, 2]", timeout=PATIENCE)
    assert [one["data"]["state"]["value"] for one in seen.sent if "value" in is_change(one)] == [1, 2]


def test_interact_prints_anew(seen: Seen) -> None:
    _, where = seen.cell("interact")
    thumb, printed = where.get_by_role("slider"), where.locator(".live-text")
    for value in (6, 7):
        thumb.press("ArrowRight")
        expect(printed).to_have_text(f"twice is {2 * value}\n", timeout=PATIENCE)
    assert thumb.evaluate("thumb => document.activeElement === thumb")


def test_an_output_shows_another_picture(seen: Seen) -> None:
    _, where = seen.cell("Output")
    picture = where.locator(".live-output img")
    before = picture.get_attribute("src")
    where.get_by_role("slider").press("ArrowRight")
    expect(picture).not_to_have_attribute("src", before or "", timeout=PATIENCE)
    expect(picture).to_have_count(1)


def pull(page: Page, where: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag from one point of an element to another, both told from its corner."""
    box = where.bounding_box()
    assert box
    page.mouse.move(box["x"] + start[0], box["y"] + start[1])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=5)
    page.mouse.up()


def test_an_anywidget_talks_with_its_kernel(seen: Seen) -> None:
    _, where = seen.cell("anywidget", "anywidget")
    expect(where.locator(".counted")).to_have_css("color", "rgb(0, 0, 255)")
    for count in (2, 3):
        where.get_by_role("button", name="Add").click()
        expect(where.locator(".counted")).to_have_text(f"twice is {2 * count}", timeout=PATIENCE)
    expect(where.locator(".my-told")).to_have_text("[2, 3]")


def test_a_figure_of_ipympl_is_zoomed(seen: Seen) -> None:
    page, where = seen.cell("ipympl", "ipympl")
    where.locator('button[title^="Zoom"]').click()
    pull(page, where.locator("canvas").last, (30, 30), (120, 110))
    expect(where.locator(".widget-label", has_text="zoomed")).to_be_visible(timeout=PATIENCE)


def test_a_figure_of_plotly_is_zoomed(seen: Seen) -> None:
    page, where = seen.cell("plotly", "plotly")
    pull(page, where.locator(".nsewdrag").first, (30, 30), (120, 110))
    expect(where.get_by_text("zoomed")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_of_bqplot_is_drawn_at_rest_in_the_colours_of_the_page(seen: Seen, scheme: str) -> None:
    page, where = seen.cell("bqplot", "bqplot")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    figure = where.locator(".bqplot")
    expect(figure.locator("path.line")).to_have_attribute("d", re.compile("^M.+L.+L"), timeout=PATIENCE)
    ink = where.evaluate("cell => getComputedStyle(cell).color")
    expect(figure.get_by_text("Squares")).to_have_css("fill", ink, timeout=PATIENCE)
    # Its toolbar is in its corner, not in that of what is around it.
    assert figure.locator(".toolbar_div").evaluate("bar => bar.offsetParent.matches('.bqplot')")


def test_a_figure_of_bqplot_is_moved_by_its_toolbar(seen: Seen) -> None:
    page, where = seen.cell("bqplot", "bqplot")
    figure = where.locator(".bqplot")
    figure.hover()
    figure.locator("button[title=PanZoom]").click()
    pull(page, figure, (200, 150), (150, 150))
    expect(where.get_by_text("moved")).to_be_visible(timeout=PATIENCE)
    # The toolbar makes a widget, which is the page's alone: no kernel would say that it is done with it.
    assert not [one for one in seen.sent if "_model_module" in is_change(one)]
