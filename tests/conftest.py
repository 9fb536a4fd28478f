"""Options and fixtures for all tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the expected build anew."""
    parser.addoption(
        "--update-expected", action="store_true", help="write tests/build/expected anew; read the difference"
    )
