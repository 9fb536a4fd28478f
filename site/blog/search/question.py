"""What a reader typed, as a question to FTS5.

Words are all to be found, ``"words in quotes"`` in this order, ``-word`` not. The word that is still being
typed matches by its beginning, and others do too, which finds most endings in any language. Whatever
else is typed means nothing: every text is a question, and none an error.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

#: Characters of a question that are read, and the words that are looked for at most.
LONGEST, MOST_WORDS = 300, 6

# Quotes of other languages, and minus signs and dashes that phones write for a hyphen.
_SIGNS = str.maketrans({**dict.fromkeys("“”„«»‟″", '"'), **dict.fromkeys("−–—", "-")})
_PARTS = re.compile(
    r"""(?<!\S)(?P<without>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))"""
    r"""|"(?P<later>[^"]*)"?|[^\s"]+"""  # what follows without a space
)
# Controls, lone surrogates, and what has no place in Unicode: FTS5 takes a zero for the end.
_NO_TEXT = ("Cc", "Cs", "Cn")

# Words that stand everywhere: not looked for, where there are others.
_EVERYWHERE = (
    frozenset(
        {"a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how", "i"}
    )
    | {"in", "into", "is", "it", "its", "of", "on", "or", "that", "the", "this", "to", "was", "what", "when"}
    | {"where", "which", "why", "with"}
)
# Chinese and Japanese write no spaces: each of these characters is a word of the index.
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
#: What parts them there: no width, and no part of a word.
BREAK = "\u200b"


def parted(text: str) -> str:
    """Give text as the index has it: composed, and with a break after each character that is a word."""
    return _WITHOUT_SPACES.sub(lambda found: found[0] + BREAK, unicodedata.normalize("NFC", text))


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase that is looked for: ``exact`` means as it stands, ``last`` that it may go on."""

    text: str
    exact: bool = False
    last: bool = False

    def expression(self) -> str:
        """Write it in FTS5's language, in which what stands in double quotes is nothing but text."""
        whole = _quoted(self.text)
        if self.exact:
            return whole
        forms = [whole]
        if len(self.text) >= (2 if self.last else 3) or not self.text.isascii():
            forms.append(f"{whole}*")
        if one := _singular(self.text):
            forms.append(_quoted(one))
        return f"({' OR '.join(forms)})"


@dataclass(frozen=True, slots=True)
class Question:
    """The terms that are to be found, and those that are not."""

    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()

    def all(self, columns: str = "") -> str:
        """Ask for all the terms, in FTS5's language; empty where there are none.

        ``columns`` are those in which they are to be, all where none is named.
        """
        return self._with(columns, " AND ")

    def any(self, columns: str = "") -> str:
        """Ask for some of the terms."""
        return self._with(columns, " OR ")

    def _with(self, columns: str, between: str) -> str:
        wanted = between.join(term.expression() for term in self.terms)
        if wanted and columns:
            wanted = f"{{{columns}}} : ({wanted})"
        if wanted and self.without:
            return f"({wanted}) NOT ({' OR '.join(term.expression() for term in self.without)})"
        return wanted


def parse(typed: str) -> Question:
    """Read what was typed. Never raises."""
    text = "".join(_kept(typed[:LONGEST])).translate(_SIGNS)
    terms, without = [], []
    for found in _PARTS.finditer(text):
        phrase = found["phrase"] if found["phrase"] is not None else found["later"]
        words = phrase if phrase is not None else found["word"] or found[0]
        if not any(map(str.isalnum, words)):
            continue
        if found["without"]:
            without.append(Term(words, exact=True))
        else:
            terms.append(Term(words, exact=phrase is not None, last=found.end() == len(text)))
    terms = list(_telling(terms))[:MOST_WORDS]
    return Question(tuple(dict.fromkeys(terms)), tuple(dict.fromkeys(without[:MOST_WORDS])))


def _kept(typed: str) -> Iterable[str]:
    for character in unicodedata.normalize("NFC", typed):
        yield " " if unicodedata.category(character) in _NO_TEXT else character


def _telling(terms: list[Term]) -> Iterable[Term]:
    """Leave out the words that stand everywhere, unless there are no others."""
    telling = [term for term in terms if term.exact or term.text.lower() not in _EVERYWHERE]
    return telling or terms


def _quoted(text: str) -> str:
    return '"' + parted(text).replace('"', " ") + '"'


def _singular(word: str) -> str:
    """Give the singular of what looks like an English plural, else nothing."""
    if len(word) < 5 or not (word.isascii() and word.isalpha()) or not word.lower().endswith("s"):
        return ""
    word = word.lower()
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return "" if word.endswith(("ss", "us", "is")) else word[:-1]
