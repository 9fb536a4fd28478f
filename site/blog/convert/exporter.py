"""The nbconvert exporter: notebook in, HTML of the article out, with templates and filters of our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as RenderContext
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from blog.convert.cells import Cells, CodeView, tags
from blog.convert.outputs import joined
from blog.convert.prose import Prose

TEMPLATES = Path(__file__).parent / "templates"


class Select(Preprocessor):
    """Leaves out the cells that no reader sees, and numbers the others where the reader has not."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Do it; called by the exporter before anything else."""
        kept = []
        for index, cell in enumerate(nb.cells, start=1):
            if not isinstance(cell.get("metadata"), dict):
                cell["metadata"] = {}
            about = cell["metadata"].get("blog")
            about = dict(about) if isinstance(about, dict) else {}
            about.setdefault("number", index)
            options = about.get("options")
            about["options"] = options = dict(options) if isinstance(options, dict) else {}
            cell["metadata"]["blog"] = about
            marks = tags(cell)
            if marks & {"remove-cell", "remove_cell"} or options.get("include") in (False, "false"):
                continue
            kept.append(cell)
        nb.cells = kept
        return nb, resources


class Read(Preprocessor):
    """Reads the blocks of all Markdown cells, so that notes and link definitions hold for the notebook."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Do it; called by the exporter before the template."""
        prose: Prose = resources["prose"]
        for cell in nb.cells:
            if cell.cell_type == "markdown" or _is_markdown(cell):
                prose.read(cell.metadata["blog"]["number"], joined(cell.get("source")))
        return nb, resources


def _is_markdown(cell: NotebookNode) -> bool:
    """Whether a raw cell says that it holds Markdown or HTML; any other raw cell is for other tools."""
    metadata = cell["metadata"]
    kind = str(metadata.get("raw_mimetype") or metadata.get("format") or "").lower()
    return cell.cell_type == "raw" and kind in ("text/markdown", "text/html", "markdown", "html")


@pass_context
def _prose(context: RenderContext, cell: NotebookNode) -> Markup:
    prose: Prose = context["resources"]["prose"]
    html = prose.cell(cell.metadata["blog"]["number"], cell.get("attachments"))
    if "hide-cell" in tags(cell) and html:
        html = f'<details class="folded"><summary>More</summary>{html}</details>'
    return Markup(html)  # noqa: S704 — sanitised by prose


@pass_context
def _view(context: RenderContext, cell: NotebookNode) -> CodeView:
    cells: Cells = context["resources"]["cells"]
    return cells.view(cell)


class ArticleExporter(TemplateExporter):
    """Writes the article of a notebook; ``resources`` must hold ``prose`` and ``cells`` of one page.

    Nothing but the package's own templates, filters and preprocessors is read: no configuration and no
    template of the user's or of Jupyter.
    """

    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def _template_file_default(self) -> str:
        return "article.html.j2"

    def _create_environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.loopcontrols"],
        )
        environment.filters["prose"] = _prose
        environment.filters["view"] = _view
        return environment

    def _init_preprocessors(self) -> None:
        self._preprocessors = [Select(enabled=True), Read(enabled=True)]  # type: ignore[no-untyped-call]

    def _get_conf(self) -> dict[str, Any]:
        return {}

    def _preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        # without nbconvert's validation: a notebook's reader has decided what is good enough
        for preprocessor in self._preprocessors:
            nb, resources = preprocessor(nb, resources)
        return nb, resources
