"""A live cell's widgets at rest have the size and place of the real ones: nothing moves when these come."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Route
from support.every_widget import CASES, every_widget
from support.notebooks import save
from support.site import Site, start_site

WIDTHS = (320, 390, 768, 1280, 1920)
THEMES = ("light", "dark")

#: Where each view's parts are, in pixels from its corner; the first part is the view itself.
PLACES = """() => [...document.querySelectorAll(".live-view")].map(view => {
  const from = view.getBoundingClientRect();
  const parts = [view, ...view.querySelectorAll(
    ".jupyter-widgets, .widget-slider, .widget-radio, .widget-toggle-buttons, .widget-label, .widget-readout,"
    + " .noUi-handle, input, select, textarea, .jupyter-button, img, .live-text")];
  return parts.filter(part => part.checkVisibility() && part.getClientRects().length).map(part => {
    const { x, y, width, height } = part.getBoundingClientRect();
    return [part.localName + "." + [...part.classList].join("."), x - from.x, y - from.y, width, height];
  });
})"""
#: All shifts of the page's layout from now on, whoever causes them.
WATCH = """() => {
  window.shifts = [];
  window.watcher = new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(one =>
    `${one.value}: ` + one.sources.map(({ node, previousRect: a, currentRect: b }) =>
      `${node?.nodeName} ${node?.className ?? ""} ${JSON.stringify(a)} → ${JSON.stringify(b)}`))));
  window.watcher.observe({ type: "layout-shift" });
}"""
#: An observer is told of a frame after it was drawn.
SHIFTS = """async () => {
  for (let frames = 0; frames < 3; frames += 1) await new Promise(resolve => requestAnimationFrame(resolve));
  await new Promise(resolve => setTimeout(resolve));
  return window.shifts;
}"""
#: A face that comes late moves the page, too: that is none of the widgets' doing.
ALL_THERE = """async () => {
  const frame = () => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
  for (const image of document.images) image.loading = "eager";
  await Promise.all([...document.images].map(image => image.decode()));
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await frame();
    if (document.fonts.status === "loading") quiet = 0;
    await document.fonts.ready;
  }
}"""
TAKEN_OVER = """() =>
  [...document.querySelectorAll(".live-view")].every(view => view.querySelector(".live-widgets"))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a notebook with every widget."""
    folder = tmp_path_factory.mktemp("widgets")
    save(folder / "notebooks/posts/every-widget.ipynb", every_widget())
    with start_site(folder / "notebooks", folder / "state") as running:
        yield running


def taken_over(
    browser: Browser, url: str, width: int, theme: str, *, fingers: bool = False
) -> tuple[Any, Any, Any]:
    """Open a page: give the places at rest, those of the real widgets, and what moved meanwhile.

    The front end waits at the door until the places at rest are known. The window is as high as the page,
    for what is out of sight is no shift.
    """
    window = {"width": width, "height": 16_000}
    context = browser.new_context(viewport=window, color_scheme=theme, has_touch=fingers)  # type: ignore[arg-type]
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: said.type in ("error", "warning") and faults.append(said.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    waiting: list[Route] | None = []
    page.route(
        "**/static/live.*.js",
        lambda route: route.continue_() if waiting is None else waiting.append(route),
    )
    page.goto(url)
    page.evaluate(ALL_THERE)
    at_rest = page.evaluate(PLACES)
    assert not page.locator(".live-widgets").count()
    page.evaluate(WATCH)
    came, waiting = waiting, None
    for route in came:
        route.continue_()
    page.wait_for_function(TAKEN_OVER, timeout=20_000)
    live = page.evaluate(PLACES)
    shifts = page.evaluate(SHIFTS)
    context.close()
    assert faults == []
    return at_rest, live, shifts


def differences(at_rest: Any, live: Any) -> list[str]:
    """Tell which parts are not where they were, or not of that size."""
    found = []
    for before, after in zip(at_rest, live, strict=True):
        for one, other in itertools.zip_longest(before, after):
            if not one or not other or max(abs(a - b) for a, b in zip(one[1:], other[1:], strict=True)) > 1:
                found.append(f"{one} is {other}")
                break
    return found


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_widget_stays_in_its_place(browser: Browser, site: Site, width: int, theme: str) -> None:
    at_rest, live, shifts = taken_over(browser, f"{site.url}/posts/every-widget/", width, theme)
    assert len(at_rest) == len(CASES)
    assert differences(at_rest, live) == []
    assert shifts == []


@pytest.mark.parametrize("width", [390, 768])
def test_what_is_larger_for_fingers_is_so_at_rest(browser: Browser, site: Site, width: int) -> None:
    at_rest, live, shifts = taken_over(
        browser, f"{site.url}/posts/every-widget/", width, "light", fingers=True
    )
    heights = {height for view in at_rest for name, _, _, _, height in view if "jupyter-button" in name}
    assert heights
    assert min(heights) >= 44
    assert differences(at_rest, live) == []
    assert shifts == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/posts/virtual-detectors/", "/demos/virtual-detectors/", "/"])
def test_the_blogs_own_figures_stay_in_their_place(
    browser: Browser, running_site: Site, path: str, width: int
) -> None:
    at_rest, live, shifts = taken_over(browser, f"{running_site.url}{path}", width, "light")
    assert at_rest
    assert differences(at_rest, live) == []
    assert shifts == []
