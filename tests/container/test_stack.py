"""``docker compose up`` for real: what readers get at the one port, and what the containers can't do."""

from __future__ import annotations

import errno
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from blog.settings import SITE_PORT
from container.conftest import TARGETS, Stack, sizes
from playwright.sync_api import Browser, expect
from support.engine import Engine
from support.processes import wait_until

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]

POST = "/posts/virtual-detectors/"
#: MB; the base image is about 75 of each.
LARGEST = {"site": 200, "voila": 850, "nginx": 100}


def test_the_images_are_small(images: Engine) -> None:
    found = sizes(images)
    assert all(found[target] < LARGEST[target] for target in TARGETS), found


def test_a_reader_gets_posts_feeds_assets_and_errors(stack: Stack) -> None:
    page = stack.get(POST)
    assert page.status == 200
    assert b"<live-cell" in page.body
    style = re.search(rb'href="(/static/[^"]+\.css)"', page.body)
    assert style is not None
    assert stack.get(style[1].decode(), Accept_Encoding="br")["Content-Encoding"] == "br"
    assert stack.get("/feed.xml").status == 200
    gone = stack.get("/posts/nothing/")
    assert gone.status == 404
    assert b"<title>" in gone.body


def test_every_service_says_that_it_is_well(stack: Stack) -> None:
    """The site asks the others by way of nginx, whose inner port no reader reaches."""
    answer = stack.get("/healthz")
    assert answer.status == 200
    services = json.loads(answer.body)["services"]
    assert services == {"site": "ok", "voila": "ok", "nginx": "ok"}
    for name in TARGETS:
        assert stack.inspect(name)["State"]["Health"]["Status"] == "healthy"


def test_the_live_server_tells_what_it_does_from_inside(stack: Stack) -> None:
    report = json.loads(stack.execute("voila", "python", "-m", "livekernel.status").stdout)
    ready = {one["notebook"]: one["state"] for one in report["generations"]}
    assert ready == {"posts/virtual-detectors": "ready", "demos/virtual-detectors": "ready"}
    # Whoever comes first is admitted.
    assert report["memory_left"] > 80 * 2**20
    assert {"seccomp", "Landlock for files", "no new privileges"} <= set(report["sandbox_holds"])


def test_a_live_session_runs_through_the_published_port(stack: Stack, browser: Browser) -> None:
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(stack.url + POST)
    cell = page.locator("live-cell")
    cell.scroll_into_view_if_needed()
    cell.locator(".live-widgets").get_by_role("slider").first.focus()
    assert json.loads(stack.get("/healthz").body)["sessions"] == 0
    page.keyboard.press("ArrowRight")
    wait_until(lambda: int(cell.get_attribute("data-runs") or 0) > 0, "a new result", 90, stack.logs)
    expect(cell).to_have_attribute("data-state", "live")
    wait_until(lambda: json.loads(stack.get("/healthz").body)["sessions"] == 1, "a kernel is counted")
    cell.get_by_role("button", name="End").click()
    wait_until(lambda: json.loads(stack.get("/healthz").body)["sessions"] == 0, "the kernel is gone")
    page.close()
    assert faults == []


def test_only_nginx_has_a_port_and_it_is_the_one(stack: Stack) -> None:
    ports = {name: stack.inspect(name)["HostConfig"]["PortBindings"] for name in TARGETS}
    assert ports == {
        "site": {},
        "voila": {},
        "nginx": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(stack.port)}]},
    }


@pytest.fixture(scope="module")
def elsewhere(stack: Stack) -> Iterator[list[tuple[str, int]]]:
    """Addresses on this machine, but on no network of the stack's, that do answer."""
    run = stack.engine.docker("run", "--detach", "--rm", "notebook-blog-site:latest").stdout.strip()
    try:
        bridge = json.loads(stack.engine.docker("inspect", run).stdout)[0]["NetworkSettings"]
        with socket.create_server(("0.0.0.0", 0)) as listener:  # noqa: S104  (by each of its addresses)
            port = listener.getsockname()[1]
            places = [
                (bridge["IPAddress"], SITE_PORT),
                (bridge["Gateway"], port),
                (stack.gateway("front"), port),
            ]
            for place in places:
                wait_until(lambda place=place: reaches(place), f"{place} answers")
            yield places
    finally:
        stack.engine.docker("rm", "--force", run)


def reaches(place: tuple[str, int]) -> bool:
    with socket.socket() as asking:
        asking.settimeout(10)
        return asking.connect_ex(place) == 0


@pytest.mark.parametrize("service", ["site", "voila"])
def test_there_is_no_way_out(stack: Stack, service: str, elsewhere: list[tuple[str, int]]) -> None:
    """Neither to another network nor to the machine itself, by any of its addresses."""
    code = f"""
import socket
for place in {elsewhere!r}:
    with socket.socket() as asking:
        asking.settimeout(10)
        print(asking.connect_ex(place))
"""
    assert stack.python(service, code).split() == [str(errno.EHOSTUNREACH)] * len(elsewhere)


@pytest.mark.parametrize(("service", "other"), [("site", "voila:8866"), ("voila", "site:8000")])
def test_the_services_do_not_see_each_other(stack: Stack, service: str, other: str) -> None:
    name, port = other.split(":")
    code = f"""
import socket
try: socket.create_connection(({name!r}, {port}), 5)
except socket.gaierror: print("no such name")
"""
    assert stack.python(service, code) == "no such name"


@pytest.mark.parametrize("service", TARGETS)
def test_nothing_can_be_written_but_memory(stack: Stack, service: str) -> None:
    for folder in ("/", "/etc", "/opt", "/srv/blog", "/usr/bin", "/var/tmp"):
        tried = stack.execute(service, "touch", f"{folder}/x", check=False)
        assert "Read-only file system" in tried.stderr, folder


@pytest.mark.parametrize("service", TARGETS)
def test_the_process_has_no_rights(stack: Stack, service: str) -> None:
    status = stack.execute(service, "cat", "/proc/1/status").stdout
    found = dict(re.findall(r"^(\w+):\t(.*)$", status, re.MULTILINE))
    assert found["Uid"].split() == ["10001"] * 4
    assert int(found["CapBnd"], 16) == int(found["CapEff"], 16) == 0
    assert found["NoNewPrivs"] == "1"


@pytest.mark.parametrize("service", TARGETS)
def test_nothing_to_build_or_to_install_with_is_left(stack: Stack, service: str) -> None:
    for program in ("gcc", "cc", "pip", "pip3", "uv", "curl", "wget", "git", "npm", "node"):
        assert stack.execute(service, "bash", "-c", f"command -v {program}", check=False).returncode == 1
    if service != "nginx":
        tried = stack.execute(service, "python", "-m", "pip", "--version", check=False)
        assert "No module named pip" in tried.stderr


def test_everything_was_compiled_before(images: Engine) -> None:
    """The file system can't be written, so what is not compiled in the image never is.

    In a container of its own: beside the live server there is no memory to import all of it once more.
    """
    code = """
import livekernel, py4DSTEM, sys
from importlib.util import cache_from_source
from pathlib import Path
files = [m.__file__ for m in sys.modules.values() if getattr(m, "__file__", "") or ""]
ours = [f for f in files if f.endswith(".py") and "/usr/lib" not in f]
print([f for f in ours if not Path(cache_from_source(f)).exists()])
"""
    memory = ("--tmpfs", "/tmp", "--tmpfs", "/run/voila:uid=10001,gid=10001,mode=0700")
    options = ("--rm", "--read-only", *memory, "--network", "none", "--entrypoint", "python")
    done = images.docker("run", *options, "notebook-blog-voila:latest", "-c", code)
    assert done.stdout == "[]\n"
    assert done.stderr == ""  # no complaint of what the image leaves out


def test_limits_fit_a_machine_of_one_gigabyte(stack: Stack) -> None:
    limits = [stack.inspect(name)["HostConfig"] for name in TARGETS]
    assert sum(limit["Memory"] for limit in limits) <= 900 * 2**20
    assert all(0 < limit["PidsLimit"] <= 512 for limit in limits)


def test_pages_are_read_while_the_site_is_gone(stack: Stack) -> None:
    """nginx shows what it keeps, once it has asked in vain."""
    assert stack.get(POST).status == 200
    stack.run("stop", "--timeout", "10", "site")
    try:
        # Longer than nginx takes a page for fresh (X-Accel-Expires in blog.web.pages), and without a gap.
        end = time.monotonic() + 10

        def is_shown_on() -> bool:
            assert stack.get(POST).status == 200
            return time.monotonic() > end

        wait_until(is_shown_on, "the page is out of date")
        away = stack.get("/posts/never-asked-for/")
        assert away.status == 503
        assert b"<title>" in away.body
    finally:
        stack.run("start", "site")
    wait_until(lambda: stack.get("/about/").status == 200, "the site is found again", said=stack.logs)


def test_a_hall_that_opens_a_demo_at_once_is_no_end_of_nginx(stack: Stack) -> None:
    """Voila's front end is compressed for each of them."""
    code = """
import hashlib
from pathlib import Path
from voila._version import __version__
from voila.paths import collect_static_paths
folder = Path(collect_static_paths(["voila"], "base", prune=True)[0])
name = max(folder.glob("*.js"), key=lambda path: path.stat().st_size).name
print(f"/live/voila/static/{hashlib.sha256(__version__.encode()).hexdigest()[:16]}/{name}")
"""
    largest = stack.python("voila", code)
    asked = f"GET {largest} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br, gzip\r\n\r\n"
    with ExitStack() as readers:
        hall = [
            readers.enter_context(socket.create_connection(("127.0.0.1", stack.port))) for _ in range(120)
        ]
        for reader in hall:
            reader.sendall(asked.encode())
        assert {reader.recv(12) for reader in hall} == {b"HTTP/1.1 200"}
        assert stack.get("/").status == 200
    assert "exited on signal" not in stack.log("nginx")


def test_posts_are_read_while_voila_is_gone_and_it_is_found_again(stack: Stack) -> None:
    """It may come back at another address: nginx asks for it anew."""
    state = stack.get("/live/rest/posts/virtual-detectors")
    assert state.status == 200
    stack.run("stop", "--timeout", "10", "voila")
    assert stack.get(POST).status == 200
    wait_until(lambda: stack.get("/healthz").status == 503, "nginx's kept answer is out of date")
    kept = stack.get("/live/rest/posts/virtual-detectors")
    assert (kept.status, kept.body) == (200, state.body)
    assert stack.get("/live/render/posts/virtual-detectors").status == 503
    assert json.loads(stack.get("/healthz").body)["services"]["voila"] == "down"
    stack.run("start", "voila")
    wait_until(lambda: stack.get("/healthz").status == 200, "voila is found again", said=stack.logs)
    assert stack.get("/live/render/posts/virtual-detectors").status == 200


def test_a_service_that_dies_is_started_again(stack: Stack) -> None:
    before = stack.inspect("voila")["RestartCount"]
    # Its main process, not the container: that would be somebody's wish.
    stack.execute("voila", "bash", "-c", "kill -9 $(cat /proc/1/task/1/children)")
    wait_until(lambda: stack.inspect("voila")["RestartCount"] == before + 1, "it is started again")
    wait_until(lambda: stack.get("/healthz").status == 200, "the site is whole", said=stack.logs)


def test_the_logs_hold_no_warning_no_address_and_no_id(stack: Stack) -> None:
    """Last in this file: of all that the tests above did."""
    logs = {name: stack.log(name) for name in TARGETS}
    for name, log in logs.items():
        assert not re.findall(r"(?i)^.*(?:warn|error|critical|traceback).*$", log, re.MULTILINE), name
    gateway = stack.gateway("front")
    assert f"{gateway.rpartition('.')[0]}.0 GET" in logs["nginx"]
    assert not re.search(rf"{re.escape(gateway)}\b", logs["nginx"])
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", logs["nginx"])
