"""Notebook to page: ``convert`` makes the article of a notebook, ``markdown_page`` that of a plain page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import nbformat

from blog.convert import layouts
from blog.convert.ahead import pictures
from blog.convert.cells import Cells
from blog.convert.citations import Sources, sources
from blog.convert.digest import DEPENDS_DIGEST
from blog.convert.exporter import ArticleExporter
from blog.convert.mathematics import Mathematics
from blog.convert.outputs import Outputs
from blog.convert.page import LIBRARY, Context, Defaults, Page, slugify
from blog.convert.passages import passages
from blog.convert.prose import Prose
from blog.convert.saved import saved_state
from blog.convert.slots import without_marks
from blog.convert.social_card import HEIGHT as CARD_HEIGHT
from blog.convert.social_card import WIDTH as CARD_WIDTH
from blog.convert.social_card import CardText, draw
from blog.model import Article, Asset, Heading, LiveCell, Metadata, Picture
from blog.notebook import Notebook

# What a heading's entry in the table of contents leaves out: marks of notes, cards of citations.
_ASIDE = re.compile(r'<a class="note-ref".*?</a>|<span class="cite-card".*?</span>')
# the longest summary, in characters
SUMMARY = 200

__all__ = ["DEPENDS_DIGEST", "LIBRARY", "Context", "Converted", "Defaults", "convert", "markdown_page"]


@dataclass(frozen=True, slots=True)
class Converted:
    """An article with the files it names; equal notebooks and contexts give equal bytes."""

    article: Article
    assets: tuple[Asset, ...]


def convert(notebook: Notebook, context: Context) -> Converted:
    """Make the article of a notebook. Called by the build, in any of its processes.

    Whatever is wrong with the notebook's content ends as a problem of the article; an exception is a
    bug of the converter.
    """
    metadata = notebook.metadata
    page = Page(notebook.path, metadata.slug, notebook.kind, notebook.language, context, metadata.title)
    cited = sources(page, metadata.bibliography, metadata.csl, metadata.lang)
    made = _article(page, notebook.node, cited, without_marks(dict(metadata.macros)), metadata.image)
    return _with_card(page, metadata, made) if notebook.kind == "posts" and context.defaults.site else made


def markdown_page(text: str, context: Context, path: str = "about.md", title: str = "") -> Converted:
    """Make the article of a page written in Markdown, such as the about page.

    ``path`` is its place relative to the notebooks folder, for links, pictures and problems; a first
    heading that says ``title`` again is left out.
    """
    slug = slugify(PurePosixPath(path).stem) or "page"
    cell = {"cell_type": "markdown", "id": "text", "metadata": {}, "source": text}
    node = nbformat.from_dict({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})  # type: ignore[no-untyped-call]
    page = Page(path, slug, "posts", "text", context, title)
    return _article(page, node, sources(page, (), "", ""), {}, "")


def _with_card(page: Page, metadata: Metadata, made: Converted) -> Converted:
    """Add the picture that other sites show."""
    authors = metadata.authors or page.context.defaults.authors
    about = ", ".join(authors) + (f", {metadata.date.year}" if metadata.date else "")
    picture = made.article.picture
    figure = page.assets.get(picture.url.rpartition("/")[2]) if picture else None
    text = CardText(metadata.title, page.context.defaults.site, about.removeprefix(", "))
    drawn = draw(text, figure.content if figure else None)
    if drawn is None:
        return made
    asset = page.asset(drawn, "jpg", "card")
    alt = f"{metadata.title}, {page.context.defaults.site}"
    card = Picture(asset.url, CARD_WIDTH, CARD_HEIGHT, alt)
    assets = {one.path: one for one in (*made.assets, asset)}
    article = replace(made.article, card=card, assets=tuple(sorted(assets)))
    return Converted(article, tuple(assets[path] for path in sorted(assets)))


@lru_cache(maxsize=1)
def _exporter() -> ArticleExporter:
    return ArticleExporter()  # type: ignore[no-untyped-call]


def _article(page: Page, node: Any, cited: Sources, macros: dict[str, str], image: str) -> Converted:
    node = without_marks(node)
    mathematics = Mathematics(page)
    for name, tex in {**dict(page.context.defaults.macros), **macros}.items():
        mathematics.define(name, tex)
    prose = Prose(page, mathematics, cited)
    outputs = Outputs(page, prose, saved_state(node.get("metadata")))
    resources = {"prose": prose, "cells": Cells(page, prose, outputs)}
    with page.encoder:
        page.encoder.begin(pictures(node))
        body, _ = _exporter().from_notebook_node(node, resources=resources)
    page.cell = None
    body += prose.citations.section(body)
    body = re.sub(r"\n\s*\n+", "\n", page.slots.fill(body)).strip()
    headings = tuple(
        Heading(page.level(index), section.id, _without_links(page.slots.fill(section.html)))
        for index, section in enumerate(page.sections)
        if page.level(index) <= 3
    )
    styles = [page.asset(layouts.stylesheet(page.rules).encode(), "css", "live")] if page.rules else []
    picture = prose.pictures.card(image) if image else None
    article = Article(
        body=f"{body}\n" if body else "",
        headings=headings,
        assets=tuple(sorted(page.assets)),
        live_cells=_live_cells(page, body),
        styles=tuple(style.url for style in styles),
        figures=page.figures,
        words=page.words,
        summary=shortened(page.slots.texts(page.summary), SUMMARY),
        picture=picture or next(iter(page.pictures), None),
        inputs=tuple(sorted(page.inputs.items())),
        links=tuple(sorted(page.links.items(), key=lambda pair: pair[0])),
        encoded=tuple(page.encoded[name] for name in sorted(page.encoded)),
        passages=passages(body),
        problems=tuple(sorted(page.problems, key=lambda problem: problem.cell or 0)),
    )
    return Converted(article, tuple(page.assets[path] for path in sorted(page.assets)))


def _live_cells(page: Page, body: str) -> tuple[LiveCell, ...]:
    """Cut the live cells out of the finished body: only our own template can write such an element."""
    elements = re.findall(r"<live-cell\b.*?</live-cell>", body, re.DOTALL)
    cells = zip(page.live_cells, elements, strict=True)
    return tuple(LiveCell(identity, number, html) for (identity, number), html in cells)


def _without_links(html: str) -> str:
    """Take links off the markup of a heading, and the marks of notes with all they hold."""
    return re.sub(r"</?a\b[^>]*>", "", _ASIDE.sub("", html))


def shortened(text: str, length: int) -> str:
    """Cut text at the end of a word, so that it has at most ``length`` characters."""
    text = " ".join(text.split())
    if len(text) <= length:
        return f"{text[:-1]}…" if text.endswith(":") else text
    cut = text[: length - 1]
    return (cut[: cut.rfind(" ")] if " " in cut else cut).rstrip(" ,;:.–—-(") + "…"
