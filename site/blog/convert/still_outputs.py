"""What an Output widget of a live cell holds, as the front end shows it (voila/frontend/src/mime.js).

In an article outputs become the site's own markup; here each is the element that will stand in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from blog.convert import images
from blog.convert.encoding import BrokenImageError
from blog.convert.page import Page
from blog.convert.pens import element
from blog.convert.saved import is_number
from blog.convert.tree import escape

_VIEW = "application/vnd.jupyter.widget-view+json"
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_OVERWRITTEN = re.compile(r"^[^\n]*\r(?!\n)", re.MULTILINE)


def still_outputs(
    outputs: object, page: Page, view: Callable[[str], str], own_html: Callable[[str], str]
) -> str:
    """Give the HTML of outputs; ``view`` draws a widget by its id, ``own_html`` makes an author's safe."""
    return "".join(
        _one(output, page, view, own_html)
        for output in (outputs if isinstance(outputs, list) else [])
        if isinstance(output, dict)
    )


def _one(
    output: dict[str, Any], page: Page, view: Callable[[str], str], own_html: Callable[[str], str]
) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _text(_joined(output.get("text")), "stderr" if output.get("name") == "stderr" else "stdout")
    if kind == "error":
        return _text(f"{_joined(output.get('ename'))}: {_joined(output.get('evalue'))}", "error")
    data = output.get("data")
    if not isinstance(data, dict):
        return ""
    if isinstance(data.get(_VIEW), dict):
        return element("div", "", view(str(data[_VIEW].get("model_id", ""))))
    if mime := next((name for name in _PICTURES if data.get(name)), ""):
        return _picture(data, mime, output.get("metadata"), page)
    if source := _joined(data.get("text/html")):
        return element("div", "live-html", own_html(source))
    if source := _joined(data.get("text/latex")):
        return element("div", "", own_html(escape(source)))
    return _text(_joined(data.get("text/plain")), "stdout")


def _text(text: str, kind: str) -> str:
    shown = _OVERWRITTEN.sub("", _ESCAPES.sub("", text))
    # A first line break would be taken for the markup's own.
    return element("pre", f"live-text {kind}", ("\n" if shown.startswith("\n") else "") + escape(shown))


def _picture(data: dict[str, Any], mime: str, metadata: object, page: Page) -> str:
    about = metadata.get(mime) if isinstance(metadata, dict) else None
    size = about if isinstance(about, dict) else {}
    source = _joined(data[mime])
    try:
        drawn = mime == "image/svg+xml"
        content = source.encode(errors="replace") if drawn else images.decoded(source)
        shown = images.keep(page, content, width=_whole(size.get("width")), height=_whole(size.get("height")))
    except BrokenImageError as error:
        page.warn(f"a picture of its widgets can't be shown: {error}", "Run the notebook again and save it")
        return ""
    words = _joined(size.get("alt")) or _joined(data.get("text/plain"))
    is_name = re.fullmatch(r"<.*>", words.strip(), re.DOTALL)
    return images.tag(page, shown, page.alternative("" if is_name else words), kind="")


def _joined(value: object) -> str:
    """Give text of a notebook, which may be a list of lines."""
    if isinstance(value, list):
        return "".join(piece for piece in value if isinstance(piece, str))
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    return round(value) if is_number(value) and 1 <= value <= 20_000 else None
