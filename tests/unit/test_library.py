"""Which notebooks there are, their order, and what belongs together."""

import datetime as dt
from pathlib import Path

from blog.library import Entry, arrange, find_notebooks, find_strays, neighbours, refuse_double_slugs
from blog.model import Article, Kind, Metadata, Series


def entry(slug: str, day: str = "", kind: Kind = "posts", **more: object) -> Entry:
    date = dt.date.fromisoformat(day) if day else None
    metadata = Metadata(title=slug.title(), slug=slug, date=date, **more)  # type: ignore[arg-type]
    return Entry(f"{kind}/{slug}.ipynb", kind, metadata, Article(""), "0")


def slugs(entries: tuple[Entry, ...]) -> list[str]:
    return [found.metadata.slug for found in entries]


def test_posts_are_newest_first_and_undated_ones_last() -> None:
    library = arrange([entry("zinc"), entry("old", "2025-01-01"), entry("new", "2026-01-01"), entry("alloy")])
    assert slugs(library.posts) == ["new", "old", "alloy", "zinc"]


def test_demos_are_apart_and_by_title() -> None:
    library = arrange([entry("b", kind="demos"), entry("a", kind="demos"), entry("p")])
    assert slugs(library.demos) == ["a", "b"]
    assert slugs(library.posts) == ["p"]


def test_tags_that_differ_in_case_are_one() -> None:
    library = arrange(
        [entry("a", "2026-01-02", tags=("Dark field",)), entry("b", "2026-01-01", tags=("dark field",))]
    )
    (tag,) = library.tags
    assert (tag.slug, tag.name, slugs(tag.entries)) == ("dark-field", "Dark field", ["a", "b"])


def test_a_series_is_in_the_order_of_its_parts_then_dates() -> None:
    in_series = [
        entry("third", "2026-01-01", series=Series("S", 3)),
        entry("first", "2026-03-01", series=Series("S", 1)),
        entry("loose", "2026-02-01", series=Series("S")),
    ]
    library = arrange([*in_series, entry("other", "2026-02-15")])
    (series,) = library.series
    assert slugs(series.entries) == ["first", "third", "loose"]
    previous, following = neighbours(library, in_series[0])
    assert previous is in_series[1]
    assert following is in_series[2]
    other = next(found for found in library.posts if found.metadata.slug == "other")
    assert [found and found.metadata.slug for found in neighbours(library, other)] == ["loose", "first"]


def test_the_first_owner_of_a_slug_keeps_it() -> None:
    found = {path: ("posts", Metadata("T", "same")) for path in ("posts/b.ipynb", "posts/a.ipynb")}
    kept, problems = refuse_double_slugs(found)  # type: ignore[arg-type]
    assert list(kept) == ["posts/a.ipynb"]
    assert [(p.severity, p.path) for p in problems] == [("skipped", "posts/b.ipynb")]
    assert "posts/a.ipynb" in str(problems[0])


def test_a_post_and_a_demo_may_share_a_slug() -> None:
    found = {"posts/a.ipynb": ("posts", Metadata("T", "a")), "demos/a.ipynb": ("demos", Metadata("T", "a"))}
    kept, problems = refuse_double_slugs(found)  # type: ignore[arg-type]
    assert len(kept) == 2
    assert not problems


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("{}")


def test_a_blog_is_its_posts_and_demos(tmp_path: Path) -> None:
    touch(tmp_path, "posts/a.ipynb", "posts/a/data.ipynb", "demos/d.ipynb", "scratch.ipynb", "posts/.b.ipynb")
    assert find_notebooks(tmp_path) == [("posts/a.ipynb", "posts"), ("demos/d.ipynb", "demos")]


def test_notebooks_that_get_no_page_are_found(tmp_path: Path) -> None:
    touch(tmp_path, "posts/a.ipynb", "posts/a/data.ipynb", "posts/sub/lost.ipynb", "scratch.ipynb")
    touch(tmp_path, "posts/.ipynb_checkpoints/a.ipynb")
    assert find_strays(tmp_path) == ["posts/sub/lost.ipynb", "scratch.ipynb"]


def test_a_plain_folder_is_taken_with_its_subfolders(tmp_path: Path) -> None:
    touch(tmp_path, "b.ipynb", "x/a.ipynb", ".hidden/c.ipynb", "x/.ipynb_checkpoints/a.ipynb", "x/readme.md")
    assert find_notebooks(tmp_path) == [("b.ipynb", "posts"), ("x/a.ipynb", "posts")]
