"""Built pages on a port, as the site's application sends them, without nginx and without live cells.

For tests of what a page does in a browser; its policy is the site's own.
"""

from __future__ import annotations

import datetime as dt
import mimetypes
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from blog.build import Selection, build
from blog.settings import Serving
from blog.web.application import create_app
from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing of a request."""


@contextmanager
def served(notebooks: Path, out: Path) -> Iterator[str]:
    """Build ``notebooks`` into ``out`` and serve that; give the address, no slash at its end."""
    build(notebooks, out, Selection(dt.date(2026, 12, 31)))
    application = create_app(Serving(site=out))

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/static/"):
            return application(environ, start)
        start("200 OK", [("Content-Type", mimetypes.guess_type(path)[0] or "application/octet-stream")])
        return [(out / path[1:]).read_bytes()]

    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
