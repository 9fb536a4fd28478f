"""The steps of a build, in their order."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from blog.build import output
from blog.build.files import article_defaults, make_files
from blog.build.notebooks import Selection, collect_notebooks
from blog.build.records import file_name
from blog.bundle import libraries, static_files
from blog.errors import BuildError
from blog.manifest import FILE, LIVE_INDEX, Manifest, dump, load
from blog.model import Problem
from blog.search import INDEX, PAGE
from blog.settings import load as load_settings

STATIC = Path(__file__).parents[1] / "static"
_VOILA = Path(__file__).parents[3] / "voila"
#: The live cells' front end and their widgets' skin: files, not imports.
FRONTEND = _VOILA / "frontend" / "dist"
SKIN = _VOILA / "templates" / "blog" / "static" / "widgets.css"


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did: ``pages`` are all URLs there are now, ``converted`` the notebooks made anew.

    ``wrote`` is False where nothing had changed. ``traces`` are tracebacks of bugs of ours that
    notebooks met, by the notebook's path.
    """

    pages: int
    converted: int
    wrote: bool
    problems: tuple[Problem, ...]
    traces: Mapping[str, str]

    @property
    def skipped(self) -> tuple[Problem, ...]:
        """The notebooks that could not be converted, with their reasons."""
        return tuple(problem for problem in self.problems if problem.severity == "skipped")


def build(notebooks: Path, out: Path, selection: Selection, *, progress: bool = False) -> Report:
    """Build the notebooks of a folder into ``out``.

    ``progress`` shows a bar. Raises :class:`BuildError` or :class:`SettingsError` where there can be
    no build at all, with ``out`` as it was.
    """
    root, out = notebooks.resolve(), out.resolve()
    if not root.is_dir():
        raise BuildError(f"{notebooks}: there is no such folder; name the folder of your notebooks")
    if root.is_relative_to(out) or (out.is_relative_to(root) and _would_be_searched(out, root)):
        raise BuildError(f"{out}: a build can't lie among the notebooks; name another folder")
    try:
        with output.locked(out):
            output.check_ours(out)
            return _build(root, out, selection, progress)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BuildError(f"{out}: the disk is full; free some (the last build is unharmed)") from None
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise BuildError(f"{error.filename}: no right to write there; name another folder") from None
        raise


def _build(root: Path, out: Path, selection: Selection, progress: bool) -> Report:
    settings = load_settings(root)
    old = load(out) or Manifest()
    static = static_files(STATIC, FRONTEND, SKIN)
    collected = collect_notebooks(
        root, out, selection, article_defaults(settings), libraries(static), progress=progress
    )
    has_index = (out / INDEX).is_file()
    files = make_files(root, settings, static, collected, old, has_index=has_index)
    # What the build before named and this one doesn't: kept once for readers with a page open.
    retired = tuple(sorted(set(old.assets) - set(files.manifest.assets)))
    manifest = replace(files.manifest, retired=retired)
    wrote = replace(manifest, retired=old.retired) != old or not _is_whole(out, old)
    if wrote:
        same = _same_files(manifest, old, out)
        contents = {path: None if path in same else content for path, content in files.contents.items()}
        contents |= {
            f"static/{asset}": None
            for asset in (*manifest.assets, *retired)
            if f"static/{asset}" not in contents and (out / "static" / asset).is_file()
        }
        contents[FILE] = dump(manifest)
        output.write(out, contents, {f"static/{path}": forms for path, forms in static.forms.items()})
    return Report(len(manifest.pages), collected.converted, wrote, manifest.problems, collected.traces)


def _same_files(new: Manifest, old: Manifest, out: Path) -> set[str]:
    """Give the files of the old output that are as they should be in the new one."""
    before = {page.file: page.digest for page in (*old.pages.values(), *old.errors.values())}
    pages = (*new.pages.values(), *new.errors.values())
    same = {page.file for page in pages if before.get(page.file) == page.digest}
    same |= {f"static/{asset}" for asset in set(new.assets) & {*old.assets, *old.retired}}
    return {file for file in same if (out / file).is_file()}


def _is_whole(out: Path, manifest: Manifest) -> bool:
    """Tell whether every file that the manifest lists is there; somebody may have deleted one."""
    files = [page.file for page in (*manifest.pages.values(), *manifest.errors.values())]
    files += [f"static/{asset}" for asset in manifest.assets]
    files += [LIVE_INDEX, INDEX, PAGE, *map(file_name, manifest.records)]
    return all((out / file).is_file() for file in files)


def _would_be_searched(out: Path, root: Path) -> bool:
    """Tell whether the search for notebooks would walk into ``out``: hidden folders are left out."""
    return not any(part.startswith(".") for part in out.relative_to(root).parts)
