"""Collects the problems of one notebook, each on one line however odd the text it quotes."""

from __future__ import annotations

import re
from collections import Counter

from blog.model import Problem

# The same problem in more cells than this is said once, with the number of cells.
SAME_PROBLEM = 3

_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def quote(text: object, limit: int = 60) -> str:
    """Make ``text`` of unknown origin fit into a one-line message, cut at ``limit`` characters."""
    # the slice first: a name can be megabytes long
    line = " ".join(_CONTROLS.sub(" ", str(text)[: limit * 20]).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


class Report:
    """The warnings about one notebook, in the order in which they were found."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._found: list[Problem] = []

    def warn(self, what: str, remedy: str, cell: int | None = None) -> None:
        """Note something that does not keep the page from being made; ``cell`` counts from 1."""
        self._found.append(Problem("warning", self._path, what, remedy, cell))

    def problems(self) -> tuple[Problem, ...]:
        """Give all warnings; one that many cells share becomes one line."""
        count = Counter((problem.what, problem.remedy) for problem in self._found)
        said: set[tuple[str, str]] = set()
        lines = []
        for problem in self._found:
            key = (problem.what, problem.remedy)
            if key in said:
                continue
            if count[key] > SAME_PROBLEM:
                said.add(key)
                what = f"{problem.what} (and the same in {count[key] - 1} other places)"
                lines.append(Problem("warning", problem.path, what, problem.remedy, problem.cell))
            else:
                lines.append(problem)
        return tuple(lines)
