"""Waits until a reader could use what was started: until every URL answers."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterable

# Seconds for one answer, and between two rounds of questions.
_ANSWER, _PAUSE = 10.0, 0.1
# A proxy of the user's has no business with services of this machine.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def wait_for(urls: Iterable[str], patience: float) -> dict[str, str]:
    """Ask each URL until it answers 200; give those that did not within ``patience`` seconds, and why.

    Blocks, so the supervisor calls it in a child (:meth:`Supervisor.call`).
    """
    deadline = time.monotonic() + patience
    waiting = dict.fromkeys(urls, "not asked")
    while waiting:
        waiting = {url: said for url in waiting if (said := _ask(url))}
        if not waiting or time.monotonic() > deadline:
            break
        time.sleep(_PAUSE)
    return waiting


def _ask(url: str) -> str:
    """Ask once; nothing if the answer is 200, else what came instead."""
    try:
        with _direct.open(url, timeout=_ANSWER) as answer:
            answer.read()
            return "" if answer.status == 200 else f"it answered {answer.status}"
    except urllib.error.HTTPError as error:
        return f"it answered {error.code}"
    except urllib.error.URLError as error:
        return str(error.reason)
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
