"""The fonts bear names of ours, hold what a text needs, and stay small."""

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

STATIC = Path(__file__).parents[2] / "site" / "blog" / "static"
FILES = sorted((STATIC / "fonts").glob("*.woff2"))
# what a post with italics, code and formulas fetches
COMMON = ("serif", "italic", "display", "sans", "mono", "math")
EUROPE = (
    "Ångström naïve façade Übergröße Łódź Dvořák Erdős Çağ ığüş Þórður œuvre Ñandú Šķēle Ţară țară "
    "– — ‘ ’ ‚ “ ” „ … • † « » ‹ › € ™ § © × ÷ ± − ° µ ² ³ ¼ ½ →"
)
SCIENCE = "αβγδεζηθικλμνξπρστυφχψω ΓΔΘΛΞΠΣΦΨΩ ≤ ≥ ≈ ≠ ∝ ∞ ∂ ∇ ∑ ∫ √ ⁻¹ ⁰ ⁴ ⁺ ₀₁₂ ℏ Å → ← ↔ ⇒ ∈ ⊥ ∥ ⟨ ⟩"
TEX = (
    "𝐀𝐤𝒙𝜃𝝈 ℒ𝒜 ℝ𝔼 𝔤 𝖳 ∬ ∮ ⋃ ⨁ ⊗ ⊕ ↦ ⟶ ⟹ ⟺ ↪ ⇌ ∀ ∃ ∅ ∉ ⊂ ⊆ ∩ ∪ ≡ ≅ ≪ ≫ ≲ ≳ ⋯ ⋮ ⋱ ‖ ⌊ ⌋ ⌈ ⌉ ⏞ ⏟ ′ ″ ⃗ ˙ ¨ ˆ ˜ ˉ "
    "⊊ ≺ ⊴ ↠ ⇝ ⨀ ⩽"
)


def names(font: TTFont) -> dict[int, str]:
    return {record.nameID: str(record) for record in font["name"].names}


def held(prefix: str) -> set[str]:
    """Give the characters of a family's files together."""
    found: set[str] = set()
    for path in FILES:
        if path.stem == prefix or path.stem.startswith(f"{prefix}-"):
            found |= set(map(chr, TTFont(path).getBestCmap()))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_cut_font_has_a_name_of_ours_and_its_own_licence(path: Path) -> None:
    said = names(TTFont(path))
    for number in (1, 3, 4, 6, 16):
        assert not re.search("Source|Instrument|Commit|STIX", said.get(number, "")), said[number]
    assert said[1].startswith("Page ")
    assert said[0]  # the copyright
    assert "Open Font License" in said[13]


def test_each_licence_stands_beside_the_fonts() -> None:
    licences = [path.read_text() for path in (STATIC / "fonts").glob("LICENSE-*.txt")]
    assert len(licences) == 4
    assert all("SIL OPEN FONT LICENSE Version 1.1" in text for text in licences)


@pytest.mark.parametrize("family", ["serif", "display", "sans", "mono"])
def test_the_text_faces_hold_the_languages_of_europe(family: str) -> None:
    missing = set(EUROPE) - held(family)
    # what a face does not draw comes from the mathematics, or for labels from the reader's own fonts
    assert missing <= set("→²³Ţ†±µ¼½−" if family == "sans" else "→²³"), missing


def test_the_mathematics_hold_the_signs_of_science_and_of_tex() -> None:
    assert set(SCIENCE) - held("math") - set("¹") == set()
    assert set(TEX) - held("math") == set()


def test_what_stretches_is_in_the_first_file() -> None:
    font = TTFont(STATIC / "fonts" / "math.woff2")
    variants = font["MATH"].table.MathVariants
    characters = font.getBestCmap()
    upright = {characters[ord(c)] for c in "()[]{}|‖⌊⌋⌈⌉⟨⟩√↑↓∑∫"}
    assert upright - set(variants.VertGlyphCoverage.glyphs) == set()
    across = {characters[ord(c)] for c in "→←⏞⏟‾"}
    assert across - set(variants.HorizGlyphCoverage.glyphs) == set()


def test_a_page_fetches_a_range_only_where_the_file_has_it() -> None:
    css = (STATIC / "css" / "fonts.css").read_text()
    rules = re.findall(r'url\("\.\./fonts/([\w-]+)\.woff2"\)[^}]*?unicode-range:([^;]+);', css)
    assert len(rules) > 8
    for stem, text in rules:
        points = set(TTFont(STATIC / "fonts" / f"{stem}.woff2").getBestCmap())
        for part in text.split(","):
            assert re.fullmatch(r"U\+[0-9A-F]+(-[0-9A-F]+)?", part.strip()), f"{stem}: {part!r}"
            first, _, last = part.strip().removeprefix("U+").partition("-")
            span = set(range(int(first, 16), int(last or first, 16) + 1))
            assert span <= points, f"{stem}: {part.strip()}"


def test_what_a_post_fetches_is_small() -> None:
    assert sum((STATIC / "fonts" / f"{name}.woff2").stat().st_size for name in COMMON) <= 120_000
