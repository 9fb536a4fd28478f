"""``blog up`` as a whole: what it says, what it survives, and that nothing of it is left."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.disks import small_disk
from support.processes import none_left, told, wait_until
from support.site import COMMAND, Site, launch, start_site

# Ctrl-C or SIGTERM ends everything within these seconds.
LIMIT = 10


def write_notebooks(folder: Path) -> Path:
    """Write a post with a live cell, and one that can't be read."""
    cell = {
        "cell_type": "code",
        "id": "live",
        "metadata": {"tags": ["live"]},
        "source": "print(1 + 1)",
        "execution_count": 1,
        "outputs": [
            {
                "output_type": "execute_result",
                "execution_count": 1,
                "data": {"text/plain": "2"},
                "metadata": {},
            }
        ],
    }
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A small post"}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    node = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": [title, cell]}
    (folder / "posts").mkdir(parents=True)
    (folder / "posts" / "small.ipynb").write_text(json.dumps(node))
    (folder / "posts" / "broken.ipynb").write_text("{")
    (folder / "blog.toml").write_text("[live]\nkernels = 5\n")
    return folder


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_notebooks(tmp_path_factory.mktemp("a shelf") / "notebooks")


@pytest.fixture(scope="module")
def site(notebooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with start_site(notebooks, tmp_path_factory.mktemp("a run") / "state") as site:
        yield site


@pytest.fixture
def fresh(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site of the test's own, to be killed; its pages have been built already."""
    shutil.copytree(site.state / "site", tmp_path / "state" / "site")
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    with start_site(site.notebooks, tmp_path / "state") as fresh:
        yield fresh


def nothing_left(site: Site) -> None:
    wait_until(lambda: not site.left(), "nothing is left", 20, lambda: told(site.left()))


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def start_kernel(site: Site) -> psutil.Process:
    """Run the post live, as its button does; give the kernel."""
    asked = site.get("/live/token", "POST", b"", Origin=site.url)
    cookie = (asked["Set-Cookie"] or "").partition(";")[0]
    token = json.loads(asked.body)["token"]
    answer = site.get(
        "/live/render/posts/small", "POST", b"", Origin=site.url, Cookie=cookie, X_Live_Token=token
    )
    assert answer.status == 200
    (kernel,) = [process for process in site.left() if process.name() == "kernel"]
    return kernel


def refused(notebooks: Path, state: Path, port: int | None = None) -> str:
    """Start what can't be started; give the one line that it says."""
    site = launch(notebooks, state, port)
    with none_left(str(state)):
        assert site.process.wait(120) == 2, site.said()
        assert site.left() == []
    return site.said()


def test_when_it_says_so_a_reader_can_use_it(site: Site) -> None:
    assert f"The blog is at {site.url}/" in site.said()
    health = json.loads(site.get("/healthz").body)
    assert health["services"] == {"site": "ok", "voila": "ok", "nginx": "ok"}
    assert b"A small post" in site.get("/posts/small/").body
    start = site.get("/live/render/posts/small")
    assert start.status == 200
    assert b"<button" in start.body


def test_blog_status_finds_it(site: Site) -> None:
    asked = [*COMMAND, "status", "--state", str(site.state)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("services  site ok   voila ok   nginx ok\n"), done.stderr
    assert done.returncode == 0


def test_the_live_server_is_told_what_blog_toml_says(site: Site) -> None:
    assert "--kernels=5" in site.service("livekernel").cmdline()


def test_what_could_not_be_built_is_said(site: Site) -> None:
    assert re.search(r"^skipped: posts/broken\.ipynb: .+", site.said(), re.MULTILINE)
    assert site.get("/posts/broken/").status == 404


def test_services_see_no_secrets_and_write_nothing_elsewhere(fresh: Site, tmp_path: Path) -> None:
    start_kernel(fresh)
    services = [fresh.service(name) for name in ("nginx", "gunicorn", "livekernel")]
    everyone = [*services, *(child for service in services for child in service.children(recursive=True))]
    assert len(everyone) >= 7  # with their workers, and the kernel
    for process in everyone:
        assert "SECRET_TOKEN" not in process.environ(), process.cmdline()
    assert list((tmp_path / "home").rglob("*")) == []
    found = {path.relative_to(fresh.notebooks).as_posix() for path in fresh.notebooks.rglob("*")}
    assert found == {"blog.toml", "posts", "posts/small.ipynb", "posts/broken.ipynb"}


@pytest.mark.parametrize("name", ["nginx", "gunicorn", "livekernel"])
def test_a_killed_service_comes_back(site: Site, name: str) -> None:
    before = site.service(name)
    orphans = before.children(recursive=True)
    before.kill()
    shown = {"livekernel": "voila"}.get(name, name)
    wait_until(lambda: f"{shown} ended (SIGKILL); starting it again in" in site.said(), "it is said")
    # nginx keeps what the site last said of its health for a second: that alone is no sign.
    wait_until(lambda: site.services(name) not in ([], [before]), "it is back", said=site.said)
    wait_until(site.is_up, "the site is whole", said=site.said)
    wait_until(lambda: all(map(gone, orphans)), "what it had started is gone")


@pytest.mark.parametrize("name", ["nginx", "gunicorn"])
def test_a_killed_worker_is_no_matter(site: Site, name: str) -> None:
    workers = site.service(name).children()
    for worker in workers:
        worker.kill()
    wait_until(lambda: site.is_up() and not any(worker.is_running() for worker in workers), "new workers")


def test_readers_wait_while_nginx_is_started_again(site: Site) -> None:
    # The port stays the supervisor's, so that nobody is refused.
    master = site.service("nginx")
    workers = master.children()
    master.kill()
    wait_until(lambda: all(map(gone, [master, *workers])), "nobody is there")
    assert site.get("/posts/small/").status == 200
    wait_until(site.is_up, "nginx is back")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_site(fresh: Site, number: signal.Signals) -> None:
    fresh.process.send_signal(number)
    assert fresh.process.wait(LIMIT) == 0
    assert fresh.left() == []


def test_killing_the_command_ends_the_site(fresh: Site, notebooks: Path) -> None:
    fresh.process.kill()
    fresh.process.wait()
    # One that is started at once waits for the end of the other, and has its state and its port.
    with start_site(notebooks, fresh.state, fresh.port) as again:
        assert again.get("/posts/small/").status == 200
        again.end()
        nothing_left(again)


def test_killing_the_supervisor_ends_the_site(fresh: Site) -> None:
    os.kill(fresh.supervisor(), signal.SIGKILL)
    assert fresh.process.wait(LIMIT) == 1
    assert fresh.left() == []


def test_a_kernel_ends_with_the_site(fresh: Site) -> None:
    start_kernel(fresh)
    fresh.process.kill()
    nothing_left(fresh)


def test_a_killed_voila_leaves_no_kernel(fresh: Site) -> None:
    kernel = start_kernel(fresh)
    fresh.service("livekernel").kill()
    wait_until(lambda: gone(kernel), "the kernel is gone")
    wait_until(fresh.is_up, "Voila is back")


def test_a_second_one_on_the_same_state_is_refused(site: Site, notebooks: Path) -> None:
    second = launch(notebooks, site.state)
    assert second.process.wait(60) == 2
    said = second.said()
    assert said == (
        f"blog: {site.state} is in use by another blog up (process {site.process.pid}); "
        "end that first, or name another folder with --state\n"
    )
    assert site.is_up()


def test_a_port_that_is_taken_is_named(notebooks: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(notebooks, tmp_path / "state", port)
    assert said == f"blog: port {port} is taken by another program; choose another with --port\n"
    # Before anything was started or built.
    assert not (tmp_path / "state" / "site").exists()


def test_it_listens_where_it_is_told_to(site: Site, tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    shutil.copytree(site.state / "site", tmp_path / "state" / "site")
    with start_site(site.notebooks, tmp_path / "state", None, "--host", "::1") as other:
        assert f"The blog is at http://[::1]:{other.port}/" in other.said()
        with pytest.raises(ConnectionRefusedError):
            other.get("/")  # at 127.0.0.1


def test_everywhere_it_answers_to_numbers_and_known_names_alone(site: Site, tmp_path: Path) -> None:
    shutil.copytree(site.state / "site", tmp_path / "state" / "site")
    with start_site(site.notebooks, tmp_path / "state", None, "--host", "0.0.0.0") as other:  # noqa: S104
        for host in ("192.0.2.1", f"192.0.2.1:{other.port}", "[2001:db8::1]", "localhost"):
            assert other.get("/posts/small/", Host=host).status == 200
        for host in ("other.example", "192.0.2.1.other.example"):
            with pytest.raises(ConnectionResetError):
                other.get("/posts/small/", Host=host)
    with pytest.raises(ConnectionResetError):
        site.get("/posts/small/", Host="192.0.2.1")


def test_gunicorns_socket_is_closed_to_other_users(site: Site) -> None:
    folder = (site.state / "run/site").stat()
    workers = site.service("nginx").children()
    assert workers
    # By their group alone, where they are not the same user.
    if all(worker.uids().effective == folder.st_uid for worker in workers):
        assert folder.st_mode & 0o077 in (0, 0o010)
    else:
        assert {worker.gids().effective for worker in workers} == {folder.st_gid}
        assert folder.st_mode & 0o077 == 0o010


def test_a_host_that_is_not_this_machine_is_named(notebooks: Path, tmp_path: Path) -> None:
    site = launch(notebooks, tmp_path / "state", None, "--host", "192.0.2.254")  # for documents only
    assert site.process.wait(60) == 2
    assert site.said() == "blog: --host 192.0.2.254 is no address of this machine\n"


def test_a_missing_folder_of_notebooks_is_named(tmp_path: Path) -> None:
    said = refused(tmp_path / "nowhere", tmp_path / "state")
    assert said.startswith(f"blog: {tmp_path / 'nowhere'}: there is no such folder")
    assert said.count("\n") == 1


def test_settings_that_are_wrong_are_named(notebooks: Path, tmp_path: Path) -> None:
    shutil.copytree(notebooks, tmp_path / "notebooks")
    (tmp_path / "notebooks" / "blog.toml").write_text("titel = 'x'\n")
    said = refused(tmp_path / "notebooks", tmp_path / "state")
    assert "blog.toml: unknown key 'titel'; did you mean 'title'?" in said.splitlines()[-1]


@pytest.mark.parametrize("size", ["4k", "64k", "400k"])
def test_a_full_disk_is_one_line(notebooks: Path, tmp_path: Path, size: str) -> None:
    with small_disk(tmp_path / "disk", size) as disk:
        state = disk / "state"
        site = launch_elsewhere(notebooks, state, tmp_path)
        with none_left(str(state)):
            assert site.process.wait(120) == 2, site.said()
            assert site.left() == []
        last = site.said().splitlines()[-1]
        assert "the disk is full; free some" in last
        assert "Traceback" not in site.said()


def launch_elsewhere(notebooks: Path, state: Path, outputs: Path) -> Site:
    """Launch with what it prints kept on another disk."""
    link = outputs / "state"
    link.symlink_to(state)
    return launch(notebooks, link)


def test_the_start_can_be_broken_off(notebooks: Path, tmp_path: Path) -> None:
    site = launch(notebooks, tmp_path / "state")
    with none_left(str(site.state)):
        wait_until(lambda: "building" in site.said(), "the build has begun")
        site.process.send_signal(signal.SIGINT)
        assert site.process.wait(LIMIT) == 0, site.said()
        assert site.left() == []
        assert "Traceback" not in site.said()
