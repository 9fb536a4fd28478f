"""A reader without a browser who touches a figure in its post: its state at rest, then one websocket."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from typing import Any
from urllib.parse import urlencode

from benchmarks import notebook, protocol
from benchmarks.reader import GoneError, Reader

KEY = f"posts/{notebook.SLUG}"


class Toucher(Reader):
    """As :class:`benchmarks.reader.Reader`; what is asked for is what the post's own front end asks for."""

    def open(self) -> None:
        """Read the post, and the state of its widgets; no kernel is started."""
        self._begun = time.perf_counter()
        for path in (f"/{KEY}/", f"{self.address.prefix}rest/{KEY}"):
            status, content = self._read(path)
            if status != 200:
                raise GoneError(f"{path} was answered {status}")
        self.rest = protocol.rest(content)
        self.widgets = self.rest.widgets
        self._done("page")

    def connect(self) -> None:
        """Start a session by the websocket that is its connection."""
        token = self._token()
        query = {"token": token, "generation": self.rest.generation, "session_id": uuid.uuid4().hex}
        self._socket = self._connect(f"session/{KEY}?{urlencode(query)}")
        said: dict[str, Any] = json.loads(self._socket.recv(60))
        if said["state"] != "live":
            raise GoneError(f"no session: {said}")
        self.kernel = said["kernel"]
        self._done("websocket")

    def _read(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.address.port, timeout=60, source_address=(self.address.source, 0)
        )
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
