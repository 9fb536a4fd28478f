"""Notebooks forked both ways, after all their cells and after the warm ones, with two readers each."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from livekernel.index import ALL, WARM
from support.live_server import LIBRARIES, LiveProcess, live_server, notebook, wait_for, write_notebooks
from support.reader import Reader, reading

WAYS = {"all": ALL, "warm": WARM}
both_ways = pytest.mark.parametrize("way", WAYS)


@contextmanager
def forked_both_ways(root: Path, sources: Mapping[str, str], *libraries: str) -> Iterator[LiveProcess]:
    """Serve ``posts/KIND-all`` and ``posts/KIND-warm`` for each kind of source."""
    notebooks = {
        f"posts/{kind}-{way}": notebook(("begun = 1", "warm"), (source, "live"))
        for kind, source in sources.items()
        for way in WAYS
    }
    write_notebooks(root, notebooks, {key: WAYS[key.rpartition("-")[2]] for key in notebooks})
    options = ("--libraries", ",".join((LIBRARIES, *libraries)), "--admin-file", str(root / "admin"))
    with live_server(root, *options) as running:
        yield running


def generation(live: LiveProcess, key: str) -> dict[str, Any]:
    """Give what the server tells its operator of a notebook's one generation."""
    address = (live.root / "admin").read_text().strip()
    with urllib.request.urlopen(address + "/status", timeout=10) as answer:  # noqa: S310
        told = json.loads(answer.read())["generations"]
    (found,) = [one for one in told if one["notebook"] == key]
    return dict(found)


def tell(live: LiveProcess, kind: str, way: str, story: Callable[[Reader, Reader], Awaitable[None]]) -> None:
    """Have two readers of one notebook; what each hears answers what it has sent itself."""

    async def both() -> None:
        key = f"posts/{kind}-{way}"
        async with reading(live, key, "192.0.2.1") as one, reading(live, key, "192.0.2.2") as other:
            await story(one, other)

    told = generation(live, f"posts/{kind}-{way}")
    assert (told["state"], told["way"], told["reason"]) == ("ready", WAYS[way], None)
    asyncio.run(both())
    wait_for(lambda: live.sessions() == 0, what="the end of both sessions")
