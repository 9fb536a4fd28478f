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
    ],
)
def test_a_fault_is_one_line_that_names_it(tmp_path: Path, text: str, says: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, text))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("blog.toml: ")
    assert all(word in message for word in says), message


def test_settings_that_are_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "blog.toml").write_bytes(b'title = "\xe9"')
    with pytest.raises(SettingsError, match="UTF-8"):
        load(tmp_path)


def test_an_unknown_variable_of_the_environment_is_named() -> None:
    with pytest.raises(SettingsError, match="BLOG_STIE"):
        Serving.from_environ({"BLOG_SITE": "/srv", "BLOG_STIE": "/srv", "PATH": "/bin"})
    assert Serving.from_environ({"BLOG_SITE": "/srv", "HOME": "/"}).live_url == ""
