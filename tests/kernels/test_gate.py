"""Who is admitted, who waits, and whose a session is: the gate by itself, with a clock of the test's own."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from livekernel.gate import address
from livekernel.gate.admission import Gate, Refusal
from livekernel.gate.browser import Browsers, cookie_name
from livekernel.gate.lately import Lately
from livekernel.gate.limits import Limits

SMALL = Limits(sessions=2, per_address=2, starts_per_minute=100, waiting=3, retry=5)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Hall:
    """A gate and readers before it; each start has an id of its own."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.memory = 1000
        self.gate = Gate(limits, room=lambda sessions: sessions <= self.memory, clock=clock)
        self.started: list[str] = []

    def ask(self, browser: str, address: str | None = None) -> Refusal | None:
        kernel = f"{browser}-{len(self.started)}"
        refusal = self.gate.enter(kernel, browser, address or f"address of {browser}")
        if refusal is None:
            self.started.append(kernel)
        return refusal

    def place(self, browser: str, address: str | None = None) -> int:
        """Give the place in the line of a browser that is refused."""
        refusal = self.ask(browser, address)
        assert refusal is not None, f"{browser} was admitted"
        return refusal.place


def test_a_cookie_and_its_token_are_known_again(clock: Clock) -> None:
    browsers = Browsers(60, clock)
    browser = browsers.new()
    for secure in (False, True):
        assert browsers.who(browsers.cookie(browser, secure), secure) == browser
    assert browsers.holds(browser, browsers.token(browser))
    assert browsers.new() != browser


def test_a_token_is_good_for_a_minute(clock: Clock) -> None:
    browsers = Browsers(60, clock)
    token = browsers.token("a")
    clock.now += 60
    assert browsers.holds("a", token)
    clock.now += 1
    assert not browsers.holds("a", token)
    assert browsers.holds("a", browsers.token("a"))


def test_a_cookie_is_believed_for_a_month(clock: Clock) -> None:
    browsers = Browsers(60, clock)
    cookie = browsers.cookie("a", secure=False)
    clock.now += 30 * 86_400
    assert browsers.who(cookie, secure=False) == "a"
    clock.now += 2 * 86_400
    assert browsers.who(cookie, secure=False) is None


def test_what_is_no_token_of_the_browser(clock: Clock) -> None:
    browsers, elsewhere = Browsers(60, clock), Browsers(60, clock)
    token = browsers.token("a")
    forged = [
        None,
        "",
        "a",
        token[:-1],
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token.replace("1700000000", "1700000001"),
        browsers.token("b"),
        elsewhere.token("a"),
        browsers.cookie("a", secure=False),
        "1" + token[1:],
        "é|☃",
    ]
    assert [one for one in forged if browsers.holds("a", one)] == []


def test_what_is_no_cookie_of_the_server(clock: Clock) -> None:
    browsers, elsewhere = Browsers(60, clock), Browsers(60, clock)
    forged = [None, "", "a", elsewhere.cookie("a", secure=True), browsers.token("a")]
    assert [one for one in forged if browsers.who(one, secure=True)] == []
    # What was set over plain http isn't believed over https.
    assert browsers.who(browsers.cookie("a", secure=False), secure=True) is None


def test_the_cookie_and_the_token_go_through_nginx(clock: Clock) -> None:
    """What stands in snippets/cookie.conf and starting.conf."""
    browsers = Browsers(60, clock)
    cookie = browsers.cookie(browsers.new(), secure=True)
    assert set(cookie) <= set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ|:_-")
    assert len(cookie) <= 300
    assert len(urlencode({"token": browsers.token(browsers.new())})) <= 206
    assert {cookie_name(secure) for secure in (True, False)} == {"__Host-live", "live"}


@pytest.mark.parametrize(
    ("peer", "forwarded", "reader"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("172.20.0.3", "203.0.113.7", "203.0.113.7"),
        ("8.8.8.8", "203.0.113.7", "8.8.8.8"),
        ("127.0.0.1", "somebody", "127.0.0.1"),
        ("", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
        ("2001:4860::1", "2001:db8::1", "2001:4860::/64"),
        ("127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_whom_limits_count_as_one(peer: str, forwarded: str | None, reader: str) -> None:
    assert address.reader(peer, forwarded) == reader


def test_a_session_is_its_browsers_own_and_for_five_minutes_more(clock: Clock) -> None:
    hall = Hall(SMALL, clock)
    assert hall.ask("a") is None
    (kernel,) = hall.started
    assert hall.gate.owns("a", kernel)
    assert not hall.gate.owns("b", kernel)
    assert not hall.gate.owns(None, kernel)
    assert not hall.gate.owns(None, "unheard of")
    hall.gate.leave(kernel)
    clock.now += 299
    assert hall.gate.owns("a", kernel)
    assert not hall.gate.owns("b", kernel)
    clock.now += 1
    assert not hall.gate.owns("a", kernel)


def test_so_many_sessions_in_all(clock: Clock) -> None:
    hall = Hall(SMALL, clock)
    assert [hall.ask("a"), hall.ask("b")] == [None, None]
    refusal = hall.ask("c")
    assert refusal == Refusal(503, "All kernels are busy. You are number 1 in line.", 1, 5, "full")
    hall.gate.leave(hall.started[0])
    assert hall.ask("c") is None


def test_so_many_sessions_an_address(clock: Clock) -> None:
    hall = Hall(replace(SMALL, sessions=5), clock)
    assert [hall.ask("a", "x"), hall.ask("b", "x")] == [None, None]
    refusal = hall.ask("c", "x")
    assert refusal is not None
    assert refusal.status == 429
    assert "in your network as may: 2." in refusal.message
    # Who waits for that is in nobody else's way.
    assert hall.ask("d", "y") is None
    hall.gate.leave(hall.started[0])
    assert hall.ask("c", "x") is None


def test_so_many_starts_a_minute_and_address(clock: Clock) -> None:
    hall = Hall(replace(SMALL, starts_per_minute=2), clock)
    for _ in range(2):
        assert hall.ask("a", "x") is None
        hall.gate.leave(hall.started[-1])
    refusal = hall.ask("a", "x")
    assert refusal is not None
    assert refusal.status == 429
    assert "within a minute" in refusal.message
    assert 5 <= refusal.retry < 15
    assert hall.ask("b", "y") is None
    clock.now += 60
    assert hall.ask("a", "x") is None


def test_no_session_without_memory_for_it_and_for_those_before(clock: Clock) -> None:
    hall = Hall(replace(SMALL, sessions=5), clock)
    hall.memory = 0
    assert hall.place("a") == 1
    assert hall.place("b") == 2
    hall.memory = 1
    assert hall.place("b") == 2
    assert hall.ask("a") is None
    assert hall.ask("b") is None


def test_first_come_first_served(clock: Clock) -> None:
    hall = Hall(SMALL, clock)
    assert [hall.ask("a"), hall.ask("b")] == [None, None]
    assert [hall.place(one) for one in "cde"] == [1, 2, 3]
    assert [hall.place(one) for one in "edc"] == [3, 2, 1]
    hall.gate.leave(hall.started[0])
    # One place is free, and it is c's: however early the others ask again, and whoever comes now.
    assert [hall.place(one) for one in "ed"] == [3, 2]
    assert hall.place("f") == 0
    assert hall.ask("c") is None
    assert [hall.place(one) for one in "fed"] == [3, 2, 1]
    # Two places are free: for the first two, in whatever order they ask.
    for kernel in hall.started[1:]:
        hall.gate.leave(kernel)
    assert hall.place("f") == 3
    assert [hall.ask("e"), hall.ask("d")] == [None, None]
    assert hall.place("f") == 1


def test_who_does_not_ask_again_loses_the_place(clock: Clock) -> None:
    hall = Hall(SMALL, clock)
    assert [hall.ask("a"), hall.ask("b")] == [None, None]
    assert [hall.place("c"), hall.place("d")] == [1, 2]
    clock.now += 14
    assert hall.place("d") == 2
    clock.now += 1
    assert hall.place("d") == 1
    assert hall.place("c") == 2


def test_one_address_cannot_hold_the_whole_line(clock: Clock) -> None:
    hall = Hall(SMALL, clock)
    assert [hall.ask("a"), hall.ask("b")] == [None, None]
    assert [hall.place(one, "x") for one in "cde"] == [1, 2, 3]
    assert hall.place("f", "x") == 0
    # Somebody else gets a place, and the last of the crowd loses it; no more than is fair.
    assert hall.place("g", "y") == 3
    assert hall.place("e", "x") == 0
    assert hall.place("h", "y") == 0
    assert [hall.place(*one) for one in (("c", "x"), ("d", "x"), ("g", "y"))] == [1, 2, 3]


def test_a_place_that_could_not_be_had_is_given_back_with_the_first_in_line(clock: Clock) -> None:
    hall = Hall(replace(SMALL, starts_per_minute=1), clock)
    hall.memory = 0
    assert [hall.place("a"), hall.place("b")] == [1, 2]
    hall.memory = 5
    assert hall.ask("a") is None
    refusal = hall.gate.back(hall.started[0], "a", "address of a")
    assert (refusal.status, refusal.place) == (503, 1)
    assert not hall.gate.owns("a", hall.started[0])
    assert hall.ask("a") is None


def test_what_was_a_while_ago_is_bounded(clock: Clock) -> None:
    lately: Lately[int] = Lately(10, 3, clock)
    for number in range(5):
        lately.note(str(number), number)
    assert [lately.get(str(number)) for number in range(5)] == [None, None, 2, 3, 4]
    clock.now += 5
    lately.note("2", 7)
    clock.now += 5
    assert [lately.get(name) for name in "234"] == [7, None, None]
