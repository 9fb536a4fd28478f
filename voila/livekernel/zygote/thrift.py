"""Keeps libraries from writing all over the memory that readers' kernels share.

To look at a Python object is to write to it: its reference count lies in the page that a fork shares, and
Linux copies the page. So what walks through everything costs each reader megabytes.
"""

from __future__ import annotations

import inspect
from pathlib import PurePath
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

_getmodule = inspect.getmodule

_STARTED_BY = str(PurePath(__file__).with_name("__main__.py"))
"""In a kernel the module of this name is the notebook's."""


def keep_shared() -> None:
    """Do what is known to help; before a notebook's cells are run."""
    inspect.getmodule = getmodule


def getmodule(object: Any, _filename: str | None = None) -> ModuleType | None:
    """Do as :func:`inspect.getmodule` does, but for frames of no module, where it would find nothing either.

    It would look for their file in every module first. py4DSTEM asks with each virtual image
    (``inspect.stack()``), for the cell and for what started the zygote: that took 8 ms of 37, and 17 MB of
    the 30 that a reader's kernel then had of its own.
    """
    if isinstance(object, FrameType | CodeType | TracebackType) and _filename and _is_no_module(_filename):
        return None
    return _getmodule(object, _filename)


def _is_no_module(filename: str) -> bool:
    """Know cells, by ipykernel.compiler.get_file_name, and what Python itself runs under a made-up name."""
    if filename.startswith("<") or filename == _STARTED_BY:
        return True
    path = PurePath(filename)
    return path.parent.name.startswith("ipykernel_") and path.stem.isdigit()
