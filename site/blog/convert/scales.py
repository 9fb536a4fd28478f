"""The physical size of a picture's pixel, as an author writes it: ``#| fig-scale: 0.18 nm``.

The page keeps it as a number and a unit, from which a script draws a scale bar that follows the zoom.
"""

from __future__ import annotations

import math
import re

#: Units as readers see them, by the ways in which authors write them.
UNITS = {
    **{unit: unit for unit in ("pm", "nm", "µm", "mm", "m", "Å", "mrad", "rad", "1/nm", "1/Å", "s", "ms")},
    **{"um": "µm", "μm": "µm", "micron": "µm", "A": "Å", "\u212b": "Å", "angstrom": "Å"},
    **{
        "nm-1": "1/nm",
        "nm^-1": "1/nm",
        "nm⁻¹": "1/nm",
        "Å-1": "1/Å",
        "Å^-1": "1/Å",
        "Å⁻¹": "1/Å",
        "1/A": "1/Å",
    },
}
_SIZE = re.compile(r"(?P<number>\d*\.?\d+(?:[eE][+-]?\d{1,3})?)\s*(?P<unit>\S+)")


def pixel_size(written: object) -> str | None:
    """Give a size as "0.18 nm"; None where it is no positive number with a unit that is known."""
    found = _SIZE.fullmatch(str(written).strip())
    unit = UNITS.get(found["unit"]) if found else None
    if found is None or unit is None:
        return None
    number = float(found["number"])
    return f"{number:.10g} {unit}" if number > 0 and math.isfinite(number) else None
