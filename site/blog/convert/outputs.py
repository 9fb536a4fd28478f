"""Outputs become HTML: of each the best form that it has.

The order is: 1. a widget, as a picture of its saved state; 2. LaTeX that is a formula; 3. pictures: SVG,
PNG, JPEG, WebP, GIF, AVIF, BMP, TIFF; 4. Markdown; 5. HTML, where something readable is left of it;
6. text; 7. JSON; 8. a PDF to download; 9. a note on what is left out. An interactive figure (plotly,
vega, bokeh, a map) keeps its picture where its bundle holds one, else its text, under a note.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from blog.convert import images, interactive, streams
from blog.convert.encoding import BrokenImageError
from blog.convert.images import Shown
from blog.convert.interactive import Interactive
from blog.convert.page import Page
from blog.convert.prose import Prose
from blog.convert.saved import Saved
from blog.convert.stills import Stills
from blog.convert.tree import escape, escape_attribute
from blog.convert.widget_html import widget_html
from blog.convert.widgets import Snapshot

# HTML longer than this is not put into a page, nor read at all where it is eight times as long
MAX_HTML = 1_000_000
MAX_JSON = 200_000
MAX_TEX = 50_000

WIDGET = "application/vnd.jupyter.widget-view+json"
#: Pictures by their media types, the best first.
PICTURES = (
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "image/avif",
    "image/bmp",
    "image/tiff",
)
_INTERACTIVE = {
    "application/vnd.plotly": "An interactive plotly figure",
    "application/vnd.vegalite": "An interactive Vega-Lite figure",
    "application/vnd.vega": "An interactive Vega figure",
    "application/vnd.bokehjs": "An interactive Bokeh figure",
    "application/vnd.holoviews": "An interactive HoloViews figure",
    "application/geo+json": "A map",
    WIDGET: "A widget without its saved state",
}
_IN_HTML = {
    "Plotly.": "An interactive plotly figure",
    "plotly-graph-div": "An interactive plotly figure",
    "vegaEmbed": "An interactive Vega figure",
    "vega-embed": "An interactive Vega figure",
    "Bokeh": "An interactive Bokeh figure",
    "L.map(": "A map",
    "new Animation(": "An animation",
}
# known, and nothing that a reader misses
_SILENT = frozenset(
    {
        "application/javascript",
        "text/javascript",
        "application/vnd.bokehjs_load.v0+json",
        "application/vnd.holoviews_load.v0+json",
        "application/x-ipynb+json",
    }
)
# text that only leads to an answer elsewhere in the bundle
_TEXTS = frozenset({"text/plain", "text/html", "text/latex", "text/markdown"})


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a cell's output.

    A ``text`` or ``trace`` stands in the cell's box, ``rich`` HTML in the article's own flow; a
    ``picture`` goes into the figure that the cell makes of its pictures; a ``view`` is a widget of a live
    cell, empty where nothing of it was saved.
    """

    kind: Literal["text", "rich", "trace", "picture", "view"]
    html: str
    shown: Shown | None = None
    figure: Interactive | None = None

    def picture(
        self,
        page: Page,
        alt: str,
        *,
        classes: str = "",
        about: Mapping[str, str] | None = None,
        wide: bool = False,
        live: bool = False,
    ) -> str:
        """Write a picture, within what makes it interactive where that was saved, too.

        That of a ``live`` cell is the picture alone.
        """
        spare = f"Output of {page.cell_name()}"
        image = ""
        if self.shown and live:
            image = images.tag(page, self.shown, alt or spare)
        elif self.shown:
            image = images.enlargeable(page, self.shown, alt or spare, classes, about, wide=wide)
        if self.figure is None:
            return image
        title = alt if alt not in ("", spare) else f"Interactive figure, {page.cell_name()}"
        return interactive.framed(page, self.figure, image, title)


class Outputs:
    """Makes the blocks of code cells; ``widgets`` is the state that the notebook saved of them."""

    def __init__(self, page: Page, prose: Prose, widgets: dict[str, Any] | None = None) -> None:
        self.page = page
        self.prose = prose
        self.widgets = Saved(widgets or {})
        self._live = False

    def blocks_of_live_cell(self, outputs: object) -> list[Block]:
        """Make the blocks of a live cell: its widgets are shown as the controls that they will be."""
        self._live = True
        try:
            return self.blocks(outputs)
        finally:
            self._live = False

    def blocks(self, outputs: object) -> list[Block]:
        """Make the blocks of a cell's outputs; streams of one name that follow each other are one."""
        result: list[Block] = []
        stream: list[str] = []
        name = ""
        for output in outputs if isinstance(outputs, list) else []:
            if not isinstance(output, dict):
                continue
            kind = output.get("output_type")
            if kind == "stream" and output.get("name") == name:
                stream.append(joined(output.get("text")))
                continue
            result += self._stream(stream, name)
            stream, name = [], ""
            if kind == "stream":
                stream, name = [joined(output.get("text"))], str(output.get("name", "stdout"))
            elif kind == "error":
                result.append(self._error(output))
            elif kind in ("display_data", "execute_result"):
                result += self.bundle(output.get("data"), output.get("metadata"))
        return [*result, *self._stream(stream, name)]

    # ----------------------------------------------------------------- widgets
    def saved_outputs(self, outputs: object) -> str:
        """Give the outputs that a widget holds, as HTML."""
        parts: list[str] = []
        for block in self.blocks(outputs):
            if block.kind == "picture":
                parts.append(block.picture(self.page, "", live=True))
            else:
                parts.append(f'<div class="out">{block.html}</div>' if block.kind == "text" else block.html)
        return "".join(parts)

    def prose_html(self, source: str) -> str:
        """Give HTML of a widget: sanitised, its formulas set."""
        return self.prose.html(source, formulas=True)[0]

    def own_html(self, source: str) -> str:
        """Give HTML of a live cell's widget: safe, its formulas set, and else as it is."""
        return widget_html(self.prose.protect(source), self.page.rule)

    # ------------------------------------------------------------------- texts
    def _stream(self, pieces: list[str], name: str) -> list[Block]:
        text = "".join(pieces)
        if not streams.plain(text[: streams.READ]).strip():
            return []
        return [self.text(text, "stderr" if name == "stderr" else "")]

    def text(self, text: str, classes: str = "") -> Block:
        """Make plain text a block; the author is told where it is cut."""
        made = streams.shown(text, classes)
        if made.left_out:
            self.page.warn(
                f"an output of {len(text):,} characters is cut by {made.left_out:,}",
                "Print less; the notebook that readers download has it all",
            )
        return Block("text", made.html)

    def _error(self, output: dict[str, Any]) -> Block:
        lines = output.get("traceback")
        name, value = joined(output.get("ename")), joined(output.get("evalue"))
        text = "\n".join(joined(line) for line in lines) if isinstance(lines, list) else joined(lines)
        if not streams.plain(text).strip():
            text = f"{name}: {value}" if value else name or "Error"
        if len(text) > 2 * streams.KEPT:
            text = f"{text[: streams.KEPT]}\n…\n{text[-streams.KEPT :]}"
        label = escape_attribute(self.page.name(f"Error output, {self.page.cell_name()}"))
        shown = streams.coloured(streams.terminal(text.strip("\n")))
        html = f'<div class="trace"><pre tabindex="0" role="region" aria-label="{label}">{shown}</pre></div>'
        return Block("trace", html)

    # ----------------------------------------------------------------- bundles
    def bundle(self, data: object, metadata: object) -> list[Block]:
        """Make the blocks of a MIME bundle."""
        if not isinstance(data, dict) or not data:
            return []
        made = self._widget(data) or self._formula(data)
        made = made or self._figure(data, metadata if isinstance(metadata, dict) else {})
        made = made or self._markdown(data) or self._html(data)
        return [made] if made else self._rest(data)

    def _widget(self, data: dict[str, Any]) -> Block | None:
        view = data.get(WIDGET)
        if not isinstance(view, dict):
            return None
        model_id = str(view.get("model_id", ""))
        if self._live:
            return Block("view", Stills(self.widgets, self).view(model_id))
        html = Snapshot(self.widgets, self).render(model_id)
        return Block("rich", f'<div class="widgets">{html}</div>') if html else None

    def _formula(self, data: dict[str, Any]) -> Block | None:
        source = joined(data.get("text/latex")).strip()
        tex = _only_formula(source) if len(source) <= MAX_TEX else ""
        made = self.prose.mathematics.attempt(tex, display=True) if tex else None
        return Block("rich", made) if made else None

    def _figure(self, data: dict[str, Any], about: dict[str, Any]) -> Block | None:
        """Make a picture's block; where a frame can draw more than that, of both."""
        still = self._picture(data, about)
        figure = None if self._live else interactive.found(data)
        if figure is None or self.page.library(figure.library) is None:
            return still
        return Block("picture", "", still.shown if still else None, figure)

    def _picture(self, data: dict[str, Any], about: dict[str, Any]) -> Block | None:
        for mime in PICTURES:
            if mime not in data:
                continue
            own = about.get(mime)
            try:
                return Block(
                    "picture", "", self._kept(mime, data[mime], own if isinstance(own, dict) else about)
                )
            except BrokenImageError as error:
                self.page.warn(f"its {mime} output can't be shown: {error}", "Run the cell again")
        return None

    def _kept(self, mime: str, data: object, size: dict[str, Any]) -> Shown:
        text = joined(data)
        drawn = mime == "image/svg+xml" and text.lstrip().startswith("<")
        content = text.encode(errors="replace") if drawn else images.decoded(data)
        width, height = _whole(size.get("width")), _whole(size.get("height"))
        return images.keep(self.page, content, width=width, height=height, lossy=self.page.lossy)

    def _markdown(self, data: dict[str, Any]) -> Block | None:
        source = joined(data.get("text/markdown"))
        if not source.strip() or len(source) > MAX_HTML:
            return None
        return _rich(self.prose.markdown(source))

    def _html(self, data: dict[str, Any]) -> Block | None:
        source = joined(data.get("text/html"))
        if not source.strip():
            return None
        html, readable = self.prose.html(source) if len(source) <= 8 * MAX_HTML else ("", True)
        if len(html) > MAX_HTML or len(source) > 8 * MAX_HTML:
            self.page.warn(
                f"its HTML output has {len(source):,} characters; the page keeps its text form",
                "Show fewer rows, or save it as a file and link to it",
            )
            return None
        # what Bokeh leaves is the words of its loader
        return _rich(html) if readable and not ("BokehJS" in html and len(html) < 400) else None

    def _rest(self, data: dict[str, Any]) -> list[Block]:
        """Give what is left where a bundle has no form that is as good as the author's: text, or a note."""
        text = joined(data.get("text/plain"))
        telling = bool(text.strip()) and not _is_name(text)
        what = _interactive(data)
        blocks: list[Block] = []
        if what:
            kept = "this page keeps its text form" if telling else "it is not shown here"
            blocks.append(Block("rich", f'<p class="left-out">{what}; {kept}.</p>'))
        if telling:
            return [*blocks, self.text(text)]
        if "application/json" in data and not blocks:
            return [self._json(data["application/json"])]
        if source := joined(data.get("text/latex")).strip():
            return [*blocks, self.text(source)]
        if (document := self._document(data)) is not None:
            return [document]
        return blocks or self._unknown(data, text)

    def _document(self, data: dict[str, Any]) -> Block | None:
        """Offer a PDF for download, for a page can't show one."""
        try:
            content = images.decoded(data.get("application/pdf"))
        except BrokenImageError:
            return None
        if not content.startswith(b"%PDF"):
            return None
        url = escape_attribute(self.page.asset(content, "pdf").url)
        return Block("rich", f'<p class="left-out">A PDF: <a href="{url}">download</a></p>')

    def _unknown(self, data: dict[str, Any], text: str) -> list[Block]:
        unknown = sorted(str(mime) for mime in data if mime not in _SILENT | _TEXTS and mime not in PICTURES)
        if unknown:
            self.page.warn(
                f"an output has no form this page can show ({', '.join(unknown)[:100]})",
                "Show a picture, a table or text beside it",
            )
            what = escape(unknown[0][:80])
            return [Block("rich", f'<p class="left-out">An output of the type {what} is left out here.</p>')]
        named = text.strip() and not (data.keys() & (_SILENT | {"text/html", "text/markdown"}))
        return [self.text(text)] if named else []

    def _json(self, value: object) -> Block:
        try:
            text = json.dumps(value, indent=2, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            text = str(value)
        count = text.count("\n") + 1
        if count <= 10:
            return self.text(text)
        shown = self.text(text[:MAX_JSON]).html
        return Block("text", f"<details><summary>JSON<span>{count:,} lines</span></summary>{shown}</details>")


def joined(value: object) -> str:
    """Give text of a notebook, which may be a list of lines or of a wrong type."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(piece for piece in value if isinstance(piece, str))
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def _rich(html: str) -> Block | None:
    return Block("rich", f'<div class="output">{html}</div>') if html else None


def _whole(value: object) -> int | None:
    """Read a size in CSS pixels, which some kernels save as text."""
    if isinstance(value, str) and value.removesuffix("px").isdigit() and len(value) < 8:
        value = int(value.removesuffix("px"))
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value <= 20_000:
        return None
    return round(value)


def _only_formula(source: str) -> str:
    """Give the TeX of an output that is one formula, empty where it isn't one."""
    for start, end in (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")):
        if source.startswith(start) and source.endswith(end) and len(source) > len(start) + len(end):
            inner = source[len(start) : -len(end)].strip()
            return "" if "$" in inner.replace("\\$", "") else inner
    words = ("tabular", "itemize", "enumerate", "verbatim", "longtable", "figure", "table", "center")
    is_formula = source.startswith("\\begin{") and not any(f"\\begin{{{word}" in source for word in words)
    return source if is_formula else ""


def _is_name(text: str) -> bool:
    """Whether a text form only names an object that shows itself otherwise."""
    text = text.strip()
    return text.startswith("<IPython.") and text.endswith("object>")


def _interactive(data: dict[str, Any]) -> str:
    for mime in sorted(map(str, data)):
        for start, what in _INTERACTIVE.items():
            if mime.startswith(start) and mime not in _SILENT:
                return what
    source = joined(data.get("text/html"))
    if "<script" not in source:
        return ""
    return next((what for mark, what in _IN_HTML.items() if mark in source), "")
