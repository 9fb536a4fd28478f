"""Metrics as Prometheus' own parsers read them."""

from dataclasses import replace

import pytest
from livekernel.watch.metrics import exposition
from livekernel.watch.report import Report
from prometheus_client import openmetrics
from prometheus_client.openmetrics import parser as _  # noqa: F401  (makes the attribute)
from prometheus_client.parser import text_string_to_metric_families
from support.reports import FULL, MEGABYTE


def samples(report: Report) -> dict[tuple[str, ...], float]:
    """Give each sample's value by its name and labels' values."""
    text, content_type = exposition(report)
    assert content_type.startswith("text/plain; version=0.0.4")
    found: dict[tuple[str, ...], float] = {}
    for family in text_string_to_metric_families(text.decode()):
        assert family.documentation
        for sample in family.samples:
            key = (sample.name, *sample.labels.values())
            assert key not in found, f"{key} is told twice"
            found[key] = sample.value
    return found


def test_everything_of_the_report_is_told() -> None:
    assert samples(FULL) == {
        ("livekernel_sessions",): 3,
        ("livekernel_queue",): 2,
        ("livekernel_starts_total",): 57,
        ("livekernel_refusals_total", "busy"): 3,
        ("livekernel_refusals_total", "memory"): 1,
        ("livekernel_ended_total", "idle"): 40,
        ("livekernel_ended_total", "memory"): 2,
        ("livekernel_memory_left_bytes",): 1500 * MEGABYTE,
        ("livekernel_session_private_sum_bytes",): 80 * MEGABYTE,
        ("livekernel_session_private_max_bytes",): 60 * MEGABYTE,
        ("livekernel_generation_info", "demos/atlas", "ready", "warm cells"): 1,
        ("livekernel_generation_info", "posts/gold", "ready", "all cells"): 1,
        ("livekernel_generation_info", "posts/gold", "retiring", "all cells"): 1,
        ("livekernel_generation_info", 'posts/"odd"\\', "unavailable", "all cells"): 1,
        ("livekernel_zygote_private_bytes", "demos/atlas"): 5 * MEGABYTE,
        ("livekernel_zygote_private_bytes", "posts/gold"): 40 * MEGABYTE,
        ("livekernel_zygote_shared_bytes", "demos/atlas"): 100 * MEGABYTE,
        ("livekernel_zygote_shared_bytes", "posts/gold"): 450 * MEGABYTE,
        ("livekernel_sandbox_holds", "no new privileges"): 1,
        ("livekernel_sandbox_holds", "seccomp"): 1,
        ("livekernel_sandbox_holds", "Landlock for TCP"): 0,
    }


def test_two_generations_of_a_notebook_that_are_alike_are_one_sample() -> None:
    twice = replace(FULL, generations=(FULL.generations[0], replace(FULL.generations[0], number=9)))
    assert samples(twice)["livekernel_generation_info", "posts/gold", "retiring", "all cells"] == 1


def test_a_server_without_readers_tells_zeros_and_leaves_out_what_is_not_known() -> None:
    found = samples(Report())
    assert found["livekernel_sessions",] == found["livekernel_session_private_max_bytes",] == 0
    assert ("livekernel_memory_left_bytes",) not in found


def test_the_number_of_samples_does_not_grow_with_sessions() -> None:
    many = replace(FULL, sessions=tuple(replace(FULL.sessions[0], id=f"{n:08x}") for n in range(50)))
    assert set(samples(many)) == set(samples(FULL))


@pytest.mark.parametrize(
    "accept", ["application/openmetrics-text; version=1.0.0", "application/openmetrics-text"]
)
def test_openmetrics_is_given_to_who_asks_for_it(accept: str) -> None:
    text, content_type = exposition(FULL, accept)
    assert content_type.startswith("application/openmetrics-text")
    names = {family.name for family in openmetrics.parser.text_string_to_metric_families(text.decode())}
    assert {"livekernel_starts", "livekernel_sessions"} <= names
