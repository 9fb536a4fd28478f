"""The search in Chromium: as the reader types, by keyboard, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from support.site import Site


@pytest.fixture
def page(browser: Browser, running_site: Site) -> Iterator[Page]:
    """A page on which nothing may go wrong."""
    context = browser.new_context(base_url=running_site.url)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
    yield page
    context.close()
    assert faults == []


def test_it_works_without_javascript(browser: Browser, running_site: Site) -> None:
    context = browser.new_context(base_url=running_site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_role("searchbox").fill("annular detector")
    page.get_by_label("Year").select_option("2026")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("status")).to_contain_text("passages in")
    expect(page.get_by_role("searchbox")).to_have_value("annular detector")
    expect(page.get_by_label("Year")).to_have_value("2026")
    expect(page.locator("[data-slash]")).to_be_hidden()
    link = page.locator(".results h3 a").first
    anchor = (link.get_attribute("href") or "").partition("#")[2]
    link.click()
    expect(page.locator(f"[id='{anchor}']")).to_be_in_viewport()
    context.close()


def test_answers_come_as_the_reader_types(page: Page) -> None:
    page.goto("/search")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    field.press_sequentially("detecto", delay=10)
    expect(page.locator(".results mark").first).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("passages in")
    expect(page).to_have_url(page.url.partition("/search")[0] + "/search?q=detecto")
    assert page.title().startswith("detecto · Search")
    assert len(asked) < 5, "not for each letter"
    page.get_by_label("Tag").select_option(label="calibration (1)")
    expect(page.locator(".results > li")).to_have_count(1)
    assert "tag=calibration" in page.url
    field.fill("")
    page.get_by_label("Tag").select_option("")
    expect(page.locator(".tag-list")).to_be_visible()
    expect(page.get_by_role("status")).to_be_empty()


def test_an_answer_that_comes_late_does_not_take_the_place_of_a_later_one(page: Page) -> None:
    page.goto("/search")
    held: list[Route] = []
    page.route("**/search?q=camera", lambda route: held.append(route))
    field = page.get_by_role("searchbox")
    with page.expect_request("**/search?q=camera"):
        field.fill("camera")
    field.fill("dark field")
    found = page.locator(".results mark").first
    expect(found).to_have_text(re.compile("dark|field"))
    for route in held:
        route.abort()
    expect(found).to_have_text(re.compile("dark|field"))
    expect(page.get_by_role("status")).to_contain_text("passage")
    expect(field).to_have_value("dark field")


def test_the_last_answer_stays_until_the_next_is_there(page: Page) -> None:
    page.goto("/search?q=detector")
    before = page.locator(".results").inner_html()
    held: list[Route] = []
    page.route("**/search?q=gold", lambda route: held.append(route))
    with page.expect_request("**/search?q=gold"):
        page.get_by_role("searchbox").fill("gold")
    assert page.locator(".results").inner_html() == before
    held[0].continue_()
    expect(page.locator(".results mark").first).to_have_text("gold", ignore_case=True)


def test_the_arrows_go_through_the_answers(page: Page) -> None:
    page.goto("/search?q=detector")
    field = page.get_by_role("searchbox")
    links = page.locator(".results a")
    field.focus()
    page.keyboard.press("ArrowDown")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).not_to_have_url("**/search**")


def test_a_slash_goes_to_the_search_unless_it_is_switched_off(page: Page) -> None:
    page.goto("/archive/")
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    page.keyboard.type("a/b")
    expect(field).to_have_value("a/b")
    page.get_by_role("button", name="Switch the / key off").click()
    page.keyboard.press("/")
    expect(field).not_to_be_focused()
    page.goto("/archive/")
    page.keyboard.press("/")
    expect(page).to_have_url(page.url.partition("/archive/")[0] + "/archive/")
    page.goto("/search")
    page.get_by_role("button", name="Switch the / key on").click()
    page.goto("/archive/")
    page.keyboard.press("/")
    page.wait_for_url("**/search")


def test_a_search_that_does_not_answer_says_so(page: Page, running_site: Site) -> None:
    page.goto("/search?q=detector")
    page.route("**/search?q=gold", lambda route: route.fulfill(status=200, body="no answer"))
    page.get_by_role("searchbox").fill("gold")
    expect(page.get_by_role("status")).to_have_text("The search does not answer. Press Enter to try again.")
    expect(page.locator(".results")).to_be_visible()
    page.unroute("**/search?q=gold")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".results mark").first).to_have_text("gold", ignore_case=True)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("query", ["", "?q=detector", "?q=zzzzzz&year=2026", f"?q={'x' * 300}"])
def test_no_state_of_the_page_scrolls_sideways(
    browser: Browser, running_site: Site, width: int, query: str
) -> None:
    context = browser.new_context(base_url=running_site.url, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"/search{query}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
