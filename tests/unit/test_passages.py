"""An article in the passages that search finds."""

from __future__ import annotations

from blog.convert.passages import LONGEST_OUTPUT, passages
from blog.model import Passage
from support.articles import article, stream
from support.notebooks import code


def test_a_passage_goes_from_one_heading_to_the_next() -> None:
    made = article(
        "Before.\n\n## One *thing*\n\nFirst.\n\n### Below\n\nSecond.", code("x = 1")
    ).article.passages
    assert made == (
        Passage("", "", "Before."),
        Passage("one-thing", "One thing", "First."),
        Passage("below", "Below", "Second.", "x = 1"),
    )


def test_words_of_blocks_stay_apart_and_those_of_a_line_together() -> None:
    text = (
        "A **bo**ld word.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| c | d |\n\nNoted[^1].\n\n[^1]: A note."
    )
    (passage,) = article(text).article.passages
    for words in ("A bold word.", "one two", "a b c d", "Noted. A note."):
        assert words in passage.text


def test_code_and_its_output_are_told_from_text() -> None:
    (passage,) = article("Text with `code`.", code("print(x)", stream("42\n"))).article.passages
    assert passage == Passage("", "", "Text with code.", "print(x) 42")


def test_of_a_long_output_the_beginning_is_kept() -> None:
    numbers = "\n".join(map(str, range(10_000)))
    (passage,) = article(code("count()", stream(numbers))).article.passages
    assert passage.code.startswith("count() 0 1 2 3")
    assert len(passage.code) <= 2 * LONGEST_OUTPUT + len("count() ")


def test_what_is_no_word_of_the_text_is_left_out() -> None:
    made = passages(
        '<p>Seen<span class="sr"> unseen</span> <svg><title>drawing</title></svg></p>'
        '<div class="live-bar">Saved picture</div><div class="cell"><span class="prompt">[1]</span></div>'
        "<math><semantics><mrow><mi>E</mi><mo>=</mo><mi>m</mi></mrow><annotation>\\tex</annotation></semantics>"
        "</math><p>\x02&lt;b&gt;\0</p>"
    )
    assert made == (Passage("", "", "Seen E=m <b>"),)


def test_what_is_said_twice_is_found_once() -> None:
    """The card of a citation repeats its reference, and what unfolds code counts its lines."""
    (made,) = passages(
        '<p>As told (<a href="#ref">Who, 2020</a><span class="cite-card" popover>Who, W. A book.</span>).</p>'
        "<details><summary>The code<span>12 lines</span></summary></details>"
        '<ol><li>Who, W. A book. <span class="back">↑ <a href="#cite">1</a></span></li></ol>'
    )
    assert made.text == "As told (Who, 2020). The code Who, W. A book."
