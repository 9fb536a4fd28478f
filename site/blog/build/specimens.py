"""The notebook whose article shows every component that an author can bring about, for ``/about/design/``.

It goes through the converter as any notebook does, so what the page shows is what posts get.
"""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from PIL import Image, ImageOps

from blog.convert import Context, Converted, convert
from blog.notebook import parse

_TEXT = """\
## Text

Running text is set for reading: about 68 characters in a line, in one column that never moves. It has \
[links](#text), *emphasis*, **strength**, `code`, <kbd>Ctrl</kbd> and notes in the margin.[^1] A formula \
$E = h\\nu$ stands in its line, and one with a number by itself:

$$\\lambda = \\frac{h}{\\sqrt{2 m e U}} \\label{eq:wave}$$

1. Lists are quiet.
2. Their numbers hang.

- [x] A task that is done
- [ ] and one that isn't

> What others said is set apart by a line.

[^1]: Such as this one. Where there is no margin it follows its paragraph.

---

### A heading below
#### And one below that

| detector | from | to |
|---|---:|---:|
| bright field | 0 | 4 |
| dark field | 14 | 40 |

: A table has its caption above.
"""

_CALLOUTS = """\
## Callouts

> [!NOTE]
> A region of interest is marked at its corners, as on a scan.

> [!TIP]
> What helps.

> [!IMPORTANT]
> What must be known.

> [!WARNING]
> What can go wrong.

> [!CAUTION]
> What can't be undone.
"""

_CODE = '''\
def ring(angle, inner, outer):
    """Weight of each camera pixel for a ring, edges in mrad."""
    return (angle >= inner) & (angle < outer)  # True or False


print(ring(7.0, 4, 12), f"{1 / 3:.2f}")'''

_FOLDED = "#| code-fold: true\n#| code-summary: What is long is folded\nvalues = [1, 2, 3]\nsum(values)"
_FAILS = "1 / 0"
_PLATE = """\
#| label: fig-plate
#| fig-cap: Measured data lies on a plate, dark in both themes. Press it to see it large.
#| fig-alt: A bright round spot on black
#| fig-scale: 0.25 mrad
show(pattern)"""
_PLOT = """\
#| label: fig-plot
#| fig-cap: A drawing brings its own ground, and melts into the page where that is light.
#| fig-alt: A straight line that rises
plot(line)"""
_COMPARED = """\
#| label: fig-compared
#| fig-cap: Two pictures of one size under a slider.
#| fig-alt: [A spot, The same spot with its greys turned round]
#| fig-compare: true
#| fig-subcap: [As recorded, Turned round]
show(pattern, inverted)"""
_DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 120" width="320" height="120">'
    '<path d="M20 10v90h290" fill="none" stroke="#46524e"/>'
    '<path d="M20 100 300 20" fill="none" stroke="#1c64a8" stroke-width="2"/></svg>'
)


def specimens(context: Context) -> Converted:
    """Convert the notebook."""
    spot = ImageOps.invert(Image.radial_gradient("L")).point(lambda grey: max(0, 2 * grey - 256))
    return convert(parse(json.dumps(_notebook(spot)).encode(), "posts/design.ipynb", "posts"), context)


def _notebook(spot: Image.Image) -> dict[str, Any]:
    cells = [
        _markdown(_TEXT),
        _markdown(_CALLOUTS),
        _markdown("## Code and what it gives"),
        _code(_CODE, {"output_type": "stream", "name": "stdout", "text": "True 0.33\n"}),
        _code(_FOLDED, _result({"text/plain": "6"})),
        _code(_FAILS, _error()),
        _markdown("## Figures"),
        _code(_PLATE, _result({"image/png": _png(spot)}), tag="plate"),
        _code(_PLOT, _result({"image/svg+xml": _DRAWING})),
        _code(_COMPARED, *(_result({"image/png": _png(one)}) for one in (spot, ImageOps.invert(spot)))),
    ]
    numbered = [{**cell, "id": f"specimen-{place}"} for place, cell in enumerate(cells)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    about = {**kernel, "language_info": {"name": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": numbered}


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(source: str, *outputs: dict[str, Any], tag: str = "") -> dict[str, Any]:
    metadata = {"tags": [tag]} if tag else {}
    count = {"execution_count": 1, "outputs": list(outputs)}
    return {"cell_type": "code", "metadata": metadata, "source": source, **count}


def _result(data: dict[str, str]) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _error() -> dict[str, Any]:
    lines = [
        "\x1b[31mZeroDivisionError\x1b[39m: division by zero",
        "\x1b[32m----> 1\x1b[39m \x1b[34m1\x1b[39m / 0",
    ]
    return {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "", "traceback": lines}


def _png(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()
