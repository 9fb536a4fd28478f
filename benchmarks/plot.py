"""The plot: how many times better each figure is, on a logarithmic axis, with its target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.machine import Machine
from benchmarks.results import Result, number

INK, OURS, TARGET, GRID = "#1f2328", "#0b6e6e", "#b3441a", "#d8dcdf"
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "bench",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def save(results: list[Result], machine: Machine, path: Path) -> bool:
    """Write the plot; False where there is no ratio to show.

    A small dot is one round, the large one the median of the rounds, the upright mark the target. Text
    stays text: the file is small and can be searched.
    """
    shown = [(r, c) for r in results if r.figure.kind == "ratio" and (c := r.comparison()) is not None]
    if not shown:
        return False
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(9, 1.5 + 0.55 * len(shown)), layout="constrained")
        axes = canvas.subplots()
        for place, (result, found) in enumerate(shown):
            axes.hlines(place, 1, found.of_pairs, color=OURS, linewidth=2, alpha=0.35, zorder=1)
            axes.plot(found.pairs, [place] * len(found.pairs), "o", color=OURS, markersize=3.5, alpha=0.45)
            axes.plot(found.of_pairs, place, "o", color=OURS, markersize=9, zorder=3)
            axes.plot(result.figure.target, place, "|", color=TARGET, markersize=19, markeredgewidth=2.5)
            axes.annotate(
                f"{number(found.of_pairs)}×",
                (found.of_pairs, place),
                xytext=(0, 8),
                textcoords="offset points",
                ha="center",
                fontsize=10,
                fontweight="bold",
            )
        axes.set_xscale("log")
        highest = max(max(*found.pairs, result.figure.target) for result, found in shown)
        lowest = min(min(found.pairs) for _, found in shown)
        axes.set_xlim(min(0.8, 0.8 * lowest), 1.6 * highest)
        axes.set_xticks([n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500) if n < 1.6 * highest])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_yticks(range(len(shown)), [result.figure.title for result, _ in shown])
        axes.set_ylim(len(shown) - 0.4, -0.7)
        axes.tick_params(which="both", length=0)
        axes.grid(axis="x", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        for side in ("top", "right", "left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.set_xlabel("times less than stock Voila; the upright mark is the target")
        loads = [value for result, _ in shown for value in result.load]
        canvas.suptitle(
            f"{machine.date} · commit {machine.commit} · Voila {machine.versions['voila']} ·"
            f" {machine.cores} cores, load {min(loads):g}–{max(loads):g}",
            fontsize=9,
            ha="right",
            x=0.99,
        )
        canvas.savefig(path, format="svg", facecolor="white", metadata={"Date": None})
    return True
