"""A post's own widgets look as those of Voila's page do, in the frame of a cell that starts by its button.

Box by box and pixel by pixel, in the same window of the same browser. Where a row begins between two pixels,
the one may be drawn from the pixel above and the other from the one below: a pixel may lie beside its place.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Frame, Locator, Page, expect
from support.every_widget import CASES
from support.site import Site

#: How far a channel of a pixel may be off, of 255, before the pixel counts as another, and how many may be:
#: what the last row of a view has that ends between two pixels. A border under a pointer is three times that.
SHADE, SHARE = 64, 0.002

#: A cell without a name shows all of its notebook; the frame's page has 2 pixels for focus rings at a side.
ALL_CELLS = """cell => {
  cell.removeAttribute("cell");
  cell.querySelector(".live-stage").style.width = "calc(100% + 4px)";
}"""
IN_PLACE = """async () => {
  await Promise.all([document.fonts.ready, ...[...document.images].map(image => image.decode())]);
  document.activeElement?.blur();
}"""


@pytest.fixture(scope="module", params=["light", "dark"])
def pages(browser: Browser, kinds_site: Site, request: pytest.FixtureRequest) -> Iterator[tuple[Page, Frame]]:
    """Give the post, all its widgets shown, and Voila's page in it."""
    context = browser.new_context(viewport={"width": 1000, "height": 900}, color_scheme=request.param)
    post = context.new_page()
    post.emulate_media(reduced_motion="reduce")
    post.goto(f"{kinds_site.url}/posts/every-widget/")
    for one in post.locator("live-cell").all():
        one.scroll_into_view_if_needed()
        expect(one.locator(".live-widgets").first).to_be_attached()
    post.evaluate(IN_PLACE)
    other = context.new_page()
    other.emulate_media(reduced_motion="reduce")
    # Without a state at rest the cells have their buttons.
    other.route("**/live/rest/**", lambda route: route.fulfill(status=404))
    other.goto(f"{kinds_site.url}/posts/every-widget/")
    first = other.locator("live-cell").first
    first.evaluate(ALL_CELLS)
    first.get_by_role("button", name="Run live").click()
    other.mouse.move(0, 0)  # it would rest on a widget
    expect(first).to_have_attribute("data-state", "live")
    (frame,) = other.frames[1:]
    expect(frame.locator(".live-output .jupyter-widgets").first).to_be_visible()
    frame.evaluate(IN_PLACE)
    yield post, frame
    for page in (post, other):
        page.goto("about:blank")
    context.close()


def roots(page: Page | Frame) -> list[Locator]:
    """Give the outermost widget of each case."""
    holders = page.locator(".live-view" if isinstance(page, Page) else "#live > .live-cell").all()
    return [holder.locator(".jupyter-widgets").first for holder in holders]


def picture(view: Locator) -> Image.Image:
    return Image.open(io.BytesIO(view.screenshot(animations="disabled"))).convert("RGB")


def others(one: Image.Image, other: Image.Image) -> float:
    """Give the share of the pixels of either that have nothing like them there in the other, or beside it."""
    unlike = ImageChops.lighter(_unlike(one, other), _unlike(other, one))
    unlike = unlike.crop((1, 1, unlike.width - 1, unlike.height - 1))  # what is beside the edge isn't known
    return unlike.histogram()[255] / (unlike.width * unlike.height)


def _unlike(one: Image.Image, other: Image.Image) -> Image.Image:
    nearest = Image.new("L", one.size, 255)
    for shift in itertools.product((-1, 0, 1), repeat=2):
        red, green, blue = ImageChops.difference(one, ImageChops.offset(other, *shift)).split()
        furthest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        nearest = ImageChops.darker(nearest, furthest)
    return nearest.point(lambda off: 255 * (off > SHADE))


def test_all_cases_are_on_both(pages: tuple[Page, Frame]) -> None:
    assert [len(roots(page)) for page in pages] == [len(CASES)] * 2


@pytest.mark.parametrize("name", CASES)
def test_it_looks_as_voilas(pages: tuple[Page, Frame], name: str) -> None:
    post, frame = pages
    here, there = (roots(page)[list(CASES).index(name)] for page in (post, frame))
    box, box_there = here.bounding_box(), there.bounding_box()
    assert box
    assert box_there
    sizes = [(round(one["width"]), round(one["height"])) for one in (box, box_there)]
    assert sizes[0] == sizes[1]
    assert others(picture(here), picture(there)) <= SHARE
