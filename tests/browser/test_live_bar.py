"""The bar of a live cell on a phone and a narrow page: seen, of one height, and true in each state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.hydrating import FAULTS, hydrating, open_context, page_of, shown, state
from support.live_server import LiveProcess, live_server, notebook, write_notebooks
from support.same_origin import Site

HIGH = """\
import ipywidgets as w
w.VBox([w.HTML("<div style='height: 900px'>high</div>"), w.IntSlider(description="Angle"), w.IntSlider()])
"""
NOTEBOOKS = {"posts/high": notebook((HIGH, "live"))}
PAGES = {"/high": page_of(("posts/high", "cell-0")).replace("<p>After.</p>", "<p>After.</p>" * 30)}
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
    words = page.locator(".live-bar .txt")
    page.locator(".noUi-target").first.evaluate("track => track.scrollIntoView({block: 'center'})")
    expect(words).not_to_be_in_viewport()
    place = "track => track.getBoundingClientRect().top + scrollY"
    before = page.locator(".noUi-target").first.evaluate(place)
    tap(page)
    state(page, "offline")
    expect(words).to_be_in_viewport(ratio=1)
    assert page.locator(".noUi-target").first.evaluate(place) == before
    # It covers what it lies on.
    assert page.locator(".live-bar").evaluate("bar => getComputedStyle(bar).backgroundColor") == page.evaluate(
        "getComputedStyle(document.body).backgroundColor"
    )
