"""Pictures of measured data as the posts show them: grey on a near-black plate, with a ring, a scale
bar and a name drawn on it.

A notebook in `posts/` or `demos/` finds this module after `sys.path.append("..")`. A picture is drawn
in a few milliseconds, fast enough to follow a slider; plots are matplotlib's job, in the style of
`bright_disk.mplstyle` beside this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

import numpy as np
from IPython.display import Image as Shown
from IPython.display import display
from PIL import Image, ImageDraw, ImageFont

PLATE = (7, 9, 10)
INK = (228, 234, 231)
PHOSPHOR = (211, 234, 99)  # this is collecting right now
BF, ADF, HAADF = (116, 182, 239), (211, 234, 99), (242, 151, 122)


class Ring(NamedTuple):
    """A ring; its edges are fractions of the plate's half width.

    `right` and `down` say how far it is from the middle, in the same fractions.
    """

    inner: float
    outer: float
    colour: tuple[int, int, int] = PHOSPHOR
    right: float = 0.0
    down: float = 0.0


class Mark(NamedTuple):
    """A word at a place, in fractions of the plate's width from its top left corner.

    With a circle the place is marked and the word stands beside it.
    """

    right: float
    down: float
    text: str
    circle: bool = False


class Bar(NamedTuple):
    """A scale bar: its length as a fraction of the plate's width, and what is written above it."""

    length: float
    text: str


def log_grey(counts: np.ndarray, decades: float = 3.5) -> np.ndarray:
    """Grey levels of a diffraction pattern, logarithmic over so many decades below its maximum."""
    counts = np.asarray(counts, np.float32)
    level = np.log1p(counts * (10**decades / counts.max()))
    return np.uint8(255 * level / level.max())


def grey(image: np.ndarray, low: float = 0.3, high: float = 99.8) -> np.ndarray:
    """Grey levels of an image, linear between two of its percentiles."""
    image = np.asarray(image, np.float32)
    black, white = np.percentile(image, (low, high))
    return np.uint8(255 * np.clip((image - black) / max(white - black, 1e-9), 0, 1))


def plate(
    levels: np.ndarray,
    size: int = 480,
    name: str = "",
    bar: Bar | None = None,
    rings: Sequence[Ring] = (),
    marks: Sequence[Mark] = (),
    letters: float = 1.0,
    fill: float = 0.24,
) -> Image.Image:
    """One picture of `size` by `size` pixels, smoothed for display.

    `levels` is a square array, of grey levels or of RGB colours (`uint8`). `letters`
    enlarges what is written, for plates that are shown small. `fill` is how much of a ring's colour
    lies over the pattern; its edges are always drawn.
    """
    picture = Image.fromarray(levels).resize((size, size), Image.Resampling.BICUBIC)
    if rings:
        picture = Image.fromarray(_with_rings(np.asarray(picture.convert("RGB")), rings, fill))
    for mark in marks:
        picture = picture.convert("RGB")
        _place(picture, mark, letters)
    ink: tuple[int, int, int] | int = INK if picture.mode == "RGB" else INK[1]
    font, pad = _font(round(letters * size / 26)), round(letters * size / 40)
    if name:
        left, top, right, bottom = font.getbbox(name)
        box = (pad, pad, 3 * pad + right - left, 3 * pad + bottom - top)
        _shade(picture, box)
        ImageDraw.Draw(picture).text((2 * pad - left, 2 * pad - top), name, ink, font)
    if bar is not None:
        left, top, right, bottom = font.getbbox(bar.text)
        length, thick = round(bar.length * size), max(2, round(letters * size / 120))
        width, height = max(length, right - left), bottom - top + pad + thick
        x, y = 2 * pad, size - 2 * pad - height
        _shade(picture, (pad, y - pad, x + width + pad, size - pad))
        draw = ImageDraw.Draw(picture)
        draw.text((x - left, y - top), bar.text, ink, font)
        draw.rectangle((x, y + height - thick, x + length - 1, y + height - 1), ink)
    return picture


def png(picture: Image.Image) -> bytes:
    """The bytes of a PNG, made quickly: for a picture that follows a slider."""
    stream = BytesIO()
    picture.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def show(*pictures: Image.Image) -> None:
    """Make pictures the outputs of a cell, each as small as a PNG gets; the page sets them in a row."""
    for picture in pictures:
        stream = BytesIO()
        picture.save(stream, "PNG", optimize=True)
        display(Shown(data=stream.getvalue(), format="png"))


def _with_rings(pixels: np.ndarray, rings: Sequence[Ring], fill: float) -> np.ndarray:
    """Blend rings over RGB pixels, with smooth edges."""
    size = len(pixels)
    line = size / 300
    out = pixels.astype(np.float32)
    for inner, outer, colour, right, down in rings:
        distance = _distance(size, right * size / 2, down * size / 2)
        near, far = (np.float32(edge * size / 2) for edge in (inner, outer))
        cover = fill * np.clip(np.minimum(distance - near, far - distance) + 0.5, 0, 1)
        for edge in (near, far) if inner > 0 else (far,):
            cover = np.maximum(cover, np.clip(line + 0.5 - abs(distance - edge), 0, 1))
        out += cover[..., None] * (np.array(colour, np.float32) - out)
    return np.uint8(out + 0.5)


@lru_cache(maxsize=8)
def _distance(size: int, right: float, down: float) -> np.ndarray:
    axis = np.arange(size, dtype=np.float32) - (size - 1) / 2
    return np.hypot(axis[:, None] - np.float32(down), axis - np.float32(right))


def _place(picture: Image.Image, mark: Mark, letters: float) -> None:
    """Write a mark's word, outlined so that it can be read on anything, and its circle."""
    size = picture.width
    x, y, r = mark.right * size, mark.down * size, letters * size / 50
    font, draw = _font(round(letters * size / 24)), ImageDraw.Draw(picture)
    left, top, right, bottom = font.getbbox(mark.text)
    at = (x - (left + right) / 2, y - (top + bottom) / 2)
    if mark.circle:
        line = max(2, round(letters * size / 160))
        for grow, colour in ((1, PLATE), (0, PHOSPHOR)):
            box = (x - r - grow, y - r - grow, x + r + grow, y + r + grow)
            draw.ellipse(box, outline=colour, width=line + 2 * grow)
        at = (x + 2 * r - left, at[1])
    draw.text(at, mark.text, INK, font, stroke_width=max(1, round(size / 240)), stroke_fill=PLATE)


@lru_cache
def _font(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(height)


def _shade(picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    """Darken a corner so that what is written there can be read on any picture."""
    corner = picture.crop(box)
    dark = Image.new(picture.mode, corner.size, PLATE if picture.mode == "RGB" else PLATE[1])
    picture.paste(Image.blend(corner, dark, 0.72), box[:2])
