"""Guesses the language of a notebook's code and knows how that language writes a comment."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from pygments.lexers import get_all_lexers

UNKNOWN = "text"

# Names that kernels give to their language (in lower case, without a version) and Pygments does not
# know, or knows as something else.
_NAMES = {
    "ipython": "python",
    "ipykernel": "python",
    "conda": "python",
    "pyodide": "python",
    "pyspark": "python",
    "pysparkkernel": "python",
    "sage": "python",
    "sagemath": "python",
    "xeus-python": "python",
    "xpython": "python",
    "ir": "r",
    "xr": "r",
    "ijulia": "julia",
    ".net-csharp": "csharp",
    "c#": "csharp",
    ".net-fsharp": "fsharp",
    "f#": "fsharp",
    ".net-powershell": "powershell",
    "pwsh": "powershell",
    "polyglot-notebook": "csharp",
    "c++": "cpp",
    "xcpp": "cpp",
    "cling": "cpp",
    "calysto_bash": "bash",
    "sh": "bash",
    "zsh": "bash",
    "xsql": "sql",
    "xsqlite": "sql",
    "sqlite": "sql",
    "mysql": "sql",
    "postgresql": "sql",
    "ijavascript": "javascript",
    "jslab": "javascript",
    "node": "javascript",
    "nodejs": "javascript",
    "deno": "typescript",
    "tslab": "typescript",
    "gophernotes": "go",
    "golang": "go",
    "gonb": "go",
    "evcxr": "rust",
    "evcxr_jupyter": "rust",
    "ihaskell": "haskell",
    "iruby": "ruby",
    "ijava": "java",
    "rapaio-jupyter-kernel": "java",
    "almond": "scala",
    "apache_toree_scala": "scala",
    "spylon-kernel": "scala",
    "sparkkernel": "scala",
    "xlua": "lua",
    "ilua": "lua",
    "iperl": "perl",
    "xoctave": "octave",
    "imatlab": "matlab",
    "jupyter_matlab_kernel": "matlab",
    "wolfram": "mathematica",
    "wolfram language": "mathematica",
    "wolframlanguage": "mathematica",
    "lisp": "common-lisp",
    "common lisp": "common-lisp",
    "calysto_scheme": "scheme",
    "lfortran": "fortran",
}

_COMMENTS = {
    "//": (
        *("c", "cpp", "csharp", "dart", "fsharp", "go", "groovy", "java", "javascript", "kotlin"),
        *("php", "rust", "scala", "stata", "swift", "typescript"),
    ),
    "--": ("ada", "elm", "haskell", "lua", "plpgsql", "sql"),
    "%": ("erlang", "matlab", "octave", "prolog", "tex"),
    ";": ("clojure", "common-lisp", "emacs-lisp", "racket", "scheme"),
    "!": ("fortran",),
}

# What lines of a language look like, for notebooks that do not say theirs.
_SIGNS = {
    "python": (
        r"^[ \t]*(?:import \w|from [\w.]+ import |def \w+\(.*:|class \w+.*:|(?:for|if|while|with) .*:[ \t]*$"
        r"|print ?[('\"]|%%?[a-z])"
    ),
    "julia": r"^[ \t]*(?:using [A-Z]|function \w+\(.*\)[ \t]*$|end[ \t]*$|println\()",
    "r": r"(?:^|\s)[\w.]+ <- |^[ \t]*library\(|%>%|%in%",
}


@cache
def _known() -> frozenset[str]:
    # without plugins: the same answer whatever else is installed
    return frozenset(
        alias for _name, aliases, _files, _mimes in get_all_lexers(plugins=False) for alias in aliases
    )


def lexer(name: str) -> str | None:
    """Give the name of the Pygments lexer for a language or kernel called ``name``, or None."""
    name = name.strip().lower()[:60]
    # "julia-1.9", "xcpp17", "scala212", "python37564bit…", "conda-env-x-py", "IPython3"
    plain = re.sub(r"(?:-env-.*|[-_. ]*v?\d.*|\s*\(.*)$", "", name)
    for candidate in (name, plain):
        candidate = _NAMES.get(candidate, candidate)
        if candidate in _known():
            return {"py": "python", "python3": "python", "python2": "python", "jl": "julia"}.get(
                candidate, candidate
            )
    return None


def language(root: dict[str, Any], cells: Iterable[dict[str, Any]], sources: Iterable[str], old: bool) -> str:
    """Give the Pygments lexer for the notebook's code, ``text`` where nothing tells.

    ``root`` is the metadata of the notebook and ``cells`` its cells, both as found (formats 2 and 3 keep the
    language there), ``sources`` the code. A silent notebook of format 2 or 3 (``old``) is Python's.
    """
    said: list[object] = []
    for key, fields in (("language_info", ("pygments_lexer", "name")), ("kernelspec", ("language", "name"))):
        part = root.get(key)
        if isinstance(part, dict):
            said.extend(part.get(field) for field in fields)
    said.append(root.get("language"))
    said.extend(cell.get("language") for cell in cells)
    for name in said:
        found = lexer(name) if isinstance(name, str) and name.strip() else None
        if found and found != UNKNOWN:
            return found
    if any(isinstance(name, str) and name.strip() for name in said):
        return UNKNOWN  # it does say, but nobody knows that language
    return _guess(sources) or ("python" if old else UNKNOWN)


def _guess(sources: Iterable[str]) -> str:
    code = "\n".join(sources)[:200_000]
    counts = {name: len(re.findall(sign, code, re.MULTILINE)) for name, sign in _SIGNS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""


def comment(name: str) -> str:
    """Give the characters that begin a comment in the language ``name`` (a lexer's name)."""
    for mark, names in _COMMENTS.items():
        if name in names:
            return mark
    return "#"
