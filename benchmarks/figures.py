"""The figures: what each is called, what is timed on both sides, and the target that was set for it.

What takes time is measured twice. Python keeps what it has compiled beside a module's source, and stock Voila
imports anew for every reader: where it finds compiled modules, as pip leaves them, its kernel is there in a
fifth of the time that it takes where it finds none (``PYTHONDONTWRITEBYTECODE``, a folder it may not write).
The targets were set on a machine of the second kind; both are in the table.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Literal

from benchmarks import browser, kernels, measure, site
from benchmarks.bench import Bench, Once

Kind = Literal["ratio", "count"]

_UNCOMPILED = "-uncompiled"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table.

    ``target`` is how many times less ours is to be than stock, or for a ``count`` how many there are to be.
    ``how`` says what is measured, in full.
    """

    name: str
    title: str
    unit: str
    target: float
    how: str
    kind: Kind = "ratio"

    @property
    def key(self) -> str:
        """Give the name of its value in a sample."""
        return self.name.removesuffix(_UNCOMPILED)


@dataclass(frozen=True, slots=True)
class Measurement:
    """What gives the samples of one or more figures, each under its key.

    Without ``bytecode`` neither side finds compiled modules.
    """

    figures: tuple[Figure, ...]
    running: Callable[[Bench], AbstractContextManager[Once]]
    bytecode: bool = True


KERNEL = Figure(
    "kernel",
    "Kernel: start until py4DSTEM is imported",
    "ms",
    80,
    "From start_kernel to the reply to `import py4DSTEM`, by the same client of jupyter_client; no server, no"
    " page. The request is sent at once and waits in the socket. Stock: jupyter_server's kernel manager, a"
    " new Python. Ours: the live server's kernel manager, a fork of the warm zygote, locked in as a reader's"
    " is. Both have had a kernel before.",
)
CPU = Figure(
    "cpu",
    "Server's CPU for a reader, start to first new image",
    "s",
    35,
    "CPU time (user and system) of the server and all processes below it, with children that have ended,"
    " from before the request until the first new image is at the bare client.",
)
CLIENT = Figure(
    "client",
    "Bare client: request to first new image",
    "s",
    20,
    "A client on the same machine: the request, the whole page, the websocket, the state of the widgets,"
    " a slider moved by one step, the new image received. No browser, no proxy. Both servers have had a"
    " reader before.",
)
BROWSER = Figure(
    "browser",
    "Chromium: press to first new image",
    "s",
    6,
    "Chromium with an empty cache, Voila's front end on both sides. Stock: from opening its page until the"
    " image has changed after one press of an arrow key on the slider. Ours: the post in the whole site"
    " (nginx, Gunicorn, live server), from the press of Run live, the same. The key is pressed as soon as"
    " the slider is there. Addresses outside the machine are refused at once.",
)
IDLE = Figure(
    "memory-idle",
    "Private memory of a reader, idle",
    "MB",
    12,
    "Private_* of smaps_rollup of all processes started for the reader, 2 s after the page was connected.",
)
USED = Figure(
    "memory-used",
    "Private memory of a reader, after five interactions",
    "MB",
    5,
    "The same, 2 s after a slider has been moved five times.",
)
EIGHT_SMALL = Figure(
    "eight-33",
    "8 readers in all, 33 MB cube",
    "MB",
    3,
    "Pss of the server and all processes below it (parents of readers' kernels too), with eight readers"
    " of one notebook connected, each having moved its slider once; 2 s later.",
)
EIGHT_LARGE = Figure(
    "eight-268",
    "8 readers in all, 268 MB cube",
    "MB",
    4,
    "The same with a cube of 182 x 182 patterns of 64 x 64 (271 MB).",
)
CGROUP = Figure(
    "cgroup",
    "Readers at once in 1 GB, none killed",
    "readers",
    16,
    "A memory cgroup of 1 GiB around the server, no swap. Ours: the whole site by `blog up`. Stock: Voila"
    " alone. Readers come one after the other, each moving its slider every 5 s, until something is killed,"
    " a reader is refused, or one gets no image. If anything was killed, a new server gets fewer readers;"
    " the number is of those who all last for 30 s.",
    "count",
)


def _uncompiled(figure: Figure) -> Figure:
    return replace(
        figure,
        name=figure.name + _UNCOMPILED,
        title=f"{figure.title}; no compiled modules",
        how=f"As `{figure.name}`, but neither side finds compiled modules: each process compiles what it"
        " imports.",
    )


KERNEL_UNCOMPILED = _uncompiled(KERNEL)
CPU_UNCOMPILED = _uncompiled(CPU)
CLIENT_UNCOMPILED = _uncompiled(CLIENT)
BROWSER_UNCOMPILED = _uncompiled(BROWSER)

MEASUREMENTS = (
    Measurement((KERNEL,), kernels.kernel),
    Measurement((KERNEL_UNCOMPILED,), kernels.kernel, bytecode=False),
    Measurement((CLIENT, CPU), measure.client),
    Measurement((CLIENT_UNCOMPILED, CPU_UNCOMPILED), measure.client, bytecode=False),
    Measurement((BROWSER,), browser.browser),
    Measurement((BROWSER_UNCOMPILED,), browser.browser, bytecode=False),
    Measurement((IDLE, USED), measure.memory),
    Measurement((EIGHT_SMALL,), measure.eight_small),
    Measurement((EIGHT_LARGE,), measure.eight_large),
    Measurement((CGROUP,), site.cgroup),
)

FIGURES = (
    *(KERNEL, KERNEL_UNCOMPILED),
    *(CPU, CPU_UNCOMPILED),
    *(CLIENT, CLIENT_UNCOMPILED),
    *(BROWSER, BROWSER_UNCOMPILED),
    *(IDLE, USED),
    *(EIGHT_SMALL, EIGHT_LARGE),
    CGROUP,
)
