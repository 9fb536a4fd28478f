"""Markdown cells, and whatever else an author writes, become the article's HTML.

This joins the steps: formulas into slots, Markdown, the sanitiser, the site's markup. All cells are
read before the first is rendered, so that notes and link definitions hold for the whole notebook.
"""

from __future__ import annotations

import re
from typing import Any

from markdown_it.token import Token

from blog.convert import markdown, sanitise
from blog.convert.citations import Citations, Sources
from blog.convert.formulas import Formula, replace
from blog.convert.markup import Markup
from blog.convert.mathematics import Mathematics
from blog.convert.notes import Notes
from blog.convert.page import Page
from blog.convert.pictures import Pictures
from blog.convert.references import Reference, reference
from blog.convert.slots import PATTERN
from blog.convert.tree import Node, parse, serialise, text, walk

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


class Prose:
    """The way from Markdown and HTML to the article's HTML for one page."""

    def __init__(self, page: Page, mathematics: Mathematics, sources: Sources) -> None:
        self.page = page
        self.mathematics = mathematics
        self.pictures = Pictures(page)
        self.notes = Notes(page, self._note)
        self.citations = Citations(page, sources, self.protect)
        self.env: dict[str, Any] = {
            "page": page,
            "notes": self.notes,
            "citations": self.citations,
            "inline": lambda source: markdown.inline(source, self.env),
            "nested": self._nested,
            "display": lambda tex, label: mathematics.display(tex, tex, label),
        }
        self._article = Markup(page, self.notes, self.pictures, self.line, outline=True)
        self._output = Markup(page, self.notes, self.pictures, self.line, outline=False)
        self._parsed: dict[int, list[Token]] = {}

    def read(self, number: int, source: str) -> None:
        """First step: read the blocks of a Markdown cell."""
        self.page.begin(number)
        self._parsed[number] = self._blocks(self.protect(source))

    def cell(self, number: int, attachments: object = None) -> str:
        """Second step: give the HTML of the cell."""
        self.page.begin(number)
        self.pictures.attachments = attachments if isinstance(attachments, dict) else {}
        nodes = self._tree(markdown.render(self._parsed.pop(number, []), self.env), self._article)
        self.page.words += len(_WORD.findall(PATTERN.sub(" ", text(nodes, skip=("code", "pre")))))
        return serialise([*nodes, *self.notes.left()]).strip()

    def markdown(self, source: str) -> str:
        """Give the HTML of Markdown that is no cell: an output."""
        return serialise(
            self._tree(markdown.render(self._blocks(self.protect(source)), self.env), self._output)
        ).strip()

    def html(self, source: str, *, formulas: bool = False) -> tuple[str, bool]:
        """Give the HTML of an output in the site's markup, and whether a reader finds anything in it.

        ``formulas`` says whether TeX in it is to be set.
        """
        nodes = self._tree(self.protect(source) if formulas else source, self._output)
        readable = bool(text(nodes).strip()) or any(one.tag in ("img", "hr") for one in walk(nodes))
        return serialise(nodes).strip(), readable

    def line(self, source: str) -> str:
        """Give the HTML of one line of Markdown: a caption, a title."""
        html = markdown.inline(self.protect(source), self.env)
        return serialise(self._tree(html, self._output, line=True)).strip()

    def protect(self, source: str) -> str:
        """Put the formulas and references of Markdown into slots."""

        def put(found: Formula | Reference) -> str:
            if isinstance(found, Reference):
                return reference(self.page, found)
            if found.display:
                return self.mathematics.display(found.tex, found.source, found.label)
            return self.mathematics.inline(found.tex, found.source)

        return replace(source.replace("\r\n", "\n"), put)

    def _blocks(self, source: str) -> list[Token]:
        return self.notes.define(markdown.blocks(source, self.env))

    def _nested(self, source: str) -> str:
        """Give the HTML, not yet sanitised, of Markdown within a directive."""
        return markdown.render(self._blocks(source), self.env)

    def _note(self, tokens: list[Token]) -> list[Node]:
        return self._tree(markdown.render(tokens, self.env), self._output)

    def _tree(self, html: str, markup: Markup, *, line: bool = False) -> list[Node]:
        html, drawings = sanitise.without_svg(html)
        outer, self.pictures.drawings = self.pictures.drawings, drawings
        clean = parse(sanitise.clean(html))
        nodes = markup.blocks(clean) if line else markup.article(clean)
        self.pictures.drawings = outer
        return nodes
