"""A notebook becomes a frame's page: its cells run in the reader's kernel, the page streams."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.utils import ensure_async
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from voila.execute import strip_code_cell_warnings
from voila.notebook_renderer import NotebookRenderer

from livekernel.engine.generations import Generation
from livekernel.index import Entry
from livekernel.selection import MARK, mark

log = logging.getLogger("livekernel")


class LiveRenderer(NotebookRenderer):  # type: ignore[misc]
    """Voila's renderer for one frame: the cells it shows are marked, and a failure is kept.

    ``failure`` is None, or one sentence for the reader once the page has been streamed: what the
    notebook raised goes to the server's log.
    """

    def __init__(
        self,
        *,
        entry: Entry,
        cell: str | None,
        root: Path,
        seconds: float,
        generation: Generation | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(notebook_path=entry.path, **kwargs)
        self._entry = entry
        self._cell = cell
        self._root = root
        self._seconds = seconds
        self._generation = generation
        self.failure: str | None = None
        self.executor: Any = None  # Voila's, once the kernel answers

    async def load_notebook(self, path: str) -> Any:
        """Read the notebook as it lies on disk; called by Voila's ``initialize``.

        Raises OSError or ValueError where it can't be read, KeyError where the cell isn't there.
        """
        if self._generation is None:
            notebook = await asyncio.to_thread(nbformat.read, self._root / path, as_version=4)
        else:
            notebook = nbformat.reads(self._generation.source, as_version=4)
        notebook.metadata.pop("widgets", None)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        mark(notebook, self._entry, self._cell)
        return await self.fix_notebook(notebook)

    def stream(self, kernel_id: str, kernel: Any, page: Any) -> AsyncIterator[str]:
        """Give the page piece by piece; ``page`` is what the template is handed."""
        pieces = self.exporter.generate_from_notebook_node(
            self.notebook,
            resources=self.resources,
            extra_context={"page": page, "cells": self._cells(kernel_id, kernel), "failure": self._failure},
        )
        return (piece async for piece, _ in pieces)

    async def whole(self, kernel_id: str, page: Any) -> str:
        """Give the page of a generation that has run all cells: no kernel is asked."""
        return "".join([piece async for piece in self.stream(kernel_id, None, page)])

    def _failure(self) -> str | None:
        return self.failure

    async def _cells(self, kernel_id: str, kernel: Any) -> AsyncIterator[Any]:
        deadline = time.monotonic() + self._seconds
        recorded = self._generation.record if self._generation else {}
        try:
            if kernel is not None:
                await self._jinja_kernel_start(self.notebook, kernel_id, kernel)
        except Exception:
            log.exception("The kernel of %s did not start", self._entry.path)
            self.failure = "The kernel did not start."
            return
        for place, cell in enumerate(self.notebook.cells):
            if place in recorded:
                cell.outputs = [nbformat.from_dict(output) for output in recorded[place]]
                strip_code_cell_warnings(cell)
            elif cell.cell_type == "code" and kernel is not None:
                self.executor.timeout = max(1, int(deadline - time.monotonic()))
                await self._run(cell, place)
            if self.failure:
                return
            if cell.cell_type == "markdown" and cell.metadata[MARK]["shown"]:
                cell.metadata[MARK]["html"] = self._markdown(cell)
            yield cell

    def _markdown(self, cell: Any) -> str:
        """Give a Markdown cell as HTML; formulas are left for the front end's MathJax."""
        renderer = IPythonRenderer(
            escape=False,
            attachments=cell.get("attachments", {}),
            embed_images=True,
            path=str((self._root / self._entry.path).parent),
            exclude_anchor_links=True,
        )
        return str(MarkdownWithMath(renderer=renderer).render(cell.source))

    async def close(self) -> None:
        """Let go of the kernel's channels; the handler calls it when the page has been sent, or given up."""
        if self.executor is not None and self.executor.kc is not None:
            await ensure_async(self.executor.kc.stop_channels())

    async def _run(self, cell: Any, place: int) -> None:
        # Cells are counted as JupyterLab's reader counts them.
        number = place + 1
        try:
            await self.executor.execute_cell(cell, None, place, store_history=False)
        except CellExecutionError as error:
            log.warning("%s, cell %d: %s", self._entry.path, number, error)
            self.failure = f"The notebook raised an error in its cell {number}."
        except TimeoutError:
            log.warning("%s, cell %d: not done in time", self._entry.path, number)
            self.failure = f"The notebook was not done in time; it stopped in its cell {number}."
        except DeadKernelError:
            log.warning("%s, cell %d: the kernel died", self._entry.path, number)
            self.failure = f"The kernel died in cell {number} of the notebook."
