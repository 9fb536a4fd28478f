"""Widgets of other packages in a real browser: their own front ends' messages pass, and the page follows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from livekernel.index import ALL, WARM
from playwright.sync_api import Browser
from support.live_server import LiveProcess, live_server, notebook, wait_for, write_notebooks
from support.other_widgets import KINDS

WAYS = {"all": ALL, "warm": WARM}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    notebooks = {f"posts/{kind}-{way}": notebook((KINDS[kind][0], "live")) for kind in KINDS for way in WAYS}
    write_notebooks(root, notebooks, {key: WAYS[key.rpartition("-")[2]] for key in notebooks})
    with live_server(root) as running:
        yield running


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_widget_of_another_package_works(browser: Browser, live: LiveProcess, kind: str, way: str) -> None:
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live.origin}/live/render/posts/{kind}-{way}")
    page.get_by_role("button", name="Run live").click()
    try:
        KINDS[kind][1](page)
    finally:
        page.goto("about:blank")  # the page says goodbye, as when a reader leaves
        page.close()
    wait_for(lambda: live.sessions() == 0, what="the end of the session")
    assert faults == []
    assert "Dropped" not in live.log.read_text()
