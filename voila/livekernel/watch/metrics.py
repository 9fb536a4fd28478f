"""The report as Prometheus' metrics, in whichever of its text formats is asked for.

Names follow https://prometheus.io/docs/practices/naming/. No label has a value for each session, each
generation or each message: their number would grow without a bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from livekernel.watch.report import Report


def exposition(report: Report, accept: str = "") -> tuple[bytes, str]:
    """Write a report for a scraper that sent this ``Accept``; give the text and its content type.

    The registry is an own one: the library's global one has what jupyter_server put there.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Reported(report))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Reported(Collector):
    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        report = self._report
        private = [session.private for session in report.sessions if session.private is not None]
        yield GaugeMetricFamily("livekernel_sessions", "Kernels of readers that run.", len(report.sessions))
        yield GaugeMetricFamily("livekernel_queue", "Readers who wait for a kernel.", report.queue)
        yield CounterMetricFamily("livekernel_starts", "Kernels started for readers.", report.starts_total)
        yield _counted("livekernel_refusals", "Starts refused, by reason.", report.refusals)
        yield _counted("livekernel_ended", "Sessions ended, by reason.", report.ended)
        if report.memory_left is not None:
            yield GaugeMetricFamily(
                "livekernel_memory_left_bytes",
                "What the machine and every memory cgroup leave.",
                report.memory_left,
            )
        yield GaugeMetricFamily(
            "livekernel_session_private_sum_bytes", "Memory of all kernels' own.", sum(private)
        )
        yield GaugeMetricFamily(
            "livekernel_session_private_max_bytes",
            "Memory of the largest kernel's own.",
            max(private, default=0),
        )
        yield from _generations(report)
        yield _sandbox(report)


def _counted(name: str, documentation: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, documentation, labels=["reason"])
    for reason, count in sorted(counts.items()):
        family.add_metric([reason], count)
    return family


def _generations(report: Report) -> Iterable[Metric]:
    """Sum over a notebook's generations: while one takes the other's place, both hold memory.

    Of equal samples the info is told once, as Prometheus refuses a scrape with one twice.
    """
    info = GaugeMetricFamily(
        "livekernel_generation_info", "Generations by state, always 1.", labels=["notebook", "state", "way"]
    )
    for labels in sorted({(one.notebook, one.state, one.way) for one in report.generations}):
        info.add_metric(labels, 1)
    sizes = {
        "private": GaugeMetricFamily(
            "livekernel_zygote_private_bytes", "Memory of a notebook's zygotes' own.", labels=["notebook"]
        ),
        "shared": GaugeMetricFamily(
            "livekernel_zygote_shared_bytes", "Memory that its kernels share with them.", labels=["notebook"]
        ),
    }
    for name, family in sizes.items():
        sums: dict[str, int] = {}
        for one in report.generations:
            if (size := getattr(one, name)) is not None:
                sums[one.notebook] = sums.get(one.notebook, 0) + size
        for notebook, size in sorted(sums.items()):
            family.add_metric([notebook], size)
    return (info, *sizes.values())


def _sandbox(report: Report) -> Metric:
    family = GaugeMetricFamily(
        "livekernel_sandbox_holds",
        "1 for a part of the sandbox that kernels have, 0 for one they lack.",
        labels=["part"],
    )
    for part in report.sandbox_holds:
        family.add_metric([part], 1)
    for part in report.sandbox_missing:
        family.add_metric([part], 0)
    return family
