"""A kernel is judged by its numbers."""

from dataclasses import replace

import pytest
from livekernel.watch.guardian import Limits, Reason, Seen, Verdict, judge

LIMITS = Limits(private=100, callback=10, life=3600, idle=600)
FINE = Seen(started=0, used=0, private=50, cpu=7, cpu_before=2)


def test_who_keeps_the_limits_goes_on() -> None:
    assert judge(LIMITS, FINE, 599) is None


@pytest.mark.parametrize(
    ("change", "now", "verdict"),
    [
        ({"private": 101}, 1, Verdict(Reason.MEMORY, 101, 100)),
        ({"cpu": 13}, 1, Verdict(Reason.TIME, 11, 10)),
        ({"used": 3600}, 3601, Verdict(Reason.LIFE, 3601, 3600)),
        ({}, 601, Verdict(Reason.IDLE, 601, 600)),
        ({"cpu_before": None}, 601, Verdict(Reason.IDLE, 601, 600)),
    ],
)
def test_who_is_over_a_limit_is_to_end(change: dict[str, float], now: float, verdict: Verdict) -> None:
    assert judge(LIMITS, replace(FINE, **change), now) == verdict


@pytest.mark.parametrize(
    ("change", "now"), [({"private": 100}, 1), ({"cpu": 12}, 1), ({"used": 3600}, 3600), ({}, 600)]
)
def test_at_a_limit_is_not_over_it(change: dict[str, float], now: float) -> None:
    assert judge(LIMITS, replace(FINE, **change), now) is None


def test_seconds_of_earlier_callbacks_do_not_count() -> None:
    assert judge(LIMITS, replace(FINE, cpu=1009, cpu_before=1000), 1) is None
    assert judge(LIMITS, replace(FINE, cpu=1009, cpu_before=None), 1) is None


def test_what_could_not_be_read_is_no_offence() -> None:
    assert judge(LIMITS, replace(FINE, private=None, cpu=None), 1) is None


def test_without_limits_everything_goes() -> None:
    assert judge(Limits(), replace(FINE, private=10**12, cpu=10**9), 10**9) is None


def test_what_harms_others_most_is_told_first() -> None:
    seen = Seen(started=0, used=0, private=1000, cpu=1000, cpu_before=0)
    order = []
    limits = LIMITS
    for field in ("private", "callback", "life", "idle"):
        verdict = judge(limits, seen, 10**6)
        assert verdict is not None
        order.append(verdict.reason.value)
        limits = replace(limits, **{field: None})
    assert order == ["memory", "time", "life", "idle"]
