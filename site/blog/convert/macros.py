r"""``\newcommand`` and its kin: read from formulas, kept for later ones, put in place where need be."""

from __future__ import annotations

import re

# a formula longer than this after its definitions were put in place is given up, in characters
MAX_EXPANDED = 20_000

_DEFINITION = re.compile(
    r"\\(?:(?P<new>(?:re)?newcommand\*?|providecommand\*?|DeclareRobustCommand)"
    r"|(?P<operator>DeclareMathOperator)(?P<star>\*?)"
    r"|(?P<def>[gex]?def))(?![A-Za-z])\s*"
)
_NAME = re.compile(r"\{?\s*(\\(?:[A-Za-z]+|.))\s*\}?\s*")
_DEF_PARAMETERS = re.compile(r"(?:#\d\s*)*")
_NEW_PARAMETERS = re.compile(r"(?:\[\d\]\s*)?")
_ONE_TOKEN = re.compile(r"\\[A-Za-z]+|\S")


class MacroError(Exception):
    """Definitions that grow without end."""


def take(tex: str, macros: dict[str, str]) -> str:
    """Move the definitions in ``tex`` to ``macros``, in KaTeX's form, and give the rest."""
    parts: list[str] = []
    position = 0
    for found in _DEFINITION.finditer(tex):
        if found.start() < position:
            continue
        read = _definition(tex, found)
        if read is None:
            continue
        name, body, end = read
        parts.append(tex[position : found.start()])
        if not (found["new"] or "").startswith("providecommand") or name not in macros:
            macros[name] = body
        position = end
    parts.append(tex[position:])
    return "".join(parts)


def _definition(tex: str, found: re.Match[str]) -> tuple[str, str, int] | None:
    name = _NAME.match(tex, found.end())
    if name is None:
        return None
    parameters = (_DEF_PARAMETERS if found["def"] else _NEW_PARAMETERS).match(tex, name.end())
    read = group(tex, parameters.end() if parameters else name.end())
    if read is None:
        return None
    body, end = read
    if found["operator"]:
        body = f"\\operatorname{found['star']}{{{body}}}"
    return name[1], body, end


def group(tex: str, position: int) -> tuple[str, int] | None:
    """Give what stands in braces at ``position`` (or the one token there), and where it ends."""
    if tex[position : position + 1] != "{":
        found = _ONE_TOKEN.match(tex, position)
        return (found[0], found.end()) if found else None
    depth, index = 0, position
    while index < len(tex):
        if tex[index] == "\\":
            index += 2
            continue
        depth += {"{": 1, "}": -1}.get(tex[index], 0)
        index += 1
        if depth == 0:
            return tex[position + 1 : index - 1], index
    return None


def used(tex: str, macros: dict[str, str]) -> dict[str, str]:
    """Give the definitions that a formula needs, by way of others too."""
    needed: dict[str, str] = {}
    waiting = [tex]
    while waiting:
        text = waiting.pop()
        for name, body in macros.items():
            if name not in needed and name in text:
                needed[name] = body
                waiting.append(body)
    return dict(sorted(needed.items()))


def expand(tex: str, macros: dict[str, str], rounds: int = 8) -> str:
    """Put definitions in place, for a renderer that knows none. Raises MacroError."""
    for _ in range(rounds):
        before = tex
        for name, body in macros.items():
            tex = _expand(tex, name, body)
        if tex == before:
            break
    return tex


def _expand(tex: str, name: str, body: str) -> str:
    """Put one definition in place wherever its name stands."""
    pattern = re.compile(re.escape(name) + (r"(?![A-Za-z])" if name[-1:].isalpha() else ""))
    count = max((int(one) for one in re.findall(r"#(\d)", body)), default=0)
    parts: list[str] = []
    position = 0
    while found := pattern.search(tex, position):
        end = found.end()
        arguments: list[str] = []
        for _ in range(count):
            while tex[end : end + 1].isspace():
                end += 1
            read = group(tex, end)
            if read is None:
                break
            arguments.append(read[0])
            end = read[1]
        parts += [tex[position : found.start()], "{", _filled(body, arguments), "}"]
        position = end
        if sum(map(len, parts)) > MAX_EXPANDED:
            raise MacroError
    parts.append(tex[position:])
    return "".join(parts)


def _filled(body: str, arguments: list[str]) -> str:
    return re.sub(
        r"#(\d)", lambda one: arguments[int(one[1]) - 1] if int(one[1]) <= len(arguments) else "", body
    )
