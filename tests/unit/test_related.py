"""Which posts stand at the end of another: those that say much the same, and not what is linked there."""

from __future__ import annotations

from dataclasses import replace

from blog.library import Entry, arrange
from blog.model import Article, Metadata, Series
from blog.related import MOST, related


def post(slug: str, text: str, *tags: str, **more: object) -> Entry:
    metadata = Metadata(title=slug.title(), slug=slug, tags=tags, **more)  # type: ignore[arg-type]
    return Entry(f"posts/{slug}.ipynb", "posts", metadata, Article(f"<p>{text}</p>"), "0")


GOLD = post("gold", "Grains of gold scatter electrons into rings of a pattern", "diffraction")
RINGS = post("rings", "The rings of a diffraction pattern tell the lattice of the grains", "diffraction")
STRAIN = post("strain", "Strain moves the discs of a pattern from where the lattice puts them", "diffraction")
BREAD = post("bread", "Flour water salt and patience make a loaf that keeps for days", "kitchen")
DOUGH = post("dough", "A loaf wants flour and water first, then patience", "kitchen")


def slugs(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.metadata.slug for entry in entries]


def test_those_that_say_much_the_same_come_nearest_first() -> None:
    found = related(arrange([GOLD, RINGS, STRAIN, BREAD, DOUGH]))
    assert slugs(found[RINGS.url]) == ["gold", "strain"]
    assert slugs(found[BREAD.url]) == ["dough"]


def test_the_order_in_which_they_came_changes_nothing() -> None:
    posts = [GOLD, RINGS, STRAIN, BREAD, DOUGH]
    expected = related(arrange(posts))
    for _ in posts:
        posts.append(posts.pop(0))
        assert related(arrange(posts)) == expected


def test_what_the_series_leads_to_is_left_out() -> None:
    parts = [
        replace(entry, metadata=replace(entry.metadata, series=Series("S", number)))
        for number, entry in enumerate((GOLD, RINGS, STRAIN), 1)
    ]
    found = related(arrange([*parts, BREAD, DOUGH]))
    assert slugs(found[RINGS.url]) == []
    assert slugs(found[GOLD.url]) == ["strain"]


def test_there_are_no_more_than_a_few() -> None:
    many = [post(f"p{number}", "The same words about rings in a pattern", "x") for number in range(8)]
    found = related(arrange([*many, BREAD]))
    assert all(len(found[entry.url]) == MOST for entry in many)
    assert found[BREAD.url] == ()


def test_code_and_formulas_are_not_what_a_post_is_about() -> None:
    code = "<pre>import numpy matplotlib pandas scipy</pre><math><mi>alphabet</mi></math>"
    found = related(arrange([post("a", f"Rings {code}"), post("b", f"Loaves {code}"), BREAD]))
    assert found["/posts/a/"] == ()


def test_a_blog_of_one_post_has_none() -> None:
    assert related(arrange([GOLD])) == {GOLD.url: ()}
