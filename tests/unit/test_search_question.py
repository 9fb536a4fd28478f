"""What a reader types, as a question to FTS5: whatever it is, it is one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from blog.search.question import LONGEST, MOST_WORDS, Term, parse
from support.searching import Searched, entry


@pytest.mark.parametrize(
    ("typed", "expression"),
    [
        ("", ""),
        ("   ", ""),
        ("🙂 -- ** ()", ""),
        ('"', ""),
        ("-gold", ""),
        ("gold", '("gold" OR "gold"*)'),
        ("dark field", '("dark" OR "dark"*) AND ("field" OR "field"*)'),
        ("x y", '("x") AND ("y")'),
        ("k ri", '("k") AND ("ri" OR "ri"*)'),
        ("ri k", '("ri") AND ("k")'),
        ("the ring", '("ring" OR "ring"*)'),
        ("to the", '("to") AND ("the" OR "the"*)'),
        ("grains", '("grains" OR "grains"* OR "grain")'),
        ("boundaries", '("boundaries" OR "boundaries"* OR "boundary")'),
        ("focus glass lens", '("focus" OR "focus"*) AND ("glass" OR "glass"*) AND ("lens" OR "lens"*)'),
        ('"dark field"', '"dark field"'),
        ("„dark field“", '"dark field"'),
        ('"dark field', '"dark field"'),
        ('dark"field"', '("dark" OR "dark"*) AND "field"'),
        ("gold -silver", '(("gold" OR "gold"*)) NOT ("silver")'),
        ('gold −"one scan"', '(("gold" OR "gold"*)) NOT ("one scan")'),
        ("4D-STEM", '("4D-STEM" OR "4D-STEM"*)'),
        (
            "NEAR(a b) OR title:x",
            '("NEAR(a" OR "NEAR(a"*) AND ("b)") AND ("title:x" OR "title:x"*)',
        ),
        ("gold gold", '("gold" OR "gold"*) AND ("gold" OR "gold"*)'),
        ("gold\0silver\ud800", '("gold" OR "gold"*) AND ("silver" OR "silver"*)'),
    ],
)
def test_it_is_put_in_the_language_of_fts5(typed: str, expression: str) -> None:
    assert parse(typed).all() == expression


def test_a_term_can_not_end_its_quotes() -> None:
    assert Term('a" OR "b', exact=True).expression() == '"a  OR  b"'


def test_a_long_question_is_read_in_part() -> None:
    assert len(parse("word%d " * 10_000).terms) <= MOST_WORDS
    assert parse("x" * 10_000).terms[0].text == "x" * LONGEST


def test_nothing_that_can_be_typed_is_an_error(tmp_path: Path) -> None:
    index = Searched(tmp_path, entry("gold", "Dark field of gold."), entry("silver", "Bright field."))
    fixed = [
        "NOT",
        "AND OR NOT",
        '"',
        '""',
        "'",
        '"a" "',
        "*",
        "a*",
        "^a",
        "title:gold",
        "{title}: a",
        "(",
        ")",
    ]
    fixed += [
        "NEAR(a b, 3)",
        "a + b",
        "-",
        "--",
        '-"',
        '-"-',
        "\0",
        "a\0b",
        "\ud800",
        "\ufffe",
        "🙂",
        "é",
        "衍射",
    ]
    fixed += ["'; DROP TABLE passages; --", "%", "_", "\\", "a" * 10_000, '"' * 10_000, "- " * 5_000, "٣", "ͅ"]
    chance = random.Random(6)  # noqa: S311  (the same every time)
    parts = [*fixed[:40], "gold", "field", " ", "\u200b", "\u0301", "\n"]
    made = ["".join(chance.choices(parts, k=chance.randint(1, 12))) for _ in range(1500)]
    made += ["".join(chr(chance.randrange(0x110000)) for _ in range(20)) for _ in range(500)]
    for typed in fixed + made:
        index.ask(typed)
        index.ask(typed, tag="no-such", year=2026)
