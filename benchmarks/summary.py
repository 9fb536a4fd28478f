"""Medians, spreads and ratios of samples that were taken in pairs, one of each side in turn."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some samples and how far they lie apart."""

    median: float
    low: float
    high: float
    lower_quartile: float
    upper_quartile: float
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Stock beside ours. Ratios say how many times better ours is.

    ``of_pairs`` is the median of the ratios of each round: what the machine did meanwhile is in both.
    ``pairs`` are these ratios.
    """

    stock: Spread
    ours: Spread
    of_medians: float
    of_pairs: float
    pairs: tuple[float, ...]


def spread(samples: Sequence[float]) -> Spread:
    """Sum up samples; a single one is its own quartile. Raises ValueError for none."""
    if not samples:
        raise ValueError("no samples")
    if len(samples) == 1:
        one = samples[0]
        return Spread(one, one, one, one, one, 1)
    lower, middle, upper = statistics.quantiles(samples, n=4, method="inclusive")
    return Spread(middle, min(samples), max(samples), lower, upper, len(samples))


def compare(stock: Sequence[float], ours: Sequence[float], *, more_is_better: bool = False) -> Comparison:
    """Compare samples of the same rounds; raises ValueError where the rounds don't agree."""
    pairs = tuple(_ratio(a, b, more_is_better) for a, b in zip(stock, ours, strict=True))
    one, other = spread(stock), spread(ours)
    ratio = _ratio(one.median, other.median, more_is_better)
    return Comparison(one, other, ratio, statistics.median(pairs), pairs)


def _ratio(stock: float, ours: float, more_is_better: bool) -> float:
    above, below = (ours, stock) if more_is_better else (stock, ours)
    return above / below if below else float("inf")
