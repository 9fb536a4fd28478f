"""Pictures become fingerprinted assets: recompressed without loss, with their size in pixels.

A raster is written as lossless WebP where that is smaller, else as a PNG by oxipng; JPEG, GIF, WebP and
AVIF stay as they are. A drawing (SVG) loses its scripts and whatever it would fetch. Bytes that are no
picture raise :class:`BrokenImageError`.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import oxipng
from PIL import AvifImagePlugin, Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401 — see _READ

from blog.convert.drawings import BrokenDrawingError, drawing
from blog.convert.page import Page
from blog.convert.tree import start_tag
from blog.model import Asset, Picture

# how hard WebP tries, 0 to 100: from 30 on it takes twice the time for a few per cent
EFFORT = 30
# a picture of more pixels than this is not opened (a decompression bomb)
MAX_PIXELS = 100_000_000
# a picture for lists and cards has at least this many pixels on its short side
MIN_CARD = 160

# the classes that say where a picture stands: those of its link, where it has one
_PLACES = frozenset({"only-light", "only-dark", "w-25", "w-50", "w-75"})

# importing a format is what makes Pillow read it; all others stay unread
_READ = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "PPM")
_EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}


class BrokenImageError(Exception):
    """Bytes that are no picture we can show; the message says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """A picture as it is shipped; sizes are in pixels, 0 where a drawing has none."""

    content: bytes
    extension: str
    width: int
    height: int

    @property
    def vector(self) -> bool:
        """Whether it is a drawing."""
        return self.extension == "svg"


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the page: its asset and the size it is shown at."""

    asset: Asset
    width: int
    height: int
    vector: bool


@lru_cache(maxsize=32)
def made(content: bytes) -> Made:
    """Recompress a picture. Raises BrokenImageError."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<") and (b"<svg" in content[:4096] or b"<svg" in content):
        try:
            cleaned, width, height = drawing(content)
        except BrokenDrawingError as error:
            raise BrokenImageError(str(error)) from error
        return Made(cleaned, "svg", width, height)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=_READ) as image:
                return _raster(image, content)
    except BrokenImageError:
        raise
    except Exception as error:  # Pillow raises nearly anything for broken files
        raise BrokenImageError(f"its data can't be read ({type(error).__name__})") from error


def _raster(image: Image.Image, content: bytes) -> Made:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise BrokenImageError(f"it has {width} × {height} pixels")
    kind = image.format or ""
    frames = getattr(image, "n_frames", 1)
    if kind in ("JPEG", "GIF", "WEBP", "AVIF"):
        image.load()
        return Made(content, _EXTENSIONS[kind], width, height)
    image.load()
    if kind == "PNG" and (image.mode.startswith("I") or frames > 1):  # more than 8 bits, or an animation
        return Made(_smaller_png(content) if frames == 1 else content, "png", width, height)
    small = _webp(image)
    if kind == "PNG":
        if small is not None and len(small) < len(content):
            return Made(small, "webp", width, height)
        return Made(_smaller_png(content), "png", width, height)
    if small is None:
        buffer = io.BytesIO()
        image.convert("RGBA" if "A" in image.mode else "RGB").save(buffer, "PNG")
        return Made(_smaller_png(buffer.getvalue()), "png", width, height)
    return Made(small, "webp", width, height)


def _webp(image: Image.Image) -> bytes | None:
    """Lossless WebP; None where a picture is too large for the format."""
    if max(image.size) > 16383 or image.mode in ("F", "I", "I;16"):
        return None
    transparent = "A" in image.getbands() or "transparency" in image.info
    buffer = io.BytesIO()
    image.convert("RGBA" if transparent else "RGB").save(
        buffer, "WEBP", lossless=True, quality=EFFORT, method=2
    )
    return buffer.getvalue()


def _smaller_png(content: bytes) -> bytes:
    try:
        small: bytes = oxipng.optimize_from_memory(content, level=2, strip=oxipng.StripChunks.safe())
    except oxipng.PngError:
        return content
    return small if len(small) < len(content) else content


def decoded(data: object) -> bytes:
    """Decode base64 text. Raises BrokenImageError."""
    if isinstance(data, list):
        data = "".join(piece for piece in data if isinstance(piece, str))
    if not isinstance(data, str) or not data.strip():
        raise BrokenImageError("it holds no data")
    try:
        return base64.b64decode("".join(data.split()), validate=False)
    except (binascii.Error, ValueError) as error:
        raise BrokenImageError("its data is not base64") from error


_DATA_URI = re.compile(r"data:([\w/+.-]*)((?:;[^;,]*)*),(.*)", re.DOTALL | re.IGNORECASE)


def data_uri(uri: str) -> bytes:
    """Decode a ``data:`` URI. Raises BrokenImageError."""
    found = _DATA_URI.match(uri.strip())
    if found is None:
        raise BrokenImageError("its data URI is not complete")
    if ";base64" in found[2].lower():
        return decoded(unquote_to_bytes(found[3]).decode("latin-1"))
    return unquote_to_bytes(found[3])


def keep(
    page: Page, content: bytes, *, width: int | None = None, height: int | None = None, stem: str = ""
) -> Shown:
    """Make a picture an asset of the page.

    ``width`` and ``height`` are the sizes to show it at, in CSS pixels, where the author gives one or
    both. Raises BrokenImageError.
    """
    picture = made(content)
    asset = page.asset(picture.content, picture.extension, stem)
    shown_width, shown_height = picture.width, picture.height
    if width and not height:
        shown_height = max(1, round(picture.height * width / picture.width)) if picture.width else 0
        shown_width = width
    elif height and not width:
        shown_width = max(1, round(picture.width * height / picture.height)) if picture.height else 0
        shown_height = height
    elif width and height:
        shown_width, shown_height = width, height
    return Shown(asset, shown_width, shown_height, picture.vector)


def tag(page: Page, shown: Shown, alt: str, classes: str = "", kind: str | None = None) -> str:
    """Write the ``<img>`` of a picture; the first of a page loads at once, the others as they come near.

    ``kind`` is the class that tells on what ground it lies: raster or vector, as it is, or none.
    """
    attributes = {"src": shown.asset.url}
    kind = ("vector" if shown.vector else "raster") if kind is None else kind
    attributes["class"] = " ".join(f"{kind} {classes}".split())
    if shown.width and shown.height:
        attributes["width"], attributes["height"] = str(shown.width), str(shown.height)
    attributes["alt"] = alt
    if page.images:
        attributes["loading"], attributes["decoding"] = "lazy", "async"
    page.images += 1
    if min(shown.width, shown.height) >= MIN_CARD and not page.pictures:
        page.pictures.append(Picture(shown.asset.url, shown.width, shown.height, alt))
    return start_tag("img", attributes)


def enlargeable(
    page: Page, shown: Shown, alt: str, classes: str = "", about: Mapping[str, str] | None = None
) -> str:
    """Write a picture of a figure: a link to its file, which a script opens large in its place.

    ``about`` are further attributes of the link, by which the script knows more of the picture.
    """
    names = classes.split()
    place = [name for name in names if name in _PLACES]
    attributes = {"class": " ".join(["enlarge", *place]), "href": shown.asset.url, **(about or {})}
    if not alt.strip():
        attributes["aria-label"] = "This picture, large"
    inner = tag(page, shown, alt, " ".join(name for name in names if name not in _PLACES))
    return f"{start_tag('a', attributes)}{inner}</a>"
