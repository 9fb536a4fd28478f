"""Pictures: recompressed without loss, drawings made safe, broken ones refused."""

from __future__ import annotations

import base64
import io
from xml.etree import ElementTree

import pytest
from blog.convert import encoding
from blog.convert.drawings import BrokenDrawingError, drawing
from blog.convert.encoding import BrokenImageError, made
from blog.convert.images import decoded
from PIL import Image
from support.articles import png

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def noise(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    """Make a picture that no format can guess."""
    return Image.effect_noise(size, 90).convert(mode)


def written(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


class TestRasters:
    @pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1"])
    def test_no_pixel_changes(self, mode: str) -> None:
        picture = noise(mode=mode if mode != "LA" else "RGBA").convert(mode)
        done = made(written(picture))
        assert done.extension in ("webp", "png")
        assert (done.width, done.height) == (60, 40)
        again = Image.open(io.BytesIO(done.content)).convert("RGBA")
        assert again.tobytes() == picture.convert("RGBA").tobytes()

    def test_it_gets_smaller(self) -> None:
        content = written(Image.linear_gradient("L").convert("RGB"), compress_level=0)
        assert len(made(content).content) < len(content) / 10

    def test_sixteen_bits_are_kept(self) -> None:
        picture = Image.new("I;16", (20, 10), 4711)
        done = made(written(picture))
        assert done.extension == "png"
        assert Image.open(io.BytesIO(done.content)).getpixel((3, 3)) == 4711

    @pytest.mark.parametrize("kind", ["JPEG", "GIF", "WEBP"])
    def test_formats_of_the_web_are_kept_as_they_are(self, kind: str) -> None:
        content = written(noise(), kind)
        assert made(content).content == content

    @pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
    def test_an_animation_is_a_still_and_its_film(self, kind: str) -> None:
        frames = [noise(mode="L").convert("RGB"), noise().rotate(90), noise()]
        content = written(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        done = made(content)
        assert done.film is not None
        assert done.film.content == content
        still = Image.open(io.BytesIO(done.content))
        assert getattr(still, "n_frames", 1) == 1
        first = Image.open(io.BytesIO(content)).convert("RGB")
        assert still.convert("RGB").tobytes() == first.tobytes()

    @pytest.mark.parametrize("kind", ["BMP", "TIFF", "PPM"])
    def test_other_formats_become_ones_of_the_web(self, kind: str) -> None:
        picture = noise()
        done = made(written(picture, kind))
        assert done.extension == "webp"
        assert Image.open(io.BytesIO(done.content)).convert("RGB").tobytes() == picture.tobytes()

    def test_the_same_bytes_every_time(self) -> None:
        content = written(noise())
        first = made(content)
        made.cache_clear()
        assert made(content) == first

    @pytest.mark.parametrize(
        "content", [b"", b"text", b"\x89PNG\r\n\x1a\n", written(noise())[:300], b"GIF89a", b"\xff\xd8\xff"]
    )
    def test_broken(self, content: bytes) -> None:
        with pytest.raises(BrokenImageError):
            made(content)

    def test_a_bomb_is_not_opened(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(encoding, "MAX_PIXELS", 1000)
        with pytest.raises(BrokenImageError, match="it has 60 × 40 pixels"):
            made(written(noise()))

    def test_base64_in_lines(self) -> None:
        data = png()
        assert decoded([data[:20] + "\n", data[20:] + "\n"]) == base64.b64decode(data)

    @pytest.mark.parametrize("data", [None, 7, "", "  ", [], ["", None], {}, "a"])
    def test_base64_of_any_shape(self, data: object) -> None:
        with pytest.raises(BrokenImageError):
            decoded(data)


class TestDrawings:
    def clean(self, inside: str, attributes: str = "") -> str:
        return drawing(f"<svg {SVG} {attributes}>{inside}</svg>".encode())[0].decode()

    @pytest.mark.parametrize(
        "inside",
        [
            "<script>alert(1)</script>",
            "<a><script xlink:href='https://e.org/x.js'/></a>",
            "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><script>1</script></body></foreignObject>",
            "<rect onclick='alert(1)' onLoad='x'/>",
            "<image href='https://e.org/x.png'/>",
            "<image xlink:href='http://e.org/x.png'/>",
            "<use xlink:href='https://e.org/x.svg#a'/>",
            "<a href='javascript:alert(1)'><rect/></a>",
            "<a xlink:href='javascript:alert(1)'><rect/></a>",
            "<animate attributeName='href' values='javascript:alert(1)'/>",
            "<set attributeName='onclick' to='alert(1)'/>",
            "<animateTransform attributeName='onclick' values='1'/>",
            "<style>rect { animation: onclick 1s infinite; -webkit-animation-name: onclick }</style>",
            "<rect style='animation:onclick 1s'/>",
            "<style>@import url(https://e.org/x.css);</style>",
            "<style>rect { fill: url('https://e.org/x.svg#a') }</style>",
            "<rect style='fill: url(https://e.org/x.svg#a)' fill='url(//e.org/x)'/>",
            "<html:script xmlns:html='http://www.w3.org/1999/xhtml'>alert(1)</html:script>",
            "<image href='data:image/svg+xml;base64,AAAA'/>",
            "<!-- <script>alert(1)</script> --><?xml-stylesheet href='https://e.org/x.css'?>",
        ],
    )
    def test_nothing_dangerous_is_left(self, inside: str) -> None:
        text = self.clean(f"<g>{inside}<rect id='kept'/></g>")
        assert "kept" in text
        for word in ("script", "onclick", "onLoad", "e.org", "javascript", "foreignObject", "svg+xml;"):
            assert word not in text.replace('"http://www.w3.org', "")
        ElementTree.fromstring(text)  # noqa: S314 — our own

    def test_what_a_drawing_needs_is_kept(self) -> None:
        inside = (
            "<defs><style>*{stroke-linejoin:round}</style><path id='a' d='M0 0'/></defs>"
            "<use xlink:href='#a' style='fill: url(#g)'/><image href='data:image/png;base64,AAAA'/>"
            "<text xml:space='preserve'>&lt;b&gt; ü</text>"
        )
        text = self.clean(inside, 'viewBox="0 0 1 2"')
        for part in (
            "stroke-linejoin",
            'xlink:href="#a"',
            "url(#g)",
            "data:image/png;base64,AAAA",
            'xml:space="preserve"',
            "&lt;b&gt; ü",
        ):
            assert part in text

    @pytest.mark.parametrize(
        ("attributes", "size"),
        [
            ('width="460.8pt" height="345.6pt" viewBox="0 0 460.8 345.6"', (614, 461)),
            ('width="10" height="20px"', (10, 20)),
            ('width="2.54cm" height="1in"', (96, 96)),
            ('viewBox="0 0 300 150"', (300, 150)),
            ('width="600" viewBox="0,0,300,150"', (600, 300)),
            ('height="75" viewBox="0 0 300 150"', (150, 75)),
            ('width="100%" height="100%" viewBox="0 0 30 15"', (30, 15)),
            ('width="100%"', (0, 0)),
            ('width="-5" height="1e99"', (0, 0)),
            ("", (0, 0)),
        ],
    )
    def test_sizes(self, attributes: str, size: tuple[int, int]) -> None:
        assert drawing(f"<svg {SVG} {attributes}/>".encode())[1:] == size

    def test_of_html_has_no_namespace(self) -> None:
        text = drawing(b'<svg width="3" height="4"><path xlink:href="#a"/></svg>')[0].decode()
        assert text.startswith('<svg xmlns="http://www.w3.org/2000/svg"')

    @pytest.mark.parametrize(
        "content",
        [
            b"<svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><p></svg>",
            b"<svg xmlns='http://www.w3.org/2000/svg'>&nbsp;</svg>",
            b"<html/>",
            b"<svg xmlns='other'/>",
            b"<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><svg xmlns='http://www.w3.org/2000/svg'>&b;</svg>",
            b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<g>" * 5000 + b"</g>" * 5000 + b"</svg>",
            b"\xff\xfe<svg/>",
        ],
    )
    def test_broken(self, content: bytes) -> None:
        with pytest.raises(BrokenDrawingError):
            drawing(content)
