"""Outputs become HTML: of each the best form that it has, in the order of ``_FORMS``.

1. a widget, as a picture of its saved state; 2. a formula (LaTeX that is one); 3. pictures: SVG, PNG,
JPEG, WebP, GIF, AVIF, BMP, TIFF; 4. Markdown; 5. HTML, where something readable is left of it;
6. text; 7. JSON; 8. a note on what is left out. Interactive forms (plotly, vega, bokeh, maps) keep their
picture where the bundle has one, else their text, under a note.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from blog.convert import images, streams
from blog.convert.images import BrokenImage, Shown
from blog.convert.page import Page
from blog.convert.prose import Prose
from blog.convert.tree import escape, escape_attribute
from blog.convert.widgets import Snapshot

# HTML longer than this is not put into a page, in characters
MAX_HTML = 1_000_000
MAX_JSON = 200_000

_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif", "image/avif", "image/bmp", "image/tiff")
_INTERACTIVE = {
    "application/vnd.plotly": "plotly figure",
    "application/vnd.vegalite": "Vega-Lite figure",
    "application/vnd.vega": "Vega figure",
    "application/vnd.bokehjs": "Bokeh figure",
    "application/vnd.holoviews": "HoloViews figure",
    "application/geo+json": "map",
    "application/vnd.jupyter.widget-view+json": "widget",
}
_IN_HTML = {"Plotly.": "plotly figure", "plotly-graph-div": "plotly figure", "Bokeh": "Bokeh figure", "vegaEmbed": "Vega figure", "vega-embed": "Vega figure", "L.map(": "map"}  # fmt: skip
# known, and nothing a reader misses
_SILENT = frozenset({"application/javascript", "text/javascript", "application/vnd.bokehjs_load.v0+json", "application/vnd.holoviews_load.v0+json", "application/x-ipynb+json"})
WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a cell's output: ``text`` stands in the output box, ``rich`` in the article's own flow.

    A ``picture`` carries its ``<img>`` tag, for the figure that the cell makes of its pictures.
    """

    kind: Literal["text", "rich", "trace", "picture"]
    html: str
    shown: Shown | None = None


class Outputs:
    """Makes the blocks of a code cell."""

    def __init__(self, page: Page, prose: Prose, widgets: dict[str, Any] | None = None) -> None:
        self.page = page
        self.prose = prose
        self.widgets = widgets or {}

    def blocks(self, outputs: object, cell: dict[str, Any]) -> list[Block]:
        """The blocks of a cell's outputs, in order; streams of one name that follow each other are one."""
        result: list[Block] = []
        stream: list[str] = []
        name = ""
        for output in outputs if isinstance(outputs, list) else []:
            if not isinstance(output, dict):
                continue
            kind = output.get("output_type")
            if kind == "stream":
                if output.get("name") != name:
                    result += self._stream(stream, name)
                    stream, name = [], str(output.get("name", "stdout"))
                stream.append(joined(output.get("text")))
                continue
            result += self._stream(stream, name)
            stream, name = [], ""
            if kind == "error":
                result += self._error(output, cell)
            elif kind in ("display_data", "execute_result"):
                result += self.bundle(output.get("data"), output.get("metadata"), cell)
        result += self._stream(stream, name)
        return result

    # ----------------------------------------------------------------- widgets
    def saved_outputs(self, outputs: object, cell: dict[str, Any]) -> str:
        """The outputs that a widget holds, as HTML."""
        parts: list[str] = []
        for block in self.blocks(outputs, cell):
            if block.shown is not None:
                parts.append(images.tag(self.page, block.shown, f"Output of cell {self.page.cell}"))
            else:
                parts.append(f'<div class="out">{block.html}</div>' if block.kind == "text" else block.html)
        return "".join(parts)

    def prose_html(self, source: str) -> str:
        """HTML in a widget: sanitised, its formulas set."""
        return self.prose.html(self.prose.protect(source), protected=True)[0]

    # ------------------------------------------------------------------- texts
    def _stream(self, pieces: list[str], name: str) -> list[Block]:
        text = "".join(pieces)
        if not streams.plain(text).strip():
            return []
        return [self.text(text, "stderr" if name == "stderr" else "")]

    def text(self, text: str, classes: str = "") -> Block:
        """Plain text in the output box."""
        made = streams.shown(text, classes)
        if made.left_out:
            self.page.warn(
                f"an output of {len(text):,} characters is cut by {made.left_out:,}",
                "Print less; the notebook that readers download has it all",
            )
        return Block("text", made.html)

    def _error(self, output: dict[str, Any], cell: dict[str, Any]) -> list[Block]:
        lines = output.get("traceback")
        name, value = joined(output.get("ename")), joined(output.get("evalue"))
        text = "\n".join(joined(line) for line in lines) if isinstance(lines, list) else joined(lines)
        if not streams.plain(text).strip():
            text = f"{name}: {value}" if value else name or "Error"
        if len(text) > 2 * streams.KEPT:
            text = f"{text[: streams.KEPT]}\n…\n{text[-streams.KEPT :]}"
        label = escape_attribute(self.page.name(f"Error output, cell {self.page.cell}"))
        shown = streams.coloured(streams.terminal(text))
        return [Block("trace", f'<div class="trace"><pre tabindex="0" role="region" aria-label="{label}">{shown}</pre></div>')]

    # ----------------------------------------------------------------- bundles
    def bundle(self, data: object, metadata: object, cell: dict[str, Any]) -> list[Block]:
        """The blocks of a MIME bundle."""
        if not isinstance(data, dict) or not data:
            return []
        about = metadata if isinstance(metadata, dict) else {}
        for form in (self._widget, self._formula, self._picture, self._markdown, self._html):
            made = form(data, about, cell)
            if made is not None:
                return made
        return self._rest(data)

    def _widget(self, data: dict[str, Any], about: dict[str, Any], cell: dict[str, Any]) -> list[Block] | None:
        view = data.get(WIDGET)
        if not isinstance(view, dict):
            return None
        html = Snapshot(self.widgets, self, cell).render(str(view.get("model_id", "")))
        return [Block("rich", f'<div class="widgets">{html}</div>')] if html else None

    def _formula(self, data: dict[str, Any], about: dict[str, Any], cell: dict[str, Any]) -> list[Block] | None:
        source = joined(data.get("text/latex")).strip()
        if not source or len(source) > 50_000:
            return None
        tex, display = _only_formula(source)
        if not tex:
            return None
        made = self.prose.mathematics.attempt(tex, display)
        if made is None:
            return None
        return [Block("rich", made if display else f"<p>{made}</p>")]

    def _picture(self, data: dict[str, Any], about: dict[str, Any], cell: dict[str, Any]) -> list[Block] | None:
        for mime in _PICTURES:
            if mime not in data:
                continue
            size = about.get(mime) if isinstance(about.get(mime), dict) else about
            try:
                shown = self.picture(mime, data[mime], size)
            except BrokenImage as error:
                self.page.warn(f"its {mime} output can't be shown: {error}", "Run the cell again")
                continue
            return [Block("picture", "", shown)]
        return None

    def picture(self, mime: str, data: object, size: object) -> Shown:
        """Keep the picture of a bundle. Raises BrokenImage."""
        content = joined(data).encode() if mime == "image/svg+xml" else images.decoded(data)
        if mime == "image/svg+xml" and not content.lstrip().startswith(b"<"):
            content = images.decoded(data)
        given = size if isinstance(size, dict) else {}
        return images.keep(self.page, content, width=_whole(given.get("width")), height=_whole(given.get("height")))

    def _markdown(self, data: dict[str, Any], about: dict[str, Any], cell: dict[str, Any]) -> list[Block] | None:
        source = joined(data.get("text/markdown"))
        if not source.strip() or len(source) > MAX_HTML:
            return None
        html = self.prose.markdown(source)
        return [Block("rich", f'<div class="output">{html}</div>')] if html else None

    def _html(self, data: dict[str, Any], about: dict[str, Any], cell: dict[str, Any]) -> list[Block] | None:
        source = joined(data.get("text/html"))
        if not source.strip():
            return None
        if len(source) > MAX_HTML and "<table" in source[:MAX_HTML] or len(source) > 8 * MAX_HTML:
            self.page.warn(
                f"its HTML output has {len(source):,} characters; the page keeps its text form",
                "Show fewer rows, or save it as a file and link to it",
            )
            return None
        html, readable = self.prose.html(source)
        if len(html) > MAX_HTML:
            self.page.warn(
                f"its HTML output has {len(html):,} characters; the page keeps its text form",
                "Show fewer rows, or save it as a file and link to it",
            )
            return None
        if not readable or (len(html) < 300 and "BokehJS" in html):
            return None
        return [Block("rich", f'<div class="output">{html}</div>')]

    def _rest(self, data: dict[str, Any]) -> list[Block]:
        what = _interactive(data)
        text = joined(data.get("text/plain"))
        meaningful = bool(text.strip()) and not _is_repr(text)
        blocks: list[Block] = []
        if what:
            kept = "this page keeps its text form" if meaningful else "it is not shown here"
            article = "An interactive" if what != "widget" else "A"
            blocks.append(Block("rich", f'<p class="left-out">{article} {what}; {kept}.</p>'))
        if meaningful:
            return [*blocks, self.text(text)]
        if blocks:
            return blocks
        return self._unknown(data, text)

    def _unknown(self, data: dict[str, Any], text: str) -> list[Block]:
        if "application/json" in data:
            return [self._json(data["application/json"])]
        for mime in ("text/latex", "text/html"):
            if mime in data and not text.strip():
                source = joined(data[mime])
                return [self.text(source)] if mime == "text/latex" and source.strip() else []
        unknown = sorted(mime for mime in data if mime not in _SILENT and mime not in ("text/plain", "text/html", "text/latex"))
        if unknown:
            self.page.warn(
                f"an output has no form this page can show ({', '.join(unknown)[:100]})",
                "Show a picture, a table or text beside it",
            )
            return [Block("rich", f'<p class="left-out">An output of the type {escape(unknown[0][:80])} is left out here.</p>')]
        return [self.text(text)] if text.strip() and not (data.keys() & _SILENT or "text/html" in data) else []

    def _json(self, value: object) -> Block:
        try:
            text = json.dumps(value, indent=2, ensure_ascii=False)
        except (TypeError, ValueError):
            text = str(value)
        if text.count("\n") <= 10:
            return self.text(text)
        made = streams.shown(text[:MAX_JSON])
        return Block("text", f"<details><summary>JSON<span>{text.count(chr(10)) + 1:,} lines</span></summary>{made.html}</details>")


def joined(value: object) -> str:
    """Text of a notebook, which may be a list of lines or of a wrong type."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(piece if isinstance(piece, str) else "" for piece in value)
    return "" if value is None or isinstance(value, (dict, bool)) else str(value)


def tags(cell: dict[str, Any]) -> frozenset[str]:
    """The tags of a cell."""
    metadata = cell.get("metadata")
    found = metadata.get("tags") if isinstance(metadata, dict) else None
    return frozenset(str(tag) for tag in found) if isinstance(found, list) else frozenset()


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value <= 20_000:
        return None
    return round(value)


def _only_formula(source: str) -> tuple[str, bool]:
    """The TeX of an output that is one formula, and whether it is displayed; empty where it isn't one."""
    for start, end, display in (("$$", "$$", True), ("\\[", "\\]", True), ("\\(", "\\)", False), ("$", "$", True)):
        if source.startswith(start) and source.endswith(end) and len(source) > len(start) + len(end):
            inner = source[len(start) : -len(end)].strip()
            if "$" in inner.replace("\\$", ""):
                return "", False
            return inner, display
    if source.startswith("\\begin{") and "tabular" not in source[:40] and "itemize" not in source and "enumerate" not in source:
        return source, True
    return "", False


def _is_repr(text: str) -> bool:
    """Whether a text form only names an object that shows itself otherwise."""
    text = text.strip()
    return text.startswith("<IPython.") and text.endswith("object>")


def _interactive(data: dict[str, Any]) -> str:
    for mime in sorted(data):
        for start, what in _INTERACTIVE.items():
            if str(mime).startswith(start) and mime not in _SILENT:
                return what
    source = joined(data.get("text/html"))
    if "<script" in source:
        return next((what for mark, what in _IN_HTML.items() if mark in source), "")
    return ""
