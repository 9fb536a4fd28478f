"""The benchmarks' own arithmetic, what they read from Linux, and what they write; nothing is measured."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import cgroup, far, figures, pages, plot, processes, protocol, results, servers, summary
from benchmarks.__main__ import main, run, save
from benchmarks.bench import Bench
from benchmarks.figures import Measurement
from benchmarks.machine import Machine

MACHINE = Machine(
    date="2026-01-02 03:04 UTC",
    commit="abc1234",
    python="3.11",
    system="Linux 6.1",
    processor="a processor",
    cores=2,
    memory_gb=8.0,
    load=(0.25, 1.5),
    versions={"voila": "0.5.13"},
)
RUN = results.Run(MACHINE)


def result(figure: figures.Figure, stock: list[float], ours: list[float]) -> results.Result:
    return results.Result(figure, {"stock": stock, "ours": ours}, load=[0.5, 0.75])


def test_a_ratio_is_the_median_of_the_rounds_own() -> None:
    found = summary.compare([10, 30, 20], [1, 2, 10])
    assert found.pairs == (10, 15, 2)
    assert found.of_pairs == 10
    assert found.of_medians == 10
    assert (found.ours.low, found.ours.median, found.ours.high) == (1, 2, 10)


def test_of_readers_there_are_to_be_more() -> None:
    assert summary.compare([4, 4], [16, 12], more_is_better=True).pairs == (4, 3)


@pytest.mark.parametrize(
    ("figure", "stock", "ours", "reached"),
    [
        (figures.CLIENT, 40.0, 2.0, True),
        (figures.CLIENT, 39.0, 2.0, False),
        (figures.CGROUP, 4.0, 16.0, True),
        (figures.CGROUP, 1.0, 15.0, False),
    ],
)
def test_a_target_is_reached_or_not(figure: figures.Figure, stock: float, ours: float, reached: bool) -> None:
    one = result(figure, [stock], [ours])
    assert one.reached() is reached
    assert ("| pass |" if reached else "| **fail** |") in results.to_markdown([one], RUN)


@pytest.mark.parametrize(
    ("figure", "ours", "reached"),
    [
        (figures.FIRST_TOUCH, 150.0, True),
        (figures.FIRST_TOUCH, 151.0, False),
        (figures.READING, 0.0, True),
        (figures.READING, 1.0, False),
        (figures.CGROUP_TOUCH, 16.0, True),
        (figures.CGROUP_TOUCH, 15.0, False),
    ],
)
def test_what_is_measured_alone_has_a_bound(figure: figures.Figure, ours: float, reached: bool) -> None:
    one = result(figure, [], [ours])
    assert one.reached() is reached
    row = next(line for line in results.to_markdown([one], RUN).splitlines() if f"| {figure.title} |" in line)
    assert ("| pass |" if reached else "| **fail** |") in row
    assert json.loads(results.to_json([one], RUN))["figures"][0]["ours"]["median"] == ours


def test_a_far_reader_waits_for_every_round_trip_and_for_the_rate() -> None:
    """A relay of a tenth of a second a trip: the connection, and the answer, each take one."""
    content = b"x" * 200_000
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                assert connection.recv(10) == b"ask"
                connection.sendall(content)

        answering = threading.Thread(target=answer)
        answering.start()
        with far.line(server.getsockname()[1], trip=0.1, bits_per_second=8e6) as port:
            begun = time.monotonic()
            with socket.create_connection(("127.0.0.1", port), 30) as reader:
                reader.sendall(b"ask")
                got = b""
                while more := reader.recv(65536):
                    got += more
            taken = time.monotonic() - begun
        answering.join()
    assert got == content
    # Two trips, and 200 kB at a megabyte a second: it can't be sooner, whatever the machine does.
    assert taken >= 0.4


def test_the_table_names_the_machine_and_every_figure() -> None:
    every = [result(figure, [figure.target * 2] * 2, [2.0, 1.0]) for figure in figures.FIGURES]
    table = results.to_markdown(every, RUN)
    assert "2 cores, 8 GB; load 0.25 before, 1.5 after" in table
    for figure in figures.FIGURES:
        assert f"| {figure.title} |" in table
        assert f"(`{figure.name}`)" in table


def test_a_figure_that_could_not_be_measured_says_why() -> None:
    failed = results.Result(figures.KERNEL, failure="GoneError: no answer")
    table = results.to_markdown([failed], RUN)
    assert "**not measured**" in table
    assert "Broken off: GoneError: no answer" in table


def test_rows_that_were_not_measured_now_stay_as_they_were(tmp_path: Path) -> None:
    older = [result(figures.CLIENT, [40.0], [2.0]), result(figures.KERNEL, [90.0], [1.0])]
    for one in older:
        one.commit = "older11"
    save(older, RUN, tmp_path)
    newer = result(figures.KERNEL, [30.0], [1.0])
    newer.commit = "newer22"
    save([newer], RUN, tmp_path)
    kernel, client = results.from_json((tmp_path / "live.json").read_text())
    assert (kernel.samples["stock"], kernel.commit, kernel.load) == ([30.0], "newer22", [0.5, 0.75])
    assert (client.samples["stock"], client.commit) == ([40.0], "older11")
    rows = (tmp_path / "live.md").read_text().splitlines()
    assert sum("older11" in row for row in rows) == sum("newer22" in row for row in rows) == 1


def test_what_was_measured_is_kept_when_the_rest_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def measured(_: Bench) -> Iterator[Callable[[str], dict[str, float]]]:
        yield lambda side: {"kernel": 8.0 if side == "stock" else 2.0}

    @contextmanager
    def broken_off(_: Bench) -> Iterator[Callable[[str], dict[str, float]]]:
        raise KeyboardInterrupt
        yield

    made = [Measurement((figures.KERNEL,), measured), Measurement((figures.IDLE,), broken_off)]
    monkeypatch.setattr("benchmarks.__main__.MEASUREMENTS", made)
    kept: list[results.Result] = []
    with pytest.raises(KeyboardInterrupt):
        run(["kernel", "memory-idle"], 2, Bench(tmp_path), kept.extend)
    (one,) = kept
    assert one.samples == {"stock": [8.0, 8.0], "ours": [2.0, 2.0]}


def test_the_data_is_json_that_any_reader_takes() -> None:
    text = results.to_json([result(figures.CGROUP, [0.0], [16.0])], RUN)
    told = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert told["machine"]["load"] == [0.25, 1.5]
    assert told["figures"][0]["reached"] is True
    assert told["figures"][0]["comparison"]["of_pairs"] is None


def test_the_plot_is_written_in_both_formats_and_its_text_stays_text(tmp_path: Path) -> None:
    every = [result(figures.CLIENT, [40.0, 44.0], [2.0, 2.0]), result(figures.CGROUP, [4.0], [15.0])]
    assert plot.save(every, RUN, tmp_path / "a.svg", tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    drawn = (tmp_path / "a.svg").read_text()
    for words in (figures.CLIENT.title, "4 → 15", "3.75×", "abc1234"):
        assert words in drawn
    assert plot.save(every, RUN, tmp_path / "b.svg")
    assert (tmp_path / "b.svg").read_text() == drawn


def test_nothing_is_drawn_without_a_number(tmp_path: Path) -> None:
    assert not plot.save([results.Result(figures.CLIENT)], RUN, tmp_path / "a.svg")
    assert not list(tmp_path.iterdir())


def test_memory_is_read_as_linux_writes_it() -> None:
    text = (
        "0-1 ---p 0 00:00 0 [rollup]\nPss: 7 kB\nPss_Dirty: 5 kB\nPrivate_Clean: 1 kB\nPrivate_Dirty: 2 kB\n"
    )
    assert processes.parse_rollup(text, "Private_") == 3 * 1024
    assert processes.parse_rollup(text, "Pss:") == 7 * 1024


def test_a_process_own_time_is_exact() -> None:
    before, exact = processes.own_seconds(os.getpid()), time.process_time()
    sum(range(200_000))
    spent = time.process_time() - exact
    assert processes.own_seconds(os.getpid()) - before == pytest.approx(spent, abs=0.005)


def test_what_a_child_has_used_is_counted_after_its_end() -> None:
    before = processes.cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(5_000_000))"], check=True)
    assert processes.cpu_seconds(os.getpid()) - before > 0.05


@pytest.mark.parametrize(
    ("text", "kills"),
    [
        ("low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\noom_group_kill 0\n", 1),
        ("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", 3),
        ("oom_kill_disable 0\nunder_oom 0\n", 0),
    ],
)
def test_kills_are_read_in_both_versions(text: str, kills: int) -> None:
    assert cgroup.parse_kills(text) == kills


def test_a_page_of_voilas_tells_its_kernel() -> None:
    kernel = str(uuid.uuid4())
    assert protocol.kernel_id(f'{{"baseUrl": "/", "kernelId": "{kernel}"}}') == kernel
    assert protocol.kernel_id("<p>kernelId</p>") is None


def test_what_is_no_message_is_a_value_error() -> None:
    whole = protocol.update("widget", value=1)
    assert protocol.read(whole).kind == "comm_msg"
    for raw in (b"", whole[:-3], whole[:60]):
        with pytest.raises(ValueError, match=r"."):
            protocol.read(raw)


def test_each_reader_comes_from_another_address(tmp_path: Path) -> None:
    server = servers.Server(1, servers.Address(80), tmp_path)
    sources = [server.reader().address.source for _ in range(600)]
    assert len(set(sources)) == 600
    assert all(all(0 < int(part) < 255 for part in one.split(".")[2:]) for one in sources)


def test_the_environment_is_a_clean_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "/elsewhere")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    told = servers.environment(tmp_path)
    assert "JUPYTER_PATH" not in told
    assert "PYTHONDONTWRITEBYTECODE" not in told
    assert "PYTHONPYCACHEPREFIX" in servers.environment(tmp_path, bytecode=False)


def test_what_a_server_leaves_behind_is_ended() -> None:
    with subprocess.Popen(["sh", "-c", "sleep 600 & echo $!; wait"], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        left = int(parent.stdout.readline())
        below = processes.below(parent.pid)
        assert [one.pid for one in below] == [left]
        parent.send_signal(signal.SIGKILL)
    processes.end(below, patience=0.1)
    assert not Path(f"/proc/{left}").exists() or below[0].status() == "zombie"


@pytest.mark.parametrize("arguments", [[], ["live", "--only", "nothing"]])
def test_a_wrong_command_is_the_users(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_every_figure_is_measured_by_one_measurement() -> None:
    measured = [figure for one in figures.MEASUREMENTS for figure in one.figures]
    assert sorted(figure.name for figure in measured) == sorted(figure.name for figure in figures.FIGURES)


def test_a_notebook_is_written_with_the_index_of_a_build(tmp_path: Path) -> None:
    from benchmarks import notebook

    path = Bench(tmp_path).write("x", notebook.demo(8))
    told = json.loads((tmp_path / "x" / "live.json").read_text())
    (entry,) = told["notebooks"].values()
    assert path == tmp_path / "x" / "notebooks" / entry["path"]
    assert entry["cells"] == {notebook.LIVE_CELL: 6}


def test_the_search_is_measured_by_every_kind_of_question() -> None:
    found = pages.measure(3, 1)
    assert [kind for kind, *_ in found] == [kind for kind, _ in pages.questions(pages.Language())]
    told = pages.table(found, 3, (0.5, 0.6))
    assert told.count("\n| ") == len(found) + 1
    assert "# Search in 3 posts" in told
