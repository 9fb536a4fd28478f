"""The root zygote: imports the libraries once for all notebooks, and forks a zygote for each."""

from __future__ import annotations

import importlib
import os
import socket
import sys
import time
import traceback
from functools import partial
from typing import Any

from livekernel import protocol
from livekernel.zygote import calm, notebook, thrift
from livekernel.zygote.forking import Zygote
from livekernel.zygote.kernel import WarmKernel


def serve(control: socket.socket, lifetime: int, libraries: list[str]) -> None:
    """Import, say what came of it, and fork until the server has gone.

    A library that can't be imported is told and does without: its notebooks fail by themselves.
    """
    began = time.perf_counter()
    missing: dict[str, str] = {}
    kernel = WarmKernel.instance()
    # Before the libraries: some look for IPython when they are imported, and hook themselves in.
    kernel.prepare()
    thrift.keep_shared()
    for library in libraries:
        try:
            importlib.import_module(library)
        except Exception as error:
            traceback.print_exc()
            missing[library] = f"{type(error).__name__}: {error}"
    calm.keep()
    zygote = Zygote(control, lifetime, partial(_become, kernel), calm.assert_single)
    seconds = time.perf_counter() - began
    versions = {name: _version(name) for name in libraries if name not in missing}
    zygote.say({"event": "imported", "seconds": seconds, "libraries": versions, "missing": missing})
    zygote.serve()


def _version(library: str) -> str:
    return str(getattr(sys.modules.get(library), "__version__", ""))


def _become(kernel: WarmKernel, request: dict[str, Any], files: list[int]) -> None:
    """Be a notebook's zygote: called in the child."""
    control, lifetime = files
    protocol.die_when_closed(lifetime)
    os.setpgid(0, 0)
    protocol.call_itself(f"zygote {request['notebook']['key'].rpartition('/')[2]}")
    notebook.serve(kernel, socket.socket(fileno=control), lifetime, request["notebook"])
