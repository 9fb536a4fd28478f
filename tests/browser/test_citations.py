"""Citations in a real Chromium, behind nginx: cards by pointer and by keys, links both ways, data blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from support.processes import wait_until
from support.site import Site

POST = "/posts/four-numbers-and-a-camera/"


@pytest.fixture(params=[(390, True), (1280, True), (390, False)], ids=["phone", "desktop", "no script"])
def page(request: pytest.FixtureRequest, browser: Browser, running_site: Site) -> Iterator[Page]:
    """A post with citations on which nothing may be complained of."""
    width, scripts = request.param
    context = browser.new_context(
        base_url=running_site.url,
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        reduced_motion="reduce",  # a page that scrolls smoothly is on its way for long
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: said.type in ("error", "warning") and faults.append(said.text))
    page.goto(POST)
    yield page
    context.close()
    assert faults == []


def scripted(request: pytest.FixtureRequest) -> bool:
    return "no script" not in request.node.name


def in_view(locator: Locator) -> bool:
    """Tell whether an element is on the screen; without scripts Playwright's own check sees nothing."""
    box = locator.bounding_box()
    return box is not None and 0 <= box["y"] < 800


def test_a_card_comes_by_pointer_and_fits_the_screen(page: Page) -> None:
    cite, card = page.locator(".cite").first, page.locator(".cite-card").first
    expect(card).to_be_hidden()
    cite.hover()
    expect(card).to_be_visible()
    expect(card).to_contain_text("Ophus, C., 2019.")
    # it lies below the line, from edge to edge of the text, and stays while the pointer is on it
    box, line, text = card.bounding_box(), cite.bounding_box(), page.locator(".post-body").bounding_box()
    assert box
    assert line
    assert text
    assert box["y"] >= line["y"] + line["height"] - 4
    assert text["x"] - 1 <= box["x"]
    assert box["x"] + box["width"] <= text["x"] + text["width"] + 1
    card.locator("a").hover()
    expect(card).to_be_visible()
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()


def test_a_card_comes_by_keys_and_goes(page: Page, request: pytest.FixtureRequest) -> None:
    cite, card = page.locator(".cite").first, page.locator(".cite-card").first
    cite.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(cite).to_be_focused()
    expect(card).to_be_visible()
    page.keyboard.press("Tab")
    expect(card.locator("a")).to_be_focused()
    expect(card).to_be_visible()
    if scripted(request):
        page.keyboard.press("Escape")
        expect(card).to_be_hidden()
        cite.hover()
        expect(card).to_be_visible()


def test_links_lead_to_the_list_and_back(page: Page) -> None:
    cite = page.locator(".cite").first
    cite.focus()
    page.keyboard.press("Enter")
    entry = page.locator("#ref-ophus2019")
    wait_until(lambda: in_view(entry), "the entry on the screen")
    assert page.url.endswith("#ref-ophus2019")
    entry.get_by_role("link", name="Back to citation 1").click()
    wait_until(lambda: in_view(cite), "the citation on the screen")
    assert page.url.endswith("#cite-ophus2019")


def test_how_to_cite_opens_without_a_script(page: Page) -> None:
    box = page.get_by_label("How to cite")
    expect(box.locator("pre")).to_be_hidden()
    box.locator("summary").click()
    expect(box.locator("pre")).to_contain_text("@misc{brightdiskauthors2026four,")


def test_the_page_is_no_wider_than_the_screen(page: Page, request: pytest.FixtureRequest) -> None:
    page.locator(".cite").first.hover()
    expect(page.locator(".cite-card").first).to_be_visible()
    if scripted(request):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_json_ld_is_read_under_the_policy(page: Page) -> None:
    # `page` says that nothing was complained of: a block of data is no script to the policy
    text = page.locator('script[type="application/ld+json"]').text_content()
    assert json.loads(text or "")["@type"] == "BlogPosting"
