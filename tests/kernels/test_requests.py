"""What starts a kernel, what does not, and what the page holds; against a real server."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from support.live_server import LiveProcess, notebook, stock_server, wait_for, write_notebooks

PLACE = """\
import json, os
from pathlib import Path
names = ("OMP_NUM_THREADS", "MPLBACKEND", "LIVEKERNEL_TEST_SECRET", "QUERY_STRING")
found = {name: os.environ.get(name) for name in names}
print(json.dumps({"data": Path("../data/scan.txt").read_text(), **found}))
"""

NOTEBOOKS = {
    "posts/two": notebook(
        ("print('one of two')", "live"), ("print('hidden')",), ("print('two of two')", "live")
    ),
    "posts/place": notebook((PLACE, "live")),
    "posts/wrong": notebook(("1 / 0",), ("print('never')", "live")),
    "posts/allowed": notebook(("1 / 0", "live", "raises-exception"), ("print('after')", "live")),
    "posts/lost": notebook(("import os; os._exit(3)",), ("print('never')", "live")),
    "posts/other": notebook(("print('kernel of this machine')", "live"), kernel="my-own-conda-env"),
    "posts/cobol": notebook(("DISPLAY 1", "live"), kernel="cobol", language="cobol"),
    "posts/deleted": notebook(("1", "live")),
    "posts/emptied": notebook(("1", "live")),
    "posts/changed": notebook(("1", "live")),
    "demos/page": notebook(
        ("md:---\ntitle: Page\n---",),
        ("md:# A heading\n\n![A dot](page/dot.png) and ![none](../data/none.png) and $x^2$",),
        ("print('shown')",),
        ("print('gone')", "remove-cell"),
    ),
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    write_notebooks(root, NOTEBOOKS)
    (root / "notebooks" / "data").mkdir()
    (root / "notebooks" / "data" / "scan.txt").write_text("electrons")
    (root / "notebooks" / "demos" / "page").mkdir()
    (root / "notebooks" / "demos" / "page" / "dot.png").write_bytes(b"a dot")
    (root / "notebooks" / "secret.ipynb").write_text("{}")
    (root / "notebooks" / "posts" / "deleted.ipynb").unlink()
    (root / "notebooks" / "posts" / "emptied.ipynb").write_text("")
    nbformat.write(notebook(("md:1",)), root / "notebooks" / "posts" / "changed.ipynb")
    with stock_server(root, "--kernels", "2", "--unwatched", "600") as running:
        yield running


@pytest.fixture(autouse=True)
def no_kernel_is_left(live: LiveProcess) -> Iterator[None]:
    yield
    for kernel in kernels_of(live):
        end(live, kernel)
    wait_for(lambda: live.sessions() == 0, what="an empty server")


def kernels_of(live: LiveProcess) -> list[str]:
    return re.findall(r"Kernel started: (\S+)", live.log.read_text())


def end(live: LiveProcess, kernel: str) -> int:
    return live.end(kernel)


OWN = "http://127.0.0.1:{port}"
UNREGISTERED = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        # only a POST starts something
        ("GET", "/live/render/posts/two", {}, 200),
        ("GET", "/live/render/posts/two", {"Origin": OWN}, 200),
        ("HEAD", "/live/render/posts/two", {"Origin": OWN}, 200),
        ("GET", "/live/render/posts/two?cell=cell-0", {}, 200),
        ("PUT", "/live/render/posts/two", {"Origin": OWN}, 405),
        ("DELETE", "/live/render/posts/two", {"Origin": OWN}, 405),
        ("OPTIONS", "/live/render/posts/two", {"Origin": OWN}, 405),
        # and only one from the site's own pages
        ("POST", "/live/render/posts/two", {}, 403),
        ("POST", "/live/render/posts/two", {"Origin": "null"}, 403),
        ("POST", "/live/render/posts/two", {"Origin": "https://evil.example"}, 403),
        ("POST", "/live/render/posts/two", {"Origin": "http://127.0.0.1:1"}, 403),
        ("POST", "/live/render/posts/two", {"Origin": OWN, "Sec-Fetch-Site": "cross-site"}, 403),
        ("POST", "/live/render/posts/two", {"Origin": OWN, "Host": "evil.example"}, 403),
        ("POST", "/live/render/posts/two", {"Referer": OWN + "/posts/two/"}, 403),
        # with a cookie and a token
        ("POST", "/live/render/posts/two", {"Origin": OWN}, 403),
        ("POST", "/live/render/posts/two", {"Origin": OWN, "Cookie": "live=x", "X-Live-Token": "x"}, 403),
        # which only they get
        ("POST", "/live/token", {}, 403),
        ("POST", "/live/token", {"Origin": "https://evil.example"}, 403),
        ("POST", "/live/token", {"Origin": OWN, "Sec-Fetch-Site": "same-site"}, 403),
        ("GET", "/live/token", {"Origin": OWN}, 405),
        # for a notebook, and a cell, that the build has listed
        ("POST", "/live/render/posts/none", {"Origin": OWN}, 404),
        ("POST", "/live/render/demos/two", {"Origin": OWN}, 404),
        ("POST", "/live/render/posts/two.ipynb", {"Origin": OWN}, 404),
        ("POST", "/live/render/posts/two?cell=none", {"Origin": OWN}, 404),
        ("POST", "/live/render/posts/two?cell=cell-1", {"Origin": OWN}, 404),
        ("POST", "/live/render/posts/..%2Fsecret", {"Origin": OWN}, 404),
        ("POST", "/live/render/data/scan", {"Origin": OWN}, 404),
        # and that can be run as it is now
        ("START", "/live/render/posts/deleted", {}, 404),
        ("START", "/live/render/posts/emptied", {}, 404),
        ("START", "/live/render/posts/changed?cell=cell-0", {}, 404),
        ("START", "/live/render/posts/cobol", {}, 501),
        ("GET", "/live/render/posts/none", {}, 404),
        # Voila's own ways to start a kernel or to look at files
        *(
            (method, path, {"Origin": OWN}, 404)
            for method in ("GET", "POST")
            for path in (
                "/",
                "/live/",
                "/live",
                "/live/login",
                "/live/voila/render/posts/two.ipynb",
                "/live/voila/tree",
                "/live/voila/tree/posts",
                "/live/voila/files/data/scan.txt",
                "/live/voila/api/contents/posts",
                "/live/voila/api/themes/x.css",
                "/live/voila/templates/lab/static/voila.js",
                f"/live/voila/execution/{UNREGISTERED}",
                f"/live/voila/query/{UNREGISTERED}",
                "/live/voila/static/",
                "/live/voila/static/0123456789abcdef/",
                "/live/voila/labextensions/",
                "/live/static/",
                "/live/api/kernels",
                "/live/api/kernelspecs",
                "/live/api/sessions",
                "/live/api/contents",
                "/live/api/terminals",
                "/live/api/status",
                "/render/posts/two",
                "/voila/static/voila.js",
            )
        ),
        ("DELETE", f"/live/api/kernels/{UNREGISTERED}", {"Origin": OWN}, 404),
        ("POST", f"/live/api/kernels/{UNREGISTERED}", {"Origin": OWN}, 404),
        ("GET", f"/live/api/kernels/{UNREGISTERED}", {}, 404),
        *(
            (method, f"/live/api/kernels/{UNREGISTERED}/{what}", {"Origin": OWN}, 404)
            for what in ("restart", "interrupt")
            for method in ("GET", "POST", "DELETE")
        ),
        ("POST", f"/live/voila/api/shutdown/{UNREGISTERED}", {"Origin": OWN}, 404),
        ("GET", "/live/static/frame.css", {}, 404),
        ("GET", "/live/static/0123456789abcdef/frame.css", {}, 404),
        ("GET", "/live/voila/static/voila.js", {}, 404),
        ("GET", "/live/voila/labextensions/..%2f..%2fkernels%2fpython3%2fkernel.json", {}, 404),
    ],
)
def test_what_starts_nothing(
    live: LiveProcess, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    started = len(kernels_of(live))
    sent = {name: value.format(port=live.port) for name, value in headers.items()}
    answer, _, text = live.start(path) if method == "START" else live.ask(path, method, sent)
    assert answer == status
    assert "Traceback" not in text
    assert str(live.root) not in text
    assert live.sessions() == 0
    assert len(kernels_of(live)) == started


def test_the_start_page_is_a_form_to_itself(live: LiveProcess) -> None:
    status, headers, text = live.ask("/live/render/posts/two?cell=cell-2")
    assert status == 200
    assert '<form method="post" action="/live/render/posts/two?cell=cell-2"><input type="hidden"' in text
    assert 'data-live-token="/live/token"' in text
    assert "<button" in text
    assert headers["Cache-Control"] == "no-store"


def test_a_query_does_not_get_into_the_page(live: LiveProcess) -> None:
    query = "?theme=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&template=lab"
    plain, asked = (live.ask("/live/render/posts/two" + more)[2] for more in ("", query))
    assert asked == plain


def test_a_post_from_the_own_page_starts_one_kernel(live: LiveProcess) -> None:
    status, headers, text = live.start("/live/render/posts/two")
    assert status == 200
    assert live.sessions() == 1
    assert len(live.kernels()) == 1
    assert "one of two" in text
    assert "two of two" in text
    assert "hidden" not in text
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(("cell", "other"), [("one of two", "two of two"), ("two of two", "one of two")])
def test_one_cell_is_shown_and_all_are_run(live: LiveProcess, cell: str, other: str) -> None:
    text = live.start(f"/live/render/posts/two?cell={'cell-0' if cell < other else 'cell-2'}")[2]
    assert cell in text
    assert other not in text


def test_a_demo_is_a_whole_page_without_code(live: LiveProcess) -> None:
    text = live.start("/live/render/demos/page")[2]
    assert "A heading</h1>" in text
    assert "data:image/png;base64," in text
    assert "$x^2$" in text
    assert "shown" in text
    assert "title: Page" not in text
    assert "print(" not in text
    assert "gone" not in text


def test_a_kernel_works_in_its_notebooks_folder_and_knows_little(live: LiveProcess) -> None:
    text = live.start("/live/render/posts/place?cell=cell-0&x=1")[2]
    printed = re.search(r"<pre>(.*?)</pre>", text, re.DOTALL)
    assert printed
    found = json.loads(html.unescape(printed[1]))
    assert found["data"] == "electrons"
    assert found["OMP_NUM_THREADS"] == "1"
    assert "inline" in found["MPLBACKEND"]
    assert found["LIVEKERNEL_TEST_SECRET"] is None
    assert found["QUERY_STRING"] is None


def test_a_kernelspec_that_is_not_here_is_replaced_by_one_of_its_language(live: LiveProcess) -> None:
    assert "kernel of this machine" in live.start("/live/render/posts/other")[2]


@pytest.mark.parametrize(
    ("slug", "says"), [("wrong", "error in its cell 1"), ("lost", "kernel died in cell 1")]
)
def test_a_notebook_that_fails_says_so_and_keeps_no_kernel(live: LiveProcess, slug: str, says: str) -> None:
    text = live.start(f"/live/render/posts/{slug}")[2]
    assert re.search(f'data-live-failure="[^"]*{says}', text)
    assert "never" not in text
    assert "ZeroDivisionError" not in text
    assert str(live.root) not in text
    assert text.rstrip().endswith("</html>")
    wait_for(lambda: live.sessions() == 0, what="the end of the kernel")
    if slug == "wrong":
        assert "ZeroDivisionError" in live.log.read_text()


def test_an_error_that_the_author_meant_is_none(live: LiveProcess) -> None:
    text = live.start("/live/render/posts/allowed")[2]
    assert "data-live-failure" not in text
    assert "after" in text
    assert "ZeroDivisionError" not in text
    assert live.sessions() == 1


def test_when_every_kernel_is_taken_the_page_says_so(live: LiveProcess) -> None:
    assert [live.start("/live/render/posts/two")[0] for _ in range(2)] == [200, 200]
    status, headers, text = live.start("/live/render/posts/two?cell=cell-0")
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    assert 'data-live-state="queued"' in text
    assert "All kernels are busy. You are number 1 in line." in text
    assert '<form method="post" action="/live/render/posts/two?cell=cell-0">' in text
    assert live.sessions() == 2
    end(live, kernels_of(live)[-1])
    assert live.start("/live/render/posts/two")[0] == 200


def test_only_the_own_page_ends_a_kernel(live: LiveProcess) -> None:
    live.start("/live/render/posts/two")
    kernel = kernels_of(live)[-1]
    path = f"/live/voila/api/shutdown/{kernel}"
    cookie = {"Cookie": live.cookie}
    assert live.ask(path, "POST", cookie)[0] == 403
    assert live.ask(path, "POST", {"Origin": "https://evil.example", **cookie})[0] == 403
    assert live.ask(path, headers=cookie)[0] == 405
    assert live.sessions() == 1
    assert live.ask(f"/live/api/kernels/{kernel}", headers=cookie)[0] == 200
    assert end(live, kernel) == 204
    assert live.sessions() == 0
    assert end(live, kernel) == 204
    status, headers, text = live.ask(f"/live/api/kernels/{kernel}", headers=cookie)
    assert status == 410
    assert headers["Content-Type"].startswith("application/json")
    assert headers["Cache-Control"] == "no-store"
    assert json.loads(text) == {"reason": "ended", "message": "The kernel has ended."}
    assert live.another_browser().ask(f"/live/api/kernels/{kernel}")[0] == 404


def test_pages_may_load_nothing_from_elsewhere(live: LiveProcess) -> None:
    for status, headers, text in (
        live.ask("/live/render/posts/two"),
        live.ask("/live/render/posts/none"),
        live.start("/live/render/posts/two"),
    ):
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, status
        assert "frame-ancestors 'self'" in policy
        assert "connect-src 'self'" in policy
        assert "http" not in policy
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
        assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", text)


def test_files_have_a_version_and_are_kept_for_ever(live: LiveProcess) -> None:
    text = live.start("/live/render/posts/two")[2]
    files = re.findall(r'(?:src|href)="(/live/[^"]+)"', text)
    assert {file.rpartition("/")[2] for file in files} == {"frame.css", "widgets.css", "frame.js", "voila.js"}
    for file in files:
        status, headers, _ = live.ask(file)
        assert status == 200
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert live.ask(file, "HEAD")[0] == 200
        folder = file.rpartition("/")[0]
        assert live.ask(f"{folder}/..%2findex.html.j2")[0] == 403
        assert live.ask(f"{folder}/%2fetc%2fpasswd")[0] == 403
        assert live.ask(f"{folder}/none.js")[0] == 404


def test_a_new_index_counts_at_once(live: LiveProcess, tmp_path: Path) -> None:
    index = live.root / "live.json"
    before = index.read_text()
    listed = json.loads(before)
    listed["notebooks"]["posts/new"] = listed["notebooks"].pop("posts/other")
    try:
        index.write_text(json.dumps(listed))
        assert live.ask("/live/render/posts/other")[0] == 404
        assert live.ask("/live/render/posts/new")[0] == 200
    finally:
        index.write_text(before)


def test_health_is_json(live: LiveProcess) -> None:
    status, headers, text = live.ask("/live/healthz")
    assert status == 200
    assert headers["Content-Type"].startswith("application/json")
    assert json.loads(text) == {"status": "ok", "sessions": 0}
