"""Reads each kind of value that front matter holds: text, list, date, people, licence and so on.

Every reader takes a value as ``yamltext.load`` gives it and returns it typed. It raises
:class:`WrongValueError` where the author must mend it, and :class:`IgnoredValueError` where the page can
be made without it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from blog.model import Erratum, Fork, Series
from blog.notebook.inline import without_mathematics
from blog.notebook.yamltext import Number

LONGEST_SLUG = 100

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class WrongValueError(ValueError):
    """The value is of the wrong type or form: the message says what it should be."""


class IgnoredValueError(ValueError):
    """The value can't be used, but the page can be made without it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def text(value: Any) -> str:
    """Read text on one line."""
    if isinstance(value, str):
        return " ".join(value.split())
    raise WrongValueError("a text")


def prose(value: Any) -> str:
    """Read text that a page shows as it is: TeX between dollar signs is written out."""
    return without_mathematics(text(value))


def path(value: Any) -> str:
    """Read the name of a file beside the notebook."""
    found = text(value)
    if "\x00" in found or "\ufffd" in found:
        raise WrongValueError("the name of a file")
    return found


def picture(value: Any) -> str:
    """Read the name of a picture's file; one on another site is not used: no request leaves ours."""
    if value is False:
        return ""
    if isinstance(value, str) and re.match(r"(?i)[a-z][a-z0-9+.-]*://|//", value.strip()):
        raise IgnoredValueError("names a picture on another site", "Save the picture beside the notebook")
    return path(value)


def truth(value: Any) -> bool:
    """Read true or false, also as YAML 1.1 wrote them."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in ("true", "yes", "on"):
        return True
    if word in ("false", "no", "off"):
        return False
    raise WrongValueError("true or false")


def texts(value: Any) -> tuple[str, ...]:
    """Read a text or a list of texts; the same one twice counts once."""
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in found):
        raise WrongValueError("a text or a list of texts")
    return tuple(dict.fromkeys(item for item in map(text, found) if item))


def tags(value: Any) -> tuple[str, ...]:
    """Read tags, as a list or with commas between them; "Python" and "python" are one tag."""
    if isinstance(value, str) and not isinstance(value, Number):
        value = value.split(",")
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise WrongValueError("a list of texts")
    unique: dict[str, str] = {}
    for tag in map(text, value):
        if tag:
            unique.setdefault(tag.casefold(), tag)
    return tuple(unique.values())


def people(value: Any) -> tuple[str, ...]:
    """Read authors: a name, a list of names, or Quarto's maps with a name in each."""
    found = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(name for name in map(_person, found) if name))


def _person(value: Any) -> str:
    if isinstance(value, dict):
        name = value.get("name", value.get("literal"))
        if isinstance(name, dict):
            return _person(name)
        if name is None:
            name = " ".join(
                part for part in (value.get("given"), value.get("family")) if isinstance(part, str)
            )
        if isinstance(name, str) and name.strip():
            return text(name)
    elif isinstance(value, str) and not isinstance(value, Number):
        return text(value)
    raise WrongValueError("a name, or a list of names")


def series(value: Any) -> Series:
    """Read the name of a series, or a map of its name and the post's part in it."""
    if isinstance(value, str) and value.strip():
        return Series(text(value))
    wrong = WrongValueError("a name, or a map of 'name' and 'part'")
    if not isinstance(value, dict) or not set(value) <= {"name", "part"}:
        raise wrong
    name, part = value.get("name"), value.get("part")
    if not isinstance(name, str) or not name.strip():
        raise wrong
    if part is None:
        return Series(text(name))
    if not isinstance(part, str) or not re.fullmatch(r"[0-9]{1,4}", part.strip()):
        raise WrongValueError("a map whose 'part' is a whole number")
    return Series(text(name), int(part))


def licence(value: Any) -> str:
    """Read the name of a licence, also from Quarto's and MyST's maps."""
    if isinstance(value, dict):
        for key in ("text", "name", "id", "content", "type", "url"):
            if value.get(key) is not None:
                return licence(value[key])
        raise WrongValueError("a text, or a map with a 'text'")
    return text(value)


def macros(value: Any) -> tuple[tuple[str, str], ...]:
    r"""Read TeX macros: pairs of a name with its backslash and a body, sorted by name.

    MathJax's form ``[body, number of arguments]`` is read too; KaTeX counts the arguments itself.
    """
    wrong = WrongValueError("a map of TeX commands to TeX")
    if not isinstance(value, dict):
        raise wrong
    pairs = {}
    for name, body in value.items():
        if isinstance(body, list) and body:
            body = body[0]
        if not isinstance(body, str) or not re.fullmatch(r"\\?(?:[A-Za-z@]+|[^\sA-Za-z0-9])", name):
            raise wrong
        pairs["\\" + name.removeprefix("\\")] = body
    return tuple(sorted(pairs.items()))


_FORKS: dict[str, Fork] = {"all-cells": "all cells", "warm-cells": "warm cells"}


def fork(value: Any) -> Fork:
    """Read what is run before a reader's kernel is forked."""
    found = _FORKS.get(value) if isinstance(value, str) else None
    if found is None:
        raise WrongValueError(" or ".join(_FORKS))
    return found


def tongue(value: Any) -> str:
    """Read a language's tag (BCP 47), such as ``en`` or ``pt-BR``."""
    found = text(value)
    if found and not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", found):
        raise WrongValueError("a language's tag such as en or pt-BR")
    return found


def slug(value: Any) -> str:
    """Read the stable key in the page's URL."""
    found = text(value)
    if len(found) > LONGEST_SLUG or not _SLUG.fullmatch(found):
        raise WrongValueError(
            f"lower-case letters a to z and digits, with single hyphens between words, {LONGEST_SLUG} at most"
        )
    return found


def aliases(value: Any) -> tuple[str, ...]:
    """Read earlier addresses of the page: paths on this site, which a build may write files at."""
    found = texts(value)
    for alias in found:
        parts = alias.split("/")
        if (
            re.search(r"[\\:?#%\x00-\x1f\x7f\ufffd]", alias)
            or ".." in parts
            or "." in parts
            or alias.startswith("//")
        ):
            raise WrongValueError("a list of paths on this site, such as /2019/old-name/")
    return found


def day(value: Any) -> date | None:
    """Read a date: ISO (the time of day is dropped), or with the month's English name.

    ``10/14/2026`` is refused, for half of the world reads it in another way; ``today`` is ignored, for
    the same notebook must give the same page tomorrow.
    """
    wrong = WrongValueError("a date such as 2026-10-14")
    if not isinstance(value, str):
        raise wrong
    found = text(value).strip()
    if not found:
        return None
    if found.lower() in ("today", "now", "last-modified"):
        raise IgnoredValueError(
            f"is '{found}', which differs from build to build", "Write a date such as 2026-10-14"
        )
    if re.fullmatch(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2,4}", found):
        raise WrongValueError("a date that can't be misread, such as 2026-10-14 (year, month, day)")
    try:
        if match := re.fullmatch(
            r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})(?:[T ]+[0-9]{1,2}:[0-9]{2}.*)?", found
        ):
            return date(int(match[1]), int(match[3]), int(match[4]))
        # "Wednesday, October 14th, 2026", "14 Oct 2026"
        words = [word for word in re.split(r"[\s,]+", found.lower()) if word]
        if len(words) == 4 and words[0].removesuffix(".")[:3] in (
            "mon",
            "tue",
            "wed",
            "thu",
            "fri",
            "sat",
            "sun",
        ):
            words = words[1:]
        if len(words) == 3:
            first, second = (words[1], words[0]) if words[0][:1].isalpha() else (words[0], words[1])
            number = re.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th|\.)?", first)
            month = _month(second)
            if number and month and re.fullmatch(r"[0-9]{4}", words[2]):
                return date(int(words[2]), month, int(number[1]))
    except ValueError:  # the 30th of February
        raise WrongValueError("a date that exists, such as 2026-10-14") from None
    raise wrong


def errata(value: Any) -> tuple[Erratum, ...]:
    """Read corrections: maps of a date and a text, given newest first."""
    wrong = WrongValueError("a list of maps with 'date' and 'text'")
    found = []
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict) or set(item) != {"date", "text"}:
            raise wrong
        date_of, words = day(item["date"]), prose(item["text"])
        if date_of is None or not words:
            raise wrong
        found.append(Erratum(date_of, words))
    return tuple(sorted(found, key=lambda one: one.date, reverse=True))


def _month(word: str) -> int:
    """Give the number of a month by its English name, whole or cut ("sept."), or 0."""
    whole = (
        "january", "february", "march", "april", "may", "june",
        "july", "august", "september", "october", "november", "december",
    )  # fmt: skip
    word = word.removesuffix(".")
    return next((n for n, name in enumerate(whole, 1) if len(word) >= 3 and name.startswith(word)), 0)
