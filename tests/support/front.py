"""A real nginx with the project's configuration, before a stand-in site and a stand-in Voila."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from blog import proxy, system
from blog.assets import compressed
from blog.error_texts import ERRORS
from support.asking import Answer, ask
from support.processes import wait_until
from support.site import free_port

ROOT = Path(__file__).parents[2]
SUPPORT = Path(__file__).parent

STYLE = "body { color: #123 }\n" * 200
POLICY = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@dataclass
class Front:
    """nginx and what stands behind it."""

    address: str
    port: int
    inner: int
    state: Path
    counted: Path
    stack: ExitStack
    site: subprocess.Popen | None = field(default=None)
    voila: subprocess.Popen | None = field(default=None)

    def get(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        port: int | None = None,
        address: str = "",
        **headers: str,
    ) -> Answer:
        """Ask nginx as :func:`support.asking.ask` does."""
        return ask(port or self.port, path, method, body, address or self.address, **headers)

    def open(self, sent: bytes, address: str = "127.0.0.1") -> socket.socket:
        """Send bytes by a connection that stays open; who calls it closes it."""
        connection = socket.create_connection(("127.0.0.1", self.port), 30, (address, 0))
        connection.sendall(sent)
        return connection

    def raw(self, sent: bytes, address: str = "127.0.0.1") -> bytes:
        """Send bytes and give all that comes until the connection is closed; nothing if it just is."""
        with socket.create_connection(("127.0.0.1", self.port), 30, (address, 0)) as connection:
            received = b""
            with suppress(ConnectionError):  # what was not read makes the system reset it
                connection.sendall(sent)
                while more := connection.recv(65536):
                    received += more
            return received

    def said(self) -> str:
        """Give what nginx has written to stderr so far."""
        return (self.state / "nginx.stderr").read_text()

    def asked(self, path: str) -> int:
        """Tell how often the application was asked for a path."""
        return sum(line.split()[1] == path for line in self.counted.read_text().splitlines())

    def start_site(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "--bind", "unix:run/site.sock", "--no-control-socket"]
        self.site = self.stack.enter_context(
            running(
                [*command, "stand_in_site:application"],
                cwd=self.state,
                env={**os.environ, "PYTHONPATH": str(SUPPORT), "COUNTED": str(self.counted)},
            )
        )

    def stop_site(self) -> None:
        end(self.site)

    def stop_voila(self) -> None:
        end(self.voila)


@contextmanager
def running(command: list[str], **options) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def build(site: Path) -> None:
    """Write what a build would: assets and error pages with their compressed forms."""
    files = {
        "static/style.0123456789abcdef.css": STYLE,
        "static/figure.0123456789abcdef.svg": POLICY,
        "static/case-3-1.0123456789abcdef.html": "<p>a figure</p>",
        "static/frame-plotly.0123456789abcdef.js": "draw()",
        "static/photo.0123456789abcdef.png": "not really a picture",
        **{f"errors/{code}.html": f"<h1>the site's {code}</h1>" for code in ERRORS},
        ".build/live.json": "{}",
        "index.html": "a page that only the application serves",
    }
    for name, text in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for ending, content in compressed(name, text.encode()).items():
            path.with_name(path.name + ending).write_bytes(content)


@contextmanager
def standing(state: Path, address: str = "127.0.0.1", **options) -> Iterator[Front]:
    """Start all of it in a folder, for readers at ``address``.

    ``options`` are fields of :class:`blog.proxy.Proxy` to be others.
    """
    for folder in ("run", "cache"):
        (state / folder).mkdir(parents=True)
    build(state / "site")
    (state / "counted").touch()
    with ExitStack() as stack:
        port_file, voila = state / "voila.port", None
        if "voila" not in options:
            command = [sys.executable, str(SUPPORT / "stand_in_voila.py"), str(port_file)]
            voila = stack.enter_context(running(command))
            wait_until(port_file.exists, "the stand-in for Voila listens")
            options["voila"] = f"127.0.0.1:{port_file.read_text()}"
        port, inner = free_port(), free_port()
        given = {
            "listen": f"[{address}]:{port}" if ":" in address else f"{address}:{port}",
            "inner": f"127.0.0.1:{inner}",
            "site": "unix:run/site.sock",
            "names": ("blog.example", "one.example", "another.example", "localhost", "127.0.0.1", "[::1]"),
        }
        places = proxy.Proxy(**given | options)
        command = proxy.prepare(system.provide(system.NGINX), ROOT / "nginx", state, places)
        made = Front(address, port, inner, state, state / "counted", stack, voila=voila)
        made.start_site()
        stderr = stack.enter_context((state / "nginx.stderr").open("wb"))
        stack.enter_context(running([*command], cwd=state, stderr=stderr))

        def answers() -> bool:
            with suppress(OSError):
                return made.get("/any/").status in (200, 503)
            return False

        wait_until(answers, "nginx answers", said=made.said)
        if places.site == given["site"]:
            wait_until(lambda: made.get("/any/").status == 200, "Gunicorn answers")
        yield made
