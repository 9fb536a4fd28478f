"""Untrusted notebook files in, typed :class:`Notebook` values out, and nowhere else.

``read`` takes a file of the notebooks folder, ``parse`` takes bytes and touches no disk. Both raise
:class:`~blog.errors.NotebookError`, and nothing else, for whatever the file holds; all that can be
mended is mended, and what an author should know of it is in ``Notebook.problems``.
"""

from blog.notebook.parsing import Notebook, parse
from blog.notebook.reading import read

__all__ = ["Notebook", "parse", "read"]
