"""The oldest Compose that the file is written for, and what is left when a site is taken down."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import Any

import pytest
import yaml
from blog.system import provide
from blog.testing import COMPOSE_V1
from container.conftest import COMPOSE, ROOT, Stack, brought_up
from support.engine import Engine
from support.processes import wait_until
from support.site import free_port

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]


def test_compose_1_29_brings_it_up_and_takes_all_of_it_down(images: Engine) -> None:
    stack = Stack(images, free_port(), provide(COMPOSE_V1), "old")
    with brought_up(stack):
        wait_until(lambda: stack.get("/healthz").status == 200, "the site is up", 120, stack.logs)
        assert stack.get("/posts/virtual-detectors/").status == 200
    assert images.docker("ps", "-aq", "--filter", "name=old").stdout == ""
    assert images.docker("network", "ls", "-q", "--filter", "name=old").stdout == ""


def resolved(program: str) -> dict[str, Any]:
    """Give what a Compose makes of the file with no setting at all."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BLOG_")}
    done = subprocess.run(
        [program, "config"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return yaml.safe_load(done.stdout)


def bytes_of(limit: str | int) -> int:
    text = str(limit)
    return int(text.removesuffix("m")) << 20 if text.endswith("m") else int(text)


def published(port: str | dict[str, Any]) -> tuple[str, int]:
    if isinstance(port, dict):
        return str(port["published"]), port["target"]
    outer, _, inner = port.removesuffix("/tcp").rpartition(":")
    return outer, int(inner)


def words(command: str | list[str] | None) -> list[str]:
    """Give a command as it is run: one version takes the line apart, the other leaves it to the engine."""
    return shlex.split(command) if isinstance(command, str) else command or []


def test_both_versions_read_the_same_in_the_file() -> None:
    new, old = resolved(COMPOSE), resolved(provide(COMPOSE_V1))
    assert set(new["services"]) == set(old["services"])
    for name, service in new["services"].items():
        other = old["services"][name]
        for key in ("image", "read_only", "cap_drop", "security_opt", "init", "restart", "tmpfs", "logging"):
            assert service.get(key) == other.get(key), (name, key)
        for key in ("environment", "pids_limit", "cpu_shares"):
            assert service.get(key) == other.get(key), (name, key)
        assert words(service.get("command")) == words(other.get("command"))
        assert service["healthcheck"]["test"] == other["healthcheck"]["test"]
        assert bytes_of(service["mem_limit"]) == bytes_of(other["mem_limit"])
        assert set(service["networks"]) == set(other["networks"])
        ports = [[published(port) for port in found.get("ports", [])] for found in (service, other)]
        assert ports[0] == ports[1]
    for name, network in new["networks"].items():
        assert network.get("internal") == old["networks"][name].get("internal")
        assert network.get("driver_opts") == old["networks"][name].get("driver_opts")
