"""What HTML an author or an output may write: the allow-list, and the one call that enforces it.

Scripts, styles, event handlers, forms and comments go; so do all classes but the few of the site's
own that an author may use. What may not stay as it is but is worth a word (frames, videos, pictures
of other sites) is let through here and rewritten by ``prose``. The list is documented for authors:
keep ``TAGS``, ``ATTRIBUTES`` and ``CLASSES`` the only places that hold it.
"""

from __future__ import annotations

import re

import nh3

TAGS = frozenset(
    """a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup
    data dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i
    img ins kbd li main mark nav ol p pre q rp rt ruby s samp section small span strike strong sub
    summary sup table tbody td tfoot th thead time tr tt u ul var wbr font big dir
    iframe video audio source object embed input""".split()  # noqa: SIM905
)

# these go with all that is in them
DROPPED = frozenset(
    """script style select textarea title template noscript button datalist option dialog math svg
    canvas""".split()  # noqa: SIM905
)

ATTRIBUTES: dict[str, set[str]] = {
    "*": {"id", "class", "title", "lang", "dir", "align"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "fig-alt"},
    "td": {"colspan", "rowspan", "headers", "style"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr", "style"},
    "tr": {"style"},
    "p": {"style"},
    "div": {"style", "data-collapse"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "time": {"datetime"},
    "data": {"value"},
    "del": {"datetime"},
    "ins": {"datetime"},
    "details": {"open"},
    "iframe": {"src"},
    "video": {"src", "width", "height", "loop"},
    "audio": {"src", "loop"},
    "source": {"src"},
    "object": {"data"},
    "embed": {"src"},
    "input": {"type", "checked"},
}

# the site's own classes that an author may use in raw HTML, divs and attribute lists
CLASSES = frozenset(
    """plate plates stack four wide roi warn caution tip important label meta only-light only-dark lede
    ta-l ta-c ta-r w-25 w-50 w-75 task lossy lossless""".split()  # noqa: SIM905
)

SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp", "attachment", "data"})

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(DROPPED),
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    attribute_filter=lambda _, name, value: _filter(name, value),
    strip_comments=True,
    link_rel=None,
    url_schemes=set(SCHEMES),
    filter_style_properties={"text-align"},
)


def _filter(name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if word in CLASSES]
        return " ".join(kept) if kept else None
    return value


def clean(html: str) -> str:
    """Give HTML that holds nothing but what the lists above allow, well formed."""
    return _CLEANER.clean(html)


# What would be fetched, and what a page may have one of only.
_FETCHED = frozenset("iframe video audio source object embed input".split())  # noqa: SIM905

_STYLED = nh3.Cleaner(
    tags=set(TAGS - _FETCHED),
    clean_content_tags=set(DROPPED),
    attributes={
        **{tag: set(names) - {"style"} for tag, names in ATTRIBUTES.items() if tag not in _FETCHED},
        "*": (ATTRIBUTES["*"] - {"id"}) | {"style"},
    },
    attribute_filter=lambda _, name, value: _filter(name, value),
    strip_comments=True,
    link_rel="noopener noreferrer nofollow",
    url_schemes=set(SCHEMES),
)


def clean_styled(html: str) -> str:
    """Give HTML of a widget: nothing that is fetched, no ids, and with its styles, which are unchecked."""
    return _STYLED.clean(html)


_SVG = re.compile(r"<(/?)svg(?=[\s>/])[^<>]*>", re.IGNORECASE)


def without_svg(html: str) -> tuple[str, list[str]]:
    """Take inline drawings out of raw HTML, for they become picture files.

    Gives the HTML with ``<img src="data:,svg-N">`` in their places, and the drawings.
    """
    drawings: list[str] = []
    parts: list[str] = []
    depth = start = last = 0
    for found in _SVG.finditer(html):
        if found[0].endswith("/>") and not depth:
            continue
        if not found[1]:
            start = start if depth else found.start()
            depth += not found[0].endswith("/>")
        elif depth:
            depth -= 1
            if not depth:
                parts.append(f'{html[last:start]}<img src="data:,svg-{len(drawings)}">')
                drawings.append(html[start : found.end()])
                last = found.end()
    parts.append(html[last:])
    return "".join(parts), drawings
