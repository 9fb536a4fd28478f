"""How a post is cited: BibTeX that reads back, a sentence, tags and JSON-LD."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from blog.bibliographic import citation_tags, cite_view, json_ld
from blog.convert import bibtex
from blog.library import Entry
from blog.model import Article, Erratum, Metadata
from blog.settings import Settings

SETTINGS = Settings(title="Bright & Disk", url="https://blog.example", authors=["The Disk authors"])


def entry(**more: object) -> Entry:
    found = {"title": "One scan: 50 % of it", "slug": "one-scan", "date": dt.date(2026, 10, 20), **more}
    return Entry("posts/one-scan.ipynb", "posts", Metadata(**found), Article("", words=7), "")  # type: ignore[arg-type]


def test_bibtex_reads_back_as_it_was_meant() -> None:
    made = cite_view(entry(authors=("Ada Lovelace", "Jürgen Müller_1")), SETTINGS)
    found = bibtex.parse(made.bibtex)
    assert found.faults == []
    item = found.items["lovelace2026one"]
    assert item["title"] == "One scan: 50 % of it"
    assert item["author"] == [
        {"family": "Lovelace", "given": "Ada"},
        {"family": "Müller_1", "given": "Jürgen"},
    ]
    assert item["issued"] == {"date-parts": [[2026, 10]]}
    assert item["URL"] == "https://blog.example/posts/one-scan/"
    assert r"howpublished = {Bright \& Disk}" in made.bibtex


@pytest.mark.parametrize(
    ("more", "sentence", "key"),
    [
        ({}, "The Disk authors (2026). One scan: 50 % of it. Bright & Disk.", "@misc{diskauthors2026one,"),
        ({"date": None, "title": "Why?"}, "The Disk authors. Why? Bright & Disk.", "@misc{diskauthorswhy,"),
        ({"title": "Überall", "authors": ("Élan Vital",)}, "Élan Vital (2026). Überall. Bright & Disk.",
         "@misc{vital2026uberall,"),
        ({"title": "散乱"}, "The Disk authors (2026). 散乱. Bright & Disk.", "@misc{diskauthors2026,"),
    ],
)  # fmt: skip
def test_a_sentence_and_a_key(more: dict[str, object], sentence: str, key: str) -> None:
    made = cite_view(entry(**more), SETTINGS)
    assert made.sentence == sentence
    assert made.bibtex.splitlines()[0] == key


def test_a_group_is_no_person_and_an_update_is_said() -> None:
    made = cite_view(entry(updated=dt.date(2026, 11, 1)), SETTINGS)
    assert "author = {{The Disk authors}}," in made.bibtex
    assert "note = {Updated 1 November 2026}," in made.bibtex


def test_tags_for_reference_managers() -> None:
    assert list(citation_tags(entry(authors=("A", "B"), lang="de"), SETTINGS)) == [
        ("citation_title", "One scan: 50 % of it"),
        ("citation_author", "A"),
        ("citation_author", "B"),
        ("citation_publication_date", "2026/10/20"),
        ("citation_journal_title", "Bright & Disk"),
        ("citation_fulltext_html_url", "https://blog.example/posts/one-scan/"),
        ("citation_language", "de"),
    ]


def test_json_ld_is_json_and_never_ends_its_script() -> None:
    text = str(json_ld(entry(title="</script><!-- & ☃", tags=("a",)), SETTINGS, "https://blog.example/a.jpg"))
    assert not set("<>&") & set(text)
    described = json.loads(text)
    assert described["@type"] == "BlogPosting"
    assert described["headline"] == "</script><!-- & ☃"
    assert described["author"] == [{"@type": "Organization", "name": "The Disk authors"}]
    assert described["dateModified"] == described["datePublished"] == "2026-10-20"
    assert described["image"] == "https://blog.example/a.jpg"
    assert "license" not in described


def test_corrections_are_told_to_search_engines() -> None:
    mended = Erratum(dt.date(2026, 11, 2), "A sign was wrong.")
    described = json.loads(json_ld(entry(errata=(mended,)), SETTINGS, ""))
    assert described["correction"] == [
        {"@type": "CorrectionComment", "datePublished": "2026-11-02", "text": "A sign was wrong."}
    ]
