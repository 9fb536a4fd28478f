"""A line to a server far away: a relay on this machine that takes its time.

Each connection waits for a round trip before it carries anything, as a handshake of TCP does; bytes come half
a round trip later; all share the rate; and what goes to a reader begins with ten segments and grows by what
has been acknowledged (slow start, RFC 5681 and 6928). Nothing is lost on the way. Linux's own netem would be
the better line, where a machine has it; many, containers above all, don't.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SEGMENT = 1460
FIRST = 10 * SEGMENT
"""Bytes that may be on their way at first (RFC 6928)."""

PIECE = 4 * SEGMENT


class _Rate:
    """The way that all connections share: so many bytes a second."""

    def __init__(self, bytes_per_second: float) -> None:
        self._rate, self._free = bytes_per_second, 0.0

    def until(self, now: float, count: int) -> float:
        """Give the time at which so many bytes have left, after all that was before them."""
        self._free = max(self._free, now) + count / self._rate
        return self._free


class _Way:
    """One direction of one connection."""

    def __init__(self, trip: float, rate: _Rate, window: float) -> None:
        self._trip, self._rate, self._window = trip, rate, window
        self._flying: deque[tuple[float, int]] = deque()  # acknowledged when, how many bytes
        self._bytes = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes, late, until the end."""
        coming: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.ensure_future(self._deliver(coming, writer))
        try:
            while piece := await reader.read(PIECE):
                await self._wait_for_window(len(piece))
                gone = self._rate.until(time.monotonic(), len(piece))
                self._flying.append((gone + self._trip, len(piece)))
                self._bytes += len(piece)
                coming.put_nowait((gone + self._trip / 2, piece))
        except OSError:
            pass
        coming.put_nowait((time.monotonic() + self._trip / 2, b""))
        await delivering

    async def _wait_for_window(self, count: int) -> None:
        while True:
            now = time.monotonic()
            while self._flying and self._flying[0][0] <= now:
                acknowledged = self._flying.popleft()[1]
                self._bytes -= acknowledged
                self._window += acknowledged
            if not self._flying or self._bytes + count <= self._window:
                return
            await asyncio.sleep(self._flying[0][0] - now)

    async def _deliver(
        self, coming: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while True:
                when, piece = await coming.get()
                await asyncio.sleep(max(0.0, when - time.monotonic()))
                if not piece:
                    writer.close()
                    return
                writer.write(piece)
                await writer.drain()


@contextmanager
def line(port: int, *, trip: float, bits_per_second: float) -> Iterator[int]:
    """Lead to a port of this machine over a line with a round trip of ``trip`` seconds; give its own port."""
    loop = asyncio.new_event_loop()
    carrying: set[asyncio.Future[None]] = set()
    rates = _Rate(bits_per_second / 8), _Rate(bits_per_second / 8)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        try:
            await asyncio.sleep(trip)
            there, back = await asyncio.open_connection("127.0.0.1", port)
            ends.append(back)
            out, home = _Way(trip, rates[0], FIRST), _Way(trip, rates[1], FIRST)
            await asyncio.gather(out.carry(reader, back), home.carry(there, writer))
        except OSError:
            pass  # nobody is there: the reader is hung up on
        finally:
            for one in ends:
                one.close()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying.add(asyncio.ensure_future(accept(reader, writer)))

    # In a thread of its own: who measures has a loop, too.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(accepted, "127.0.0.1", 0), loop).result()
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(server: asyncio.Server) -> None:
    """Hang up on all who are still connected."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # what was closed is let go of in the loop's next turn
