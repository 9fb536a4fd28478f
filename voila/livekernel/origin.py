"""The one rule that says whether a request comes from the site's own pages.

A kernel costs memory and time, so another site must not be able to start, use or end one through
a reader's browser. Browsers send ``Origin`` with every POST and every websocket handshake, and a
page can't forge it; what sends none is no page of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def is_own(headers: Mapping[str, str]) -> bool:
    """Say whether ``Origin`` names the host that was asked.

    Only the host and port are compared: TLS ends before this server, so it doesn't know the scheme.
    ``Sec-Fetch-Site`` is asked too where the browser sends it (websocket handshakes carry none).
    """
    origin, host = headers.get("Origin"), headers.get("Host")
    if not origin or not host:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or parts.netloc.lower() != host.lower():
        return False
    return headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
