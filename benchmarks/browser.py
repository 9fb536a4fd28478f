"""Chromium, as a reader has it: from the press to the first new image, with Voila's front end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from blog.system import CHROMIUM, provide
from playwright.sync_api import Browser, Frame, Page, Route, sync_playwright

from benchmarks import notebook, processes, protocol, servers
from benchmarks.bench import Bench, Once, Sample, Side
from benchmarks.measure import wait_until_gone
from benchmarks.reader import PATIENCE, GoneError

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
"""Root can't use Chromium's sandbox; the others keep it from doing other things meanwhile."""

THUMB = f".{notebook.SLIDER_CLASS} .noUi-handle"
IMAGE = f"img.{notebook.IMAGE_CLASS}"
SHOWN = f"""() => {{
  const image = document.querySelector("{IMAGE}");
  return document.querySelector("{THUMB}") && image && image.complete && image.naturalWidth > 0 && image.src;
}}"""
CHANGED = f"""before => {{
  const image = document.querySelector("{IMAGE}");
  return image.src !== before && image.complete && image.naturalWidth > 0;
}}"""


@contextmanager
def browser(bench: Bench) -> Iterator[Once]:
    """Measure from the press (stock: from opening its page) to the first new image."""
    path = bench.write("browser", notebook.demo())
    ports = servers.free_port(), servers.free_port()
    with (
        servers.stock(path, port=ports[0], bytecode=bench.bytecode) as theirs,
        servers.site(path, port=ports[1], bytecode=bench.bytecode) as own,
        sync_playwright() as playwright,
    ):
        for server in (theirs, own):
            servers.warm_up(server)
        chromium = playwright.chromium.launch(executable_path=provide(CHROMIUM), args=ARGUMENTS)

        def once(side: Side) -> Sample:
            server = theirs if side == "stock" else own
            return _visit(chromium, side, server)

        try:
            yield once
        finally:
            chromium.close()


def _visit(chromium: Browser, side: Side, server: servers.Server) -> Sample:
    origin = server.address.origin
    before = processes.tree(server.pid)
    context = chromium.new_context()
    context.set_default_timeout(1000 * PATIENCE)
    # Stock Voila's page asks a host elsewhere for its icons; who is offline would wait for it.
    context.route("**/*", lambda route: only_from(origin, route))
    page = context.new_page()
    try:
        sample = _press_ours(page, origin) if side == "ours" else _press_stock(page, origin)
        leave(page, server, before)
        return sample
    finally:
        context.close()


def leave(page: Page, server: servers.Server, before: set[int]) -> None:
    """Leave a page, and wait until only what ran ``before`` runs."""
    if not server.address.posts:
        # What its page sends when it closes, stock Voila may refuse, and the kernel stays.
        reader = server.reader()
        reader.kernel = protocol.kernel_id(page.content()) or ""
        reader.end()
    # Our page says goodbye, as when a reader leaves. With its context, the message would be lost.
    page.goto("about:blank")
    wait_until_gone(server, before)


def only_from(origin: str, route: Route) -> None:
    """Let a request through to one origin only."""
    if urlsplit(route.request.url).netloc in ("", urlsplit(origin).netloc):
        route.continue_()
    else:
        route.abort()


def press_start(page: Page, url: str) -> None:
    """Open the start page of a live figure by itself, and press its button as soon as that can be."""
    page.goto(url, wait_until="commit")
    page.locator("form button:enabled").click()
    page.wait_for_selector("#live")


def _press_stock(page: Page, origin: str) -> Sample:
    begun = time.perf_counter()
    page.goto(origin, wait_until="commit")
    return _move(page.main_frame, begun)


def _press_ours(page: Page, origin: str) -> Sample:
    page.goto(f"{origin}/posts/{notebook.SLUG}/", wait_until="networkidle")
    button = page.locator("live-cell button[data-run]")
    if button.count() != 1:
        raise GoneError(f"the post has {button.count()} live cells with a button, not one")
    begun = time.perf_counter()
    button.click()
    holder = page.wait_for_selector("live-cell iframe", state="attached")
    frame = holder.content_frame() if holder else None
    if frame is None:
        raise GoneError("the live cell has no frame")
    return _move(frame, begun)


def _move(frame: Frame, begun: float) -> Sample:
    """Press an arrow key on the slider once it is there, and wait until the image has changed."""
    shown = frame.wait_for_function(SHOWN)
    ready = time.perf_counter() - begun
    before = shown.json_value()
    frame.locator(THUMB).focus()
    frame.locator(THUMB).press("ArrowRight")
    frame.wait_for_function(CHANGED, arg=before)
    return {"browser": time.perf_counter() - begun, "until slider": ready}
