"""Text as a terminal shows it: colours as classes, progress bars as their last state, long text folded.

The classes are ``ansi-k r g y b m c w`` (black, red, green, yellow, blue, magenta, cyan, white) for the
text, ``ansi-on-…`` for its ground, and ``ansi-bold ansi-dim ansi-italic ansi-underline ansi-strike``.
The 256 and 16 million colours become the nearest of the eight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from blog.convert.tree import escape

# text with more lines or characters than this is folded; more characters than KEPT are cut out
FOLD_LINES = 100
FOLD_CHARACTERS = 100_000
KEPT = 50_000
SHOWN_LINES = 20
# what is looked at of a text at all, from its start and its end
READ = 2_000_000

_NAMES = "krgybmcw"
_EFFECTS = {"bold": 1, "dim": 2, "italic": 3, "underline": 4, "inverse": 7, "strike": 9}
_RGB = (
    (0, 0, 0),
    (205, 0, 0),
    (0, 175, 0),
    (175, 145, 0),
    (40, 80, 220),
    (190, 0, 190),
    (0, 165, 175),
    (210, 210, 210),
)
_SGR = re.compile(r"\x1b\[([0-9;:]*)m")
# every other control sequence: CSI, OSC (titles, links), character sets, single escapes
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-ln-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"
    r"|\x1b[ -/]+[0-~]|\x1b[0-Z\\^-~]|\x1b\[?$"
)
_UNSEEN = re.compile(
    "[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\x80-\x9f\ue000\ue001\ufffe\uffff]|[\ud800-\udfff]"
)


@dataclass(slots=True)
class _Style:
    ink: str = ""
    ground: str = ""
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    inverse: bool = False

    def classes(self) -> str:
        ink, ground = (self.ground or "w", self.ink or "k") if self.inverse else (self.ink, self.ground)
        names = [f"ansi-{ink}"] if ink else []
        names += [f"ansi-on-{ground}"] if ground else []
        names += [
            f"ansi-{name}" for name in ("bold", "dim", "italic", "underline", "strike") if getattr(self, name)
        ]
        return " ".join(names)


def plain(text: str) -> str:
    """Text without colours and control sequences."""
    return _UNSEEN.sub("", _CONTROL.sub("", _SGR.sub("", text)))


def terminal(text: str) -> str:
    """Resolve carriage returns and backspaces as a terminal does, keeping colours.

    A line written over by a shorter one keeps its tail.
    """
    if "\r" not in text and "\b" not in text:
        return text
    text = re.sub(r"\r+\n", "\n", text)
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(_line(line) if "\r" in line or "\b" in line else line for line in text.split("\n"))


def _line(line: str) -> str:
    pieces = line.split("\r")
    if len(pieces) > 200:  # only the last states can be seen
        pieces = pieces[-200:]
    cells: list[str] = []
    for piece in pieces:
        position = 0
        pending = ""
        for found in re.finditer(r"\x1b\[K|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|[\s\S]", piece):
            one = found[0]
            if one in ("\x1b[K", "\x1b[0K", "\x1b[2K"):
                del cells[0 if one == "\x1b[2K" else position :]
                if one == "\x1b[2K":
                    cells += [" "] * position
            elif one[0] == "\x1b":
                pending += one
            elif one == "\b":
                position = max(0, position - 1)
            else:
                if position < len(cells):
                    cells[position] = pending + one
                else:
                    cells.append(pending + one)
                pending = ""
                position += 1
        if pending and cells:
            cells[min(position, len(cells)) - 1] += pending
    return "".join(cells)


def coloured(text: str) -> str:
    """Text with its colours as HTML."""
    if "\x1b" not in text:
        return escape(_UNSEEN.sub("", text))
    text = _CONTROL.sub("", text)
    style = _Style()
    parts: list[str] = []
    last = 0
    for found in _SGR.finditer(text):
        _append(parts, text[last : found.start()], style)
        _apply(style, found[1])
        last = found.end()
    _append(parts, text[last:], style)
    return "".join(parts)


def _append(parts: list[str], text: str, style: _Style) -> None:
    text = _UNSEEN.sub("", text.replace("\x1b", ""))
    if not text:
        return
    names = style.classes()
    parts.append(f'<span class="{names}">{escape(text)}</span>' if names else escape(text))


def _apply(style: _Style, codes: str) -> None:
    numbers = [int(code) if code.isdigit() else 0 for code in re.split("[;:]", codes)] or [0]
    index = 0
    while index < len(numbers):
        code = numbers[index]
        if code in (38, 48):
            name, used = _extended(numbers[index + 1 :])
            index += used
            if code == 38:
                style.ink = name
            else:
                style.ground = name
        else:
            _one(style, code)
        index += 1


def _one(style: _Style, code: int) -> None:
    if code == 0:
        style.ink = style.ground = ""
        style.bold = style.dim = style.italic = style.underline = style.strike = style.inverse = False
    elif 30 <= code <= 37:
        style.ink = _NAMES[code - 30]
    elif 90 <= code <= 97:
        style.ink = _NAMES[code - 90]
    elif 40 <= code <= 47:
        style.ground = _NAMES[code - 40]
    elif 100 <= code <= 107:
        style.ground = _NAMES[code - 100]
    elif code == 39:
        style.ink = ""
    elif code == 49:
        style.ground = ""
    elif code == 22:
        style.bold = style.dim = False
    else:
        for name, on in _EFFECTS.items():
            if code in (on, on + 20):
                setattr(style, name, code == on)


def _extended(rest: list[int]) -> tuple[str, int]:
    """Name a colour of 256 or 16 million, and how many numbers it took."""
    if rest[:1] == [5] and len(rest) >= 2:
        return _of_256(rest[1]), 2
    if rest[:1] == [2] and len(rest) >= 4:
        return _nearest(rest[1], rest[2], rest[3]), 4
    return "", len(rest)


def _of_256(number: int) -> str:
    if number < 16:
        return _NAMES[number % 8]
    if number >= 232:
        grey = 8 + 10 * (min(number, 255) - 232)
        return _nearest(grey, grey, grey)
    number -= 16
    levels = (0, 95, 135, 175, 215, 255)
    return _nearest(levels[number // 36], levels[number // 6 % 6], levels[number % 6])


def _nearest(red: int, green: int, blue: int) -> str:
    if max(red, green, blue) - min(red, green, blue) < 40:
        return "k" if red < 90 else "" if red < 190 else "w"
    high = max(red, green, blue)
    scaled = [value * 205 / high for value in (red, green, blue)]
    distances = [sum((one - other) ** 2 for one, other in zip(scaled, rgb, strict=True)) for rgb in _RGB]
    return _NAMES[min(range(8), key=distances.__getitem__)]


@dataclass(frozen=True, slots=True)
class Text:
    """A text ready for the page; ``left_out`` is how many characters were cut out of its middle."""

    html: str
    left_out: int = 0


def shown(text: str, classes: str = "") -> Text:
    """Write a text as ``<pre>``, folded where it is long."""
    left_out = 0
    if len(text) > 2 * READ:
        left_out = len(text) - 2 * READ
        text = f"{text[:READ]}\n{text[-READ:]}"
    text = terminal(text).rstrip("\n")
    attribute = f' class="{classes}"' if classes else ""
    count = text.count("\n") + 1
    if count <= FOLD_LINES and len(text) <= FOLD_CHARACTERS:
        return Text(f"<pre{attribute}>{coloured(text)}</pre>", left_out)
    first, rest = _head(text)
    if len(rest) <= 2 * KEPT:
        body = coloured(rest)
    else:
        left_out += len(rest) - 2 * KEPT
        cut = f'<p class="cut">{left_out:,} characters are left out here; the notebook has them all.</p>'
        body = f"{coloured(rest[:KEPT])}</pre>{cut}<pre{attribute}>{coloured(rest[-KEPT:])}"
    summary = f"<summary>The rest of the output<span>{count:,} lines</span></summary>"
    return Text(
        f"<pre{attribute}>{coloured(first)}</pre><details>{summary}<pre{attribute}>{body}</pre></details>",
        left_out,
    )


def _head(text: str) -> tuple[str, str]:
    """Give the first lines that stay in sight, and the rest."""
    position = -1
    for _ in range(SHOWN_LINES):
        following = text.find("\n", position + 1)
        if following < 0 or following > 4000:
            break
        position = following
    if position < 0:
        return text[:2000], text[2000:]
    return text[:position], text[position + 1 :]
