"""What the templates of a live frame are filled with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Page:
    """What a template is handed: ``state`` and ``message`` are also for the page around the frame.

    ``action`` is where the start button posts to, or empty, and ``token`` where its form gets a token.
    ``config`` is Voila's page configuration with the kernel's id, for its front end; ``voila`` is the URL of
    that front end.
    """

    title: str
    static: str
    state: str = ""
    message: str = ""
    retry: int = 0
    place: int = 0
    reason: str = ""
    action: str = ""
    token: str = ""
    shutdown: str = ""
    kernel: str = ""
    voila: str = ""
    config: dict[str, Any] | None = None
