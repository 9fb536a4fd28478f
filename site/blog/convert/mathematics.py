r"""Formulas become MathML: definitions, numbers and labels are ours, the setting is KaTeX's.

``\newcommand`` and ``\def`` hold for all later cells of a notebook. ``\label``, ``\tag``, ``\ref`` and
the numbers of AMS environments are handled here, before KaTeX sees a formula. A formula that fails is
shown as its TeX, with a warning. A block has one number, or one for each of its labels.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from blog.convert.katex_process import KatexError, KatexUnavailable, katex
from blog.convert.mathml import core, spoken
from blog.convert.page import Page, slugify
from blog.convert.slots import Slot
from blog.convert.tree import escape, escape_attribute

_NUMBERED = frozenset({"equation", "align", "alignat", "flalign", "gather", "multline", "eqnarray"})
# environments by what KaTeX calls them without numbers
_WITHOUT_NUMBERS = {
    "align": "align*", "align*": "align*", "flalign": "align*", "flalign*": "align*", "alignat": "alignat*",
    "gather": "gather*", "multline": "gather*", "multline*": "gather*", "split": "split", "gather*": "gather*",
}  # fmt: skip
_ENVIRONMENT = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_TAG = re.compile(r"\\tag(\*?)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_NO_NUMBER = re.compile(r"\\(?:nonumber|notag)(?![A-Za-z])")
_REFERENCE = re.compile(r"\\(eqref|ref)\s*\{([^{}]*)\}")

_cache: dict[str, str | KatexError] = {}


@dataclass
class Mathematics:
    """The formulas of one page: its definitions so far, and the equations it has numbered."""

    page: Page
    macros: dict[str, str] = field(default_factory=dict)
    equations: int = 0

    def inline(self, tex: str, source: str) -> str:
        """Put an inline formula into a slot."""
        tex = self._define(tex)
        if not tex:
            return self.page.slots.put_html("", source=source)
        tex = _LABEL.sub("", _NO_NUMBER.sub("", tex))
        return self._slot(tex, display=False, source=source, wrap=lambda made: made)

    def display(self, tex: str, source: str, label: str = "") -> str:
        """Put a displayed formula into a slot, numbered where it is labelled or AMS numbers it."""
        tex = self._define(tex)
        if not tex:
            return self.page.slots.put_html("", source=source)
        tex, numbers, labels = self._numbers(tex, label)
        if not numbers:
            name = self.page.name("Equation")
            return self._slot(tex, display=True, source=source, wrap=lambda made: _equation(made, name))
        identity = self.page.id(slugify(labels[0]) if labels else f"eq-{numbers[0]}")
        if labels:
            numbers_of = numbers if len(numbers) == len(labels) else numbers[:1] * len(labels)
            for one, number in zip(labels, numbers_of, strict=True):
                self.page.labels.setdefault(one, (identity, number))
        shown = numbers[0] if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"
        name = self.page.name(f"Equation {shown}")
        return self._slot(
            tex, display=True, source=source, wrap=lambda made: _equation(made, name, identity, shown)
        )

    def attempt(self, tex: str, display: bool) -> str | None:
        """Render a formula at once, None where it is wrong (an output that has other forms)."""
        tex = self._define(tex)
        tex = _LABEL.sub("", _TAG.sub("", _NO_NUMBER.sub("", tex)))
        try:
            made = mathml(_prepared(tex), display, self.macros, tex)
        except KatexError:
            return None
        return _equation(made, self.page.name("Equation")) if display else made

    def _slot(self, tex: str, *, display: bool, source: str, wrap: Callable[[str], str]) -> str:
        macros = dict(self.macros)
        cell = self.page.cell
        rendered: list[str] = []

        def make() -> str:
            if not rendered:
                rendered.append(self._render(tex, display, macros, cell, wrap))
            return rendered[0]

        return self.page.slots.put(Slot(make, source, block=display, text=lambda: spoken(make())))

    def _render(
        self, tex: str, display: bool, macros: dict[str, str], cell: int | None, wrap: Callable[[str], str]
    ) -> str:
        known = self.page.labels

        def number(found: re.Match[str]) -> str:
            shown = known.get(found[2].strip(), ("", "?"))[1]
            return rf"\text{{({shown})}}" if found[1] == "eqref" else rf"\text{{{shown}}}"

        try:
            return wrap(mathml(_prepared(_REFERENCE.sub(number, tex)), display, macros, tex))
        except KatexError as error:
            at_work, self.page.cell = self.page.cell, cell
            first = " ".join(tex.split())
            self.page.warn(
                f"the formula {first if len(first) <= 60 else first[:57] + '…'} can't be set: {error}",
                "Mend its TeX; until then the page shows it as it is written",
            )
            self.page.cell = at_work
            code = f'<code class="tex-error">{escape(tex)}</code>'
            return f"<p>{code}</p>" if display else code

    # ------------------------------------------------------------- definitions
    def _define(self, tex: str) -> str:
        """Take the definitions out of a formula and keep them for it and all later ones."""
        if "\\" not in tex:
            return tex.strip()
        return definitions(tex, self.macros).strip()

    # ----------------------------------------------------------------- numbers
    def _numbers(self, tex: str, label: str) -> tuple[str, list[str], list[str]]:
        """Take labels and tags out; give the formula, its numbers and its labels."""
        labels = [found.strip() for found in _LABEL.findall(tex)]
        if label:
            labels.insert(0, label)
        tags = [found[2] if found[1] else found[2] for found in _TAG.finditer(tex)]
        environment = _ENVIRONMENT.match(tex.strip())
        numbered = bool(environment) and environment[1] in _NUMBERED  # type: ignore[index]
        if numbered and not labels and not tags and _NO_NUMBER.search(tex):
            rows = len(re.findall(r"\\\\(?![A-Za-z])", tex)) + 1
            numbered = len(_NO_NUMBER.findall(tex)) < rows
        tex = _LABEL.sub("", _TAG.sub("", _NO_NUMBER.sub("", tex))).strip()
        if tags:
            return tex, [html.unescape(tag) for tag in tags], labels
        if not labels and not numbered:
            return tex, [], labels
        count = max(1, len(labels))
        numbers = [str(self.equations + index + 1) for index in range(count)]
        self.equations += count
        return tex, numbers, labels


def _equation(made: str, name: str, identity: str = "", number: str = "") -> str:
    box = f'<div tabindex="0" role="region" aria-label="{escape_attribute(name)}">{made}</div>'
    if not identity:
        return f'<div class="eq">{box}</div>'
    return f'<div class="eq" id="{escape_attribute(identity)}">{box}<a href="#{escape_attribute(identity)}">({escape(number)})</a></div>'


def _prepared(tex: str) -> str:
    """Write a formula as KaTeX takes it: no numbered environments, none that it lacks."""
    tex = re.sub(r"\\(begin|end)\{(?:equation\*?|displaymath|math|subequations)\}", "", tex)
    tex = re.sub(r"\\begin\{eqnarray\*?\}", r"\\begin{darray}{rcl}", tex)
    tex = re.sub(r"\\end\{eqnarray\*?\}", r"\\end{darray}", tex)
    return re.sub(
        r"\\(begin|end)\{([a-z]+\*?)\}",
        lambda found: f"\\{found[1]}{{{_WITHOUT_NUMBERS.get(found[2], found[2])}}}",
        tex,
    ).strip()


def mathml(tex: str, display: bool, macros: dict[str, str], source: str) -> str:
    """The ``<math>`` element of a formula, from the cache where it was rendered before.

    Raises KatexError where the formula is wrong.
    """
    used = {name: body for name, body in macros.items() if name in tex or _reaches(name, tex, macros)}
    key = hashlib.sha256(json.dumps([tex, display, used, source], sort_keys=True).encode()).hexdigest()
    known = _cache.get(key)
    if known is None:
        try:
            known = _made(tex, display, used, source)
        except KatexError as error:
            known = error
        _cache[key] = known
    if isinstance(known, KatexError):
        raise KatexError(*known.args)
    return known


def _reaches(name: str, tex: str, macros: dict[str, str]) -> bool:
    """Whether a definition is used by way of another one."""
    return any(name in body for other, body in macros.items() if other != name)


def _made(tex: str, display: bool, macros: dict[str, str], source: str) -> str:
    try:
        made = katex.render(tex, display, macros)
    except KatexUnavailable:
        made = fallback(tex, display, macros)
    refused = re.search(r'mathcolor="#cc0000"><mtext>(\\[A-Za-z]+)', made)
    if refused:
        raise KatexError(f"{refused[1]} is not allowed")
    try:
        return core(made, source, display)
    except ValueError as error:
        raise KatexError(str(error)) from error


def fallback(tex: str, display: bool, macros: dict[str, str]) -> str:
    """Render without Node. Raises KatexError where a command is left over."""
    from latex2mathml.converter import convert  # noqa: PLC0415

    try:
        made: str = convert(expanded(tex, macros), display="block" if display else "inline")
    except Exception as error:
        raise KatexError(f"{type(error).__name__} in the renderer used without Node") from error
    if "\\" in made:
        raise KatexError("it holds a command that needs Node")
    return made


# ---------------------------------------------------------------- definitions
_DEFINITION = re.compile(
    r"\\(?:(?P<new>(?:re)?newcommand\*?|providecommand\*?|DeclareMathOperator(?P<star>\*?)|DeclareRobustCommand)"
    r"|(?P<def>[gex]?def))\s*"
)


def definitions(tex: str, macros: dict[str, str]) -> str:
    """Move the definitions in ``tex`` to ``macros``, in KaTeX's form; give the rest."""
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
    name = re.compile(r"\{?\s*(\\(?:[A-Za-z]+|.))\s*\}?\s*").match(tex, found.end())
    if name is None:
        return None
    position = name.end()
    if found["def"]:
        parameters = re.compile(r"(?:#\d\s*)*").match(tex, position)
        position = parameters.end() if parameters else position
    else:
        count = re.compile(r"(?:\[\d\]\s*)?").match(tex, position)
        position = count.end() if count else position
    group = _group(tex, position)
    if group is None:
        return None
    body, end = group
    if (found["new"] or "").startswith("DeclareMathOperator"):
        body = f"\\operatorname{found['star']}{{{body}}}"
    return name[1], body, end


def _group(tex: str, position: int) -> tuple[str, int] | None:
    """What stands in braces at ``position``, and where it ends."""
    if tex[position : position + 1] != "{":
        found = re.compile(r"\\[A-Za-z]+|\S").match(tex, position)
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


def expanded(tex: str, macros: dict[str, str], rounds: int = 8) -> str:
    """Put definitions in place, for a renderer that knows none."""
    for _ in range(rounds):
        before = tex
        for name, body in macros.items():
            tex = _expand_one(tex, name, body)
            if len(tex) > 20_000:
                raise KatexError("its definitions grow without end")
        if tex == before:
            break
    return tex


def _expand_one(tex: str, name: str, body: str) -> str:
    end_of_name = r"(?![A-Za-z])" if name[-1:].isalpha() else ""
    found = re.search(re.escape(name) + end_of_name, tex)
    while found:
        position, arguments = found.end(), []
        for _ in range(max((int(one) for one in re.findall(r"#(\d)", body)), default=0)):
            while tex[position : position + 1].isspace():
                position += 1
            group = _group(tex, position)
            if group is None:
                break
            arguments.append(group[0])
            position = group[1]
        values = arguments
        made = re.sub(r"#(\d)", lambda one: values[int(one[1]) - 1] if int(one[1]) <= len(values) else "", body)
        tex = f"{tex[: found.start()]}{{{made}}}{tex[position:]}"
        if len(tex) > 20_000:
            break
        found = re.search(re.escape(name) + end_of_name, tex[found.start() + len(made) :])
        if found:
            break  # the next round goes on
    return tex
