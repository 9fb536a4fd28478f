"""The journal: a JSON object a line, with nothing in it that opens a session or finds a reader."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from livekernel.watch import journal
from livekernel.watch.journal import Event, network, write
from livekernel.watch.report import short

KERNEL = "0b0e8a2f-3c35-4a4e-9a0e-6d3a3a0d7a11"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = journal.to_stream(stream)
    yield stream
    journal.logger.removeHandler(handler)
    journal.logger.propagate = True


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("event", Event)
def test_every_event_is_a_line(stream: io.StringIO, event: Event) -> None:
    write(event, KERNEL, notebook="posts/gold", generation=2)
    (line,) = lines(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {"event": event, "session": short(KERNEL), "notebook": "posts/gold", "generation": 2}


def test_facts_are_numbers(stream: io.StringIO) -> None:
    write(Event.STARTED, KERNEL, address="203.0.113.77", seconds=1.23456, fork_ms=9.87654321, private=0)
    write(Event.ENDED, KERNEL, reason="memory", cpu=3.0, seconds=75.5, private=1 << 30)
    started, ended = lines(stream)
    assert (started["address"], started["seconds"], started["fork_ms"], started["private"]) == (
        "203.0.113.0", 1.235, 9.877, 0,
    )  # fmt: skip
    assert (ended["reason"], ended["cpu"], ended["private"]) == ("memory", 3.0, 1 << 30)


def test_who_waits_has_no_session_yet(stream: io.StringIO) -> None:
    write(Event.QUEUED, notebook="posts/gold")
    assert "session" not in lines(stream)[0]


def test_nothing_tells_the_kernels_id_or_the_whole_address(stream: io.StringIO) -> None:
    write(Event.ATTACHED, KERNEL, address="2001:db8:1:2:3:4:5:6")
    text = stream.getvalue()
    assert not any(part in text for part in KERNEL.split("-"))
    assert ":3:4:5:6" not in text


def test_no_name_forges_a_line(stream: io.StringIO) -> None:
    evil = 'x"}\n{"event": "ended"}\r\u2028\x1b[31m%s'
    write(Event.REFUSED, notebook=evil, reason=evil)
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert text.isascii()
    assert "\x1b" not in text
    assert lines(stream)[0]["notebook"] == evil


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("2001:db8::1", "2001:db8::"),
        ("2001:db8:1:2::/64", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("::1", "::"),
        ("fe80::1%eth0", "fe80::"),
        ("unix:", "-"),
        ("", "-"),
        ("203.0.113.77, 10.0.0.1", "-"),
    ],
)
def test_an_address_is_cut_as_in_nginxs_log(address: str, cut: str) -> None:
    assert network(address) == cut


def test_a_server_writes_to_its_standard_output_and_nothing_to_its_error() -> None:
    script = (
        "import logging; logging.basicConfig(); from livekernel.watch import journal;"
        "journal.to_stream(); journal.write(journal.Event.STARTED, 'k')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["event"] == "started"
    assert done.stderr == ""
