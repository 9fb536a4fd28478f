"""Which cells a frame shows."""

import nbformat
import pytest
from livekernel.index import Entry
from livekernel.selection import MARK, mark
from support.live_server import notebook

CELLS = (
    ("md:---\ntitle: Rings\n---",),
    ("md:# Rings",),
    ("import io",),
    ("1", "live"),
    ("2", "hide-output"),
    ("3", "live"),
    ("4", "remove-cell"),
    ("md:Not for readers",),
)


LISTED = {"made-1": 4, "made-2": 6}
"""The site made these ids up: the notebook knows them not."""


def shown(key: str, cell: str | None, listed: dict[str, int] = LISTED) -> list[str]:
    node = notebook(*CELLS)
    node.cells.append(nbformat.v4.new_raw_cell("raw"))
    mark(node, Entry(key, "x.ipynb", "Rings", listed), cell)
    return [one.source for one in node.cells if one.metadata[MARK]["shown"]]


def test_one_cell_by_its_number_in_the_file() -> None:
    assert shown("posts/rings", "made-2") == ["3"]


def test_a_post_shows_its_live_cells() -> None:
    assert shown("posts/rings", None) == ["1", "3"]


def test_a_demo_shows_the_page_without_what_is_removed() -> None:
    everything = ["# Rings", "import io", "1", "2", "3", "Not for readers"]
    assert shown("demos/rings", None) == everything


def test_what_follows_a_front_matter_stays() -> None:
    node = notebook(("md:---\ntitle: Rings\n---\n# Rings",), ("md:---\nrule\n---",))
    mark(node, Entry("demos/rings", "x.ipynb", "Rings", {}), None)
    assert [cell.source for cell in node.cells] == ["# Rings", "---\nrule\n---"]
    assert all(cell.metadata[MARK]["shown"] for cell in node.cells)


@pytest.mark.parametrize("number", [1, 99])
def test_a_cell_that_is_not_there(number: int) -> None:
    with pytest.raises(KeyError):
        shown("posts/rings", "gone")
    with pytest.raises(KeyError):
        shown("posts/rings", "moved", {"moved": number})
