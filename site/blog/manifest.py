"""The manifest of a build: what may be served, under which URL, and what was wrong.

It lies in ``OUT/.build/manifest.json`` and is written last. ``web`` serves what it lists and nothing
else; the next build compares itself with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from blog.model import Problem

#: A build's own folder below its output; never served.
FOLDER = ".build"
FILE = f"{FOLDER}/manifest.json"
#: The notebooks the live server may run, for it to read.
LIVE_INDEX = f"{FOLDER}/live.json"
#: Endings of the compressed forms that lie beside a file, the one to be preferred first.
FORMS = (".br", ".gz")

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Page:
    """One URL's answer: ``file`` below the output folder, its media type and the digest of its bytes.

    ``download`` is the name a browser saves it under; empty for what is shown.
    """

    file: str
    type: str
    digest: str
    download: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one build read and made.

    ``errors`` are pages for a status code (404, 503…), ``redirects`` go from an old path to a
    page's URL. ``assets`` are files below ``static/``; ``retired`` are those of the build before,
    kept for readers whose page is older than this build. ``converter`` is the digest of what made
    the articles, ``records`` are the digests of what is kept of each notebook, by its path. ``search`` is
    the digest of what the search index is made of, ``search_page`` that of the page around its answers.
    """

    version: int = _VERSION
    converter: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    errors: dict[int, Page] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    assets: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    records: dict[str, str] = field(default_factory=dict)
    live: str = ""
    search: str = ""
    search_page: str = ""
    problems: tuple[Problem, ...] = ()


_ADAPTER = TypeAdapter(Manifest)


def load(out: Path) -> Manifest | None:
    """Read the manifest of the build in ``out``; None where there is none, or one of another version."""
    try:
        return parse((out / FILE).read_bytes())
    except FileNotFoundError:
        return None


def parse(data: bytes) -> Manifest | None:
    """Read a manifest's bytes; None where they are of another version."""
    try:
        manifest = _ADAPTER.validate_json(data)
    except ValidationError:
        return None
    return manifest if manifest.version == _VERSION else None


def dump(manifest: Manifest) -> bytes:
    """Give the manifest's bytes: the same manifest gives the same ones."""
    return _ADAPTER.dump_json(manifest, indent=1) + b"\n"
