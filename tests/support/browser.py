"""The browser that tests drive: ``browser`` is to be imported by the conftest of their folder."""

from collections.abc import Iterator

import pytest
from blog.system import CHROMIUM, find
from playwright.sync_api import Browser, expect, sync_playwright

# Root can't use Chromium's sandbox; the others keep it from asking its maker's hosts for things.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# Importing py4DSTEM in a reader's stock kernel takes long on a machine that does other things too.
expect.set_options(timeout=90_000)


# Playwright keeps an event loop in the test's own thread while it lives, in which no other can run: one
# browser for each module, so that it is gone when tests of other folders come.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's own Chromium, without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(CHROMIUM), args=list(ARGUMENTS))
        yield browser
        browser.close()
