"""What a reader asks to begin with: a start button, and by its POST a kernel and a page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError
from voila.handler import VoilaHandler
from voila.utils import get_page_config, get_voila_labextensions_path

from livekernel.engine.generations import Generation, Way
from livekernel.extensions import needed
from livekernel.gate.admission import Refusal
from livekernel.index import Entry, Index
from livekernel.own import OwnPages, address_of, browser_of
from livekernel.page import Page
from livekernel.renderer import LiveRenderer
from livekernel.settings import Settings
from livekernel.starts import Asking, Starts, TurnedAway

log = logging.getLogger("livekernel")

HEARTBEAT = 5.0
"""Seconds after which a page that waits for its notebook gets a comment, so that no proxy gives up."""

ANY_KERNEL = "00000000-0000-4000-8000-000000000000"
"""Stands for a kernel's id in a page that is made once for all readers of a generation."""

STALE = "No Fresh Token"
"""The reason of a refusal that another press of the button mends."""

PAUSE = 0.02
"""Seconds without a new piece after which what has been written is sent."""


class StartHandler(OwnPages, VoilaHandler):  # type: ignore[misc]
    """``render/<kind>/<slug>?cell=<id>``: GET shows a start button, POST starts a kernel.

    Only a POST from the site's own pages starts anything, with a token that they asked for, and only for
    a notebook in the index: a crawler, an image tag or a form on another site can't.
    """

    settings_of_server: Settings
    index: Index

    def initialize(
        self,
        *,
        settings: Settings,
        index: Index,
        starts: Starts,
        static: str,
        front_end: str,
        **kwargs: Any,
    ) -> None:
        """Take the server's settings and index, what starts kernels, and where files are.

        The rest is Voila's.
        """
        super().initialize(**kwargs)
        self.settings_of_server, self.index, self._starts = settings, index, starts
        self._static, self._front_end = static, front_end
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def content_security_policy(self) -> str:
        """Give a frame what its front end needs: CONTENT_SECURITY_POLICY of the server."""
        return str(self.settings["headers"]["Content-Security-Policy"])

    def on_connection_close(self) -> None:
        """Note that the reader has gone; called by tornado."""
        super().on_connection_close()
        if not self._left.done():
            self._left.set_result(None)

    def get(self, kind: str, slug: str) -> None:
        """Show the start page; nothing starts."""
        entry = self._entry(kind, slug)
        page = Page(entry.title, self._static, action=self._action(entry), token=self._token)
        self._finish_page("start.html", page)

    head = get

    async def post(self, kind: str, slug: str) -> None:
        """Start a kernel, and send the page: as it was recorded, or as the notebook runs."""
        entry = self._entry(kind, slug)
        cell = self._cell(entry)
        asking = Asking(entry, self._starter(), address_of(self), self.request.request_time)
        try:
            generation = self._starts.generation(entry)

            async def prepare() -> tuple[str, str | LiveRenderer]:
                if generation is not None and generation.way is Way.ALL:
                    return await self._recorded(generation, entry, cell)
                renderer = await self._prepared(entry, cell, generation)
                return renderer.notebook.metadata.kernelspec.name, renderer

            kernel_id, renderer = await self._starts.begin(asking, generation, prepare)
        except TurnedAway as away:
            self._refuse(entry, away.refusal)
            return
        if isinstance(renderer, str):
            self._page_headers()
            self.finish(renderer.replace(ANY_KERNEL, kernel_id))
            self.kernel_manager.release(kernel_id)
            return
        used = False
        try:
            used = await self._send(renderer, kernel_id, entry)
        finally:
            if used:
                self.kernel_manager.release(kernel_id)
            else:
                await asyncio.shield(self.kernel_manager.end(kernel_id))

    async def _prepared(self, entry: Entry, cell: str | None, generation: Generation | None) -> LiveRenderer:
        """Give a renderer that has read the notebook; raises HTTPError where it can't be run."""
        renderer = self._renderer(entry, cell, generation)
        try:
            await renderer.initialize()
        except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
            log.warning("%s can't be run as it is now: %r", entry.path, error)
            raise HTTPError(404, reason="No Such Live Cell") from error
        except HTTPError as error:  # from Voila, when no kernelspec speaks the notebook's language
            raise HTTPError(501, reason="No Such Kernel") from error
        return renderer

    async def _recorded(self, generation: Generation, entry: Entry, cell: str | None) -> tuple[str, str]:
        """Give the kernelspec's name and the page, made once for each generation and cell."""

        async def make() -> tuple[str, str]:
            renderer = await self._prepared(entry, cell, generation)
            page = await renderer.whole(ANY_KERNEL, self._page(renderer, ANY_KERNEL, entry))
            return renderer.notebook.metadata.kernelspec.name, page

        if cell not in generation.pages:
            generation.pages[cell] = asyncio.ensure_future(make())
        try:
            # Several may wait for it, and one who leaves doesn't take it from the others.
            kept: tuple[str, str] = await asyncio.shield(generation.pages[cell])
        except Exception:
            generation.pages.pop(cell, None)
            raise
        return kept

    def write_error(self, status_code: int, **_: Any) -> None:
        """Show a page that says what was wrong, to the reader and to the page around the frame."""
        entry = self.index.find("/".join(self.path_args))
        again = status_code == 403 and self._reason == STALE and entry is not None
        message = {
            403: "A live figure can be started from its own page only.",
            404: "There is no such live figure. It may have changed: load the page again.",
            501: "There is no kernel for the language of this notebook here.",
        }.get(status_code, f"The live figure could not be started ({HTTPStatus(status_code).phrase}).")
        if again:
            message = "The start was not made by a page that was just used. Press again."
        title = entry.title if entry else "Live figure"
        action = self._action(entry) if entry and again else ""
        self._say(Page(title, self._static, "failed", message, action=action, token=self._token))

    def _starter(self) -> str:
        """Give the browser that starts a session, by its cookie and a token that is bound to it."""
        browser = browser_of(self, self._starts.gate)
        token = self.request.headers.get("X-Live-Token") or self.get_body_argument("token", None)
        if browser is None or not self._starts.gate.browsers.holds(browser, token):
            raise HTTPError(403, reason=STALE)
        return browser

    def _refuse(self, entry: Entry, refusal: Refusal) -> None:
        """Say why not now, when to ask again, and the place in the line."""
        self.set_status(refusal.status)
        if not refusal.retry:
            self._say(Page(entry.title, self._static, "failed", refusal.message))
            return
        self.set_header("Retry-After", str(refusal.retry))
        page = Page(
            entry.title,
            self._static,
            "queued",
            refusal.message,
            refusal.retry,
            refusal.place,
            refusal.reason,
            action=self._action(entry),
            token=self._token,
        )
        self._say(page)

    def _say(self, page: Page) -> None:
        """Answer with what a page says: as a page, or to a program that asks for it as JSON."""
        accepted = self.request.headers.get("Accept", "")
        if "application/json" not in accepted or "text/html" in accepted:
            self._finish_page("message.html", page)
            return
        said = {"state": page.state, "message": page.message}
        waiting = {"reason": page.reason, "place": page.place, "retry": page.retry}
        queued = waiting if page.state == "queued" else {}
        self._page_headers()
        self.finish({**said, **queued})

    @property
    def _token(self) -> str:
        return f"{self.base_url}token"

    def _action(self, entry: Entry) -> str:
        cell = self._cell(entry)
        return f"{self.base_url}render/{entry.key}" + (f"?cell={quote(cell)}" if cell else "")

    def _entry(self, kind: str, slug: str) -> Entry:
        entry = self.index.find(f"{kind}/{slug}")
        if entry is None:
            raise HTTPError(404)
        return entry

    def _cell(self, entry: Entry) -> str | None:
        cell = self.get_query_argument("cell", None)
        if cell is not None and cell not in entry.cells:
            raise HTTPError(404, reason="No Such Live Cell")
        return cell

    def _renderer(self, entry: Entry, cell: str | None, generation: Generation | None) -> LiveRenderer:
        config = get_page_config(
            base_url=self.base_url,
            settings=self.settings,
            log=self.log,
            voila_configuration=self.voila_configuration,
        )
        if generation is not None and generation.way is Way.ALL:
            folders = get_voila_labextensions_path(self.voila_configuration.extra_labextensions_path)
            listed = config["federated_extensions"]
            config["federated_extensions"] = needed(listed, generation.imported, folders)
        return LiveRenderer(
            generation=generation,
            entry=entry,
            cell=cell,
            root=self.settings_of_server.notebooks,
            seconds=self.settings_of_server.start,
            request_handler=self,
            voila_configuration=self.voila_configuration,
            traitlet_config=self.traitlet_config,
            template_paths=self.template_paths,
            config_manager=self.config_manager,
            contents_manager=self.contents_manager,
            base_url=self.base_url,
            kernel_spec_manager=self.kernel_spec_manager,
            page_config=config,
        )

    def _page(self, renderer: LiveRenderer, kernel_id: str, entry: Entry) -> Page:
        config = {**renderer.page_config, "fullStaticUrl": self._front_end, "kernelId": kernel_id}
        return Page(
            entry.title,
            self._static,
            kernel=f"{self.base_url}api/kernels/{kernel_id}",
            shutdown=f"{self.base_url}voila/api/shutdown/{kernel_id}",
            voila=f"{self._front_end}/voila.js",
            config=config,
        )

    async def _send(self, renderer: LiveRenderer, kernel_id: str, entry: Entry) -> bool:
        """Stream the page; say whether it is whole and its reader still there."""
        page = self._page(renderer, kernel_id, entry)
        self._page_headers()
        pieces = renderer.stream(kernel_id, self.kernel_manager.get_kernel(kernel_id), page)
        try:
            whole = await self._pump(pieces)
        except StreamClosedError:
            whole = False
        except Exception:
            # The head has been sent: what is left is to say it on the page.
            whole = False
            log.exception("The page of %s could not be made", entry.path)
            self.write(self._template("failure.html").render(message="The page could not be made."))
            self.write("</main></body></html>")
        finally:
            await renderer.close()
        return whole and renderer.failure is None

    async def _pump(self, pieces: AsyncIterator[str]) -> bool:
        """Send pieces as they come; False when the reader has gone."""
        coming = asyncio.ensure_future(anext(pieces, None))
        unsent = False
        try:
            while True:
                await asyncio.wait(
                    (coming, self._left),
                    timeout=PAUSE if unsent else HEARTBEAT,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if self._left.done():
                    return False
                if coming.done():
                    piece = coming.result()
                    if piece is None:
                        return True
                    self.write(piece)
                    coming = asyncio.ensure_future(anext(pieces, None))
                    unsent = True
                    continue
                if not unsent:
                    self.write("<!-- still at work -->\n")
                await self.flush()
                unsent = False
        finally:
            coming.cancel()

    def _finish_page(self, template: str, page: Page) -> None:
        self._page_headers()
        self.finish(self._template(template).render(page=asdict(page)))

    def _template(self, name: str) -> Any:
        return self.settings["voila_jinja2_env"].get_template(name)

    def _page_headers(self) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")
