"""The files of pictures: right sizes for screens, what may lose something and how much, encoding ahead."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from blog import notebook as reader
from blog.convert import Context, Converted, convert, encoder, encoding
from blog.convert.encoder import Encoder
from blog.convert.encoding import LIKE, BrokenImageError, made
from blog.convert.likeness import likeness
from blog.model import Encoded
from PIL import Image, ImageFilter
from support.articles import article, body, output, tags
from support.notebooks import code, notebook


def landscape(width: int = 2400, height: int = 1600) -> Image.Image:
    """Make what looks like a photograph to an encoder: broad forms, and a little grain."""
    forms = Image.effect_mandelbrot((width // 4, height // 4), (-2, -1, 1, 1), 90).resize((width, height))
    grain = Image.effect_noise((width, height), 6)
    return Image.merge("RGB", (forms, Image.blend(forms, grain, 0.1), grain.filter(ImageFilter.BoxBlur(3))))


def written(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture(scope="module")
def photograph() -> bytes:
    return written(landscape(), "JPEG", quality=95)


@pytest.fixture(scope="module")
def micrograph() -> bytes:
    return written(landscape().convert("L"))


class TestSizes:
    def test_a_large_picture_has_smaller_forms_of_few_bytes(self, micrograph: bytes) -> None:
        done = made(micrograph)
        assert [one.width for one in done.scaled] == [720, 1440]
        sizes = [len(one.content) for one in done.scaled] + [len(done.content)]
        assert sizes == sorted(sizes)
        for one in done.scaled:
            assert Image.open(io.BytesIO(one.content)).width == one.width

    def test_what_saves_nothing_is_left_out(self) -> None:
        lines = Image.new("RGB", (2400, 1600), "white")
        lines.paste((0, 90, 120), (100, 100, 2000, 110))
        assert made(written(lines)).scaled == ()

    def test_the_page_names_them_for_the_width_that_is_shown(self, micrograph: bytes) -> None:
        html = body(code("#| column: page\n#| fig-cap: Wide.\nx", output({"image/png": text(micrograph)})))
        (tag,) = tags(html, "img")
        assert re.search(r'srcset="/static/\S+ 720w, /static/\S+ 1440w, /static/\S+ 2400w"', tag)
        assert 'sizes="(min-width: 1070px) 1030px, 100vw"' in tag
        assert 'width="2400" height="1600"' in tag

    def test_a_small_picture_has_one_form(self) -> None:
        assert "srcset" not in body(code("x", output({"image/png": text(written(landscape(700, 500)))})))


class TestLoss:
    def test_a_photograph_is_shown_as_avif_and_is_one_click_away(self, photograph: bytes) -> None:
        converted = article(code("x", output({"image/jpeg": text(photograph)})))
        html = converted.article.body
        (link,) = (one for one in tags(html, "a") if "The original" in one)
        href = re.search(r'href="/static/([^"]+)"', link)
        assert href is not None
        contents = {asset.path: asset.content for asset in converted.assets}
        assert contents[href[1]] == photograph
        assert "2400 × 1600 pixels" in link
        (tag,) = tags(html, "img")
        assert tag.count(".avif") == 4  # three widths, and the one for browsers that choose none
        assert "2160w" in tag

    def test_it_stays_like_what_it_was(self, photograph: bytes) -> None:
        done = made(photograph)
        whole = Image.open(io.BytesIO(photograph))
        for one in done.scaled:
            small = whole.resize((one.width, round(one.width * 2 / 3)), Image.Resampling.LANCZOS)
            assert likeness(small, Image.open(io.BytesIO(one.content))) >= LIKE

    def test_what_can_not_stay_like_it_is_left_alone(
        self, photograph: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(encoding, "LIKE", 1.1)
        made.cache_clear()
        done = made(photograph)
        made.cache_clear()
        assert (done.content, done.original) == (photograph, None)

    def test_measurements_lose_nothing_unless_their_author_says_so(self, micrograph: bytes) -> None:
        assert made(micrograph).extension in ("webp", "png")
        assert made(micrograph).original is None
        said = body(code("#| image-encoding: lossy\nx", output({"image/png": text(micrograph)})))
        assert ".avif" in said
        assert 'title="The original: ' in said

    def test_an_author_may_keep_a_photograph_as_it_is(self, photograph: bytes) -> None:
        html = body(code("#| image-encoding: lossless\nx", output({"image/jpeg": text(photograph)})))
        assert ".avif" not in html

    def test_a_camera_that_was_turned(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        done = made(written(landscape(900, 600), "JPEG", quality=98, exif=exif))
        assert (done.width, done.height) == (600, 900)
        assert Image.open(io.BytesIO(done.content)).size == (600, 900)


class TestLikeness:
    def test_of_the_same(self) -> None:
        assert likeness(landscape(320, 240), landscape(320, 240)) <= 1
        picture = landscape(320, 240)
        assert likeness(picture, picture) == pytest.approx(1)

    def test_it_falls_with_what_is_lost(self) -> None:
        picture = landscape(320, 240)
        found = [
            likeness(picture, Image.open(io.BytesIO(written(picture, "JPEG", quality=quality))))
            for quality in (95, 60, 5)
        ]
        assert found == sorted(found, reverse=True)
        assert found[-1] < LIKE < found[0]

    def test_one_spoilt_place_counts(self) -> None:
        picture = landscape(800, 800)
        spoilt = picture.copy()
        spoilt.paste((255, 0, 0), (100, 100, 220, 220))
        assert likeness(picture, spoilt) < LIKE

    def test_of_other_sizes(self) -> None:
        assert likeness(landscape(64, 64), landscape(72, 64)) == 0


class TestAhead:
    def test_the_pictures_of_a_page_are_begun_before_it_asks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        begun: list[tuple[bytes, bool | None]] = []
        monkeypatch.setattr(Encoder, "begin", lambda _, pictures: begun.extend(pictures))
        first, second = (written(landscape(20, 10 + more)) for more in range(2))
        article(
            code("x", output({"image/png": text(first)}), output({"text/plain": "no picture"})),
            code("#| image-encoding: lossy\ny", output({"image/png": text(second)})),
            code("z", output({"image/png": text(b"broken")}), tags=("remove-output",)),
        )
        assert begun == [(first, None), (second, True)]

    def test_each_is_encoded_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[bytes] = []
        monkeypatch.setattr(encoder, "made", lambda content, _: asked.append(content) or made(content))
        contents = [written(landscape(20, 10 + more)) for more in range(3)]
        with Encoder() as pictures:
            pictures.begin([(content, None) for content in [*contents, contents[0]]])
            found = [pictures.made(content) for content in contents]
        assert found == [made(content) for content in contents]
        assert sorted(asked) == sorted(contents)

    def test_a_broken_one_is_told_where_it_stands(self) -> None:
        with Encoder() as pictures:
            pictures.begin([(b"broken", None), (b"broken too", None)])
            with pytest.raises(BrokenImageError):
                pictures.made(b"broken")


class TestBefore:
    def convert(
        self, content: bytes, before: tuple[Encoded, ...] = (), static: Path | None = None
    ) -> Converted:
        made.cache_clear()
        notebooks = notebook(code("x", output({"image/png": text(content)})), front_matter="title: Case")
        found = reader.parse(json.dumps(notebooks).encode(), "posts/case.ipynb", "posts")
        return convert(found, Context(Path("/nonexistent"), before=before, static=static))

    @pytest.fixture
    def kept(self, micrograph: bytes, tmp_path: Path) -> Converted:
        """Convert a notebook, with its assets as files."""
        first = self.convert(micrograph)
        for asset in first.assets:
            (tmp_path / asset.path).write_bytes(asset.content)
        return first

    def test_a_picture_keeps_its_files(
        self, kept: Converted, micrograph: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (known,) = kept.article.encoded
        assert len(known.scaled) == 2
        monkeypatch.setattr(encoder, "made", lambda *_: pytest.fail("it was encoded again"))
        assert self.convert(micrograph, kept.article.encoded, tmp_path) == kept

    def test_one_that_changed_is_encoded(self, kept: Converted, tmp_path: Path) -> None:
        other = written(landscape(30, 20))
        again = self.convert(other, kept.article.encoded, tmp_path)
        assert again.article.encoded == self.convert(other).article.encoded != kept.article.encoded

    @pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"half")])
    def test_files_that_are_not_as_they_were_are_made_anew(
        self, kept: Converted, micrograph: bytes, tmp_path: Path, spoil: Callable[[Path], object]
    ) -> None:
        spoil(tmp_path / kept.article.encoded[0].scaled[0][0])
        assert self.convert(micrograph, kept.article.encoded, tmp_path) == kept

    def test_what_it_is_made_by_counts(self, micrograph: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        one = encoder.source(micrograph, None)
        assert encoder.source(micrograph, True) != one
        monkeypatch.setattr(encoder, "_encoders", lambda: "others")
        assert encoder.source(micrograph, None) != one


class TestThemes:
    PAIR = (
        output({"image/png": text(written(landscape(20, 10)))}),
        output({"image/png": text(written(landscape(20, 11)))}),
    )

    def test_a_pair_is_one_figure_drawn_for_each_theme(self) -> None:
        html = body(code("#| renderings: [light, dark]\n#| fig-cap: A pair.\nx", *self.PAIR))
        light, dark = tags(html, "a")
        assert 'class="enlarge only-light"' in light
        assert 'class="enlarge only-dark"' in dark
        assert html.count("<figure") == 1
        assert html.count('alt="A pair."') == 2

    def test_pairs_without_a_caption(self) -> None:
        html = body(code("#| renderings: [dark, light]\nx", *self.PAIR, *self.PAIR))
        assert html.count("<figure") == 2
        assert [("only-dark" in tag) for tag in tags(html, "a")] == [True, False, True, False]

    def test_anything_else_is_no_pair(self) -> None:
        assert "only-" not in body(code("#| renderings: [light]\nx", *self.PAIR))
