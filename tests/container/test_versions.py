"""The oldest Compose that the file is written for, and what is left when a site is taken down."""

from __future__ import annotations

import pytest
from blog.system import provide
from blog.testing import COMPOSE_V1
from container.conftest import Stack, brought_up
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
