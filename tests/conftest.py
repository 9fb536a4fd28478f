"""Options and fixtures for all tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the tests' own."""
    parser.addoption(
        "--update-expected", action="store_true", help="write tests/build/expected anew; read the difference"
    )
    parser.addoption(
        "--containers",
        action="store_true",
        help="run the tests that build and run the containers, and no others (Debian, as root)",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose between the tests of the containers, which take minutes, and all others."""
    wanted = config.getoption("--containers")
    chosen: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        chosen[(item.get_closest_marker("containers") is not None) == wanted].append(item)
    items[:] = chosen[True]
    config.hook.pytest_deselected(items=chosen[False])
