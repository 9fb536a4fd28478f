"""Runs the benchmarks of the checkout: sees that what they need is there, then hands over to them."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from blog.errors import UserError

#: Of the packages of the tests, those that the benchmarks import.
PACKAGES = ("playwright", "psutil")


def run(root: Path, name: str, options: Sequence[str]) -> NoReturn:
    """Replace this process by the benchmark ``name`` of the checkout at ``root``.

    Raises :class:`UserError` where this is no checkout, or the packages of the tests are missing.
    """
    if not (root / "benchmarks" / "__main__.py").is_file():
        raise UserError("the benchmarks are missing; run ./blog bench in a checkout of the project")
    if any(importlib.util.find_spec(package) is None for package in PACKAGES):
        raise UserError(
            "the packages of the benchmarks are missing; run ./blog test --version, which installs them"
        )
    os.chdir(root)
    command = [sys.executable, "-m", "benchmarks", name, *options]
    os.execv(sys.executable, command)  # noqa: S606  (no shell is meant)
