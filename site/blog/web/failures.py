"""Answers to what went wrong, in the site's own look."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from blog.web.pages import respond, snapshot


def register(app: Flask) -> None:
    """Make the application answer every error with the build's page for it."""
    app.register_error_handler(HTTPException, _show)


def _show(error: HTTPException) -> Response:
    code = error.code or InternalServerError.code
    try:
        build = snapshot()
        response = respond(build, build.manifest.errors[code], code)
    except (ServiceUnavailable, FileNotFoundError, KeyError):
        # No build yet, or a code that no page was drawn for (405, 400): a line will do.
        response = Response(f"{code} {error.name}\n", status=code, content_type="text/plain; charset=utf-8")
        response.headers["Cache-Control"] = "no-store"
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response
