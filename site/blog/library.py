"""The library: which notebooks there are, in which order, and what belongs together.

It works on paths and metadata alone; ``build`` reads the files. Undated posts come last, everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from blog.model import Article, Kind, Metadata, Problem
from blog.notebook.titles import slug_of

#: Folders that hold no notebooks of the author's.
_NOT_OURS = frozenset({"node_modules", "__pycache__", "_build"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One notebook with what is known of it.

    ``path`` is relative to the notebooks folder, ``digest`` the SHA-256 of the file that ``article``
    was made of.
    """

    path: str
    kind: Kind
    metadata: Metadata
    article: Article
    digest: str

    @property
    def key(self) -> str:
        """The notebook's name in a page's markup and in the live server's URLs."""
        return f"{self.kind}/{self.metadata.slug}"

    @property
    def url(self) -> str:
        """The URL of its page."""
        return page_url(self.kind, self.metadata.slug)


@dataclass(frozen=True, slots=True)
class Group:
    """Posts under one name: a tag or a series, with the slug that stands in its URL."""

    slug: str
    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """All that is published: posts (newest first, undated last), demos (by title), tags and series."""

    posts: tuple[Entry, ...]
    demos: tuple[Entry, ...]
    tags: tuple[Group, ...]
    series: tuple[Group, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Posts and demos."""
        return self.posts + self.demos


def page_url(kind: Kind, slug: str) -> str:
    """Give the URL of a notebook's page."""
    return f"/{kind}/{slug}/"


def find_notebooks(root: Path) -> list[tuple[str, Kind]]:
    """Give the paths of all notebooks below ``root``, relative to it and sorted, with their kinds.

    A blog keeps them in ``posts/`` and ``demos/``, one file each; a folder without either is taken
    as it is, with all its subfolders. Hidden folders are left out (checkpoints, environments).
    """
    folders: dict[str, Kind] = {"posts": "posts", "demos": "demos"}
    if any((root / name).is_dir() for name in folders):
        return [
            (f"{name}/{file.name}", kind)
            for name, kind in folders.items()
            if (root / name).is_dir()
            for file in sorted((root / name).iterdir())
            if file.suffix == ".ipynb" and not file.name.startswith(".") and _is_file(file)
        ]
    found: list[tuple[str, Kind]] = []
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(f for f in subfolders if not f.startswith(".") and f not in _NOT_OURS)
        found += [
            ((Path(folder) / file).relative_to(root).as_posix(), "posts")
            for file in files
            if file.endswith(".ipynb") and not file.startswith(".") and _is_file(Path(folder) / file)
        ]
    return sorted(found)


def find_strays(root: Path) -> list[str]:
    """Give the notebooks of a blog that get no page for where they lie, by their paths below ``root``.

    Beside ``posts/`` and ``demos/``, or in a folder of theirs that belongs to no notebook: the files of
    a post, notebooks too, lie in the folder of its name.
    """
    folders = [root / name for name in ("posts", "demos") if (root / name).is_dir()]
    if not folders:
        return []
    strays = [*root.glob("*.ipynb")]
    for folder in folders:
        strays += [p for p in folder.glob("*/*.ipynb") if not p.parent.with_suffix(".ipynb").exists()]
    return sorted(
        path.relative_to(root).as_posix() for path in strays if not path.parent.name.startswith(".")
    )


def _is_file(path: Path) -> bool:
    """Tell whether there is a file to read: a pipe would be waited for; a broken link is told later."""
    return path.is_file() or path.is_symlink()


def refuse_double_slugs(
    metadata: Mapping[str, tuple[Kind, Metadata]], published: Container[tuple[str, str]] = ()
) -> tuple[dict[str, tuple[Kind, Metadata]], list[Problem]]:
    """Keep one notebook for each slug; the others are skipped with their reason.

    The one that has the page already keeps it (``published`` are pairs of a path and its slug), else
    the first by its path. Both maps are from a notebook's path to its kind and metadata.
    """
    kept: dict[str, tuple[Kind, Metadata]] = {}
    owners: dict[tuple[Kind, str], str] = {}
    problems = []
    for path in sorted(metadata, key=lambda path: ((path, metadata[path][1].slug) not in published, path)):
        kind, found = metadata[path]
        owner = owners.setdefault((kind, found.slug), path)
        if owner == path:
            kept[path] = metadata[path]
        else:
            problems.append(
                Problem(
                    "skipped",
                    path,
                    f"its slug {found.slug!r} is taken by {owner}",
                    "Give one of them another `slug:` in its front matter, or another file name",
                )
            )
    return kept, problems


def arrange(entries: Iterable[Entry]) -> Library:
    """Put published notebooks in order and gather tags and series."""
    listed = sorted(entries, key=lambda entry: (entry.metadata.title.casefold(), entry.path))
    posts = sorted(
        (entry for entry in listed if entry.kind == "posts"),
        key=lambda entry: -(entry.metadata.date or date.min).toordinal(),
    )
    return Library(
        posts=tuple(posts),
        demos=tuple(entry for entry in listed if entry.kind == "demos"),
        tags=_groups((tag, entry) for entry in posts for tag in entry.metadata.tags),
        series=tuple(
            Group(group.slug, group.name, tuple(sorted(group.entries, key=_place_in_series)))
            for group in _groups((post.metadata.series.name, post) for post in posts if post.metadata.series)
        ),
    )


def neighbours(library: Library, entry: Entry) -> tuple[Entry | None, Entry | None]:
    """Give the post before and the post after ``entry``: in its series, else in the order of dates."""
    line: tuple[Entry, ...] = tuple(reversed(library.posts))
    for group in library.series:
        if entry in group.entries:
            line = group.entries
    if entry not in line:
        return None, None
    place = line.index(entry)
    return (line[place - 1] if place else None), (line[place + 1] if place + 1 < len(line) else None)


def _place_in_series(entry: Entry) -> tuple[float, int, str]:
    """Order a series by part, then by date; what has neither comes last."""
    series, day = entry.metadata.series, entry.metadata.date
    part = series.part if series and series.part is not None else float("inf")
    return part, (day or date.max).toordinal(), entry.metadata.title.casefold()


def _groups(pairs: Iterable[tuple[str, Entry]]) -> tuple[Group, ...]:
    """Gather entries by the slug of a name; the first way it was written is the one that is shown."""
    names: dict[str, str] = {}
    members: dict[str, list[Entry]] = {}
    for name, entry in pairs:
        slug = slug_of(name)
        names.setdefault(slug, name)
        if entry not in members.setdefault(slug, []):
            members[slug].append(entry)
    groups = (Group(slug, name, tuple(members[slug])) for slug, name in names.items())
    return tuple(sorted(groups, key=lambda group: (group.name.casefold(), group.slug)))
