"""Runs the tests of the checkout: sees to the browsers and nginx first, then hands over to pytest."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from blog.errors import UserError
from blog.system import CHROMIUM, FIREFOX, NGINX, Program, provide

#: Needed by the tests of the containers alone, which run Debian's engine as root.
ENGINE = Program(names=("dockerd",), debian=("docker.io",), commands={}, service="docker")
DEBOOTSTRAP = Program(names=("debootstrap",), debian=("debootstrap",), commands={})
#: The oldest Compose that is promised to do; by its path, for today's has the same name.
COMPOSE_V1 = Program(names=("/usr/bin/docker-compose",), debian=("docker-compose",), commands={})

MOST_WORKERS = 4
"""Each has servers, kernels and a browser of its own, some 2 GB of memory at most."""


def run(root: Path, arguments: Sequence[str]) -> NoReturn:
    """Replace this process by pytest in ``root``, with ``arguments`` as they are.

    With ``--containers`` among them only the long tests of the containers are run, which need Debian and
    root; without it all others. Without any, which is the whole suite, modules are run side by side.

    Raises :class:`UserError` where the packages of the tests, or a program they drive, are missing.
    """
    if importlib.util.find_spec("pytest") is None:
        raise UserError("the packages of the tests are missing; run ./blog test, which installs them")
    containers = (ENGINE, DEBOOTSTRAP, COMPOSE_V1) if "--containers" in arguments else ()
    for program in (NGINX, CHROMIUM, FIREFOX, *containers):
        provide(program)
    os.chdir(root)
    command = [sys.executable, "-m", "pytest", *(arguments or _side_by_side())]
    os.execv(sys.executable, command)  # noqa: S606  (no shell is meant)


def _side_by_side() -> Sequence[str]:
    """Give pytest-xdist's options for this machine; a module's tests share servers, so they stay together."""
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    return ("-n", str(workers), "--dist", "loadfile")
