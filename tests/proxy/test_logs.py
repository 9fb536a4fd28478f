"""No log says who read what, or holds what opens a session."""

import re
import socket
from collections.abc import Iterator
from threading import Thread

import pytest
from support.front import Front, standing
from support.processes import wait_until

KERNEL = "0b7f7f4e-9d52-4a4e-8f8e-2f0f5d3b8c11"
HIDDEN = "".join(f"%{ord(letter):02x}" for letter in KERNEL)
LINE = re.compile(r'[-0-9T:+]{25} (\S+) (\S+) "([^"]*)" (\d{3}) \d+ [0-9.]+s (?:\S+|\S+ : \S+) \S+')


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Give one that believes its loopback neighbours about readers' addresses."""
    state = tmp_path_factory.mktemp("logged") / "state"
    with standing(state, log="readers.log", proxies=("127.0.0.0/8",)) as made:
        # What was asked until nginx answered is in the log, too: after this all of it.
        made.get("/any/begun")
        wait_until(lambda: "/any/begun" in log(made), "the line of the first request")
        yield made


def lines(front: Front, number: int, before: str) -> list[tuple[str, ...]]:
    """Give as many lines as were written since: nginx writes one after it has answered."""

    def found() -> list[str]:
        return (front.state / "readers.log").read_text().removeprefix(before).splitlines()

    wait_until(lambda: len(found()) >= number, f"{number} lines in the log", said=lambda: str(found()))
    matches = [LINE.fullmatch(line) for line in found()]
    assert len(matches) == number
    assert all(matches), found()
    return [match.groups() for match in matches if match]


def log(front: Front) -> str:
    return (front.state / "readers.log").read_text()


@pytest.mark.parametrize(
    ("path", "method", "status", "shown"),
    [
        (f"/live/api/kernels/{KERNEL}", "GET", 200, "/live/api/kernels/*"),
        (
            f"/live/api/kernels/{KERNEL}/channels?session_id={KERNEL}",
            "GET",
            400,
            "/live/api/kernels/*/channels",
        ),
        (f"/live/voila/api/shutdown/{KERNEL}", "POST", 200, "/live/voila/api/shutdown/*"),
        (f"/live/voila/api/shutdown/{KERNEL}", "GET", 405, "/live/voila/api/shutdown/*"),
        (f"/live/api/kernels/{KERNEL}/interrupt", "GET", 405, "/live/api/kernels/*"),
        (f"/live/api/kernels/{KERNEL.upper()}", "GET", 404, "/live/api/kernels/*"),
        (f"/live/api/kernels/{HIDDEN}", "GET", 200, "/live/api/kernels/*"),
        (f"/live/api/kernels/{HIDDEN.upper()}/channels", "GET", 400, "/live/api/kernels/*/channels"),
        (f"/live//api/kernels/{KERNEL}", "GET", 200, "/live/api/kernels/*"),
        (f"/live/api/kernels/{KERNEL[:-1]}", "GET", 404, "/live/api/kernels/*"),
        (f"/live/api/kernels/..%2f{KERNEL}", "GET", 404, "/live/api/*"),
        (f"/any/%0a{KERNEL}", "GET", 404, "/any/"),
        (f"/any/{KERNEL}/{KERNEL}", "GET", 200, "/any/*"),
        (f"/static/{KERNEL}.css?{KERNEL}", "GET", 404, "/static/*"),
        (f"/{'x' * 9000}{KERNEL}", "GET", 414, None),
        (f"/any/{'x' * 100}/{KERNEL}", "GET", 200, f"/any/{'x' * 100}/*"),
    ],
)
def test_a_kernels_id_is_in_no_line(
    logged: Front, path: str, method: str, status: int, shown: str | None
) -> None:
    before = log(logged)
    assert logged.get(path, method, Referer=f"http://localhost/{KERNEL}").status == status
    # What can't be read is answered before its host is known, and is in no log.
    found = lines(logged, 0 if shown is None else 1, before)
    assert [line[1:] for line in found] == ([] if shown is None else [(method, shown, str(status))])
    assert not any(part in log(logged).lower() for part in KERNEL.split("-"))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0"),
        ("::ffff:192.0.2.77", "192.0.2.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("2001:db8:1::6", "2001:db8:1::"),
        ("2001:db8:0:0:3:4:5:6", "2001:db8::"),
        ("2001:db8::6", "2001:db8::"),
        ("2001::6", "2001::"),
        ("::6", "::"),
    ],
)
def test_an_address_is_cut_to_its_network(logged: Front, address: str, network: str) -> None:
    before = log(logged)
    logged.get(
        "/any/?secret=1", X_Forwarded_For=address, User_Agent="a browser", Referer="http://localhost/secret"
    )
    assert lines(logged, 1, before) == [(network, "GET", "/any/", "200")]
    # What a pattern can't say: no more of it is left than that.
    assert not re.search(r"secret|browser", log(logged))


def test_an_error_has_the_path_that_was_asked_for(logged: Front) -> None:
    before = log(logged)
    assert logged.get("/live/tree").status == 404
    assert logged.get("/any/", "POST").status == 405
    found = lines(logged, 2, before)
    assert {line[1:] for line in found} == {("GET", "/live/tree", "404"), ("POST", "/any/", "405")}


def hang_up(listener: socket.socket) -> None:
    """Close each connection without a word, until the listener is closed."""
    try:
        while True:
            listener.accept()[0].close()
    except OSError:
        pass


def test_what_fails_is_not_told_with_who_asked(tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=hang_up, args=(listener,), daemon=True).start()
        voila = f"127.0.0.1:{listener.getsockname()[1]}"
        with standing(tmp_path / "state", voila=voila, log="readers.log") as front:
            path = f"/live/api/kernels/{KERNEL}"
            assert front.get(path, address="127.9.8.7").status == 503
            shutdown = f"/live/voila/api/shutdown/{KERNEL}"
            assert front.get(shutdown, "POST", b"x" * 2000, address="127.9.8.7").status == 413
            assert front.get(f"/static/{'x' * 300}{KERNEL}", address="127.9.8.7").status == 404
            front.stop_site()
            assert front.get(f"/any/{KERNEL}", address="127.9.8.7").status == 503
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            assert front.get(path, address="127.9.8.7").status == 503
            said = front.said()
            assert "127.9.8" not in said, said
            assert KERNEL not in said, said
            assert KERNEL not in log(front)
            assert "127.9.8.7" not in log(front)
