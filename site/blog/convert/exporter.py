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

from blog.convert.cells import Cells, CodeView
from blog.convert.outputs import joined, tags
from blog.convert.prose import Prose

TEMPLATES = Path(__file__).parent / "templates"


class Select(Preprocessor):  # type: ignore[misc]
    """Leaves out the cells that no reader sees, and numbers the others where the reader has not."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Called by the exporter before anything else."""
        kept = []
        for index, cell in enumerate(nb.cells, start=1):
            if not isinstance(cell.get("metadata"), dict):
                cell["metadata"] = NotebookNode()
            about = cell["metadata"].get("blog")
            if not isinstance(about, dict) or "number" not in about:
                cell["metadata"]["blog"] = NotebookNode({"number": index, **(about if isinstance(about, dict) else {})})
            options = cell["metadata"]["blog"].get("options")
            if not isinstance(options, dict):
                cell["metadata"]["blog"]["options"] = options = NotebookNode()
            marks = tags(cell)
            if marks & {"remove-cell", "remove_cell"} or options.get("include") in (False, "false"):
                continue
            kept.append(cell)
        nb.cells = kept
        return nb, resources


class Read(Preprocessor):  # type: ignore[misc]
    """Reads the blocks of all Markdown cells, so that notes and link definitions hold for the notebook."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Called by the exporter before the template."""
        prose: Prose = resources["prose"]
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                prose.read(cell.metadata["blog"]["number"], joined(cell.get("source")))
        return nb, resources


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


class ArticleExporter(TemplateExporter):  # type: ignore[misc]
    """Writes the article of a notebook; ``resources`` must hold ``prose`` and ``cells`` of one page.

    Nothing but the package's own templates, filters and preprocessors is read: no configuration and no
    template of the user's or of Jupyter.
    """

    output_mimetype = "text/html"
    default_preprocessors: list[Any] = []
    preprocessors: list[Any] = [Select, Read]

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

    def _get_conf(self) -> dict[str, Any]:
        return {}

    def _preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        # without nbconvert's validation: a notebook's reader has decided what is good enough
        for preprocessor in self._preprocessors:
            nb, resources = preprocessor(nb, resources)
        return nb, resources
