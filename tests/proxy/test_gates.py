"""What nginx refuses, and that readers get through."""

import http.client

import pytest

KERNEL = "0b7f7f4e-9d52-4a4e-8f8e-2f0f5d3b8c11"
ASSET = "/static/style.0123456789abcdef.css"


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/any/", "POST", "GET, HEAD"),
        ("/any/", "OPTIONS", "GET, HEAD"),
        (ASSET, "DELETE", "GET, HEAD"),
        ("/healthz", "POST", "GET, HEAD"),
        ("/live/render/posts/x", "PUT", "GET, HEAD, POST"),
        (f"/live/api/kernels/{KERNEL}", "DELETE", "GET, HEAD"),
        (f"/live/voila/api/shutdown/{KERNEL}", "GET", "POST"),
        (f"/live/api/kernels/{KERNEL}/interrupt", "GET", "POST"),
        (f"/live/api/kernels/{KERNEL}/restart", "DELETE", "POST"),
        ("/live/token", "GET", "POST"),
    ],
)
def test_a_method_that_a_path_does_not_have(front, path: str, method: str, allowed: str) -> None:
    answer = front.get(path, method)
    assert answer.status == 405
    assert answer.headers.get_all("Allow") == [allowed]


@pytest.mark.parametrize("path", ["/any/", ASSET, "/live/render/posts/x"])
@pytest.mark.parametrize("body", [b"x", b"x" * 1000])
def test_what_is_read_takes_no_body(front, path: str, body: bytes) -> None:
    assert front.get(path, "GET", body).status == 413


def test_a_session_starts_with_a_small_body(front) -> None:
    assert front.get("/live/render/posts/x", "POST", b"x" * 512).status == 200
    assert front.get("/live/render/posts/x", "POST", b"x" * 513).status == 413


def test_a_token_is_asked_for_without_a_body(front) -> None:
    assert front.get("/live/token", "POST", b"").status == 200
    assert front.get("/live/token", "POST", b"x" * 129).status == 413


@pytest.mark.parametrize(
    "path",
    [
        "/any/..%2fx",
        "/any/%2e%2e/x",
        "/any/../x",
        "/any/%5cx",
        "/any/\\x",
        "/any/%0d%0aX:y",
        "/static/..%2fx",
    ],
)
def test_a_path_in_disguise_does_not_exist(front, path: str) -> None:
    before = front.counted.read_text()
    assert front.get(path).status in (400, 404)
    assert front.counted.read_text() == before


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /any/\r\n",
        b"GET /gated/ HTTP/1.1\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: other.example\r\n\r\n",
        b"GET http://localhost/gated/ HTTP/1.1\r\nHost: other.example\r\n\r\n",
        b"GET http://other.example/gated/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /gated/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /gated/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n",
        # Lines that go on in the next one (obs-fold: RFC 9112, section 5.2), and what looks like that.
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\n Host: localhost\r\nHost: localhost\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 9000 + b"\r\n",
        b"GET /gated/ HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 10_000 + b"\r\n\r\n",
        b"GET /gated/" + b"y" * 10_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_a_request_that_could_be_two_is_none(front, request_: bytes) -> None:
    answer = front.raw(request_)
    assert answer == b"" or answer.split(b" ")[1] in (b"400", b"413", b"414", b"431", b"501")
    assert b"gated" not in front.counted.read_bytes()


def test_a_flood_of_starts_is_held_off_and_nobody_else(front) -> None:
    path, found = "/live/render/posts/x", []
    while 429 not in found:
        assert len(found) < 1000
        answer = front.get(path, "POST", b"", address="127.0.0.2")
        found.append(answer.status)
    assert found.count(200) >= 100
    assert answer.headers.get_all("Retry-After") == ["10"]
    assert b"the site's 429" in answer.body
    assert front.get(path, "POST", b"", address="127.0.0.3").status == 200
    assert front.get(path, address="127.0.0.2").status == 200


def test_readers_get_through(front) -> None:
    """A hall of twenty people opens a post, and five a live demo."""
    connection = http.client.HTTPConnection("127.0.0.1", front.port, source_address=("127.0.0.4", 0))
    paths = ["/fresh/post/", *[ASSET] * 20] * 20 + ["/live/voila/static/0/x.woff2"] * 110 * 5
    for path in paths:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()


def test_the_inner_server_has_two_paths(front) -> None:
    assert front.get("/healthz", port=front.inner).body == b"ok\n"
    assert front.get("/live/healthz", port=front.inner).status == 200
    for path in ("/", "/any/", ASSET, "/live/render/posts/x", f"/live/api/kernels/{KERNEL}"):
        assert front.get(path, port=front.inner).status == 404
    with pytest.raises(ConnectionResetError):
        front.get("/healthz", port=front.inner, Host="other.example")


@pytest.mark.parametrize("name", ["other.example", "blog.example.evil", "127.0.0.2", "localhost.evil"])
def test_an_unknown_host_is_closed(front, name: str) -> None:
    with pytest.raises(ConnectionResetError):
        front.get("/any/", Host=name)


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "blog.example"])
def test_a_known_host_is_answered(front, name: str) -> None:
    assert front.get("/any/", Host=name).status == 200


def test_health_is_asked_for_once_by_a_crowd(front) -> None:
    for _ in range(30):
        assert front.get("/healthz?x").status == 200
    assert 1 <= front.asked("/healthz") < 30
