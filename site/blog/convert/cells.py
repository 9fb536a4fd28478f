"""Code cells become views for the template: what is shown, folded or left out, and where its figure goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from blog.convert import images
from blog.convert.figures import Legend, figure, ground, number
from blog.convert.highlight import code_html
from blog.convert.outputs import Block, Outputs, joined, tags
from blog.convert.page import Page
from blog.convert.prose import Prose
from blog.convert.tree import escape_attribute

# an input of more lines is folded
FOLD_LINES = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a cell in the order of the page: the cell's ``box`` of texts, or ``rich`` HTML between."""

    kind: str
    html: Markup


@dataclass(frozen=True, slots=True)
class LiveView:
    """A live cell at rest."""

    notebook: str
    cell: str
    run: str
    figure_id: str
    wide: bool
    stage: Markup
    caption: Markup


@dataclass(frozen=True, slots=True)
class CodeView:
    """A code cell: ``code`` is empty where it is not shown; ``pieces`` follow it."""

    id: str
    prompt: str
    code: Markup
    summary: str
    lines: str
    pieces: tuple[Piece, ...]
    live: LiveView | None = None
    folded_pieces: tuple[Piece, ...] = ()


class Cells:
    """Makes the views of one page's code cells."""

    def __init__(self, page: Page, prose: Prose, outputs: Outputs) -> None:
        self.page = page
        self.prose = prose
        self.outputs = outputs

    def view(self, cell: dict[str, Any]) -> CodeView:
        """The view of a code cell."""
        page = self.page
        about = cell["metadata"]["blog"]
        page.cell = about["number"]
        options: dict[str, Any] = about.get("options") or {}
        marks = tags(cell)
        count = cell.get("execution_count")
        prompt = str(count) if isinstance(count, int) and not isinstance(count, bool) else ""
        live = "live" in marks
        code, summary, lines = self._code(joined(cell.get("source")), marks, options, prompt, live)
        blocks = [] if _no_output(marks, options) else self.outputs.blocks(cell.get("outputs"), cell)
        legend = self._legend(options, marks)
        identity = page.id(f"cell-{page.cell}") if code or any(block.kind == "text" for block in blocks) else ""
        if live:
            view, rest = self._live(cell, blocks, legend)
            return CodeView(identity, prompt, code, summary, lines, self._pieces(rest, Legend(), options), view)
        pieces = self._pieces(blocks, legend, options)
        if "hide-output" in marks or options.get("output") == "fold":
            return CodeView(identity, prompt, code, summary, lines, (), None, pieces)
        return CodeView(identity, prompt, code, summary, lines, pieces)

    # -------------------------------------------------------------------- code
    def _code(
        self, source: str, marks: frozenset[str], options: dict[str, Any], prompt: str, live: bool
    ) -> tuple[Markup, str, str]:
        """The code, and its summary and number of lines where it is folded."""
        source = source.strip("\n")
        if not source.strip() or _no_input(marks, options):
            return Markup(), "", ""
        label = self.page.name(f"Code, cell {prompt or self.page.cell}")
        html = Markup(code_html(source, self.page.language, label))  # noqa: S704 — escaped by highlight
        count = source.count("\n") + 1
        folded = (
            live
            or bool(marks & {"hide-input", "collapse", "hide-cell", "hide_input"})
            or options.get("code-fold") in (True, "true", "show")
            or count > FOLD_LINES
        )
        if not folded:
            return html, "", ""
        said = options.get("code-summary")
        summary = str(said) if said else _first_comment(source) or ("The code of this figure" if live else "Code")
        return html, summary, f"{count} line{'s' if count > 1 else ''}"

    # ----------------------------------------------------------------- figures
    def _legend(self, options: dict[str, Any], marks: frozenset[str]) -> Legend:
        caption = options.get("fig-cap", "")
        if isinstance(caption, list):
            caption = " ".join(str(one) for one in caption)
        label = options.get("label", options.get("name", ""))
        wide = "wide" in marks or str(options.get("column", "")).startswith(("page", "screen", "body-outset"))
        return Legend(
            self.prose.line(str(caption)) if caption else "",
            str(label) if label and (caption or str(label).startswith("fig")) else "",
            wide=wide,
            plate="plate" in marks or "plate" in str(options.get("classes", "")),
        )

    def _tags(self, blocks: list[Block], options: dict[str, Any]) -> list[str]:
        """The ``<img>`` tags of pictures, with the alternative texts that the author gave."""
        given = options.get("fig-alt", "")
        texts = [str(one) for one in given] if isinstance(given, list) else [str(given)] if given else []
        caption = options.get("fig-cap", "")
        spare = " ".join(str(caption).split()) if isinstance(caption, str) and caption else ""
        result: list[str] = []
        for index, block in enumerate(blocks):
            assert block.shown is not None  # noqa: S101
            alt = texts[index] if index < len(texts) else texts[0] if texts else ""
            alt = alt or _plain(spare) or f"Output of cell {self.page.cell}"
            result.append(images.tag(self.page, block.shown, alt))
        return result

    def _pieces(self, blocks: list[Block], legend: Legend, options: dict[str, Any]) -> tuple[Piece, ...]:
        """The blocks in order; pictures that follow each other share a figure where they have one caption."""
        pieces: list[Piece] = []
        texts: list[str] = []
        pictures: list[Block] = []
        waiting = legend
        groups = [legend.numbered]

        def flush_texts() -> None:
            if texts:
                label = escape_attribute(self.page.name(f"Output of cell {self.page.cell}"))
                html = f'<div class="out" tabindex="0" role="region" aria-label="{label}">{"".join(texts)}</div>'
                pieces.append(Piece("box", Markup(html)))  # noqa: S704
                texts.clear()

        def flush_pictures() -> None:
            nonlocal waiting
            if not pictures:
                return
            if groups[0]:
                made = figure(self.page, self._tags(pictures, options), waiting)
                groups[0], waiting = False, Legend(plate=legend.plate, wide=legend.wide)
            elif legend.plate:
                made = figure(self.page, self._tags(pictures, options), waiting)
            else:
                made = "".join(figure(self.page, self._tags([one], options), waiting) for one in pictures)
            pieces.append(Piece("rich", Markup(made)))  # noqa: S704
            pictures.clear()

        for block in blocks:
            if block.kind == "picture":
                flush_texts()
                pictures.append(block)
                continue
            flush_pictures()
            if block.kind == "text":
                texts.append(block.html)
                continue
            flush_texts()
            pieces.append(Piece("box" if block.kind == "trace" else "rich", Markup(block.html)))  # noqa: S704
        flush_texts()
        flush_pictures()
        return tuple(pieces)

    # -------------------------------------------------------------- live cells
    def _live(self, cell: dict[str, Any], blocks: list[Block], legend: Legend) -> tuple[LiveView, list[Block]]:
        """A live cell at rest: its pictures and widgets on the stage, its texts below."""
        page = self.page
        options: dict[str, Any] = cell["metadata"]["blog"].get("options") or {}
        page.live_cells.append(str(cell.get("id", "")))
        staged = [block for block in blocks if block.kind in ("picture", "rich")]
        identity, caption = number(page, legend)
        stage: list[str] = []
        pictures: list[Block] = []
        for block in [*staged, Block("rich", "")]:
            if block.kind == "picture":
                pictures.append(block)
                continue
            if pictures:
                stage.append(ground(self._tags(pictures, options), legend.plate))
                pictures = []
            stage.append(block.html)
        html = "".join(stage) or '<p class="left-out">No picture of this cell was saved.</p>'
        notebook = f"{page.kind}/{page.slug}"
        run = page.notebook_url(f"demos/{page.slug}.ipynb")
        if run is None and page.kind == "demos":
            run = f"/demos/{page.slug}/"
        view = LiveView(
            notebook,
            str(cell.get("id", "")),
            run or f"/live/render/{notebook}?cell={cell.get('id', '')}",
            identity or page.id(f"live-{page.cell}"),
            True,
            Markup(html),  # noqa: S704
            Markup(caption),  # noqa: S704
        )
        return view, [block for block in blocks if block not in staged]


def _no_input(marks: frozenset[str], options: dict[str, Any]) -> bool:
    return bool(marks & {"remove-input", "remove_input"}) or options.get("echo") in (False, "false")


def _no_output(marks: frozenset[str], options: dict[str, Any]) -> bool:
    return bool(marks & {"remove-output", "remove_output"}) or options.get("output") in (False, "false")


def _first_comment(source: str) -> str:
    """The words of a comment on the first line."""
    found = re.match(r"\s*(?:#+|//+|--|%|;)\s*(\S[^\n]{0,79})(?:\n|$)", source)
    return found[1].strip() if found and not source.lstrip().startswith("%%") else ""


def _plain(markdown: str) -> str:
    """A caption's words without its Markdown."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"[*`$]|(?<!\w)_|_(?!\w)", "", text)
