"""The live server: Voila's application with only the URLs that a reader's page needs."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import shutil
import signal
import socket
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.base.handlers import FileFindHandler
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from voila._version import __version__
from voila.app import Voila
from voila.paths import collect_static_paths

from livekernel.at_rest import Module, Rest
from livekernel.errors import StartError
from livekernel.forks import Forks
from livekernel.gate.admission import Gate
from livekernel.gate.limits import Limits
from livekernel.guard import Guard
from livekernel.handler import StartHandler
from livekernel.index import Index
from livekernel.own import Health, NotFound
from livekernel.session_socket import SessionSocket
from livekernel.sessions import Interrupt, KernelModel, Restart, Shutdown, Token
from livekernel.settings import ALLOWED_MESSAGES, ZYGOTE, Settings, traits
from livekernel.sockets import KernelSocket
from livekernel.starts import Starts
from livekernel.static import Folder, VersionedFiles, digest
from livekernel.telling import Teller
from livekernel.watch import admin, guardian

KERNEL_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"

PUBLIC_PATHS = (
    r"token",  # POST: a cookie, and a token for the next start
    r"render/(posts|demos)/([^/]+)",  # GET, HEAD: a start button. POST: starts a kernel, streams a page
    r"rest/(posts|demos)/([^/]+)",  # GET, HEAD: the widgets' state, before there is a kernel
    r"rest/modules/([0-9a-f]{32})\.js",  # GET, HEAD: an anywidget's module, to be kept for ever
    r"session/(posts|demos)/([^/]+)",  # GET: websocket; starts a kernel and is connected to it
    rf"api/kernels/{KERNEL_ID}",  # GET: is my kernel still there?
    rf"api/kernels/{KERNEL_ID}/channels",  # GET: websocket
    rf"api/kernels/{KERNEL_ID}/interrupt",  # POST: break off a computation
    rf"api/kernels/{KERNEL_ID}/restart",  # POST: begin anew
    rf"voila/api/shutdown/{KERNEL_ID}",  # POST: the page closes
    r"voila/static/([0-9a-f]{16})/(.+)",  # GET: Voila's front end, by its version; to be kept for ever
    r"voila/labextensions/(.+)",  # GET: widgets, named by their digests
    r"static/([0-9a-f]{16})/(.+)",  # GET: the template's own files, by their version; to be kept for ever
)
"""All that readers need, below the base URL, as regular expressions; ``healthz`` is not for them."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        # Voila and ipywidgets need no more than 'self'; anywidget loads modules from blobs, vega compiles
        # expressions. Scripts in an output's HTML don't run: the frame has the site's own origin.
        "script-src 'self' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)

MOST_BODY = 64 * 2**10
"""Bytes of the largest request body: readers post a token."""


MOST_MESSAGE = 2**20
"""Bytes of the largest message on a websocket; tornado would gather ten times as many in memory."""


def _private_folder() -> str:
    """Give Jupyter's runtime folder: connection files hold the kernels' keys."""
    folder = jupyter_runtime_dir()
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class Anyone(IdentityProvider):
    """Readers have no names; whose a session is, gate/browser.py knows."""

    def get_user(self, handler: Any) -> User:  # noqa: ARG002
        """Give the same reader for every request."""
        return User(username="reader")


class LiveServer(Voila):  # type: ignore[misc]
    """Voila as a service behind a proxy.

    ``python -m livekernel`` makes one and calls :meth:`serve`. None of Voila's own pages is served: they
    start a kernel, or list files, by a GET.
    """

    def __init__(self, settings: Settings, **kwargs: Any) -> None:
        self.live = settings
        self.index = Index(settings.index)
        self.forks = Forks(settings, self.index) if settings.engine == ZYGOTE else None
        super().__init__(
            config=traits(settings),
            root_dir=str(settings.notebooks),
            base_url=settings.base_url,
            ip=settings.address,
            port=settings.port,
            open_browser=False,
            identity_provider_class=Anyone,
            config_file_paths=[],
            connection_dir_root=_private_folder(),
            **kwargs,
        )
        limits = Limits(
            sessions=settings.kernels,
            per_address=settings.per_address,
            starts_per_minute=settings.starts_per_minute,
            waiting=settings.waiting,
        )
        self.gate = Gate(limits, self.forks.room) if self.forks else Gate(limits)
        bundle = Path(collect_static_paths(["voila"], "base", prune=True)[0])
        self.front_end = Folder(bundle, hashlib.sha256(__version__.encode()).hexdigest()[:16])
        own = settings.template / "static"
        self.own_files = Folder(own, digest(own))
        self._stopping = False
        # What this package says goes where Voila's own messages go.
        logging.getLogger("livekernel").parent = self.log

    def serve(self, bound: socket.socket) -> None:
        """Answer on a bound socket until a signal comes, then end every kernel."""
        self._bound = bound
        self.initialize([])
        self.start()

    def setup_template_dirs(self) -> None:
        """Use the one template, wherever it lies; called by Voila's ``initialize``."""
        self.template_paths = [str(self.live.template)]

    def init_settings(self) -> dict[str, Any]:
        """Give tornado's settings; called by Voila's ``start``."""
        settings: dict[str, Any] = super().init_settings()
        self.kernel_manager.allowed_message_types = list(ALLOWED_MESSAGES)
        # jupyter_server's pings count in milliseconds where tornado's count in seconds, under the same
        # names, so that one of the two is always wrong; sockets.py starts tornado's.
        settings["ws_ping_interval"] = 0
        settings["websocket_max_message_size"] = MOST_MESSAGE
        settings["headers"] = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        settings["default_handler_class"] = NotFound
        return settings

    def init_handlers(self) -> list[Any]:
        """Give the handlers of :data:`PUBLIC_PATHS` and ``healthz``; called by Voila's ``start``."""
        gate = {"gate": self.gate}
        starts = Starts(self.gate, self.kernel_manager, self.forks)
        start = {
            "settings": self.live,
            "index": self.index,
            "starts": starts,
            "static": f"{self.base_url}static/{self.own_files.version}/",
            "front_end": f"{self.base_url}voila/static/{self.front_end.version}",
            "voila_configuration": self.voila_configuration,
            "template_paths": self.template_paths,
            "config": self.config,
        }
        handlers: tuple[tuple[Any, ...], ...] = (
            (Token, gate),
            (StartHandler, start),
            (Rest, {"index": self.index, "starts": starts}),
            (Module, {"folder": self.forks.modules if self.forks else Path(), "kept": {}}),
            (SessionSocket, {**gate, "index": self.index, "starts": starts}),
            (KernelModel, gate),
            (KernelSocket, gate),
            (Interrupt, gate),
            (Restart, gate),
            (Shutdown, gate),
            (VersionedFiles, {"folder": self.front_end}),
            (FileFindHandler, {"path": self.labextensions_path}),
            (VersionedFiles, {"folder": self.own_files}),
        )
        paths = [(self.base_url + path, *rest) for path, rest in zip(PUBLIC_PATHS, handlers, strict=True)]
        health = {"kernels": self.kernel_manager, "is_warm": self._is_warm}
        return [(self.base_url + "healthz", Health, health), *paths]

    def _is_warm(self) -> bool:
        return self.forks is None or self.forks.engine.is_warm

    def listen(self) -> None:
        """Serve on the socket that ``__main__`` bound; called by Voila's ``start``."""
        server = HTTPServer(self.app, max_body_size=MOST_BODY)
        self._bound.listen(128)
        server.add_socket(self._bound)
        self.ioloop = IOLoop.current()
        self.kernel_manager.watch()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle_signal_stop)
        try:
            self._watch()
            self.ioloop.add_callback(self._begin)
            self.log.info("Live cells at http://%s:%d%s", *self._bound.getsockname()[:2], self.base_url)
            self.ioloop.start()
        finally:
            server.stop()
            self.stop()

    def _watch(self) -> None:
        """Make what watches and what operators ask; raises StartError where their port is taken."""
        limits = guardian.Limits(
            private=self.live.memory, callback=self.live.callback, life=self.live.life, idle=self.live.idle
        )
        self.guard = Guard(self.kernel_manager, limits)
        self.kernel_manager.lives.used = self.guard.used
        teller = Teller(self.kernel_manager, self.gate, self.guard, self.forks)
        try:
            _, url = admin.listen(teller.report, self.live.admin_port)
        except OSError as error:
            reason = f"port {self.live.admin_port} can't be taken ({error.strerror})"
            raise StartError(f"{reason}: choose another --admin-port") from error
        if self.live.admin:
            admin.announce(self.live.admin, url)

    def _begin(self) -> None:
        """Start the engine and watch; the loop runs."""
        # What has been imported stays: without it the collector is soon through, and comes more often to
        # what sessions leave behind (docs.python.org, gc.freeze).
        gc.collect()
        gc.freeze()
        self.guard.start()
        if self.forks:
            self.forks.engine.start()
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.forks.engine.renew)

    def stop(self) -> None:
        """End every kernel at once, then take away the connection files."""
        if self.live.admin:
            self.live.admin.unlink(missing_ok=True)
        self.ioloop.run_sync(self._end_kernels)
        shutil.rmtree(self.connection_dir, ignore_errors=True)
        if self.live.scratch:  # where the supervisor is killed, nobody else is left to do it
            shutil.rmtree(self.live.scratch, ignore_errors=True)

    def _handle_signal_stop(self, sig: int, frame: Any) -> None:
        # A second signal, to the whole process group perhaps, must not break off the stopping.
        if not self._stopping:
            self._stopping = True
            super()._handle_signal_stop(sig, frame)

    async def _end_kernels(self) -> None:
        if self.forks:
            self.forks.engine.stop()
        await asyncio.gather(*map(self.kernel_manager.end, self.kernel_manager.list_kernel_ids()))
