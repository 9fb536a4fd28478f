"""Records: what a build keeps of each notebook, so that the next one need not convert it again.

A record is also the last good state of its notebook: a notebook that fails is shown from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from blog.assets import digest
from blog.library import Entry
from blog.manifest import FOLDER
from blog.model import Problem

_FOLDER = f"{FOLDER}/articles"


@dataclass(frozen=True, slots=True)
class Record:
    """A converted notebook.

    ``converter`` is the digest of what converted it; ``problems`` are those of reading it (the
    article has its own).
    """

    entry: Entry
    converter: str
    problems: tuple[Problem, ...] = ()


_ADAPTER = TypeAdapter(Record)


def file_name(path: str) -> str:
    """Give the record's place below the output folder for the notebook at ``path``."""
    return f"{_FOLDER}/{hashlib.sha256(path.encode()).hexdigest()[:24]}.json"


def dump(record: Record) -> bytes:
    """Give the record's bytes: the same record gives the same ones."""
    return _ADAPTER.dump_json(record)


def load_all(out: Path, paths: Iterable[str]) -> dict[str, Record]:
    """Read the records that an earlier build left for the notebooks at ``paths``.

    One that is missing or can't be read is no record: its notebook is converted anew.
    """
    found = {}
    for path in paths:
        try:
            record = _ADAPTER.validate_json((out / file_name(path)).read_bytes())
        except (FileNotFoundError, ValidationError):
            continue
        if record.entry.path == path:
            found[path] = record
    return found


def is_fresh(record: Record, *, root: Path, out: Path, converter: str, links: Mapping[str, str]) -> bool:
    """Tell whether converting the notebook again would give the same article.

    The notebook's own digest is compared by whoever calls. Here: the converter, every other file
    that was read, what links to other notebooks became, and that the assets are still there.
    """
    article = record.entry.article
    return (
        record.converter == converter
        and all(file_digest(root / path) == was for path, was in article.inputs)
        and all(links.get(path) == url for path, url in article.links)
        and all((out / "static" / asset).is_file() for asset in article.assets)
    )


def file_digest(path: Path) -> str | None:
    """Give the SHA-256 of a file in hexadecimal, None where it can't be read."""
    try:
        return digest(path.read_bytes()) if path.is_file() else None  # a pipe would be waited for
    except OSError:
        return None
