"""Numbers as ipywidgets' readouts write them: the part of d3-format that its own widgets are used with.

https://d3js.org/d3-format. A form that is not known gives the number as Python's shortest text.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal

_FORM = re.compile(
    r"(?P<sign>[+ -]?)(?P<comma>,?)(?:\.(?P<precision>\d{1,2}))?(?P<trim>~?)(?P<type>[defgrs%]?)"
)
_PREFIXES = ("y", "z", "a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y")
MINUS = "\N{MINUS SIGN}"


def readout(value: float, form: str) -> str:
    """Write a number by a form of d3-format, such as ``d``, ``.2f``, ``,.0f``, ``.3s`` or ``.0%``."""
    found = _FORM.fullmatch(form) or _FORM.fullmatch(form.strip())
    if found is None or not math.isfinite(value) or abs(value) > 1e21:
        return f"{value:g}"
    given = int(found["precision"]) if found["precision"] else None
    kind, trim = found["type"], bool(found["trim"])
    if not kind:  # d3: as g, at most so many digits, without zeros at the end
        kind, trim, given = "g", True, 12 if given is None else given
    text = _absolute(Decimal(abs(value)), kind, 6 if given is None else given, found["comma"])
    if trim:
        text = re.sub(r"(\.\d*?)0+(?!\d)", r"\1", text)
        text = re.sub(r"\.(?!\d)", "", text)
    negative = value < 0 and any(character in "123456789" for character in text)
    return (MINUS if negative else found["sign"].replace("-", "")) + text


def _absolute(value: Decimal, kind: str, digits: int, comma: str) -> str:
    significant = max(digits, 1)
    if kind == "d":
        return f"{_to_places(value, 0):{comma}f}"
    if kind == "%":
        return f"{_to_places(value * 100, digits):{comma}f}%"
    if kind == "e":
        return _exponential(value, digits + 1)
    if kind == "s":
        return _with_prefix(value, significant)
    if kind == "f":
        return f"{_to_places(value, digits):{comma}f}"
    rounded = _to_digits(value, significant)
    exponent = rounded.adjusted() if rounded else 0
    if kind == "g" and not -7 < exponent < significant:
        return _exponential(value, significant)
    if kind == "r" and not rounded:
        return "0"
    return f"{_to_places(rounded, max(significant - 1 - exponent, 0)):{comma}f}"


def _with_prefix(value: Decimal, digits: int) -> str:
    """Write with a prefix of the SI: so many digits in all."""
    rounded = _to_digits(value, digits)
    exponent = rounded.adjusted() if rounded else 0
    step = max(-8, min(8, exponent // 3))
    places = max(0, digits - 1 - (exponent - 3 * step))
    return f"{_to_places(rounded.scaleb(-3 * step), places):f}{_PREFIXES[8 + step]}"


def _exponential(value: Decimal, digits: int) -> str:
    """Write 1.5e+3 as JavaScript does."""
    rounded = _to_digits(value, digits)
    exponent = rounded.adjusted() if rounded else 0
    return f"{_to_places(rounded.scaleb(-exponent), digits - 1):f}e{exponent:+d}"


def _to_places(value: Decimal, places: int) -> Decimal:
    """Round half up, as JavaScript's ``toFixed`` does with the number's exact value."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=400))


def _to_digits(value: Decimal, digits: int) -> Decimal:
    return Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(value)
