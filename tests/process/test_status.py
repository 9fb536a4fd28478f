"""``blog status`` against real servers: what it prints, and what it says where nothing answers."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from blog.status import ADMIN_FILE, SITE_FILE
from livekernel.watch import admin
from support.admin_server import served
from support.reports import FULL
from support.site import COMMAND, free_port

WELL = {"status": "ok", "services": {"site": "ok", "voila": "ok", "nginx": "ok"}, "sessions": 3}


def status(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "status", *options], capture_output=True, text=True, check=False, env=environment or None
    )


@contextmanager
def answering(code: int, body: str) -> Iterator[str]:
    """Answer everything like this."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def live() -> Iterator[str]:
    with served(FULL) as url:
        yield url


@pytest.fixture
def state(tmp_path: Path, live: str) -> Path:
    """A state folder as a live server leaves it."""
    (tmp_path / "run").mkdir()
    admin.announce(tmp_path / ADMIN_FILE, live)
    return tmp_path


def test_it_prints_what_runs(state: Path) -> None:
    with answering(200, json.dumps(WELL)) as site:
        (state / SITE_FILE).write_text(f"{site}\n")
        done = status("--state", str(state))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (Path(__file__).parent / "status.txt").read_text()


def test_a_service_that_is_down_is_told_with_the_rest(state: Path) -> None:
    ill = {**WELL, "status": "unavailable", "services": {"site": "ok", "voila": "down", "nginx": "ok"}}
    with answering(503, json.dumps(ill)) as site:
        (state / SITE_FILE).write_text(site)
        (state / ADMIN_FILE).write_text(f"http://127.0.0.1:{free_port()}\n")  # it has died
        done = status("--state", str(state))
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "services  site ok   voila down   nginx ok",
        "live      the live server doesn't answer; its log says why",
    ]


def test_json_is_the_report(state: Path) -> None:
    done = status("--state", str(state), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"services": None, "live": json.loads(json.dumps(asdict(FULL)))}


def test_an_address_is_asked_without_a_state_folder(live: str) -> None:
    assert "posts/gold" in status("--url", live).stdout
    assert "posts/gold" in status("--url", f"{live}/").stdout


def test_the_users_proxy_is_not_asked(live: str) -> None:
    done = status("--url", live, http_proxy=f"http://127.0.0.1:{free_port()}", LANG="C.UTF-8")
    assert "posts/gold" in done.stdout


def test_nothing_of_a_notebook_steers_the_terminal(live: str) -> None:
    done = status("--url", live)
    assert "\x1b" not in done.stdout
    assert "and more" in done.stdout


def test_a_report_from_elsewhere_is_read(live: str, tmp_path: Path) -> None:
    inside = subprocess.run(
        [sys.executable, "-m", "livekernel.status", live], capture_output=True, check=True
    )
    done = subprocess.run(
        [*COMMAND, "status", "--read", "-"], input=inside.stdout, capture_output=True, check=False
    )
    assert done.stdout.decode() == status("--url", live).stdout
    (tmp_path / "report").write_bytes(inside.stdout.replace(b'"queue"', b'"kew"'))
    assert "kew" in one_line(status("--read", str(tmp_path / "report")))


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("left_behind", [True, False])
def test_where_nothing_runs_it_is_one_line(tmp_path: Path, left_behind: bool) -> None:
    if left_behind:  # by a run that was killed
        (tmp_path / "run").mkdir()
        for name in (ADMIN_FILE, SITE_FILE):
            (tmp_path / name).write_text(f"http://127.0.0.1:{free_port()}\n")
    line = one_line(status("--state", str(tmp_path)))
    assert line == f"blog: nothing runs with the state folder {tmp_path}; start it with ./blog up\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "no..host", "[::1]"])
def test_an_address_where_nothing_runs(host: str) -> None:
    url = f"http://{host}:{free_port()}"
    assert url in one_line(status("--url", url))


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8867", "ftp://127.0.0.1", "http://", "http://a:b", "http://[::1"]
)
def test_what_is_no_address(url: str) -> None:
    assert "write one like http://127.0.0.1:8867" in one_line(status("--url", url))


@pytest.mark.parametrize(
    ("code", "body", "says"),
    [
        (200, '{"queue": 1, "newer": 2}', "newer: "),
        (200, '{"sessions": [{"id": "x", "port": 1}]}', "sessions.0."),
        (200, '{"queue": "many"}', "queue: "),
        (200, "<html>", "it answered 200, and no JSON"),
        (404, "404 Not Found", "it answered 404, and no JSON"),
    ],
)
def test_who_answers_something_else_is_told_apart(code: int, body: str, says: str) -> None:
    with answering(code, body) as url:
        assert says in one_line(status("--url", url))
