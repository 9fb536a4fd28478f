"""Why sessions ended, in words for their readers."""

from __future__ import annotations

from typing import Literal

Reason = Literal["ended", "idle", "unwatched", "life", "memory", "time", "died"]

MESSAGES: dict[Reason, str] = {
    "ended": "The kernel has ended.",
    "idle": "Nobody had used the kernel for a while.",
    "unwatched": "No page was connected to the kernel.",
    "life": "The kernel had run as long as one may.",
    "memory": "The kernel needed too much memory.",
    "time": "The kernel computed for too long.",
    "died": "The kernel ended unexpectedly.",
}
