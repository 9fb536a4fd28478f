"""Markdown as Jupyter, MyST and Quarto write it, read by markdown-it-py in two steps.

:func:`blocks` reads the blocks of one cell; when all cells have been read (so that footnotes and link
definitions of later cells are known), :func:`render` makes the HTML of each, which is not yet
sanitised: ``prose`` does that and turns it into the site's markup.
"""

# ruff: noqa: ARG001, ARG002 — the signatures are markdown-it's
from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML, RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from blog.convert.callouts import alert_open, attributes, directive, fenced_div_plugin
from blog.convert.citation_syntax import citation_plugin
from blog.convert.highlight import code_html
from blog.convert.page import Page
from blog.convert.slots import Slot
from blog.convert.tree import escape

_ATTRIBUTES = ("width", "height", "title", "fig-alt", "lang")
_BRACES = re.compile(r"\{[^{}\n]*\}")
_HEADING_ATTRIBUTES = re.compile(r"\s*\{([^{}]*)\}\s*$")


class Renderer(RendererHTML):
    """Writes tokens as HTML; code and directives go into slots at once."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a fenced block: a directive, or code."""
        page: Page = env["page"]
        token = tokens[idx]
        info = page.slots.sources(token.info).strip()
        made = directive(info, token.content, env)
        if made is not None:
            return made
        language = info.strip("{}.").split(maxsplit=1)[0].strip("{}.,") if info.strip("{}. ") else "text"
        return _code(page, token.content, language or "text")

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write an indented block of code."""
        return _code(env["page"], tokens[idx].content, "text")

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a span of code."""
        page: Page = env["page"]
        return f"<code>{escape(page.slots.sources(tokens[idx].content))}</code>"

    def alert_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Start a callout in GitHub's form."""
        return alert_open(tokens[idx])

    def alert_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """End a callout."""
        return "</aside>"

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Start a cell of a table: its alignment is a class, not a style."""
        return _aligned(tokens[idx])

    th_open = td_open


def _footnote_ref(
    self: RendererProtocol, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    """Write a reference to a note; ``markup`` puts the note itself beside the paragraph."""
    mark: str = env["notes"].reference(tokens[idx].meta, env)
    return mark


def _aligned(token: Token) -> str:
    align = re.search(r"text-align:\s*(\w+)", str(token.attrs.get("style", "")))
    name = {"left": "ta-l", "center": "ta-c", "right": "ta-r"}.get(align[1], "") if align else ""
    return f'<{token.tag} class="{name}">' if name else f"<{token.tag}>"


def _code(page: Page, content: str, language: str) -> str:
    content = page.slots.sources(content)
    label = page.name("Code" if language == "text" else f"Code, {language}")
    return page.slots.put(Slot(lambda: code_html(content, language, label), source=content, block=True))


class _Parser(MarkdownIt):
    """Lets every link through: the sanitiser and ``links`` decide."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 — the name is markdown-it's
        """Say that a link is good."""
        return True


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = _Parser(
        "commonmark",
        {
            "html": True,
            "linkify": False,
            "typographer": False,
            "alerts": True,
            "tasklists": True,
            "maxNesting": 100,
        },
        renderer_cls=Renderer,
    )
    parser.enable(["table", "strikethrough"])
    parser.use(deflist_plugin)
    parser.use(footnote_plugin, inline=True, move_to_end=False)
    parser.use(gfm_autolink_plugin)
    parser.inline.ruler.push("attributes", _attributes)
    parser.use(fenced_div_plugin)
    parser.use(citation_plugin)
    parser.add_render_rule("footnote_ref", _footnote_ref)
    parser.core.ruler.push("heading_attributes", _heading_attributes)
    return parser


@lru_cache(maxsize=1)
def _block_parser() -> MarkdownIt:
    """Make the same parser, stopping after the blocks."""
    parser = _parser.__wrapped__()
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _attributes(state: StateInline, silent: bool) -> bool:
    """Read Pandoc's ``![…](…){#fig-x width=50%}``."""
    last = state.tokens[-1] if state.tokens and not state.pending else None
    found = _BRACES.match(state.src, state.pos) if last and last.type in ("image", "link_close") else None
    if found is None or last is None:
        return False
    names, identity, pairs = attributes(found[0])
    if not (names or identity or pairs):
        return False
    if not silent:
        token = last
        if last.type == "link_close":
            token = next(one for one in reversed(state.tokens) if one.type == "link_open")
        for name, value in pairs.items():
            if name in _ATTRIBUTES:
                token.attrSet(name, value)
        if names:
            token.attrSet("class", " ".join(names))
        if identity:
            token.attrSet("id", identity)
    state.pos = found.end()
    return True


def _heading_attributes(state: StateCore) -> None:
    """Read Pandoc's ``## Title {#sec-x}``."""
    for index, token in enumerate(state.tokens):
        if token.type != "heading_open":
            continue
        children = state.tokens[index + 1].children or []
        if not children or children[-1].type != "text":
            continue
        found = _HEADING_ATTRIBUTES.search(children[-1].content)
        if found and re.search(r"(^|\s)[#.]\S|=|^-$", found[1].strip()):
            children[-1].content = children[-1].content[: found.start()]
            name = re.search(r"(?:^|\s)#([^\s}]+)", found[1])
            if name:
                token.attrSet("id", name[1])


def blocks(source: str, env: dict[str, Any]) -> list[Token]:
    """Read the blocks of one Markdown cell; definitions go to ``env``, which all cells share."""
    return _block_parser().parse(source, env)


def render(tokens: list[Token], env: dict[str, Any]) -> str:
    """Make the HTML of blocks that :func:`blocks` has read, not yet sanitised."""
    parser = _parser()
    state = StateCore("", parser, env)
    state.tokens = tokens
    for rule in parser.core.ruler.getRules(""):
        if rule.__name__ not in ("normalize", "block"):
            rule(state)
    html: str = parser.renderer.render(state.tokens, parser.options, env)
    return html


def inline(source: str, env: dict[str, Any]) -> str:
    """Make the HTML of one line of Markdown (a caption, a title), not yet sanitised."""
    html: str = _parser().renderInline(source, env)
    return html
