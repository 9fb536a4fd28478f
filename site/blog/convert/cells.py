"""Code cells become views for the template: what is shown, folded or left out, and where figures go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup

from blog.convert import comparisons, figures
from blog.convert.figures import Legend
from blog.convert.highlight import code_html
from blog.convert.outputs import Block, Outputs, joined
from blog.convert.page import Page
from blog.convert.prose import Prose
from blog.convert.scales import pixel_size
from blog.convert.tree import escape_attribute
from blog.notebook.report import quote

# an input of more lines is folded
FOLD_LINES = 40

_NOTHING_SAVED = '<p class="left-out">No picture of this cell was saved.</p>'

_HIDDEN_INPUT = frozenset({"hide-input", "hide_input", "collapse", "hide-code"})
_NO_INPUT = frozenset({"remove-input", "remove_input", "remove-code"})
_NO_OUTPUT = frozenset({"remove-output", "remove_output"})
_HIDDEN_OUTPUT = frozenset({"hide-output", "hide_output"})
_HIDDEN_CELL = frozenset({"hide-cell", "hide_cell"})
_COMMENT = re.compile(r"\s*(?:#+|//+|--|%+|;+)\s*([^\s#/%;-][^\n]{0,79})(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a cell in the order of the page: texts in the cell's ``box``, or ``rich`` HTML between."""

    kind: str
    html: Markup


@dataclass(frozen=True, slots=True)
class LiveView:
    """A live cell at rest: ``run`` is the URL of its page without JavaScript."""

    notebook: str
    cell: str
    run: str
    figure_id: str
    stage: Markup
    caption: Markup


@dataclass(frozen=True, slots=True)
class CodeView:
    """A code cell: ``code`` is empty where it is not shown, ``summary`` set where it is folded.

    ``leading`` pieces stand in the box of the code, ``pieces`` after it. ``folded`` and
    ``folded_output`` are the words on what hides the whole cell or its outputs, empty where nothing does.
    """

    id: str
    prompt: str
    code: Markup
    summary: str
    lines: str
    leading: tuple[Piece, ...]
    pieces: tuple[Piece, ...]
    folded: str
    folded_output: str
    live: LiveView | None


@dataclass
class _Flow:
    """Collects pieces: texts that follow each other share a box, pictures a figure."""

    pieces: list[Piece] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    pictures: list[Block] = field(default_factory=list)


class Cells:
    """Makes the views of one page's code cells."""

    def __init__(self, page: Page, prose: Prose, outputs: Outputs) -> None:
        self.page = page
        self.prose = prose
        self.outputs = outputs

    def view(self, cell: dict[str, Any]) -> CodeView:
        """Make the view of a code cell."""
        about = cell["metadata"]["blog"]
        options: dict[str, Any] = about["options"]
        marks = tags(cell)
        count = cell.get("execution_count")
        prompt = str(count) if isinstance(count, int) and not isinstance(count, bool) else ""
        self.page.begin(about["number"], prompt, lossy=lossy(options))
        live = "live" in marks
        code, summary, lines = self._code(joined(cell.get("source")), marks, options, live)
        self.page.alternatives = listed(options.get("fig-alt"))
        hidden = hides_output(marks, options)
        make = self.outputs.blocks_of_live_cell if live else self.outputs.blocks
        blocks = [] if hidden else make(cell.get("outputs"))
        identity = self.page.id(f"cell-{self.page.cell}")
        shown: LiveView | None = None
        legend = self._legend(options, marks)
        if live:
            shown = self._live(cell, options, blocks, legend)
            blocks, legend = [block for block in blocks if block.kind in ("text", "trace")], Legend()
        pieces = self._pieces(blocks, legend, options)
        leading: list[Piece] = []
        folded_output = "Output" if marks & _HIDDEN_OUTPUT and pieces else ""
        if code and not folded_output:
            while pieces and pieces[0].kind == "box":
                leading.append(pieces.pop(0))
        folded = (summary or "Code and output") if marks & _HIDDEN_CELL else ""
        return CodeView(
            identity,
            prompt,
            code,
            summary,
            lines,
            tuple(leading),
            tuple(pieces),
            folded,
            folded_output,
            shown,
        )

    # -------------------------------------------------------------------- code
    def _code(
        self, source: str, marks: frozenset[str], options: dict[str, Any], live: bool
    ) -> tuple[Markup, str, str]:
        """Give the code, and its summary and number of lines where it is folded."""
        source = source.strip("\n")
        if not source.strip() or marks & _NO_INPUT or options.get("echo") in (False, "false"):
            return Markup(), "", ""
        label = self.page.name(f"Code, {self.page.cell_name()}")
        html = Markup(code_html(source, self.page.language, label))  # noqa: S704 — escaped by highlight
        count = source.count("\n") + 1
        folding = options.get("code-fold")
        folded = live or bool(marks & (_HIDDEN_INPUT | _HIDDEN_CELL)) or count > FOLD_LINES
        if not (folded or folding in (True, "true")) or folding in (False, "false"):
            return html, "", ""
        said = str(options.get("code-summary") or "").strip()
        summary = said or _first_comment(source) or ("The code of this figure" if live else "Code")
        return html, summary, f"{count} line{'s' if count > 1 else ''}"

    # ----------------------------------------------------------------- figures
    def _legend(self, options: dict[str, Any], marks: frozenset[str]) -> Legend:
        caption = options.get("fig-cap") or options.get("tbl-cap") or ""
        if isinstance(caption, list):
            caption = " ".join(map(str, caption))
        label = str(options.get("label") or options.get("name") or "")
        column = str(options.get("column", ""))
        return Legend(
            self.prose.line(str(caption)) if caption else "",
            label if caption or label.startswith(("fig", "tbl")) else "",
            wide="wide" in marks or column.startswith(("page", "screen", "body-outset")),
            plate="plate" in marks or "plate" in str(options.get("classes", "")),
            table="tbl-cap" in options or label.startswith("tbl"),
        )

    def _images(
        self, blocks: Iterable[Block], options: dict[str, Any], *, live: bool = False, wide: bool = False
    ) -> list[str]:
        """Write pictures, with the alternative texts that the author gave.

        Those of a live cell can't be opened large: a touch there is for the controls. Quarto's
        ``renderings: [light, dark]`` says that two are one figure, drawn for each theme.
        """
        made = list(blocks)
        themes = _renderings(options)
        each = len(themes) or 1
        texts = self._texts(len(made), options, each)
        if live:
            return [block.picture(self.page, alt, live=True) for block, alt in zip(made, texts, strict=True)]
        scales = self._scales(len(made), options)
        places = [f"only-{themes[at % each]}" if themes else "" for at in range(len(made))]
        return [
            block.picture(self.page, alt, classes=place, about=about, wide=wide)
            for block, alt, place, about in zip(made, texts, places, scales, strict=True)
        ]

    def _comparison(self, blocks: Iterable[Block], options: dict[str, Any]) -> str:
        """Write the two pictures of a cell with a slider between them; empty where there is to be none."""
        if options.get("fig-compare") not in (True, "true"):
            return ""
        shown = [block.shown for block in blocks if block.shown is not None]
        if not comparisons.fits(shown):
            sizes = ", ".join(f"{one.width} × {one.height}" for one in shown[:4])
            self.page.warn(
                f"`fig-compare` is for two pictures of one size, and the cell has {len(shown)} ({sizes})",
                "Show two pictures of the same size, or take the option out",
            )
            return ""
        given = listed(options.get("fig-subcap"))
        labels = given if len(given) == 2 else comparisons.LABELS
        texts = self._texts(2, options)
        return comparisons.comparison(self.page, shown, texts, labels, self._scales(2, options))

    def _texts(self, count: int, options: dict[str, Any], each: int = 1) -> list[str]:
        """Give the alternative texts of a cell's pictures: the last one given holds for those after it.

        So many pictures as ``each`` says have one text.
        """
        given = listed(options.get("fig-alt"))
        caption = options.get("fig-cap") or ""
        spare = _plain(str(caption)) if isinstance(caption, (str, int, float)) else ""
        given = given or [spare or f"Output of {self.page.cell_name()}"]
        return [given[min(place // each, len(given) - 1)] for place in range(count)]

    def _scales(self, count: int, options: dict[str, Any]) -> list[dict[str, str]]:
        """Give what the links of a cell's pictures say of the size of a pixel, where the author gives it."""
        about: list[dict[str, str]] = []
        given = listed(options.get("fig-scale"))
        for written in given:
            size = pixel_size(written)
            if size is None:
                self.page.warn(
                    f"the scale {quote(written)} is no size of a pixel and is ignored",
                    "Write a number and a unit, such as `#| fig-scale: 0.18 nm`",
                )
            about.append({"data-pixel": size} if size else {})
        return [about[min(place, len(about) - 1)] if about else {} for place in range(count)]

    def _pieces(self, blocks: list[Block], legend: Legend, options: dict[str, Any]) -> list[Piece]:
        """Put blocks into the order of the page; the first figure or table takes the caption."""
        flow = _Flow()
        waiting = [legend] if legend.numbered else []

        def next_legend(table: bool) -> Legend:
            if waiting and waiting[0].table == table:
                return waiting.pop()
            return Legend(plate=legend.plate, wide=legend.wide)

        for block in [*blocks, None]:
            if block is None or block.kind != "picture":
                self._flush_pictures(flow, next_legend(False) if flow.pictures else legend, options)
            if block is None or block.kind != "text":
                self._flush_texts(flow)
            if block is None:
                break
            if block.kind == "picture":
                flow.pictures.append(block)
            elif block.kind == "text":
                flow.texts.append(block.html)
            elif block.kind == "trace":
                flow.pieces.append(Piece("box", Markup(block.html)))  # noqa: S704 — made by us
            else:
                html = block.html
                if waiting and waiting[0].table and "<table" in html:
                    html = figures.table(self.page, html, next_legend(True))
                flow.pieces.append(Piece("rich", Markup(html)))  # noqa: S704 — sanitised
        return flow.pieces

    def _flush_texts(self, flow: _Flow) -> None:
        if flow.texts:
            label = escape_attribute(self.page.name(f"Output of {self.page.cell_name()}"))
            texts = "".join(flow.texts)
            html = f'<div class="out" tabindex="0" role="region" aria-label="{label}">{texts}</div>'
            flow.pieces.append(Piece("box", Markup(html)))  # noqa: S704 — escaped by streams
            flow.texts.clear()

    def _flush_pictures(self, flow: _Flow, legend: Legend, options: dict[str, Any]) -> None:
        if not flow.pictures:
            return
        compared = self._comparison(flow.pictures, options)
        if compared:
            html = figures.figure(self.page, [compared], replace(legend, plate=False))
        else:
            made = self._images(flow.pictures, options, wide=legend.wide)
            size = len(_renderings(options)) or 1  # those of the themes are one
            groups = [made[at : at + size] for at in range(0, len(made), size)]
            groups = [made] if legend.numbered or legend.plate else groups
            html = "".join(figures.figure(self.page, group, legend) for group in groups)
        flow.pieces.append(Piece("rich", Markup(html)))  # noqa: S704 — made by us
        flow.pictures.clear()

    # -------------------------------------------------------------- live cells
    def _live(
        self, cell: dict[str, Any], options: dict[str, Any], blocks: list[Block], legend: Legend
    ) -> LiveView:
        """Make a live cell at rest: its pictures and widgets on the stage."""
        page = self.page
        identity = str(cell.get("id", ""))
        page.live_cells.append((identity, page.cell or 0))
        figure_id, caption = figures.number(page, legend)
        stage: list[str] = []
        pictures: list[Block] = []
        for block in [*blocks, Block("rich", "")]:
            if block.kind == "picture":
                pictures.append(block)
            elif block.kind in ("rich", "view"):
                if pictures:
                    stage.append(figures.ground(self._images(pictures, options, live=True), legend.plate))
                    pictures = []
                if block.kind == "rich":
                    stage.append(block.html)
                else:
                    # The front end puts the nth view into the nth of these, whatever was saved of it.
                    still = block.html or (_NOTHING_SAVED if len(blocks) == 1 else "")
                    stage.append(f'<div class="live-view">{still}</div>')
        html = "".join(stage) or _NOTHING_SAVED
        notebook = f"{page.kind}/{page.slug}"
        return LiveView(
            notebook,
            identity,
            f"/demos/{page.slug}/",
            figure_id or page.id(f"live-{page.cell}"),
            Markup(html),  # noqa: S704 — made by us
            Markup(caption),  # noqa: S704 — made by us
        )


def tags(cell: dict[str, Any]) -> frozenset[str]:
    """Give the tags of a cell."""
    metadata = cell.get("metadata")
    found = metadata.get("tags") if isinstance(metadata, dict) else None
    return frozenset(str(tag) for tag in found) if isinstance(found, list) else frozenset()


def hides_output(marks: frozenset[str], options: dict[str, Any]) -> bool:
    """Whether a cell with these tags and options shows none of its outputs."""
    gone = marks & (_NO_OUTPUT | {"remove-cell", "remove_cell"})
    return bool(gone) or any(options.get(key) in (False, "false") for key in ("output", "include"))


def lossy(options: dict[str, Any]) -> bool | None:
    """Give what the author says of the cell's pictures losing something, None where nothing."""
    return {"lossy": True, "lossless": False}.get(str(options.get("image-encoding", "")))


def listed(option: object) -> list[str]:
    """Give the values of an option that holds one for each picture, or one for all."""
    given = option if isinstance(option, list) else [] if option in (None, "") else [option]
    return [str(one) for one in given]


def _renderings(options: dict[str, Any]) -> list[str]:
    """Give the themes that the cell's pictures are drawn for, in their order; none where for any."""
    given = options.get("renderings")
    themes = [str(one) for one in given] if isinstance(given, list) else []
    return themes if sorted(themes) == ["dark", "light"] else []


def _first_comment(source: str) -> str:
    """Give the words of a comment on the first line."""
    found = _COMMENT.match(source)
    return found[1].strip() if found and not source.lstrip().startswith(("%%", "%", "#!")) else ""


def _plain(markdown: str) -> str:
    """Give a caption's words without its Markdown."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(markdown.split()))
    return re.sub(r"[*`$]|(?<!\w)_|_(?!\w)", "", text)
