"""What helps a reader on a page without live cells: figures large, comparisons, numbers of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.articles import output, png
from support.notebooks import code, markdown, notebook, save
from support.pages import served

PLATE = "#| label: fig-plate\n#| fig-cap: Gold, *bright* field.\n#| fig-alt: grains\n#| fig-scale: 0.18 nm\n"
PAIR = """\
#| label: fig-pair
#| fig-cap: Both.
#| fig-alt: [as it came, as it is]
#| fig-compare: true
#| fig-subcap: [Raw, Denoised]
#| fig-scale: 2 nm
"""
PLOT = "#| label: fig-plot\n#| fig-cap: A plot.\n#| fig-alt: a curve\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A post of each kind of figure."""
    folder = tmp_path_factory.mktemp("aids")
    post = notebook(
        markdown("# Words\n\n" + "Some words before the figure. " * 60),
        code(PLATE + "show()", output({"image/png": png(64, 48)}), tags=("plate",)),
        markdown("More words. " * 200),
        code(
            PAIR + "both()", output({"image/png": png(64, 48)}), output({"image/png": png(64, 48, (9, 9, 9))})
        ),
        code("first = 1\nsecond = 2\nthird = 3"),
        code(PLOT + "plot()", output({"image/png": png(320, 200, (250, 250, 250))})),
        front_matter="title: Figures",
    )
    save(folder / "notebooks" / "posts" / "figures.ipynb", post)
    said = "Atoms of gold scatter electrons into rings. " * 4
    for name in ("circles", "discs"):
        save(folder / "notebooks" / "posts" / f"{name}.ipynb", notebook(markdown(f"# {name}\n\n{said}")))
    with served(folder / "notebooks", folder / "out") as address:
        yield address


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The post, on which nothing may go wrong."""
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 800}, has_touch=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: said.type in ("error", "warning") and faults.append(said.text))
    page.goto("/posts/figures/")
    yield page
    context.close()
    assert faults == []


def scale(page: Page) -> float:
    """Give the scale at which the picture is shown."""
    return float(page.locator(".viewer-stage").get_attribute("data-scale") or 0)


def test_a_figure_opens_large_and_gives_the_focus_back(page: Page) -> None:
    loaded = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert not [name for name in loaded if "viewer" in name or "zoom" in name], "only when it is pressed"
    link = page.get_by_role("link", name="grains")
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Figure 1, 1 of 4")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_text("Gold, bright field.")).to_be_visible()
    picture = dialog.get_by_role("img", name="grains")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [64, 48]
    box, stage = picture.bounding_box(), page.locator(".viewer-stage").bounding_box()
    assert box
    assert stage
    assert box["height"] == pytest.approx(stage["height"], abs=1), "data fills the stage"
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name="Figure 3, 4 of 4")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("img", name="a curve")).to_be_visible()
    assert scale(page) < 2.5, "a plot is about as large as it is"
    expect(page.get_by_role("button", name="Next figure")).to_be_disabled()
    for _ in range(3):
        page.get_by_role("button", name="Figure before").click()
    expect(page.get_by_role("dialog", name="Figure 1, 1 of 4")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(link).to_be_focused()
    link.click()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("dialog")).to_be_hidden()
    expect(link).to_be_focused()


def test_the_keys_of_the_dialog_stay_in_it(page: Page) -> None:
    page.get_by_role("link", name="grains").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert inside


def test_a_figure_is_made_larger_and_moved(page: Page) -> None:
    page.get_by_role("link", name="grains").click()
    picture = page.get_by_role("dialog").get_by_role("img", name="grains")
    expect(picture).to_be_visible()
    whole = scale(page)
    page.keyboard.press("+")
    assert scale(page) == pytest.approx(whole * 1.4, rel=0.01)
    page.keyboard.press("-")
    assert scale(page) == pytest.approx(whole, rel=0.01)
    page.keyboard.press("1")
    assert scale(page) == pytest.approx(1)
    page.keyboard.press("0")
    assert scale(page) == pytest.approx(whole, rel=0.01)
    box = page.locator(".viewer-stage").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2 + 30
    page.mouse.dblclick(x, y)
    assert scale(page) == pytest.approx(whole * 2.5, rel=0.01)
    before = picture.bounding_box()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 50, y + 20, steps=3)
    page.mouse.up()
    after = picture.bounding_box()
    assert before
    assert after
    assert (after["x"] - before["x"], after["y"] - before["y"]) == pytest.approx((50, 20), abs=1)
    page.keyboard.press("ArrowLeft")
    moved = picture.bounding_box()
    assert moved
    assert moved["x"] - after["x"] == pytest.approx(80, abs=1), "arrows move what is larger than the stage"
    page.mouse.dblclick(x, y)
    assert scale(page) == pytest.approx(whole, rel=0.01)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -200)
    page.wait_for_function(f"document.querySelector('.viewer-stage').dataset.scale > {whole}")


def test_two_fingers_make_a_figure_larger(page: Page) -> None:
    page.get_by_role("link", name="grains").click()
    expect(page.get_by_role("dialog").get_by_role("img", name="grains")).to_be_visible()
    whole = scale(page)
    box = page.locator(".viewer-stage").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: float) -> None:
        points = [{"x": x + place, "y": y, "id": number} for number, place in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", -50)
    fingers("touchStart", -50, 50)
    fingers("touchMove", -75, 75)
    fingers("touchMove", -100, 100)
    fingers("touchEnd")
    page.wait_for_function(f"document.querySelector('.viewer-stage').dataset.scale > {whole * 1.9}")
    assert scale(page) == pytest.approx(2 * whole, rel=0.02)


def test_a_scale_bar_follows_the_zoom(page: Page) -> None:
    page.get_by_role("link", name="grains").click()
    bar = page.locator(".scale-bar")
    expect(bar).to_be_visible()
    seen = set()
    for key in ("0", "+", "+", "+", "1"):
        page.keyboard.press(key)
        number, unit = bar.inner_text().split()
        line = bar.locator("i").bounding_box()
        assert unit == "nm"
        assert line
        assert line["width"] / scale(page) * 0.18 == pytest.approx(float(number), rel=0.02)
        assert 40 < line["width"] <= 181
        seen.add(number)
    assert len(seen) > 1
    for _ in range(3):
        page.keyboard.press("PageDown")
    expect(page.get_by_role("dialog", name="Figure 3, 4 of 4")).to_be_visible()
    expect(bar).to_be_hidden()


def test_two_pictures_are_compared_by_a_native_slider(page: Page) -> None:
    box = page.locator("[data-compare]")
    slider = page.get_by_role("slider", name="Compare Raw with Denoised")
    slider.scroll_into_view_if_needed()
    first, second = (box.locator(".plate").nth(place).bounding_box() for place in (0, 1))
    assert first == second, "one lies over the other"
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0 % Raw")
    cut = box.locator("img").nth(1)
    expect(cut).to_have_css("clip-path", "inset(0px 0px 0px 0%)")
    page.keyboard.press("End")
    expect(cut).to_have_css("clip-path", "inset(0px 0px 0px 100%)")
    assert first
    page.mouse.click(first["x"] + first["width"] * 0.25, first["y"] + first["height"] * 0.6)
    assert float(slider.input_value()) == pytest.approx(25, abs=2)
    page.touchscreen.tap(first["x"] + first["width"] * 0.75, first["y"] + first["height"] * 0.6)
    assert float(slider.input_value()) == pytest.approx(75, abs=2)
    label = page.get_by_role("link", name="Denoised")
    box_of_label = label.bounding_box()
    assert box_of_label
    assert box_of_label["height"] >= 24, "WCAG 2.2, 2.5.8"
    label.click()
    expect(page.get_by_role("dialog").get_by_role("img", name="as it is")).to_be_visible()
    expect(page.locator(".scale-bar")).to_be_visible()


def test_lines_are_numbered_where_the_reader_wants_it(page: Page) -> None:
    box = page.locator(".code", has_text="first = 1")
    line = box.locator(".l").nth(1)
    where = """line => JSON.stringify([
        line.getBoundingClientRect().y + scrollY, getComputedStyle(line).paddingLeft,
        document.body.scrollHeight])"""
    place = line.evaluate(where)
    number = "line => getComputedStyle(line, '::before').content"
    assert line.evaluate(number) == "none"
    button = page.get_by_role("button", name="Line numbers")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert line.evaluate(number) == "counter(line)"
    assert line.evaluate(where) == place, "nothing moves"
    box.locator("pre").evaluate("code => getSelection().selectAllChildren(code)")
    assert page.evaluate("getSelection().toString().trim()") == "first = 1\nsecond = 2\nthird = 3"
    page.set_viewport_size({"width": 390, "height": 800})
    assert line.evaluate("line => parseFloat(getComputedStyle(line).paddingLeft)") > 20, (
        "none lies on the code"
    )
    page.reload()
    assert line.evaluate(number) == "counter(line)", "the choice is kept"
    assert page.context.cookies() == []
    button.click()
    assert page.evaluate("localStorage.length") == 0
    expect(button).to_have_attribute("aria-pressed", "false")


def test_a_post_ends_with_those_that_say_much_the_same(page: Page) -> None:
    expect(page.get_by_role("region", name="Related posts")).to_have_count(0)
    page.goto("/posts/circles/")
    related = page.get_by_role("region", name="Related posts")
    expect(related.get_by_role("link")).to_have_count(1)
    related.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("discs")


def test_all_of_it_is_there_at_200_percent_on_the_smallest_screen(page: Page) -> None:
    """A window of 640 by 800 pixels at 200 % is one of 320 by 400."""
    page.set_viewport_size({"width": 320, "height": 400})
    page.reload()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.get_by_role("link", name="grains").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="grains")).to_be_visible()
    for button in dialog.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert 0 <= box["x"] <= 320 - box["width"]
        assert 0 <= box["y"] <= 400 - box["height"]
        assert min(box["width"], box["height"]) >= 24, "WCAG 2.2, 2.5.8"
    stage = page.locator(".viewer-stage").bounding_box()
    assert stage
    assert stage["height"] > 150


def test_on_paper_there_is_nothing_to_press(page: Page) -> None:
    page.get_by_role("link", name="grains").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("button:visible, input:visible, dialog:visible")).to_have_count(0)
    plates = page.locator("[data-compare] .plate")
    first, second = plates.nth(0).bounding_box(), plates.nth(1).bounding_box()
    assert first
    assert second
    assert second["x"] > first["x"] + first["width"], "both pictures are seen"
    expect(page.locator("[data-compare] img").nth(1)).to_have_css("clip-path", "none")


def test_nothing_moves_while_the_page_comes(page: Page) -> None:
    # Names in the header may get their face after the first paint: half a thousandth, none of it text.
    moved = """() => new Promise(done => new PerformanceObserver(list => {
        done(list.getEntries().flatMap(({sources}) => sources.map(({node}) => node))
            .filter(node => node?.parentElement?.closest("main")).map(node => node.textContent.slice(0, 80)));
    }).observe({type: "layout-shift", buffered: true}) || setTimeout(done, 500, []))"""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.reload()
        page.wait_for_load_state("networkidle")
        assert page.evaluate(moved) == []


def test_a_picture_is_a_link_to_its_file_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/posts/figures/")
    page.get_by_role("link", name="grains").click()
    expect(page).to_have_url(re.compile(r"/static/figures-\d+-1\.[0-9a-f]{16}\.(webp|png)$"))
    context.close()


def test_two_pictures_stand_beside_each_other_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/posts/figures/")
    plates = page.locator("[data-compare] .plate")
    first, second = plates.nth(0).bounding_box(), plates.nth(1).bounding_box()
    assert first
    assert second
    assert second["x"] >= first["x"] + first["width"]
    expect(page.get_by_role("slider")).to_have_count(0)
    expect(page.get_by_role("link", name="Raw")).to_have_attribute("href", re.compile("^/static/"))
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_design_is_shown_with_every_token(browser: Browser, site: str, theme: str) -> None:
    context = browser.new_context(base_url=site, color_scheme=theme, viewport={"width": 390, "height": 800})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: said.type in ("error", "warning") and faults.append(said.text))
    page.goto("/about/design/")
    shown = page.get_by_role("region", name="Colours").get_by_role("rowheader").all_inner_texts()
    used = page.evaluate("""() => {
        const asked = new Set();
        for (const sheet of document.styleSheets)
            for (const rule of sheet.cssRules)
                for (const found of rule.cssText.matchAll(/--([\\w-]+): light-dark\\(/g)) asked.add(found[1]);
        return [...asked];
    }""")
    assert len(used) > 15
    assert set(used) <= set(shown)
    for state in ("rest", "starting", "live", "queued", "ended", "failed", "offline"):
        expect(page.locator(f'live-cell[data-state="{state}"] .mark')).to_be_visible()
    kinds = ".roi.warn, .roi.tip, .trace, .plate, [data-compare], .eq, .note, table, .pager, .btn.main"
    for kind in kinds.split(", "):
        expect(page.locator(kind).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.close()
    assert faults == []
