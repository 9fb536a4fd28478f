"""The plot: how many times better each figure is, on a logarithmic axis, with its target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.results import Result, Run, number
from benchmarks.summary import Comparison

INK, OURS, TARGET, GRID = "#1f2328", "#0b6e6e", "#b3441a", "#d8dcdf"
"""Teal and rust differ for those who see red and green alike; what is reached is told by shape as well."""

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

_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def save(results: list[Result], run: Run, *paths: Path) -> bool:
    """Write the plot, in the format that each path's name ends with; False where there is no ratio to show.

    A small dot is one round; the large one is the median of the rounds, filled where the target is reached;
    the upright mark is the target. In the SVG text stays text: the file is small and can be searched.
    """
    shown = [(r, c) for r in results if (c := r.comparison()) is not None and c.stock.median]
    if not shown:
        return False
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(10, 1.9 + 0.62 * len(shown)), layout="constrained")
        axes = canvas.subplots()
        for place, (result, found) in enumerate(shown):
            _row(axes, place, result, found)
        _axes(axes, shown)
        axes.annotate(
            _origin(run),
            (1, -0.5 / len(shown) - 0.06),
            xycoords="axes fraction",
            ha="right",
            va="top",
            fontsize=8.5,
            annotation_clip=False,
        )
        canvas.suptitle(
            "The live server beside stock Voila: how many times better", x=0.01, ha="left", fontweight="bold"
        )
        canvas.legend(handles=_legend(), loc="outside lower left", ncols=4, frameon=False, fontsize=9)
        for path in paths:
            dated: Any = {"Date": None} if path.suffix == ".svg" else None
            canvas.savefig(path, facecolor="white", dpi=150, metadata=dated)
    return True


def _origin(run: Run) -> str:
    machine = run.machine
    return (
        f"{machine.date} · commit {machine.commit} · Voila {machine.versions['voila']} · {run.words}\n"
        f"{machine.cores} cores, {machine.memory_gb:g} GB, load {machine.load[0]:g} → {machine.load[1]:g}"
    )


def _row(axes: Any, place: int, result: Result, found: Comparison) -> None:
    median = found.of_pairs
    inside = "white" if not result.reached() else OURS
    axes.hlines(place, 1, median, color=OURS, linewidth=2, alpha=0.35, zorder=1)
    axes.plot(found.pairs, [place] * len(found.pairs), "o", color=OURS, markersize=3.5, alpha=0.45)
    axes.plot(median, place, "o", markerfacecolor=inside, **_RING, zorder=3)
    axes.plot(result.target, place, "|", **_MARK, zorder=4)
    stock, ours = (
        f"{number(one.median)} {result.figure.unit}".removesuffix(" readers")
        for one in (found.stock, found.ours)
    )
    axes.annotate(
        f"{number(median)}×",
        (median, place),
        xytext=(0, 12),
        textcoords="offset points",
        ha="center",
        fontsize=10.5,
        fontweight="bold",
    )
    # In the margin on the right, where no dot can lie.
    axes.annotate(
        f"{stock} → {ours}",
        (1, place),
        xycoords=("axes fraction", "data"),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
        annotation_clip=False,
    )


def _axes(axes: Any, shown: list[tuple[Result, Comparison]]) -> None:
    highest = max(max(*found.pairs, result.target) for result, found in shown)
    lowest = min(min(found.pairs) for _, found in shown)
    axes.set_xscale("log")
    axes.set_xlim(min(0.9, 0.9 * lowest), 1.35 * highest)
    axes.set_xticks([n for n in _TICKS if n < 1.35 * highest])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yticks(range(len(shown)), [result.figure.title for result, _ in shown])
    axes.set_ylim(len(shown) - 0.5, -0.75)
    axes.tick_params(which="both", length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel("times less than stock (readers: times more)\non the right stock → ours, medians")


_RING: Any = {"markeredgecolor": OURS, "markeredgewidth": 2, "markersize": 9.5, "linestyle": "none"}
_MARK: Any = {"color": TARGET, "markersize": 17, "markeredgewidth": 2.5, "linestyle": "none"}


def _legend() -> list[Line2D]:
    return [
        Line2D([], [], marker="o", markerfacecolor=OURS, label="median, target reached", **_RING),
        Line2D([], [], marker="o", markerfacecolor="white", label="median, target missed", **_RING),
        Line2D(
            [], [], marker="o", color=OURS, markersize=3.5, alpha=0.45, linestyle="none", label="one round"
        ),
        Line2D([], [], marker="|", label="target", **{**_MARK, "markersize": 13}),
    ]
