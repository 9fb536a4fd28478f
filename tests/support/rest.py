"""Reads what the engine wrote for pages at rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WORD = 8


def states(path: Path) -> dict[str, Any]:
    """Give the widgets' states by model id; fails where the file is not as long as it says."""
    whole = path.read_bytes()
    count = int.from_bytes(whole[:WORD], "little")
    offsets = [int.from_bytes(whole[WORD * n : WORD * (n + 1)], "little") for n in range(1, count + 1)]
    assert offsets[-1] == len(whole)
    found: dict[str, Any] = json.loads(whole[offsets[0] : offsets[1]])["states"]
    return found
