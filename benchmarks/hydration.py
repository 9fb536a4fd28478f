"""The post that becomes live by itself, in Chromium: from opening it, and from the first touch of a slider.

Times are the page's own (``performance.now``: since the navigation began), taken by a script that the browser
runs beside the page's. What the author's code takes to draw is told by the notebook, and left out where a
figure says so.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from blog.system import CHROMIUM, provide
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import far, notebook, processes, servers
from benchmarks.bench import Bench, Once, Sample, Side
from benchmarks.browser import ARGUMENTS, leave, only_from, press_start
from benchmarks.reader import PATIENCE

TRIP, BITS = 0.08, 50e6
"""The far reader's round trip in seconds, and bits per second."""

LATER = 10
"""Touches after the first, of which the median counts."""

READERS = 1000

WATCH = f"""
(() => {{
  const within = location.pathname.startsWith("/posts/") ? ".live-widgets " : "";
  const marks = window.bench = {{}};
  const thumb = () => document.querySelector(within + ".{notebook.SLIDER_CLASS} .noUi-handle");
  const image = () => document.querySelector(`${{within}}img.{notebook.IMAGE_CLASS}`);
  const took = () => document.querySelector(`${{within}}.{notebook.TOOK_CLASS}`)?.textContent ?? "";
  const drawn = one => one && one.complete && one.naturalWidth > 0;
  const look = () => {{
    if (!thumb() || !drawn(image())) return requestAnimationFrame(look);
    marks.shown = performance.now();
    let source = image().src, said = took();
    addEventListener("keydown", () => {{ marks.touched = performance.now(); marks.changed = null; }}, true);
    const changed = () => {{
      const one = image();
      if (marks.touched && one && one.src !== source && drawn(one)) {{
        source = one.src;
        marks.changed = performance.now();
        const wait = () => {{
          if (took() === said) return setTimeout(wait, 1);
          said = took();
          marks.took = Number(said);
          marks.done = (marks.done ?? 0) + 1;
        }};
        wait();
      }}
      setTimeout(changed, 1);
    }};
    changed();
  }};
  look();
}})();
"""


@contextmanager
def opened(bench: Bench) -> Iterator[Once]:
    """Measure from opening the page: until its widgets are shown, and until the first new image."""
    with _running(bench) as (theirs, own, chromium):

        def once(side: Side) -> Sample:
            server, path = (theirs, "/") if side == "stock" else (own, _POST)
            with _page(chromium, server) as page:
                page.goto(server.address.origin + path, wait_until="commit")
                seen = _touch(page)
            return {"shown": seen["shown"] / 1000, "touched": seen["changed"] / 1000}

        yield once


@contextmanager
def beside_voilas_page(bench: Bench) -> Iterator[Once]:
    """Measure until the first new image: the post beside Voila's page on the zygote, both touched at once."""
    with _running(bench, stock=False) as (_, own, chromium):

        def once(side: Side) -> Sample:
            with _page(chromium, own) as page:
                begun = time.perf_counter()
                if side == "stock":
                    press_start(page, own.address.origin + own.address.page)
                else:
                    page.goto(own.address.origin + _POST, wait_until="commit")
                _touch(page)
                return {"touched-zygote": time.perf_counter() - begun}

        yield once


@contextmanager
def touches(bench: Bench) -> Iterator[Once]:
    """Measure the first touch of a page that has settled, later ones, and what the figure weighs."""
    with _running(bench, stock=False) as (_, own, chromium):

        def once(side: Side) -> Sample:  # noqa: ARG001
            with _page(chromium, own) as page:
                asked: list[Any] = []
                page.on("requestfinished", lambda one: asked.append(one))
                page.goto(own.address.origin + _POST, wait_until="networkidle")
                first = _touch(page)
                later = [_touch(page) for _ in range(LATER)]
                sample = _weights(asked, own)
            return {
                "first-touch": _less_compute(first),
                "later-touch": statistics.median(map(_less_compute, later)),
                **sample,
            }

        yield once


@contextmanager
def from_afar(bench: Bench) -> Iterator[Once]:
    """Measure at a round trip of 80 ms and 50 Mbit/s: until shown, and the first touch with all it takes."""
    with (
        _running(bench, stock=False) as (_, own, chromium),
        far.line(own.address.port, trip=TRIP, bits_per_second=BITS) as port,
    ):
        origin = f"http://127.0.0.1:{port}"

        def once(side: Side) -> Sample:  # noqa: ARG001
            with _page(chromium, own, origin) as page:
                page.goto(origin + _POST, wait_until="networkidle")
                seen = _touch(page)
                return {"far-shown": seen["shown"], "far-touch": seen["changed"] - seen["touched"]}

        yield once


@contextmanager
def reading(bench: Bench) -> Iterator[Once]:
    """Count the kernels that readers start who only read.

    A thousand by a bare client; and one in Chromium, who scrolls through the post, rests the pointer on the
    slider and comes to it by the keyboard.
    """
    with _running(bench, stock=False) as (_, own, chromium):

        def once(side: Side) -> Sample:  # noqa: ARG001
            before, most = processes.tree(own.pid), 0

            def count() -> None:
                nonlocal most
                most = max(most, len(processes.tree(own.pid) - before))

            for _ in range(READERS):
                own.toucher().open()
                count()
            with _page(chromium, own) as page:
                page.goto(own.address.origin + _POST, wait_until="networkidle")
                page.wait_for_function("() => window.bench?.shown")
                for act in (_scroll, _rest_on, _come_to):
                    act(page)
                    page.wait_for_load_state("networkidle")
                    count()
            return {"reading": most}

        yield once


def _scroll(page: Page) -> None:
    for _ in range(20):
        page.mouse.wheel(0, 400)
    page.mouse.wheel(0, -20 * 400)


def _rest_on(page: Page) -> None:
    page.locator(f".live-widgets .{notebook.SLIDER_CLASS}").hover()


def _come_to(page: Page) -> None:
    page.locator(f".live-widgets .{notebook.SLIDER_CLASS} .noUi-handle").focus()


_OWN = re.compile(r"^/live/|^/static/(?:cell|live|widgets|[\w-]+-live)\.")
"""What a figure adds to its page."""

_POST = f"/posts/{notebook.SLUG}/#{notebook.FIGURE_ID}"


@contextmanager
def _running(bench: Bench, stock: bool = True) -> Iterator[tuple[Any, servers.Server, Browser]]:
    path = bench.write("hydration", notebook.run(notebook.demo()))
    with ExitStack() as stack:
        ports, bytecode = (servers.free_port(), servers.free_port()), bench.bytecode
        theirs = stack.enter_context(servers.stock(path, port=ports[0], bytecode=bytecode)) if stock else None
        own = stack.enter_context(servers.site(path, port=ports[1], bytecode=bytecode))
        playwright = stack.enter_context(sync_playwright())
        for server in filter(None, (theirs, own)):
            servers.warm_up(server)
        chromium = playwright.chromium.launch(executable_path=provide(CHROMIUM), args=ARGUMENTS)
        stack.callback(chromium.close)
        yield theirs, own, chromium


@contextmanager
def _page(chromium: Browser, server: servers.Server, origin: str = "") -> Iterator[Page]:
    """Give a page of a reader who has not been here before; at the end, nothing of theirs runs any more."""
    before = processes.tree(server.pid)
    context = chromium.new_context()
    context.set_default_timeout(1000 * PATIENCE)
    context.route("**/*", lambda route: only_from(origin or server.address.origin, route))
    context.add_init_script(WATCH)
    page = context.new_page()
    try:
        yield page
        leave(page, server, before)
    finally:
        context.close()


def _touch(page: Page) -> dict[str, float]:
    """Press an arrow key on the slider once it is there; give the page's marks when the image is new."""
    page.wait_for_function("() => window.bench?.shown")
    done = page.evaluate("() => window.bench.done ?? 0")
    within = ".live-widgets " if urlsplit(page.url).path.startswith("/posts/") else ""
    thumb = page.locator(f"{within}.{notebook.SLIDER_CLASS} .noUi-handle")
    thumb.focus()
    thumb.press("ArrowRight")
    page.wait_for_function("before => (window.bench.done ?? 0) > before", arg=done)
    marks: dict[str, float] = page.evaluate("() => window.bench")
    return marks


def _less_compute(marks: dict[str, float]) -> float:
    return marks["changed"] - marks["touched"] - marks["took"]


def _weights(asked: list[Any], server: servers.Server) -> dict[str, float]:
    """Give what a figure adds to its page: kB of JavaScript as sent, requests, and kB of its state."""
    own = [one for one in asked if _OWN.search(urlsplit(one.url).path)]
    scripts = [one for one in own if one.resource_type == "script"]
    (state,) = [one for one in own if "/live/rest/" in one.url]
    reader = server.toucher()
    reader.open()
    images = sum(len(one.state["value"]) for one in reader.widgets if one.model == "ImageModel")
    return {
        "script": sum(one.sizes()["responseBodySize"] for one in scripts) / 1000,
        "requests": len(own),
        "state": (state.sizes()["responseBodySize"] - images) / 1000,
    }
