"""The design system as values: its tokens, read out of the stylesheet itself, and the contrast they reach.

What ``/about/design/`` shows is so what pages are dressed in, and can't be out of date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#\w{6}), (#\w{6})\)")
_COLOUR = re.compile(r"--([\w-]+): (#\w{6});")
_SIZE = re.compile(r"--((?:t|s|r)-[\w]+): ([^;]+);")
_MOTION = re.compile(r"--(quick|calm|ease|measure|margin|toc|gutter): ([^;]+);")


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour in both themes; ``on_light`` and ``on_dark`` are its contrast with the paper there."""

    name: str
    light: str
    dark: str
    on_light: str
    on_dark: str


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is a size or a time, as the stylesheet has it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """All tokens by what they are for."""

    colours: tuple[Swatch, ...]
    type: tuple[Token, ...]
    space: tuple[Token, ...]
    others: tuple[Token, ...]


def tokens(css: str) -> Tokens:
    """Read the tokens of a stylesheet."""
    both = {name: (light, dark) for name, light, dark in _PAIR.findall(css)}
    # those without a pair are the same in both themes
    for name, value in _COLOUR.findall(css):
        both.setdefault(name, (value, value))
    light_paper, dark_paper = both["paper"]
    sizes = [Token(name, value.strip()) for name, value in dict(_SIZE.findall(css)).items()]
    return Tokens(
        colours=tuple(
            Swatch(name, light, dark, _ratio(light, light_paper), _ratio(dark, dark_paper))
            for name, (light, dark) in both.items()
        ),
        type=tuple(token for token in sizes if token.name.startswith("t-")),
        space=tuple(token for token in sizes if token.name.startswith("s-")),
        others=(
            *(token for token in sizes if token.name.startswith("r-")),
            *(Token(name, value) for name, value in dict(_MOTION.findall(css)).items()),
        ),
    )


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours as WCAG 2 defines it, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _ratio(one: str, other: str) -> str:
    # rounded down, so that none looks better than it is
    return f"{int(contrast(one, other) * 10) / 10:.1f}"


def _luminance(value: str) -> float:
    channels = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
