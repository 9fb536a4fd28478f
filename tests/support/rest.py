"""Reads what the engine wrote for pages at rest."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

WORD = 8


def parse(whole: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Give the JSON and the binary parts; fails where the content is not as long as it says."""
    count = int.from_bytes(whole[:WORD], "little")
    offsets = [int.from_bytes(whole[WORD * n : WORD * (n + 1)], "little") for n in range(1, count + 1)]
    assert offsets[-1] == len(whole)
    told, *parts = [whole[begin:end] for begin, end in itertools.pairwise(offsets)]
    return json.loads(told), parts


def states(path: Path) -> dict[str, Any]:
    """Give the widgets' states by model id."""
    found: dict[str, Any] = parse(path.read_bytes())[0]["states"]
    return found
