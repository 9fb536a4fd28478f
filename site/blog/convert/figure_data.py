"""The data of saved interactive figures, as columns of a table."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

# what plotly 6 writes arrays in: numpy's names, and those of struct
_TYPES = {"f8": "d", "f4": "f", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I"}
_LONGEST = 120
# rows that are read at most
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Columns:
    """A table: the names of its columns, and its rows."""

    names: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()


def of_plotly(traces: list[dict[str, Any]], layout: dict[str, Any]) -> Columns:
    """Give the points of a plotly figure; nothing for traces that aren't made of points."""
    several = len(traces) > 1
    rows: list[tuple[object, ...]] = []
    keys = ("labels", "values") if all(trace.get("type") == "pie" for trace in traces) else ("x", "y")
    for number, trace in enumerate(traces, start=1):
        first, second = (_values(trace.get(key)) for key in keys)
        name = (_short(trace.get("name") or f"Trace {number}"),) if several else ()
        points = zip_longest(first or range(len(second)), second, fillvalue="")
        rows += [(*name, _short(one), _short(other)) for one, other in points]
        if len(rows) > _MOST:
            break
    heads = ("Label", "Value") if keys[0] == "labels" else (_axis(layout, "x"), _axis(layout, "y"))
    return Columns((("Series", *heads) if several else heads), tuple(rows))


def _values(value: object) -> list[object]:
    """Give the values of a list, or of an array as plotly 6 writes it."""
    if isinstance(value, dict):
        code = _TYPES.get(str(value.get("dtype", "")).lstrip("<|="))
        try:
            content = base64.b64decode(str(value.get("bdata", "")), validate=False)
        except (binascii.Error, ValueError):
            return []
        size = struct.calcsize(f"<{code}") if code else 1
        usable = len(content) - len(content) % size
        return [one[0] for one in struct.iter_unpack(f"<{code}", content[:usable])] if code else []
    return value if isinstance(value, list) else []


def _axis(layout: dict[str, Any], which: str) -> str:
    axis = layout.get(f"{which}axis")
    title = axis.get("title") if isinstance(axis, dict) else None
    text = title.get("text") if isinstance(title, dict) else title
    return (
        re.sub(r"<[^>]*>", "", text).strip()[:_LONGEST] if isinstance(text, str) and text.strip() else which
    )


def of_vega(spec: dict[str, Any]) -> Columns:
    """Give the data of a Vega or Vega-Lite figure that has one set of them; nothing where it has more."""
    sets = list(_sets(spec))
    if len(sets) != 1:
        return Columns()
    records = [record for record in sets[0][:_MOST] if isinstance(record, dict)]
    names = list(dict.fromkeys(str(name) for record in records for name in record))
    return Columns(
        tuple(name[:_LONGEST] for name in names),
        tuple(tuple(_short(record.get(name, "")) for name in names) for record in records) if names else (),
    )


def _sets(spec: dict[str, Any]) -> Iterator[list[Any]]:
    named = spec.get("datasets")
    found = list(named.values()) if isinstance(named, dict) else []
    own = spec.get("data")
    for one in own if isinstance(own, list) else [own]:
        if isinstance(one, dict):
            found.append(one.get("values"))
    yield from (one for one in found if isinstance(one, list) and one)


def fetches(value: object, depth: int = 0) -> bool:
    """Whether a specification names data, pictures or maps that lie elsewhere."""
    if depth > 100:
        return True
    if isinstance(value, dict):
        data = value.get("data")
        of_url = any(
            isinstance(one, dict) and "url" in one for one in (data if isinstance(data, list) else [data])
        )
        return of_url or any(fetches(one, depth + 1) for key, one in value.items() if key != "datasets")
    return isinstance(value, list) and any(fetches(one, depth + 1) for one in value)


def _short(value: object) -> object:
    """Give a value as a cell can show it."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)[:_LONGEST]
    return value
