"""The three images, built and brought up by Compose on an engine of the tests' own: once for them all."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.asking import Answer, ask
from support.browser import browser
from support.engine import Engine, base_image, running_engine
from support.site import free_port

__all__ = ["browser"]

ROOT = Path(__file__).parents[2]
TARGETS = ("site", "voila", "nginx")
#: Today's Compose, which comes as a wheel among the tests' packages.
COMPOSE = str(Path(sys.executable).parent / "docker-compose")


@dataclass(frozen=True)
class Stack:
    """The site as Compose runs it; asked at its published port."""

    engine: Engine
    port: int
    compose: str = COMPOSE
    project: str = "blog"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Ask at the published port."""
        return ask(self.port, path, method, body, **headers)

    def run(self, *arguments: str) -> str:
        """Run Compose, and give what it said on standard output."""
        command = [self.compose, "--project-name", self.project, *arguments]
        environment = self.engine.environment | {
            "BLOG_PORT": f"127.0.0.1:{self.port}",
            "BLOG_PYTHON": "debian",
        }
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}{self.logs()}"
        return done.stdout

    def container(self, service: str) -> str:
        """Give the id of a service's container."""
        labels = {"project": self.project, "service": service}
        filters = [word for name, value in labels.items() for word in ("--filter", _label(name, value))]
        return self.engine.docker("ps", "-aq", *filters).stdout.strip()

    def inspect(self, service: str) -> dict:
        """Give all that the engine knows of a service's container."""
        return json.loads(self.engine.docker("inspect", self.container(service)).stdout)[0]

    def execute(self, service: str, *command: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run a command in a service's container, as the user that it runs as."""
        return self.engine.docker("exec", self.container(service), *command, check=check)

    def python(self, service: str, code: str) -> str:
        """Run Python code in a service's container and give what it printed."""
        return self.execute(service, "python", "-c", code).stdout.strip()

    def gateway(self, network: str) -> str:
        """Give this machine's address on one of the stack's networks."""
        found = self.engine.docker("network", "inspect", f"{self.project}_{network}").stdout
        gateway: str = json.loads(found)[0]["IPAM"]["Config"][0]["Gateway"]
        return gateway

    def log(self, service: str) -> str:
        """Give all that a service has said."""
        done = self.engine.docker("logs", self.container(service))
        return done.stdout + done.stderr

    def logs(self) -> str:
        """Give what all have said, for a failure's message."""
        return "\n".join(f"--- {name}\n{self.log(name)[-3000:]}" for name in TARGETS if self.container(name))


def _label(name: str, value: str) -> str:
    return f"label=com.docker.compose.{name}={value}"


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    # pytest's own folders have too long a name for a socket.
    with tempfile.TemporaryDirectory(prefix="engine") as folder, running_engine(Path(folder)) as engine:
        yield engine


@pytest.fixture(scope="session")
def images(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine with the three images in it, made as Compose would make them."""
    base_image(engine, tmp_path_factory.mktemp("base"))
    for target in TARGETS:
        # This Compose would build with a plugin that Debian's client does not have.
        options = ("--network", "host", "--build-arg", "PYTHON=debian", "--target", target)
        engine.docker("build", *options, "--tag", f"notebook-blog-{target}:latest", str(ROOT))
    return engine


@contextmanager
def brought_up(stack: Stack, *options: str) -> Iterator[Stack]:
    """Bring a stack up from the images that are there, and take all of it down after use."""
    try:
        stack.run("up", "--detach", "--no-build", *options)
        yield stack
    finally:
        stack.run("down", "--volumes", "--timeout", "10")


@pytest.fixture(scope="session")
def stack(images: Engine) -> Iterator[Stack]:
    """The whole site, up and healthy."""
    with brought_up(Stack(images, free_port()), "--wait") as stack:
        yield stack


def sizes(engine: Engine) -> dict[str, float]:
    """Give the images' sizes in MB."""
    names: Sequence[str] = [f"notebook-blog-{target}:latest" for target in TARGETS]
    found = engine.docker("image", "inspect", "--format", "{{.Size}}", *names).stdout.split()
    return {target: int(size) / 1e6 for target, size in zip(TARGETS, found, strict=True)}
