"""Reads JSON of unknown origin into values that every later step can walk, write and compare."""

from __future__ import annotations

import json
import math
import re
from typing import Any

# Values nested deeper than this are refused. The deepest things that notebooks really hold (plots,
# widget states) reach about 30; Python's own limit, 1,000 calls, must hold for everything that later
# walks through the notebook.
MAX_DEPTH = 150

_SURROGATE = re.compile("[\ud800-\udfff]")


class TooDeepError(ValueError):
    """The value is nested deeper than asked for."""


def loads(text: str, depth: int = MAX_DEPTH) -> Any:
    r"""Read JSON that is nested at most ``depth`` deep.

    What no UTF-8 file or JSON of ours could hold is taken out: half a surrogate pair ("\ud83d") becomes
    U+FFFD; NaN and the infinities, which are Python's and not JSON's, become null (as in JavaScript).
    Raises ValueError: json.JSONDecodeError, which says the place, TooDeepError, or a plain one for an
    integer of more digits than Python converts.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise TooDeepError("nested too deep") from None
    holder = [value]
    todo: list[tuple[Any, int]] = [(holder, 0)]
    while todo:
        container, level = todo.pop()
        if level > depth:
            raise TooDeepError("nested too deep")
        if isinstance(container, dict):
            for key in [key for key in container if not _whole(key)]:
                container[_SURROGATE.sub("\ufffd", key)] = container.pop(key)
            items: Any = container.items()
        else:
            items = enumerate(container)
        for key, item in items:
            if isinstance(item, str):
                if not _whole(item):
                    container[key] = _SURROGATE.sub("\ufffd", item)
            elif isinstance(item, (dict, list)):
                todo.append((item, level + 1))
            elif isinstance(item, float) and not math.isfinite(item):
                container[key] = None
    return holder[0]


def _whole(text: str) -> bool:
    # isascii is immediate: images as base64 are never searched
    return text.isascii() or not _SURROGATE.search(text)
