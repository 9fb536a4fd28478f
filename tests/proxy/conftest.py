"""One nginx for all tests of a module; those that need another start it themselves."""

from collections.abc import Iterator

import pytest
from support.front import Front, standing


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with standing(tmp_path_factory.mktemp("tests") / "a state") as made:  # with a space in it
        yield made
