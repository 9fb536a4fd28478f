"""The report as JSON: what is written is read again, and nothing else is."""

import json
from typing import Any

import pytest
from livekernel.watch.report import ReportError, from_json, short, to_json
from support.reports import FULL, Report


@pytest.mark.parametrize("report", [FULL, Report()])
def test_what_is_written_is_read_again(report: Report) -> None:
    assert from_json(to_json(report)) == report


def test_a_key_that_has_a_default_may_be_missing() -> None:
    assert from_json("{}") == Report()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"extra": 1}, "extra: unknown key"),
        ({"sessions": [{"id": "x", "port": 1}]}, "sessions[0].port: unknown key"),
        ({"sessions": [{"id": "x"}]}, "sessions[0]: "),
        ({"sessions": {}}, "sessions: {} is of the wrong type"),
        ({"queue": "1"}, "queue: '1' is of the wrong type"),
        ({"queue": True}, "queue: True is of the wrong type"),
        ({"queue": 1.5}, "queue: 1.5 is of the wrong type"),
        ({"queue": None}, "queue: None is of the wrong type"),
        ({"refusals": {"busy": "3"}}, "refusals.busy: '3'"),
        ({"sandbox_missing": [1]}, "sandbox_missing[0]: 1"),
        (
            {"generations": [{"notebook": "n", "number": 1, "state": "odd", "way": "all cells"}]},
            "generations[0].state: 'odd' is none of warming, ready, retiring, unavailable",
        ),
    ],
)
def test_a_fault_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ReportError) as raised:
        from_json(json.dumps(change))
    assert str(raised.value).startswith(says)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, b"\xff\xfe\xff"])
def test_what_is_no_object_is_no_report(text: str | bytes) -> None:
    with pytest.raises(ReportError):
        from_json(text)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ReportError, match="notebook"):
        from_json('{"sessions": [{"id": "x", "generation": 1, "state": "live", "seconds": 1}]}')


def test_whole_seconds_are_seconds() -> None:
    session = '{"id": "x", "notebook": "n", "generation": 1, "state": "live", "seconds": 1}'
    assert from_json(f'{{"sessions": [{session}]}}').sessions[0].seconds == 1.0


def test_a_short_name_says_nothing_of_the_id() -> None:
    kernel = "0b0e8a2f-3c35-4a4e-9a0e-6d3a3a0d7a11"
    assert len(short(kernel)) == 8
    assert short(kernel) == short(kernel)
    assert short(kernel) != short(kernel[:-1] + "2")
    assert short(kernel) not in kernel
