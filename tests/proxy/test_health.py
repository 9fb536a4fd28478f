"""``/healthz``, as the site itself answers it, while the service that it asks says nothing."""

import datetime as dt
import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread

from blog.build import Selection, build
from support.front import ROOT, running, standing
from support.notebooks import post
from support.processes import wait_until


class Silent:
    """A server that takes requests and never answers; ``asked`` counts them."""

    def __init__(self) -> None:
        self.asked = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.held: list[socket.socket] = []
        self.is_asked = Event()
        Thread(target=self._hold, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def _hold(self) -> None:
        while True:
            self.held.append(self.listener.accept()[0])
            self.asked += 1
            self.is_asked.set()


def test_a_crowd_that_asks_for_health_holds_no_page(tmp_path: Path) -> None:
    post(tmp_path / "notebooks", "small", "A small post")
    build(tmp_path / "notebooks", tmp_path / "built", Selection(dt.date(2026, 1, 1)))
    silent = Silent()
    with standing(tmp_path / "state", voila=silent.address, site="unix:run/real.sock") as front:
        inside = f"http://127.0.0.1:{front.inner}"
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "site"),
            "BLOG_SITE": str(tmp_path / "built"),
            "BLOG_LIVE_URL": f"{inside}/live",
            "BLOG_NGINX_URL": inside,
        }
        command = [sys.executable, "-m", "gunicorn", "--bind", "unix:run/real.sock", "--no-control-socket"]
        command += ["--workers", "2", "blog.wsgi:application"]
        with running(command, cwd=front.state, env=environment), ThreadPoolExecutor(20) as crowd:
            wait_until(lambda: front.get("/posts/small/").status == 200, "the site answers")
            answers = [crowd.submit(front.get, "/healthz", address=f"127.0.0.{2 + n}") for n in range(20)]
            assert silent.is_asked.wait(30)
            # From the application, not from what nginx keeps.
            assert front.get("/nowhere/").status == 404
            assert silent.asked == 1
            found = [answer.result() for answer in answers]
            assert {answer.status for answer in found} == {503}
            assert len({answer.body for answer in found}) == 1
            assert b'"voila": "down"' in found[0].body
            assert silent.asked == 1
            assert "127.0.0." not in front.said(), front.said()
