r"""Finds the formulas in Markdown before Markdown is read, as Jupyter does.

So ``$a_1 * b_2$`` is never emphasis and ``$|x|$`` never ends a cell of a table. Code, comments and
raw ``<pre>`` are passed by; what is found there all the same is put back later. Read are ``$…$``,
``$$…$$``, ``\(…\)`` and ``\[…\]`` with one or two backslashes, and AMS environments as they stand.
A formula never holds an empty line.

Dollars that are money stay money: a closing dollar is not followed by a digit, and what lies between
two dollars must look like TeX where a space follows the first or comes before the second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from blog.convert.callouts import is_prose
from blog.convert.references import Reference, Style

ENVIRONMENTS = frozenset(
    """equation align alignat flalign gather multline eqnarray subequations split aligned alignedat
    gathered cases rcases array darray matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix
    math displaymath CD""".split()  # noqa: SIM905
)

# a formula longer than this is none, in characters
MAX_INLINE = 2_000
MAX_DISPLAY = 60_000

_STEPS = re.compile(r"\\.|[{}$]", re.DOTALL)
_SCAN = re.compile(
    r"""
      (?P<fence>^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?P<ticks>`{3,}|~{3,})(?P<info>[^\n]*)$)
    | (?P<span>`+)
    | (?P<comment><!--)
    | (?P<raw><(?P<tag>pre|code|script|style|textarea|svg)\b)
    | (?P<markup></?[A-Za-z][^<>\n]*>)
    | \\begin\{(?P<environment>[A-Za-z]+)(?P<star>\*?)\}
    | (?P<bracket>\\\\?[(\[])
    | (?P<role>\{(?P<name>[a-z][a-z:]*)\}`(?P<content>[^`\n]+)`)
    | (?P<reference>\\(?P<command>eqref|ref|autoref)\{(?P<label>[^{}\n]+)\})
    | (?P<quarto>(?<![\w.@/:-])(?P<open>\[?)(?P<minus>-?)
        @(?P<key>(?:[Ff]ig|[Ee]q|[Ss]ec|[Tt]bl)-[\w:.-]*\w)(?(open)\]?))
    | (?P<escape>\\.)
    | (?P<display>\$\$)
    | (?P<dollar>\$)
    """,
    re.VERBOSE | re.MULTILINE,
)
_TITLED = re.compile(r"(.*\S)\s*<([^<>]+)>")
_STYLES: dict[str, Style] = {"eqref": "brackets", "ref": "number", "autoref": "full"}
_BLANK = re.compile(r"\n[ \t>]*\n")
_TEX = re.compile(r"[\\^_={}]")
_MONEY = re.compile(r"\d[\d.,]*\s*(?:[A-Za-z]{2,}.*\s|\S*\s+[A-Za-z]{2,}\b)", re.DOTALL)
_SENTENCE = re.compile(r"[.,;:!?]\s+[A-Za-z]")
_LABEL = re.compile(
    r"[ \t]*(?:\((?P<myst>[A-Za-z][\w:.-]*)\)|\{\#(?P<quarto>[A-Za-z][\w:.-]*)[^{}\n]*\})(?=[ \t]*(?:\n|$))"
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in Markdown: ``source`` as written with its delimiters, ``tex`` without them."""

    tex: str
    display: bool
    source: str
    label: str = ""


def replace(text: str, put: Callable[[Formula | Reference], str]) -> str:
    """Give ``text`` with every formula and reference replaced by what ``put`` makes of it."""
    if not any(mark in text for mark in ("$", "\\", "@", "}`")):
        return text
    parts: list[str] = []
    last = 0
    for start, end, found in _find(text):
        parts += [text[last:start], put(found)]
        last = end
    parts.append(text[last:])
    return "".join(parts)


def _find(text: str) -> Iterator[tuple[int, int, Formula | Reference]]:
    position = 0
    prose_fences: list[str] = []
    while found := _SCAN.search(text, position):
        start, position = found.span()
        if found["fence"] is not None:
            position = _after_fence(text, found, prose_fences)
        elif found["span"] is not None:
            position = _after_span(text, found)
        elif found["comment"] is not None:
            closing = text.find("-->", position)
            position = len(text) if closing < 0 else closing + 3
        elif found["raw"] is not None:
            end = re.compile(rf"</{found['tag']}\s*>", re.IGNORECASE).search(text, position)
            position = end.end() if end else position
        elif found["role"] is not None:
            role = _role(found)
            if role is not None:
                yield start, position, role
        elif found["reference"] is not None:
            style = _STYLES[found["command"]]
            yield start, position, Reference(found["label"].strip(), found[0], style)
        elif found["quarto"] is not None:
            start, position = _without_brackets(found)
            style = "number" if found["minus"] else "full"
            key = found["key"][0].lower() + found["key"][1:]  # a capital begins a sentence, in Quarto
            yield start, position, Reference(key, text[start:position], style)
        else:
            made = _formula(text, found)
            if made is not None:
                formula, position = made
                yield start, position, formula


def _role(found: re.Match[str]) -> Formula | Reference | None:
    """Read a MyST role that is a formula or a reference; the others are Markdown's."""
    name, content = found["name"], found["content"].strip()
    if name == "math":
        return Formula(content, False, found[0])
    if name not in ("ref", "numref", "eq"):
        return None
    titled = _TITLED.fullmatch(content)
    label, words = (titled[2], titled[1]) if titled else (content, "")
    return Reference(label, found[0], "brackets" if name == "eq" else "full", words)


def _without_brackets(found: re.Match[str]) -> tuple[int, int]:
    """Where ``@fig-x`` stands; brackets around it alone belong to it, as Quarto reads them."""
    start, end = found.span()
    closed = found[0].endswith("]")
    if found["open"] and not closed:
        start += 1
    elif closed and not found["open"]:
        end -= 1
    return start, end


def _after_fence(text: str, found: re.Match[str], prose_fences: list[str]) -> int:
    """Where the search goes on after the line that opens (or closes) a fence."""
    ticks, info = found["ticks"], found["info"].strip()
    if prose_fences and not info and ticks[0] == prose_fences[-1][0] and len(ticks) >= len(prose_fences[-1]):
        prose_fences.pop()
        return found.end()
    if ticks[0] == "`" and "`" in info:  # a span of code at the start of a line
        return _after_span(text, found, found.start("ticks"), ticks)
    if is_prose(info):
        prose_fences.append(ticks)
        return found.end()
    closing = re.compile(rf"^[ \t>]*{ticks[0]}{{{len(ticks)},}}[ \t]*$", re.MULTILINE).search(
        text, found.end()
    )
    return closing.end() if closing else len(text)


def _after_span(text: str, found: re.Match[str], start: int | None = None, ticks: str = "") -> int:
    """Where the search goes on after a span of code, or after the backticks where nothing closes them."""
    ticks = ticks or found["span"]
    start = found.start() if start is None else start
    limit = _paragraph_end(text, start)
    closing = re.compile(rf"(?<!`){ticks}(?!`)").search(text, start + len(ticks), limit)
    return closing.end() if closing else start + len(ticks)


def _paragraph_end(text: str, position: int, most: int = MAX_DISPLAY) -> int:
    limit = min(len(text), position + most)
    blank = _BLANK.search(text, position, limit)
    return blank.start() if blank else limit


def _formula(text: str, found: re.Match[str]) -> tuple[Formula, int] | None:
    limit = _paragraph_end(text, found.start())
    if found["environment"] is not None:
        return _environment(text, found)
    if found["bracket"] is not None:
        return _bracket(text, found, limit)
    if found["display"] is not None:
        end = _closing(text, found.end(), limit, "$$")
        if end < 0 or not text[found.end() : end].strip():
            return None
        return _labelled(text, found.start(), end + 2, text[found.end() : end])
    if found["dollar"] is not None:
        return _inline(text, found, limit)
    return None


def _labelled(text: str, start: int, end: int, tex: str) -> tuple[Formula, int]:
    label = _LABEL.match(text, end)
    name = (label["myst"] or label["quarto"]) if label else ""
    after = label.end() if label else end
    return Formula(tex.strip(), True, text[start:after], name), after


def _closing(text: str, position: int, limit: int, mark: str) -> int:
    """Where ``mark`` stands next, not escaped and outside braces; -1 where it doesn't."""
    depth = 0
    for found in _STEPS.finditer(text, position, limit):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            depth -= 1
        elif found[0] == "$" and depth <= 0 and text.startswith(mark, found.start()):
            return found.start()
    return -1


def _inline(text: str, found: re.Match[str], limit: int) -> tuple[Formula, int] | None:
    end = _closing(text, found.end(), min(limit, found.end() + MAX_INLINE), "$")
    if end < 0:
        return None
    content = text[found.end() : end]
    after = text[end + 1 : end + 2]
    if not content.strip() or after.isdigit() or "`" in content or text.startswith("$$", end):
        return None
    tight = not content[0].isspace() and not content[-1].isspace()
    tex = bool(_TEX.search(content))
    if not tex and content[0].isdigit() and (_MONEY.match(content) or _SENTENCE.search(content)):
        return None
    if not tight and not tex and not re.fullmatch(r"\s*\S{1,12}\s*", content):
        return None
    if not tight and not tex and content[-1].isspace() and content.strip(" ,.;").isdigit():
        return None  # "$5 $6"
    return Formula(content.strip(), False, text[found.start() : end + 1]), end + 1


def _bracket(text: str, found: re.Match[str], limit: int) -> tuple[Formula, int] | None:
    mark = found["bracket"]
    display = mark.endswith("[")
    closing = mark[:-1] + ("]" if display else ")")
    end = text.find(closing, found.end(), limit)
    if end < 0:
        return None
    tex = text[found.end() : end]
    if not tex.strip():
        return None
    after = end + len(closing)
    if len(mark) == 2 and display and (not re.search(r"[\\^_=+<>]", tex) or text.startswith("(", after)):
        return None  # "\[1\]" is an escaped bracket
    if not display:
        return Formula(tex.strip(), False, text[found.start() : after]), after
    return _labelled(text, found.start(), after, tex)


def _environment(text: str, found: re.Match[str]) -> tuple[Formula, int] | None:
    if found["environment"] not in ENVIRONMENTS:
        return None
    written = found["environment"] + found["star"]
    if text.find(f"\\end{{{written}}}", found.end()) < 0:
        return None
    name = re.escape(written)
    depth = 0
    for mark in re.compile(rf"\\(begin|end)\{{{name}\}}").finditer(
        text, found.start(), found.start() + MAX_DISPLAY
    ):
        depth += 1 if mark[1] == "begin" else -1
        if depth == 0:
            return Formula(
                text[found.start() : mark.end()], True, text[found.start() : mark.end()]
            ), mark.end()
    return None
