"""A real nginx with the project's configuration, before a stand-in site and a stand-in Voila."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from blog import proxy, system
from blog.assets import compressed
from support.processes import wait_until
from support.site import free_port

ROOT = Path(__file__).parents[2]
SUPPORT = Path(__file__).parents[1] / "support"

STYLE = "body { color: #123 }\n" * 200
POLICY = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        return self.headers[name]


@dataclass
class Front:
    """nginx and what stands behind it."""

    port: int
    state: Path
    counted: Path
    stack: ExitStack
    site: subprocess.Popen | None = field(default=None)

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Ask nginx as it is written: no client that cleans paths up or takes encodings by itself."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

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
        "static/photo.0123456789abcdef.png": "not really a picture",
        "errors/404.html": "<h1>the site's 404</h1>",
        "errors/500.html": "<h1>the site's 500</h1>",
        "errors/503.html": "<h1>the site's 503</h1>",
        ".build/live.json": "{}",
        "index.html": "a page that only the application serves",
    }
    for name, text in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for ending, content in compressed(name, text.encode()).items():
            path.with_name(path.name + ending).write_bytes(content)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    state = tmp_path_factory.mktemp("a state")  # with a space in it
    for folder in ("run", "cache"):
        (state / folder).mkdir()
    build(state / "site")
    (state / "counted").touch()
    with ExitStack() as stack:
        port_file = state / "voila.port"
        stack.enter_context(running([sys.executable, str(SUPPORT / "stand_in_voila.py"), str(port_file)]))
        wait_until(port_file.exists, "the stand-in for Voila listens")
        port = free_port()
        places = proxy.Proxy(f"127.0.0.1:{port}", "unix:run/site.sock", f"127.0.0.1:{port_file.read_text()}")
        command = proxy.prepare(system.provide(system.NGINX), ROOT / "nginx", state, places)
        made = Front(port, state, state / "counted", stack)
        made.start_site()
        stack.enter_context(running([*command], cwd=state))

        def answers() -> bool:
            with suppress(OSError):
                return made.get("/any/").status == 200
            return False

        wait_until(answers, "nginx and Gunicorn answer")
        yield made
