"""Saved interactive figures as notebooks hold them, for tests."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any


def array(*values: float) -> dict[str, str]:
    """Write an array as plotly 6 does."""
    return {"dtype": "f8", "bdata": base64.b64encode(struct.pack(f"<{len(values)}d", *values)).decode()}


def plotly(*traces: dict[str, Any], **layout: Any) -> dict[str, Any]:
    """Make the bundle of a plotly figure."""
    given = traces or ({"type": "scatter", "x": [1, 2, 3], "y": array(0.5, 4.0, 9.25), "name": "measured"},)
    axes = {"xaxis": {"title": {"text": "time <b>(s)</b>"}}, "yaxis": {"title": "counts"}}
    figure = {
        "data": list(given),
        "layout": {**axes, "height": 360, "width": 700, **layout},
        "config": {"plotlyServerURL": "https://plot.ly"},
    }
    return {"application/vnd.plotly.v1+json": figure, "text/html": "<script>Plotly.newPlot()</script>"}


def vega(**more: Any) -> dict[str, Any]:
    """Make the bundle of a Vega-Lite figure, as altair does."""
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.8.0.json",
        "config": {"view": {"continuousWidth": 300, "continuousHeight": 300}},
        "data": {"name": "data-1"},
        "datasets": {"data-1": [{"angle": 1, "counts": 20}, {"angle": 2, "counts": 35.5}]},
        "mark": {"type": "point", "tooltip": True},
        "encoding": {
            "x": {"field": "angle", "type": "quantitative"},
            "y": {"field": "twice", "type": "quantitative"},
        },
        "transform": [{"calculate": "datum.counts * 2", "as": "twice"}],
        **more,
    }
    return {"application/vnd.vegalite.v5+json": spec, "text/plain": "alt.Chart(...)"}


def bokeh() -> dict[str, Any]:
    """Make the bundle of a Bokeh figure: 20 points and a line through them, as Bokeh 3.9 saved it."""
    script = Path(__file__).with_name("saved_bokeh.js").read_text(encoding="utf-8")
    return {"application/javascript": script, "application/vnd.bokehjs_exec.v0+json": ""}
