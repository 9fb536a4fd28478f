r"""Citations: what is read as one, how it is written in styles of both kinds, and what the author is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from blog.convert import Context, Defaults, bibtex, citation_styles, markdown_page
from support.articles import article, body, elements, tags, warnings, words

BIB = r"""
@article{ophus2019, author = {Ophus, Colin}, title = {{4D-STEM} and beyond}, journal = {Microscopy},
  volume = 25, number = 3, pages = {563--582}, year = 2019, doi = {https://doi.org/10.1017/S1431}}
@article{jesson, author = {Pennycook, S. J. and Jesson, D. E.}, title = {Crystals}, journal = {Ultra},
  year = 1991}
@article{again, author = {Pennycook, S. J. and Jesson, D. E.}, title = {{MoS$_2$} & <i>more</i>},
  journal = {Ultra}, year = 1991}
@book{many, author = {Müller, A. and von der Heide, C. and {\'E}mile, D.}, title = {A book}, year = 2001,
  publisher = {Springer}}
@article{others, author = {First, A. and others}, title = {O}, year = 2002}
@misc{team, author = {{The Team and Friends}}, title = {Software}, year = 2020, url = {https://example.org/a}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a folder of notebooks with a bibliography."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/r.bib").write_text(BIB)
    return tmp_path


def page(root: Path, *cells: str, csl: str = "", more: str = "") -> str:
    front = f"title: Case\nbibliography: r.bib\n{more}" + (f"\ncsl: {csl}" if csl else "")
    return body(*cells, root=root, front_matter=front)


def text(html: str) -> str:
    """Give the words of a page without the cards."""
    return words(re.sub(r'<span class="cite-card".*?</span>', "", html))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[@ophus2019]", "(Ophus, 2019)"),
        ("[see @ophus2019, p. 5; @many, chap. 2, and more]",
         "(Müller et al., 2001, chap. 2, and more; see Ophus, 2019, p. 5)"),
        ("[@ophus2019, 3-5]", "(Ophus, 2019, pp. 3–5)"),
        ("@ophus2019 says", "Ophus (2019) says"),
        ("@jesson [p. 3] say", "Pennycook and Jesson (1991, p. 3) say"),
        ("Ophus [-@ophus2019]", "Ophus (2019)"),
        ("{cite:p}`ophus2019,many`", "(Müller et al., 2001; Ophus, 2019)"),
        ("{cite:t}`team`", "The Team and Friends (2020)"),
        ("[@others] and @others", "(First et al., 2002) and First et al. (2002)"),
        ("@{ophus2019}", "Ophus (2019)"),
        ("[@jesson] and [@again]", "(Pennycook and Jesson, 1991a) and (Pennycook and Jesson, 1991b)"),
    ],
)  # fmt: skip
def test_a_citation_by_author_and_year(root: Path, written: str, shown: str) -> None:
    assert text(page(root, f"Word {written}.")).startswith(f"Word {shown}.")


@pytest.mark.parametrize(
    ("csl", "shown"),
    [
        ("apa", "(Müller et al., 2001, Chapter 2; Ophus, 2019) and Ophus (2019)"),
        ("chicago-author-date", "(Ophus 2019; Müller et al. 2001, chap. 2) and Ophus (2019)"),
        ("ieee", "[1], [2, Ch. 2] and Ophus [1]"),
        ("nature", "1,2 and Ophus1"),
        ("american-institute-of-physics", "1,2 and Ophus1"),
        ("american-chemical-society", "1,2 and Ophus1"),
    ],
)
def test_each_style_writes_it_its_own_way(root: Path, csl: str, shown: str) -> None:
    assert text(page(root, "[@ophus2019; @many, chap. 2] and @ophus2019", csl=csl)).startswith(shown)


@pytest.mark.parametrize(
    "written",
    [
        r"\@ophus2019",
        "a@ophus2019",
        "`[@ophus2019]`",
        "me@ophus2019.org",
        "[@ophus2019](a.html)",
        "[see ophus2019]",
    ],
)
def test_what_is_no_citation_stays(root: Path, written: str) -> None:
    html = page(root, f"Word {written}.")
    assert 'class="cited"' not in html
    assert 'class="refs"' not in html


def test_links_lead_both_ways(root: Path) -> None:
    html = page(root, "One [@ophus2019], two [@ophus2019].", "Three[^n].\n\n[^n]: In a note [@many].")
    ids = {element.get("id") for element in elements(html)}
    cites = tags(html, "a")
    places = re.findall(r'class="cite" id="([^"]+)" href="#([^"]+)" aria-describedby="([^"]+)"', html)
    assert [place[1:] for place in places] == [("ref-ophus2019",) * 2] * 2 + [("ref-many",) * 2]
    assert {place for row in places for place in row} <= ids
    assert {f'href="#{row[0]}"' for row in places} <= {tag.split()[1] for tag in cites}


def test_the_list_comes_last_under_the_heading_that_there_is(root: Path) -> None:
    own = page(root, "[@ophus2019]", "## References")
    assert own.count("<h2") == 1
    made = page(root, "[@ophus2019]", "## More\n\nText.")
    assert re.search(r'Text\.</p>\n<h2 id="references">References<a.*</h2>\n<ul class="refs">', made)
    german = article("[@ophus2019; @jesson]", root=root, front_matter="bibliography: r.bib\nlang: de").article
    assert [heading.id for heading in german.headings] == ["literatur"]
    assert "Pennycook und Jesson, 1991" in text(german.body)


def test_an_entry_has_its_address_as_a_link(root: Path) -> None:
    for csl in citation_styles.names():
        html = page(root, "[@ophus2019; @team]", csl=csl)
        entries = html[html.index('class="refs"') :]
        assert entries.count('<a href="https://doi.org/10.1017/S1431" rel="noopener">') == 1, csl
        assert entries.count('<a href="https://example.org/a" rel="noopener">') == 1, csl


def test_nothing_of_a_bibliography_is_markup(root: Path) -> None:
    html = page(root, "[@again]")
    assert "&amp; &lt;i&gt;more&lt;/i&gt;" in html
    assert "<math" in html


def test_a_card_holds_what_the_list_does(root: Path) -> None:
    html = page(root, "[@ophus2019]")
    card = re.search(r'<span class="cite-card" popover>(.*?)</span>', html)
    entry = re.search(r'<li id="ref-ophus2019">(.*?) <span class="back">', html)
    assert card
    assert entry
    assert card[1] == entry[1]


def test_an_unknown_key_is_told_with_its_cell(root: Path) -> None:
    made = article("Text.", "[@ophus2091] and [@x]", root=root, front_matter="bibliography: r.bib")
    assert warnings(made)[-2:] == [
        "warning: posts/case.ipynb, cell 3: no entry of posts/r.bib has the key ophus2091. "
        "Write @ophus2019 if that is meant.",
        "warning: posts/case.ipynb, cell 3: no entry of posts/r.bib has the key x. "
        r"Add it, or write \@ where none is meant.",
    ]
    assert "[@ophus2091] and [@x]" in made.article.body


def test_no_bibliography_is_told_for_what_can_only_be_a_citation() -> None:
    assert "there is no bibliography" in warnings(article("[@ophus2019]"))[0]
    assert warnings(article("@property is Python's")) == []


def test_files_that_are_not_there_or_no_style_are_told(root: Path) -> None:
    gone = article("[@a]", root=root, front_matter="title: T\nbibliography: gone.bib")
    assert "the bibliography posts/gone.bib is not there" in warnings(gone)[0]
    out = article("[@a]", root=root, front_matter="title: T\nbibliography: ../../r.bib")
    assert "lies outside of the notebooks folder" in warnings(out)[0]
    for csl, reason in {"nope": "there is no such file", "r.bib.csl": "it is not XML at line 2"}.items():
        (root / "posts/r.bib.csl").write_text(BIB)
        made = article("[@many]", root=root, front_matter=f"title: T\nbibliography: r.bib\ncsl: {csl}")
        assert reason in warnings(made)[0]
        assert "(Müller et al., 2001)" in text(made.article.body)


def test_what_the_settings_say_holds_where_nothing_else_is_said(root: Path) -> None:
    context = Context(root, defaults=Defaults("de", bibliography=("posts/r.bib",), csl="apa"))
    made = markdown_page("[@jesson]", context).article
    assert "(Pennycook & Jesson, 1991)" in text(made.body)
    assert dict(made.inputs).keys() == {"posts/r.bib"}


def test_a_fault_in_a_bibliography_has_its_line() -> None:
    found = bibtex.parse(
        "@article{a, title={x}, year=2019\n\n@book{b, title={y}}\n@book{b, title={z}}\n@book{, title={n}}"
    )
    assert found.faults == [
        (1, "the entry that begins here can't be read: it is not closed before the next one"),
        (4, "the key b is there twice; the first counts"),
        (5, "an entry @book has no key"),
    ]
    assert list(found.items) == ["b"]


@pytest.mark.parametrize(
    ("tex", "plain"),
    [(r"{\"o}{\ss} {\'e}t\'e", "öß été"), ("A {B} C", "A B C"), ("x $a_1$ y", "x $a_1$ y"),
     (r"A \& B & C", "A & B & C")],
)  # fmt: skip
def test_tex_becomes_text(tex: str, plain: str) -> None:
    assert bibtex.plain(tex) == plain


def test_biblatex_is_read_too() -> None:
    item = bibtex.parse(
        "@online{a, author={Knuth, Donald E.}, title={T}, subtitle={S}, date={2020-05-01}, journaltitle={J}}"
    ).items["a"]
    assert item["title"] == "T: S"
    assert item["issued"] == {"date-parts": [[2020, 5, 1]]}
    assert item["container-title"] == "J"
    assert item["author"] == [{"family": "Knuth", "given": "Donald E."}]


@pytest.mark.parametrize("csl", [name for name in citation_styles.names() if name != "chicago-author-date"])
def test_works_that_lack_nearly_all_are_written_all_the_same(root: Path, csl: str) -> None:
    entries = [
        "@misc{a1}",
        "@article{b2, editor={{}}, year={in press}}",
        "@book{c3, author={others}, date={2020-13-45}}",
    ]
    entries += [
        "@weird{d4, author={and}, year={-300}, pages={--}, month={13}}",
        "@misc{e5, author={von}, edition={x}}",
    ]
    (root / "posts/r.bib").write_text("\n".join(entries))
    html = page(root, "[@a1; @b2; @c3; @d4; @e5], @a1 and [-@d4]", csl=csl)
    assert html.count("<li id=") == 5
    assert citation_styles.MARKS.search(html) is None


def test_a_style_that_cannot_be_followed_is_told_and_the_page_is_made(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise AttributeError

    monkeypatch.setattr(citation_styles._Run, "result", broken)
    made = article("[@jesson; @many]", root=root, front_matter="title: T\nbibliography: r.bib\ncsl: apa")
    assert "these works can't be written in it (AttributeError)" in warnings(made)[0]
    assert text(made.article.body).startswith("(Pennycook and Jesson, 1991; Müller et al., 2001)")
    assert "Müller et al., 2001. A book." in text(made.article.body)


def test_commas_stand_within_american_quotation_marks(root: Path) -> None:
    assert "“4D-STEM and beyond,” Microscopy" in text(page(root, "[@ophus2019]", csl="ieee"))
    swedish = text(page(root, "[@ophus2019]", csl="ieee", more="lang: sv"))
    assert "”4D-STEM and beyond”, Microscopy" in swedish


def test_a_card_is_found_by_no_search(root: Path) -> None:
    made = article("As [@ophus2019] says.", root=root, front_matter="title: T\nbibliography: r.bib").article
    first, last = made.passages
    assert first.text == "As (Ophus, 2019) says."
    assert last.heading == "References"
    assert last.text.endswith("doi:10.1017/S1431")
