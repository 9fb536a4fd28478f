"""Films, sounds and animations: files with controls that nothing starts but the reader."""

from __future__ import annotations

import base64
import io
import struct
from pathlib import Path

import pytest
from PIL import Image
from support.articles import article, body, output, tags, warnings
from support.notebooks import code


def mp4(width: int, height: int) -> bytes:
    """Make the beginning of a film: its kind, and the headers of a sound's and of a picture's track."""

    def track(across: int, down: int) -> bytes:
        return b"tkhd" + b"\0" * 76 + struct.pack(">II", across << 16, down << 16)

    return struct.pack(">I", 16) + b"ftypisom\0\0\0\0" + track(0, 0) + track(width, height)


def webm(width: int, height: int) -> bytes:
    return b"\x1aE\xdf\xa3" + b"\xb0\x82" + struct.pack(">H", width) + b"\xba\x82" + struct.pack(">H", height)


def data(content: bytes, kind: str = "video/mp4") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def test_what_matplotlib_saves() -> None:
    html = (
        '<video width="640" height="480" controls autoplay loop>'
        f'<source type="video/mp4" src="{data(mp4(1280, 960))}">Your browser…</video>'
    )
    converted = article(code("x", output({"text/html": html})))
    (tag,) = tags(converted.article.body, "video")
    assert "autoplay" not in tag
    assert 'controls preload="metadata" width="640" height="480" playsinline loop ' in tag
    assert 'aria-label="Film, cell ' in tag
    (asset,) = (one for one in converted.assets if one.path.endswith(".mp4"))
    assert asset.content == mp4(1280, 960)
    assert f'src="{asset.url}"' in tag
    assert f'<a href="{asset.url}">Film: download it</a></video>' in converted.article.body


@pytest.mark.parametrize("content", [mp4(1280, 960), webm(1280, 960)])
def test_the_size_is_read_from_the_film(content: bytes) -> None:
    (tag,) = tags(body(f'<video src="{data(content)}"></video>'), "video")
    assert 'width="1280" height="960"' in tag


def test_a_file_beside_the_notebook(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "scan.mp4").write_bytes(mp4(320, 240))
    converted = article('<video src="scan.mp4" title="The scan"></video>', root=tmp_path)
    assert 'aria-label="The scan"' in converted.article.body
    assert [path for path, _ in converted.article.inputs] == ["posts/scan.mp4"]


def test_a_sound() -> None:
    source = data(b"RIFF1234WAVEfmt ", "audio/wav")
    html = body(code("x", output({"text/html": f'<audio controls autoplay src="{source}"></audio>'})))
    (tag,) = tags(html, "audio")
    assert "autoplay" not in tag
    assert ".wav" in tag


@pytest.mark.parametrize(
    ("html", "word"),
    [
        ('<video src="gone.mp4"></video>', "is missing"),
        (f'<video src="{data(b"no film")}"></video>', "no form that browsers play"),
        ('<video src="data:video/mp4"></video>', "can't be shown"),
    ],
)
def test_what_can_not_be_played_is_told(html: str, word: str) -> None:
    converted = article(html)
    assert "<video" not in converted.article.body
    assert word in warnings(converted)[0]


def test_films_of_other_sites_are_links() -> None:
    html = body('<video src="https://example.org/film.mp4"></video>')
    assert 'class="elsewhere"' in html
    assert "<video" not in html


def test_an_animation_is_a_still_until_it_is_played() -> None:
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue", "green")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100)
    picture = base64.b64encode(buffer.getvalue()).decode()
    html = body(code("#| fig-alt: A scan\nx", output({"image/gif": picture})))
    (image,) = tags(html, "img")
    assert ".gif" not in image
    (play,) = (tag for tag in tags(html, "a") if "play" in tag)
    assert ".gif" in play
    assert 'aria-label="Play the animation: A scan"' in play
