r"""Numbers and units as siunitx writes them, in TeX that KaTeX knows: a part of that package.

Read are ``\num``, ``\unit`` (``\si``), ``\qty`` (``\SI``), ``\ang``, ``\numrange``, ``\qtyrange``
(``\SIrange``) and lists; units as macros (``\nano\metre\per\second``) and as text (``nm.s^{-1}``).
Options in brackets are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from blog.convert.macros import group

_PREFIXES = {
    **{"quecto": "q", "ronto": "r", "yocto": "y", "zepto": "z", "atto": "a", "femto": "f", "pico": "p"},
    **{"nano": "n", "micro": "µ", "milli": "m", "centi": "c", "deci": "d", "deca": "da", "hecto": "h"},
    **{"kilo": "k", "mega": "M", "giga": "G", "tera": "T", "peta": "P", "exa": "E", "zetta": "Z"},
    **{"yotta": "Y", "ronna": "R", "quetta": "Q", "kibi": "Ki", "mebi": "Mi", "gibi": "Gi"},
}
_UNITS = {
    **{"metre": "m", "meter": "m", "gram": "g", "second": "s", "ampere": "A", "kelvin": "K", "mole": "mol"},
    **{"candela": "cd", "hertz": "Hz", "newton": "N", "pascal": "Pa", "joule": "J", "watt": "W"},
    **{"coulomb": "C", "volt": "V", "farad": "F", "ohm": "Ω", "siemens": "S", "weber": "Wb", "tesla": "T"},
    **{"henry": "H", "lumen": "lm", "lux": "lx", "becquerel": "Bq", "gray": "Gy", "sievert": "Sv"},
    **{"radian": "rad", "steradian": "sr", "degree": "°", "arcminute": "′", "arcsecond": "″"},
    **{"degreeCelsius": "°C", "celsius": "°C", "percent": "%", "minute": "min", "hour": "h", "day": "d"},
    **{"litre": "L", "liter": "L", "tonne": "t", "electronvolt": "eV", "dalton": "Da", "bar": "bar"},
    **{"angstrom": "Å", "barn": "b", "bel": "B", "decibel": "dB", "neper": "Np", "bit": "bit"},
    **{"byte": "B", "kilogram": "kg", "atomicmassunit": "u", "astronomicalunit": "au", "hectare": "ha"},
    **{"nm": "nm", "um": "µm", "pm": "pm", "mm": "mm", "cm": "cm", "km": "km", "fm": "fm"},
    **{"ns": "ns", "us": "µs", "ms": "ms", "fs": "fs", "ps": "ps", "eV": "eV", "meV": "meV", "keV": "keV"},
    **{"MeV": "MeV", "GeV": "GeV", "kV": "kV", "mV": "mV", "kg": "kg", "mg": "mg", "Hz": "Hz", "kHz": "kHz"},
    **{"MHz": "MHz", "GHz": "GHz", "THz": "THz", "mrad": "mrad", "electron": "e", "dB": "dB"},
}
_POWERS = {"squared": "2", "square": "2", "cubed": "3", "cubic": "3"}
# what stands close to its number
_CLOSE = frozenset("°′″")

_COMMAND = re.compile(
    r"\\(?P<name>SIrange|SIlist|SI|si|qtyrange|qtylist|qty|unit|numrange|numlist|num|ang)(?![A-Za-z])"
)
_OPTIONS = re.compile(r"\s*\[[^\[\]]*\]")
_ARGUMENTS = {"qty": 2, "SI": 2, "unit": 1, "si": 1, "num": 1, "ang": 1, "numlist": 1, "numrange": 2}
_ARGUMENTS |= {"qtyrange": 3, "SIrange": 3, "qtylist": 2, "SIlist": 2}
_NUMBER = re.compile(
    r"(?P<sign>[+-]|\\pm|±)?\s*(?P<whole>\d*)(?:[.,](?P<part>\d+))?(?:\((?P<last>\d+)\))?"
    r"(?:\s*(?:\+-|\\pm|±)\s*(?P<error>[\d.]+))?(?:\s*[eEdD]\s*(?P<power>[+-]?\d+))?"
)
_STEP = re.compile(
    r"\\(?P<macro>[A-Za-z]+)|\^\s*(?:\{(?P<power>[^{}]*)\}|(?P<digit>-?\d))|(?P<mark>[.~·*/\s])"
    r"|(?P<text>[^\\^.~·*/\s{}]+)|(?P<other>.)"
)


def expanded(tex: str, own: Mapping[str, str]) -> str:
    r"""Give TeX with quantities in commands that KaTeX knows; one that the author has defined stays."""
    parts: list[str] = []
    position = 0
    for found in _COMMAND.finditer(tex):
        if found.start() < position or f"\\{found['name']}" in own:
            continue
        arguments, end = _arguments(tex, found.end(), _ARGUMENTS[found["name"]])
        if arguments is None:
            continue
        parts += [tex[position : found.start()], "{", _written(found["name"], arguments), "}"]
        position = end
    return "".join([*parts, tex[position:]])


def _arguments(tex: str, position: int, count: int) -> tuple[list[str] | None, int]:
    read: list[str] = []
    for _ in range(count):
        if options := _OPTIONS.match(tex, position):
            position = options.end()
        while tex[position : position + 1].isspace():
            position += 1
        found = group(tex, position)
        if found is None or "#" in found[0]:  # within a definition: its argument isn't known yet
            return None, position
        read.append(found[0])
        position = found[1]
    return read, position


def _written(name: str, arguments: list[str]) -> str:
    if name in ("unit", "si"):
        return unit(arguments[0])
    if name == "ang":
        parts = zip(arguments[0].split(";"), "°′″", strict=False)
        return "".join(f"{number(part)}\\text{{{sign}}}" for part, sign in parts if part.strip())
    *numbers, last = arguments if name not in ("num", "numrange", "numlist") else [*arguments, ""]
    if name.endswith("list"):
        numbers = numbers[0].split(";")
    said = [number(one) for one in numbers]
    if name.endswith("range"):
        value = r"\text{ to }".join(said) if any(r"\times" in one for one in said) else r"\text{–}".join(said)
    else:
        value = r",\ ".join(said)
    if not last.strip():
        return value
    written = unit(last)
    if r"\pm" in value and name in ("qty", "SI"):
        value = f"({value})"
    close = re.fullmatch(r"\\text\{(.)\}", written)
    return value + ("" if close and close[1] in _CLOSE else r"\,") + written


def number(text: str) -> str:
    """Write a number: digits in groups of three, its error, its power of ten; what is none stays."""
    text = text.strip()
    found = _NUMBER.fullmatch(text)
    if found is None or not (found["whole"] or found["part"] or found["power"]):
        return text
    sign = {"-": "-", "+": "+", None: ""}.get(found["sign"], r"\pm ")
    digits = _grouped(found["whole"] or ("0" if found["part"] else ""), from_left=False)
    if found["part"]:
        digits += "." + _grouped(found["part"], from_left=True)
    if found["last"]:
        digits += f"({found['last']})"
    if found["error"]:
        digits += rf" \pm {found['error']}"
    if found["power"] is None:
        return sign + digits
    if found["error"]:
        digits = f"({digits})"
    ten = f"10^{{{found['power'].removeprefix('+')}}}"
    return sign + (rf"{digits} \times {ten}" if digits else ten)


def _grouped(digits: str, *, from_left: bool) -> str:
    if len(digits) < 5:
        return digits
    first = 3 if from_left else len(digits) % 3 or 3
    return r"\,".join([digits[:first], *(digits[at : at + 3] for at in range(first, len(digits), 3))])


def unit(text: str) -> str:
    r"""Write a unit: upright, its parts joined by thin spaces, ``\per`` as a power below zero."""
    parts: list[str] = []
    prefix, power, below = "", "", False
    for found in _STEP.finditer(text.strip()):
        name = found["macro"]
        if name == "per":
            below = True
        elif name in _PREFIXES:
            prefix += _PREFIXES[name]
        elif name in _POWERS and name in ("square", "cubic"):
            power = _POWERS[name]
        elif name in _POWERS or found["power"] or found["digit"] or name in ("tothe", "raiseto"):
            if parts and (exponent := _POWERS.get(name or "") or found["power"] or found["digit"]):
                parts[-1] = _raised(parts[-1], exponent)
        elif found["mark"]:
            below = below or found["mark"] == "/"
        elif name or found["text"]:
            symbol = _UNITS.get(name, "") if name else found["text"]
            written = rf"\text{{{prefix}{_escaped(symbol)}}}" if symbol else f"\\{name}"
            parts.append(_raised(written, ("-" if below else "") + (power or "1")))
            prefix, power, below = "", "", False
    return r"\,".join(parts)


def _escaped(symbol: str) -> str:
    return symbol.replace("%", r"\%").replace("#", r"\#")


def _raised(written: str, power: str) -> str:
    """Give a unit with a power; one that stands below the stroke already keeps its sign."""
    base, _, before = written.partition("^")
    below = before.strip("{}").startswith("-")
    power = power.strip()
    if below and not power.startswith("-"):
        power = f"-{power}"
    return base if power == "1" else f"{base}^{{{power}}}"
