"""The live cells' front end, as ``voila/frontend/build.mjs`` has bundled it: made ready to be served.

The bundle is made at set-up, where a registry could be reached; without it a post is complete and its live
cells start by their button. Its modules name each other by names that hold a digest already; they get names
of ours all the same, since a server may keep for ever only what it knows to be fingerprinted.

Brotli's best takes more than a second for it, so the compressed forms are made at set-up, too, and lie
beside the bundle: ``python -m blog.bundle DIST``.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import brotli

from blog.assets import StaticFiles, collect, compressed, fingerprint
from blog.model import Asset

ENTRY, CELL, STYLE, NOTICES = "live.js", "cell.js", "live.css", "NOTICES.txt"
#: The page's own module for live cells, by its name among the site's sources.
PAGE_CELL = "js/live-cell.js"
#: How the scripts' names begin that draw saved figures: nginx gives them to frames without an origin.
FRAME = "frame-"
#: Where the compressed forms lie, below the bundle's folder.
FORMS = "forms"

# The page takes it as it takes a module that its browser can't read: live cells start by their button.
_NOT_BUILT = b'throw new SyntaxError("The front end of live cells was not built: see what ./blog said.");\n'

# What a bundler writes, and nothing that only looks like it: a whole specifier that names a file beside.
_IMPORT = re.compile(
    r"""(?P<before>\bfrom\s*|\bimport\s*\(?\s*)(?P<quote>["'])\./(?P<name>[\w.-]+\.js)(?P=quote)"""
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The bundle's files, by their names in its folder, and the compressed forms that were made before.

    ``style`` is ipywidgets' stylesheet, which goes before the site's skin for it. ``forms`` are by the
    assets' paths: ``{".br": …, ".gz": …}``.
    """

    assets: Mapping[str, Asset]
    style: str
    forms: Mapping[str, Mapping[str, bytes]]


def load(dist: Path) -> Bundle | None:
    """Read the bundle in ``dist``; None where there is none, or where making it was broken off.

    Raises ValueError where its modules import each other in a circle: no name could hold its digest.
    """
    if not all((dist / name).is_file() for name in (ENTRY, STYLE, NOTICES)):
        return None  # the notices are written last
    sources = {path.name: path.read_bytes() for path in sorted(dist.iterdir()) if path.is_file()}
    assets = {NOTICES: fingerprint(NOTICES, sources[NOTICES])}
    for name in sources:
        if name.endswith(".js"):
            _add(name, sources, assets, ())
    forms = {}
    for asset in assets.values():
        found = {ending: dist / FORMS / (asset.path + ending) for ending in (".br", ".gz")}
        if all(path.is_file() for path in found.values()):
            forms[asset.path] = {ending: path.read_bytes() for ending, path in found.items()}
    return Bundle(assets, sources[STYLE].decode(), forms)


def static_files(static: Path, dist: Path, skin: Path) -> StaticFiles:
    """Read the site's own static sources, with the bundle in ``dist`` among them under ``live/``.

    ``css/widgets.css``, for pages with live cells only, is ipywidgets' stylesheet and ``skin``. Without a
    bundle the little of it that boxes and controls at rest need is ours, and whoever imports the module
    learns that it isn't there.
    """
    bundle = load(dist)
    if bundle is None:
        made = {f"live/{ENTRY}": fingerprint(ENTRY, _NOT_BUILT)}
        style = (static / "live" / "plain.css").read_text(encoding="utf-8")
    else:
        made = {f"live/{name}": asset for name, asset in bundle.assets.items()}
        if CELL in bundle.assets:
            made[PAGE_CELL] = bundle.assets[
                CELL
            ]  # in one piece, in the place of the module that it was made of
        style = bundle.style
    sheet = f"{style}\n{skin.read_text(encoding='utf-8')}"
    found = collect(static, made, {"css/widgets.css": sheet})
    return replace(found, forms=bundle.forms if bundle else {})


def libraries(static: StaticFiles) -> Mapping[str, str]:
    """Give the URLs of the scripts that draw interactive figures in their frames; none without a bundle."""
    start = f"live/{FRAME}"
    return {
        name.removeprefix(start).removesuffix(".js"): asset.url
        for name, asset in static.assets.items()
        if name.startswith(start) and name.endswith(".js")
    }


def compress(dist: Path) -> None:
    """Write the compressed forms of the bundle in ``dist`` beside it."""
    bundle = load(dist)
    folder = dist / FORMS
    folder.mkdir(exist_ok=True)
    for asset in bundle.assets.values() if bundle else ():
        best = brotli.compress(asset.content, quality=11)
        for ending, form in (compressed(asset.path, asset.content) | {".br": best}).items():
            new = folder / f"{asset.path}{ending}.new"
            new.write_bytes(form)
            new.replace(folder / (asset.path + ending))


def _add(
    name: str, sources: Mapping[str, bytes], assets: dict[str, Asset], importers: tuple[str, ...]
) -> None:
    """Make an asset of a module after the modules it imports."""
    if name in assets:
        return
    if name in importers:
        raise ValueError(f"modules of the bundle import each other: {' → '.join((*importers, name))}")

    def renamed(match: re.Match[str]) -> str:
        imported = match["name"]
        if imported not in sources:
            return match[0]  # words in a text, not an import
        _add(imported, sources, assets, (*importers, name))
        return f"{match['before']}{match['quote']}{assets[imported].url}{match['quote']}"

    text = _IMPORT.sub(renamed, sources[name].decode())
    if name == ENTRY:
        text = f"/* Licences of what is in here: {assets[NOTICES].url} */\n{text}"
    assets[name] = fingerprint(posixpath.basename(name), text.encode())


if __name__ == "__main__":
    compress(Path(sys.argv[1]))
