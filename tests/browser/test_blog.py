"""The blog as a reader meets it: the project's own notebooks, behind nginx, in a real Chromium."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from blog.error_texts import ERRORS
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route, expect
from support.processes import wait_until
from support.site import Site

POST = "/posts/virtual-detectors/"
PAGES = ("/", POST, "/demos/virtual-detectors/", "/archive/", "/tags/", "/about/", "/demos/", "/nothing/")


@pytest.fixture
def page(browser: Browser, running_site: Site) -> Iterator[Page]:
    """A page on which nothing may go wrong, and which may ask nobody but the site."""
    context = browser.new_context(base_url=running_site.url)
    context.set_default_timeout(90_000)
    page = context.new_page()
    faults, hosts = watch(context, page)
    yield page
    context.close()
    assert faults == []
    assert hosts <= {urlsplit(running_site.url).netloc}


def watch(context: BrowserContext, page: Page) -> tuple[list[str], set[str]]:
    """Gather what the browser complains of and whom it asks."""
    faults: list[str] = []
    hosts: set[str] = set()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: is_fault(said) and faults.append(said.text))
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).netloc))
    # Pictures in the page itself (data:, blob:) have no host.
    context.on("request", lambda _: hosts.discard(""))
    return faults, hosts


def is_fault(said: ConsoleMessage) -> bool:
    """Tell whether a message is a complaint: of a header that a browser does not take it warns only."""
    # Voila's front end and the widgets' packages name versions of JupyterLab that are not quite the same.
    of_versions = said.text.startswith(("Unsatisfied version ", "No satisfying version "))
    return said.type == "error" or (said.type == "warning" and not of_versions)


def published(site: Site) -> list[str]:
    """Give the path of every page that was built."""
    root = site.state / "site"
    folders = [path.parent.relative_to(root).as_posix() for path in root.rglob("index.html")]
    return ["/" if folder == "." else f"/{folder}/" for folder in sorted(folders)]


def pixels(element: Locator) -> str:
    """Digest what an element looks like."""
    return hashlib.sha256(element.screenshot()).hexdigest()


def test_a_figure_comes_alive_and_follows_the_keyboard(page: Page) -> None:
    page.goto(POST)
    cell = page.locator("live-cell")
    expect(cell).to_have_attribute("data-state", "rest")
    expect(cell).to_have_attribute("data-runs", "0")
    cell.scroll_into_view_if_needed()
    slider = cell.locator(".live-widgets").get_by_role("slider").first
    picture = cell.locator(".live-widgets img").nth(1)
    expect(picture).to_be_visible()
    before = pixels(picture)
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    wait_until(lambda: int(cell.get_attribute("data-runs") or 0) > 0, "a new result", 60)
    expect(cell).to_have_attribute("data-state", "live")
    wait_until(lambda: pixels(picture) != before, "other pixels", 60)
    expect(cell.get_by_role("status")).not_to_be_empty()
    cell.get_by_role("button", name="End").click()
    expect(cell).to_have_attribute("data-state", "ended")
    expect(slider).to_have_attribute("aria-valuenow", "11.0")
    expect(picture).to_be_visible()


def test_the_post_reads_without_scripts(browser: Browser, running_site: Site) -> None:
    context = browser.new_context(base_url=running_site.url, java_script_enabled=False)
    page = context.new_page()
    faults, hosts = watch(context, page)
    page.goto(POST)
    expect(page.get_by_role("heading", level=1)).to_have_text("One scan, every detector")
    expect(page.locator("math").first).to_be_visible()
    images = page.locator("main img")
    for place in range(images.count()):
        images.nth(place).scroll_into_view_if_needed()
        box = images.nth(place).bounding_box()
        assert box is not None
        assert box["width"] > 50
    page.wait_for_load_state("networkidle")
    assert page.locator(".copy, [data-theme-toggle]:visible").count() == 0, "no button that can't work"
    page.get_by_role("link", name="Run live").click()
    expect(page).to_have_url(f"{running_site.url}/demos/virtual-detectors/")
    context.close()
    assert faults == []
    assert hosts == {urlsplit(running_site.url).netloc}


def test_the_browser_says_nothing_about_any_page(browser: Browser, running_site: Site) -> None:
    context = browser.new_context(base_url=running_site.url)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    paths = published(running_site)
    kinds = {path.split("/")[1] for path in paths}
    assert kinds == {"", "about", "archive", "demos", "posts", "series", "tags"}
    for path in paths:
        page.goto(path)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_load_state("networkidle")
    context.close()
    assert said == []


def test_the_browser_says_of_an_error_its_status_only(browser: Browser, running_site: Site) -> None:
    """Those that a browser can bring about, by what it asks; then the others, with the same headers."""
    context = browser.new_context(base_url=running_site.url)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    asked: dict[int, tuple[str, dict[str, Any]]] = {
        400: ("/%00", {}),
        404: ("/nothing/", {}),
        405: ("/about/", {"method": "PUT"}),
        413: ("/live/render/posts/virtual-detectors", {"method": "POST", "post_data": "x" * 3000}),
        414: ("/" + "x" * 10_000, {}),
        431: ("/archive/", {"headers": {"X-Long": "x" * 10_000}}),
    }
    headers: dict[str, str] = {}
    for code in sorted(ERRORS, key=lambda code: code not in asked):
        if code in asked:
            path, change = asked[code]
            page.route("**/*", partial(Route.continue_, **change), times=1)
        else:
            path = f"/an-error-{code}/"
            body = (running_site.state / f"site/errors/{code}.html").read_bytes()
            page.route(f"**{path}", partial(Route.fulfill, status=code, headers=headers, body=body), times=1)
        answer = page.goto(path)
        assert answer
        assert answer.status == code
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("heading", level=1)).to_have_text(ERRORS[code][0])
        expect(page.get_by_role("link", name="Archive")).to_be_visible()
        told = f"error: Failed to load resource: the server responded with a status of {code} ("
        assert [line[: len(told)] for line in said] == [told]
        said.clear()
        of_body = ("content-length", "content-encoding", "transfer-encoding")
        headers = {name: value for name, value in answer.all_headers().items() if name not in of_body}
    context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(browser: Browser, running_site: Site, width: int) -> None:
    context = browser.new_context(base_url=running_site.url, viewport={"width": width, "height": 800})
    page = context.new_page()
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


def test_the_theme_follows_the_system_until_it_is_chosen(browser: Browser, running_site: Site) -> None:
    context = browser.new_context(base_url=running_site.url, color_scheme="dark")
    page = context.new_page()
    page.goto("/")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.locator("[data-theme-toggle]").click()
    light = page.evaluate(ground)
    assert dark != light
    page.goto(POST)
    assert page.evaluate(ground) == light, "the choice holds on the next page, from its first paint on"
    context.close()


def test_pages_hold_still_while_they_load(page: Page) -> None:
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " if (!entry.hadRecentInput) window.shift += entry.value;"
        " }).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(POST)
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shift") < 0.02
