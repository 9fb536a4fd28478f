"""What is found, in which order, and how it is shown."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest
from blog.library import arrange
from blog.model import Passage, Series
from blog.search import index, index_file
from blog.search.index_file import A_PAGE, OF_ONE, IndexFile
from blog.search.question import parse
from support.searching import Searched, entry


def test_a_title_counts_more_than_a_heading_and_a_heading_more_than_text(tmp_path: Path) -> None:
    searched = Searched(
        tmp_path,
        entry("code", Passage("", "", "Words.", "strain = 1"), title="Code"),
        entry("text", "About strain, among other things.", title="Text"),
        entry("heading", Passage("s", "Strain", "Words."), title="Heading"),
        entry("title", "Words.", title="Strain"),
        entry("tag", "Words.", title="Tagged", tags=("strain",)),
    )
    assert searched.titles("strain") == ["Strain", "Heading", "Tagged", "Text", "Code"]
    assert searched.ask("strain").results[0].title == "<mark>Strain</mark>"


def test_a_passage_is_linked_by_its_anchor_and_shows_what_was_found(tmp_path: Path) -> None:
    text = f"{'Before. ' * 60}A <b>mask</b> & a sum. {'After. ' * 60}"
    searched = Searched(tmp_path, entry("post", Passage("a mask", "Masks & sums", text), title="A post"))
    (found,) = searched.ask("mask").results
    (passage,) = found.passages
    assert (found.href, passage.href) == ("/posts/post/", "/posts/post/#a%20mask")
    assert passage.heading == "<mark>Masks</mark> &amp; sums"
    assert "&lt;b&gt;<mark>mask</mark>&lt;/b&gt; &amp; a sum." in passage.snippet
    assert passage.snippet.startswith("…")
    assert len(passage.snippet) < 400


def test_words_may_stand_partly_in_the_title(tmp_path: Path) -> None:
    series = Series("Reading scans", 2)
    searched = Searched(
        tmp_path,
        entry(
            "one",
            Passage("a", "First", "Nothing."),
            Passage("b", "Second", "A mask."),
            title="Gold",
            series=series,
        ),
        entry("two", "A mask.", title="Silver"),
    )
    (found,) = searched.ask("gold mask").results
    assert [passage.href for passage in found.passages] == ["/posts/one/#b"]
    assert found.meta == ("1 January 2026", "Part 2 of Reading scans")
    # Alone, the title finds the notebook and not each of its passages.
    assert [passage.href for passage in searched.ask("gold").results[0].passages] == ["/posts/one/"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("detec", True),
        ("detectors", True),
        ("DETECTOR", True),
        ("tector", False),
        ("naive cafe", True),
        ("naïve", True),
        ("衍射", True),
        ("射衍", False),
        ("4d-stem", True),
        ('"annular detector"', True),
        ('"detector annular"', False),
        ("annular -detector", False),
        ("annular -gold", True),
    ],
)
def test_how_words_match(tmp_path: Path, typed: str, found: bool) -> None:
    searched = Searched(tmp_path, entry("post", "An annular detector for 4D-STEM, a naïve café, 电子衍射图."))
    assert bool(searched.ask(typed).results) == found


def test_where_no_passage_has_all_the_words_some_will_do(tmp_path: Path) -> None:
    searched = Searched(tmp_path, entry("a", "Gold."), entry("b", "Silver."), entry("c", "Tin. Excluded."))
    found = searched.ask("gold silver")
    assert (found.some, found.notebooks) == (True, 2)
    assert not searched.ask("gold").some
    assert searched.titles("gold tin -excluded") == ["a"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("difraction", "diffraction"), ("gold difraction", "gold diffraction"), ("qqqqqq", ""), ("gold", "")],
)
def test_a_word_that_is_misspelt_is_recognised(tmp_path: Path, typed: str, meant: str) -> None:
    assert Searched(tmp_path, entry("a", "Gold and its diffraction.")).ask(typed).meant == meant


def test_answers_are_narrowed_to_a_tag_and_a_year(tmp_path: Path) -> None:
    old, new = dt.date(2024, 5, 1), dt.date(2026, 5, 1)
    searched = Searched(
        tmp_path,
        entry("a", "Gold.", date=old, tags=("X-ray",)),
        entry("b", "Gold.", date=new, tags=("X-ray", "X-ray sources")),
        entry("c", "Gold.", date=new, tags=("X-ray sources",)),
        entry("d", "Gold.", date=None),
    )
    assert sorted(searched.titles("gold", tag="x-ray")) == ["a", "b"]
    assert sorted(searched.titles("gold", year=2026)) == ["b", "c"]
    assert searched.titles("gold", tag="x-ray", year=2026) == ["b"]
    assert searched.titles("gold", tag="none") == []
    assert searched.titles("", tag="x-ray") == ["b", "a"]
    assert searched.titles("", year=2024) == ["a"]
    assert searched.titles("") == []
    with searched.file.reading() as reader:
        assert [(tag.value, tag.name, tag.count) for tag in reader.tags()] == [
            ("x-ray", "X-ray", 2),
            ("x-ray-sources", "X-ray sources", 2),
        ]
        assert [(year.value, year.count) for year in reader.years()] == [("2026", 2), ("2024", 1)]


def test_what_is_excluded_is_so_where_very_many_match(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_file, "_MANY", 1)
    searched = Searched(
        tmp_path,
        entry("text", "Gold, and no more."),
        entry("title", "Words.", title="Gold"),
        entry("without", "Silver.", title="Gold and silver"),
    )
    assert searched.titles("gold -silver") == ["Gold", "text"]


def test_notebooks_come_by_pages_and_show_their_best_passages(tmp_path: Path) -> None:
    entries = [
        entry(f"n{n:02}", *(Passage(f"s{s}", "Part", "Gold.") for s in range(5)))
        for n in range(2 * A_PAGE + 1)
    ]
    searched = Searched(tmp_path, *entries)
    pages = [searched.ask("gold", page=page) for page in (1, 2, 3, 4)]
    assert [len(page.results) for page in pages] == [A_PAGE, A_PAGE, 1, 0]
    assert {(page.notebooks, page.passages, page.pages) for page in pages} == {
        (len(entries), 5 * len(entries), 3)
    }
    assert {(len(one.passages), one.more) for page in pages for one in page.results} == {(OF_ONE, 5 - OF_ONE)}
    seen = [one.href for page in pages for one in page.results]
    assert len(set(seen)) == len(entries)


def test_an_index_of_another_build_is_not_read(tmp_path: Path) -> None:
    searched = Searched(tmp_path, entry("a", "Gold."))
    for other in (
        IndexFile(searched.file.path, "another"),
        IndexFile(tmp_path / "none", searched.file.digest),
    ):
        with pytest.raises(FileNotFoundError), other.reading():
            pass


def test_the_index_can_only_be_read(tmp_path: Path) -> None:
    searched = Searched(tmp_path, entry("a", "Gold."))
    with searched.file.reading() as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._database.execute("DELETE FROM notebooks")


def test_the_same_library_gives_the_same_bytes(tmp_path: Path) -> None:
    def library():
        return arrange([entry("a", "Gold.", tags=("x", "y")), entry("b", "Tin.", tags=("y",))])

    first, second = index.rows(library()), index.rows(library())
    assert first.digest == second.digest
    assert index.write(first) == index.write(second)
    assert (
        index.rows(arrange([entry("a", "Gold!")])).digest != index.rows(arrange([entry("a", "Gold.")])).digest
    )


def test_the_work_for_one_answer_has_a_limit(tmp_path: Path) -> None:
    """In a thousand posts, of all matches at most so many are ranked and so few are shown."""
    posts = [
        entry(f"n{n}", *(Passage(f"s{s}", "", f"gold silver detector{n}") for s in range(12)))
        for n in range(1000)
    ]
    searched = Searched(tmp_path, *posts)
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    asked = ["gold", "gold silver", "d", "detector", "detector1 gold", "zinc", "goldd silverr", "gold " * 50]
    with searched.file.reading() as reader:
        reader._database.set_progress_handler(count, 1000)
        for typed in asked:
            steps = 0
            found = reader.find(parse(typed))
            assert len(found.results) <= A_PAGE
            # Steps are thousands of SQLite's own; without a limit there are many times as many.
            assert steps < 200, f"{typed}: {steps}"
