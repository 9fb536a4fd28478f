"""What the numbers were measured on: date, versions, cores, and how busy the machine was."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = ("voila", "ipykernel", "ipywidgets", "jupyter-server", "py4DSTEM", "numpy", "tornado")


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and the software, without a name that would tell whose it is."""

    date: str
    commit: str
    python: str
    system: str
    processor: str
    cores: int
    memory_gb: float
    versions: dict[str, str]


def look(root: Path) -> Machine:
    """Describe this machine, and the checkout at ``root``."""
    return Machine(
        date=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=_commit(root),
        python=platform.python_version(),
        system=f"Linux {platform.release()}" if platform.system() == "Linux" else platform.system(),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        versions={name: version(name) for name in PACKAGES},
    )


def load() -> float:
    """Give the load of the last minute: how many processes wanted to run."""
    return round(os.getloadavg()[0], 2)


def as_dict(machine: Machine) -> dict[str, object]:
    """Give it for a JSON file."""
    return asdict(machine)


def _commit(root: Path) -> str:
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
