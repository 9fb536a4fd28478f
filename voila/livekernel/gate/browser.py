"""Which browser asks: a signed cookie that says who it is, and a token that says that its page asks now.

A cookie alone would also come with a request that somebody else's page made the browser send; a token can
be read by the site's own scripts only, holds for a minute, and for one cookie. Neither says anything about
a reader: the cookie's content is random, and it is gone when the browser closes.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from tornado.web import create_signed_value, decode_signed_value

TOKEN = "token"  # noqa: S105  (what a signature is for, not a secret)

DAYS = 31
"""How long a cookie is believed; each token that is fetched comes with a new one."""


def cookie_name(secure: bool) -> str:
    """Give the cookie's name.

    With this prefix browsers let no other host, and nobody on the way of a plain request, set it (RFC
    6265bis, section 4.1.3.2); over plain http they would not take it.
    """
    return "__Host-live" if secure else "live"


class Browsers:
    """Signs and reads cookies and tokens with a secret that no other process knows."""

    def __init__(self, seconds: float = 60, clock: Callable[[], float] = time.time) -> None:
        """Take the seconds that a token is good for, and a clock that counts as time.time does."""
        self._seconds, self._clock = seconds, clock
        self._secret = secrets.token_bytes(32)

    def new(self) -> str:
        """Give the id of a browser that has none; of a length that needs no "=" in a cookie."""
        return secrets.token_hex(12)

    def cookie(self, browser: str, secure: bool) -> str:
        """Give the cookie's value."""
        return self._signed(cookie_name(secure), browser)

    def who(self, cookie: str | None, secure: bool) -> str | None:
        """Give the browser whose cookie it is; None where it isn't one of this server's."""
        return self._read(cookie_name(secure), cookie, DAYS)

    def token(self, browser: str) -> str:
        """Give a token for a browser's next start."""
        return self._signed(TOKEN, browser)

    def holds(self, browser: str, token: str | None) -> bool:
        """Say whether a token is this browser's, and still good."""
        return self._read(TOKEN, token, self._seconds / 86_400) == browser

    def _signed(self, name: str, browser: str) -> str:
        return create_signed_value(self._secret, name, browser, version=2, clock=self._clock).decode()

    def _read(self, name: str, value: str | None, days: float) -> str | None:
        found = decode_signed_value(
            self._secret, name, value, max_age_days=days, clock=self._clock, min_version=2
        )
        return None if found is None else found.decode()
