"""Posts with live cells that hydrate, for a browser: their pages, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from support.frontend import run_node
from support.live_server import wait_for
from support.same_origin import Site, same_origin

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "site" / "blog" / "static"
SKIN = ROOT / "voila" / "templates" / "blog" / "static"

CELL = """
<live-cell notebook="{notebook}" cell="{cell}" data-state="rest" data-runs="0">
<figure class="live wide" id="fig-{number}">
  <div class="live-bar"><svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle class="o"
    cx="12" cy="12" r="9"/><circle class="i" cx="12" cy="12" r="3"/><path class="x" d="M5 19 19 5"/></svg>
    <span class="txt"><b data-name>Saved picture</b> <span class="say" data-say
    role="status">Changing it needs JavaScript.</span></span>
    <span class="act"><a class="btn small" data-run href="/demos/ring/">Run live</a></span></div>
  <div class="live-stage"><div class="live-view"><img src="/saved.svg" width="192" height="192"
    alt="A ring, saved"></div></div>
  <figcaption><b>Figure {number}.</b> A ring.</figcaption>
</figure></live-cell>"""

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Post</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/css/style.css"><link rel="stylesheet" href="/static/live/live.css">
<link rel="stylesheet" href="/skin/widgets.css">
<script type="module" src="/static/js/live-cell.js"></script></head>
<body><main id="main" class="frame post"><article class="post-body prose"><p>Before.</p>{cells}<p>After.</p>
</article></main></body></html>"""

SAVED = '<svg xmlns="http://www.w3.org/2000/svg" width="192" height="192"><rect width="9" height="9"/></svg>'

FAULTS: list[str] = []
"""What the browser held against the pages; a test that means it takes it out."""


def page_of(*cells: tuple[str, str]) -> str:
    """Give a page with these cells, each a notebook's key and a cell's id."""
    made = [CELL.format(notebook=key, cell=cell, number=n) for n, (key, cell) in enumerate(cells, 1)]
    return PAGE.format(cells="".join(made))


@contextmanager
def hydrating(live_port: int, pages: Mapping[str, str], folder: Path) -> Iterator[Site]:
    """Serve pages with the front end as it is now; ``folder`` is the test's own."""
    (folder / "saved.svg").write_text(SAVED)
    done = run_node("build.mjs", "--out", folder / "dist")
    assert done.returncode == 0, done.stderr
    folders = {"/static/": STATIC, "/static/live/": folder / "dist", "/skin/": SKIN, "/": folder}
    with same_origin(live_port, pages, folders) as site:
        yield site


def open_context(browser: Browser, site: Site, **options: object) -> BrowserContext:
    """Open a reader's browser; what goes wrong in its pages is among the faults."""
    context = browser.new_context(base_url=site.origin, **options)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    context.on("weberror", lambda error: FAULTS.append(str(error.error)))
    context.on("console", lambda message: _keep_fault(message.text))
    return context


def _keep_fault(text: str) -> None:
    if "Content Security Policy" in text or "Uncaught" in text:
        FAULTS.append(text)


def cell(page: Page) -> Locator:
    """Give the first live cell."""
    return page.locator("live-cell").first


def state(page: Page, name: str) -> None:
    """Wait until the first cell is in this state."""
    expect(cell(page)).to_have_attribute("data-state", name)


def runs(page: Page, least: int) -> None:
    """Wait until so many results have been shown."""
    wait_for(lambda: int(cell(page).get_attribute("data-runs") or 0) >= least, what=f"{least} results")


def said(page: Page) -> str:
    """Give what the first cell's bar says."""
    return page.locator("live-cell [data-say]").first.inner_text()


def shown(page: Page, address: str) -> Page:
    """Open a page and wait until the first cell shows its own controls."""
    page.goto(address)
    expect(page.locator(".live-widgets").first).to_be_attached()
    return page


def thumb(page: Page) -> Locator:
    """Give the first slider's thumb."""
    return page.get_by_role("slider").first


def touch(page: Page, key: str = "ArrowRight") -> None:
    """Move the first slider by keyboard."""
    thumb(page).focus()
    page.keyboard.press(key)
