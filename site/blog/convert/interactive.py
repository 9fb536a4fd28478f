"""Saved interactive figures (plotly, Vega, Bokeh): what a page shows at rest, and their frames' documents.

A page shows the picture that was saved beside the figure, else a sentence, and its data as a table. When a
reader comes near, the page puts a frame over it, whose document is a file of the page with the figure's data
and one script of the site's own. That document has no origin and may load nothing else
(``nginx/snippets/asset-policy.conf``), so a figure can do nothing to the page. docs/adr/0015-outputs.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from blog.convert import bokeh, figure_data
from blog.convert.figure_data import Columns
from blog.convert.page import Page
from blog.convert.tree import escape, escape_attribute

# a figure of more characters is not shown: a phone would hold it three times over
MAX_FIGURE = 5_000_000
# the rows of its table that a page has
MAX_ROWS = 200

_BASIC = frozenset({"scatter", "scattergl", "bar", "pie"})
_CARTESIAN = _BASIC | {
    "box",
    "contour",
    "heatmap",
    "histogram",
    "histogram2d",
    "histogram2dcontour",
    "image",
    "scatterternary",
    "violin",
}
# CSS pixels: plotly's own height, and what Vega's axes, titles and legends take beside the plot's
_PLOTLY, _VEGA, _AROUND = 450, 300, 90
_BOKEH = 600
_LEAST, _MOST = 50, 1600


@dataclass(frozen=True, slots=True)
class Interactive:
    """A figure that can be drawn: ``library`` draws what ``figure`` says, ``height`` CSS pixels high."""

    what: str
    library: str
    figure: dict[str, Any]
    height: int
    columns: Columns


def found(data: dict[str, Any]) -> Interactive | None:
    """Give the interactive figure of a MIME bundle; None where there is none that a frame can draw."""
    if any(str(mime).startswith("application/vnd.bokehjs_exec.v") for mime in data):
        return _bokeh(data.get("application/javascript"))
    for mime, saved in sorted(data.items(), key=lambda item: str(item[0])):
        value = _object(saved) if str(mime).startswith("application/vnd.") else {}
        if not value:
            continue
        if str(mime).startswith("application/vnd.plotly.v"):
            return _plotly(value)
        for name, mode in (("vegalite", "vega-lite"), ("vega", "vega")):
            if str(mime).startswith(f"application/vnd.{name}.v"):
                return _vega(value, mode)
    return None


def _object(saved: object) -> dict[str, Any]:
    """Give what was saved; altair 6 has a name for it that the format of notebooks takes for text."""
    if isinstance(saved, str) and saved.startswith("{") and len(saved) <= MAX_FIGURE:
        try:
            saved = json.loads(saved)
        except (ValueError, RecursionError):
            return {}
    return saved if isinstance(saved, dict) else {}


def _plotly(value: dict[str, Any]) -> Interactive | None:
    traces = value.get("data")
    layout = value.get("layout")
    layout = layout if isinstance(layout, dict) else {}
    if not isinstance(traces, list) or not traces or not all(isinstance(trace, dict) for trace in traces):
        return None
    kinds = {str(trace.get("type", "scatter")) for trace in traces}
    # maps of the ground are fetched from elsewhere
    if not kinds <= _CARTESIAN or layout.get("geo") or layout.get("map") or layout.get("mapbox"):
        return None
    library = "plotly-basic" if kinds <= _BASIC else "plotly-cartesian"
    figure: dict[str, Any] = {key: value[key] for key in ("data", "layout", "frames") if key in value}
    height = _height(layout.get("height"), _PLOTLY)
    return Interactive("plotly figure", library, figure, height, figure_data.of_plotly(traces, layout))


def _vega(spec: dict[str, Any], mode: str) -> Interactive | None:
    if figure_data.fetches(spec):
        return None
    figure = {"spec": spec, "mode": mode}
    what = "Vega-Lite figure" if mode == "vega-lite" else "Vega figure"
    height = min(_high(spec) + _AROUND, _MOST)
    return Interactive(what, "vega", figure, height, figure_data.of_vega(spec))


def _bokeh(script: object) -> Interactive | None:
    figure = bokeh.read(script, MAX_FIGURE)
    if figure is None:
        return None
    documents = figure["documents"]
    high = _height(bokeh.height(documents), _BOKEH)
    return Interactive("Bokeh figure", "bokeh", figure, high, bokeh.columns(documents))


def _high(spec: dict[str, Any]) -> int:
    """Give the height of a specification's plots: those of a column one below the other."""
    for key, add in (("vconcat", sum), ("hconcat", max), ("concat", max)):
        parts = spec.get(key)
        if isinstance(parts, list) and parts:
            heights = [_high(part) + _AROUND // 2 for part in parts if isinstance(part, dict)]
            return min(add(heights or [_VEGA]), _MOST)
    return _height(spec.get("height"), _VEGA)


def _height(value: object, usual: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _LEAST <= value <= _MOST:
        return usual
    return round(value)


def document(figure: Interactive, title: str, script: str) -> bytes | None:
    """Write the frame's document; None where the figure is too large for a page."""
    try:
        told = json.dumps(figure.figure, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    told = told.replace("<", "\\u003c")
    if len(told) > MAX_FIGURE:
        return None
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="robots" content="noindex">\n<title>{escape(title)}</title>\n'
        "<style>html,body,#place{height:100%;margin:0}body{background:#fff;font-family:sans-serif}"
        "#place.vega-embed{box-sizing:border-box;width:100%;padding:8px;text-align:center}</style>\n"
        f'</head>\n<body>\n<div id="place"></div>\n'
        f'<script type="application/json" id="figure">{told}</script>\n'
        f'<script src="{escape_attribute(script)}"></script>\n</body>\n</html>\n'
    ).encode()


def framed(page: Page, figure: Interactive, picture: str, title: str) -> str:
    """Give what stands on the page: ``picture`` or a sentence, in the frame's size, and the data's table."""
    script = page.library(figure.library)
    content = document(figure, title, script) if script else None
    rest = picture or _sentence(page, figure)
    if content is None:
        page.warn(f"its {figure.what} is too large for a page", "Show fewer points; it is shown at rest only")
        return rest + table(page, figure.columns)
    url = page.asset(content, "html").url
    # the drawing is empty: it is as high as the frame will be, which no style of ours could say
    space = f'<svg class="space" width="1" height="{figure.height}" aria-hidden="true"></svg>'
    name = escape_attribute(page.name(title))
    return (
        f'<div class="interactive" data-frame="{escape_attribute(url)}" data-title="{name}">'
        f"{space}{rest}</div>{table(page, figure.columns)}"
    )


def _sentence(page: Page, figure: Interactive) -> str:
    page.warn(
        f"its {figure.what} has no picture for readers without JavaScript",
        "Save one beside it (plotly: pio.renderers.default = 'plotly_mimetype+png')",
    )
    below = "its data are in the table below" if figure.columns.rows else "no picture of it was saved"
    return f'<p class="left-out">An interactive {figure.what}, which needs JavaScript; {below}.</p>'


def table(page: Page, columns: Columns) -> str:
    """Write a figure's data as a table that is folded; nothing where there are none."""
    if not columns.rows:
        return ""
    count = len(columns.rows)
    said = f"{count:,} row{'s' if count > 1 else ''}"
    if count > MAX_ROWS:
        said = f"the first {MAX_ROWS} of {said}"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns.names)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in columns.rows[:MAX_ROWS])
    label = escape_attribute(page.name("Data of the figure"))
    return (
        f'<details class="folded data"><summary>Data of the figure<span>{said}</span></summary>'
        f'<div class="table" role="region" aria-label="{label}" tabindex="0"><table class="dataframe">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _cell(value: object) -> str:
    return f"<td>{escape(f'{value:.6g}' if isinstance(value, float) else str(value))}</td>"
