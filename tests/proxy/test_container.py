"""What the same sources become for the container."""

import re
import subprocess
from pathlib import Path

import pytest
from blog import proxy, system
from blog.cli import blog
from blog.settings import Settings
from click.testing import CliRunner


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    """Write it by the command that the image's build runs."""
    (tmp_path / "notebooks").mkdir()
    text = 'url = "https://blog.example"\n[server]\nhosts = ["Other.Example"]\n'
    text += 'proxies = ["10.0.0.0/8", "fd00::/8"]\n'
    (tmp_path / "notebooks" / "blog.toml").write_text(text)
    words = ["proxy", "--notebooks", str(tmp_path / "notebooks"), "--out", str(tmp_path / "nginx")]
    result = CliRunner().invoke(blog, words)
    assert result.exit_code == 0, result.output
    return tmp_path / "nginx"


def test_nginx_accepts_it_with_an_empty_prefix_and_nobody_there(rendered: Path, tmp_path: Path) -> None:
    # Neither site nor voila is a name here: they are looked up when a reader comes.
    (tmp_path / "run").mkdir()
    command = [system.provide(system.NGINX), "-p", f"{tmp_path / 'run'}/", "-e", "stderr"]
    command += ["-c", str(rendered / "nginx.conf"), "-t", "-q"]
    check = subprocess.run(command, capture_output=True, text=True)
    missing = [name for name in proxy._BROTLI if not (proxy.DEBIAN_MODULES / name).is_file()]
    if missing and check.returncode:
        pytest.skip(f"no {missing} here")
    assert (check.returncode, check.stderr) == (0, "")


def test_it_says_what_holds_in_a_container(rendered: Path) -> None:
    text = "\n".join(path.read_text() for path in rendered.rglob("*.conf"))
    assert not re.search(r"\$\{BLOG_[A-Z]", text)
    for line in (
        'server_name "blog.example" "other.example" "localhost" "127.0.0.1" "[::1]";',
        "listen 8080 default_server;",
        "listen 8081;",
        "set $blog_by_name site:8000;",
        "set $blog_by_name voila:8866;",
        "default voila:8866;",
        "resolver 127.0.0.11 valid=5s ipv6=off;",
        "set_real_ip_from 10.0.0.0/8;",
        "access_log /dev/stdout readers;",
        "root /srv/blog/site;",
        "max_size=16m",
        "pid ./nginx.pid;",
    ):
        assert line in text, line
    assert "user " not in (rendered / "nginx.conf").read_text()


def test_nobody_is_believed_by_default() -> None:
    assert proxy.container(Settings()).proxies == ()
