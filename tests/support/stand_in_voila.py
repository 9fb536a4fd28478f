"""A server that stands in for Voila behind nginx: echoes what reached it, over HTTP and a websocket.

Run as ``python stand_in_voila.py PORTFILE``: takes a free port and writes its number there.
"""

import asyncio
import gzip
import json
import sys
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

#: What a live server would say that somebody else has come to command.
TAKEN_OVER = {
    "X-Accel-Redirect": "/errors/500.html",
    "Service-Worker-Allowed": "/",
    "Set-Cookie": "a=b; Path=/",
    "Clear-Site-Data": '"*"',
    "Strict-Transport-Security": "max-age=99999999",
}


class Echo(RequestHandler):
    def get(self) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")
        if "taken-over" in self.request.path:
            for name, value in TAKEN_OVER.items():
                self.set_header(name, value)
        if cookie := self.request.headers.get("X-Stand-In-Cookie"):
            self.set_header("Set-Cookie", cookie)
        if self.request.path.endswith(".js"):
            self.set_header("Content-Type", "text/javascript")
            self.write("let x = 1;\n" * 1000)
        else:
            self.write({"path": self.request.path, "headers": dict(self.request.headers)})

    def post(self) -> None:
        self.get()


class Rest(RequestHandler):
    """Says how often it was asked, in the encoding that it was asked for."""

    asked = withdrawn = 0

    def get(self) -> None:
        Rest.asked += 1
        if self.request.path.endswith("/withdrawn"):
            # As a notebook that is a draft now, after it has been shown once.
            Rest.withdrawn += 1
            if Rest.withdrawn > 1:
                self.set_status(404)
                self.finish()
                return
        encoding = self.request.headers.get("Accept-Encoding", "")
        if encoding == "gzip":
            self.set_header("Content-Encoding", encoding)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Vary", "Accept-Encoding")
        content = json.dumps({"asked": Rest.asked, "encoding": encoding}).encode()
        self.write(gzip.compress(content) if encoding == "gzip" else content)


class Channels(WebSocketHandler):
    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return subprotocols[0] if subprotocols else None

    def open(self, *_: str) -> None:
        headers = self.request.headers
        told = {"host": headers["Host"], "origin": headers["Origin"]}
        self.write_message({**told, "query": self.request.query} if self.request.query else told)

    def on_message(self, message: str | bytes) -> None:
        self.write_message(message, binary=isinstance(message, bytes))


async def main(port_file: Path) -> None:
    (socket,) = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(
        Application([(r".*/channels|/live/session/.*", Channels), (r"/live/rest/.*", Rest), (r".*", Echo)])
    )
    server.add_socket(socket)
    new = port_file.with_suffix(".new")
    new.write_text(str(socket.getsockname()[1]))
    new.rename(port_file)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
