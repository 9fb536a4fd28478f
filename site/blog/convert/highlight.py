"""Code as lines of HTML with Pygments' short class names, for the stylesheet to colour.

Each line is a ``<span class="l">``, as the design board has it; whitespace, plain names and
punctuation get no span of their own, which keeps pages small.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

from blog.convert.tree import escape, escape_attribute

# longer code than this is shown without colours, so that no page takes seconds
MAX_COLOURED = 200_000

# what reads the same without a colour
_PLAIN = frozenset({"", "n", "p", "w", "x", "err", "esc", "g", "pm", "o"})

# cell magics whose body is another language
_MAGICS = {
    "bash": "bash", "sh": "bash", "script": "bash", "cmd": "bat", "html": "html", "svg": "xml",
    "javascript": "javascript", "js": "javascript", "latex": "tex", "markdown": "markdown", "perl": "perl",
    "ruby": "ruby", "r": "r", "cython": "cython", "sql": "sql", "writefile": "", "file": "",
    "python": "python", "python2": "python", "python3": "python", "pypy": "python", "julia": "julia",
    "powershell": "powershell", "pwsh": "powershell", "cpp": "cpp", "c": "c", "css": "css",
}  # fmt: skip
_CELL_MAGIC = re.compile(r"\s*%%(\w+)([^\n]*)\n")


@lru_cache(maxsize=64)
def _lexer(name: str) -> Any:
    """Give the lexer of a language, plain text where there is none."""
    name = name.strip().lower()
    name = {"ipython": "ipython3", "ipython2": "python", "c#": "csharp", "f#": "fsharp", "jl": "julia"}.get(
        name, name
    )
    if name in ("ipython3", "python", "python3", "py", "sage"):
        from ipython_pygments_lexers import IPython3Lexer

        return IPython3Lexer(stripnl=False, ensurenl=False)
    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except (ClassNotFound, ValueError):
        return TextLexer(stripnl=False, ensurenl=False)


@lru_cache(maxsize=512)
def _class(token: _TokenType) -> str:
    found: _TokenType | None = token
    while found is not None and found not in STANDARD_TYPES:
        found = found.parent
    name = STANDARD_TYPES[found] if found is not None else ""
    return "" if name in _PLAIN else name


def _tokens(code: str, language: str) -> list[tuple[str, str]]:
    """Pairs of class and text. A lexer that fails leaves the code plain."""
    if len(code) > MAX_COLOURED:
        return [("", code)]
    magic = _CELL_MAGIC.match(code)
    if magic and magic[1].lower() in _MAGICS:
        inner = _MAGICS[magic[1].lower()]
        if not inner:
            inner = _by_file_name(magic[2])
        return [("nv", magic[0].rstrip("\n")), ("", "\n"), *_tokens(code[magic.end() :], inner)]
    pairs: list[tuple[str, str]] = []
    try:
        for token, text in _lexer(language).get_tokens(code):
            name = _class(token)
            if pairs and pairs[-1][0] == name:
                pairs[-1] = (name, pairs[-1][1] + text)
            else:
                pairs.append((name, text))
    except (RecursionError, ValueError, IndexError, AttributeError, TypeError, re.error):
        return [("", code)]
    return pairs


def _by_file_name(arguments: str) -> str:
    extension = arguments.strip().rpartition(".")[2].lower() if "." in arguments else ""
    return (
        extension
        if extension in {"py", "c", "cpp", "html", "css", "js", "json", "sh", "r", "jl", "sql"}
        else "text"
    )


def lines(code: str, language: str) -> list[str]:
    """Each line of ``code`` as HTML, without its line end."""
    result = [""]
    for name, text in _tokens(code.replace("\r\n", "\n").replace("\r", "\n"), language):
        for index, piece in enumerate(text.split("\n")):
            if index:
                result.append("")
            if piece:
                shown = escape(piece)
                result[-1] += f'<span class="{name}">{shown}</span>' if name else shown
    return result


def code_html(code: str, language: str, label: str) -> str:
    """Write a ``.code`` box. ``label`` is the name that a screen reader gives it."""
    code = code.strip("\n")
    spans = "".join(f'<span class="l">{line}\n</span>' for line in lines(code, language))
    return (
        f'<div class="code" data-copy><pre tabindex="0" role="region" aria-label="{escape_attribute(label)}">'
        f"<code>{spans}</code></pre></div>"
    )
