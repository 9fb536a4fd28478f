"""What a notebook saves of a Bokeh figure: a script, in which documents stand as JSON; read, never run."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from blog.convert.figure_data import Columns

_SCRIPT = re.compile(
    r"(?:const|var) docs_json = (?P<documents>\{.*\});\s*(?:const|var) render_items = (?P<items>\[.*?\]);\s",
    re.DOTALL,
)
# Bokeh's own height of a plot, in CSS pixels
_PLOT = 600
# bytes of one column, unpacked
_MOST = 4_000_000
_DEEPEST = 60
_TYPES = {
    "float64": "d",
    "float32": "f",
    "int32": "i",
    "uint32": "I",
    "int16": "h",
    "uint16": "H",
    "int8": "b",
    "uint8": "B",
}


def read(script: object, longest: int) -> dict[str, Any] | None:
    """Give the documents and where they go; None where the script isn't Bokeh's, or has more characters."""
    found = _SCRIPT.search(script) if isinstance(script, str) and len(script) <= longest else None
    if found is None:
        return None
    try:
        documents, items = json.loads(found["documents"]), json.loads(found["items"])
    except (ValueError, RecursionError):
        return None
    if not isinstance(documents, dict) or not all(isinstance(item, dict) for item in items):
        return None
    return {"documents": documents, "items": items}


def height(documents: dict[str, Any]) -> int:
    """Give the height of all roots of the documents, one below the other."""
    return sum(_height(root) for document in documents.values() for root in _list(document, "roots"))


def _height(model: object, depth: int = 0) -> int:
    if not isinstance(model, dict) or depth > _DEEPEST:
        return 0
    own = model.get("attributes")
    own = own if isinstance(own, dict) else {}
    said = own.get("height")
    if isinstance(said, int) and not isinstance(said, bool) and said > 0:
        return said
    children = [child[0] if isinstance(child, list) and child else child for child in _list(own, "children")]
    heights = [_height(child, depth + 1) for child in children]
    if heights:
        return sum(heights) if model.get("name") == "Column" else max(heights)
    return _PLOT if model.get("name") in ("Figure", "figure", "GridPlot") else 0


def columns(documents: dict[str, Any]) -> Columns:
    """Give the data of a figure whose glyphs share one table; nothing where they have several."""
    tables = {json.dumps(one, sort_keys=True): one for one in _sources(documents)}
    if len(tables) != 1:
        return Columns()
    (entries,) = tables.values()
    named = {
        str(entry[0]): _values(entry[1]) for entry in entries if isinstance(entry, list) and len(entry) == 2
    }
    named = {name: values for name, values in named.items() if values}
    return Columns(tuple(named), tuple(zip(*named.values(), strict=False)))


def _sources(value: object, depth: int = 0) -> Iterator[list[Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        attributes = value.get("attributes")
        if value.get("name") == "ColumnDataSource" and isinstance(attributes, dict):
            data = attributes.get("data")
            yield _list(data, "entries")
            return
        value = list(value.values())
    for one in value if isinstance(value, list) else []:
        yield from _sources(one, depth + 1)


def _values(value: object) -> list[object]:
    """Give the values of a column: a list, or an array in packed bytes."""
    if isinstance(value, list):
        return [one if isinstance(one, (int, float)) else str(one)[:120] for one in value]
    array = value.get("array") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(array, dict):
        return []
    code = _TYPES.get(str(value.get("dtype")))
    if array.get("type") != "bytes" or code is None or len(_list(value, "shape")) != 1:
        return []
    try:
        packed = base64.b64decode(str(array.get("data", "")), validate=True)
        gzipped = packed.startswith(b"\x1f\x8b")
        content = zlib.decompressobj(31).decompress(packed, _MOST) if gzipped else packed
    except (binascii.Error, zlib.error, ValueError):
        return []
    form = f"{'>' if value.get('order') == 'big' else '<'}{code}"
    usable = len(content) - len(content) % struct.calcsize(form)
    return [one[0] for one in struct.iter_unpack(form, content[:usable])]


def _list(value: object, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
