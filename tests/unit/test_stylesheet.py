"""The stylesheet keeps what the design promises: one list of tokens, contrast, nothing from outside."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "site" / "blog" / "static" / "css"
PARTS = {
    path.name: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S) for path in sorted(CSS.glob("*.css"))
}
TOKENS = PARTS["tokens.css"]

PAIRS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(r"--([\w-]+):\s*light-dark\((#\w{6}), (#\w{6})\)", TOKENS)
}
CONSTANTS = dict(re.findall(r"--([\w-]+): (#\w{6});", TOKENS))


def colour(token: str, theme: str) -> str:
    return PAIRS[token][theme] if token in PAIRS else CONSTANTS[token]


def luminance(value: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_browsers_without_light_dark_get_the_light_theme() -> None:
    assert len(PAIRS) > 15
    assert {name: CONSTANTS.get(name) for name in PAIRS} == {
        name: pair["light"] for name, pair in PAIRS.items()
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        *((t, g, 4.5) for t in ("ink", "ink-2", "ink-3", "accent", "warn", "bad", "good", "odd", "det-bf")
          for g in ("paper", "surface", "raised")),
        *((t, "trace", 4.5) for t in ("ink-2", "warn", "bad", "good", "odd", "det-bf", "accent")),
        ("det-adf", "paper", 4.5), ("det-haadf", "paper", 4.5),
        ("paper", "accent", 4.5), ("paper", "accent-2", 4.5),
        ("on-phosphor", "phosphor", 4.5), ("on-plate", "plate", 4.5), ("phosphor", "plate", 4.5),
        ("edge", "paper", 3.0), ("edge", "surface", 3.0), ("ring", "paper", 2.8),
    ],
)  # fmt: skip
def test_contrast(text: str, ground: str, least: float, theme: str) -> None:
    assert contrast(colour(text, theme), colour(ground, theme)) >= least


# loaded by the module or the page that needs it
ALONE = ("viewer.css", "design.css")


def test_every_part_is_bundled_once() -> None:
    imported = re.findall(r'^@import "\./(.+)";$', (CSS / "style.css").read_text(), flags=re.M)
    assert sorted(imported) == sorted(name for name in PARTS if name not in ("style.css", *ALONE))


def test_every_property_that_is_used_is_defined() -> None:
    everything = "\n".join(PARTS.values())
    used = set(re.findall(r"var\((--[\w-]+)\)", everything))
    defined = set(re.findall(r"(--[\w-]+):", everything))
    assert used - defined == set()


def test_every_layer_is_declared() -> None:
    declared = re.search(r"@layer ([\w, ]+);", PARTS["style.css"])
    assert declared
    used = set(re.findall(r"@layer (\w+) \{", "\n".join(PARTS.values())))
    assert used == set(declared[1].split(", "))


def test_nothing_is_fetched_from_outside_or_written_inline() -> None:
    for name, text in PARTS.items():
        assert not re.search(r"https?:|url\(\s*[\"']?(data:|//)", text), name
        for target in re.findall(r'url\("([^"]+)"\)', text):
            assert (CSS / target).is_file(), f"{name} names {target}"
