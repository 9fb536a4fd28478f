"""Runs the tests of the checkout: sees to the browser and nginx first, then hands over to pytest."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from blog.errors import UserError
from blog.system import CHROMIUM, NGINX, provide


def run(root: Path, arguments: Sequence[str]) -> NoReturn:
    """Replace this process by pytest in ``root``, with ``arguments`` as they are.

    Raises :class:`UserError` where the packages of the tests, or a program they drive, are missing.
    """
    if importlib.util.find_spec("pytest") is None:
        raise UserError("the packages of the tests are missing; run ./blog test, which installs them")
    for program in (NGINX, CHROMIUM):
        provide(program)
    os.chdir(root)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])  # noqa: S606  (no shell is meant)
