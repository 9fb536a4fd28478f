"""``python -m benchmarks live``: runs what was asked for and writes the results; ``pages`` is a module.

``blog bench`` starts it.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from blog.errors import UserError
from tqdm import tqdm

from benchmarks import machine, plot, results
from benchmarks.bench import Bench
from benchmarks.figures import FIGURES, MEASUREMENTS, Measurement
from benchmarks.results import Result

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PARTIAL = ROOT / ".state" / "bench"
"""Where a run of some figures goes: the whole table of another run is not lost to it."""


def run(
    chosen: Sequence[str], rounds: int, bench: Bench, keep: Callable[[list[Result]], object]
) -> list[Result]:
    """Measure figures by their names, stock and ours in turn, and give their results in the table's order.

    A measurement that fails keeps the rounds it has, says why in its results, and the others go on. ``keep``
    is called with the results of each measurement when it is done: the next may take an hour.
    """
    found = {figure.name: Result(figure) for figure in FIGURES if figure.name in chosen}
    wanted = [one for one in MEASUREMENTS if any(figure.name in found for figure in one.figures)]
    with tqdm(total=rounds * sum(len(one.sides) for one in wanted), unit="run", dynamic_ncols=True) as bar:
        for one in wanted:
            kept = [found[figure.name] for figure in one.figures if figure.name in found]
            begin = machine.load()
            try:
                _measure(one, rounds, bench, kept, bar)
            except UserError:
                raise
            except Exception as error:  # whatever it is: hours of other figures must not be lost
                bar.write(traceback.format_exc(), file=sys.stderr)
                for result in kept:
                    result.failure = f"{type(error).__name__}: {error}".partition("\n")[0]
            for result in kept:
                result.load = [begin, machine.load()]
                result.commit = machine.commit(ROOT)
            keep(kept)
    return list(found.values())


def _measure(one: Measurement, count: int, bench: Bench, kept: list[Result], bar: Any) -> None:
    bar.set_description(one.figures[0].name)
    with one.running(replace(bench, bytecode=one.bytecode)) as once:
        for _ in range(count):
            for side in one.sides:
                bar.set_postfix_str(side)
                sample = dict(once(side))
                values = {figure.name: sample.pop(figure.key) for figure in one.figures}
                for result in kept:
                    result.samples[side].append(values[result.figure.name])
                    result.steps[side].append({key: round(value, 4) for key, value in sample.items()})
                bar.update()


def save(found: list[Result], told: results.Run, out: Path) -> str:
    """Write the table, the JSON and the plot into a folder, and give the table.

    Rows that are there and were not measured now stay.
    """
    out.mkdir(parents=True, exist_ok=True)
    if (before := out / "live.json").is_file():
        rows = {one.figure.name: one for one in results.from_json(before.read_text(encoding="utf-8")) + found}
        found = [rows[figure.name] for figure in FIGURES if figure.name in rows]
    (out / "live.json").write_text(results.to_json(found, told), encoding="utf-8")
    table = results.to_markdown(found, told)
    if plot.save(found, told, out / "live.svg", out / "live.png"):
        table += "![How many times better each figure is](live.svg)\n"
    (out / "live.md").write_text(table, encoding="utf-8")
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and write; the exit code is 1 where a figure could not be measured, 2 for a user's error."""
    given = sys.argv[1:] if argv is None else argv
    if given[:1] == ["pages"]:
        from benchmarks import pages

        return pages.main(given[1:])
    names = [figure.name for figure in FIGURES]
    parser = argparse.ArgumentParser(prog="blog bench", allow_abbrev=False)
    parser.add_argument("benchmark", choices=("live",))
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--only", action="append", choices=names)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--engine", choices=("zygote", "stock"))
    asked = parser.parse_args(given)
    # Ctrl-C, a terminal that is closed, a deadline: each ends all that was started.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    before = machine.load()
    out = asked.out or (PARTIAL if asked.only else RESULTS)

    def keep(found: list[Result]) -> str:
        return save(found, results.Run(machine.look(ROOT, before), asked.engine), out)

    try:
        with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
            # Where kernels have user ids of their own, they read the notebooks.
            Path(folder).chmod(0o755)
            bench = Bench(Path(folder), asked.engine)
            found = run(asked.only or names, asked.rounds, bench, keep)
    except UserError as error:
        print(f"blog: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(keep(found))
    print(f"Written to {out}")
    return 1 if any(result.failure for result in found) else 0


if __name__ == "__main__":
    sys.exit(main())
