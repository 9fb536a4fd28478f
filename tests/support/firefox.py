"""Debian's Firefox for tests, driven over WebDriver BiDi by a program of Node beside them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from blog.convert.katex_process import node
from blog.system import FIREFOX, find

FOLDER = Path(__file__).parents[1] / "browser" / "firefox"


class Firefox:
    """One Firefox that shows one page at a time."""

    def __init__(self, asks: TextIO, answers: TextIO) -> None:
        self._asks, self._answers = asks, answers
        self.version = self._read()

    def do(self, act: str, **told: Any) -> Any:
        """Let a reader do something, and give what was found; fails with what failed there.

        ``drive.mjs`` has the acts.
        """
        print(json.dumps({"act": act, **told}), file=self._asks, flush=True)
        return self._read()

    def _read(self) -> Any:
        line = self._answers.readline()
        assert line, "what drives Firefox has ended"
        answer = json.loads(line)
        assert "failed" not in answer, answer["failed"]
        return answer["found"]


@contextmanager
def start_firefox() -> Iterator[Firefox]:
    """Start Firefox without a screen, and end it after use."""
    program, browser = node(), find(FIREFOX)
    assert program, "there is no Node"
    assert browser, "there is no Firefox"
    with subprocess.Popen(
        [program, "drive.mjs", browser], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield Firefox(process.stdin, process.stdout)
        finally:
            process.stdin.close()
            process.wait(30)
