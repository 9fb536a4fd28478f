"""A whole running site, as a reader meets it: ``blog up`` on notebooks of the test's choice.

``running_site`` (one for all tests of a session) serves the project's own notebooks; ``start_site``
serves others, or in another way.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from support.asking import Answer, ask
from support.processes import marked, wait_until

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from blog.cli import main; main()")

#: Seconds for a start: a first build on a machine with something else to do.
START = 240


def free_port() -> int:
    """Give a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@dataclass
class Site:
    """A running ``blog up``; ``url`` has no slash at its end."""

    process: subprocess.Popen
    notebooks: Path
    state: Path
    port: int
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Ask as :func:`support.asking.ask` does."""
        return ask(self.port, path, method, body, **headers)

    def is_up(self) -> bool:
        """Tell whether every service says that it is ready."""
        with suppress(OSError, http.client.HTTPException):
            return self.get("/healthz").status == 200
        return False

    def said(self) -> str:
        """Give what the command has printed so far."""
        return self.output.read_text(errors="replace")

    def service(self, name: str) -> psutil.Process:
        """Give the main process of ``nginx``, ``gunicorn`` or ``livekernel``."""
        found = self.services(name)
        assert len(found) == 1, f"{name}: {found}\n{self.said()}"
        return found[0]

    def services(self, name: str) -> list[psutil.Process]:
        """Give what runs as a service at this moment: nothing while it is being started again."""
        found = []
        for child in psutil.Process(self.supervisor()).children():
            with suppress(psutil.Error):  # it has just ended
                if name in " ".join(child.cmdline()):
                    found.append(child)
        return found

    def supervisor(self) -> int:
        (child,) = psutil.Process(self.process.pid).children()
        return child.pid

    def left(self) -> list[psutil.Process]:
        """Give every process in the system that belongs to this site, whoever its parent is."""
        return marked(str(self.state))

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it as a user would, and give its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)


def launch(notebooks: Path, state: Path, port: int | None = None, *more: str) -> Site:
    """Start ``blog up`` and come back at once."""
    port = port or free_port()
    state.parent.mkdir(parents=True, exist_ok=True)
    output = state.parent / f"{state.name}.output"
    options: Sequence[str] = (
        *("--notebooks", str(notebooks)),
        *("--state", str(state)),
        *("--port", str(port)),
        *more,
    )
    # Every process of the site has the state folder in its environment, by this or its own settings.
    environment = {**os.environ, "BLOG_TEST_STATE": str(state)}
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [*COMMAND, "up", *options],
            stdout=stream,
            stderr=stream,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
    return Site(process, notebooks, state, port, output)


@contextmanager
def start_site(notebooks: Path, state: Path, port: int | None = None, *more: str) -> Iterator[Site]:
    """Start a site, wait until it says that a reader could use it, and end it after use."""
    site = launch(notebooks, state, port, *more)
    try:
        wait_until(
            lambda: site.process.poll() is not None or re.search(r"The blog is at (\S+)", site.said()),
            "the site is up",
            START,
            site.said,
        )
        assert site.process.poll() is None, site.said()
        yield site
    finally:
        try:
            site.end()
        finally:
            for process in site.left():
                with suppress(psutil.Error):
                    process.kill()


@pytest.fixture(scope="session")
def running_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The project's own notebooks, served for the whole session."""
    with start_site(ROOT / "notebooks", tmp_path_factory.mktemp("site") / "state") as site:
        yield site
