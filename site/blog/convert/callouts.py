"""Callouts and the other directives: GitHub's ``> [!NOTE]``, MyST's ``{note}``, Quarto's ``.callout-note``.

A fenced div (``:::``) is read by a block rule, a directive in backticks by :func:`directive`; both end
as the design board's region of interest. A directive that is not known keeps its content.
"""

# ruff: noqa: ARG001 — the signatures are markdown-it's
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from blog.convert.tree import escape_attribute

# kind: the classes beside "roi", and the label where the author gives none
KINDS: dict[str, tuple[str, str]] = {
    "note": ("", "Note"),
    "info": ("", "Note"),
    "seealso": ("", "See also"),
    "todo": ("", "To do"),
    "admonition": ("", "Note"),
    "tip": ("tip", "Tip"),
    "hint": ("tip", "Hint"),
    "important": ("important", "Important"),
    "attention": ("warn", "Attention"),
    "warning": ("warn", "Warning"),
    "caution": ("warn caution", "Caution"),
    "danger": ("warn caution", "Danger"),
    "error": ("warn caution", "Error"),
}

# directives whose content is not prose, so that the search for formulas must pass them by
CODE_DIRECTIVES = frozenset(
    {"code", "code-block", "code-cell", "sourcecode", "literalinclude", "mermaid", "eval-rst", "raw"}
)

_NAME = re.compile(r"\{([A-Za-z][\w:+.-]*)\}\s*(.*)", re.DOTALL)
_OPTION = re.compile(r"[ \t]*:([A-Za-z][\w-]*):[ \t]*([^\n]*)(?:\n|$)")
_OPEN = re.compile(r"(:{3,})[ \t]*(?:(\{[^{}]*\})|([A-Za-z][\w-]*))[ \t]*(.*?)[ \t]*:*[ \t]*$")
_HEADING = re.compile(r"#{1,6}[ \t]+(.*?)[ \t#]*$")
_PAIR = re.compile(r"""([\w-]+)=(?:"([^"]*)"|'([^']*)'|([^\s"'}]+))""")


def is_prose(info: str) -> bool:
    """Whether a fence with this info string is a directive that holds prose."""
    found = _NAME.match(info.strip())
    return bool(found) and (found[1].lower() in KINDS or found[1].lower() == "figure")  # type: ignore[index]


def opening(kind: str, title: str, *, collapse: bool = False, opened: bool = False) -> str:
    """Write the start of a callout; ``title`` is HTML that is not yet sanitised."""
    classes, label = KINDS[kind]
    names = f"roi {classes}".strip()
    if collapse:
        state = " open" if opened else ""
        return f'<details class="{names}"{state}><summary class="label">{title or label}</summary>\n'
    return f'<aside class="{names}"><span class="label">{title or label}</span>\n'


def alert_open(token: Token) -> str:
    """Write the start of a callout in GitHub's form; its title comes as tokens of its own."""
    classes, _ = KINDS.get(str(token.meta["kind"]).lower(), KINDS["note"])
    return f'<aside class="{f"roi {classes}".strip()}">'


def directive(info: str, content: str, env: EnvType) -> str | None:
    """Give the HTML of a MyST directive in a fence, None where the fence is just code."""
    found = _NAME.match(info)
    if found is None:
        return None
    name, argument = found[1].lower(), found[2].strip()
    options, content = _options(content)
    if name in KINDS:
        collapse = "dropdown" in options.get("class", "").split()
        title = env["inline"](argument) if argument else ""
        end = "</details>" if collapse else "</aside>"
        return f"{opening(name, title, collapse=collapse)}{env['nested'](content)}{end}\n"
    if name in ("figure", "image"):
        return _figure(argument, options, content if name == "figure" else "", env)
    if name == "math":
        formula = env["display"](
            f"{argument}\n{content}".strip(), options.get("label", options.get("name", ""))
        )
        return f"<p>{formula}</p>\n"
    return None


def _options(content: str) -> tuple[dict[str, str], str]:
    """Read the ``:key: value`` lines at the start of a directive."""
    options: dict[str, str] = {}
    while found := _OPTION.match(content):
        options[found[1].lower()] = found[2].strip()
        content = content[found.end() :]
    return options, content


def _figure(source: str, options: dict[str, str], caption: str, env: EnvType) -> str:
    attributes = {"src": source, "alt": options.get("alt", "")}
    if "width" in options:
        attributes["width"] = options["width"]
    if name := options.get("name", options.get("label", "")):
        attributes["id"] = name
    written = " ".join(f'{key}="{escape_attribute(value)}"' for key, value in attributes.items())
    text = env["inline"](" ".join(caption.split("\n\n", 1)[0].split()))
    rest = caption.split("\n\n", 1)[1] if "\n\n" in caption.strip() else ""
    legend = f"<figcaption>{text}</figcaption>" if text else ""
    return f"<figure><img {written}>{legend}</figure>\n{env['nested'](rest) if rest else ''}"


def attributes(braces: str) -> tuple[list[str], str, dict[str, str]]:
    """Read Pandoc's ``{.class #id key="value"}``: classes, id, pairs."""
    inside = braces.strip("{}")
    pairs = {found[1]: found[2] or found[3] or found[4] or "" for found in _PAIR.finditer(inside)}
    rest = _PAIR.sub(" ", inside).split()
    names = [word[1:] for word in rest if word.startswith(".")]
    ids = [word[1:] for word in rest if word.startswith("#")]
    return names, ids[0] if ids else "", pairs


def fenced_div_plugin(parser: MarkdownIt) -> None:
    """Add fenced divs, which may lie in each other."""
    parser.block.ruler.before(
        "fence", "fenced_div", _fenced_div, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    parser.add_render_rule("fenced_div_open", _render_open)
    parser.add_render_rule("fenced_div_close", _render_close)
    parser.add_render_rule("alert_title_open", _render_title_open)
    parser.add_render_rule("alert_title_close", _render_title_close)


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _fenced_div(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = _line(state, start)
    if state.is_code_block(start) or not first.startswith(":::"):
        return False
    found = _OPEN.match(first)
    if found is None:
        return False
    if silent:
        return True
    depth, last = 1, start + 1
    while last < end:
        line = _line(state, last).strip()
        if line.startswith(":::"):
            depth += -1 if not line.strip(": ") else bool(_OPEN.match(line))
            if depth == 0:
                break
        last += 1
    token = state.push("fenced_div_open", "div", 1)
    token.map = [start, last]
    body = start + 1
    meta, body = _meta(state, found, body, last)
    token.meta = meta
    old_parent, old_max = state.parentType, state.lineMax
    state.parentType, state.lineMax = "blockquote", last
    state.md.block.tokenize(state, body, last)
    state.parentType, state.lineMax = old_parent, old_max
    token = state.push("fenced_div_close", "div", -1)
    token.meta = meta
    state.line = min(last + 1, end)
    return True


def _meta(state: StateBlock, found: re.Match[str], body: int, last: int) -> tuple[dict[str, Any], int]:
    """Tell what a fenced div is, and the line its content starts at."""
    braces, word, title = found[2] or "", (found[3] or "").lower(), found[4]
    meta: dict[str, Any] = {
        "kind": "",
        "title": title,
        "collapse": False,
        "open": False,
        "id": "",
        "classes": [],
    }
    myst = re.fullmatch(r"\{([A-Za-z][\w-]*)\}", braces)
    if myst or word:
        meta["kind"] = (myst[1] if myst else word).lower()
        while body < last and (option := _OPTION.match(_line(state, body))):
            if option[1] == "class" and "dropdown" in option[2].split():
                meta["collapse"] = True
            meta.setdefault("options", {})[option[1].lower()] = option[2].strip()
            body += 1
        return meta, body
    meta["classes"], meta["id"], pairs = attributes(braces)
    for name in meta["classes"]:
        if name.startswith("callout-"):
            meta["kind"] = name.removeprefix("callout-")
    meta["title"] = pairs.get("title", "")
    meta["collapse"] = pairs.get("collapse", "") in ("true", "false")
    meta["open"] = pairs.get("collapse", "") == "false"
    if meta["kind"] and not meta["title"]:
        first = body
        while first < last and not _line(state, first).strip():
            first += 1
        if first < last and (heading := _HEADING.match(_line(state, first))):
            meta["title"], body = heading[1], first + 1
    return meta, body


def _render_open(
    self: RendererProtocol, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    meta = tokens[idx].meta
    if meta["kind"] in KINDS:
        title = env["inline"](meta["title"]) if meta["title"] else ""
        return opening(meta["kind"], title, collapse=meta["collapse"], opened=meta["open"])
    if meta["kind"] == "figure" and meta["title"]:
        chosen = meta.get("options", {})
        name = chosen.get("name", chosen.get("label", ""))
        picture = (
            f'<img src="{escape_attribute(meta["title"])}" alt="{escape_attribute(chosen.get("alt", ""))}"'
        )
        return f'<figure>{picture}{f""" id="{escape_attribute(name)}" """ if name else ""}><figcaption>'
    identity = f' id="{escape_attribute(meta["id"])}"' if meta["id"] else ""
    return f'<div class="{escape_attribute(" ".join(meta["classes"]))}"{identity}>\n'


def _render_close(
    self: RendererProtocol, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    meta = tokens[idx].meta
    if meta["kind"] in KINDS:
        return "</details>\n" if meta["collapse"] else "</aside>\n"
    if meta["kind"] == "figure" and meta["title"]:
        return "</figcaption></figure>\n"
    return "</div>\n"


def _render_title_open(
    self: RendererProtocol, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    return '<span class="label">'


def _render_title_close(
    self: RendererProtocol, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    return "</span>\n"
