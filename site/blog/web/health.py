"""``/healthz``: how each service is, for whoever watches the site; no secrets, no reasons."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.error import URLError

from flask import Blueprint, Response, current_app

from blog.settings import Serving
from blog.web.release import Release

health = Blueprint("health", __name__)

# Seconds to wait for another service's word; a service that takes longer is of no use to a reader.
_PATIENCE = 2.0


@health.get("/healthz")
def healthz() -> Response:
    """Answer 200 once a reader can be served by every service there is, else 503.

    It may take as long as the services that are asked: nginx keeps the answer for a second, so that
    strangers who ask again and again don't hold the workers.
    """
    serving = current_app.extensions["serving"]
    assert isinstance(serving, Serving)  # noqa: S101  (the factory put it there)
    release = current_app.extensions["release"]
    assert isinstance(release, Release)  # noqa: S101  (the factory put it there)
    services = {"site": "ok" if release.snapshot() else "starting"}
    sessions = 0
    if serving.live_url:
        live = _ask(f"{serving.live_url}/healthz")
        services["voila"] = "ok" if live is not None else "down"
        sessions = int((live or {}).get("sessions", 0))
    if serving.nginx_url:
        services["nginx"] = "ok" if _ask(f"{serving.nginx_url}/healthz") is not None else "down"
    ready = all(state == "ok" for state in services.values())
    report = {"status": "ok" if ready else "unavailable", "services": services, "sessions": sessions}
    text = json.dumps(report) + "\n"
    response = Response(text, status=200 if ready else 503, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _ask(url: str) -> dict[str, Any] | None:
    """Ask a service of ours how it is: its answer, an empty one where that is no JSON, None where none."""
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310  (our own address)
            text = answer.read(4096)
    except (URLError, OSError):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
