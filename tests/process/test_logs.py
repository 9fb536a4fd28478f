"""The logs of services are of bounded size and keep the last lines at hand."""

from pathlib import Path

from blog.supervise.logs import Log
from blog.supervise.service import Patience


def test_a_log_is_put_aside_when_it_is_full(tmp_path: Path) -> None:
    log = Log(tmp_path / "voila.log", limit=1000)
    for number in range(500):
        log.write(f"line {number}\n".encode())
    log.close()
    files = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert sorted(files) == ["voila.log", "voila.log.1"]
    assert max(files.values()) <= 1000
    assert (tmp_path / "voila.log").read_text().endswith("line 499\n")


def test_the_last_runs_log_is_kept(tmp_path: Path) -> None:
    for run in ("first", "second", "third"):
        log = Log(tmp_path / "nginx.log")
        log.write(run.encode())
        log.close()
    assert (tmp_path / "nginx.log").read_text() == "third"
    assert (tmp_path / "nginx.log.1").read_text() == "second"


def test_the_tail_is_short_and_told_once(tmp_path: Path) -> None:
    log = Log(tmp_path / "a.log")
    log.write(b"".join(b"line %d\n" % n for n in range(100)) + b"\xff" * 5000)
    tail = log.tail()
    assert tail[-2:] == ["line 99", "\N{REPLACEMENT CHARACTER}" * 400]
    assert len(tail) == 12
    assert log.tail() == []
    log.close()


def test_patience_doubles_to_a_limit_and_comes_back() -> None:
    patience = Patience()
    assert [patience.after(1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert patience.failures == 8
    assert patience.after(61) == 0.5
    assert patience.failures == 1
