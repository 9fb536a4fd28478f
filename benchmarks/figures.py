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

from benchmarks import browser, hydration, kernels, measure, site
from benchmarks.bench import SIDES, Bench, Once, Side

Kind = Literal["ratio", "count", "most", "least"]

_UNCOMPILED = "-uncompiled"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table.

    ``target`` is how many times less ours is to be than stock, for a ``count`` how many there are to be, and
    for what is measured of ours alone the ``most`` that it may be, or the ``least``.
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

    Without ``bytecode`` neither side finds compiled modules. ``alone``: there is nothing beside ours.
    """

    figures: tuple[Figure, ...]
    running: Callable[[Bench], AbstractContextManager[Once]]
    bytecode: bool = True
    alone: bool = False

    @property
    def sides(self) -> tuple[Side, ...]:
        """Give the sides that are measured, in their order."""
        return ("ours",) if self.alone else SIDES


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
SHOWN = Figure(
    "shown",
    "Open until the widgets are shown",
    "s",
    20,
    "Chromium with an empty cache, by the page's own clock. Stock: its page. Ours: the post, opened at its"
    " figure, until the slider and the image that the front end has made are on the page.",
)
TOUCHED = Figure(
    "touched",
    "Open until the first new image, touched at once",
    "s",
    12,
    "The same until the image has changed, after an arrow key was pressed on the slider as soon as it was"
    " there.",
)
TOUCHED_ZYGOTE = Figure(
    "touched-zygote",
    "The same beside Voila's page on the zygote",
    "s",
    2,
    "As `touched`, by the clock of who opens it; in the column of stock is the live server's page with"
    " Voila's front end, opened by its start page, whose button is pressed at once.",
)
FIRST_TOUCH = Figure(
    "first-touch",
    "First touch until the new image, less the author's compute",
    "ms",
    150,
    "On a page that has settled, from the key's event until the new image is drawn, less what the notebook"
    " says that drawing took.",
    "most",
)
LATER_TOUCH = replace(
    FIRST_TOUCH,
    name="later-touch",
    title="Later touches until the new image, less the author's compute",
    target=30,
    how="The same for the ten touches after the first; their median.",
)
FAR_SHOWN = Figure(
    "far-shown",
    "From afar: open until the widgets are shown",
    "ms",
    900,
    "As `shown`, over a line with a round trip of 80 ms and 50 Mbit/s (benchmarks/far.py).",
    "most",
)
FAR_TOUCH = replace(
    FAR_SHOWN,
    name="far-touch",
    title="From afar: first touch until the new image",
    target=500,
    how="On that line, from the key's event until the new image is drawn, the author's compute included.",
)
SCRIPT = Figure(
    "script",
    "JavaScript of a figure with ipywidgets' controls",
    "kB",
    150,
    "Bytes of scripts that the figure adds to its post, as they are sent (brotli), from opening it until it"
    " has been touched.",
    "most",
)
REQUESTS = replace(
    SCRIPT,
    name="requests",
    title="Requests of a figure",
    unit="requests",
    target=8,
    how="Requests that it adds meanwhile, without its websocket.",
)
STATE = replace(
    SCRIPT,
    name="state",
    title="State of a figure without its images",
    target=20,
    how="Bytes of its widgets' state as sent, less those of the images in it.",
)
READING = Figure(
    "reading",
    "Kernels for 1,000 readers who only read",
    "kernels",
    0,
    "A thousand readers, each from an address of their own, fetch the post and its state, and one in Chromium"
    " scrolls, rests the pointer on the slider and comes to it by the keyboard; the most processes that were"
    " there at once beyond those before.",
    "most",
)
CGROUP_TOUCH = replace(
    CGROUP,
    name="cgroup-touch",
    title="Readers at once in 1 GB, none killed, each touching the post's figure",
    how="As `cgroup` of ours, with readers who go live in the post.",
    kind="least",
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
SHOWN_UNCOMPILED = _uncompiled(SHOWN)
TOUCHED_UNCOMPILED = _uncompiled(TOUCHED)

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
    Measurement((SHOWN, TOUCHED), hydration.opened),
    Measurement((SHOWN_UNCOMPILED, TOUCHED_UNCOMPILED), hydration.opened, bytecode=False),
    Measurement((TOUCHED_ZYGOTE,), hydration.beside_voilas_page),
    Measurement((FIRST_TOUCH, LATER_TOUCH, SCRIPT, REQUESTS, STATE), hydration.touches, alone=True),
    Measurement((FAR_SHOWN, FAR_TOUCH), hydration.from_afar, alone=True),
    Measurement((READING,), hydration.reading, alone=True),
    Measurement((CGROUP,), site.cgroup),
    Measurement((CGROUP_TOUCH,), site.cgroup_touch, alone=True),
)

FIGURES = (
    *(KERNEL, KERNEL_UNCOMPILED),
    *(CPU, CPU_UNCOMPILED),
    *(CLIENT, CLIENT_UNCOMPILED),
    *(BROWSER, BROWSER_UNCOMPILED),
    *(IDLE, USED),
    *(EIGHT_SMALL, EIGHT_LARGE),
    *(SHOWN, SHOWN_UNCOMPILED),
    *(TOUCHED, TOUCHED_UNCOMPILED, TOUCHED_ZYGOTE),
    *(FIRST_TOUCH, LATER_TOUCH, FAR_SHOWN, FAR_TOUCH),
    *(SCRIPT, REQUESTS, STATE, READING),
    *(CGROUP, CGROUP_TOUCH),
)
