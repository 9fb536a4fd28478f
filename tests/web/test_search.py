"""The search over real HTTP: answers, what has none, and whatever strangers ask."""

from __future__ import annotations

import gzip
import re
from urllib.parse import quote

import html5lib
import pytest
from support.asking import Answer
from support.site import Site


def main(answer: Answer) -> str:
    """Give the main part of a page."""
    text = answer.body.decode()
    return text[text.index("<main") : text.index("</main>")]


def said(answer: Answer) -> str:
    """Give what the page says of how much was found."""
    found = re.search(r"data-said>([^<]*)<", main(answer))
    assert found
    return found[1]


def test_without_a_question_it_offers_what_could_be_asked(case_site: Site) -> None:
    answer = case_site.get("/search")
    assert answer.status == 200
    assert said(answer) == ""
    assert '<a href="/tags/julia/">' in main(answer)
    assert b'<meta name="robots" content="noindex">' in answer.body
    assert b'aria-label="Search" aria-current="page"' in answer.body


def test_a_passage_is_found_and_linked_by_its_anchor(case_site: Site) -> None:
    answer = case_site.get("/search?q=quotation")
    assert answer.status == 200
    assert said(answer) == "1 passage in 1 notebook"
    assert '<a href="/posts/markdown/">Every kind of Markdown</a>' in main(answer)
    assert '<a href="/posts/markdown/#a-section">' in main(answer)
    assert "<mark>quotation</mark>" in main(answer)
    assert answer.body.decode().count("<title>quotation · Search · ") == 1


def test_every_anchor_that_is_found_is_there(case_site: Site) -> None:
    found = set()
    for word in ("a", "the section", "code", "mathematics", "output", "words"):
        found |= set(
            re.findall(r'<h3><a href="([^#"]+)#([^"]+)"', main(case_site.get(f"/search?q={quote(word)}")))
        )
    assert len(found) > 3
    for path, anchor in found:
        assert f'id="{anchor}"'.encode() in case_site.get(path).body


def test_answers_are_narrowed(case_site: Site) -> None:
    both = case_site.get("/search?q=section&tag=mathematics&year=2026")
    assert said(both) != "Nothing was found."
    assert '<option value="mathematics" selected>' in main(both)
    assert '<option value="2026" selected>' in main(both)
    none = case_site.get("/search?q=section&tag=julia")
    assert said(none) == "Nothing was found."
    assert '<a href="/search?q=section">Search in all tags and years.</a>' in main(none)
    assert said(case_site.get("/search?tag=mathematics")) == "1 notebook"


def test_where_nothing_is_found_there_is_advice(case_site: Site) -> None:
    answer = case_site.get("/search?q=quotaton")
    assert said(answer) == "Nothing was found."
    assert 'Did you mean <a href="/search?q=quotation">quotation</a>?' in main(answer)


@pytest.mark.parametrize(
    "query",
    [
        "q=" + quote(text)
        for text in (
            '"',
            "'",
            "a AND",
            "NEAR(",
            "*",
            "\0",
            "🙂",
            "-",
            '"-"',
            "</title><script>x()</script>",
            "\u202e",
        )
    ]
    + [
        "q=%ff%fe",
        "q=%ED%A0%80",
        "q=" + "x" * 590,
        "q=%22" * 100,
        "q",
        "q=&q=a",
        "tag=../..&year=0000&page=0",
    ]
    + [
        "year=9999",
        "year=%D9%A3%D9%A3%D9%A3%D9%A3",
        "page=99&q=a",
        "page=-1",
        "utm_source=x",
        "q=a%0d%0aX:y",
    ],
)
def test_whatever_strangers_ask_has_an_answer(case_site: Site, query: str) -> None:
    answer = case_site.get(f"/search?{query}")
    assert answer.status == 200
    assert b"<script>x()" not in answer.body
    html5lib.HTMLParser(strict=True).parse(answer.body.decode())


def test_a_question_that_is_too_long_is_refused_before_it_is_read(case_site: Site) -> None:
    assert case_site.get("/search?q=" + "x" * 10_000).status == 414


def test_an_answer_is_the_askers_own_and_sent_once(case_site: Site) -> None:
    answer = case_site.get("/search?q=quotation")
    assert answer["cache-control"] == "private, no-cache"
    assert "unsafe" not in (answer["content-security-policy"] or "unsafe")
    again = case_site.get("/search?q=quotation", If_None_Match=answer["etag"] or "")
    assert (again.status, again.body) == (304, b"")
    small = case_site.get("/search?q=quotation", Accept_Encoding="gzip")
    assert small["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == answer.body


def test_only_reading_is_allowed(case_site: Site) -> None:
    assert case_site.get("/search?q=a", "POST", b"").status == 405
    assert case_site.get("/search/").status == 404
