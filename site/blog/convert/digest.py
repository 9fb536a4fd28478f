"""The digest of the converter itself: an article made by another one is stale.

It covers the package's own files, the fonts of social cards, and the versions of all that shapes the
output, with KaTeX there or not.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from blog.convert.katex_process import available
from blog.convert.social_card import FONTS

_PACKAGES = (
    "bibtexparser",
    "citeproc-py",
    "ipython-pygments-lexers",
    "jinja2",
    "latex2mathml",
    "markdown-it-py",
    "mdit-py-plugins",
    "nbconvert",
    "nh3",
    "pillow",
    "pygments",
    "pylatexenc",
    "pyoxipng",
)
_SUFFIXES = frozenset({".csl", ".py", ".j2", ".mjs", ".json"})


def _digest() -> str:
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for part in (folder, folder / "templates", folder / "katex", folder / "styles"):
        for file in sorted(part.iterdir()):
            if file.suffix in _SUFFIXES:
                name = file.relative_to(folder).as_posix()
                digest.update(f"{name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    for font in sorted(FONTS.glob("*.woff2")):
        digest.update(font.read_bytes())
    for package in _PACKAGES:
        try:
            digest.update(f"{package} {version(package)}\n".encode())
        except PackageNotFoundError:
            digest.update(f"{package} -\n".encode())
    digest.update(b"katex" if available() else b"no katex")
    return digest.hexdigest()


DEPENDS_DIGEST = _digest()
