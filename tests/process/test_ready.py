"""A URL is waited for until it answers 200; what it says else is told."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from blog.supervise.ready import wait_for
from support.site import free_port


class Slow(BaseHTTPRequestHandler):
    """Answers ``/soon`` with 200 from the third time on, ``/never`` not once."""

    asked = 0

    def do_GET(self) -> None:
        Slow.asked += self.path == "/soon"
        self.send_response(200 if Slow.asked > 2 and self.path == "/soon" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_it_is_asked_until_it_answers(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # of no use for this machine
    assert wait_for([f"{url}/soon"], 60) == {}


def test_what_is_not_ready_is_told(url: str) -> None:
    closed = f"http://127.0.0.1:{free_port()}/"
    late = wait_for([f"{url}/never", closed], 0)
    assert late[f"{url}/never"] == "it answered 503"
    assert "Connection refused" in late[closed]
