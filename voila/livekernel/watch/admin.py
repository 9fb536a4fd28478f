"""What runs, over HTTP for this machine alone: ``GET /status`` as JSON, ``GET /metrics`` for Prometheus.

It changes nothing, and has a port of its own on the loopback interface, so that no proxy in front can let
a reader in. A page in a browser on this machine could ask there too: the same-origin policy keeps the
answer from it, unless its own name leads to 127.0.0.1 (DNS rebinding), so names that aren't the loopback's
are refused. Kernels can't open TCP connections (the sandbox's seccomp and Landlock).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

from livekernel.watch.metrics import exposition
from livekernel.watch.report import Report, to_json

ADDRESS = "127.0.0.1"


def application(report: Callable[[], Report]) -> Application:
    """Make the application; ``report`` is called on the loop for each question, and must not wait."""
    given = {"report": report}
    return Application(
        [("/status", _Status, given), ("/metrics", _Metrics, given)],
        default_handler_class=_NotFound,
        log_function=_say_nothing,
    )


def listen(report: Callable[[], Report], port: int = 0) -> tuple[HTTPServer, str]:
    """Answer on the running loop; give the server, to be stopped by its ``stop()``, and its URL.

    Port 0 takes any that is free. Raises OSError where the port is taken.
    """
    server = HTTPServer(application(report), max_body_size=0, max_header_size=16 * 1024)
    sockets = bind_sockets(port, ADDRESS)
    server.add_sockets(sockets)
    return server, f"http://{ADDRESS}:{sockets[0].getsockname()[1]}"


def announce(path: Path, url: str) -> None:
    """Write the URL as the one line of a file, for ``blog status``; who starts the server removes it."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(f"{url}\n", encoding="ascii")
    new.replace(path)


def is_loopback(host: str) -> bool:
    """Say whether a ``Host`` header names this machine from inside: ``localhost``, 127.0.0.0/8 or [::1]."""
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        name, port = host, "1"
    if not (port.isascii() and port.isdigit()):
        return False
    if name.lower() == "localhost":
        return True
    try:
        if name.startswith("[") and name.endswith("]"):
            return ipaddress.IPv6Address(name[1:-1]).is_loopback
        return ipaddress.IPv4Address(name).is_loopback
    except ValueError:
        return False


class _Handler(RequestHandler):
    SUPPORTED_METHODS = ("GET", "HEAD")

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")

    def prepare(self) -> None:
        if not is_loopback(self.request.headers.get("Host", "")):
            raise HTTPError(403, reason="Not From This Machine")

    def write_error(self, status_code: int, **_: Any) -> None:
        if status_code == 405:
            self.set_header("Allow", ", ".join(self.SUPPORTED_METHODS))
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")


class _NotFound(_Handler):
    def prepare(self) -> None:
        super().prepare()
        raise HTTPError(404)


class _Reporting(_Handler):
    def initialize(self, report: Callable[[], Report]) -> None:
        self._report = report

    def head(self) -> None:
        self.get()


class _Status(_Reporting):
    def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(to_json(self._report()) + "\n")


class _Metrics(_Reporting):
    def get(self) -> None:
        text, content_type = exposition(self._report(), self.request.headers.get("Accept", ""))
        self.set_header("Content-Type", content_type)
        self.finish(text)


def _say_nothing(_: RequestHandler) -> None:
    """Log no request: a scraper asks all the time. Errors are logged by tornado as they happen."""
