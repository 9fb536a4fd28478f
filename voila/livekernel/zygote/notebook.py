"""A notebook's zygote: warms up by running cells, tells what came of it, and forks a kernel for each reader.

Two ways. *All cells* are run and recorded once, and a reader gets the page as it was recorded: the usual way
of notebooks with live cells. Or only the *warm cells* at the notebook's beginning, and each reader's kernel
runs the rest. What stands in the way of the first (:mod:`livekernel.zygote.calm`) is told, and the server
asks for the second.
"""

from __future__ import annotations

import json
import os
import random
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import nbformat

from livekernel import sandbox
from livekernel.zygote import calm, rest
from livekernel.zygote.child import become
from livekernel.zygote.forking import Zygote
from livekernel.zygote.identity import stable_ids
from livekernel.zygote.kernel import WarmKernel
from livekernel.zygote.reads import Reads
from livekernel.zygote.record import Recorder, outputs_of

MOST_READ = 500
"""Files of a notebook whose changes are looked for."""

ALL, WARM = "all cells", "warm cells"


def serve(kernel: WarmKernel, control: socket.socket, lifetime: int, wanted: dict[str, Any]) -> None:
    """Warm up for the notebook ``wanted``, then fork until the server has gone.

    ``wanted`` has ``key``, ``path``, ``root`` (the notebooks' folder), ``way``, ``cells`` (the live ones:
    their numbers from 1, by the ids that pages name them by), and the files to write: ``record`` (the
    cells' outputs) and ``rest`` (the widgets' state).
    """
    path = Path(wanted["path"])
    os.chdir(path.parent)
    zygote = Zygote(
        control, lifetime, lambda request, files: become(kernel, request, files), calm.assert_single
    )
    began = time.perf_counter()
    warm = _Warming(zygote, kernel, path, wanted)
    if warm.run(time.perf_counter() - began):
        zygote.serve()


class _Warming:
    """The way from a cold process to one that can be forked."""

    def __init__(self, zygote: Zygote, kernel: WarmKernel, path: Path, wanted: dict[str, Any]) -> None:
        self._zygote, self._kernel, self._path, self._wanted = zygote, kernel, path, wanted
        self._reads = Reads(Path(wanted["root"]))
        self._own = calm.descriptors()

    def run(self, waited: float) -> bool:
        """Run the cells and tell the server; say whether readers' kernels may be forked."""
        began = time.perf_counter() - waited
        try:
            notebook = nbformat.read(self._path, as_version=4)
        except Exception as unread:
            return self._failed(None, f"the notebook can't be read: {unread}")
        language = notebook.metadata.get("kernelspec", {}).get("language", "python")
        if language != "python":
            return self._failed(None, f"it is written in {language}, and only Python is run here")
        places = [place for place, cell in enumerate(notebook.cells) if _is_code(cell)]
        leading = _leading(notebook, places)
        chosen = places if self._wanted["way"] == ALL else leading
        random.seed(0)  # the same every time, until a reader's kernel is seeded anew
        recorder = Recorder(self._kernel, notebook)
        with stable_ids(self._wanted["key"]):
            for count, place in enumerate(chosen, 1):
                self._say("progress", cell=place + 1, done=count - 1, of=len(chosen))
                error = recorder.run(place)
                if error is not None:
                    return self._failed(place + 1, _line(error), warm=place in leading)
                if threads := calm.threads():
                    names = " and ".join(threads)
                    reason = f"it leaves {names} running, which no reader's kernel would have; end it"
                    return self._failed(place + 1, reason, warm=place in leading)
        calm.keep()
        if found := calm.loops() + calm.files(self._own):
            reason = "there is " + ", ".join(found)
            return self._failed(None, reason, warm=self._wanted["way"] == WARM)
        try:
            self._tell(notebook, chosen, time.perf_counter() - began)
        except rest.UnwritableError as unwritable:
            return self._failed(None, str(unwritable), warm=self._wanted["way"] == WARM)
        return True

    def _tell(self, notebook: Any, chosen: list[int], seconds: float) -> None:
        recorded = {str(place): outputs_of(notebook.cells[place]) for place in chosen}
        record = Path(self._wanted["record"])
        found, buffers = rest.states() if "ipywidgets" in sys.modules else ({}, [])
        sources = [self._python(notebook.cells[place].source) for place in chosen]
        reads = self._reads.found(sources)[:MOST_READ]
        # In a file, as all this may be more than a message holds.
        told: dict[str, Any] = {
            "cells": recorded,
            "widgets": rest.known(found),
            "reads": reads,
            "imported": sorted({name.partition(".")[0] for name in sys.modules}),
            "shown": None,
        }
        if self._wanted["way"] == ALL:
            cells = {
                name: rest.views(recorded.get(str(number - 1), ()))
                for name, number in self._wanted["cells"].items()
            }
            told["shown"] = rest.write(Path(self._wanted["rest"]), found, buffers, cells)
        record.write_text(json.dumps(told), "utf-8")
        sandbox.prepare()
        self._say(
            "warm",
            seconds=seconds,
            cells=len(chosen),
            late=[place + 1 for place in _late(notebook, chosen)],
            strange=[
                place + 1 for place in chosen if set(rest.views(notebook.cells[place].outputs)) - found.keys()
            ],
        )

    def _python(self, source: str) -> str:
        try:
            return str(self._kernel.shell.transform_cell(source))
        except Exception:
            return ""

    def _failed(self, cell: int | None, reason: str, *, warm: bool = True) -> bool:
        """Tell why there are no forks this way; ``warm`` says that another way would fail as well."""
        self._say("failed", cell=cell, reason=reason, warm=warm)
        return False

    def _say(self, event: str, **facts: Any) -> None:
        self._zygote.say({"event": event, **facts})


def _is_code(cell: Any) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip())


def _is_warm(cell: Any) -> bool:
    tags = cell.metadata.get("tags", [])
    return isinstance(tags, list) and "warm" in tags


def _leading(notebook: Any, places: list[int]) -> list[int]:
    """Give the warm cells at the beginning: what comes after another cell may need what that one does."""
    for count, place in enumerate(places):
        if not _is_warm(notebook.cells[place]):
            return places[:count]
    return places


def _late(notebook: Any, run: list[int]) -> list[int]:
    """Give warm cells that were not run, as they stand behind one that isn't warm."""
    return [
        place
        for place, cell in enumerate(notebook.cells)
        if _is_code(cell) and _is_warm(cell) and place not in run
    ]


def _line(error: BaseException) -> str:
    traceback.print_exception(error, file=sys.__stderr__)
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}"[:500] if text else type(error).__name__
