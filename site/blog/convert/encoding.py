"""The bytes of pictures: without loss and smaller, scaled for screens, stills of animations.

A raster is written as lossless WebP where that is smaller, else as a PNG by oxipng: figures are
measurements. JPEG, GIF, WebP and AVIF are kept as they are. A photograph (a JPEG), or what its author
says may lose something, is shown as AVIF as far as :func:`likeness` allows. Where what is shown is less
than what there was, the original goes along. Bytes that are no picture raise :class:`BrokenImageError`.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock

import oxipng
from PIL import AvifImagePlugin, Image, ImageOps, TiffImagePlugin, WebPImagePlugin  # noqa: F401 — see _READ

from blog.convert.drawings import BrokenDrawingError, drawing
from blog.convert.likeness import likeness

# how hard WebP tries, 0 to 100: from 30 on it takes twice the time for a few per cent
EFFORT = 30
# a picture of more pixels than this is not opened (a decompression bomb)
MAX_PIXELS = 100_000_000
# pictures are scaled to these widths: the text on a screen of one and of two pixels a point, wide figures
WIDTHS = (720, 1440, 2160)
# a smaller form is kept only if it saves this share: a plot that is scaled has more colours than before
SAVES = 0.8
# a photograph of fewer bytes is left alone
WORTH = 100_000
# of what may lose something: how like it stays (1 is the same), and the qualities that are tried in turn
LIKE = 0.985
QUALITIES = (50, 65, 80, 90)

# importing a format is what makes Pillow read it; all others stay unread
_READ = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "PPM")
# Python's filter of warnings is one for all threads
_WARNINGS = Lock()
_EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}


class BrokenImageError(Exception):
    """Bytes that are no picture we can show; the message says why."""


@dataclass(frozen=True, slots=True)
class File:
    """A picture's bytes with the ending of their format; ``width`` in pixels."""

    content: bytes
    extension: str
    width: int


@dataclass(frozen=True, slots=True)
class Made:
    """A picture as it is shipped; sizes are in pixels, 0 where a drawing has none.

    ``scaled`` are smaller forms, the narrowest first. ``original`` is the file as it came, where
    everything that is shown is less; ``film`` is an animation, of which the rest is the first frame.
    """

    content: bytes
    extension: str
    width: int
    height: int
    scaled: tuple[File, ...] = ()
    original: File | None = None
    film: File | None = None

    @property
    def vector(self) -> bool:
        """Whether it is a drawing."""
        return self.extension == "svg"


@lru_cache(maxsize=32)
def made(content: bytes, lossy: bool | None = None) -> Made:
    """Make a picture's files; ``lossy`` is the author's word, if any. Raises BrokenImageError."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<") and (b"<svg" in content[:4096] or b"<svg" in content):
        try:
            cleaned, width, height = drawing(content)
        except BrokenDrawingError as error:
            raise BrokenImageError(str(error)) from error
        return Made(cleaned, "svg", width, height)
    try:
        with _opened(content) as image:
            return _raster(image, content, lossy)
    except BrokenImageError:
        raise
    except Exception as error:  # Pillow raises nearly anything for broken files
        raise BrokenImageError(f"its data can't be read ({type(error).__name__})") from error


def _opened(content: bytes) -> Image.Image:
    """Open a picture and read its pixels; what Pillow would say of a strange file is for nobody."""
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(io.BytesIO(content), formats=_READ)
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise BrokenImageError(f"it has {width} × {height} pixels")
        image.load()
        return image


def _raster(image: Image.Image, content: bytes, lossy: bool | None) -> Made:
    width, height = image.size
    kind = image.format or ""
    animated = getattr(image, "n_frames", 1) > 1 and kind in _EXTENSIONS
    if animated:
        film = File(content, _EXTENSIONS[kind], width)
        return replace(_without_loss(image.copy(), ""), film=film)
    turned = ImageOps.exif_transpose(image) if kind == "JPEG" else image
    if lossy is None:
        lossy = kind == "JPEG" and len(content) >= WORTH
    if lossy and (lost := _with_loss(turned, content, _EXTENSIONS.get(kind, "png"))):
        return lost
    if kind in ("JPEG", "GIF", "WEBP", "AVIF"):
        return Made(content, _EXTENSIONS[kind], *turned.size)
    if kind == "PNG" and image.mode.startswith("I"):  # more than 8 bits
        return Made(_smaller_png(content), "png", width, height)
    whole = _without_loss(image, kind, content)
    return replace(whole, scaled=_scaled(image, len(whole.content)))


def _without_loss(image: Image.Image, kind: str, content: bytes = b"") -> Made:
    small = _webp(image)
    if kind == "PNG" and (small is None or len(small) >= len(content)):
        return Made(_smaller_png(content), "png", *image.size)
    if small is not None:
        return Made(small, "webp", *image.size)
    buffer = io.BytesIO()
    _in_colours(image).save(buffer, "PNG")
    return Made(_smaller_png(buffer.getvalue()), "png", *image.size)


def _scaled(image: Image.Image, size: int) -> tuple[File, ...]:
    """Give smaller forms of a picture whose whole form has ``size`` bytes; none that saves nothing."""
    found: list[File] = []
    for width in sorted(WIDTHS, reverse=True):
        if width > SAVES * image.width:
            continue
        small = _webp(_narrower(image, width))
        if small is not None and len(small) <= SAVES * size:
            found.append(File(small, "webp", width))
            size = len(small)
    return tuple(reversed(found))


def _with_loss(image: Image.Image, content: bytes, extension: str) -> Made | None:
    """Write what may lose something as AVIF; None where that saves nothing or shows."""
    colours = _in_colours(image)
    largest = min(image.width, max(WIDTHS))
    widths = [width for width in WIDTHS if width <= SAVES * image.width and width < largest]
    profile = image.info.get("icc_profile")
    found: list[File] = []
    for width in (*widths, largest):
        avif = _avif(_narrower(colours, width), profile)
        if avif is not None:
            found.append(File(avif, "avif", width))
    if not found or found[-1].width != largest or len(found[-1].content) > SAVES * len(content):
        return None
    *scaled, whole = found
    original = File(content, extension, image.width)
    return Made(whole.content, "avif", *image.size, scaled=tuple(scaled), original=original)


def _avif(image: Image.Image, profile: bytes | None) -> bytes | None:
    """Write the smallest AVIF that is like the picture; None where none is."""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "AVIF", quality=quality, speed=6, icc_profile=profile or b"", max_threads=1)
        with Image.open(io.BytesIO(buffer.getvalue()), formats=("AVIF",)) as again:
            if likeness(image, again) >= LIKE:
                return buffer.getvalue()
    return None


def _narrower(image: Image.Image, width: int) -> Image.Image:
    if width >= image.width:
        return image
    height = max(1, round(image.height * width / image.width))
    return _in_colours(image).resize((width, height), Image.Resampling.LANCZOS)


def _in_colours(image: Image.Image) -> Image.Image:
    transparent = "A" in image.getbands() or "transparency" in image.info
    return image.convert("RGBA" if transparent else "RGB")


def _webp(image: Image.Image) -> bytes | None:
    """Lossless WebP; None where a picture is too large for the format."""
    if max(image.size) > 16383 or image.mode in ("F", "I", "I;16"):
        return None
    buffer = io.BytesIO()
    _in_colours(image).save(buffer, "WEBP", lossless=True, quality=EFFORT, method=2)
    return buffer.getvalue()


def _smaller_png(content: bytes) -> bytes:
    try:
        small: bytes = oxipng.optimize_from_memory(content, level=2, strip=oxipng.StripChunks.safe())
    except oxipng.PngError:
        return content
    return small if len(small) < len(content) else content
