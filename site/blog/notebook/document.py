"""Makes the bytes of a notebook file into the lists and dictionaries of any known format.

Nothing is said yet of what is in the cells: that is ``cells.py``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from blog.errors import NotebookError
from blog.notebook.jsontext import MAX_DEPTH, TooDeepError, loads
from blog.notebook.report import Report, quote

# A file larger than this (in bytes) is refused rather than read: JSON of this size takes several
# times as much memory, and no reader could load its page.
MAX_BYTES = 500_000_000

LATEST_MINOR = 5

_SAVE_AGAIN = "Open it in JupyterLab and save it again"


@dataclass(frozen=True, slots=True)
class Document:
    """A notebook file as it was found: its cells in order, still of any shape.

    ``old`` is True for formats 2 and 3, whose cells have other fields and whose lines of text are
    joined in another way.
    """

    cells: list[Any]
    metadata: dict[str, Any]
    old: bool


def load(data: bytes, report: Report) -> Document:
    """Read the bytes of a notebook file.

    Raises NotebookError where they are not UTF-8, not JSON, or not a notebook of format 2, 3 or 4.
    """
    raw = _json(_text(data))
    if not isinstance(raw, dict):
        raise NotebookError("it is not a notebook (its JSON is not an object)", _SAVE_AGAIN)
    major, minor = _version(raw, report)
    metadata = raw.get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    sheets = raw.get("worksheets")
    cells = raw.get("cells")
    if isinstance(sheets, list) and (major < 4 or not isinstance(cells, list)):
        cells = []
        for sheet in sheets:
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list):
                cells.extend(sheet["cells"])
        return Document(cells, metadata, old=True)
    if not isinstance(cells, list):
        raise NotebookError("it has no list of cells", _SAVE_AGAIN)
    if major == 4 and minor > LATEST_MINOR:
        report.warn(
            f"its format 4.{quote(minor, 12)} is newer than 4.{LATEST_MINOR}; what is new in it is left out",
            "Look the page over, or save the notebook in format 4.5",
        )
    return Document(cells, metadata, old=major < 4)


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise NotebookError(*too_large(len(data)))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotebookError(
            f"it is not UTF-8 text (byte {error.start + 1})", "Save it again with the encoding UTF-8"
        ) from None
    if not text.strip():
        raise NotebookError("the file is empty", "Save the notebook again, or delete the file")
    return text


def too_large(size: int) -> tuple[str, str]:
    """Say what is wrong with a file of ``size`` bytes, and the remedy."""
    return (
        f"it is {size / 1e6:.0f} MB large, more than {MAX_BYTES / 1e6:.0f} MB",
        "Clear its largest outputs",
    )


def _json(text: str) -> Any:
    try:
        return loads(text)
    except json.JSONDecodeError as error:
        remedy = _SAVE_AGAIN
        if text.startswith("version https://git-lfs."):
            remedy = "It is only Git's pointer to a large file: fetch the file with 'git lfs pull'"
        elif re.search(r"^<{7} ", text, re.MULTILINE):
            remedy = "Resolve the merge conflict that is marked in it, e.g. with 'nbdime'"
        message = f"it is not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        raise NotebookError(message, remedy) from None
    except TooDeepError:
        raise NotebookError(
            f"its values are nested more than {MAX_DEPTH} deep", "Clear the output that holds them"
        ) from None
    except ValueError:  # an integer of more digits than Python converts
        raise NotebookError("it is not valid JSON: a number has too many digits", _SAVE_AGAIN) from None


def _version(raw: dict[str, Any], report: Report) -> tuple[int, int]:
    major = _integer(raw.get("nbformat"))
    minor = _integer(raw.get("nbformat_minor"))
    if major is None:
        if isinstance(raw.get("cells"), list):
            major = 4
        elif isinstance(raw.get("worksheets"), list):
            major = 3
        else:
            raise NotebookError("it is not a notebook (neither 'nbformat' nor cells)", _SAVE_AGAIN)
        report.warn(f"it does not say its format and was read as format {major}", _SAVE_AGAIN)
    elif major > 4:
        raise NotebookError(
            f"its format {quote(major, 12)} is not known here (formats 2 to 4 are)",
            "Save it in format 4, e.g. with 'jupyter nbconvert --to notebook --nbformat 4'",
        )
    elif major < 2:
        raise NotebookError(
            f"its format {quote(major, 12)} is too old (formats 2 to 4 are read)", _SAVE_AGAIN
        )
    elif major < 4:
        report.warn(f"its format {major} is old; it was converted to format 4", _SAVE_AGAIN)
    return major, 0 if minor is None else minor


def _integer(value: object) -> int | None:
    """Read a version's number, also from "4" and 4.0."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}", value.strip()):
        return int(value)
    return value if isinstance(value, int) else None
