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


def shown(key: str, cells: tuple[str, ...], cell: str | None) -> list[str]:
    node = notebook(*CELLS)
    node.cells.append(nbformat.v4.new_raw_cell("raw"))
    mark(node, Entry(key, "x.ipynb", "Rings", cells), cell)
    return [one.source for one in node.cells if one.metadata[MARK]["shown"]]


def test_one_cell_by_its_place_among_the_live_cells() -> None:
    # The site made these ids up; the notebook knows them not.
    assert shown("posts/rings", ("made-1", "made-2"), "made-2") == ["3"]


def test_a_post_shows_its_live_cells() -> None:
    assert shown("posts/rings", ("a", "b"), None) == ["1", "3"]


def test_a_demo_shows_the_page_without_what_is_hidden() -> None:
    assert shown("demos/rings", ("a", "b"), None) == ["# Rings", "import io", "1", "3", "Not for readers"]


def test_a_front_matter_is_one_at_the_top_only() -> None:
    node = notebook(("md:Text",), ("md:---\nrule\n---",))
    mark(node, Entry("demos/rings", "x.ipynb", "Rings", ()), None)
    assert all(cell.metadata[MARK]["shown"] for cell in node.cells)


@pytest.mark.parametrize(("listed", "asked"), [(("a", "b"), "c"), (("a", "b", "c"), "c")])
def test_a_cell_that_is_not_there(listed: tuple[str, ...], asked: str) -> None:
    with pytest.raises(KeyError):
        shown("posts/rings", listed, asked)
