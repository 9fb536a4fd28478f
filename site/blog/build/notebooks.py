"""From the notebooks folder to a library: what is read anew, what is converted anew, what is kept.

Freshness is a digest of every input, never a time. A notebook that fails is kept as it last was good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from blog.assets import digest
from blog.build.records import Record, file_digest, is_fresh, load_all
from blog.build.workers import Conversion, Failure, Reading, Workers
from blog.convert import DEPENDS_DIGEST, LIBRARY, Defaults
from blog.library import Library, arrange, find_notebooks, find_strays, page_url, refuse_double_slugs
from blog.model import Asset, Kind, Metadata, Problem

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which notebooks a build takes: those of ``today`` and before; drafts and later ones if asked for."""

    today: date
    drafts: bool = False
    future: bool = False

    def takes(self, metadata: Metadata) -> bool:
        """Tell whether a notebook belongs into the build; one without a date always does."""
        is_due = metadata.date is None or metadata.date <= self.today
        return (self.drafts or not metadata.draft) and (self.future or is_due)


@dataclass(slots=True)
class Collected:
    """What came of the notebooks.

    ``links`` are those of a conversion's context; ``assets`` are those of articles
    converted in this build (those of kept articles lie in the old output); ``traces`` are tracebacks of
    bugs of ours by the notebook's path.
    """

    library: Library
    records: Mapping[str, Record]
    links: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    traces: dict[str, str] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    converted: int = 0


def collect_notebooks(
    root: Path,
    out: Path,
    selection: Selection,
    defaults: Defaults,
    libraries: Mapping[str, str],
    *,
    progress: bool,
) -> Collected:
    """Read and convert what has changed since the build in ``out``, and arrange it all.

    ``libraries`` are the URLs of the scripts that draw interactive figures, by their names.
    """
    return _Collector(root, out, defaults, libraries, progress).run(selection)


def _is_utf8(path: str) -> bool:
    """Tell whether a file's name can be written: Python keeps the bytes of others as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in path)


def _printable(path: str) -> str:
    return path.encode(errors="replace").decode()


def _misnamed(path: str) -> Problem:
    return Problem("skipped", _printable(path), "its name is not UTF-8", "Rename the file")


def _stray(path: str) -> Problem:
    what = "it lies neither in posts/ nor in demos/ itself, so it gets no page"
    return Problem(
        "warning", _printable(path), what, "Move it there, or into the folder of the post it belongs to"
    )


class _Collector:
    """One pass over the notebooks, with what it has learnt so far."""

    def __init__(
        self, root: Path, out: Path, defaults: Defaults, libraries: Mapping[str, str], progress: bool
    ) -> None:
        self._root, self._out, self._progress = root, out, progress
        self._defaults = defaults
        self._libraries = {f"{LIBRARY}{name}": url for name, url in libraries.items()}
        # articles are made by the converter and by what blog.toml says of them: by another they are stale
        self._converter = digest(f"{DEPENDS_DIGEST} {defaults!r}".encode())
        found = find_notebooks(root)
        self._kinds = {path: kind for path, kind in found if _is_utf8(path)}
        self._misnamed = [path for path, _ in found if not _is_utf8(path)]
        self._digests = {path: self._digest(path) for path in self._kinds}
        self._last = load_all(out, self._kinds)
        self._failures: dict[str, Failure] = {}
        self._assets: dict[str, Asset] = {}
        self._converted = 0

    def run(self, selection: Selection) -> Collected:
        with Workers(self._root) as workers:
            metadata = self._read(workers)
            published = {path: found for path, found in metadata.items() if selection.takes(found[1])}
            before = {(path, record.entry.metadata.slug) for path, record in self._last.items()}
            chosen, refused = refuse_double_slugs(published, before)
            links = {path: page_url(kind, found.slug) for path, (kind, found) in chosen.items()}
            links |= self._libraries
            records = self._convert(workers, chosen, links)
        problems = [
            *refused,
            *map(_stray, find_strays(self._root)),
            *map(_misnamed, self._misnamed),
            *map(self._problem, self._failures),
        ]
        for path, record in records.items():
            if path not in self._failures:  # what it warned of when it was good is no news now
                problems += [*record.problems, *record.entry.article.problems]
        return Collected(
            library=arrange(record.entry for record in records.values()),
            records=records,
            links=links,
            problems=sorted(dict.fromkeys(problems), key=lambda p: (p.path, p.cell or 0, p.severity, p.what)),
            traces={path: failure.trace for path, failure in self._failures.items() if failure.trace},
            assets=self._assets,
            converted=self._converted,
        )

    def _read(self, workers: Workers) -> dict[str, tuple[Kind, Metadata]]:
        """Learn every notebook's metadata: from its record where the file is the same, else by reading."""
        metadata, changed = {}, []
        for path, kind in self._kinds.items():
            record = self._last.get(path)
            if record and record.converter == self._converter and self._digests[path] == record.entry.digest:
                metadata[path] = (kind, record.entry.metadata)
            else:
                changed.append(path)
        for path, result in self._bar(workers.read(changed), len(changed), "Reading"):
            if isinstance(result, Reading):
                metadata[path] = (self._kinds[path], result.metadata)
                continue
            self._failures[path] = result
            if path in self._last:
                metadata[path] = (self._kinds[path], self._last[path].entry.metadata)
        return metadata

    def _convert(
        self, workers: Workers, chosen: Iterable[str], links: Mapping[str, str]
    ) -> Mapping[str, Record]:
        """Convert what is stale; what fails is kept as it last was, where it ever was."""
        records, stale = {}, []
        for path in chosen:
            if path in self._failures or self._is_fresh(path, links):
                records[path] = self._last[path]
            else:
                stale.append(path)
        for path, result in self._bar(
            workers.convert(stale, links, self._defaults, self._out), len(stale), "Converting"
        ):
            if isinstance(result, Conversion):
                records[path] = Record(result.entry, self._converter, result.problems)
                self._assets |= {asset.path: asset for asset in result.assets}
                self._converted += 1
                continue
            self._failures[path] = result
            if path in self._last:
                records[path] = self._last[path]
        return {path: records[path] for path in sorted(records)}

    def _is_fresh(self, path: str, links: Mapping[str, str]) -> bool:
        record = self._last.get(path)
        return (
            record is not None
            and self._digests[path] == record.entry.digest
            and is_fresh(record, root=self._root, out=self._out, converter=self._converter, links=links)
        )

    def _digest(self, path: str) -> str | None:
        """Digest a notebook's file; None where reading it has to say what is wrong with it."""
        file = self._root / path
        return file_digest(file) if file.resolve().is_relative_to(self._root) else None

    def _problem(self, path: str) -> Problem:
        problem = self._failures[path].problem
        if path in self._last:
            return replace(problem, remedy=f"{problem.remedy}; until then its last good page is shown")
        return problem

    def _bar(self, results: Iterable[Item], total: int, what: str) -> Iterator[Item]:
        """Show how far it is, where somebody looks on and it is worth a line."""
        hidden = not self._progress or not total
        yield from tqdm(results, total=total, desc=what, unit="notebook", disable=hidden, leave=False)
