"""Fingerprinted files: the site's own stylesheet, scripts, fonts and marks made ready to be served.

An asset's name holds the digest of its content, so it may be cached for ever; whoever names an asset
must therefore be made after it. Stylesheets are bundled into one file; modules stay apart, because a
page that has no live cell must not load what live cells need.
"""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import brotli

from blog.model import Asset

#: Endings of files that are worth compressing; pictures and fonts are compressed by their own formats.
COMPRESSIBLE = frozenset({"html", "css", "js", "svg", "json", "xml", "txt", "ipynb", "mjs"})

# Brotli's highest quality takes a second for a megabyte: worth it for a page, not for a download.
_BEST_BELOW = 400_000  # bytes

_IMPORT_CSS = re.compile(r"""^@import\s+["']\./(?P<name>[^"']+)["']\s*;\s*$""", re.MULTILINE)
_COMMENT_CSS = re.compile(r"[ \t]*/\*.*?\*/\n?", re.DOTALL)
_URL_CSS = re.compile(r"""url\(\s*(?P<quote>["']?)(?P<path>\.{0,2}/?[^"')#:]+?)(?P=quote)\s*\)""")
# what a module loads: other modules, and by ``new URL(…, import.meta.url)`` a stylesheet that only it needs
_IMPORT_JS = re.compile(
    r"""(?P<before>\b(?:from\s*|import\s*\(?\s*|new URL\(\s*))"""
    r"""(?P<quote>["'])(?P<path>\.{1,2}/[^"']+)(?P=quote)"""
)


def digest(content: bytes) -> str:
    """Give the SHA-256 of ``content`` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def fingerprint(name: str, content: bytes) -> Asset:
    """Make an asset of ``content``: ``name`` is ``<name>.<ext>``, its path ``<name>.<digest>.<ext>``."""
    stem, ext = posixpath.splitext(name)
    return Asset(f"{stem}.{digest(content)[:16]}{ext}", content)


def compressed(name: str, content: bytes) -> dict[str, bytes]:
    """Give the forms a server can send at once: ``{".br": …, ".gz": …}``, empty where it isn't worth it.

    ``name`` tells the kind of file by its ending. The same content gives the same bytes (no time is
    written into the gzip header).
    """
    if posixpath.splitext(name)[1].removeprefix(".") not in COMPRESSIBLE:
        return {}
    quality = 11 if len(content) < _BEST_BELOW else 6
    forms = {
        ".br": brotli.compress(content, quality=quality),
        ".gz": gzip.compress(content, compresslevel=9 if quality == 11 else 6, mtime=0),
    }
    return {ending: form for ending, form in forms.items() if len(form) < len(content)}


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """The assets of the site itself by their names in the source folder, such as ``js/app.js``.

    ``forms`` are compressed forms that were made before, by the assets' paths.
    """

    assets: Mapping[str, Asset]
    forms: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)

    def url(self, name: str) -> str:
        """Give the URL of the asset made from the source file ``name``; KeyError where there is none."""
        return self.assets[name].url


def collect(
    folder: Path, made: Mapping[str, Asset] | None = None, sheets: Mapping[str, str] | None = None
) -> StaticFiles:
    """Read the site's static sources and make assets of them.

    ``made`` are assets that the sources may name, by the names they are known by there; ``sheets`` are
    stylesheets from elsewhere, by the names they get. Files that others name come first (fonts and
    pictures, then the stylesheets, then modules in the order of their imports). Raises ValueError where a
    stylesheet or a module names a file that isn't there, or where modules import each other in a circle:
    a bug in the sources, not a user's error.
    """
    sources = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in {".md", ".txt"}
    }
    assets: dict[str, Asset] = dict(made or {})
    for name, content in sources.items():
        if not name.endswith((".css", ".js")):
            assets[name] = fingerprint(posixpath.basename(name), content)
    styles = dict(sheets or {})
    if "css/style.css" in sources:
        styles["css/style.css"] = _bundle(sources, "css/style.css")
        # what the one stylesheet has no part of is for one page, or for one module
        parts = {f"css/{match['name']}" for match in _IMPORT_CSS.finditer(sources["css/style.css"].decode())}
        alone = [name for name in sources if name.endswith(".css") and name not in {*parts, *styles}]
        styles |= {name: _bundle(sources, name) for name in alone}
    modules = [name for name in sources if name.endswith(".js")]
    for name, text in styles.items():
        # Comments are for who reads the sources: a third of a page's stylesheet, to no reader's use.
        style = _with_urls(name, _COMMENT_CSS.sub("", text), assets)
        assets[name] = fingerprint(posixpath.basename(name), style.encode())
    for name in modules:
        _add_module(name, sources, assets, ())
    return StaticFiles(assets)


def _bundle(sources: Mapping[str, bytes], name: str) -> str:
    """Put the stylesheets that ``name`` imports in the places where it imports them."""

    def inline(match: re.Match[str]) -> str:
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), match["name"]))
        if imported not in sources:
            raise ValueError(f"{name} imports {imported}, which is not there")
        return _bundle(sources, imported)

    return _IMPORT_CSS.sub(inline, sources[name].decode())


def _with_urls(name: str, text: str, assets: Mapping[str, Asset]) -> str:
    """Replace relative ``url(…)`` by the URLs of the assets they name."""

    def replace(match: re.Match[str]) -> str:
        path = match["path"]
        if path.startswith(("/", "data")):
            return match[0]
        return f"url({_find(name, path, assets)})"

    return _URL_CSS.sub(replace, text)


def _add_module(
    name: str, sources: Mapping[str, bytes], assets: dict[str, Asset], importers: tuple[str, ...]
) -> None:
    """Make an asset of a module after the modules it imports."""
    if name in assets:
        return
    if name in importers:
        raise ValueError(f"modules import each other: {' → '.join((*importers, name))}")
    text = sources[name].decode()
    for match in _IMPORT_JS.finditer(text):
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), match["path"]))
        if imported in sources:
            _add_module(imported, sources, assets, (*importers, name))

    def replace(match: re.Match[str]) -> str:
        quote = match["quote"]
        return f"{match['before']}{quote}{_find(name, match['path'], assets)}{quote}"

    assets[name] = fingerprint(posixpath.basename(name), _IMPORT_JS.sub(replace, text).encode())


def _find(name: str, path: str, assets: Mapping[str, Asset]) -> str:
    """Give the URL of the asset that the file ``name`` calls ``path``."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
    if target not in assets:
        raise ValueError(f"{name} names {path}, which is not there")
    return assets[target].url
