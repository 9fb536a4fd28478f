"""Model ids that are the same in every generation of one notebook.

The page shows widgets by their models' ids before there is a kernel; a kernel forked later, and the zygote
of the next start, must know them by the same. An id is a UUID (version 5, RFC 9562) of the notebook and a
count, so the same cells give the same ids. After the warm-up ids are drawn at random again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import comm.base_comm

_NAMESPACE = uuid.UUID("8f0c4d0e-5c55-5d0a-9d0f-6c4b1f0b7a51")


@contextmanager
def stable_ids(notebook: str) -> Iterator[None]:
    """Give comms made in the block ids by their count; ``notebook`` is its key."""
    space, count = uuid.uuid5(_NAMESPACE, notebook), 0

    def next_id() -> uuid.UUID:
        nonlocal count
        count += 1
        return uuid.uuid5(space, str(count))

    module: Any = comm.base_comm
    real, module.uuid = module.uuid, SimpleNamespace(uuid4=next_id)
    try:
        yield
    finally:
        module.uuid = real
