"""What a page asks about its session over HTTP: a token to start it, how it is, interrupt, restart, end."""

from __future__ import annotations

from typing import Any

from tornado.web import HTTPError

from livekernel.gate.admission import Gate
from livekernel.gate.browser import cookie_name
from livekernel.gate.endings import MESSAGES
from livekernel.own import OwnPages, browser_of, is_secure


class Token(OwnPages):
    """``POST token``: a cookie, and a token that is bound to it; a start needs both."""

    def initialize(self, gate: Gate) -> None:
        """Take the gate; called by tornado."""
        self._gate = gate

    def post(self) -> None:
        """Answer a page of this site; a browser that has an id keeps it, and with it its sessions."""
        browsers, secure = self._gate.browsers, is_secure(self)
        browser = browser_of(self, self._gate) or browsers.new()
        self.set_cookie(
            cookie_name(secure),
            browsers.cookie(browser, secure),
            path="/",
            httponly=True,
            samesite="Strict",
            secure=secure,
        )
        self.set_header("Cache-Control", "no-store")
        self.finish({"token": browsers.token(browser), "seconds": self._gate.limits.token})


class OwnKernel(OwnPages):
    """What only the browser that started a kernel may ask; to any other there is no such kernel."""

    def initialize(self, gate: Gate) -> None:
        """Take the gate; called by tornado."""
        self._gate = gate

    async def prepare(self, **kwargs: Any) -> None:
        """Answer 404 and not 403: a kernel's id isn't confirmed."""
        await super().prepare(**kwargs)
        if not self._gate.owns(browser_of(self, self._gate), self.path_args[0]):
            raise HTTPError(404)
        self.set_header("Cache-Control", "no-store")


class KernelModel(OwnKernel):
    """``GET api/kernels/<id>``: the front end and the frame ask whether a kernel is still there."""

    def get(self, kernel_id: str) -> None:
        """Answer with jupyter_server's model of the kernel, or for a while with 410 and why it ended."""
        if reason := self.kernel_manager.ending(kernel_id):
            self.set_status(410)
            self.finish({"reason": reason, "message": MESSAGES[reason]})
        else:
            self.finish(self.kernel_manager.kernel_model(kernel_id))


class Shutdown(OwnKernel):
    """``POST voila/api/shutdown/<id>``: a page that closes ends its kernel."""

    async def post(self, kernel_id: str) -> None:
        """End the kernel; one that has gone already is no error, pages say it twice."""
        await self.kernel_manager.end(kernel_id)
        self.set_status(204)
        self.finish()


class Interrupt(OwnKernel):
    """``POST api/kernels/<id>/interrupt``: break off what the kernel is computing."""

    async def post(self, kernel_id: str) -> None:
        """Answer once the kernel has been told; its state stays."""
        await self.kernel_manager.interrupt_kernel(kernel_id)
        self.set_status(204)
        self.finish()


class Restart(OwnKernel):
    """``POST api/kernels/<id>/restart``: the same session with nothing in it."""

    async def post(self, kernel_id: str) -> None:
        """Answer with the kernel's model once a new process has been started."""
        if not self._gate.again(kernel_id):
            raise HTTPError(429, reason="Too Many Starts")
        await self.kernel_manager.renew(kernel_id)
        self.finish(self.kernel_manager.kernel_model(kernel_id))
