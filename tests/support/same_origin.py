"""A site of a few pages with the live server under /live/, as a proxy puts them on one origin."""

from __future__ import annotations

import asyncio
import mimetypes
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from blog.web.pages import CONTENT_SECURITY_POLICY


@dataclass
class Site:
    """``pages`` are bodies by path, ``folders`` are folders by prefix; what is below /live/ goes on.

    ``down`` is how the live server is missing, if it is: the proxy says 502, or no answer comes at all.
    """

    live_port: int
    pages: Mapping[str, str]
    folders: Mapping[str, Path]
    port: int = 0
    down: Literal["", "502", "cut"] = ""
    lines: set[asyncio.StreamWriter] = field(default_factory=set)
    loop: asyncio.AbstractEventLoop | None = None

    def cut(self) -> None:
        """Break every connection to the live server that is open, without a word to either side."""

        def abort() -> None:
            for writer in self.lines:
                writer.transport.abort()

        assert self.loop
        self.loop.call_soon_threadsafe(abort)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the one request of a connection."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            if path.startswith("/live/"):
                await self._pass_on(head, reader, writer)
            else:
                writer.write(self._page(path.partition("?")[0]))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            with suppress(ConnectionError):
                writer.close()

    def _page(self, path: str) -> bytes:
        kind, body = "text/html; charset=utf-8", self.pages.get(path, "").encode()
        for prefix, folder in self.folders.items():
            file = folder / path.removeprefix(prefix)
            if path.startswith(prefix) and file.is_file():
                kind, body = mimetypes.guess_type(path)[0] or "application/octet-stream", file.read_bytes()
        status = "200 OK" if body else "404 Not Found"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        head += f"Content-Security-Policy: {CONTENT_SECURITY_POLICY}\r\nConnection: close\r\n\r\n"
        return head.encode() + body

    async def _pass_on(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down == "cut":
            return
        if self.down:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\nConnection: close\r\n\r\n502")
            return
        lines = head.split(b"\r\n")
        if not any(line.lower().startswith(b"upgrade:") for line in lines):
            lines = [line for line in lines if not line.lower().startswith(b"connection:")]
            lines.insert(1, b"Connection: close")
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.live_port)
        inner_writer.write(b"\r\n".join(lines))
        self.lines |= {writer, inner_writer}
        up = asyncio.create_task(_copy(reader, inner_writer))
        down = asyncio.create_task(_copy(inner_reader, writer))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
            down.cancel()
            inner_writer.close()
            self.lines -= {writer, inner_writer}


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while block := await source.read(65536):
            sink.write(block)
            await sink.drain()


@contextmanager
def same_origin(live_port: int, pages: Mapping[str, str], folders: Mapping[str, Path]) -> Iterator[Site]:
    """Serve until the block ends, in a thread of its own."""
    site = Site(live_port, pages, folders)
    loop = site.loop = asyncio.new_event_loop()
    ready = threading.Event()

    stopped = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(site.answer, "127.0.0.1", 0)
        site.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stopped.wait()
        server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(10)
    try:
        yield site
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
