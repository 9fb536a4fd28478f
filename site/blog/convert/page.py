"""What is gathered while one notebook becomes an article: problems, assets, numbers, names.

One :class:`Page` lives for one conversion; every other module of the package is handed it.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import unquote

from blog.convert.encoder import Encoder
from blog.convert.layouts import class_of
from blog.convert.slots import Slots
from blog.model import Asset, Encoded, Kind, Picture, Problem

#: Before the name of a library among the links of a context; no path of a notebook begins so.
LIBRARY = "library:"

# ids that the page around the article uses
_RESERVED = frozenset({"main", "contents", "search", "top"})


@dataclass(frozen=True)
class Defaults:
    """What ``blog.toml`` says for all notebooks, where their front matter doesn't.

    ``site`` and ``authors`` stand on social cards, which are drawn for a site that has a name.
    ``bibliography`` are paths below the notebooks folder, ``csl`` is one or a style's name.
    """

    language: str = "en"
    site: str = ""
    authors: tuple[str, ...] = ()
    bibliography: tuple[str, ...] = ()
    csl: str = ""
    macros: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Context:
    """What a conversion may know of the rest of the site.

    ``root`` is the notebooks folder, the only folder files are read from. ``links`` gives the URL of
    each notebook's page by its path relative to ``root``, and that of the script that draws a kind of
    interactive figures by :data:`LIBRARY` and its name. ``before`` are the pictures that the article had
    in the build before, whose files lie in ``static``.
    """

    root: Path
    links: Mapping[str, str] = field(default_factory=dict)
    defaults: Defaults = Defaults()
    before: tuple[Encoded, ...] = ()
    static: Path | None = None


@dataclass(slots=True)
class Section:
    """A heading as it is met: ``level`` is the author's; the page's is decided at the end."""

    level: int
    id: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """What an author has labelled: a ``number``, or the ``title`` of a section (HTML)."""

    id: str
    kind: Literal["figure", "table", "equation", "section"]
    number: str = ""
    title: str = ""


class Page:
    """The state of one conversion.

    ``path`` is the notebook's place below the notebooks folder, ``slug`` its key in URLs. ``cell`` is
    the number of the cell at work, as problems name it.
    """

    def __init__(
        self, path: str, slug: str, kind: Kind, language: str, context: Context, title: str = ""
    ) -> None:
        self.path = path
        self.slug = slug
        self.kind: Kind = kind
        self.language = language
        self.context = context
        self.title = title
        self.cell: int | None = None
        self.slots = Slots()
        self.encoder = Encoder(context.before, context.static)
        self.encoded: dict[str, Encoded] = {}
        self.problems: list[Problem] = []
        self.assets: dict[str, Asset] = {}
        self.inputs: dict[str, str | None] = {}
        self.links: dict[str, str | None] = {}
        self.sections: list[Section] = []
        self.pictures: list[Picture] = []
        self.images = 0
        self.figures = 0
        self.tables = 0
        self.words = 0
        self.summary = ""
        self.started = False
        self.live_cells: list[tuple[str, int]] = []
        self.alternatives: list[str] = []
        self.lossy: bool | None = None  # what the cell's author says of losing something
        self.rules: dict[str, str] = {}  # the layouts of its live cells' widgets, by their classes
        self.labels: dict[str, Label] = {}
        self._ids: set[str] = set(_RESERVED)
        self._names: dict[str, int] = {}
        self._levels: list[int] = []
        self._cell_assets: dict[int | None, int] = {}
        self._prompts: dict[int | None, str] = {}

    # ---------------------------------------------------------------- problems
    def warn(self, what: str, remedy: str, cell: int | None = None) -> None:
        """Tell the author of something; the page is made all the same.

        ``cell`` is the number of the cell, that of the cell at work where none is given.
        """
        problem = Problem("warning", self.path, what, remedy, self.cell if cell is None else cell)
        if problem not in self.problems:
            self.problems.append(problem)

    # --------------------------------------------------------------------- ids
    def id(self, wanted: str) -> str:
        """Give an id that no other element of the page has, as close to ``wanted`` as can be."""
        base = wanted or "section"
        name, count = base, 1
        while name in self._ids:
            count += 1
            name = f"{base}-{count}"
        self._ids.add(name)
        return name

    def claim_id(self, wanted: str) -> str | None:
        """Take the id itself where it is still free, else None (ids that authors write by hand)."""
        if not re.fullmatch(r"[^\s\"'<>&]+", wanted) or wanted in self._ids:
            return None
        self._ids.add(wanted)
        return wanted

    def has_id(self, wanted: str) -> bool:
        """Whether an element of the article has this id."""
        return wanted in self._ids and wanted not in _RESERVED

    def label(self, name: str, label: Label) -> None:
        """Remember what an author has labelled; of two things with one label the first counts."""
        if name in self.labels:
            self.warn(f"the label {name} is there twice; the first counts", "Give one of them another")
        else:
            self.labels[name] = label

    def name(self, label: str) -> str:
        """Name a region as no other region is named: "Code, cell 3", "Code, cell 3 (2)"."""
        self._names[label] = count = self._names.get(label, 0) + 1
        return label if count == 1 else f"{label} ({count})"

    def level(self, index: int) -> int:
        """Give the page's level of a section (its title is level 1), known when all sections are.

        The levels that the author used are closed up, and no heading goes down more than one level.
        """
        if len(self._levels) != len(self.sections):
            used = sorted({section.level for section in self.sections})
            self._levels = []
            before = 1
            for section in self.sections:
                before = min(2 + used.index(section.level), before + 1, 6)
                self._levels.append(before)
        return self._levels[index]

    # ------------------------------------------------------------------ styles
    def rule(self, declarations: str) -> str:
        """Take declarations into the stylesheet of the page's widgets; give the class that has them."""
        if not declarations:
            return ""
        name = class_of(declarations)
        self.rules[name] = declarations
        return name

    # ------------------------------------------------------------------- cells
    def begin(self, number: int, prompt: str = "", *, lossy: bool | None = None) -> None:
        """Go to work on a cell; ``prompt`` is the count that readers see beside it."""
        self.cell = number
        self.lossy = lossy
        self.alternatives = []
        self._prompts[number] = prompt

    def alternative(self, spare: str) -> str:
        """Give the next of the alternative texts that the cell has for its pictures, else ``spare``."""
        given = self.alternatives.pop(0) if self.alternatives else spare
        return given or f"Output of {self.cell_name()}"

    def cell_name(self) -> str:
        """Name the cell at work as readers see it: by its count, else by its place."""
        return f"cell {self._prompts.get(self.cell) or self.cell}" if self.cell is not None else "page"

    # ------------------------------------------------------------------- files
    def resolve(self, reference: str) -> str | None:
        """Give the path below the notebooks folder that a relative reference means, None if outside."""
        path = unquote(reference)
        if "\0" in path or "\\" in path:
            path = path.replace("\0", "").replace("\\", "/")
        if path.startswith("/"):
            return None
        joined = posixpath.normpath(posixpath.join(str(PurePosixPath(self.path).parent), path))
        return None if joined == ".." or joined.startswith("../") else joined

    def read(self, path: str) -> bytes | None:
        """Read a file below the notebooks folder, noted as an input; None if there is none.

        A symbolic link that leads out of the folder counts as missing.
        """
        file = self.context.root / path
        try:
            inside = file.resolve().is_relative_to(self.context.root.resolve())
            content = file.read_bytes() if inside and file.is_file() else None
        except (OSError, ValueError):
            content = None
        self.inputs[path] = None if content is None else hashlib.sha256(content).hexdigest()
        return content

    def notebook_url(self, path: str) -> str | None:
        """Give the URL of another notebook's page, noted as a link that was asked for."""
        url = self.context.links.get(path)
        self.links[path] = url
        return url

    def library(self, name: str) -> str | None:
        """Give the URL of the script that draws a kind of figures, noted as a link; None if none is there."""
        return self.notebook_url(f"{LIBRARY}{name}")

    # ------------------------------------------------------------------ assets
    def asset(self, content: bytes, extension: str, stem: str = "") -> Asset:
        """Keep ``content`` as an asset of the page, named by the notebook, the cell and a count."""
        digest = hashlib.sha256(content).hexdigest()[:16]
        for known in self.assets.values():
            if known.path.endswith(f".{digest}.{extension}"):
                return known
        if not stem:
            count = self._cell_assets[self.cell] = self._cell_assets.get(self.cell, 0) + 1
            stem = f"{self.cell}-{count}" if self.cell is not None else str(count)
        asset = Asset(f"{self.slug}-{stem}.{digest}.{extension}", content)
        self.assets[asset.path] = asset
        return asset


def slugify(text: str) -> str:
    """Make an id from a heading's text: lower case, words joined by hyphens, letters of any script kept.

    A fragment as Jupyter writes it (``#My-Heading``) gives the same id as its heading.
    """
    text = re.sub(r"[^\w\s-]", "", re.sub(r"[:./]", "-", text.strip().lower()))
    return re.sub(r"[\s_-]+", "-", text).strip("-")
