"""What every handler here has in common: own pages only, and a browser that is known by its cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError, RequestHandler

from livekernel.gate import address
from livekernel.gate.admission import Gate
from livekernel.gate.browser import cookie_name
from livekernel.kernels import LiveKernels
from livekernel.origin import is_own

CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of what is no page: opened by itself it loads nothing."""


def is_secure(handler: RequestHandler) -> bool:
    """Say whether the browser came by https; TLS ends at the proxy, which tells it."""
    told = handler.request.headers.get("X-Forwarded-Proto", handler.request.protocol)
    return told.rpartition(",")[2].strip() == "https"


def browser_of(handler: RequestHandler, gate: Gate) -> str | None:
    """Give the browser that asks, or None where its cookie isn't one of this server's."""
    secure = is_secure(handler)
    return gate.browsers.who(handler.get_cookie(cookie_name(secure)), secure)


def address_of(handler: RequestHandler) -> str:
    """Give the address that limits count for."""
    request = handler.request
    return address.reader(request.remote_ip or "", request.headers.get("X-Forwarded-For"))


class OwnPages(JupyterHandler):
    """Requests that change something must come from the site's own pages."""

    kernel_manager: LiveKernels

    @property
    def content_security_policy(self) -> str:
        """Close what is for scripts; jupyter_server sends it. :class:`StartHandler` makes pages."""
        return CLOSED

    def check_xsrf_cookie(self) -> None:
        """Refuse a request from elsewhere; ``prepare`` calls it for all but GET and HEAD."""
        if not is_own(self.request.headers):
            raise HTTPError(403, reason="Not From This Site")

    def write_error(self, status_code: int, **_: Any) -> None:
        """Say in plain text what was wrong; a page is shown by :class:`StartHandler` only."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(f"{status_code} {self._reason}\n")


class NotFound(OwnPages):
    """Every URL that isn't listed."""

    async def prepare(self, **_: Any) -> None:
        """Answer 404 for every method."""
        raise HTTPError(404)


class Health(RequestHandler):
    """``GET healthz``: whether the server answers, and how many kernels run.

    For the service that starts this one, on the loopback interface.
    """

    def initialize(self, kernels: LiveKernels, is_warm: Callable[[], bool]) -> None:
        """Take the kernels to count, and whether the first readers can be served."""
        self._kernels, self._is_warm = kernels, is_warm

    def get(self) -> None:
        """Answer at once, with 503 until every notebook has been warmed up; no kernel is asked."""
        self.set_header("Cache-Control", "no-store")
        warm = self._is_warm()
        self.set_status(200 if warm else 503)
        self.finish({"status": "ok" if warm else "starting", "sessions": len(self._kernels)})
