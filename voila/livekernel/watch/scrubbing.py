"""Keeps tokens out of what tornado logs: it writes a request's whole address where one fails.

jupyter_server scrubs its own lines likewise (its ``log.py``), but Voila's application logs as tornado does.
"""

from __future__ import annotations

import logging
import re

_LOGGERS = ("tornado.access", "tornado.application", "tornado.general")
_TOKEN = re.compile(r"(?<=[?&]token=)[^&\s'\"]+")


def scrub() -> None:
    """Take the tokens out of every line that tornado logs from now on; ``__main__`` calls it."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_scrub)


def _scrub(record: logging.LogRecord) -> bool:
    record.msg, record.args = _TOKEN.sub("[secret]", record.getMessage()), None
    return True
