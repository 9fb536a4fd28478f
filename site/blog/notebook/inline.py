"""Makes a heading's Markdown into plain text, for titles: no markup, TeX written out."""

from __future__ import annotations

import html
import re
import unicodedata

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark")

# Pandoc's rule: no space inside the dollar signs, no digit after them ("$5 or $6" is money).
_MATHEMATICS = re.compile(
    r"(?<![\\$])\$\$?(?=[^\s$])([^$]{0,300}?[^\s$\\])\$\$?(?![0-9$])|\\\(([^$]{1,300}?)\\\)"
)
_ATTRIBUTES = re.compile(r"\s+\{(?:[#.][^{}]*|-)\}\s*$")
_FONTS = re.compile(
    r"\\(?:math(?:rm|bf|it|sf|tt|bb|cal)|text(?:rm|bf|it)?|operatorname|boldsymbol|bm|vec|hat)\b\s*"
)
_SYMBOLS = {
    "times": "×",
    "cdot": "·",
    "pm": "±",
    "to": "→",
    "rightarrow": "→",
    "infty": "∞",
    "approx": "≈",
    "leq": "≤",
    "le": "≤",
    "geq": "≥",
    "ge": "≥",
    "neq": "≠",
    "circ": "°",
    "AA": "Å",
    "epsilon": "ε",
    "varepsilon": "ε",
    "varphi": "φ",
}
# Only so many characters of a heading are looked at.
_LONGEST = 1000

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]+")


def without_mathematics(text: str) -> str:
    r"""Write the TeX in ``text`` as plain characters: ``$k$-means`` as "k-means", ``$\alpha$`` as "α".

    A formula that plain characters can't say is left out.
    """
    if "$" not in text and "\\(" not in text:
        return text
    return " ".join(_MATHEMATICS.sub(lambda match: _written(match[1] or match[2]), text).split())


def _written(tex: str) -> str:
    tex = _FONTS.sub("", tex)
    tex = re.sub(r"\\([A-Za-z]+)(?![A-Za-z]) ?", lambda match: _symbol(match[1]) or match[0], tex)
    tex = re.sub(r"\\[,;:! ]|~", " ", tex)
    tex = re.sub(r"[{}]|\^(?=°)", "", tex)
    return "" if "\\" in tex else tex


def _symbol(name: str) -> str:
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    case = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(
            f"GREEK {case} LETTER {'LAMDA' if name.lower() == 'lambda' else name.upper()}"
        )
    except KeyError:
        return ""


def plain(markdown: str) -> str:
    """Give the text of a heading's Markdown: what a reader would say aloud."""
    source = without_mathematics(_ATTRIBUTES.sub("", " ".join(markdown[:_LONGEST].split())))
    parts = []
    for token in _MARKDOWN.parseInline(source):
        for child in token.children or ():
            if child.type in ("text", "code_inline", "image"):
                parts.append(child.content)
            elif child.type in ("softbreak", "hardbreak"):
                parts.append(" ")
    return " ".join(_CONTROL.sub(" ", "".join(parts)).split())


def plain_html(source: str) -> str:
    """Give the text of a heading that is written in HTML."""
    return " ".join(_CONTROL.sub(" ", html.unescape(re.sub(r"<[^>]*>", "", source))).split())
