"""Which files a notebook depends on: its next generation is due when one of them changes.

Python tells of every file that it opens (an audit hook, PEP 578); HDF5 and other C libraries don't, so a
text in a cell that names a file counts too; so do the modules that were imported from beside the notebook.
Only what lies below the notebooks' folder is asked for again: libraries change with a restart.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any


class Reads:
    """Listens from its making until :meth:`found` is asked."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._opened: set[str] = set()
        self._listening = True
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._listening and event == "open" and isinstance(arguments[0], str):
            self._opened.add(arguments[0])

    def found(self, sources: Iterable[str]) -> list[str]:
        """Stop listening, and give the files below the root; ``sources`` are the cells' Python."""
        self._listening = False
        named = {text for source in sources for text in _texts(source)}
        modules = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        found = set()
        for name in self._opened | named | modules:
            if not name or "\0" in name or len(name) > 1000:
                continue
            with suppress(OSError, ValueError):
                path = Path(os.path.abspath(name))  # noqa: PTH100  (a link's own place counts)
                if path.is_relative_to(self._root) and path.is_file() and path.suffix != ".pyc":
                    found.add(str(path))
        return sorted(found)


def _texts(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
