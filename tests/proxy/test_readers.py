"""Who a reader is, is told by their address; by headers only where a listed proxy writes them."""

import json
import socket
from collections.abc import Iterator

import pytest
from support.front import Front, standing
from support.processes import wait_until

PATH = "/live/render/posts/x"
#: How often one reader may start a session at once.
BURST = 100


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Give one behind proxies at 127.5.0.0/16; any other address is a reader's own."""
    state = tmp_path_factory.mktemp("behind") / "state"
    with standing(state, proxies=("127.5.0.0/16",), log="readers.log") as made:
        yield made


def told(front: Front, address: str, **headers: str) -> tuple[str, str]:
    """Give the address and the scheme that the application and Voila both learn."""
    page = json.loads(front.get("/any/", address=address, **headers).body)["headers"]
    live = json.loads(front.get(PATH, address=address, **headers).body)["headers"]
    found = page["HTTP_X_FORWARDED_FOR"], page["HTTP_X_FORWARDED_PROTO"]
    assert found == (live["X-Forwarded-For"], live["X-Forwarded-Proto"])
    return found


@pytest.mark.parametrize(
    ("address", "forwarded", "scheme", "learned"),
    [
        ("127.5.0.1", "192.0.2.1", "https", ("192.0.2.1", "https")),
        ("127.5.0.1", "192.0.2.1", "http", ("192.0.2.1", "http")),
        # What a reader wrote is to the left of what a proxy has added.
        ("127.5.0.1", "6.6.6.6, 192.0.2.1", "https", ("192.0.2.1", "https")),
        ("127.5.0.1", "6.6.6.6, 192.0.2.1, 127.5.9.9", "https", ("192.0.2.1", "https")),
        ("127.5.0.1", "somebody", "gopher", ("127.5.0.1", "http")),
        ("127.6.0.1", "192.0.2.1", "https", ("127.6.0.1", "http")),
        ("127.6.0.1", "192.0.2.1, 127.5.0.1", "https", ("127.6.0.1", "http")),
    ],
)
def test_only_listed_proxies_are_believed(
    behind: Front, address: str, forwarded: str, scheme: str, learned: tuple[str, str]
) -> None:
    assert told(behind, address, X_Forwarded_For=forwarded, X_Forwarded_Proto=scheme) == learned


def test_the_log_has_the_reader_whom_the_proxy_tells_of(behind: Front) -> None:
    behind.get("/any/of-a-proxy", address="127.5.0.1", X_Forwarded_For="192.0.2.1")
    behind.get("/any/of-a-reader", address="127.6.0.1", X_Forwarded_For="192.0.2.1")

    def found() -> dict[str, str]:
        lines = [line.split() for line in (behind.state / "readers.log").read_text().splitlines()]
        return {line[3]: line[1] for line in lines if "/of-a-" in line[3]}

    wait_until(lambda: len(found()) == 2, "both are in the log")
    assert found() == {'"/any/of-a-proxy"': "192.0.2.0", '"/any/of-a-reader"': "127.6.0.0"}


def start(front: Front, forwarded: str, address: str = "") -> int:
    return front.get(PATH, "POST", b"", address=address, X_Forwarded_For=forwarded).status


def held_off(front: Front, forwarded: str, address: str = "") -> bool:
    """Tell whether a reader has less room than one who has not asked before."""
    return 429 in {start(front, forwarded, address) for _ in range(BURST // 2)}


def test_each_reader_behind_a_proxy_is_counted(behind: Front) -> None:
    wait_until(lambda: start(behind, "192.0.2.7", "127.5.0.1") == 429, "a flood is held off")
    assert held_off(behind, "192.0.2.7", "127.5.0.2")  # by another of the proxies
    assert not held_off(behind, "192.0.2.8", "127.5.0.1")


def test_a_reader_who_writes_the_header_is_counted_all_the_same(behind: Front) -> None:
    others = (f"192.0.2.{number % 256}" for number in range(100_000))
    wait_until(lambda: start(behind, next(others), "127.6.0.1") == 429, "a flood is held off")
    assert held_off(behind, "203.0.113.1", "127.6.0.1")


def test_a_network_of_ipv6_is_one_reader(tmp_path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    with standing(tmp_path / "state", "::1", proxies=("::1/128",)) as front:
        wait_until(lambda: start(front, "2001:db8:0:1::1") == 429, "a flood is held off")
        assert held_off(front, "2001:db8:0:1:ffff::2")
        assert not held_off(front, "2001:db8:0:2::1")
        # IPv4 within IPv6 is IPv4, each address a reader.
        wait_until(lambda: start(front, "::ffff:192.0.2.1") == 429, "a flood is held off")
        assert held_off(front, "192.0.2.1")
        assert not held_off(front, "::ffff:192.0.2.2")
