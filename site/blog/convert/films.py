"""Films and sounds of the author's own: files of the page, with controls, and still until they are started.

Their kind is read from their bytes, their size from the film where its author says none: so nothing moves
when it comes.
"""

from __future__ import annotations

import re
import struct

from blog.convert.encoding import BrokenImageError
from blog.convert.images import data_uri
from blog.convert.page import Page
from blog.convert.tree import Element, Node, escape, walk

_KINDS = (
    (re.compile(rb"....ftyp", re.DOTALL), "mp4"),
    (re.compile(rb"\x1aE\xdf\xa3"), "webm"),
    (re.compile(rb"OggS"), "ogg"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), "wav"),
    (re.compile(rb"ID3|\xff[\xfb\xf3\xf2]"), "mp3"),
)
_SOUNDS = frozenset({"ogg", "wav", "mp3"})
# the largest size that is believed
_MOST = 8192


def own(page: Page, element: Element) -> list[Node] | None:
    """Make a player for a film or sound that lies beside the notebook or in it; None for any other."""
    sources = [element.attributes.get("src", "")]
    sources += [one.attributes.get("src", "") for one in walk(element.children) if one.tag == "source"]
    source = next(filter(None, sources), "").strip()
    if element.tag not in ("video", "audio") or not source or re.match(r"(?!data:)[\w+.-]+:|//", source):
        return None
    content = _content(page, source)
    if content is None:
        return []
    kind = next((name for start, name in _KINDS if start.match(content)), "")
    if not kind:
        page.warn(f"the {element.tag} {source[:80]} has no form that browsers play", "Save it as MP4 or WebM")
        return []
    asset = page.asset(content, kind)
    sound = element.tag == "audio" or kind in _SOUNDS
    word = "Sound" if sound else "Film"
    attributes = {"src": asset.url, "controls": "", "preload": "metadata"}
    if not sound:
        width, height = _asked(element) or _size(content, kind)
        if width and height:
            attributes |= {"width": str(width), "height": str(height)}
        attributes["playsinline"] = ""
    if "loop" in element.attributes:
        attributes["loop"] = ""
    title = element.attributes.get("title", "").strip()
    attributes["aria-label"] = page.name(title or f"{word}, {page.cell_name()}")
    link = Element("a", {"href": asset.url}, [escape(f"{word}: download it")])
    return [Element("div", {"class": "player"}, [Element("audio" if sound else "video", attributes, [link])])]


def _content(page: Page, source: str) -> bytes | None:
    if source.startswith("data:"):
        try:
            return data_uri(source)
        except BrokenImageError as error:
            page.warn(f"a film can't be shown: {error}", "Run the cell again")
            return None
    path = page.resolve(source.partition("?")[0].partition("#")[0])
    content = page.read(path) if path is not None else None
    if content is None:
        page.warn(f"the film {source[:80]} is missing", "Put the file into the folder of the notebook")
    return content


def _asked(element: Element) -> tuple[int, int] | None:
    """Give the size that the author says, if it is one."""
    said = [element.attributes.get(name, "") for name in ("width", "height")]
    width, height = (int(one) if re.fullmatch(r"[1-9]\d{0,3}", one) else 0 for one in said)
    return (width, height) if width and height else None


def _size(content: bytes, kind: str) -> tuple[int, int]:
    """Read a film's size in pixels; nothing where it isn't where it should be."""
    if kind == "mp4":
        # the header of each track (ISO 14496-12, 8.3.2) ends with its size, in 1/65536; sounds have none
        for found in re.finditer(b"tkhd", content):
            at = found.end() + (88 if content[found.end() : found.end() + 1] == b"\x01" else 76)
            if len(content) >= at + 8:
                width, height = (value >> 16 for value in struct.unpack(">II", content[at : at + 8]))
                if 0 < width <= _MOST and 0 < height <= _MOST:
                    return width, height
    if kind == "webm":
        # Matroska's PixelWidth and PixelHeight, of two bytes each
        across, down = (
            re.search(rb"\xb0\x82(..)", content, re.DOTALL),
            re.search(rb"\xba\x82(..)", content, re.DOTALL),
        )
        if across and down:
            return struct.unpack(">H", across[1])[0], struct.unpack(">H", down[1])[0]
    return 0, 0
