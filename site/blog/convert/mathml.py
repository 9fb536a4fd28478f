"""MathML as browsers read it (MathML Core): letters as Unicode, column alignment as classes.

Browsers ignore ``mathvariant`` but for ``normal`` on one letter, and ``columnalign``. So bold, script
and the other letters are written as the characters that Unicode has for them.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from blog.convert.tree import Element, Node, escape, serialise

_LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡϴΣΤΥΦΧΨΩ∇αβγδεζηθικλμνξοπρςστυφχψω∂ϵϑϰϕϱϖ"
_DIGITS = "0123456789"

# where each alphabet starts: Latin, Greek, digits (Unicode, Mathematical Alphanumeric Symbols)
_STARTS: dict[str, tuple[int, int, int]] = {
    "bold": (0x1D400, 0x1D6A8, 0x1D7CE),
    "italic": (0x1D434, 0x1D6E2, 0),
    "bold-italic": (0x1D468, 0x1D71C, 0x1D7CE),
    "script": (0x1D49C, 0, 0),
    "bold-script": (0x1D4D0, 0, 0),
    "fraktur": (0x1D504, 0, 0),
    "bold-fraktur": (0x1D56C, 0, 0),
    "double-struck": (0x1D538, 0, 0x1D7D8),
    "sans-serif": (0x1D5A0, 0, 0x1D7E2),
    "bold-sans-serif": (0x1D5D4, 0x1D756, 0x1D7EC),
    "sans-serif-italic": (0x1D608, 0, 0x1D7E2),
    "sans-serif-bold-italic": (0x1D63C, 0x1D790, 0x1D7EC),
    "monospace": (0x1D670, 0, 0x1D7F6),
}
# letters that Unicode had before the block was made
_HOLES = {
    "italic": {"h": "ℎ"},
    "script": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "fraktur": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
    "double-struck": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
}

_ATOMS = frozenset({"mi", "mn", "mfrac", "msup", "msub", "msubsup", "msqrt", "mroot", "mover", "munder"})


def letter(character: str, variant: str) -> str:
    """Give the Unicode character of a letter in a mathematical alphabet; itself where there is none."""
    if hole := _HOLES.get(variant, {}).get(character):
        return hole
    latin, greek, digits = _STARTS.get(variant, (0, 0, 0))
    for alphabet, start in ((_LATIN, latin), (_GREEK, greek), (_DIGITS, digits)):
        if start and character in alphabet:
            return chr(start + alphabet.index(character))
    return character


def core(math: str, source: str, display: bool) -> str:
    """Rewrite a ``<math>`` element for browsers, with ``source`` as its annotation.

    Raises ValueError where ``math`` is not well formed.
    """
    try:
        root = ElementTree.fromstring(math)  # noqa: S314 — made by our own renderer
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    element = _convert(root)
    if not isinstance(element, Element) or element.tag != "math":
        raise ValueError("no formula")
    content = element.children
    if len(content) == 1 and isinstance(content[0], Element) and content[0].tag == "semantics":
        content = [child for child in content[0].children if not _is_annotation(child)]
    if len(content) != 1:
        content = [Element("mrow", {}, content)]
    annotation = Element("annotation", {"encoding": "application/x-tex"}, [escape(source)])
    attributes = {"display": "block"} if display else {}
    return serialise([Element("math", attributes, [Element("semantics", {}, [*content, annotation])])])


def _is_annotation(node: Node) -> bool:
    return isinstance(node, Element) and node.tag.startswith("annotation")


def _convert(node: ElementTree.Element) -> Element:
    tag = node.tag.rpartition("}")[2]
    attributes = {
        name.rpartition("}")[2]: value
        for name, value in node.attrib.items()
        if name not in ("style", "class", "xmlns")
    }
    element = Element(tag, attributes)
    variant = attributes.get("mathvariant", "")
    text = node.text or ""
    if variant and variant != "normal":
        del attributes["mathvariant"]
        text = "".join(letter(character, variant) for character in text)
    elif variant and not (tag == "mi" and len(text) == 1):
        del attributes["mathvariant"]
    if text:
        element.children.append(escape(text))
    for child in node:
        element.children.append(_convert(child))
        if child.tail:
            element.children.append(escape(child.tail))
    if tag == "mo" and attributes.get("fence") == "true" and "stretchy" not in attributes:
        attributes["stretchy"] = "true"  # bars are fences only where KaTeX says so
    if tag == "mtable":
        _align(element)
    elif tag in ("mrow", "mstyle", "math", "semantics", "mtd", "mpadded"):
        element.children = _spaced(_joined(element.children))
        if tag == "mrow" and len(element.children) == 1 and not attributes and _is_word(element.children[0]):
            return element.children[0]  # type: ignore[return-value]
    return element


def _is_upright(node: Node) -> bool:
    return isinstance(node, Element) and node.tag == "mi" and node.attributes.get("mathvariant") == "normal"


def _is_word(node: Node) -> bool:
    return isinstance(node, Element) and node.tag == "mi" and not node.attributes


def _joined(children: list[Node]) -> list[Node]:
    r"""Join the upright letters of ``\mathrm{out}`` to one name, as it is read aloud."""
    result: list[Node] = []
    for child in children:
        if (
            _is_upright(child)
            and result
            and isinstance(result[-1], Element)
            and result[-1].tag == "mi"
            and (_is_upright(result[-1]) or result[-1].attributes.get("data-word"))
            and re.fullmatch(r"\w", "".join(map(str, child.children)))  # type: ignore[union-attr]
            and re.fullmatch(r"\w+", "".join(map(str, result[-1].children)))
        ):
            word = "".join(map(str, [*result[-1].children, *child.children]))  # type: ignore[union-attr]
            result[-1] = Element("mi", {"data-word": "1"}, [word])
        else:
            result.append(child)
    for child in result:
        if isinstance(child, Element):
            child.attributes.pop("data-word", None)
    return result


def _spaced(children: list[Node]) -> list[Node]:
    r"""Set the name of a function apart: browsers give U+2061, which follows it, no width.

    Thin spaces as TeX has them between an operator and an ordinary atom (The TeXbook, chapter 18).
    """
    result: list[Node] = []
    for place, child in enumerate(children):
        following = children[place + 1] if place + 1 < len(children) else None
        if _tag(following) == "mo" and _content(following) == "\u2061" and _tag(result[-1:]) in _ATOMS:
            result.append(Element("mspace", {"width": "0.1667em"}))
        result.append(child)
        if _tag(child) == "mo" and _content(child) == "\u2061" and _tag(following) in _ATOMS:
            result.append(Element("mspace", {"width": "0.1667em"}))
    return result


def _tag(node: Node | list[Node] | None) -> str:
    if isinstance(node, list):
        node = node[0] if node else None
    return node.tag if isinstance(node, Element) else ""


def _content(node: Node | None) -> str:
    return "".join(map(str, node.children)) if isinstance(node, Element) else ""


def _align(table: Element) -> None:
    sides = table.attributes.get("columnalign", "").split()
    if not any(side in ("left", "right") for side in sides):
        return
    for row in table.children:
        if isinstance(row, Element) and row.tag == "mtr":
            cells = [cell for cell in row.children if isinstance(cell, Element) and cell.tag == "mtd"]
            for number, cell in enumerate(cells):
                side = sides[min(number, len(sides) - 1)]
                if side in ("left", "right"):
                    cell.attributes["class"] = "ta-l" if side == "left" else "ta-r"


def spoken(math: str) -> str:
    """Give the characters of a formula, for summaries and alternative texts."""
    without = re.sub(r"<annotation.*?</annotation>", "", math, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", "", without)
