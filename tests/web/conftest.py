"""The cases of ``tests/build/input``, served as a reader meets them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.site import Site, start_site

CASES = Path(__file__).parents[1] / "build/input"


@pytest.fixture(scope="session")
def case_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that also has notebooks at fault, which must not keep it from being up."""
    with start_site(CASES, tmp_path_factory.mktemp("cases") / "state") as site:
        yield site
