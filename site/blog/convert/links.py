"""Where a link of an article leads: to another notebook's page, a place on this one, a file, another site."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from blog.convert.page import Page, slugify
from blog.convert.slots import Slot
from blog.convert.tree import escape_attribute

# files beside a notebook that a link may offer for download, and their size in bytes at most
FILES = frozenset(
    [
        "csv",
        "tsv",
        "txt",
        "json",
        "yaml",
        "yml",
        "toml",
        "py",
        "jl",
        "r",
        "pdf",
        "zip",
        "h5",
        "hdf5",
        "npy",
        "npz",
        "emd",
        "dm3",
        "dm4",
        "tif",
        "tiff",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "webp",
    ]
)
MAX_FILE = 10_000_000

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def target(page: Page, href: str) -> dict[str, str] | None:
    """Give the attributes of a link's ``<a>``, None where it leads nowhere (its text stays, as text)."""
    href = href.strip()
    if not href:
        return None
    if href.startswith("#"):
        return {"href": fragment(page, href[1:])} if len(href) > 1 else None
    if _SCHEME.match(href) or href.startswith("//"):
        return _outside(href)
    if href.startswith("/"):
        return {"href": href}
    return _beside(page, href)


def _outside(href: str) -> dict[str, str] | None:
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    if href.startswith("//"):
        return {"href": f"https:{href}", "rel": "noopener"} if parts.netloc else None
    if parts.scheme in ("http", "https"):
        return {"href": href, "rel": "noopener"} if parts.netloc else None
    return {"href": href} if parts.scheme in ("mailto", "tel") else None


def _beside(page: Page, href: str) -> dict[str, str] | None:
    path, _, anchor = href.partition("#")
    path = path.partition("?")[0]
    place = page.resolve(path)
    if place is None:
        page.warn(f"the link {href} leads out of the notebooks folder", "Link to a file or notebook in it")
        return None
    if place == page.path and anchor:
        return {"href": fragment(page, anchor)}
    extension = place.rpartition(".")[2].lower()
    if extension in ("ipynb", "md"):
        url = page.notebook_url(place)
        if url is None:
            page.warn(
                f"the link {href} leads to no notebook of this site", "Mend the path or take the link out"
            )
            return None
        return {"href": f"{url}#{slugify(unquote(anchor))}" if anchor else url}
    if extension in FILES and (content := page.read(place)) is not None:
        if len(content) <= MAX_FILE:
            name = slugify(place.rpartition("/")[2].rpartition(".")[0]) or "file"
            return {"href": page.asset(content, extension, name).url}
        page.warn(
            f"the file {href} is larger than {MAX_FILE // 1_000_000} MB", "Offer it elsewhere and link there"
        )
        return None
    page.warn(f"the link {href} leads to no page or file of this site", "Mend the path or take the link out")
    return None


def fragment(page: Page, anchor: str) -> str:
    """Make a slot for ``#id``: which id is meant is known when all headings are."""
    cell = page.cell

    def make() -> str:
        found = place(page, anchor)
        if found is None:
            page.warn(
                f"the link #{anchor} leads to no heading or label", "Mend the link or label the place", cell
            )
            return "#main"
        return escape_attribute(f"#{found}")

    return page.slots.put(Slot(make))


def place(page: Page, anchor: str) -> str | None:
    """Find the id of a place on the page: a label, an id, or a heading in Jupyter's form."""
    anchor = unquote(anchor)
    if anchor in page.labels:
        return page.labels[anchor].id
    if page.has_id(anchor):
        return anchor
    wanted = slugify(anchor)
    if page.has_id(wanted):
        return wanted
    for section in page.sections:
        if slugify(section.text) == wanted:
            return section.id
    return None
