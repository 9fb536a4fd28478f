"""Articles for tests: cells in, what the converter makes of them out."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from blog import notebook as reader
from blog.convert import Context, Converted, Defaults, convert
from blog.model import Asset
from PIL import Image
from support.notebooks import markdown, notebook

NOWHERE = Path("/nonexistent")


def article(
    *cells: dict[str, Any] | str,
    root: Path = NOWHERE,
    links: dict[str, str] | None = None,
    path: str = "posts/case.ipynb",
    front_matter: str = "",
    site: str = "",
    **metadata: Any,
) -> Converted:
    """Convert a notebook of these cells; text alone is a Markdown cell."""
    made = notebook(
        *(markdown(cell) if isinstance(cell, str) else cell for cell in cells),
        front_matter=front_matter or "title: Case",
        **metadata,
    )
    kind = "demos" if path.startswith("demos/") else "posts"
    return convert(
        reader.parse(json.dumps(made).encode(), path, kind), Context(root, links or {}, Defaults(site=site))
    )


def own_assets(converted: Converted) -> tuple[Asset, ...]:
    """Give the files that the cells brought: all but the picture that other sites show of a post."""
    card = converted.article.card
    return tuple(asset for asset in converted.assets if card is None or asset.url != card.url)


def body(*cells: dict[str, Any] | str, **options: Any) -> str:
    """Give the HTML of these cells."""
    return article(*cells, **options).article.body


def warnings(converted: Converted) -> list[str]:
    """Give the lines to the author."""
    return [str(problem) for problem in converted.article.problems]


def parsed(html: str) -> Element:
    """Parse a fragment as browsers do."""
    tree: Element = html5lib.parseFragment(html, namespaceHTMLElements=False)
    return tree


def elements(html: str) -> Iterator[Element]:
    """Give every element of a fragment."""
    return (element for element in parsed(html).iter() if isinstance(element.tag, str))


def words(html: str) -> str:
    """Give the text of a fragment, white space joined."""
    return " ".join("".join(parsed(html).itertext()).split())


def tags(html: str, name: str) -> list[str]:
    """Give the start tags of one name, as they are written."""
    return re.findall(rf"<{name}(?=[\s>])[^>]*>", html)


def png(width: int = 8, height: int = 6, colour: tuple[int, ...] = (200, 30, 40), **options: Any) -> str:
    """Make a picture; give it as the base64 text of an output."""
    buffer = io.BytesIO()
    mode = "RGBA" if len(colour) == 4 else "RGB"
    Image.new(mode, (width, height), colour).save(buffer, options.pop("format", "PNG"), **options)
    return base64.b64encode(buffer.getvalue()).decode()


def output(
    data: dict[str, Any], metadata: dict[str, Any] | None = None, kind: str = "display_data"
) -> dict[str, Any]:
    """Make an output of a MIME bundle."""
    made: dict[str, Any] = {"output_type": kind, "data": data, "metadata": metadata or {}}
    return {**made, "execution_count": 1} if kind == "execute_result" else made


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    """Make a stream output."""
    return {"output_type": "stream", "name": name, "text": text}
