"""SVG without scripts, foreign content, motion or anything it would fetch: safe as a file of the site."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from blog.convert.tree import Element, Node, escape, escape_attribute

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"

_FORBIDDEN = frozenset(
    {
        "script",
        "foreignObject",
        "iframe",
        "embed",
        "object",
        "audio",
        "video",
        "handler",
        "listener",
        "set",
        "animate",
        "animateColor",
        "animateMotion",
        "animateTransform",
        "discard",
    }
)
_FETCH = re.compile(
    r"@import[^;]*;?|(?:-\w+-)?animation[\w-]*\s*:[^;}]*|url\(\s*['\"]?(?!\s*#|\s*['\"]?#|data:image/(?:png|jpeg|gif|webp))[^)]*\)",
    re.IGNORECASE,
)
_UNITS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
_LENGTH = re.compile(r"\s*([0-9.]+(?:e[+-]?\d+)?)\s*(px|pt|pc|in|cm|mm)?\s*$", re.IGNORECASE)


class BrokenDrawingError(Exception):
    """SVG that can't be read; the message says why."""


def drawing(content: bytes) -> tuple[bytes, int, int]:
    """Clean a drawing: its bytes, width and height in CSS pixels (0 where it has none).

    Raises BrokenDrawingError.
    """
    if b"<!ENTITY" in content:
        raise BrokenDrawingError("its drawing defines entities")
    start = content.find(b"<svg")
    if b"xmlns" not in content[start : content.find(b">", start)]:
        content = (
            content[:start] + f'<svg xmlns="{SVG}" xmlns:xlink="{XLINK}"'.encode() + content[start + 4 :]
        )
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 — entities are refused above
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise BrokenDrawingError(f"its drawing is not well formed ({error})") from error
    if root.tag != f"{{{SVG}}}svg":
        raise BrokenDrawingError("its drawing has no svg element")
    try:
        element = _convert(root)
    except RecursionError as error:
        raise BrokenDrawingError("its drawing is nested too deeply") from error
    if not isinstance(element, Element):
        raise BrokenDrawingError("its drawing is empty")
    width, height = _size(element)
    element.attributes = {"xmlns": SVG, "xmlns:xlink": XLINK, **element.attributes}
    return _write(element).encode(), width, height


def _convert(node: ElementTree.Element) -> Element | None:
    if not isinstance(node.tag, str):
        return None
    space, _, name = node.tag.rpartition("}")
    if space.lstrip("{") != SVG or name in _FORBIDDEN:
        return None
    element = Element(name)
    for key, value in node.attrib.items():
        kept = _attribute(key, value)
        if kept is not None:
            element.attributes[kept[0]] = kept[1]
    if node.text:
        element.children.append(escape(_FETCH.sub("", node.text) if name == "style" else node.text))
    for child in node:
        made = _convert(child)
        if made is not None:
            element.children.append(made)
        if child.tail:
            element.children.append(escape(child.tail))
    return element


def _attribute(key: str, value: str) -> tuple[str, str] | None:
    space, _, name = key.rpartition("}")
    space = space.lstrip("{")
    if name.lower().startswith("on"):
        return None
    if name == "href":
        safe = value.startswith("#") or re.match(r"data:image/(png|jpeg|gif|webp);", value, re.IGNORECASE)
        return ("xlink:href" if space == XLINK else "href", value) if safe else None
    if space and space != "http://www.w3.org/XML/1998/namespace":
        return None
    return (f"xml:{name}" if space else name), _FETCH.sub("none", value)


def _length(value: str) -> float:
    found = _LENGTH.match(value)
    try:
        return float(found[1]) * _UNITS[(found[2] or "").lower()] if found else 0.0
    except ValueError:
        return 0.0


def _size(element: Element) -> tuple[int, int]:
    width, height = (
        _length(element.attributes.get("width", "")),
        _length(element.attributes.get("height", "")),
    )
    box = re.split(r"[\s,]+", element.attributes.get("viewBox", "").strip())
    if len(box) == 4:
        across, down = _length(box[2]), _length(box[3])
        if across > 0 and down > 0:
            if width and not height:
                height = width * down / across
            elif height and not width:
                width = height * across / down
            elif not width:
                width, height = across, down
    if not (0 < width < 20_000 and 0 < height < 20_000):
        return 0, 0
    return max(1, round(width)), max(1, round(height))


def _write(node: Node) -> str:
    if isinstance(node, str):
        return node
    attributes = "".join(f' {name}="{escape_attribute(value)}"' for name, value in node.attributes.items())
    if not node.children:
        return f"<{node.tag}{attributes}/>"
    return f"<{node.tag}{attributes}>{''.join(map(_write, node.children))}</{node.tag}>"
