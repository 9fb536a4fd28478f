"""Answers to what went wrong, in the site's own look."""

from __future__ import annotations

import re
from contextlib import suppress

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from blog.web.pages import respond, snapshot


def register(app: Flask) -> None:
    """Make the application answer every error with the build's page for it."""
    app.register_error_handler(HTTPException, _show)


def _show(error: HTTPException) -> Response:
    code = error.code or InternalServerError.code
    # No build yet, a code that no page was drawn for, or a program that asks: a line will do.
    response = Response(f"{code} {error.name}\n", status=code, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    if _takes_pages():
        with suppress(ServiceUnavailable, FileNotFoundError, KeyError):
            build = snapshot()
            response = respond(build, build.manifest.errors[code], code)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _takes_pages() -> bool:
    """Tell whether a reader asks; as nginx does for its own errors (nginx/snippets/error-forms.conf)."""
    accepted = request.headers.get("Accept", "").lower()
    return "text/html" in accepted or not re.search(r"[/+]json", accepted)
