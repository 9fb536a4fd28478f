"""Every kind of widget that a post may use, in Debian's Firefox: at rest, and live by mouse, touch and keys.

Each kind is the first thing on its page that is touched; its control is found in the accessibility tree, by
its role and name wherever it has a role there; and its kernel says what it has heard.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from support.every_kind import CONTROLS, PACKAGES, cell_id
from support.firefox import Firefox, start_firefox
from support.processes import wait_until
from support.site import Site

FILES = Path(__file__), Path(__file__).with_name("conftest.py")
#: What a page shows: each widget's kind, and its words.
SHOWN = """[...document.querySelectorAll("live-cell")].map(cell => [cell.getAttribute("cell"),
  cell.querySelector(".live-stage").textContent.replace(/\\s+/g, " ").trim(),
  ...[...cell.querySelectorAll(".live-widgets .jupyter-widgets")].map(one => one.className)])"""

Step = tuple[str, dict[str, Any], Any]
#: What is heard after a step that only prepares the next.
NOTHING = object()


def press(key: str, role: str, name: str = "Kind", *, then: Any) -> Step:
    return "press", {"key": key, "role": role, "name": name}, then


def click(role: str, name: str = "Kind", *, then: Any) -> Step:
    return "click", {"role": role, "name": name}, then


def tap(role: str, name: str = "Kind", *, then: Any) -> Step:
    return "tap", {"role": role, "name": name}, then


def drag(share: float, name: str = "Kind", *, then: Any) -> Step:
    """Drag a slider's thumb by the mouse, to a share of its track."""
    return "drag", {"share": share, "role": "slider", "name": name}, then


def swipe(share: float, name: str = "Kind", *, then: Any) -> Step:
    """Drag it by a finger."""
    return "swipe", {"share": share, "role": "slider", "name": name}, then


def pressed(role: str, *names: str, then: tuple[Any, Any, Any]) -> list[Step]:
    """Make presses of three of these by key, mouse and finger."""
    return [
        press("Enter" if role == "button" else " ", role, names[0], then=then[0]),
        click(role, names[1], then=then[1]),
        tap(role, names[2], then=then[2]),
    ]


def typed(where: dict[str, str], *words: str, end: str = "", whole: bool = True, then: tuple) -> list[Step]:  # type: ignore[type-arg]
    """Make texts that are typed into a field, which is reached in another way each time."""
    told = {**where, "whole": whole, "then": end}
    ways = zip(("tap", "focus", "click"), words, then, strict=True)
    return [("type", {**told, "text": text, "reach": reach}, heard) for reach, text, heard in ways]


def dated(*then: str) -> list[Step]:
    """Make turns of a date's first part, reached in another way each time; Firefox gives it no role."""
    field = {"css": "input"}
    up = ("key", {"key": "ArrowUp"})
    return [
        ("press", {**field, "key": "ArrowUp"}, then[0]),
        ("click", {**field, "along": 0.06}, NOTHING),
        (*up, then[1]),
        ("tap", {**field, "along": 0.06}, NOTHING),
        (*up, then[2]),
    ]


def tagged(name: str, first: Any, *more: Any) -> list[Step]:
    """Make other tags."""
    heard = tuple([first, *more[:n]] for n in range(1, 4))
    field = {"role": "combobox", "name": f"Another {name}"}
    return typed(field, *map(str, more), end="Enter", whole=False, then=heard)


FIELD = {"role": "textbox", "name": "Kind"}
NUMBER = {"role": "spinbutton", "name": "Kind"}
ACTS: dict[str, list[Step]] = {
    "IntSlider": [drag(0.8, then=8), press("ArrowRight", "slider", then=9), swipe(0.2, then=2)],
    "FloatSlider": [swipe(0.98, then=1.0), press("ArrowLeft", "slider", then=0.75), drag(0.02, then=0.0)],
    "FloatLogSlider": [drag(0.98, then=1000.0), press("ArrowLeft", "slider", then=100.0), swipe(0, then=1.0)],
    "IntRangeSlider": [
        press("ArrowRight", "slider", "Kind, from", then=[3, 8]),
        drag(0.9, "Kind, to", then=[3, 9]),
        swipe(0.1, "Kind, from", then=[1, 9]),
    ],
    "FloatRangeSlider": [
        swipe(0.98, "Kind, to", then=[0.25, 1.0]),
        press("ArrowLeft", "slider", "Kind, from", then=[0.0, 1.0]),
        drag(0.5, "Kind, from", then=[0.5, 1.0]),
    ],
    "SelectionSlider": [
        drag(0.98, then="three"),
        press("ArrowLeft", "slider", then="two"),
        swipe(0.02, then="one"),
    ],
    "SelectionRangeSlider": [
        press("ArrowRight", "slider", "Kind, to", then=[0, 2]),
        drag(0.5, "Kind, from", then=[1, 2]),
        swipe(0.02, "Kind, from", then=[0, 2]),
    ],
    "IntText": [
        press("ArrowUp", "spinbutton", then=6),
        *typed(NUMBER, "8", "9", "7", end="Enter", then=(8, 9, 7)),
    ],
    "FloatText": typed(NUMBER, "1.5", "2.5", "3", end="Tab", then=(1.5, 2.5, 3.0)),
    "BoundedIntText": typed(NUMBER, "9", "2", "3", end="Enter", then=(6, 2, 3)),
    "BoundedFloatText": typed(NUMBER, "7", "0", "0.5", end="Tab", then=(1.0, 0.0, 0.5)),
    "Text": typed(FIELD, "b", "c", "d", then=("b", "c", "d")),
    "Text, when left": typed(FIELD, "bc", "de", "f", end="Tab", then=("bc", "de", "f")),
    "Password": typed({"css": "input"}, "b", "c", "d", then=("b", "c", "d")),
    "Textarea": typed(FIELD, "b", "c", "d", then=("b", "c", "d")),
    "Combobox": typed({"role": "combobox", "name": "Kind"}, "t", "o", "x", then=("t", "o", "x")),
    "Dropdown": [
        press("ArrowDown", "combobox", then="two"),
        # The list that opens is a window of Firefox's own, beyond the page: it is closed again.
        click("combobox", then=NOTHING),
        click("combobox", then=NOTHING),
        ("key", {"key": "ArrowDown"}, "three"),
        tap("combobox", then=NOTHING),
        tap("combobox", then=NOTHING),
        ("key", {"key": "Home"}, "one"),
    ],
    "Select": [
        press("ArrowDown", "listbox", then="two"),
        click("option", "three", then="three"),
        tap("option", "one", then="one"),
    ],
    "SelectMultiple": [
        click("option", "two", then=[1]),
        press("ArrowDown", "listbox", then=[2]),
        tap("option", "one", then=[0]),
    ],
    "RadioButtons": [
        press("ArrowDown", "radio", "one", then="two"),
        click("radio", "three", then="three"),
        tap("radio", "one", then="one"),
    ],
    "ToggleButtons": pressed("button", "two", "three", "one", then=("two", "three", "one")),
    "Checkbox": pressed("checkbox", *["Kind"] * 3, then=(True, False, True)),
    "ToggleButton": pressed("button", *["Kind"] * 3, then=(True, False, True)),
    "Button": pressed("button", *["Kind"] * 3, then=(1, 2, 3)),
    "Play": [
        tap("button", "Play", then=2),
        click("button", "Stop", then=0),
        press("Enter", "button", "Play", then=1),
    ],
    "ColorPicker": typed(FIELD, "#445566", "red", "#112233", end="Tab", then=("#445566", "red", "#112233")),
    "DatePicker": dated("2026-04-04", "2026-05-04", "2026-06-04"),
    "TimePicker": dated("13:30:00", "14:30:00", "15:30:00"),
    "NaiveDatetimePicker": dated("2026-04-04 12:30:00", "2026-05-04 12:30:00", "2026-06-04 12:30:00"),
    "DatetimePicker": dated(
        "2026-04-04 12:30:00+00:00", "2026-05-04 12:30:00+00:00", "2026-06-04 12:30:00+00:00"
    ),
    "TagsInput": tagged("tag", "a", "b", "c", "d"),
    "ColorsInput": tagged("colour", "red", "blue", "green", "gold"),
    "IntsInput": tagged("number", 1, 2, 3, 4),
    "FloatsInput": tagged("number", 1.5, 2.5, 3.5, 4.5),
    "FileUpload": [
        (
            "choose",
            {"role": "button", "name": f"Upload ({min(n, 1)})", "file": str(FILES[n % 2]), "reach": reach},
            [[FILES[n % 2].name, FILES[n % 2].read_text(encoding="utf-8")]],
        )
        for n, reach in enumerate(("click", "focus", "tap"))
    ],
    "Tab": [
        click("tab", "Second", then=1),
        tap("tab", "First", then=0),
        press("ArrowRight", "tab", "First", then=NOTHING),
        ("key", {"key": "Enter"}, 1),
    ],
    "Accordion": pressed("button", "First", "Second", "Second", then=(0, 1, None)),
    "in a Tab": [press("ArrowRight", "slider", then=6), drag(0.8, then=8), swipe(0.2, then=2)],
    "Output": [swipe(0.8, then=8), press("ArrowRight", "slider", then=9), drag(0.2, then=2)],
}
#: By which acts a reader does something with which device.
BY = {
    "keyboard": {"press", "focus"},
    "mouse": {"click", "drag"},
    "touch": {"tap", "swipe"},
}


@pytest.fixture(scope="module")
def firefox() -> Iterator[Firefox]:
    with start_firefox() as running:
        assert running.version.startswith("firefox/")
        yield running


def last(name: str) -> str:
    """Give the script for what a cell's kernel has heard at last."""
    return (
        f"JSON.parse(document.querySelector(`live-cell[cell='{cell_id(name)}'] .my-told`).textContent).at(-1)"
    )


def of_cell(name: str, script: str) -> str:
    return f"document.querySelector(`live-cell[cell='{cell_id(name)}']`).{script}"


def sessions(site: Site) -> int:
    return int(json.loads(site.get("/healthz").body)["sessions"])


def test_each_kind_is_used_by_keyboard_mouse_and_touch() -> None:
    assert set(CONTROLS) - set(ACTS) == {"interact"}
    used = {name: {told.get("reach", act) for act, told, _ in steps} for name, steps in ACTS.items()}
    without = {name: [by for by, acts in BY.items() if not acts & used[name]] for name in ACTS}
    assert {name: ways for name, ways in without.items() if ways} == {}


@pytest.mark.parametrize("post", ["controls", "shown", "every-widget", *PACKAGES])
def test_at_rest_all_is_there_as_in_chromium(
    browser: Browser, firefox: Firefox, kinds_site: Site, post: str
) -> None:
    wait_until(lambda: sessions(kinds_site) == 0, "readers of other tests have gone", patience=120)
    url = f"{kinds_site.url}/posts/{post}/"
    page = browser.new_page()
    page.goto(url)
    firefox.do("open", url=url)
    for one in page.locator("live-cell").all():
        one.scroll_into_view_if_needed()
        expect(one.locator(".live-widgets").first).to_be_attached()
        firefox.do("near", cell=one.get_attribute("cell"))
    shown = page.evaluate(SHOWN)
    page.close()
    assert len(shown)
    firefox.do("until", script=SHOWN, value=shown)
    assert firefox.do("faults") == []
    assert sessions(kinds_site) == 0


@pytest.mark.parametrize("name", ACTS)
def test_a_kernel_hears_what_a_reader_does(firefox: Firefox, kinds_site: Site, name: str) -> None:
    firefox.do("open", url=f"{kinds_site.url}/posts/controls/")
    firefox.do("near", cell=cell_id(name))
    for act, told, heard in ACTS[name]:
        firefox.do(act, cell=cell_id(name), **told)
        if heard is not NOTHING:
            firefox.do("until", script=last(name), value=heard)
            firefox.do("until", script=of_cell(name, "dataset.state"), value="live")
    assert firefox.do("faults") == []
    wait_until(lambda: sessions(kinds_site) == 1, "one session")


def test_interact_prints_anew(firefox: Firefox, kinds_site: Site) -> None:
    firefox.do("open", url=f"{kinds_site.url}/posts/controls/")
    firefox.do("near", cell="interact")
    for value in (6, 7):
        firefox.do("press", cell="interact", key="ArrowRight", role="slider", name="Kind")
        printed = of_cell("interact", "querySelector('.live-text').textContent")
        firefox.do("until", script=printed, value=f"twice is {2 * value}\n")
    assert firefox.do("faults") == []


#: What a reader does to a widget of another package, and the words that its kernel answers with.
ELSEWHERE: dict[str, tuple[list[tuple[str, dict[str, Any]]], str]] = {
    "anywidget": (
        [(act, {"role": "button", "name": "Add"}) for act in ("click", "tap")],
        "twice is 6",
    ),
    "bqplot": (
        [
            ("click", {"css": "button[title=PanZoom]"}),
            ("pull", {"css": ".bqplot", "start": [200, 150], "end": [150, 150]}),
        ],
        "moved",
    ),
    "ipympl": (
        [
            ("click", {"css": 'button[title^="Zoom"]'}),
            ("pull", {"css": "canvas:last-of-type", "start": [30, 30], "end": [120, 110]}),
        ],
        "zoomed",
    ),
    "plotly": ([("pull", {"css": ".nsewdrag", "start": [30, 30], "end": [120, 110]})], "zoomed"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_widget_of_another_package_is_used(firefox: Firefox, kinds_site: Site, name: str) -> None:
    firefox.do("open", url=f"{kinds_site.url}/posts/{name}/")
    firefox.do("near", cell=name)
    acts, words = ELSEWHERE[name]
    for act, told in acts:
        firefox.do(act, cell=name, **told)
    answered = of_cell(name, f"querySelector('.live-stage').textContent.includes({json.dumps(words)})")
    firefox.do("until", script=answered, value=True)
    assert firefox.do("faults") == []
