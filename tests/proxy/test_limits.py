"""Who is slow is cut off, who asks without an end is held off, and meanwhile readers get through."""

import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from uuid import uuid4

import pytest
from support.front import Front, standing
from support.processes import wait_until

KERNEL = "0b7f7f4e-9d52-4a4e-8f8e-2f0f5d3b8c11"
ASSET = "/static/style.0123456789abcdef.css"
LARGE = "/static/film.0123456789abcdef.mp4"
CHANNELS = (
    f"GET /live/api/kernels/{KERNEL}/channels HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
).encode()


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Give one that waits for half a second where it waits for ten."""
    with standing(tmp_path_factory.mktemp("hasty") / "state", patience=0.5) as made:
        add_film(made.state)
        yield made


def add_film(state: Path) -> None:
    """Add an asset that does not fit into what lies between nginx and a reader who does not read."""
    (state / "site" / LARGE[1:]).write_bytes(b"x" * 20_000_000)


def is_cut(connection: socket.socket) -> bool:
    """Wait until the other side has closed a connection, whatever of it was not read."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(30_000))


HEAD = b"GET /any/ HTTP/1.1\r\nHost: localhost\r\n"
START = b"POST /live/render/posts/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf of it"


@pytest.mark.parametrize(
    "sent",
    [b"", HEAD, START, f"GET {LARGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()],
    ids=["nothing", "half a head", "half a body", "nothing is read"],
)
def test_who_is_slow_is_cut_off(hasty: Front, sent: bytes) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(hasty.open(sent)) for _ in range(30)]
        # The others do not wait for them.
        assert hasty.get("/any/").status == 200
        assert hasty.get("/any/", address="127.0.0.2").status == 200
        assert all(map(is_cut, slow))


def test_a_head_that_trickles_is_cut_off(hasty: Front) -> None:
    with hasty.open(HEAD) as connection:
        connection.settimeout(0.05)

        def ended() -> bool:
            try:
                connection.sendall(b"X: y\r\n")
                return connection.recv(1000) == b""
            except TimeoutError:
                return False
            except ConnectionError:
                return True

        wait_until(ended, "it is cut off", 30)


def test_a_websocket_that_nobody_reads_is_cut_off(hasty: Front) -> None:
    with hasty.open(CHANNELS) as connection:
        assert connection.recv(12) == b"HTTP/1.1 101"
        # The stand-in sends each message back (a frame with a mask of zeros: RFC 6455, section 5.2).
        frame = b"\x82\xff" + (1_000_000).to_bytes(8, "big") + bytes(4) + bytes(1_000_000)
        with suppress(ConnectionError):
            for _ in range(40):
                connection.sendall(frame)
        assert is_cut(connection)
        assert hasty.get("/any/").status == 200


def test_an_address_has_so_many_requests_at_once(front: Front) -> None:
    add_film(front.state)
    sent = f"GET {LARGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with ExitStack() as stack:
        for number in range(400):
            connection = stack.enter_context(front.open(sent, "127.0.0.2"))
            assert connection.recv(12) == b"HTTP/1.1 200", number
        for path in ("/any/", ASSET, "/healthz"):
            refused = front.get(path, address="127.0.0.2")
            assert refused.status == 429
            assert refused["Retry-After"] == "10"
            assert b"the site's 429" in refused.body
        assert front.get("/any/", address="127.0.0.3").status == 200
    wait_until(lambda: front.get("/any/", address="127.0.0.2").status == 200, "they are free again")


def shake(front: Front, stack: ExitStack, address: str, kernel: str = "") -> bytes:
    """Open a websocket, to a kernel that has none if no other is meant; give the status of the answer."""
    sent = CHANNELS.replace(KERNEL.encode(), (kernel or str(uuid4())).encode())
    return stack.enter_context(front.open(sent, address)).recv(12)[9:]


def test_a_kernel_has_a_few_websockets_whoever_opens_them(front: Front) -> None:
    with ExitStack() as stack:
        assert {shake(front, stack, "127.0.0.2", KERNEL) for _ in range(4)} == {b"101"}
        assert shake(front, stack, "127.0.0.3", KERNEL) == b"429"
        assert shake(front, stack, "127.0.0.3") == b"101"
    with ExitStack() as again:
        wait_until(lambda: shake(front, again, "127.0.0.3", KERNEL) == b"101", "they are free again")


def test_websockets_have_a_number_for_each_address_and_for_all(front: Front) -> None:
    with ExitStack() as all_of_them:
        for address in ("127.0.0.2", "127.0.0.3"):
            assert {shake(front, all_of_them, address) for _ in range(100)} == {b"101"}
        assert shake(front, all_of_them, "127.0.0.2") == b"429"
        assert front.get("/any/", address="127.0.0.2").status == 200
        with ExitStack() as some:
            assert {shake(front, some, "127.0.0.4") for _ in range(100)} == {b"101"}
            # The machine is full.
            assert shake(front, some, "127.0.0.5") == b"429"
            assert front.get("/any/", address="127.0.0.5").status == 200
        wait_until(lambda: shake(front, all_of_them, "127.0.0.5") == b"101", "there is room again")
    with ExitStack() as again:
        wait_until(lambda: shake(front, again, "127.0.0.2") == b"101", "they are free again")


def flood(front: Front, path: str, address: str) -> list[bytes]:
    """Ask 900 times by one connection without waiting; give the heads of the answers."""
    one = f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    last = one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with ThreadPoolExecutor(1) as sender, front.open(b"", address) as connection:
        sending = sender.submit(connection.sendall, one * 899 + last)
        received = b""
        with suppress(ConnectionError):
            while more := connection.recv(1 << 20):
                received += more
        sending.result()
    return received.split(b"HTTP/1.1 ")[1:]


@pytest.mark.parametrize(
    ("path", "address", "burst"), [("/fresh/flood/", "127.0.1.1", 500), (ASSET, "127.0.1.2", 10_000)]
)
def test_a_flood_is_held_off_and_nobody_else(front: Front, path: str, address: str, burst: int) -> None:
    answers: list[bytes] = []
    with ThreadPoolExecutor(6) as crowd:
        while not any(answer.startswith(b"429") for answer in answers):
            assert len(answers) < 20 * burst
            for found in crowd.map(lambda _: flood(front, path, address), range(6)):
                answers += found
    served = [answer for answer in answers if answer.startswith(b"200")]
    refused = [answer for answer in answers if answer.startswith(b"429")]
    assert len(served) + len(refused) == len(answers)
    assert len(served) >= burst
    assert all(b"\r\nRetry-After: 10\r\n" in answer for answer in refused)
    assert front.get(path, address="127.0.1.3").status == 200
    wait_until(lambda: front.get(path, address=address).status == 200, "they may ask again")


def test_a_page_view_gets_through_by_six_connections(front: Front) -> None:
    paths = ["/fresh/view/", *[ASSET] * 20, *["/live/voila/static/0/x.woff2"] * 110] * 4
    with ThreadPoolExecutor(6) as browser:
        found = set(browser.map(lambda path: front.get(path, address="127.0.1.4").status, paths))
    assert found == {200}
