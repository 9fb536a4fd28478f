"""What one run is told, and the pair of servers that most measurements want."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks import notebook, servers

Side = Literal["stock", "ours"]
SIDES: tuple[Side, Side] = ("stock", "ours")

Sample = Mapping[str, float]
"""One measurement of one side: values by the names of figures, and of steps (for the record)."""

Once = Callable[[Side], Sample]
"""Measures one side once."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a run is told.

    ``folder`` is for everything that is written meanwhile; ``engine`` goes to the live server. Without
    ``bytecode`` neither side finds compiled modules: each process compiles what it imports.
    """

    folder: Path
    engine: str | None = None
    bytecode: bool = True

    def write(self, name: str, node: Any) -> Path:
        """Write a notebook in a folder of its own, so that a server knows of no other."""
        return notebook.write(self.folder / name / "notebooks", node)

    @contextmanager
    def both(self, name: str, node: Any, kernels: int = 2) -> Iterator[dict[Side, servers.Server]]:
        """Run both servers on a notebook, each having had a first reader."""
        path = self.write(name, node)
        ports = servers.free_port(), servers.free_port()
        with (
            servers.stock(path, port=ports[0], bytecode=self.bytecode) as theirs,
            servers.ours(
                path, port=ports[1], kernels=kernels, engine=self.engine, bytecode=self.bytecode
            ) as own,
        ):
            for server in (theirs, own):
                servers.warm_up(server)
            yield {"stock": theirs, "ours": own}
