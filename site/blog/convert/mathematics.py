r"""Formulas become MathML: definitions, numbers and labels are ours, the setting is KaTeX's.

``\newcommand`` and ``\def`` hold for all later cells of a notebook. ``\label``, ``\tag``, ``\ref`` and
the numbers of AMS environments are handled here, before KaTeX sees a formula. A formula that fails is
shown as its TeX, with a warning. A block has one number, or one for each of its labels.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from blog.convert import macros, units
from blog.convert.katex_process import KatexError, KatexUnavailableError, katex
from blog.convert.mathml import core, spoken
from blog.convert.page import Label, Page, slugify
from blog.convert.slots import Slot
from blog.convert.tree import escape, escape_attribute

# formulas that are remembered in a process
MAX_REMEMBERED = 20_000

_NUMBERED = frozenset({"equation", "align", "alignat", "flalign", "gather", "multline", "eqnarray"})
# environments by what KaTeX calls them without numbers
_WITHOUT_NUMBERS = {
    "align": "align*",
    "alignat": "alignat*",
    "flalign": "align*",
    "flalign*": "align*",
    "gather": "gather*",
    "multline": "gather*",
    "multline*": "gather*",
}
_BARE = re.compile(r"\\(?:begin|end)\{(?:equation\*?|displaymath|math|subequations)\}")
_ENVIRONMENT = re.compile(r"\\(begin|end)\{([A-Za-z]+\*?)\}")
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_TAG = re.compile(r"\\tag\*?\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_NO_NUMBER = re.compile(r"\\(?:nonumber|notag)(?![A-Za-z])")
_REFERENCE = re.compile(r"\\(eqref|ref)\s*\{([^{}]*)\}")
_ROW = re.compile(r"\\\\(?![A-Za-z])")
# what KaTeX writes for a command that is not trusted
_REFUSED = re.compile(r'mathcolor="#cc0000"><mtext>(\\[A-Za-z]+)')

_remembered: dict[str, str | KatexError] = {}


@dataclass
class Mathematics:
    """The formulas of one page: its definitions so far, and the equations it has numbered."""

    page: Page
    macros: dict[str, str] = field(default_factory=dict)
    equations: int = 0

    def define(self, name: str, body: str) -> None:
        """Take a macro of the front matter, its name with or without the backslash."""
        if body.lstrip().startswith(("\\newcommand", "\\def", "\\DeclareMathOperator")):
            macros.take(body, self.macros)
        else:
            self.macros[name if name.startswith("\\") else f"\\{name}"] = body

    def inline(self, tex: str, source: str) -> str:
        """Put an inline formula into a slot."""
        tex = macros.take(tex, self.macros).strip()
        if not tex:
            return self.page.slots.put(Slot(str, source, empty=True))
        tex = _LABEL.sub("", _NO_NUMBER.sub("", tex))
        return self._slot(tex, display=False, source=source, wrap=lambda made: made)

    def display(self, tex: str, source: str, label: str = "") -> str:
        """Put a displayed formula into a slot, numbered where it is labelled or AMS numbers it."""
        tex = macros.take(tex, self.macros).strip()
        if not tex:
            return self.page.slots.put(Slot(str, source, empty=True))
        tex, numbers, labels = self._numbers(tex, label)
        if not numbers:
            name = self.page.name("Equation")
            return self._slot(tex, display=True, source=source, wrap=lambda made: _equation(made, name))
        identity = self.page.id(slugify(labels[0] if labels else f"eq-{numbers[0]}"))
        of_labels = numbers if len(numbers) == len(labels) else numbers[:1] * len(labels)
        for one, number in zip(labels, of_labels, strict=True):
            self.page.label(one, Label(identity, "equation", number))
        shown = numbers[0] if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"
        name = self.page.name(f"Equation {shown}")
        return self._slot(
            tex, display=True, source=source, wrap=lambda made: _equation(made, name, identity, shown)
        )

    def attempt(self, tex: str, display: bool) -> str | None:
        """Render a formula at once, None where it is wrong (for an output that has other forms)."""
        tex = macros.take(tex, self.macros)
        tex = _LABEL.sub("", _TAG.sub("", _NO_NUMBER.sub("", tex))).strip()
        try:
            made = mathml(tex, display, self.macros)
        except KatexError:
            return None
        return _equation(made, self.page.name("Equation")) if display else made

    def _slot(self, tex: str, *, display: bool, source: str, wrap: Callable[[str], str]) -> str:
        known = dict(self.macros)
        cell = self.page.cell
        rendered: list[str] = []

        def make() -> str:
            if not rendered:
                rendered.append(self._render(tex, display, known, cell, wrap))
            return rendered[0]

        return self.page.slots.put(Slot(make, source, block=display, text=lambda: spoken(make())))

    def _render(
        self, tex: str, display: bool, known: dict[str, str], cell: int | None, wrap: Callable[[str], str]
    ) -> str:
        def number(found: re.Match[str]) -> str:
            name = found[2].strip()
            label = self.page.labels.get(name)
            if label is None:
                remedy = "Label the equation, or mend the reference"
                self.page.warn(f"nothing is labelled {name}", remedy, cell)
            shown = label.number if label else "?"
            return rf"\text{{({shown})}}" if found[1] == "eqref" else rf"\text{{{shown}}}"

        try:
            return wrap(mathml(_REFERENCE.sub(number, tex), display, known))
        except KatexError as error:
            first = " ".join(tex.split())
            self.page.warn(
                f"the formula {first if len(first) <= 60 else first[:57] + '…'} can't be set: {error}",
                "Mend its TeX; until then the page shows it as it is written",
                cell,
            )
            code = f'<code class="tex-error">{escape(tex)}</code>'
            return f"<p>{code}</p>" if display else code

    def _numbers(self, tex: str, label: str) -> tuple[str, list[str], list[str]]:
        """Take labels and tags out; give the formula, its numbers and its labels."""
        labels = [found.strip() for found in _LABEL.findall(tex)]
        if label:
            labels.insert(0, label)
        tags = [found[1] for found in _TAG.finditer(tex)]
        environment = _ENVIRONMENT.match(tex)
        numbered = environment is not None and environment[2] in _NUMBERED
        if numbered and len(_NO_NUMBER.findall(tex)) > len(_ROW.findall(tex)):
            numbered = False  # every row says that it has none
        tex = _LABEL.sub("", _TAG.sub("", _NO_NUMBER.sub("", tex))).strip()
        if tags:
            return tex, [tag.replace("$", "") for tag in tags], labels
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
    place = escape_attribute(identity)
    return f'<div class="eq" id="{place}">{box}<a href="#{place}">({escape(number)})</a></div>'


def _for_katex(tex: str) -> str:
    """Write a formula as KaTeX takes it: no numbered environments, none that it lacks."""
    tex = _BARE.sub("", tex)
    tex = re.sub(r"\\begin\{eqnarray\*?\}", r"\\begin{darray}{rcl}", tex)
    tex = re.sub(r"\\end\{eqnarray\*?\}", r"\\end{darray}", tex)
    return _ENVIRONMENT.sub(
        lambda found: f"\\{found[1]}{{{_WITHOUT_NUMBERS.get(found[2], found[2])}}}", tex
    ).strip()


def mathml(tex: str, display: bool, known: dict[str, str]) -> str:
    """Give the ``<math>`` element of a formula, remembered where it was rendered before.

    Raises KatexError where the formula is wrong.
    """
    needed = macros.used(tex, known)
    key = hashlib.sha256(json.dumps([tex, display, needed]).encode()).hexdigest()
    made = _remembered.get(key)
    if made is None:
        try:
            made = _made(tex, display, needed)
        except KatexError as error:
            made = error
        if len(_remembered) >= MAX_REMEMBERED:
            _remembered.clear()
        _remembered[key] = made
    if isinstance(made, KatexError):
        raise KatexError(*made.args)
    return made


def _made(tex: str, display: bool, needed: dict[str, str]) -> str:
    prepared = _for_katex(units.expanded(tex, needed))
    needed = {name: units.expanded(body, needed) for name, body in needed.items()}
    try:
        made = katex.render(prepared, display, needed)
    except KatexUnavailableError:
        made = fallback(prepared, display, needed)
    if refused := _REFUSED.search(made):
        raise KatexError(f"{refused[1]} is not allowed")
    try:
        return core(made, tex, display)
    except ValueError as error:
        raise KatexError(str(error)) from error


def fallback(tex: str, display: bool, needed: dict[str, str]) -> str:
    """Render without Node. Raises KatexError where a command is left over."""
    from latex2mathml.converter import convert

    try:
        made: str = convert(macros.expand(tex, needed), display="block" if display else "inline")
    except macros.MacroError:
        raise KatexError("its definitions grow without end") from None
    except Exception as error:  # latex2mathml has no base class for what it raises
        raise KatexError(f"{type(error).__name__} in the renderer that is used without Node") from error
    if "\\" in made:
        raise KatexError("it holds a command that needs Node")
    return made
