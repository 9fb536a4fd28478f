"""What a build makes anew, what it keeps, and what it never breaks."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from blog.build import Selection, build
from blog.errors import BuildError, SettingsError
from blog.search import INDEX, PAGE
from livekernel.index import ALL, WARM, Index
from support.articles import output
from support.interactive import plotly
from support.notebooks import code, display, markdown, notebook, post, save

TODAY = Selection(dt.date(2026, 6, 1))
# A picture of 40 by 30 pixels would be long here; SVG is an asset as well.
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="{}"><rect width="9" height="9"/></svg>'


def with_drawing(folder: Path, name: str, height: int) -> Path:
    cells = (markdown(f"# {name}"), code("draw()", display(**{"image_svg_xml": DRAWING.format(height)})))
    return save(folder / "posts" / f"{name}.ipynb", notebook(*cells))


def files(out: Path) -> dict[str, bytes]:
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def inodes(out: Path) -> dict[str, tuple[int, int]]:
    return {
        p.relative_to(out).as_posix(): (p.stat().st_ino, p.stat().st_mtime_ns) for p in (out, *out.rglob("*"))
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of two posts, one of which links to the other."""
    folder = tmp_path / "notebooks"
    post(folder, "one", "A [link](two.ipynb).")
    post(folder, "two")
    return folder


def test_nothing_changed_writes_nothing(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert build(source, out, TODAY).wrote
    before = inodes(out)
    report = build(source, out, TODAY)
    assert (report.wrote, report.converted) == (False, 0)
    assert inodes(out) == before


def test_a_changed_notebook_takes_over_its_pictures(tmp_path: Path) -> None:
    """Told by a record that says of a picture that it is another one."""
    folder, out = tmp_path / "notebooks", tmp_path / "out"
    with_drawing(folder, "one", 30)
    with_drawing(folder, "two", 31)
    build(folder, out, TODAY)
    (record,) = (
        file for file in (out / ".build/articles").iterdir() if '"posts/one.ipynb"' in file.read_text()
    )
    other = next(file.name for file in (out / "static").glob("two-*.svg"))
    told = json.loads(record.read_text())
    told["entry"]["article"]["encoded"][0]["path"] = other
    record.write_text(json.dumps(told))
    path = folder / "posts" / "one.ipynb"
    path.write_text(path.read_text().replace("# one", "# One"))
    build(folder, out, TODAY)
    assert other.split(".")[1] in (out / "posts/one/index.html").read_text()


def test_what_draws_figures_is_there_where_a_post_has_one(source: Path, tmp_path: Path) -> None:
    def scripts() -> list[str]:
        build(source, tmp_path / "out", TODAY)
        return [file.name.partition(".")[0] for file in (tmp_path / "out/static").glob("frame-*.js")]

    assert scripts() == []
    save(source / "posts/figure.ipynb", notebook(code("x", output(plotly()))))
    assert scripts() == ["frame-plotly-basic"]
    assert len(list((tmp_path / "out/static").glob("frame-*.js.br"))) == 1


def test_the_same_notebooks_give_the_same_bytes_anywhere(source: Path, tmp_path: Path) -> None:
    build(source, tmp_path / "first", TODAY)
    elsewhere = tmp_path / "quite another/place"
    shutil.copytree(source, elsewhere)
    for path in elsewhere.rglob("*"):
        os.utime(path, (0, 0))
    # Another process, so that nothing remembered and no seed of a hash is shared.
    script = (
        "import datetime as dt, sys; from pathlib import Path; from blog.build import Selection, build\n"
        "if __name__ == '__main__':\n"
        "    build(Path(sys.argv[1]), Path(sys.argv[2]), Selection(dt.date(2026, 6, 1)))"
    )
    (tmp_path / "script.py").write_text(script)
    environment = os.environ | {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    second = tmp_path / "second"
    command = [sys.executable, tmp_path / "script.py", elsewhere, second]
    subprocess.run(command, env=environment, cwd=tmp_path, check=True)
    assert files(tmp_path / "first") == files(second)


def test_only_what_changed_is_converted(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, out, TODAY)
    kept = (out / "posts/one/index.html").stat().st_ino
    post(source, "two", "Other words.")
    report = build(source, out, TODAY)
    assert (report.wrote, report.converted) == (True, 1)
    assert "Other words." in (out / "posts/two/index.html").read_text()
    assert (out / "posts/one/index.html").stat().st_ino == kept, "linked, not written again"


def test_the_search_index_is_made_anew_only_with_what_it_holds(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, out, TODAY)
    index = out / INDEX
    kept = index.stat().st_ino
    (source / "blog.toml").write_text('title = "Another"')
    assert build(source, out, TODAY).wrote
    assert index.stat().st_ino == kept, "linked, not written again"
    assert "Another" in (out / PAGE).read_text()
    post(source, "two", "Quasicrystals.")
    build(source, out, TODAY)
    assert index.stat().st_ino != kept
    assert b"Quasicrystals." in index.read_bytes()
    index.unlink()
    assert build(source, out, TODAY).wrote
    assert b"Quasicrystals." in index.read_bytes()


def test_a_link_to_a_notebook_that_comes_later_is_mended(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (source / "posts/two.ipynb").rename(source / "later")
    report = build(source, out, TODAY)
    assert 'href="/posts/two/"' not in (out / "posts/one/index.html").read_text()
    assert any("two.ipynb" in str(problem) for problem in report.problems)
    (source / "later").rename(source / "posts/two.ipynb")
    build(source, out, TODAY)
    assert 'href="/posts/two/"' in (out / "posts/one/index.html").read_text()


def test_a_picture_that_comes_or_changes_makes_its_post_stale(tmp_path: Path) -> None:
    source, out = tmp_path / "notebooks", tmp_path / "out"
    post(source, "one", "![A drawing](one/drawing.svg)")
    assert any("drawing.svg" in str(p) for p in build(source, out, TODAY).problems)
    (source / "posts/one").mkdir()
    for height in (10, 20):
        (source / "posts/one/drawing.svg").write_text(DRAWING.format(height))
        assert build(source, out, TODAY).converted == 1
        assert f'height="{height}"' in (out / "posts/one/index.html").read_text()


def test_a_post_that_fails_keeps_its_last_good_page(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, out, TODAY)
    before = (out / "posts/two/index.html").read_bytes()
    download = (out / "posts/two/two.ipynb").read_bytes()
    (source / "posts/two.ipynb").write_text('{"cells": [,]}')
    post(source, "one", "Still built.")
    report = build(source, out, TODAY)
    assert [problem.path for problem in report.skipped] == ["posts/two.ipynb"]
    assert "last good page" in str(report.skipped[0])
    assert (out / "posts/two/index.html").read_bytes() == before
    assert (out / "posts/two/two.ipynb").read_bytes() == download
    assert "Still built." in (out / "posts/one/index.html").read_text()
    again = build(source, out, TODAY)
    assert (again.wrote, [p.path for p in again.skipped]) == (False, ["posts/two.ipynb"])


def test_a_deleted_post_goes_and_its_assets_stay_for_one_build(tmp_path: Path) -> None:
    source, out = tmp_path / "notebooks", tmp_path / "out"
    with_drawing(source, "one", 10)
    going = with_drawing(source, "two", 20)
    build(source, out, TODAY)
    (asset,) = (out / "static").glob("two-*.svg")
    going.unlink()
    build(source, out, TODAY)
    assert not (out / "posts/two").exists()
    assert "two" not in (out / "index.html").read_text()
    assert asset.exists(), "a reader may have the page open"
    with_drawing(source, "three", 30)
    build(source, out, TODAY)
    assert not asset.exists()


def test_a_file_that_went_missing_is_made_again(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, out, TODAY)
    expected = files(out)
    (out / "posts/one/index.html").unlink()
    assert build(source, out, TODAY).wrote
    assert files(out) == expected
    (next((out / "static").glob("style.*.css"))).unlink()
    build(source, out, TODAY)
    assert files(out) == expected


def test_a_day_that_comes_publishes_a_post(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    post(source, "later", front_matter="title: Later\ndate: 2026-06-02")
    build(source, out, TODAY)
    assert not (out / "posts/later").exists()
    build(source, out, Selection(dt.date(2026, 6, 2)))
    assert (out / "posts/later/index.html").exists()
    build(source, out, TODAY)
    assert not (out / "posts/later").exists()


def test_drafts_and_future_posts_come_when_asked_for(source: Path, tmp_path: Path) -> None:
    post(source, "draft", front_matter="title: Draft\ndraft: true")
    post(source, "later", front_matter="title: Later\ndate: 2030-01-01")
    build(source, tmp_path / "out", Selection(TODAY.today, drafts=True, future=True))
    assert (tmp_path / "out/posts/draft/index.html").exists()
    assert (tmp_path / "out/posts/later/index.html").exists()


def test_a_plain_folder_is_a_blog(tmp_path: Path) -> None:
    save(tmp_path / "plain/sub/My Analysis.ipynb", notebook(markdown("# My analysis\n\nText.")))
    report = build(tmp_path / "plain", tmp_path / "out", TODAY)
    assert not report.skipped
    assert "My analysis" in (tmp_path / "out/posts/my-analysis/index.html").read_text()
    assert (tmp_path / "out/feed.xml").exists()


def test_a_folder_without_notebooks_is_a_blog_without_posts(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    report = build(tmp_path / "empty", tmp_path / "out", TODAY)
    assert not report.problems
    assert (tmp_path / "out/index.html").exists()


def test_a_folder_that_is_not_ours_is_left_alone(source: Path, tmp_path: Path) -> None:
    precious = tmp_path / "home/thesis.tex"
    precious.parent.mkdir()
    precious.write_text("years of work")
    with pytest.raises(BuildError, match="holds other files"):
        build(source, precious.parent, TODAY)
    assert files(precious.parent) == {"thesis.tex": b"years of work"}
    with pytest.raises(BuildError, match="among the notebooks"):
        build(source, source / "public", TODAY)
    with pytest.raises(BuildError, match="no such folder"):
        build(tmp_path / "nothing", tmp_path / "out", TODAY)


def test_settings_at_fault_leave_the_last_build(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, out, TODAY)
    before = files(out)
    (source / "blog.toml").write_text("titel = 'x'")
    with pytest.raises(SettingsError):
        build(source, out, TODAY)
    assert files(out) == before


def test_a_build_that_was_killed_leaves_nothing_in_the_way(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    left = tmp_path / ".out.new/posts"
    left.mkdir(parents=True)
    build(source, out, TODAY)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notebooks", "out"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_one_line_and_leaves_the_last_build(source: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], check=True)
    try:
        build(source, disk / "out", TODAY)
        before = files(disk / "out")
        noise = os.urandom(6_000_000).hex()
        save(source / "posts/large.ipynb", notebook(code("x", display(text_plain=noise))))
        with pytest.raises(BuildError, match="disk is full"):
            build(source, disk / "out", TODAY)
        assert files(disk / "out") == before
        assert [p.name for p in disk.iterdir()] == ["out"]
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_symlink_out_of_the_folder_is_refused(source: Path, tmp_path: Path) -> None:
    secret = save(tmp_path / "secret.ipynb", notebook(markdown("# SECRET")))
    (source / "posts/link.ipynb").symlink_to(secret)
    report = build(source, tmp_path / "out", TODAY)
    assert [p.path for p in report.skipped] == ["posts/link.ipynb"]
    assert not any(b"SECRET" in content for content in files(tmp_path / "out").values())


def test_names_and_things_that_are_no_notebooks_stop_nothing(source: Path, tmp_path: Path) -> None:
    (source / "posts" / os.fsdecode(b"caf\xe9.ipynb")).write_text("{}")
    os.mkfifo(source / "posts/pipe.ipynb")
    (source / "about.md").symlink_to("/etc/passwd")
    report = build(source, tmp_path / "out", TODAY)
    assert [p.path for p in report.skipped] == ["posts/caf?.ipynb", "about.md"]
    assert "root" not in (tmp_path / "out/about/index.html").read_text()
    assert (tmp_path / "out/posts/one/index.html").exists()


def test_who_has_a_page_keeps_it_from_a_newcomer_of_its_slug(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, out, TODAY)
    post(source, "a-newcomer", "Mine now.", front_matter="title: New\nslug: two")
    report = build(source, out, TODAY)
    assert [p.path for p in report.skipped] == ["posts/a-newcomer.ipynb"]
    assert "Mine now." not in (out / "posts/two/index.html").read_text()


def test_what_a_build_keeps_for_itself_is_mended(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, out, TODAY)
    expected = files(out)
    (out / ".build/live.json").unlink()
    shutil.rmtree(out / ".build/articles")
    assert build(source, out, TODAY).wrote
    assert files(out) == expected
    assert not build(source, out, TODAY).wrote


def test_an_address_of_this_machine_is_no_canonical_one(source: Path, tmp_path: Path) -> None:
    build(source, tmp_path / "out", TODAY)
    assert "canonical" not in (tmp_path / "out/index.html").read_text()
    (source / "blog.toml").write_text('url = "https://example.org"')
    build(source, tmp_path / "out", TODAY)
    assert 'rel="canonical" href="https://example.org/"' in (tmp_path / "out/index.html").read_text()


def test_the_live_index_lists_what_may_run(tmp_path: Path) -> None:
    source, out = tmp_path / "notebooks", tmp_path / "out"
    live = {**code("box", tags=("live",)), "id": "the-cell"}
    save(source / "posts/live.ipynb", notebook(live, front_matter="title: Live"))
    save(source / "posts/hidden.ipynb", notebook(live, front_matter="title: Hidden\ndraft: true"))
    post(source, "still")
    build(source, out, TODAY)
    index = json.loads((out / ".build/live.json").read_text())
    assert index == {
        "notebooks": {"posts/live": {"path": "posts/live.ipynb", "title": "Live", "cells": {"the-cell": 2}}}
    }


@pytest.mark.parametrize(("written", "told"), [("all-cells", ALL), ("warm-cells", WARM)])
def test_the_live_server_is_told_what_to_run_before_the_fork(tmp_path: Path, written: str, told: str) -> None:
    source, out = tmp_path / "notebooks", tmp_path / "out"
    live = {**code("box", tags=("live",)), "id": "the-cell"}
    save(source / "posts/live.ipynb", notebook(live, front_matter=f"title: Live\nfork: {written}"))
    build(source, out, TODAY)
    found = Index(out / ".build/live.json").find("posts/live")
    assert found is not None
    assert found.fork == told


def test_a_wrong_way_to_fork_skips_the_notebook_in_one_line(tmp_path: Path) -> None:
    source, out = tmp_path / "notebooks", tmp_path / "out"
    live = {**code("box", tags=("live",)), "id": "the-cell"}
    save(source / "posts/live.ipynb", notebook(live, front_matter="title: Live\nfork: cold"))
    (problem,) = build(source, out, TODAY).skipped
    assert str(problem) == (
        "skipped: posts/live.ipynb, cell 1: 'fork' in the front matter must be all-cells or warm-cells, "
        "but is 'cold'. Write it like fork: warm-cells."
    )


def test_a_bibliography_that_changes_makes_its_posts_stale(tmp_path: Path) -> None:
    source, out = tmp_path / "notebooks", tmp_path / "out"
    post(source, "one", "As [@a] says.")
    post(source, "two", "Cites nothing.")
    (source / "blog.toml").write_text('bibliography = "all.bib"\n')
    for year in (2001, 2002):
        (source / "all.bib").write_text(f"@book{{a, author={{Doe, J.}}, title={{T}}, year={year}}}")
        report = build(source, out, TODAY)
        assert f"Doe, {year}" in (out / "posts/one/index.html").read_text()
    assert report.converted == 1


def test_what_the_settings_say_of_all_posts_makes_them_stale(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    post(source, "two", r"$\who$")
    for name in ("first", "second"):
        (source / "blog.toml").write_text(f"[macros]\nwho = '\\text{{{name}}}'\n")
        report = build(source, out, TODAY)
        assert f"<mtext>{name}</mtext>" in (out / "posts/two/index.html").read_text()
        assert report.converted == 2
    (source / "blog.toml").write_text("tagline = 'Other'\n[macros]\nwho = '\\text{second}'\n")
    assert build(source, out, TODAY).converted == 0
