"""What cells put out while they warm up: nbclient's own reading of the kernel's messages.

nbclient is what Voila runs notebooks with, so recorded outputs are those that a reader's run would have
given, what is printed within an ``Output`` or by ``interact`` included: nbclient plays the front end that
gathers it. What it answers to the widget is delivered when the cell is done, as a busy kernel would
take it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import nbformat
from ipykernel.jsonutil import json_clean
from nbclient import NotebookClient

from livekernel.zygote.kernel import Message, WarmKernel


class _Answers:
    """The shell channel that nbclient's widgets send on."""

    def __init__(self) -> None:
        self.waiting: list[Message] = []

    def send(self, message: Message) -> None:
        self.waiting.append(message)


class Recorder:
    """Runs the cells of a notebook in a kernel and fills in their outputs."""

    def __init__(self, kernel: WarmKernel, notebook: nbformat.NotebookNode) -> None:
        self._kernel, self._notebook = kernel, notebook
        self._answers = _Answers()
        client: Any = NotebookClient(notebook)
        client.reset_execution_trackers()
        client.kc = SimpleNamespace(session=kernel.session, shell_channel=self._answers)
        self._client: Any = client

    def run(self, place: int) -> BaseException | None:
        """Run a code cell; give the error that it ended with, which its tag may allow."""
        cell = self._notebook.cells[place]
        cell.outputs, cell.execution_count = [], None
        self._client.clear_before_next_output = False

        def take(message: Message) -> None:
            if message["msg_type"] != "status":
                self._client.process_message(message, cell, place)

        error = self._kernel.run(cell.source, take)
        # Each answer is a change that the kernel echoes; nothing of it belongs to a cell.
        for message in self._answers.waiting:
            self._kernel.deliver(message)
        self._answers.waiting.clear()
        if error is not None and "raises-exception" in cell.metadata.get("tags", []):
            return None
        return error


def outputs_of(cell: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Give a cell's outputs as JSON takes them."""
    cleaned: list[dict[str, Any]] = json_clean(cell.outputs)
    return cleaned
