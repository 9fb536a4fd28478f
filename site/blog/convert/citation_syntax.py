"""Citations as Pandoc, Quarto and MyST write them: a plugin for markdown-it-py.

Read are ``[@key]``, ``[see @a, p. 3; @b]``, ``[-@key]``, ``@key`` in the text with ``[p. 3]`` after it, and
MyST's roles ``{cite:p}`` and ``{cite:t}``. What such a citation becomes is the business of whoever stands
in the environment as ``citations``.
"""

# ruff: noqa: ARG001 — the signatures are markdown-it's
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_KEY = r"@(?:\{(?P<braced>[^{}\s]+)\}|(?P<bare>[A-Za-z0-9_](?:\w|[:.#$%&+?<>~/-](?=\w))*))"
_CLUSTER = re.compile(r"\[((?:[^\[\]\\`\n]|\n(?!\n)|\\.)*)\](?![(\[:])")
_ITEM = re.compile(rf"(?P<prefix>[^@]*?)(?P<minus>-?){_KEY}(?P<rest>.*)", re.DOTALL)
_TEXT = re.compile(_KEY)
_AFTER = re.compile(r"[ \t]?\[([^\[\]\\`\n@]+)\](?![(\[:])")
_ROLE = re.compile(r"\{(cite|cite:p|cite:ps|cite:t|cite:ts)\}`([^`\n]+)`")

# CSL's names of what a locator counts, by how Pandoc reads them
_LABELS = {
    "page": r"pp?\.|pages?",
    "chapter": r"chaps?\.|chapters?|ch\.",
    "section": r"secs?\.|sections?|§§?",
    "figure": r"figs?\.|figures?",
    "equation": r"eqs?\.|eqns?\.|equations?",
    "table": r"tabs?\.|tables?",
    "note": r"n\.|nn\.|notes?",
    "paragraph": r"para?s?\.|paragraphs?|¶¶?",
    "volume": r"vols?\.|volumes?",
    "appendix": r"app\.|appendix",
    "part": r"pts?\.|parts?",
}
_LOCATOR = re.compile(
    r"\s*,?\s*(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")?\s*(?P<number>[\dA-Z][\w.]*(?:\s*[-–,]\s*\d[\w.]*)*)(?P<suffix>.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Cited:
    """One work in a citation; ``label`` says what ``locator`` counts (CSL's names)."""

    key: str
    prefix: str = ""
    label: str = ""
    locator: str = ""
    suffix: str = ""
    without_author: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """One citation: its works and how it was written; ``narrative`` has the author in the sentence."""

    works: tuple[Cited, ...]
    source: str
    narrative: bool = False


def citation_plugin(parser: MarkdownIt) -> None:
    """Teach a parser to read citations; ``env["citations"]`` knows the keys and writes them."""
    parser.inline.ruler.before("link", "citation_cluster", _cluster)
    parser.inline.ruler.before("link", "citation_text", _in_text)
    parser.inline.ruler.before("link", "citation_role", _role)
    parser.add_render_rule("citation", _render)


def _push(state: StateInline, silent: bool, works: list[Cited], end: int, narrative: bool = False) -> bool:
    if not silent:
        token = state.push("citation", "", 0)
        token.meta = {"citation": Citation(tuple(works), state.src[state.pos : end], narrative)}
    state.pos = end
    return True


def _cluster(state: StateInline, silent: bool) -> bool:
    """Read ``[see @a, p. 3; -@b]``: each part between semicolons must name a work."""
    if state.src[state.pos] != "[" or state.linkLevel:
        return False
    found = _CLUSTER.match(state.src, state.pos, state.posMax)
    if found is None or "@" not in found[1]:
        return False
    parts = [_ITEM.fullmatch(part.strip()) for part in found[1].split(";")]
    if not all(part and not re.search(r"[\w.]-?$", part["prefix"]) for part in parts):
        return False
    return _push(state, silent, [_cited(part) for part in parts if part], found.end())


def _cited(part: re.Match[str]) -> Cited:
    label, locator, suffix = _located(part["rest"])
    return Cited(
        part["braced"] or part["bare"],
        " ".join(part["prefix"].split()),
        label,
        locator,
        suffix,
        without_author=bool(part["minus"]),
    )


def _located(rest: str) -> tuple[str, str, str]:
    """Take a locator apart from what follows it; a number alone counts pages."""
    rest = rest.strip()
    found = _LOCATOR.fullmatch(rest) if rest.startswith(",") else None
    if found is None:
        return "", "", rest
    label = next((name for name in _LABELS if found[name]), "")
    if not label and not found["number"][0].isdigit():
        return "", "", rest
    return label or "page", found["number"].strip(), found["suffix"].strip()


def _in_text(state: StateInline, silent: bool) -> bool:
    """Read ``@key`` and ``@key [p. 3]``; an address of a person has a letter before the sign."""
    if state.src[state.pos] != "@" or state.linkLevel:
        return False
    before = state.src[state.pos - 1] if state.pos else " "
    if before.isalnum() or before in "_./\\@":
        return False
    found = _TEXT.match(state.src, state.pos, state.posMax)
    if found is None or not state.env["citations"].has_bibliography:
        return False
    end, (label, locator, suffix) = found.end(), ("", "", "")
    after = _AFTER.match(state.src, end, state.posMax)
    if after:
        label, locator, suffix = _located(f", {after[1]}")
        end = after.end() if locator else end
    key = found["braced"] or found["bare"]
    return _push(state, silent, [Cited(key, "", label, locator, suffix if locator else "")], end, True)


def _role(state: StateInline, silent: bool) -> bool:
    """Read MyST's ``{cite:p}`a,b```."""
    if state.src[state.pos] != "{":
        return False
    found = _ROLE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    works = [Cited(key.strip()) for key in re.split("[,;]", found[2]) if key.strip()]
    narrative = found[1] in ("cite:t", "cite:ts") and len(works) == 1
    return _push(state, silent, works, found.end(), narrative)


def _render(
    self: RendererProtocol, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    html: str = env["citations"].cite(tokens[idx].meta["citation"])
    return html
