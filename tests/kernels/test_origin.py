"""Only the site's own pages may start, use or end a kernel."""

import pytest
from livekernel.origin import is_own

HOST = {"Host": "blog.example"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://blog.example"},
        {"Origin": "http://blog.example"},
        {"Origin": "https://Blog.Example"},
        {"Origin": "https://blog.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_own_pages(headers: dict[str, str]) -> None:
    assert is_own(HOST | headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://blog.example.evil.example"},
        {"Origin": "https://blog.example:8080"},
        {"Origin": "https://blog.example@evil.example"},
        {"Origin": "https://evil.example/?blog.example"},
        {"Origin": "file://blog.example"},
        {"Origin": "blog.example"},
        {"Origin": "https://[blog.example"},
        {"Origin": "https://blog.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://blog.example", "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://blog.example", "Sec-Fetch-Site": "none"},
    ],
)
def test_all_others(headers: dict[str, str]) -> None:
    assert not is_own(HOST | headers)


def test_a_request_without_a_host_is_nobodys() -> None:
    assert not is_own({"Origin": "https://blog.example"})


def test_the_port_belongs_to_the_host() -> None:
    assert is_own({"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"})
    assert not is_own({"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:9000"})
