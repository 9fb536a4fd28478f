"""The two servers that are compared, and the whole site: each in a process of its own until a block ends."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import notebook, processes
from benchmarks.reader import Address, GoneError, Reader
from benchmarks.toucher import Toucher

LIVE = "/live/"
START = 180.0
"""Seconds that a server has to get ready."""

STOP = 30.0
"""Seconds that a server has to end, with all that it has started."""

_FOLDERS = {
    "HOME": "",
    "IPYTHONDIR": "ipython",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "MPLCONFIGDIR": "matplotlib",
    "TMPDIR": "t",  # so that all goes with the run's folder; short, as sockets lie below it
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its main process, and how a reader comes in."""

    pid: int
    address: Address
    log: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def reader(self) -> Reader:
        """Give a reader who has not come yet.

        Each has a loopback address of its own, as readers have: the live server lets so many in from one
        address, and so many within a minute.
        """
        return Reader(self._next())

    def toucher(self) -> Toucher:
        """Give a reader who touches the figure in its post."""
        return Toucher(self._next())

    def _next(self) -> Address:
        number = next(self._numbers)
        return replace(self.address, source=f"127.0.{1 + number // 250}.{1 + number % 250}")


@contextmanager
def stock(path: Path, *, port: int, bytecode: bool = True, wrapper: Sequence[str] = ()) -> Iterator[Server]:
    """Run stock Voila on a notebook: its defaults, but no browser, and the port it was told.

    ``wrapper`` is put before the command. Without ``bytecode`` no compiled module is found.
    """
    command = [str(Path(sys.executable).parent / "voila"), str(path)]
    command += ["--no-browser", f"--port={port}", "--Voila.port_retries=0"]
    # Any page but static files starts a kernel.
    url = f"http://127.0.0.1:{port}/static/x"
    with _running("stock", [*wrapper, *command], path.parents[2], url, bytecode) as run:
        yield Server(run[0], Address(port), run[1])


@contextmanager
def ours(
    path: Path, *, port: int, kernels: int, engine: str | None, bytecode: bool = True
) -> Iterator[Server]:
    """Run the live server of this checkout on the folder of a notebook; ``engine`` is its --engine."""
    root = path.parents[2]
    command = [sys.executable, "-m", "livekernel", "--port", str(port), "--kernels", str(kernels)]
    command += ["--notebooks", str(path.parents[1]), "--index", str(root / "live.json")]
    if engine is not None:
        command += ["--engine", engine]
    with _running("ours", command, root, f"http://127.0.0.1:{port}{LIVE}healthz", bytecode) as run:
        yield Server(run[0], _own_address(port), run[1])


@contextmanager
def site(path: Path, *, port: int, bytecode: bool = True, wrapper: Sequence[str] = ()) -> Iterator[Server]:
    """Run ``blog up`` on the folder of a notebook: nginx, Gunicorn and the live server."""
    root = path.parents[2]
    main = "from blog.cli import main; main()"
    command = [sys.executable, "-c", main, "up", "--notebooks", str(path.parents[1])]
    command += ["--state", str(root / "site"), "--port", str(port)]
    url = f"http://127.0.0.1:{port}/healthz"
    with _running("site", [*wrapper, *command], root, url, bytecode) as run:
        yield Server(run[0], _own_address(port), run[1])


def warm_up(server: Server) -> None:
    """Send a reader whom nobody measures: templates are read and parents warmed at the first request."""
    with server.reader() as reader:
        reader.open()
        reader.connect()


def free_port() -> int:
    """Give a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(folder: Path, *, bytecode: bool = True) -> Mapping[str, str]:
    """Give a clean environment: what a user has set up for Jupyter is not what is measured."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    folders = {name: str(folder / part) for name, part in _FOLDERS.items()}
    return {"LANG": "C.UTF-8", **kept, **folders, **({} if bytecode else uncompiled(folder))}


def uncompiled(folder: Path) -> Mapping[str, str]:
    """Give what makes Python find no compiled module, and write none."""
    return {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(folder / "none")}


def _own_address(port: int) -> Address:
    page = f"{LIVE}render/posts/{notebook.SLUG}?cell={notebook.LIVE_CELL}"
    return Address(port, page, LIVE, posts=True)


@contextmanager
def _running(
    name: str, command: Sequence[str], root: Path, url: str, bytecode: bool
) -> Iterator[tuple[int, Path]]:
    folder = root / f"state-{name}"
    (folder / _FOLDERS["TMPDIR"]).mkdir(parents=True, exist_ok=True)
    log = root / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env=environment(folder, bytecode=bytecode),
            cwd=folder,
            # Ctrl-C is for the benchmark, which then ends its servers in their order.
            process_group=0,
        )
    try:
        _wait(process, url, log)
        yield process.pid, log
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a server as its operator would, then whatever it has left behind."""
    below = processes.below(process.pid)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        below += processes.below(process.pid)
        process.kill()
        process.wait()
    processes.end(below)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _answers(url):
            return
        time.sleep(0.1)
    raise GoneError(f"{url} did not get ready; its log ends with:\n{log.read_text(errors='replace')[-2000:]}")


def _answers(url: str) -> bool:
    """Tell whether there is an answer; one that something is not there is one, a 503 is none."""
    try:
        with urllib.request.urlopen(url, timeout=10):  # noqa: S310  (a URL of our own)
            return True
    except urllib.error.HTTPError as error:
        with error:
            return error.code < 500
    except OSError:
        return False
