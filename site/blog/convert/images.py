"""Pictures become fingerprinted assets of a page, and ``<img>`` tags with their size in pixels."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from blog.convert.encoder import source
from blog.convert.encoding import WIDTHS, BrokenImageError, File, Made
from blog.convert.page import Page
from blog.convert.tree import escape_attribute, start_tag
from blog.model import Asset, Encoded, Picture

# a picture for lists and cards has at least this many pixels on its short side
MIN_CARD = 160
# how wide pictures are at most in the text and across its margin, in CSS pixels (docs: 40 rem and 57 rem)
TEXT, WIDE = 720, 1030
_MEGABYTE = 1_000_000

# the classes that say where a picture stands: those of its link, where it has one
_PLACES = frozenset({"only-light", "only-dark", "w-25", "w-50", "w-75"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the page: its asset and the size it is shown at.

    ``scaled`` are smaller forms with their widths in pixels, and the asset's own last where there are any.
    ``original`` is the file as it came, where all that is shown is less; ``film`` an animation whose first
    frame the asset is.
    """

    asset: Asset
    width: int
    height: int
    vector: bool
    scaled: tuple[tuple[Asset, int], ...] = ()
    original: Asset | None = None
    film: Asset | None = None
    pixels: tuple[int, int] = (0, 0)


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
    page: Page,
    content: bytes,
    *,
    width: int | None = None,
    height: int | None = None,
    stem: str = "",
    lossy: bool | None = None,
) -> Shown:
    """Make a picture an asset of the page.

    ``width`` and ``height`` are the sizes to show it at, in CSS pixels, where the author gives one or
    both; ``lossy`` is the author's word on whether it may lose something. Raises BrokenImageError.
    """
    picture = page.encoder.made(content, lossy)
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
    scaled = [(_file(page, one, stem), one.width) for one in picture.scaled]
    original = _file(page, picture.original, stem) if picture.original else None
    film = _file(page, picture.film, stem) if picture.film else None
    name = source(content, lossy)
    page.encoded[name] = Encoded(
        name,
        asset.path,
        picture.width,
        picture.height,
        tuple((one.path, across) for one, across in scaled),
        original.path if original else "",
        film.path if film else "",
    )
    if scaled:
        scaled.append((asset, _own_width(picture)))
    pixels = (picture.width, picture.height)
    return Shown(asset, shown_width, shown_height, picture.vector, tuple(scaled), original, film, pixels)


def _file(page: Page, file: File, stem: str) -> Asset:
    return page.asset(file.content, file.extension, stem)


def _own_width(picture: Made) -> int:
    """Give the pixels across of the file itself: what may lose something is made no wider than a screen."""
    return min(picture.width, max(WIDTHS)) if picture.original else picture.width


def tag(
    page: Page,
    shown: Shown,
    alt: str,
    classes: str = "",
    kind: str | None = None,
    *,
    wide: bool = False,
) -> str:
    """Write the ``<img>`` of a picture; the first of a page loads at once, the others as they come near.

    ``kind`` is the class that tells on what ground it lies: raster or vector, as it is, or none: that of
    a widget, which has one form. ``wide`` says that it may take the margin.
    """
    of_widget = kind is not None
    if kind is None:
        # what was made to lose something is a photograph, and needs no ground as a plot does
        kind = "vector" if shown.vector else "photograph" if shown.original else "raster"
    attributes = {"src": shown.asset.url}
    if shown.scaled and not of_widget:
        attributes["srcset"] = ", ".join(f"{asset.url} {width}w" for asset, width in shown.scaled)
        attributes["sizes"] = _sizes(min(shown.width, WIDE if wide else TEXT))
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
    page: Page,
    shown: Shown,
    alt: str,
    classes: str = "",
    about: Mapping[str, str] | None = None,
    *,
    wide: bool = False,
) -> str:
    """Write a picture of a figure: a link to its file, which a script opens large in its place.

    It is the file as it came, where what is shown is less. An animation is a still with a link that plays
    it. ``about`` are further attributes of the link, by which the script knows more of the picture.
    """
    names = classes.split()
    place = [name for name in names if name in _PLACES]
    inner = tag(page, shown, alt, " ".join(name for name in names if name not in _PLACES), wide=wide)
    if shown.film:
        name = escape_attribute(f"Play the animation: {alt}" if alt.strip() else "Play the animation")
        play = f'<a class="play" href="{shown.film.url}" aria-label="{name}">Play</a>'
        return f'<span class="{" ".join(["film", *place])}">{inner}{play}</span>'
    whole = shown.original or shown.asset
    attributes = {"class": " ".join(["enlarge", *place]), "href": whole.url, **(about or {})}
    if shown.original:
        across, down = shown.pixels
        size = len(whole.content) / _MEGABYTE
        attributes["title"] = f"The original: {across} × {down} pixels, {size:.1f} MB"
    if not alt.strip():
        attributes["aria-label"] = "This picture, large"
    return f"{start_tag('a', attributes)}{inner}</a>"


def _sizes(width: int) -> str:
    """Say how wide a picture of the text is shown: as wide as it is or the screen."""
    return f"(min-width: {width + 40}px) {width}px, 100vw"
