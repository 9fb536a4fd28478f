"""Makes every way to say what of a cell is shown into one set of tags.

The tags that the converter knows: ``hide-input`` and ``hide-output`` (folded away), ``remove-input``,
``remove-output`` and ``remove-cell`` (not on the page), ``collapse``, ``live``, ``warm``, and
``raises-exception`` (the saved error is meant).
"""

from __future__ import annotations

from typing import Any

from blog.notebook.cells import Cell, tag_list
from blog.notebook.outputs import error_line
from blog.notebook.report import Report

KNOWN = (
    "collapse",
    "hide-cell",
    "hide-input",
    "hide-output",
    "live",
    "raises-exception",
    "remove-cell",
    "remove-input",
    "remove-output",
    "warm",
)
# as Jupyter Book wrote them at first ("hide_input")
_OLD_NAMES = {name.replace("-", "_"): name for name in KNOWN if "-" in name}

# Options of a cell (Quarto's) that say what a tag says; a value of None stands for any true value.
_OPTIONS: tuple[tuple[str, object, str], ...] = (
    ("include", False, "remove-cell"),
    ("echo", False, "remove-input"),
    ("output", False, "remove-output"),
    ("code-fold", True, "hide-input"),
)


def settle_tags(cell: Cell) -> None:
    """Gather in ``cell.metadata.tags`` what tags, options and Jupyter's own flags ask for. In place.

    The cell's options are read before (``options.py``). The tags keep the order in which they are said.
    """
    metadata = cell["metadata"]
    options: dict[str, Any] = metadata["blog"]["options"]
    tags = [*metadata.get("tags", []), *tag_list(options.get("tags"))]
    tags += [tag for key, value, tag in _OPTIONS if options.get(key) is value]
    jupyter = metadata.get("jupyter", {})
    # "form" is how Colab hides the code
    if jupyter.get("source_hidden") is True or metadata.get("cellView") == "form":
        tags.append("hide-input")
    if jupyter.get("outputs_hidden") is True or metadata.get("collapsed") is True:
        tags.append("hide-output")
    unique = dict.fromkeys(_OLD_NAMES.get(tag, tag) for tag in tags)
    if unique or "tags" in metadata:
        metadata["tags"] = list(unique)


def warn_of_error(cell: Cell, report: Report) -> None:
    """Warn of an error that was saved in the outputs of a cell and is not tagged as meant."""
    if "raises-exception" in cell["metadata"].get("tags", []):
        return
    errors = [output for output in cell.get("outputs", []) if output["output_type"] == "error"]
    if errors:
        report.warn(
            f"the cell ends in an error ({error_line(errors[-1])})",
            "Mend it and run it again, or tag the cell 'raises-exception' where the error is meant",
            cell["metadata"]["blog"]["number"],
        )
