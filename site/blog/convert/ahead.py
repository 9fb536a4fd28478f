"""The pictures among a notebook's outputs, found before its cells are gone through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from blog.convert.cells import hides_output, lossy, tags
from blog.convert.encoding import BrokenImageError
from blog.convert.images import decoded
from blog.convert.outputs import PICTURES


def pictures(node: Any) -> Iterator[tuple[bytes, bool | None]]:
    """Give the bytes of each raster that the page will show, and whether it may lose something."""
    for cell in node.get("cells", []):
        metadata = cell.get("metadata")
        about = metadata.get("blog") if isinstance(metadata, dict) else None
        options = about.get("options") if isinstance(about, dict) else None
        options = options if isinstance(options, dict) else {}
        outputs = cell.get("outputs")
        if hides_output(tags(cell), options) or not isinstance(outputs, list):
            continue
        for output in outputs:
            data = output.get("data") if isinstance(output, dict) else None
            if not isinstance(data, dict):
                continue
            mime = next((mime for mime in PICTURES if mime in data), "image/svg+xml")
            if mime == "image/svg+xml":
                continue
            try:
                yield decoded(data[mime]), lossy(options)
            except BrokenImageError:
                continue  # the cell tells of it
