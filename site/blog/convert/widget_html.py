"""HTML of an author in a live cell's widget, as it is: what a sanitiser lets through, and nothing added.

In an article such HTML becomes the site's own markup. Here it must have the size of what the front end will
make of the same text, so elements stay what they are: styles go into the page's stylesheet, headings are
none of the page's outline, and what would be fetched from elsewhere is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from blog.convert import layouts, sanitise
from blog.convert.tree import Element, Node, parse, serialise

#: As voila/frontend/src/declarations.js has them.
PROPERTIES = frozenset(
    """align-content align-items align-self background background-color border border-bottom border-collapse
    border-color border-left border-radius border-right border-spacing border-style border-top border-width
    color column-gap display flex flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap float
    font font-family font-size font-style font-variant font-weight gap grid-gap grid-template-columns
    grid-template-rows height justify-content justify-items letter-spacing line-height list-style-type margin
    margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width opacity
    overflow overflow-x overflow-y padding padding-bottom padding-left padding-right padding-top row-gap
    text-align text-decoration text-indent text-transform vertical-align white-space width word-break
    word-spacing""".split()  # noqa: SIM905
)
_HEADING = re.compile(r"h[1-6]")


def widget_html(source: str, rule: Callable[[str], str]) -> str:
    """Give the HTML, safe; ``rule`` gives the class for the declarations of a style."""
    return serialise(_kept(parse(sanitise.clean_styled(source)), rule)).strip()


def _kept(nodes: list[Node], rule: Callable[[str], str]) -> list[Node]:
    kept: list[Node] = []
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == "img" and not node.attributes.get("src", "").lower().startswith("data:image/"):
                continue
            said = declarations(node.attributes.pop("style", ""))
            if said:
                names = f"{node.attributes.get('class', '')} {rule(said)}"
                node.attributes["class"] = names.strip()
            if _HEADING.fullmatch(node.tag):
                node.attributes["role"] = "presentation"
            node.children = _kept(node.children, rule)
        kept.append(node)
    return kept


def declarations(style: str) -> str:
    """Give what is harmless in the text of a style attribute."""
    told = []
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), " ".join(value.split())
        if name in PROPERTIES and layouts.fits(name, value) and not layouts.is_negative(value):
            told.append(f"{name}:{value}!important")
    return ";".join(told)
