"""A widget's saved layout and style as declarations for a stylesheet, strictly checked.

A page allows no inline style, so what ipywidgets writes into ``style`` attributes goes into a small
stylesheet of the page's own, under class names made from what the declarations say. A saved layout is
text that nobody has checked: a value passes only if every bit of it is a number with a unit, a word, a
colour, a quoted name of a grid's area, or a call of a function that computes. So nothing is fetched
(``url()``), nothing ends the declaration or begins a comment, and nothing escapes. The real widgets keep
to the same: ``voila/frontend/src/declarations.js``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

# What ipywidgets 8 knows as a layout (base/src/widget_layout.ts); a longer value is no layout.
_LAYOUT = frozenset(
    """align_content align_items align_self border_top border_right border_bottom border_left bottom display
    flex flex_flow height justify_content justify_items left margin max_height max_width min_height min_width
    overflow order padding right top visibility width object_fit object_position grid_auto_columns
    grid_auto_flow grid_auto_rows grid_gap grid_template_rows grid_template_columns grid_template_areas
    grid_row grid_column grid_area""".split()  # noqa: SIM905
)
#: What a style says of the element itself, with the property that it sets.
_STYLE = {
    "button_color": "background-color",
    "text_color": "color",
    "background": "background",
    "font_family": "font-family",
    "font_size": "font-size",
    "font_style": "font-style",
    "font_variant": "font-variant",
    "font_weight": "font-weight",
    "text_decoration": "text-decoration",
}
_MAX_LENGTH = 400

_SIZES = "calc|min|max|clamp|minmax|repeat|fit-content|var"
_COLOURS = "rgba?|hsla?|hwb|lab|lch|oklab|oklch|color-mix|light-dark"
_TOKEN = re.compile(
    rf"""\s+
    | (?P<open>(?:{_SIZES}|{_COLOURS})?\()
    | (?P<close>\))
    | [+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[a-zA-Z]{{1,5}}|%)?(?![\w.])
    | \#[0-9a-fA-F]{{3,8}}(?!\w)
    | -{{0,2}}[A-Za-z_][\w-]*(?!\()(?![\w-])
    | "[\w .-]*" | '[\w .-]*'
    | [,/*\[\]] | [+-](?=\s)
    """,
    re.VERBOSE | re.ASCII,
)

# What says how far something is from where it would be: a plain length, and none below nothing.
_PLACE = re.compile(r"margin(?:-.+)?|top|right|bottom|left")
_NEGATIVE = re.compile(r"(?:^|[\s(,])-\.?\d", re.ASCII)


def is_safe(value: str) -> bool:
    """Tell whether a value is made of nothing but what a layout needs, with its brackets in pairs."""
    if not value.strip() or len(value) > _MAX_LENGTH or "/*" in value:
        return False
    position = depth = 0
    while position < len(value):
        found = _TOKEN.match(value, position)
        if found is None:
            return False
        depth += bool(found["open"]) - bool(found["close"])
        if depth < 0:
            return False
        position = found.end()
    return depth == 0


def is_negative(value: str) -> bool:
    """Tell whether a value holds a number below nothing."""
    return _NEGATIVE.search(value) is not None


def fits(property_name: str, value: str) -> bool:
    """Tell whether a property may have a value: what is safe, and leaves nothing its place."""
    if not is_safe(value):
        return False
    return _PLACE.fullmatch(property_name) is None or not ("(" in value or is_negative(value))


def of_layout(layout: Mapping[str, Any]) -> str:
    """Give the declarations of a layout, in a fixed order; what can't be one is left out."""
    return _declarations({name.replace("_", "-"): layout.get(name) for name in sorted(_LAYOUT)})


def of_style(style: Mapping[str, Any], *names: str) -> str:
    """Give the declarations of a style for the element itself; of ``names`` only, where some are given."""
    return _declarations({_STYLE[name]: style.get(name) for name in (names or sorted(_STYLE))})


def of_width(width: object) -> str:
    """Give the declaration of a width that a style asks for."""
    return _declarations({"width": width})


def of_colour(property_name: str, colour: object) -> str:
    """Give the declaration of a colour that a style asks for."""
    return _declarations({property_name: colour})


def class_of(declarations: str) -> str:
    """Name the class of declarations: the same for all that say the same, on whatever page."""
    return f"w-{hashlib.sha256(declarations.encode()).hexdigest()[:8]}"


def stylesheet(rules: Mapping[str, str]) -> str:
    """Write the stylesheet of declarations by their classes.

    ipywidgets writes them into ``style``, which wins over every rule of a sheet that isn't important
    itself: so do these, by being important with the weight of one class.
    """
    return "".join(f".{name}{{{declarations}}}\n" for name, declarations in sorted(rules.items()))


def _declarations(values: Mapping[str, object]) -> str:
    told: list[str] = []
    for name, value in values.items():
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and fits(name, text):
            told.append(f"{name}:{' '.join(text.split())}!important")
    return ";".join(told)
