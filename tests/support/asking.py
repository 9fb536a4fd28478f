"""A client that asks as it is told: it cleans no path up, adds no header and undoes no encoding."""

from __future__ import annotations

import http.client
from dataclasses import dataclass


@dataclass
class Answer:
    """What was answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        return self.headers[name]


def ask(
    port: int,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
    address: str = "127.0.0.1",
    **headers: str,
) -> Answer:
    """Ask a server on the loopback, from ``address``: each one there is another reader.

    Headers are named as arguments are, with "_" for "-".
    """
    loopback = "::1" if ":" in address else "127.0.0.1"
    connection = http.client.HTTPConnection(loopback, port, timeout=60, source_address=(address, 0))
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()
