"""Finds the title and the slug of a notebook whose front matter does not give them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

from blog.notebook.cells import Cell
from blog.notebook.inline import plain, plain_html
from blog.notebook.values import LONGEST_SLUG

# A level-1 heading counts as the title where it is in one of so many first Markdown cells.
FIRST_CELLS = 5

# blocks only: what is in a paragraph does not matter here
_BLOCKS = MarkdownIt("commonmark").disable("inline")
_HTML_HEADING = re.compile(r"<h([1-6])\b[^>]{0,300}>(.{0,300}?)</h\1\s*>[ \t]*\n?", re.IGNORECASE | re.DOTALL)

# Letters that Unicode does not take apart into an ASCII letter and a mark.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
        "ħ": "h", "ŋ": "n", "ŧ": "t", "ĸ": "k", "'": "", "’": "",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in the Markdown of a cell: in its lines ``start`` to ``end``, of which it leaves ``left``."""

    level: int
    text: str
    cell: Cell
    start: int
    end: int
    left: str = ""

    def without(self) -> str:
        """Give the source of the cell without the heading."""
        lines = self.cell["source"].split("\n")
        left = [self.left] if self.left else []
        return "\n".join([*lines[: self.start], *left, *lines[self.end :]]).strip("\n")


def settle_title(cells: list[Cell], given: str) -> str:
    """Give the title, ``given`` or from a heading, or "" where there is neither.

    A level-1 heading that is the first of all and says the same as the title is taken out of its cell
    (and a cell that held nothing else out of ``cells``), so that the page doesn't say it twice.
    """
    headings = _headings(cells)
    first = next(headings, None)
    if first is None:
        return given
    title = given or (first.text if first.level == 1 else _other_title(cells) or first.text)
    if first.level == 1 and first.text.casefold() == title.casefold():
        first.cell["source"] = first.without()
        if not first.cell["source"].strip():
            cells[:] = [cell for cell in cells if cell is not first.cell]
    return title


def _other_title(cells: list[Cell]) -> str:
    markdown = [cell for cell in cells if cell["cell_type"] == "markdown"][:FIRST_CELLS]
    return next((heading.text for heading in _headings(markdown) if heading.level == 1), "")


def _headings(cells: list[Cell]) -> Iterator[Heading]:
    """Give the headings that say something, in order; those in quotations and lists don't count."""
    for cell in cells:
        if cell["cell_type"] != "markdown":
            continue
        tokens = _BLOCKS.parse(cell["source"])
        for index, token in enumerate(tokens):
            if token.level or token.map is None:
                continue
            start, end = token.map
            if token.type == "heading_open":
                text = plain(tokens[index + 1].content)
                if text:
                    yield Heading(int(token.tag[1]), text, cell, start, end)
            elif token.type == "html_block":
                block = token.content.rstrip("\n")
                for match in _HTML_HEADING.finditer(block):
                    text = plain_html(match[2])
                    if text:
                        left = block[: match.start()] + block[match.end() :]
                        yield Heading(int(match[1]), text, cell, start, end, left)


def title_of(stem: str) -> str:
    """Make a title of a file's name without its ending: "my_first-notebook" is "My first notebook"."""
    words = " ".join(re.sub(r"[_.\s-]+", " ", stem).split())
    return words[:1].upper() + words[1:] or "Untitled"


def slug_of(stem: str) -> str:
    """Make a slug of a file's name without its ending: lower case, ASCII, words joined by hyphens.

    A name without an ASCII letter or digit gives ``notebook-`` and eight hexadecimal digits of its SHA-256.
    """
    lower = unicodedata.normalize("NFKD", stem.lower().translate(_LETTERS))
    # once more: NFKD makes letters of ligatures and the like
    letters = "".join(char for char in lower.translate(_LETTERS) if not unicodedata.combining(char))
    slug = re.sub(r"[^a-z0-9]+", "-", letters)[:LONGEST_SLUG].strip("-")
    if slug:
        return slug
    name = unicodedata.normalize("NFC", stem).encode("utf-8", "surrogatepass")
    return "notebook-" + hashlib.sha256(name).hexdigest()[:8]
