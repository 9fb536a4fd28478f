"""What the numbers were measured on: date, versions, cores, and how busy the machine was."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
from blog.system import CHROMIUM, NGINX, find

PACKAGES = ("voila", "ipykernel", "ipywidgets", "jupyter-server", "py4DSTEM", "numpy", "tornado")


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and the software, without a name that would tell whose it is.

    ``load`` is that of the last minute, before the run and after it.
    """

    date: str
    commit: str
    python: str
    system: str
    processor: str
    cores: int
    memory_gb: float
    load: tuple[float, float]
    versions: dict[str, str]


def look(root: Path, before: float) -> Machine:
    """Describe this machine, and the checkout at ``root``; ``before`` is the load when the run began."""
    return Machine(
        date=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=commit(root),
        python=platform.python_version(),
        system=f"Linux {platform.release()}" if platform.system() == "Linux" else platform.system(),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        load=(before, load()),
        versions={name: version(name) for name in PACKAGES} | _programs(),
    )


def load() -> float:
    """Give the load of the last minute: how many processes wanted to run."""
    return round(os.getloadavg()[0], 2)


def _programs() -> dict[str, str]:
    """Give the versions of the browser and the proxy, where they are."""
    found = {}
    for program, option, pattern in ((CHROMIUM, "--version", r"[\d.]+"), (NGINX, "-v", r"(?<=nginx/)[\d.]+")):
        path = find(program)
        if path is None:
            continue
        told = subprocess.run([path, option], capture_output=True, text=True, timeout=30, check=False)
        if number := re.search(pattern, told.stdout + told.stderr):
            found[program.names[0]] = number[0]
    return found


def commit(root: Path) -> str:
    """Name the commit; a checkout with changes is not it."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "no commit"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
