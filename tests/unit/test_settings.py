"""blog.toml: typed, closed, and explained in one line."""

from pathlib import Path

import pytest
from blog.errors import SettingsError
from blog.settings import Serving, load


def write(folder: Path, text: str) -> Path:
    (folder / "blog.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_folder_without_settings_gets_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.server.workers == 2
    assert [item.href for item in settings.navigation] == ["/", "/demos/", "/about/"]


def test_settings_are_read(tmp_path: Path) -> None:
    text = 'title = "T"\nurl = "https://example.org"\n[server]\nworkers = 3\n'
    text += '[[navigation]]\ntext = "A"\nhref = "/a/"\n'
    settings = load(write(tmp_path, text))
    assert (settings.title, settings.url, settings.server.workers) == ("T", "https://example.org", 3)
    assert settings.navigation[0].text == "A"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('titel = "x"', ["'titel'", "'title'"]),
        ("[server]\nworker = 3", ["'server.worker'", "'workers'"]),
        ('[[navigation]]\ntext = "A"\nhref = "/a"\nicon = "b"', ["icon", "href"]),
        ("title = 3", ["title", "string"]),
        ("[server]\nworkers = 0", ["server.workers"]),
        ('url = "example.org"', ["url"]),
        ('url = "https://example.org/"', ["url"]),
        ('title = "x\n', ["not TOML", "line 1"]),
        ('url = "http://blog_.example"', ["url", "'blog_.example'"]),
        ('url = "http://blog.example:x"', ["url", "port"]),
        ('url = "http://blog.example:70000"', ["url", "port"]),
        ('url = "http://blog.example:0"', ["url", "port"]),
        ('url = "http://[::1"', ["url", "IPv6"]),
        ('url = "http://[fe80::1%25eth0]"', ["url"]),
        ('url = "http://me@blog.example"', ["url", "user"]),
        ('[server]\nhosts = "blog.example"', ["server.hosts", "list"]),
        (
            '[server]\nhosts = ["blog.example:8080"]',
            ["server.hosts.0", "'blog.example:8080'", "without a port"],
        ),
        ('[server]\nhosts = ["a.example", "*.blog.example"]', ["server.hosts.1", "'*.blog.example'"]),
        ('[server]\nhosts = ["~^.*$"]', ["server.hosts.0"]),
        ('[server]\nhosts = ["a b"]', ["server.hosts.0", "'a b'"]),
        ('[server]\nhosts = ["a;"]', ["server.hosts.0"]),
        ('[server]\nhosts = [""]', ["server.hosts.0"]),
        ('[server]\nhosts = ["-a.example"]', ["server.hosts.0"]),
        ('[server]\nhosts = ["' + "a" * 64 + '.example"]', ["server.hosts.0"]),
        ('[server]\nhosts = ["[blog.example]"]', ["server.hosts.0"]),
        ('[server]\nhosts = ["[::1"]', ["server.hosts.0"]),
        ('[server]\nhosts = ["[192.0.2.1]"]', ["server.hosts.0"]),
        ('[server]\nhosts = ["fe80::1%eth0"]', ["server.hosts.0"]),
        ('[server]\nhosts = ["a\\n"]', ["server.hosts.0"]),
        ('[server]\nhosts = ["http://blog.example"]', ["server.hosts.0"]),
        ("[server]\nhosts = [3]", ["server.hosts.0", "string"]),
        ('[server]\nproxies = ["10.0.0.1/8"]', ["server.proxies.0", "host bits", "'10.0.0.0/8'"]),
        ('[server]\nproxies = ["10.0.0.0/33"]', ["server.proxies.0", "10.0.0.0/33"]),
        ('[server]\nproxies = ["10.0.0.0/8", "proxy.example"]', ["server.proxies.1", "proxy.example"]),
        ('[server]\nproxies = ["fe80::1%eth0"]', ["server.proxies.0"]),
        ('[server]\nproxies = ["fe80::%a;b/64"]', ["server.proxies.0"]),
        ('[server]\nproxies = "10.0.0.0/8"', ["server.proxies", "list"]),
        ("[live]\nkernel = 3", ["'live.kernel'", "'kernels'"]),
        ("[live]\nkernels = 0", ["live.kernels"]),
        ("[live]\nkernels = 2.5", ["live.kernels"]),
        ('[live]\nidle = "5"', ["live.idle", "number"]),
        ("[live]\nlife = nan", ["live.life"]),
        ("[live]\nmemory = inf", ["live.memory"]),
        ('[live]\nsandbox = "off"', ["live.sandbox", "'required' or 'offered'"]),
        ('[live]\nlibraries = "numpy"', ["live.libraries", "list"]),
        ('[live]\nlibraries = ["numpy", "--port=1"]', ["live.libraries.1", "'--port=1'"]),
        ("live = 3", ["live"]),
    ],
)
def test_a_fault_is_one_line_that_names_it(tmp_path: Path, text: str, says: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, text))
    message = str(caught.value)
    assert "\n" not in message
    assert "Value error" not in message  # pydantic's own
    assert message.startswith("blog.toml: ")
    assert all(word in message for word in says), message


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("Blog.Example", "blog.example"),
        ("müller.example", "xn--mller-kva.example"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "[2001:db8::1]"),
        ("[::1]", "[::1]"),
        ("laptop", "laptop"),
    ],
)
def test_hosts_are_put_as_browsers_put_them(tmp_path: Path, written: str, host: str) -> None:
    settings = load(write(tmp_path, f'url = "https://Own.Example:8443"\n[server]\nhosts = ["{written}"]'))
    own = ("own.example", host, "localhost", "127.0.0.1", "[::1]")
    assert settings.hosts == tuple(dict.fromkeys(own))


def test_proxies_are_ranges_of_addresses(tmp_path: Path) -> None:
    text = '[server]\nproxies = ["10.0.0.0/8", "192.0.2.1", "FD00::/8"]'
    assert load(write(tmp_path, text)).server.proxies == ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"]
    assert load(write(tmp_path, "")).server.proxies == []


def test_what_is_written_for_the_live_server_goes_to_its_command_line(tmp_path: Path) -> None:
    text = '[live]\nper_address = 40\nmemory = 400\nlibraries = ["numpy", "PIL.Image"]\n'
    options = load(write(tmp_path, text)).live.options()
    assert options == ("--per-address=40", "--memory=400.0", "--libraries=numpy,PIL.Image")
    assert load(write(tmp_path, "")).live.options() == ()


def test_settings_that_are_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "blog.toml").write_bytes(b'title = "\xe9"')
    with pytest.raises(SettingsError, match="UTF-8"):
        load(tmp_path)


def test_an_unknown_variable_of_the_environment_is_named() -> None:
    with pytest.raises(SettingsError, match="BLOG_STIE"):
        Serving.from_environ({"BLOG_SITE": "/srv", "BLOG_STIE": "/srv", "PATH": "/bin"})
    assert Serving.from_environ({"BLOG_SITE": "/srv", "HOME": "/"}).live_url == ""
