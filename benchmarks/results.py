"""What came out: samples as they were taken, and what is made of them for people and for programs."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.bench import SIDES, Side
from benchmarks.figures import FIGURES, Figure
from benchmarks.machine import Machine
from benchmarks.summary import Comparison, Spread, compare, spread

_ALONE = ("most", "least")
_COLUMNS = (
    *("Figure", "Stock", "Ours", "Ratio of medians", "Median of ratios"),
    *("Target", "Result", "Rounds", "Load", "Commit"),
)


@dataclass
class Result:
    """A figure's samples, round by round; ``steps`` is what was noted beside them, for the record.

    ``load`` is the machine's at the beginning and the end, ``commit`` the checkout's. ``failure`` says why
    there are no more samples.
    """

    figure: Figure
    samples: dict[Side, list[float]] = field(default_factory=lambda: {side: [] for side in SIDES})
    steps: dict[Side, list[dict[str, float]]] = field(default_factory=lambda: {side: [] for side in SIDES})
    load: list[float] = field(default_factory=list)
    commit: str = ""
    failure: str = ""

    def comparison(self) -> Comparison | None:
        """Compare the rounds in which both sides were measured; None if there are none."""
        if self.figure.kind in _ALONE:
            return None
        whole = min(len(self.samples[side]) for side in SIDES)
        if not whole:
            return None
        stock, ours = (self.samples[side][:whole] for side in SIDES)
        return compare(stock, ours, more_is_better=self.figure.kind == "count")

    def alone(self) -> Spread | None:
        """Sum up what is measured of ours alone; None for any other figure, and without samples."""
        ours = self.samples["ours"]
        return spread(ours) if self.figure.kind in _ALONE and ours else None

    @property
    def target(self) -> float:
        """Give the target as a ratio; for a count as often as stock's, infinite where that is none."""
        found = self.comparison()
        if self.figure.kind == "ratio" or found is None:
            return self.figure.target
        return self.figure.target / found.stock.median if found.stock.median else float("inf")

    def reached(self) -> bool | None:
        """Tell whether the target was reached, by the median of the pairs; None without samples."""
        if (alone := self.alone()) is not None:
            target = self.figure.target
            return alone.median <= target if self.figure.kind == "most" else alone.median >= target
        found = self.comparison()
        if found is None:
            return None
        reached = found.of_pairs if self.figure.kind == "ratio" else found.ours.median
        return reached >= self.figure.target


@dataclass(frozen=True, slots=True)
class Run:
    """What a run was: where, and of which engine."""

    machine: Machine
    engine: str | None = None

    @property
    def words(self) -> str:
        """Say it in a line, for people."""
        return f"engine {self.engine or 'zygote'}"


def to_json(results: list[Result], run: Run) -> str:
    """Give everything, to be read again by a program; what is infinite becomes null."""
    figures = []
    for result in results:
        entry: dict[str, Any] = {**asdict(result.figure), "reached": result.reached()}
        found = result.comparison()
        alone = result.alone()
        entry["comparison"] = _finite(asdict(found)) if found else None
        entry["ours"] = asdict(alone) if alone else None
        entry |= {"samples": result.samples, "steps": result.steps, "load": result.load}
        figures.append({**entry, "commit": result.commit, "failure": result.failure})
    whole = {
        "machine": asdict(run.machine),
        "engine": run.engine or "zygote",
        "figures": figures,
    }
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"


def from_json(text: str) -> list[Result]:
    """Read again what :func:`to_json` has written; a figure that there is no more is left out."""
    known = {figure.name: figure for figure in FIGURES}
    return [
        Result(
            known[entry["name"]],
            **{key: entry[key] for key in ("samples", "steps", "load", "commit", "failure") if key in entry},
        )
        for entry in json.loads(text)["figures"]
        if entry["name"] in known
    ]


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def to_markdown(results: list[Result], run: Run) -> str:
    """Give the table, and below it what is timed."""
    machine = run.machine
    verdicts = [result.reached() for result in results]
    count = f"{verdicts.count(True)} of {len(results)} targets are reached."
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    lines = [
        "# The live server beside stock Voila",
        "",
        f"**{count}** {machine.date}, commit {machine.commit}, {run.words}. {machine.system},"
        f" {machine.processor}, {machine.cores} cores, {machine.memory_gb:g} GB;"
        f" load {machine.load[0]:g} before, {machine.load[1]:g} after. Python {machine.python}, {versions}.",
        "",
        "Stock is Voila as it comes, by its own command in the same environment, with its defaults."
        " Stock and ours were measured in turn. A cell is the median, in brackets lowest–highest and the"
        " quartiles. A target is reached by the median of the ratios of each round, a number of readers by"
        " its own median. Load is that of the last minute, when the figure's rounds began and ended. A row"
        " that this run did not measure is an older one's, as its commit tells.",
        "",
        "| " + " | ".join(_COLUMNS) + " |",
        "| " + " | ".join(["---"] * len(_COLUMNS)) + " |",
        *map(_row, results),
        "",
        "## What is measured",
        "",
    ]
    for result in results:
        lines += [f"**{result.figure.title}** (`{result.figure.name}`). {result.figure.how}"]
        if result.failure:
            lines += ["", f"Broken off: {result.failure}"]
        lines += [""]
    return "\n".join(lines)


def number(value: float) -> str:
    """Write a value with three digits that count."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _row(result: Result) -> str:
    figure = result.figure
    target = {
        "ratio": f"{figure.target:g}×",
        "count": f"{figure.target:g} {figure.unit}",
        "most": f"at most {figure.target:g} {figure.unit}",
        "least": f"at least {figure.target:g} {figure.unit}",
    }[figure.kind]
    verdict = "pass" if result.reached() else "**fail**"
    if (alone := result.alone()) is not None:
        cells, rounds = ["", _cell(alone, figure.unit), "", ""], alone.count
    elif (found := result.comparison()) is not None:
        sides = [_cell(found.stock, figure.unit), _cell(found.ours, figure.unit)]
        cells = [*sides, f"{number(found.of_medians)}×", f"**{number(found.of_pairs)}×**"]
        rounds = found.ours.count
    else:
        cells, rounds, verdict = ["–"] * 4, 0, "**not measured**"
    load = " → ".join(f"{value:g}" for value in result.load)
    whole = [figure.title, *cells, target, verdict, str(rounds), load, result.commit]
    return "| " + " | ".join(whole) + " |"


def _cell(spread: Spread, unit: str) -> str:
    ends = f"{number(spread.low)}–{number(spread.high)}"
    quartiles = f"{number(spread.lower_quartile)}–{number(spread.upper_quartile)}"
    return f"{number(spread.median)} {unit} ({ends}; {quartiles})"
