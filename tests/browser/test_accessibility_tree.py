"""What assistive technology is told of each kind of control: Chromium's accessibility tree, at rest and live.

A control is found by its role and its name, is focused, and takes a key; what the tree says of it changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from support.every_kind import CONTROLS, cell_id
from support.processes import wait_until
from support.site import Site


@dataclass(frozen=True)
class Told:
    """What the tree tells of one control; ``key`` is pressed on it, and ``after`` is what it tells then.

    ``value`` is among what is told.
    """

    role: str
    name: str
    at_rest: dict[str, Any]
    key: str = ""
    after: dict[str, Any] | None = None


def slider(
    text: str, later: str, most: float, *, least: float = 0, name: str = "Kind", key: str = "ArrowRight"
) -> Told:
    told = {"orientation": "horizontal", "valuemin": least, "valuemax": most, "focusable": True}
    return Told("slider", name, {**told, "valuetext": text}, key, {**told, "valuetext": later})


def field(value: str, later: str, *, role: str = "textbox", name: str = "Kind", **more: Any) -> Told:
    return Told(role, name, {"value": value, "focusable": True, **more}, "b", {"value": later})


def number(value: Any, later: Any, **more: Any) -> Told:
    return Told("spinbutton", "Kind", {"value": value, **more}, "ArrowUp", {"value": later, **more})


def stated(role: str, name: str, state: str, before: Any, after: Any, key: str = "Enter") -> Told:
    return Told(role, name, {state: before, "focusable": True}, key, {state: after})


def only(role: str, name: str, **told: Any) -> Told:
    """Make one that no key changes."""
    return Told(role, name, told)


DATE = "2026-03-04"
TELLS: dict[str, list[Told]] = {
    "IntSlider": [slider("5", "6", 10)],
    "FloatSlider": [slider("0.50", "0.75", 1)],
    "FloatLogSlider": [slider("10.0", "100", 3)],
    "IntRangeSlider": [
        slider("2", "3", 8, name="Kind, from"),
        only("slider", "Kind, to", valuetext="8", valuemax=10),
    ],
    "FloatRangeSlider": [
        only("slider", "Kind, from", valuetext="0.25", valuemin=0),
        only("slider", "Kind, to", valuetext="0.75", valuemax=1),
    ],
    "SelectionSlider": [slider("one", "two", 2)],
    "SelectionRangeSlider": [
        only("slider", "Kind, from", valuetext="one"),
        Told("slider", "Kind, to", {"valuetext": "two"}, "ArrowRight", {"valuetext": "three"}),
    ],
    "IntText": [number(5, 6)],
    "FloatText": [number(0.5, 0.75)],
    "BoundedIntText": [number(5, 6, valuemin=0, valuemax=6)],
    "BoundedFloatText": [number(0.5, 1, valuemin=0, valuemax=1)],
    "Text": [field("a", "ab", multiline=False)],
    "Text, when left": [field("a", "ab", multiline=False)],
    "Password": [field("•", "••")],
    "Textarea": [field("a", "ab", multiline=True)],
    "Combobox": [Told("combobox", "Kind", {"focusable": True, "autocomplete": "list"}, "b", {"value": "b"})],
    "Dropdown": [Told("combobox", "Kind", {"value": "one"}, "ArrowDown", {"value": "two"})],
    "Select": [
        only("listbox", "Kind", multiselectable=False),
        stated("option", "two", "selected", False, True, "ArrowDown"),
    ],
    "SelectMultiple": [
        only("listbox", "Kind", multiselectable=True),
        stated("option", "two", "selected", False, True, "ArrowDown"),
    ],
    "RadioButtons": [
        only("radiogroup", "Kind"),
        only("radio", "one", checked="true"),
        stated("radio", "two", "checked", "false", "true", "Space"),
    ],
    "ToggleButtons": [
        only("group", "Kind"),
        only("button", "one", pressed="true"),
        stated("button", "two", "pressed", "false", "true"),
    ],
    "Checkbox": [stated("checkbox", "Kind", "checked", "false", "true", "Space")],
    "ToggleButton": [stated("button", "Kind", "pressed", "false", "true")],
    "Button": [Told("button", "Kind", {"focusable": True}, "Enter", {"focusable": True})],
    "Play": [
        only("button", "Stop"),
        only("button", "Repeat"),
        Told("button", "Play", {"focusable": True}, "Enter", {"focusable": True}),
    ],
    "ColorPicker": [
        only("ColorWell", "Kind colour", value="#112233"),
        only("textbox", "Kind", value="#112233", focusable=True),
    ],
    "DatePicker": [Told("Date", "Kind", {"value": DATE}, "ArrowUp", {"value": "2026-04-04"})],
    "TimePicker": [Told("InputTime", "Kind", {"value": "12:30"}, "ArrowUp", {"value": "13:30"})],
    "NaiveDatetimePicker": [
        Told("DateTime", "Kind", {"value": f"{DATE}T12:30"}, "ArrowUp", {"value": "2026-04-04T12:30"})
    ],
    "DatetimePicker": [
        Told("DateTime", "Kind", {"value": f"{DATE}T12:30"}, "ArrowUp", {"value": "2026-04-04T12:30"})
    ],
    "TagsInput": [Told("combobox", "Another tag", {"focusable": True}, "b", {"value": "b"})],
    "ColorsInput": [Told("combobox", "Another colour", {"focusable": True}, "b", {"value": "b"})],
    "IntsInput": [Told("combobox", "Another number", {"focusable": True}, "2", {"value": "2"})],
    "FloatsInput": [Told("combobox", "Another number", {"focusable": True}, "2", {"value": "2"})],
    "FileUpload": [only("button", "Upload (0)", focusable=True)],
    "Tab": [
        only("tablist", ""),
        only("tab", "First", selected=True),
        stated("tab", "Second", "selected", False, True),
    ],
    "Accordion": [
        only("button", "First", expanded=False),
        stated("button", "Second", "expanded", False, True),
    ],
    "in a Tab": [only("tab", "First", selected=True), slider("5", "6", 10)],
    "interact": [slider("5", "6", 10)],
    "Output": [slider("5", "6", 10)],
}
#: What is typed into these fields is no value yet.
SILENT = {"Text, when left", "TagsInput", "ColorsInput", "IntsInput", "FloatsInput"}


class Tree:
    """The accessibility tree of a figure."""

    def __init__(self, tools: CDPSession, cell: str) -> None:
        self._tools = tools
        found = tools.send(
            "Runtime.evaluate",
            {"expression": f"document.querySelector(`live-cell[cell='{cell}'] .live-stage`)"},
        )
        self._figure = {"objectId": found["result"]["objectId"]}

    def find(self, one: Told) -> dict[str, Any] | None:
        """Give what is told of a control that is heard; the one by its role and name."""
        told = {**self._figure, "role": one.role, "accessibleName": one.name}
        nodes = [
            node
            for node in self._tools.send("Accessibility.queryAXTree", told)["nodes"]
            if not node["ignored"]
        ]
        assert len(nodes) <= 1, nodes
        return nodes[0] if nodes else None

    def told(self, one: Told, keys: dict[str, Any]) -> dict[str, Any]:
        """Give what the tree tells of these."""
        node = self.find(one) or {}
        told = {given["name"]: given["value"].get("value") for given in node.get("properties", ())}
        told["value"] = node.get("value", {}).get("value")
        return {key: _number(told.get(key)) for key in keys}

    def focus(self, one: Told) -> None:
        """Focus a control by the node of the tree, as assistive technology does; an option's is its list."""
        node = self.find(one)
        assert node
        element = self._tools.send("DOM.resolveNode", {"backendNodeId": node["backendDOMNodeId"]})
        script = "function () { (this.closest('select') ?? this).focus(); }"
        self._tools.send(
            "Runtime.callFunctionOn",
            {"objectId": element["object"]["objectId"], "functionDeclaration": script},
        )


def _number(value: Any) -> Any:
    """Numbers are single floats in the tree; a field's value is text."""
    try:
        return round(float(value), 3) if not isinstance(value, bool) else value
    except (TypeError, ValueError):
        return value


@pytest.fixture(scope="module")
def page(browser: Browser, kinds_site: Site) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.goto(f"{kinds_site.url}/posts/controls/")
    yield page
    page.goto("about:blank")
    page.close()


@pytest.fixture(scope="module")
def tools(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def test_no_kind_is_left_out() -> None:
    assert set(TELLS) == set(CONTROLS)


def test_at_rest_the_tree_tells_of_each(page: Page, tools: CDPSession, kinds_site: Site) -> None:
    def sessions() -> int:
        return int(json.loads(kinds_site.get("/healthz").body)["sessions"])

    wait_until(lambda: sessions() == 0, "readers of other tests have gone", patience=120)
    wrong = {}
    for name, controls in TELLS.items():
        where = page.locator(f'live-cell[cell="{cell_id(name)}"]')
        where.scroll_into_view_if_needed()
        expect(where.locator(".live-widgets").first).to_be_attached()
        tree = Tree(tools, cell_id(name))
        for one in controls:
            expected = {key: _number(value) for key, value in one.at_rest.items()}
            told = tree.told(one, expected)
            if tree.find(one) is None or told != expected:
                wrong[f"{name}: {one.role} {one.name}"] = told
    assert wrong == {}
    assert sessions() == 0


@pytest.mark.parametrize(
    "name", [name for name, controls in TELLS.items() if any(one.key for one in controls)]
)
def test_live_it_tells_what_a_key_has_changed(page: Page, tools: CDPSession, name: str) -> None:
    where = page.locator(f'live-cell[cell="{cell_id(name)}"]')
    where.scroll_into_view_if_needed()
    expect(where.locator(".live-widgets").first).to_be_attached()
    tree = Tree(tools, cell_id(name))
    (one,) = (one for one in TELLS[name] if one.key)
    assert one.after
    tree.focus(one)
    if one.key == "b":
        page.keyboard.press("End")
    page.keyboard.press(one.key)
    expected = {key: _number(value) for key, value in one.after.items()}
    wait_until(
        lambda: tree.told(one, expected) == expected,
        str(expected),
        said=lambda: str(tree.told(one, expected)),
    )
    if name in SILENT:
        page.keyboard.press("Backspace")  # left with a word in it, the field would take the focus back
    else:
        expect(where).to_have_attribute("data-state", "live")
