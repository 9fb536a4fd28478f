"""Links and pictures of Markdown: to other pages, places, files; attachments, data URIs, other sites."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from blog.convert import Context, markdown_page
from support.articles import article, body, png, tags, warnings, words
from support.notebooks import markdown

PAGES = {
    "posts/other.ipynb": "/posts/other/",
    "demos/ring.ipynb": "/demos/ring/",
    "posts/a b.ipynb": "/posts/a-b/",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a notebooks folder with a few files beside the notebook."""
    folder = tmp_path / "notebooks"
    (folder / "posts/case").mkdir(parents=True)
    (folder / "posts/case/scan.png").write_bytes(base64.b64decode(png(20, 10)))
    (folder / "posts/case/data.csv").write_text("a,b\n")
    (folder / "posts/case/broken.png").write_bytes(b"no picture")
    (folder / "posts/page.html").write_text("<script>")
    (tmp_path / "secret.png").write_bytes(base64.b64decode(png()))
    (folder / "posts/case/out.png").symlink_to(tmp_path / "secret.png")
    return folder


class TestLinks:
    @pytest.mark.parametrize(
        ("href", "written"),
        [
            ("other.ipynb", 'href="/posts/other/"'),
            ("./other.ipynb#My-Section", 'href="/posts/other/#my-section"'),
            ("../posts/other.ipynb", 'href="/posts/other/"'),
            ("../demos/ring.ipynb?x=1", 'href="/demos/ring/"'),
            ("a%20b.ipynb", 'href="/posts/a-b/"'),
            ("https://e.org/x?a=1&b=2", 'href="https://e.org/x?a=1&amp;b=2" rel="noopener"'),
            ("//e.org/x", 'href="https://e.org/x" rel="noopener"'),
            ("mailto:a@e.org", 'href="mailto:a@e.org"'),
            ("/about/", 'href="/about/"'),
            ("#A-Heading", 'href="#a-heading"'),
            ("#a-heading", 'href="#a-heading"'),
            ("case.ipynb#A-Heading", 'href="#a-heading"'),
        ],
    )
    def test_lead_to(self, href: str, written: str) -> None:
        converted = article(f"[text]({href})\n\n## A Heading", links=PAGES)
        assert f"<a {written}>text</a>" in converted.article.body
        assert warnings(converted) == []

    @pytest.mark.parametrize(
        ("href", "why"),
        [
            ("nosuch.ipynb", "leads to no notebook of this site"),
            ("../../../etc/passwd", "leads out of the notebooks folder"),
            ("%2e%2e/%2e%2e/secret.png", "leads out of the notebooks folder"),
            ("nosuch.csv", "leads to no page or file of this site"),
            ("page.html", "leads to no page or file of this site"),
            ("case/", "leads to no page or file of this site"),
        ],
    )
    def test_that_lead_nowhere_stay_text_with_a_warning(self, href: str, why: str, root: Path) -> None:
        converted = article(f"See [text]({href}).", root=root, links=PAGES)
        assert converted.article.body == "<p>See text.</p>\n"
        assert why in warnings(converted)[0]

    @pytest.mark.parametrize(
        "href",
        [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java&#10;script:alert(1)",
            "vbscript:x",
            "data:text/html,x",
            "file:///etc/passwd",
            "http://",
            "https://[",
            "",
        ],
    )
    def test_that_are_no_links(self, href: str) -> None:
        for source in (f"[text](<{href}>)", f'<a href="{href}" onclick="x">text</a>'):
            assert body(source) == "<p>text</p>\n"

    def test_a_place_that_is_not_there(self) -> None:
        converted = article("[text](#nowhere)")
        assert "the link #nowhere leads to no heading or label" in warnings(converted)[0]
        assert 'href="#main"' in converted.article.body

    def test_a_file_is_offered_for_download(self, root: Path) -> None:
        converted = article("[data](case/data.csv)", root=root)
        (asset,) = converted.assets
        assert asset.content == b"a,b\n"
        assert f'<a href="/static/{asset.path}">data</a>' in converted.article.body
        assert asset.path.startswith("case-data.")
        digest = hashlib.sha256(b"a,b\n").hexdigest()
        assert converted.article.inputs == (("posts/case/data.csv", digest),)

    def test_what_was_asked_for_is_told(self) -> None:
        converted = article("[a](other.ipynb) [b](nosuch.ipynb)", links=PAGES)
        assert converted.article.links == (
            ("posts/nosuch.ipynb", None),
            ("posts/other.ipynb", "/posts/other/"),
        )

    def test_definitions_hold_for_all_cells(self) -> None:
        assert 'href="https://e.org/a"' in body("[text][ref]", "[ref]: https://e.org/a")

    def test_places_in_raw_html(self) -> None:
        html = body('<a id="mine"></a>\n\n<a name="yours">Y</a>', "[x](#mine) [y](#yours)")
        assert 'href="#mine"' in html
        assert 'href="#yours"' in html


class TestPictures:
    def test_a_file_beside_the_notebook(self, root: Path) -> None:
        converted = article("![A scan of gold](case/scan.png)", root=root)
        (asset,) = converted.assets
        assert converted.article.body == (
            f'<figure class="drawing" id="fig-1"><a class="enlarge" href="/static/{asset.path}">'
            f'<img src="/static/{asset.path}" class="raster" width="20" height="10" alt="A scan of gold"></a>'
            "<figcaption><b>Figure 1. </b>A scan of gold</figcaption></figure>\n"
        )
        assert converted.article.inputs[0][0] == "posts/case/scan.png"
        assert converted.article.figures == 1

    @pytest.mark.parametrize("alt", ["", "image.png", "image", "Alt text", "png", "drawing", "Screenshot 1"])
    def test_alternative_text_that_says_nothing_is_no_caption(self, alt: str, root: Path) -> None:
        assert "figcaption" not in body(f"![{alt}](case/scan.png)", root=root)

    def test_the_title_is_the_caption(self, root: Path) -> None:
        html = body('![Grey rounds](case/scan.png "A *scan*")', root=root)
        assert 'alt="Grey rounds"></a><figcaption><b>Figure 1. </b>A <em>scan</em></figcaption>' in html

    def test_quarto_attributes(self, root: Path) -> None:
        html = body('![A scan](case/scan.png){#fig-s fig-alt="Rounds" width=50% .wide}\n\n@fig-s', root=root)
        assert '<figure class="drawing wide" id="fig-s">' in html
        assert '<a class="enlarge w-50"' in html
        assert "Figure 1" in words(html)

    def test_myst_figure(self, root: Path) -> None:
        html = body(
            "```{figure} case/scan.png\n:name: fig-s\n:alt: Rounds\n:width: 10px\n"
            "A *scan* of $x$.\n```\n\n@fig-s",
            root=root,
        )
        assert '<figure class="drawing" id="fig-s"><a class="enlarge"' in html
        assert (
            'width="10" height="5" alt="Rounds"></a><figcaption><b>Figure 1. </b>A <em>scan</em> of <math>'
            in html
        )
        html = body(":::{figure} case/scan.png\n:name: fig-s\nA *scan*.\n:::", root=root)
        assert 'id="fig-s"' in html
        assert "</b>A <em>scan</em>.</figcaption>" in html

    def test_raw_html(self, root: Path) -> None:
        html = body('<img src="case/scan.png" width=40 onerror="x" style="x">', root=root)
        assert html.startswith('<figure class="drawing"><a class="enlarge" href="/static/case-2-1.')
        assert 'width="40" height="20"' in html
        html = body(
            '<figure class="plate"><img src="case/scan.png"><figcaption>Cap</figcaption></figure>', root=root
        )
        assert '<figure id="fig-1"><div class="plate"><a class="enlarge"' in html
        html = body('<p align="center"><img src="case/scan.png"></p>', root=root)
        assert html.count("<figure") == 1

    def test_within_text(self, root: Path) -> None:
        html = body("A ![dot](case/scan.png) in text.", root=root)
        assert html.startswith('<p>A <img src="/static/')
        assert "figure" not in html

    def test_that_is_missing(self, root: Path) -> None:
        converted = article("![The scan](case/nosuch.png)", root=root)
        assert converted.article.body == '<p><span class="missing">Missing picture: The scan</span></p>\n'
        assert "cell 2: the picture case/nosuch.png is missing. Put the file there" in warnings(converted)[0]
        assert converted.article.inputs == (("posts/case/nosuch.png", None),)

    @pytest.mark.parametrize(
        "path", ["../../secret.png", "case/out.png", "%2e%2e/%2e%2e/secret.png", "/etc/passwd"]
    )
    def test_out_of_the_folder(self, path: str, root: Path) -> None:
        converted = article(f"![x]({path})", root=root)
        assert converted.assets == ()
        assert len(warnings(converted)) == 1

    def test_that_is_broken(self, root: Path) -> None:
        converted = article("![The scan](case/broken.png)", root=root)
        assert "Missing picture: The scan" in converted.article.body
        assert "can't be shown: its data can't be read" in warnings(converted)[0]

    def test_of_another_site_is_a_link(self) -> None:
        converted = article("![A badge](https://e.org/x.svg)")
        assert converted.article.body == (
            '<p><a class="remote" href="https://e.org/x.svg" rel="noopener">A badge</a></p>\n'
        )
        assert "lies on another site" in warnings(converted)[0]

    def test_attachments(self) -> None:
        cell = markdown("![image.png](attachment:my%20image.png)")
        cell["attachments"] = {"my image.png": {"image/png": png()}}
        assert "<figure" in body(cell)
        converted = article(markdown("![The scan](attachment:nosuch.png)"))
        assert "Missing picture: The scan" in converted.article.body
        assert "the attachment nosuch.png is missing" in warnings(converted)[0]

    @pytest.mark.parametrize(
        "bundle", [{}, {"image/png": 7}, {"image/png": ["", None]}, {"text/plain": "x"}, 7, None]
    )
    def test_attachments_of_any_shape(self, bundle: object) -> None:
        cell = markdown("![x](attachment:a.png)")
        cell["attachments"] = {"a.png": bundle}
        assert "Missing picture" in body(cell)

    def test_data_uris(self) -> None:
        assert "<figure" in body(f"![](data:image/png;base64,{png()})")
        assert ".svg" in body("![](data:image/svg+xml,%3Csvg%20width='3'%20height='4'/%3E)")
        assert "can't be shown" in warnings(article("![x](data:image/png;base64,AAAA)"))[0]

    def test_inline_drawings_become_files(self) -> None:
        converted = article('<svg width="10" height="10" onload="x"><script>1</script><circle r="3"/></svg>')
        assert b"script" not in converted.assets[0].content
        assert b"onload" not in converted.assets[0].content
        assert "<svg" not in converted.article.body

    def test_drawings_within_drawings(self) -> None:
        converted = article(
            "<div><svg width='9' height='9'><svg x='1'/><svg><g/></svg></svg> and <svg></div>"
        )
        assert len(converted.assets) == 1
        assert "and" in words(converted.article.body)

    def test_the_picture_for_lists(self, root: Path) -> None:
        assert article("![x](case/scan.png)", root=root).article.picture is None
        large = f"![Large one](data:image/png;base64,{png(400, 300)})"
        picture = article("![x](case/scan.png)", large, root=root).article.picture
        assert picture is not None
        assert (picture.width, picture.height, picture.alt) == (400, 300, "Large one")
        named = article(large, root=root, front_matter="title: T\nimage: case/scan.png").article.picture
        assert named is not None
        assert (named.width, named.height) == (20, 10)

    @pytest.mark.parametrize(
        ("source", "shown"),
        [
            (
                '<iframe src="https://www.youtube.com/embed/abc?x=1"></iframe>',
                "https://www.youtube.com/watch?v=abc",
            ),
            ('<iframe src="//player.vimeo.com/video/12"></iframe>', "https://vimeo.com/12"),
            ('<video controls><source src="https://e.org/v.mp4"></video>', "https://e.org/v.mp4"),
            ('<audio src="https://e.org/v.mp3"></audio>', "https://e.org/v.mp3"),
            ('<embed src="https://e.org/v.swf">', "https://e.org/v.swf"),
        ],
    )
    def test_frames_and_films_become_links(self, source: str, shown: str) -> None:
        html = body(source)
        assert f'<a href="{shown}" rel="noopener">open</a>' in html
        assert html.startswith('<p class="elsewhere">Content from ')


def test_a_page_of_markdown(root: Path) -> None:
    made = markdown_page(
        "# About\n\nText with a [link](posts/other.ipynb).", Context(root, PAGES), title="About"
    )
    assert made.article.body == '<p>Text with a <a href="/posts/other/">link</a>.</p>\n'
    assert tags(made.article.body, "h2") == []
