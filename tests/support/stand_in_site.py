"""An application that stands in for the site behind nginx; Gunicorn runs ``stand_in_site:application``.

Each request is noted in the file that COUNTED names. ``/fresh/…`` may be kept by nginx, ``/short/…``
for a second, all else not at all. A page tells what reached the application.
"""

import gzip
import json
import os
from pathlib import Path

import brotli

ENCODERS = {"": bytes, "gzip": gzip.compress, "br": brotli.compress}
KEPT = {"/fresh/": "600", "/short/": "1"}


def application(environ, start_response):
    path = environ["PATH_INFO"]
    with Path(os.environ["COUNTED"]).open("a") as counted:
        counted.write(f"{environ['REQUEST_METHOD']} {path}\n")
    if path.startswith("/broken/"):
        start_response("500 Internal Server Error", [("Content-Type", "text/html")])
        return [b"the application's own error page"]
    if path == "/short/withdrawn/" and Path(os.environ["COUNTED"]).read_text().count(path) > 1:
        start_response("404 Not Found", [("Content-Type", "text/html")])
        return [b"there is no such page any more"]
    if path.startswith("/never/"):
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [environ.get("HTTP_ACCEPT", "").encode()]
    encoding = environ.get("HTTP_ACCEPT_ENCODING", "")
    etag = f'"{path.strip("/").replace("/", "-")}-{encoding}"'
    headers = [
        ("ETag", etag),
        ("Cache-Control", "public, max-age=0, must-revalidate"),
        ("Vary", "Accept-Encoding"),
    ]
    if path[:7] in KEPT:
        headers.append(("X-Accel-Expires", KEPT[path[:7]]))
    if environ.get("HTTP_IF_NONE_MATCH") == etag:
        start_response("304 Not Modified", headers)
        return []
    if encoding:
        headers.append(("Content-Encoding", encoding))
    told = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
    start_response("200 OK", [*headers, ("Content-Type", "text/html; charset=utf-8")])
    answer = {"path": path, "query": environ["QUERY_STRING"], "headers": told}
    return [ENCODERS[encoding](json.dumps(answer).encode())]
