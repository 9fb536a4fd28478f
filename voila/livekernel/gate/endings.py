"""Why sessions ended, in words for their readers."""

from __future__ import annotations

from typing import Literal

Reason = Literal["ended", "idle", "unwatched", "life", "memory", "time", "died"]

MESSAGES: dict[Reason, str] = {
    "ended": "The kernel has ended.",
    "idle": "The kernel ended because nobody had used it for a while.",
    "unwatched": "The kernel ended because no page was connected to it.",
    "life": "The kernel ended because it had run as long as one may.",
    "memory": "The kernel ended because it needed more memory than one may have.",
    "time": "The kernel ended because it computed for longer than one may.",
    "died": "The kernel ended unexpectedly.",
}
