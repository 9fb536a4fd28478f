"""A real live server in a process of its own, with notebooks made by the test."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import psutil

#: Enough for the tests' own figures; py4DSTEM takes seconds.
LIBRARIES = "numpy,PIL.Image,ipywidgets"

FIGURE = """\
import io
import numpy as np
from PIL import Image as Picture
import ipywidgets as widgets

y, x = np.indices((96, 96)) - 48
radius = np.hypot(x, y)
angle = widgets.IntSlider(value=20, min=0, max=48, step=4, description="Outer angle")
image = widgets.Image(format="png", width=192, height=192)
count = widgets.Label()


def draw(change=None):
    mask = radius < angle.value
    stream = io.BytesIO()
    Picture.fromarray(np.where(mask, 255, 20).astype("uint8")).save(stream, "png")
    image.value = stream.getvalue()
    count.value = f"{mask.sum()} pixels"


angle.observe(draw, "value")
draw()
widgets.VBox([image, angle, count])
"""


def notebook(
    *cells: tuple[str, ...], kernel: str = "python3", language: str = "python"
) -> nbformat.NotebookNode:
    """Give a notebook of cells ``(source, tag, …)``; a source that begins with ``md:`` is Markdown."""
    made = []
    for number, (source, *tags) in enumerate(cells):
        if source.startswith("md:"):
            cell = nbformat.v4.new_markdown_cell(source.removeprefix("md:"))
        else:
            cell = nbformat.v4.new_code_cell(source, metadata={"tags": tags} if tags else {})
        cell["id"] = f"cell-{number}"
        made.append(cell)
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel, "language": language}}
    return nbformat.v4.new_notebook(cells=made, metadata=metadata)


def write_notebooks(
    root: Path, notebooks: Mapping[str, nbformat.NotebookNode], forks: Mapping[str, str] | None = None
) -> Path:
    """Write ``{"posts/slug": notebook}`` and the index that a build would write; give its path.

    ``forks`` are the authors' choices of what is run before the fork.
    """
    listed: dict[str, Any] = {}
    for key, node in notebooks.items():
        path = root / "notebooks" / f"{key}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(node, path)
        numbered = enumerate(node.cells, 1)
        live = {cell["id"]: n for n, cell in numbered if "live" in cell.metadata.get("tags", [])}
        listed[key] = {"path": f"{key}.ipynb", "title": key.rpartition("/")[2].title(), "cells": live}
        if forks and key in forks:
            listed[key]["fork"] = forks[key]
    index = root / "live.json"
    index.write_text(json.dumps({"notebooks": listed}))
    return index


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], Any], seconds: float = 60, what: str = "the condition") -> Any:
    """Give the condition's first true value; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not come true within {seconds} s"
        time.sleep(0.05)
    return value


def kernel_of(page: str) -> str:
    """Give the id of the kernel that a page was sent with."""
    found = re.search(r'data-live-kernel="[^"]*/([0-9a-f-]{36})"', page)
    assert found, page
    return found[1]


@dataclass
class LiveProcess:
    """A running server, and a browser that asks it. ``origin`` is what that calls it.

    ``cookie`` is what it last got for its name; :meth:`another_browser` has none yet.
    """

    process: subprocess.Popen[bytes]
    port: int
    root: Path
    log: Path
    cookie: str = ""

    def another_browser(self) -> LiveProcess:
        return replace(self, cookie="")

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, dict[str, str], str]:
        """Give status, headers and text of an answer; never raises for a status."""
        sent = body if method in {"POST", "PUT", "PATCH"} else None
        request = urllib.request.Request(  # noqa: S310
            self.origin + path, data=sent, method=method, headers=dict(headers or {})
        )
        try:
            answer = urllib.request.urlopen(request, timeout=60)  # noqa: S310
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, dict(answer.headers), answer.read().decode()

    def own(self, **more: str) -> dict[str, str]:
        """Give the headers by which a request comes from the site's own page in this browser."""
        sent = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {**sent, **({"Cookie": self.cookie} if self.cookie else {}), **named}

    def token(self, **more: str) -> str:
        """Give a token, and keep the cookie that comes with it."""
        status, headers, text = self.ask("/live/token", "POST", self.own(**more))
        assert status == 200, text
        self.cookie = headers["Set-Cookie"].partition(";")[0]
        token: str = json.loads(text)["token"]
        return token

    def start(self, path: str, **more: str) -> tuple[int, dict[str, str], str]:
        """Start a session as the site's own page does: a token first, then a form."""
        form = urllib.parse.urlencode({"token": self.token(**more)}).encode()
        return self.ask(path, "POST", self.own(**more), form)

    def end(self, kernel: str) -> int:
        """End a session as a page that closes does; give the status."""
        return self.ask(f"/live/voila/api/shutdown/{kernel}", "POST", self.own())[0]

    def sessions(self) -> int:
        return int(json.loads(self.ask("/live/healthz")[2])["sessions"])

    def kernels(self) -> list[psutil.Process]:
        """Give the kernels that run, without those that have ended and wait to be reaped."""
        return [process for process in self.processes() if _is_kernel(process)]

    def empty(self) -> None:
        """Kill every reader's kernel, and wait until the server has noticed."""
        for kernel in self.kernels():
            with suppress(psutil.NoSuchProcess):
                kernel.kill()
        wait_for(lambda: self.sessions() == 0, what="an empty server")

    def processes(self) -> list[psutil.Process]:
        """Give everything below the command, without what has ended and waits to be reaped."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if _runs(child)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_kernel(process: psutil.Process) -> bool:
    """Say whether a process is a reader's kernel, forked or a program of its own."""
    try:
        return process.name() == "kernel" or "ipykernel_launcher" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def stock_server(root: Path, *options: str) -> AbstractContextManager[LiveProcess]:
    """Serve with kernels that are programs of their own, each of which runs the whole notebook."""
    return live_server(root, "--engine", "stock", *options)


@contextmanager
def live_server(root: Path, *options: str) -> Iterator[LiveProcess]:
    """Serve ``root/notebooks`` by ``root/live.json`` until the block ends."""
    port = free_port()
    log = root / "live.log"
    command = [sys.executable, "-m", "livekernel", "--port", str(port)]
    command += ["--notebooks", str(root / "notebooks"), "--index", str(root / "live.json")]
    command += ["--libraries", LIBRARIES, *options]
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
    state = {name: str(root / "state" / name.lower()) for name in folders}
    environment = {**os.environ, **state, "LIVEKERNEL_TEST_SECRET": "not for readers"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
    running = LiveProcess(process, port, root, log)

    def is_up() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return running.ask("/live/healthz")[0] == 200
        except OSError:
            return False

    try:
        wait_for(is_up, what="the live server")
        yield running
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
