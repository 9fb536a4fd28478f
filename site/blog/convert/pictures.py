"""The pictures that Markdown and HTML name: attachments, files, data URIs, inline drawings.

A picture of another site becomes a link, for no request leaves the site; one that is missing leaves
words in its place and a warning to the author.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from blog.convert.encoding import BrokenImageError
from blog.convert.images import data_uri, enlargeable, keep, tag
from blog.convert.page import Page
from blog.convert.tree import Element, Node, escape
from blog.model import Picture

# alternative texts that say nothing: names of files, "image", "alt text"
JUNK = re.compile(
    r"(?:(?:alt(?:ernative)?[ _-]?text|image|img|picture|figure|photo|drawing|png|jpe?g|svg|title|screenshot"
    r"|logo)[ _-]?\d*|\S+\.(?:png|jpe?g|gif|svg|webp|avif|bmp|tiff?))?",
    re.IGNORECASE,
)
# what an author may say of a picture: whether it may lose something
_LOSS = frozenset({"lossy", "lossless"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_DRAWING = re.compile(r"data:,svg-(\d+)")


class Pictures:
    """The pictures of one page.

    ``attachments`` are those of the cell at work, ``drawings`` what the sanitiser has taken out of it.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.attachments: dict[str, Any] = {}
        self.drawings: list[str] = []

    def card(self, source: str) -> Picture | None:
        """Keep the picture for lists and cards that the front matter names."""
        shown = self._kept(source, None, None, None)
        return Picture(shown.asset.url, shown.width, shown.height) if shown else None

    def image(self, element: Element, *, in_figure: bool = False) -> str | None:
        """Give the ``<img>`` tag of a picture, None where it can't be shown (the author is told).

        One ``in_figure`` stands in the link that opens it large.
        """
        attributes = element.attributes
        shown = self._kept(
            attributes.get("src", ""),
            _pixels(attributes.get("width", "")),
            _pixels(attributes.get("height", "")),
            {"lossy": True, "lossless": False}.get(next(iter(set(element.classes()) & _LOSS), "")),
        )
        if shown is None:
            return None
        own = element.classes()
        names = [name for name in own if name not in {"plate", "wide"} | _LOSS]
        if share := _share(attributes.get("width", "")):
            names.append(share)
        # an animation is played by a link, and what has lost something leads to what it was
        write = enlargeable if in_figure or shown.film or shown.original else tag
        return write(self.page, shown, alt(element), " ".join(names), wide="wide" in own)

    def instead(self, element: Element) -> Node:
        """Say in words what stands in the place of a picture that can't be shown."""
        source = element.attributes.get("src", "").strip()
        words = alt(element).strip()
        if not re.match(r"https?://|//", source):
            return Element(
                "span",
                {"class": "missing"},
                [escape(f"Missing picture: {words}" if words else "Missing picture")],
            )
        where = source if source.startswith("http") else f"https:{source}"
        short = source if len(source) < 100 else f"{source[:99]}…"
        self.page.warn(
            f"the picture {short} lies on another site and is shown as a link",
            "Download it into the folder of the notebook",
        )
        shown = words or f"Picture on {_host(where)}"
        return Element("a", {"class": "remote", "href": where, "rel": "noopener"}, [escape(shown)])

    def _kept(self, source: str, width: int | None, height: int | None, lossy: bool | None) -> Any:
        name, content = self._read(source.strip())
        if content is None:
            return None
        try:
            return keep(self.page, content, width=width, height=height, lossy=lossy)
        except BrokenImageError as error:
            self.page.warn(f"the picture {name} can't be shown: {error}", "Save the picture again")
            return None

    def _read(self, source: str) -> tuple[str, bytes | None]:
        """Find the name and the bytes of a picture; None where there are none (the author is told)."""
        drawing = _DRAWING.fullmatch(source)
        if drawing and int(drawing[1]) < len(self.drawings):
            return "in the HTML", self.drawings[int(drawing[1])].encode()
        if source.startswith("attachment:"):
            return self._attachment(unquote(source.removeprefix("attachment:")))
        if source.startswith("data:"):
            try:
                return "in a data URI", data_uri(source)
            except BrokenImageError as error:
                self.page.warn(f"a picture can't be shown: {error}", "Save the picture again")
                return "", None
        if not source or _SCHEME.match(source):
            return source, None
        return self._file(source)

    def _file(self, source: str) -> tuple[str, bytes | None]:
        path = self.page.resolve(source.partition("?")[0].partition("#")[0])
        if path is None:
            self.page.warn(
                f"the picture {source} lies out of the notebooks folder",
                "Put it into the folder of the notebook",
            )
            return source, None
        content = self.page.read(path)
        if content is None:
            self.page.warn(f"the picture {source} is missing", "Put the file there or mend the path")
        return source, content

    def _attachment(self, name: str) -> tuple[str, bytes | None]:
        bundle = self.attachments.get(name)
        for mime, data in bundle.items() if isinstance(bundle, dict) else ():
            if not str(mime).startswith("image/"):
                continue
            text = (
                "".join(piece for piece in data if isinstance(piece, str)) if isinstance(data, list) else data
            )
            if isinstance(text, str) and text.lstrip().startswith("<"):
                return name, text.encode()
            try:
                return name, data_uri(f"data:;base64,{text}")
            except BrokenImageError as error:
                self.page.warn(f"the attachment {name} can't be shown: {error}", "Paste the picture again")
                return name, None
        self.page.warn(f"the attachment {name} is missing", "Paste the picture into the cell again")
        return name, None


def alt(element: Element) -> str:
    """Give the alternative text of a picture: Quarto's ``fig-alt``, else ``alt``."""
    return element.attributes.get("fig-alt") or element.attributes.get("alt", "")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "another site").removeprefix("www.")
    except ValueError:
        return "another site"


def _pixels(value: str) -> int | None:
    found = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", value)
    return int(found[1]) or None if found else None


def _share(value: str) -> str:
    """Give the class of a width in per cent."""
    found = re.fullmatch(r"\s*(\d{1,3})(?:\.\d+)?\s*%\s*", value)
    share = int(found[1]) if found else 100
    return "w-25" if share <= 35 else "w-50" if share <= 62 else "w-75" if share <= 87 else ""
