"""The picture that other sites show where a post is linked: its title, the site's name, its first figure.

It is drawn with the article, so it is as fresh as that is, and the same title and figure give the same
bytes. 1200 by 630 pixels is what all who show such cards ask for.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from blog.convert.encoding import MAX_PIXELS

WIDTH, HEIGHT = 1200, 630
FONTS = Path(__file__).parents[1] / "static" / "fonts"

# the light theme's colours (static/css/tokens.css)
_PAPER, _INK, _QUIET, _ACCENT = "#fafbf9", "#18211f", "#46524e", "#0a5a6b"
_MARGIN = 64
_TITLE_SIZES = (68, 60, 52, 46, 40, 36)
_QUALITY = 88
# a figure fills its part where its form differs by no more than this; else it is shown whole
_FILLS = 1.7
# a figure that is wider than this, against its height, lies below the title
_WIDE = 1.7
_FACES = {
    "display": ("display", "display-west", "display-east", "math", "math-signs"),
    "sans": ("sans", "sans-west", "sans-east", "math", "math-signs"),
}


@dataclass(frozen=True, slots=True)
class CardText:
    """What stands on a card; ``about`` is the line below the title, with authors and date."""

    title: str
    site: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where things are: the figure's corners, the middles of lines, and the title's room and lines."""

    figure: tuple[int, int, int, int]
    room: int
    site: int
    title: int
    about: int
    lines: int


_SIDE = _Place((WIDTH - 504, 0, WIDTH, HEIGHT), WIDTH - 2 * _MARGIN - 504, 88, 325, HEIGHT - 76, 5)
_BAND = _Place((0, 330, WIDTH, HEIGHT), WIDTH - 2 * _MARGIN, 64, 178, 282, 2)
_BARE = _Place((0, 0, 0, 0), WIDTH - 2 * _MARGIN - 330, 88, 325, HEIGHT - 76, 5)


def draw(text: CardText, figure: bytes | None) -> bytes | None:
    """Draw the card as a JPEG; None where our fonts lack a letter of the title.

    ``figure`` are the bytes of a picture; one that can't be read is left out, as a drawing (SVG) is.
    """
    if not all(_face("display", 40, character) for character in text.title + text.site):
        return None
    card = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen = ImageDraw.Draw(card)
    picture = _opened(figure) if figure else None
    place = _BARE if picture is None else _BAND if picture.width > _WIDE * picture.height else _SIDE
    if picture is None:
        _mark(card, (WIDTH - 230, HEIGHT // 2), 150)
    else:
        left, top, right, bottom = place.figure
        card.paste(_fitted(picture, right - left, bottom - top), (left, top))
        edge = (left - 6, top, left - 1, bottom) if left else (left, top - 6, right, top - 1)
        pen.rectangle(edge, fill=_ACCENT)
    _mark(card, (_MARGIN + 24, place.site), 24)
    _write(pen, (_MARGIN + 66, place.site), text.site, "sans", 30, _QUIET, place.room - 66)
    size, lines = _set(text.title, place)
    step = round(size * 1.14)
    first = place.title - step * (len(lines) - 1) / 2
    for index, line in enumerate(lines):
        _write(pen, (_MARGIN, first + index * step), line, "display", size, _INK, place.room)
    _write(pen, (_MARGIN, place.about), text.about, "sans", 26, _QUIET, place.room)
    made = io.BytesIO()
    card.save(made, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
    return made.getvalue()


def _opened(figure: bytes) -> Image.Image | None:
    """Read a picture, what is transparent in it white; None where it can't be read."""
    try:
        with Image.open(io.BytesIO(figure)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return None
            image = Image.new("RGB", opened.size, "#ffffff")
            shown = opened.convert("RGBA")
            image.paste(shown, mask=shown.getchannel("A"))
            return image
    except Exception:  # Pillow raises nearly anything for broken files
        return None


def _fitted(image: Image.Image, width: int, height: int) -> Image.Image:
    """Let a picture fill its part of the card, or show it whole on its own ground."""
    form = image.width / image.height / (width / height)
    fills = 1 / _FILLS <= form <= _FILLS
    scale = (max if fills else min)(width / image.width, height / image.height) * (1 if fills else 0.92)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    part = Image.new("RGB", (width, height), image.getpixel((0, 0)))
    small = image.resize(size, Image.Resampling.LANCZOS)
    part.paste(small, ((width - size[0]) // 2, (height - size[1]) // 2))
    return part


def _mark(card: Image.Image, centre: tuple[int, int], size: int) -> None:
    """Draw the site's mark, six reflections inside an annular detector, at four times its size at first."""
    side = 8 * size
    mark = Image.new("RGB", (side, side), _PAPER)
    pen = ImageDraw.Draw(mark)
    x = y = radius = side / 2
    radius -= 1
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=_ACCENT, width=round(radius / 6))
    for place in range(7):
        angle, out = place * pi / 3, 0 if place == 6 else radius * 0.58
        dot = radius * (0.25 if place == 6 else 0.14)
        at = x + out * cos(angle), y + out * sin(angle)
        pen.ellipse((at[0] - dot, at[1] - dot, at[0] + dot, at[1] + dot), fill=_INK)
    small = mark.resize((2 * size, 2 * size), Image.Resampling.LANCZOS)
    card.paste(small, (centre[0] - size, centre[1] - size))


@lru_cache(maxsize=64)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    # Without Raqm, where it is there: its versions place letters differently, a card is the same anywhere.
    return ImageFont.truetype(FONTS / f"{name}.woff2", size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _face(kind: str, size: int, character: str) -> ImageFont.FreeTypeFont | None:
    """Find the first of our fonts that has a letter: one that lacks it shows what it shows for none."""
    for name in _FACES[kind]:
        font = _font(name, size)
        if character.isspace() or bytes(font.getmask(character)) != bytes(font.getmask("\ue0ff")):
            return font
    return None


def _runs(text: str, kind: str, size: int) -> Iterator[tuple[str, ImageFont.FreeTypeFont]]:
    """Cut a text where another font goes on."""
    run, last = "", None
    for character in text:
        font = _face(kind, size, character) or _font(_FACES[kind][0], size)
        if run and font is not last:
            yield run, last or font
            run = ""
        run, last = run + character, font
    if run and last:
        yield run, last


def _length(text: str, kind: str, size: int) -> float:
    return sum(font.getlength(run) for run, font in _runs(text, kind, size))


def _write(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    kind: str,
    size: int,
    colour: str,
    room: float,
) -> None:
    """Write one line from ``at``, which is its left end and middle; what has no room is cut."""
    if _length(text, kind, size) > room:
        while text and _length(f"{text}…", kind, size) > room:
            text = text[:-1].rstrip()
        text += "…"
    x, y = at
    for run, font in _runs(text, kind, size):
        pen.text((x, y), run, font=font, fill=colour, anchor="lm")
        x += font.getlength(run)


def _set(title: str, place: _Place) -> tuple[int, list[str]]:
    """Break a title into lines of the largest size at which all of it has room."""
    lines: list[str] = []
    for size in _TITLE_SIZES:
        lines = [""]
        for word in title.split():
            longer = f"{lines[-1]} {word}".strip()
            if not lines[-1] or _length(longer, "display", size) <= place.room:
                lines[-1] = longer
            else:
                lines.append(word)
        fits = all(_length(line, "display", size) <= place.room for line in lines)
        if fits and len(lines) <= place.lines - (place.lines > 2 and size >= 60):
            return size, lines
    kept = lines[: place.lines]
    if len(lines) > place.lines:
        kept[-1] += "…"
    return _TITLE_SIZES[-1], kept
