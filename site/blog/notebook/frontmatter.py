"""Takes the front matter out of a notebook's first cell and validates it key by key.

Front matter is YAML between two ``---`` lines in the first cell: a raw one, as Quarto and jupytext write
it, or a Markdown one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Any

from blog.errors import NotebookError
from blog.notebook import values, yamltext
from blog.notebook.cells import Cell
from blog.notebook.foreign import is_foreign
from blog.notebook.report import Report, quote

# Our keys, in the order of ``blog.model.Metadata``: how each is read, and an example for the remedy.
KEYS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "title": (values.prose, 'title: "Virtual detectors"'),
    "slug": (values.slug, "slug: virtual-detectors"),
    "subtitle": (values.prose, 'subtitle: "One scan, many images"'),
    "description": (values.prose, 'description: "What the page is about, in a sentence"'),
    "date": (values.day, "date: 2026-10-14"),
    "updated": (values.day, "updated: 2026-10-14"),
    "tags": (values.tags, "tags: [diffraction, gold]"),
    "series": (values.series, "series: {name: First steps, part: 2}"),
    "authors": (values.people, "authors: [Ada Lovelace, Grace Hopper]"),
    "draft": (values.truth, "draft: true"),
    "image": (values.picture, "image: figures/cover.png"),
    "aliases": (values.aliases, "aliases: [/2019/old-name/]"),
    "bibliography": (values.texts, "bibliography: references.bib"),
    "license": (values.licence, "license: CC BY 4.0"),
    "lang": (values.tongue, "lang: en"),
    "csl": (values.path, "csl: nature.csl"),
    "macros": (values.macros, r"macros: {\RR: \mathbb{R}}"),
    "errata": (values.errata, 'errata: [{date: 2026-10-20, text: "Equation 3 lacked its sign"}]'),
    "fork": (values.fork, "fork: warm-cells"),
}

# Other names for them, by Quarto, jupytext, MyST and the static site generators.
ALIASES = {
    "author": "authors",
    "categories": "tags",
    "date-modified": "updated",
    "abstract": "description",
    "summary": "description",
}
# Both may stand there with good reason: Quarto shows an abstract beside the description.
_SECOND_CHOICE = ("abstract", "summary")

_BLOCK = re.compile(
    r"\A(?:[ \t]*\n)*---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE | re.DOTALL
)
_OPENING = re.compile(r"\A(?:[ \t]*\n)*---[ \t]*\n")
_KEY = re.compile(r"^([A-Za-z][A-Za-z_-]*)[ \t]*:(?:[ \t]|$)", re.MULTILINE)
_MINIMAL = "Put a raw cell first that holds four lines: ---, title: …, date: 2026-10-14, ---"


def take_front_matter(cells: list[Cell], report: Report) -> dict[str, Any]:
    """Give the fields of ``blog.model.Metadata`` that the first cell holds, and take them out of ``cells``.

    Warns where there is none, of unknown keys and of values that are ignored. Raises NotebookError, with
    the number of the cell, where the YAML is invalid or a value is of the wrong type.
    """
    cell = next((cell for cell in cells if cell["source"].strip()), None)
    match = _BLOCK.match(cell["source"]) if cell else None
    if cell is None or match is None or not _is_meant(cell, match["yaml"]):
        if cell is not None and cell["cell_type"] == "raw":
            _check_closed(cell)
        _warn_of_none(cells, report)
        return {}
    number = cell["metadata"]["blog"]["number"]
    found = _load(match["yaml"], cell["source"].count("\n", 0, match.start("yaml")), number)
    rest = cell["source"][match.end() :]
    if rest.strip():
        cell["source"] = rest.strip("\n")
    else:
        cells[:] = [other for other in cells if other is not cell]
    if not found:
        report.warn("its front matter is empty", "Write at least a title and a date into it", number)
    return _validate(found, number, report)


def _is_meant(cell: Cell, block: str) -> bool:
    """Tell front matter from Markdown that begins with a rule, by a key that somebody knows."""
    return cell["cell_type"] == "raw" or (cell["cell_type"] == "markdown" and _has_known_key(block))


def _has_known_key(text: str) -> bool:
    return any(_is_ours(key) or is_foreign(key) for key in _KEY.findall(text))


def _check_closed(cell: Cell) -> None:
    source = cell["source"]
    if _OPENING.match(source) and not _BLOCK.match(source) and _has_known_key(source):
        number = cell["metadata"]["blog"]["number"]
        raise NotebookError("the front matter is not closed", "End it with a line '---'", number)


def _warn_of_none(cells: list[Cell], report: Report) -> None:
    for cell in cells:
        match = _BLOCK.match(cell["source"]) if cell["cell_type"] == "raw" else None
        if match and _has_known_key(match["yaml"]):
            number = cell["metadata"]["blog"]["number"]
            report.warn("front matter is read from the first cell only", "Move the cell to the top", number)
            return
    report.warn("it has no metadata (title, date…)", _MINIMAL)


def _load(block: str, lines_before: int, number: int) -> dict[str, Any]:
    try:
        found = yamltext.load(block)
    except yamltext.YamlTextError as error:
        place = "" if error.line is None else f" at line {error.line + lines_before}"
        what = f"the front matter is not valid YAML{place}: {quote(error.what, 100)}"
        raise NotebookError(what, error.remedy, number) from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise NotebookError("the front matter holds no keys", "Write each line as 'key: value'", number)
    return found


def _is_ours(key: str) -> bool:
    return key in KEYS or key in ALIASES


def _validate(found: dict[str, Any], number: int, report: Report) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    # our own names first, so that they win over their aliases
    for key in sorted(found, key=lambda key: key not in KEYS):
        name = ALIASES.get(key, key)
        if name not in KEYS:
            if not is_foreign(key):
                report.warn(
                    f"the key '{quote(key)}' in the front matter is unknown", _suggestion(key), number
                )
            continue
        if found[key] is None:
            continue
        if name in fields:
            if key not in _SECOND_CHOICE:
                report.warn(
                    f"'{key}' in the front matter means the same as '{name}' and is ignored",
                    f"Delete '{key}'",
                    number,
                )
            continue
        read, example = KEYS[name]
        try:
            fields[name] = read(found[key])
        except values.WrongValueError as error:
            what = f"'{key}' in the front matter must be {error}, but is {_kind(found[key])}"
            raise NotebookError(what, f"Write it like {example}", number) from None
        except values.IgnoredValueError as error:
            report.warn(f"'{key}' in the front matter {error.what}; it is ignored", error.remedy, number)
    return fields


def _suggestion(key: str) -> str:
    names = [*KEYS, *ALIASES]
    close = difflib.get_close_matches(key.lower()[:40], names, n=1, cutoff=0.6)
    return f"Write '{close[0]}' if that is meant" if close else "Delete it (the keys are in docs/author.md)"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, yamltext.Number):
        return f"the number {quote(value, 20)}"
    return f"'{quote(value, 40)}'"
