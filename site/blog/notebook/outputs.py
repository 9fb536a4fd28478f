"""Gives every saved output of a code cell the shape of format 4.5, whatever it was."""

from __future__ import annotations

import json
import re
from typing import Any

from nbformat.notebooknode import from_dict
from nbformat.v4.convert import upgrade_output

from blog.notebook.jsontext import loads
from blog.notebook.report import Report, quote

# An output larger than this (in characters: bytes, for base64) is worth a warning.
LARGE_OUTPUT = 10_000_000

# an output in the making: plain, until ``parsing.py`` makes nbformat's nodes of all at once
Output = dict[str, Any]

_RUN_AGAIN = "Run the cell again and save the notebook"
# What the format calls JSON: its value may be anything, all others must be text.
_JSON_MIME = re.compile(r"application/(.*\+)?json")
_BUNDLES = ("display_data", "execute_result")
# An output's fields in formats 2 and 3; the first eight stand for mime types.
_OLD_MIMES = ("text", "html", "svg", "png", "jpeg", "latex", "javascript", "json")
_OLD_FIELDS = (
    *_OLD_MIMES,
    "output_type",
    "metadata",
    "prompt_number",
    "stream",
    "ename",
    "evalue",
    "traceback",
)
# A message's type that reaches files by mistake: it is shown as what it updates.
_OTHER_TYPES = {"update_display_data": "display_data"}


def lines(value: object, old: bool = False) -> str:
    """Join text that is saved as one string or as a list of lines.

    ``old`` joins as format 3 did, where the lines may have lost their ends. What is neither text nor
    a number becomes the empty string.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [lines(part) for part in value]
        joint = "\n" if old and parts and not parts[0].endswith(("\n", "\r")) else ""
        return joint.join(parts)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return ""


def count(value: object) -> int | None:
    """Give a cell's execution count where ``value`` is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def repair_outputs(raw: object, report: Report, number: int) -> list[Output]:
    """Give the outputs of the code cell ``number``; those that hold nothing readable are left out.

    Warns of what was left out and of large outputs, but not of saved errors (``tags.py`` does, which
    knows whether they are meant).
    """
    if raw is None:
        return []
    found = raw if isinstance(raw, list) else [raw]
    outputs = [_repair(output) if isinstance(output, dict) else None for output in found]
    kept = [output for output in outputs if output is not None]
    if len(kept) < len(found):
        what = f"{len(found) - len(kept)} of its outputs can't be read and are left out"
        report.warn(what, _RUN_AGAIN, number)
    for output in kept:
        size = _size(output)
        if size > LARGE_OUTPUT:
            what = f"an output is {size / 1e6:.0f} MB large"
            report.warn(what, "Show less of it, or save it as a file beside the notebook", number)
    return kept


def _repair(raw: dict[str, Any]) -> Output | None:
    kind = _kind(raw)
    if _is_old(kind, raw):
        raw = _upgrade(kind, raw)
        kind = raw["output_type"]
    if kind == "stream":
        name = raw.get("name")
        name = name if isinstance(name, str) and name else "stdout"
        return {"output_type": "stream", "name": name, "text": lines(raw.get("text"))}
    if kind == "error":
        traceback = raw.get("traceback")
        found = traceback if isinstance(traceback, list) else [traceback]
        return {
            "output_type": "error",
            "ename": lines(raw.get("ename")),
            "evalue": lines(raw.get("evalue")),
            "traceback": [lines(line) for line in found if lines(line)],
        }
    if kind in _BUNDLES:
        metadata = raw.get("metadata")
        output: Output = {
            "output_type": kind,
            "data": bundle(raw.get("data")),
            "metadata": metadata if isinstance(metadata, dict) else {},
        }
        if kind == "execute_result":
            output["execution_count"] = count(raw.get("execution_count"))
        return output
    return None


def _kind(raw: dict[str, Any]) -> str:
    """Give the type of an output, by what it holds where its type is missing or of the future."""
    kind = raw.get("output_type")
    if isinstance(kind, str):
        kind = _OTHER_TYPES.get(kind, kind)
        if kind in (*_BUNDLES, "stream", "error", "pyout", "pyerr"):
            return kind
    if isinstance(raw.get("data"), dict):
        return "display_data"
    if "traceback" in raw or "ename" in raw:
        return "error"
    if "text" in raw:
        return "stream"
    return ""


def _is_old(kind: str, raw: dict[str, Any]) -> bool:
    """Tell an output in the form of formats 2 and 3, which are found in files of format 4 too."""
    if kind in ("pyout", "pyerr"):
        return True
    if kind == "stream":
        return "stream" in raw
    return kind in _BUNDLES and "data" not in raw and any(key in raw for key in _OLD_MIMES)


def _upgrade(kind: str, raw: dict[str, Any]) -> dict[str, Any]:
    """Convert an output of format 2 or 3 with nbformat, which wants it in good order."""
    if isinstance(raw.get("data"), dict):  # half converted already
        return {**raw, "output_type": "error" if kind == "pyerr" else "execute_result"}
    output = {key: raw[key] for key in _OLD_FIELDS if key in raw}
    output["output_type"] = "pyout" if kind == "execute_result" else kind
    for key in _OLD_MIMES:
        if isinstance(output.get(key), list):
            output[key] = lines(output[key], old=True)
    if not isinstance(output.get("metadata"), dict):
        output["metadata"] = {}
    saved_json = output.pop("json", None)  # nbformat gives up where this is not valid
    upgraded: Output = upgrade_output(from_dict(output))  # type: ignore[no-untyped-call]
    if saved_json is not None and isinstance(upgraded.get("data"), dict):
        upgraded["data"]["application/json"] = _parsed(saved_json)
    return upgraded


def bundle(raw: object) -> dict[str, Any]:
    """Give a mime bundle in which every value is text, but for the types that are JSON."""
    if isinstance(raw, (str, list)):
        return {"text/plain": lines(raw)}
    if not isinstance(raw, dict):
        return {}
    data: dict[str, Any] = {}
    for mime, value in raw.items():
        if _JSON_MIME.fullmatch(mime):
            # a figure's or a widget's description that was saved as text
            data[mime] = value if mime == "application/json" else _parsed(value)
        elif isinstance(value, dict) or (
            isinstance(value, list) and not all(isinstance(line, str) for line in value)
        ):
            data[mime] = json.dumps(value, ensure_ascii=False)
        elif value is not None:
            data[mime] = lines(value)
    return data


def _parsed(value: Any) -> Any:
    """Give the object that a text holds as JSON, or the value itself where it holds none."""
    text = lines(value) if isinstance(value, list) else value
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return value
    try:
        return loads(text, depth=100)
    except ValueError:
        return value


def _size(value: object) -> int:
    """Count the characters in all texts of a JSON value."""
    total, todo = 0, [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            total += len(item)
        elif isinstance(item, dict):
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
    return total


def error_line(output: Output) -> str:
    """Give a saved error as one short line, e.g. ``ZeroDivisionError: division by zero``."""
    parts = [quote(output["ename"]), quote(output["evalue"])]
    return ": ".join(part for part in parts if part) or "an error without a name"
