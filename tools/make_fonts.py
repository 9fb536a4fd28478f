"""Cut the site's fonts from the packages that ship them, under names of ours.

``site/blog/static/fonts/README.md`` says which packages, and why the names. Unpack them side by side
(``npm pack`` and ``tar -xzf`` do) into one folder, each under its own name, and run::

    python tools/make_fonts.py PACKAGES            # writes site/blog/static/fonts/*.woff2
    python tools/make_fonts.py PACKAGES --check    # says whether they are what it would write

The same packages and the same fonttools and brotli give the same bytes.
"""

from __future__ import annotations

import argparse
import io
import sys
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FONTS = Path(__file__).parents[1] / "site" / "blog" / "static" / "fonts"


def _span(*ranges: tuple[int, int] | int) -> frozenset[int]:
    """Give the code points of inclusive ranges and single ones."""
    points: set[int] = set()
    for one in ranges:
        points |= {one} if isinstance(one, int) else set(range(one[0], one[1] + 1))
    return frozenset(points)


def _chars(text: str) -> frozenset[int]:
    return frozenset(map(ord, text.replace("\n", "")))


# ---------------------------------------------------------------------------------- what a text needs

#: English, its quotation marks and dashes, and the signs that prose on science is full of.
LATIN = _span((0x20, 0x7E), 0xA0) | _chars("°±µ·×÷§©«»¼½¾Åéöü–—‘’‚“”„•…′″−")
#: What the other languages of Europe in Latin letters add, by the two files they are cut from.
WEST = (_span((0xA1, 0xFF)) | _chars("ıŒœŸ‹›€™⁄")) - LATIN - _chars("¹²³")
EAST = (_span((0x100, 0x17F), (0x218, 0x21B), 0x1E9E) | _chars("†‡")) - WEST
#: Code is ASCII for the most part; comments may be in any language, and output draws boxes and bars.
ASCII_CODE = _span((0x20, 0x7E), 0xA0) | _chars("°±µ·×–—‘’“”…−→└├─│█")
MORE_CODE = (
    _span((0xA1, 0x17F), (0x391, 0x3C9), (0x2500, 0x257F), (0x2580, 0x259F))
    | _span((0x218, 0x21B))
    | _chars("‚„†‡‹›⁰⁴⁵⁶⁷⁸⁹⁻⁺ⁿ₀₁₂₃₄₅₆₇₈₉✓✗‐‑•€™←↑↓↔⇒∂∞≈≠≤≥√∑∏∫∆Ω")
) - ASCII_CODE

# ------------------------------------------------------------------------------- what a formula needs

_GREEK = _span((0x391, 0x3A1), (0x3A3, 0x3A9), (0x3B1, 0x3C9)) | _chars("ϑϕϖϱϵϰ")
_ITALIC = _span((0x1D434, 0x1D467), 0x210E, (0x1D6E2, 0x1D71B), 0x1D6A4, 0x1D6A5)
_BOLD = _span((0x1D400, 0x1D433))  # vectors
_SIGNS = _chars(
    "ℏℓℜℑℵ∂∇∆∞∅′″‴‵"
    "±∓×÷·∗∘∙⋅⋆†‡⊕⊖⊗⊙∧∨∩∪∖"
    "−∑∏∐∫∬∭∮√∛∀∃∄∈∉∋⊂⊃⊆⊇"
    "≤≥≪≫<=>≠≈≃≅≡∼∝≐≔≲≳⊥∥∣∤⊢⊨∠"
    "←↑→↓↔↕↦⇐⇑⇒⇓⇔⇌⟵⟶⟷⟸⟹⟺⟼↪↗↘"
    "…⋯⋮⋱⋰⟨⟩⌈⌉⌊⌋‖⟦⟧⏞⏟⎵⏠"
    "¬°¯´¨ˆˇˉˊˋ˘˙˚˜‾̸⃗–—‘’“”•§¶"
    "⋀⋁⋂⋃⨁⨂⨀△▽□◇★"
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓ"
    "Åµ℃‰"
)
_SPACES = _span(0xA0, (0x2002, 0x200A), 0x200B, 0x202F, (0x2061, 0x2064))
#: One file is enough for an ordinary formula, and it holds everything that stretches: a browser takes
#: stretched signs and the font's constants from the first file of a family only.
MATH = _span((0x20, 0x7E)) | _GREEK | _ITALIC | _BOLD | _SIGNS | _SPACES
#: The other alphabets and signs: each fetched where a page has one of them.
MATH_BOLD = _span((0x1D468, 0x1D49B), (0x1D6A8, 0x1D6E1), (0x1D71C, 0x1D755), (0x1D7CE, 0x1D7D7))
MATH_ALPHABETS = (
    _span((0x1D49C, 0x1D56B), (0x1D5A0, 0x1D607), (0x1D7D8, 0x1D7EB), (0x2102, 0x2138))
    - MATH
    - _chars("Å℃℉№™Ω")
)
MATH_SIGNS = (
    _span((0x2190, 0x21FF), (0x2200, 0x22FF), (0x27C0, 0x27FF), (0x2A00, 0x2A2F), (0x2A7D, 0x2ABA)) - MATH
)


# ----------------------------------------------------------------------------------------- the faces


@dataclass(frozen=True)
class Face:
    """One file: from which package's file, which axes at which values, which code points and features.

    ``partial`` faces add to the family's first file, and are fetched only where their code points are.
    """

    name: str
    family: str
    source: str
    points: frozenset[int]
    axes: tuple[tuple[str, float | tuple[float, float]], ...] = ()
    features: tuple[str, ...] = ("kern", "liga", "ccmp", "locl", "tnum", "lnum")
    style: str = "normal"
    partial: bool = False

    @property
    def weight(self) -> str:
        """The weights it holds, as CSS writes them."""
        at = dict(self.axes).get("wght", 400.0)
        return f"{at[0]:.0f} {at[1]:.0f}" if isinstance(at, tuple) else f"{at:.0f}"


_SERIF = "@fontsource-variable/source-serif-4/files/source-serif-4-{}-opsz-{}.woff2"
_SANS = "@fontsource-variable/instrument-sans/files/instrument-sans-{}-wght-normal.woff2"
_MONO = "@fontsource/commit-mono/files/commit-mono-latin-400-normal.woff2"
_STIX = "@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2"

_ROMAN = (("opsz", 15.0), ("wght", (400.0, 650.0)))
_SLANTED = (("opsz", 15.0), ("wght", 400.0))
_TITLE = (("opsz", 48.0), ("wght", 400.0))
_LABEL = (("wght", (400.0, 650.0)),)

FACES = (
    Face("serif", "Page Serif", _SERIF.format("latin", "normal"), LATIN, _ROMAN),
    Face("serif-west", "Page Serif", _SERIF.format("latin", "normal"), WEST, _ROMAN, partial=True),
    Face("serif-east", "Page Serif", _SERIF.format("latin-ext", "normal"), EAST, _ROMAN, partial=True),
    Face("italic", "Page Serif", _SERIF.format("latin", "italic"), LATIN | WEST, _SLANTED, style="italic"),
    Face("display", "Page Display", _SERIF.format("latin", "normal"), LATIN, _TITLE),
    Face("display-west", "Page Display", _SERIF.format("latin", "normal"), WEST, _TITLE, partial=True),
    Face("display-east", "Page Display", _SERIF.format("latin-ext", "normal"), EAST, _TITLE, partial=True),
    Face("sans", "Page Sans", _SANS.format("latin"), LATIN, _LABEL),
    Face("sans-west", "Page Sans", _SANS.format("latin"), WEST, _LABEL, partial=True),
    Face("sans-east", "Page Sans", _SANS.format("latin-ext"), EAST, _LABEL, partial=True),
    Face("mono", "Page Mono", _MONO, ASCII_CODE, features=("ccmp",)),
    Face("mono-more", "Page Mono", _MONO, MORE_CODE, features=("ccmp", "mark"), partial=True),
    Face("math", "Page Math", _STIX, MATH, features=()),
    Face("math-bold", "Page Math", _STIX, MATH_BOLD, features=(), partial=True),
    Face("math-alphabets", "Page Math", _STIX, MATH_ALPHABETS, features=(), partial=True),
    Face("math-signs", "Page Math", _STIX, MATH_SIGNS, features=(), partial=True),
)

#: Signs, Greek letters and raised figures in running text come from the mathematics, all raised figures
#: so that 10⁻² is of one make; no Latin letter ever fetches it.
SYMBOLS = frozenset(p for p in MATH if p >= 0x370 and not 0x2000 <= p <= 0x206F) - LATIN | _chars("¹²³")


def make(face: Face, packages: Path) -> bytes:
    """Cut one face; ``packages`` holds the packages under their names."""
    font = TTFont(packages / face.source, recalcTimestamp=False)
    if face.axes:
        instancer.instantiateVariableFont(font, dict(face.axes), inplace=True)
    options = subset.Options(
        layout_features=list(face.features),
        hinting=False,
        notdef_outline=True,
        name_IDs=["*"],
        name_languages=["*"],
        recalc_timestamp=False,
        drop_tables=["DSIG", "meta", "FFTM", "ltag"],
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=face.points)
    cutter.subset(font)
    if face.name == "math":
        _fit_to_browsers(font)
    if "fvar" in font:
        _fix_kerning(font)
    _rename(font, face.family)
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out, reorderTables=None)
    return out.getvalue()


def _fix_kerning(font: TTFont) -> None:
    """Let all weights have the kerning of the lightest: what it varies by is a fifth of the file.

    Nothing but the kerning positions glyphs in these faces, so the store of variations may go.
    """
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            one = getattr(table, "ExtSubTable", table)
            for value in _positions(one):
                for name in ("XPlaDevice", "YPlaDevice", "XAdvDevice", "YAdvDevice"):
                    if hasattr(value, name):
                        delattr(value, name)
            for name in ("ValueFormat", "ValueFormat1", "ValueFormat2"):
                if hasattr(one, name):  # the bits of the values, without those of their variations
                    setattr(one, name, getattr(one, name) & 0x0F)
    classes = font["GDEF"].table
    classes.VarStore, classes.Version = None, 0x00010000


def _positions(table: Any) -> list[Any]:
    """Give the value records of a table that moves single glyphs (1) or pairs (2); others only call those."""
    if table.LookupType == 1:
        return [table.Value] if table.Format == 1 else list(table.Value)
    if table.LookupType != 2:
        return []
    if table.Format == 1:
        records = [record for one in table.PairSet for record in one.PairValueRecord]
    else:
        records = [record for one in table.Class1Record for record in one.Class2Record]
    return [value for record in records for value in (record.Value1, record.Value2) if value]


def _fit_to_browsers(font: TTFont) -> None:
    """Make the glyphs fit what KaTeX writes and browsers do: accents that take room, primes as exponents.

    KaTeX writes the hat and the tilde as ASCII, whose glyphs are too large and too low for accents; a
    browser centres an accent by its advance, so an arrow without one would stand too far to the left;
    the prime of this font is small and high already, made for use beside a letter on its line; and
    Chromium leaves room for the widest of all radicals behind the smallest, so the wide ones are narrowed.
    """
    for table in font["cmap"].tables:
        for ascii_, accent in ((0x5E, 0x2C6), (0x7E, 0x2DC)):
            if accent in table.cmap:
                table.cmap[ascii_] = table.cmap[accent]
    names, mathematics = font.getBestCmap(), font["MATH"].table
    attachment = mathematics.MathGlyphInfo.MathTopAccentAttachment
    for point, scale, bottom in ((0x20D7, 1.0, 580), (0x2032, 1.55, 60), (0x2033, 1.55, 60)):
        glyph = font["glyf"][names[point]]
        width = round(scale * (glyph.xMax - glyph.xMin)) + 80
        _redraw(
            font, names[point], (scale, scale), (40 - scale * glyph.xMin, bottom - scale * glyph.yMin), width
        )
        if names[point] in attachment.TopAccentCoverage.glyphs:
            at = attachment.TopAccentCoverage.glyphs.index(names[point])
            attachment.TopAccentAttachment[at].Value = width // 2
    tall = mathematics.MathVariants
    radical = tall.VertGlyphConstruction[tall.VertGlyphCoverage.glyphs.index(names[0x221A])]
    parts = radical.GlyphAssembly.PartRecords if radical.GlyphAssembly else []
    wide = {one.VariantGlyph for one in radical.MathGlyphVariantRecord} | {one.glyph for one in parts}
    for name in sorted(wide - {names[0x221A]}):
        _redraw(font, name, (0.74, 1.0), (0, 0), round(0.74 * font["hmtx"][name][0]))


def _redraw(
    font: TTFont, name: str, scale: tuple[float, float], shift: tuple[float, float], width: int
) -> None:
    """Scale and shift a glyph; ``width`` is its new advance."""
    pen = TTGlyphPen(font["glyf"])
    font["glyf"][name].draw(TransformPen(pen, (scale[0], 0, 0, scale[1], *shift)), font["glyf"])
    font["glyf"][name] = pen.glyph()
    font["glyf"][name].recalcBounds(font["glyf"])
    font["hmtx"][name] = (width, font["glyf"][name].xMin)


def _rename(font: TTFont, family: str) -> None:
    """Call the font by our family's name, and keep its copyright and its licence."""
    table = font["name"]
    keep = {name.nameID: str(name) for name in table.names if name.nameID in (0, 5, 13, 14)}
    named = {axis.axisNameID for axis in font["fvar"].axes} if "fvar" in font else set()
    labels = [name for name in table.names if name.nameID in named]
    if "STAT" in font:
        del font["STAT"]  # names of styles that nobody picks from a menu here
    if "fvar" in font:
        font["fvar"].instances = []
    table.names = []
    short = family.replace(" ", "")
    keep |= {1: family, 2: "Regular", 3: f"{short}-Regular", 4: family, 6: f"{short}-Regular"}
    keep.setdefault(13, "This Font Software is licensed under the SIL Open Font License, Version 1.1.")
    keep.setdefault(14, "https://openfontlicense.org")
    for number, text in sorted(keep.items()):
        table.setName(text, number, 3, 1, 0x409)
    for name in labels:
        table.setName(str(name), name.nameID, 3, 1, 0x409)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [f"{short}-Regular"]
        top = cff.topDictIndex[0]
        top.FamilyName, top.FullName = family, family


def ranges(points: Iterable[int]) -> str:
    """Write code points as a CSS ``unicode-range``."""
    runs: list[list[int]] = []
    for point in sorted(points):
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return ", ".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in runs)


def stylesheet(made: Mapping[str, bytes]) -> str:
    """Give the part of the stylesheet that names the faces; ``made`` holds each one's file."""
    parts = [_HEAD]
    for face in FACES:
        range_ = _unicode_range(face.points & _drawn(made[face.name])) if face.partial else ""
        parts.append(_RULE.format(face=face, range=range_))
    parts += [_SYMBOLS.format(range=_unicode_range(SYMBOLS & _drawn(made["math"]))), _FALLBACKS]
    return "\n".join(parts)


_HEAD = """\
/* The faces, written by tools/make_fonts.py; fonts/README.md says where each comes from and why it bears
   a name of ours. A face with a range adds to the one before it and is fetched only where it is needed. */
"""
_RULE = """\
@font-face {{
  font-family: "{face.family}"; font-weight: {face.weight}; font-style: {face.style}; font-display: swap;
  src: url("../fonts/{face.name}.woff2") format("woff2");{range}
}}
"""
_SYMBOLS = """\
/* Greek letters and signs in running text come from the mathematics; no Latin letter ever fetches it. */
@font-face {{
  font-family: "Page Symbols"; font-weight: 400; font-display: swap;
  src: url("../fonts/math.woff2") format("woff2");{range}
}}
"""
_FALLBACKS = """\
/* Fonts the reader's system has, scaled to the same width, so that the swap moves no line. */
@font-face {
  font-family: "Serif fallback"; size-adjust: 96%; ascent-override: 104%; descent-override: 34%;
  line-gap-override: 0%; src: local("Georgia"), local("Gelasio"), local("Liberation Serif");
}
@font-face {
  font-family: "Sans fallback"; size-adjust: 99%; ascent-override: 98%; descent-override: 25%;
  line-gap-override: 0%; src: local("Arial"), local("Liberation Sans");
}
"""


def _drawn(content: bytes) -> frozenset[int]:
    """Give the code points that a font file has glyphs for."""
    return frozenset(TTFont(io.BytesIO(content)).getBestCmap())


def _unicode_range(points: frozenset[int]) -> str:
    words = textwrap.fill(
        ranges(points), 110, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
    )
    return f"\n  unicode-range:\n{words};"


def main() -> int:
    """Write the fonts, or compare them with what is there; 1 where they differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("packages", type=Path, help="the folder with the unpacked packages")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    arguments = parser.parse_args()
    wrong = 0
    made = {face.name: make(face, arguments.packages) for face in FACES}
    files = {FONTS / f"{name}.woff2": content for name, content in made.items()}
    files[FONTS.parent / "css" / "fonts.css"] = stylesheet(made).encode()
    for path, content in files.items():
        state = "as it is" if path.is_file() and path.read_bytes() == content else "differs"
        if not arguments.check:
            path.write_bytes(content)
            state = "written"
        wrong += state == "differs"
        print(f"{path.name}: {len(content):,} bytes, {state}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
