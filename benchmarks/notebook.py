"""The notebooks that are measured: the demo of the study, with a cube of any size, and a bare import.

The same file goes to both servers. Cells tagged ``warm`` are those that a warmed parent may run once; the
last cell, tagged ``live``, is what a reader's page shows. Stock Voila ignores the tags and runs them all.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import nbformat.v4
from nbclient import NotebookClient
from PIL import Image

DETECTOR = 64
"""Pixels along a side of a diffraction pattern."""

SCAN = 64
"""Positions along a side of the small scan: 64^4 values of 2 bytes are 33 MB."""

LARGE_SCAN = 182
"""As above for the large one: 182 x 182 x 64 x 64 values of 2 bytes are 271 MB."""

SLIDER = "centre x"
"""The description of the slider that a reader moves; its values are whole numbers."""

SLIDER_RANGE = (16, 48)
SLIDER_CLASS, IMAGE_CLASS, TOOK_CLASS = "my-slider", "my-image", "my-took"
"""The CSS classes of that slider, of the image that follows it, and of the milliseconds that drawing took."""

SLUG = "bench"
LIVE_CELL = "live-figure"
FIGURE_ID = "fig-live"
"""What the figure is called on its page."""

_IMPORTS = """\
import io
import time
import numpy as np
import py4DSTEM
from PIL import Image
import ipywidgets as W
from IPython.display import display
"""

_CUBE = """\
def make_cube(n, q, seed=1):
    rng = np.random.default_rng(seed)
    qy, qx = np.mgrid[:q, :q].astype(np.float32)
    c = q / 2
    def disk(y, x, r):
        return 1 / (1 + np.exp((np.hypot(qy - y, qx - x) - r) / 0.6))
    base = 400 * disk(c, c, 5)
    a = [(c + 16 * np.sin(t), c + 16 * np.cos(t)) for t in np.arange(6) * np.pi / 3]
    b = [(c + 12 * np.sin(t + .3), c + 12 * np.cos(t + .3)) for t in np.arange(4) * np.pi / 2]
    pa = base + sum(120 * disk(y, x, 4) for y, x in a)
    pb = 0.6 * base + sum(200 * disk(y, x, 4) for y, x in b)
    yy, xx = np.mgrid[:n, :n] / n
    w = ((np.sin(9 * xx + 4 * yy) + np.cos(7 * yy)) > 0).astype(np.float32)
    w *= 1 - 0.5 * np.exp(-((xx - .5) ** 2 + (yy - .5) ** 2) / .02)
    out = np.empty((n, n, q, q), np.uint16)
    for i in range(n):
        out[i] = rng.poisson(w[i][:, None, None] * pa + (1 - w[i])[:, None, None] * pb)
    return out

dc = py4DSTEM.DataCube(data=make_cube({scan}, {detector}))
dp_mean = dc.get_dp_mean().data
"""

_IMAGE = """\
def to_png(a, size=256):
    a = a.astype(np.float32)
    lo, hi = float(a.min()), float(a.max())
    im = Image.fromarray(np.uint8(255 * (a - lo) / (hi - lo + 1e-9))).resize((size, size), Image.NEAREST)
    f = io.BytesIO()
    im.save(f, "PNG", compress_level=1)
    return f.getvalue()

def virtual(cy, cx, r0, r1):
    im = dc.get_virtual_image(mode="annulus", geometry=((cy, cx), (r0, r1)), name="v", returncalc=True,
                              verbose=False, dask=False)
    return getattr(im, "data", im)

_ = virtual(32, 32, 8, 24)
"""

_WIDGETS = """\
cy = W.FloatSlider(value=32, min=16, max=48, step=1, description="centre y")
cx = W.FloatSlider(value=32, min=16, max=48, step=1, description="centre x")
r0 = W.FloatSlider(value=8, min=0, max=16, step=1, description="inner")
r1 = W.FloatSlider(value=24, min=6, max=32, step=1, description="outer")
dp = W.Image(value=to_png(np.log1p(dp_mean)), format="png", width=256, height=256)
out = W.Image(value=to_png(virtual(32, 32, 8, 24)), format="png", width=256, height=256)
took = W.Label("0")
cx.add_class("my-slider")
out.add_class("my-image")
took.add_class("my-took")

def update(*_):
    begun = time.perf_counter()
    png = to_png(virtual(cy.value, cx.value, min(r0.value, r1.value - 1), r1.value))
    spent = time.perf_counter() - begun
    out.value = png
    took.value = f"{1000 * spent:.3f}"

for s in (cy, cx, r0, r1):
    s.observe(update, "value")
"""

_SHOW = (
    "#| label: fig-live\n#| fig-cap: A virtual image.\n#| fig-alt: A virtual image\n"
    "W.HBox([W.VBox([cy, cx, r0, r1, took]), dp, out])"
)

_IMPORT_ALONE = "import py4DSTEM\nimport ipywidgets as W"
_IMPORTED = 'W.Label("py4DSTEM " + py4DSTEM.__version__)'


def demo(scan: int = SCAN, kernel: str = "python3") -> Any:
    """Give the notebook with a cube of ``scan`` x ``scan`` patterns, four sliders and an image."""
    warm = (_IMPORTS, _CUBE.replace("{scan}", str(scan)).replace("{detector}", str(DETECTOR)), _IMAGE)
    return _notebook("Live virtual imaging", warm, (_WIDGETS,), _SHOW, kernel)


def run(node: Any) -> Any:
    """Run a notebook as its author does, and keep what it shows, with its widgets' state."""
    NotebookClient(node, kernel_name="python3", timeout=600).execute()
    return node


def imports_only(kernel: str = "python3") -> Any:
    """Give a notebook that imports py4DSTEM and shows its version, which only a kernel with it can say."""
    return _notebook("A bare import", (_IMPORT_ALONE,), (), _IMPORTED, kernel)


def write(folder: Path, node: Any) -> Path:
    """Write the notebook as a post of a notebooks folder, with the index of a build; give its path.

    The index lies beside the folder as ``live.json``.
    """
    path = folder / "posts" / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    v4: Any = nbformat.v4  # it has no types
    path.write_text(v4.writes(node), encoding="utf-8")
    number = next(n for n, cell in enumerate(node.cells, 1) if cell["id"] == LIVE_CELL)
    entry = {"path": f"posts/{SLUG}.ipynb", "title": "Bench", "cells": {LIVE_CELL: number}}
    (folder.parent / "live.json").write_text(json.dumps({"notebooks": {f"posts/{SLUG}": entry}}))
    return path


def _notebook(title: str, warm: tuple[str, ...], cells: tuple[str, ...], live: str, kernel: str) -> Any:
    v4: Any = nbformat.v4  # it has no types
    made = [v4.new_markdown_cell(f"# {title}")]
    made += [v4.new_code_cell(source, metadata={"tags": ["warm"]}) for source in warm]
    made += [v4.new_code_cell(source) for source in cells]
    # A saved picture, as an author's notebook has it: the page shows it until the reader presses.
    shown = v4.new_output("display_data", {"image/png": _saved_picture(), "text/plain": "saved"})
    made.append(v4.new_code_cell(live, metadata={"tags": ["live"]}, outputs=[shown]))
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    made[-1]["id"] = LIVE_CELL
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    return v4.new_notebook(cells=made, metadata={"kernelspec": spec})


def _saved_picture() -> str:
    stream = io.BytesIO()
    Image.new("L", (256, 256), 128).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()
