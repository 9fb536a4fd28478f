"""What a page shows of its widgets before there is a kernel: served by a real server, with no kernel."""

from __future__ import annotations

import gzip
import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import brotli
import pytest
from support.live_server import FIGURE, LiveProcess, live_server, notebook, wait_for, write_notebooks
from support.reader import at_rest
from support.rest import parse

CODE = "export default { render({ model, el }) { el.textContent = model.get('radius') } }"

OWN = f"""\
import ipywidgets as widgets
from traitlets import Int, Unicode

class Canvas(widgets.DOMWidget):
    _model_module = _view_module = Unicode("anywidget").tag(sync=True)
    _model_name = Unicode("AnyModel").tag(sync=True)
    _view_name = Unicode("AnyView").tag(sync=True)
    _model_module_version = _view_module_version = Unicode("0.9").tag(sync=True)
    _esm = Unicode({CODE!r}).tag(sync=True)
    radius = Int(1).tag(sync=True)

Canvas()
"""

LINKED = """\
import ipywidgets as widgets
one, two, three, lone = (widgets.IntSlider(description=name) for name in ("one", "two", "three", "lone"))
within, out = widgets.jslink((one, "value"), (two, "value")), widgets.jslink((one, "value"), (lone, "value"))
from IPython.display import display
display(one, two)
print("between")
display(widgets.VBox([three]))
"""

LATE = """\
import os, time
while not os.path.exists("go"):
    time.sleep(0.01)
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    root = tmp_path_factory.mktemp("live")
    notebooks = {
        "posts/figure": notebook((FIGURE, "live")),
        "posts/own": notebook((OWN, "live")),
        "posts/linked": notebook(("md:words",), (LINKED, "live"), ("print('no widget')", "live")),
        "posts/warm-only": notebook(("begun = 1", "warm"), (FIGURE, "live")),
        "posts/broken": notebook(("1 / 0", "warm", "live")),
    }
    write_notebooks(root, notebooks, {"posts/warm-only": "warm cells"})
    with live_server(root) as running:
        wait_for(lambda: running.ask("/live/healthz")[0] == 200, 60)
        yield running


def get(live: LiveProcess, path: str, **headers: str) -> tuple[int, Message, bytes]:
    """Ask as a browser does, and give the bytes as they come."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{live.origin}/live/rest/{path}", headers=sent)  # noqa: S310
    try:
        answer = urllib.request.urlopen(request, timeout=60)  # noqa: S310
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read()


def test_the_views_of_a_cell_are_named_in_their_order(live: LiveProcess) -> None:
    rest = at_rest(live, "posts/linked")
    names = [
        [rest["states"][view]["state"].get("description", "a box") for view in views]
        for views in rest["cells"].values()
    ]
    assert list(rest["cells"]) == ["cell-1", "cell-2"]
    assert names == [["one", "two", "a box"], []]


def test_what_is_not_shown_is_not_told_but_for_the_links_between_what_is(live: LiveProcess) -> None:
    states = at_rest(live, "posts/linked")["states"].values()
    sliders = {one["state"]["description"] for one in states if one["model_name"] == "IntSliderModel"}
    assert sliders == {"one", "two", "three"}
    assert [one["model_name"] for one in states].count("LinkModel") == 1


def test_binary_parts_are_where_the_state_says(live: LiveProcess) -> None:
    _, _, content = get(live, "posts/figure")
    told, parts = parse(content)
    (image,) = [one for one in told["states"].values() if one["model_name"] == "ImageModel"]
    (buffer,) = image["buffers"]
    assert buffer["path"] == ["value"]
    assert parts[buffer["part"]].startswith(b"\x89PNG")


def test_every_form_is_the_same_and_is_asked_for_anew_with_its_own_tag(live: LiveProcess) -> None:
    _, plain, content = get(live, "posts/figure")
    assert plain["Content-Type"] == "application/octet-stream"
    assert plain["Cache-Control"] == "no-cache"
    assert plain["Content-Encoding"] is None
    tags = {plain["ETag"]}
    for encoding, decode in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        _, headers, packed = get(live, "posts/figure", Accept_Encoding=encoding)
        assert headers["Content-Encoding"] == encoding
        assert decode(packed) == content
        assert len(packed) < len(content)
        tags.add(headers["ETag"])
        status, _, nothing = get(
            live, "posts/figure", Accept_Encoding=encoding, If_None_Match=headers["ETag"]
        )
        assert (status, nothing) == (304, b"")
    assert len(tags) == 3
    assert get(live, "posts/figure", Accept_Encoding="br;q=0")[1]["Content-Encoding"] is None


def test_an_anywidgets_module_is_a_file_of_its_own(live: LiveProcess) -> None:
    (canvas,) = [one for one in at_rest(live, "posts/own")["states"].values() if "module" in one]
    assert canvas["state"]["_esm"] == ""
    assert canvas["module"] == hashlib.sha256(CODE.encode()).hexdigest()[:32]
    status, headers, content = get(live, f"modules/{canvas['module']}.js")
    assert (status, content.decode()) == (200, CODE)
    assert headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in headers["Cache-Control"]
    assert get(live, f"modules/{'0' * 32}.js")[0] == 404


@pytest.mark.parametrize("key", ["posts/warm-only", "posts/broken", "posts/unknown"])
def test_where_there_is_no_state_that_is_said(live: LiveProcess, key: str) -> None:
    assert get(live, key)[0] == 404


def test_no_kernel_is_asked(live: LiveProcess) -> None:
    for _ in range(20):
        assert get(live, "posts/figure")[0] == 200
    assert live.sessions() == 0


def test_the_same_notebook_has_the_same_generation_in_every_server(tmp_path: Path) -> None:
    """A page that was open before goes live with the server that is there now."""
    write_notebooks(tmp_path, {"posts/figure": notebook((FIGURE, "live"))})
    found = []
    for _ in range(2):
        with live_server(tmp_path) as running:
            wait_for(lambda: running.ask("/live/healthz")[0] == 200, 60)
            found.append(get(running, "posts/figure")[2])
    assert found[0] == found[1]


def test_another_notebook_is_another_generation_of_the_same_models(tmp_path: Path) -> None:
    write_notebooks(tmp_path, {"posts/figure": notebook((FIGURE, "live"))})
    with live_server(tmp_path) as running:
        wait_for(lambda: get(running, "posts/figure")[0] == 200, 60)
        before = at_rest(running, "posts/figure")
        changed = FIGURE.replace("value=20", "value=24")
        write_notebooks(tmp_path, {"posts/figure": notebook((changed, "live"))})
        wait_for(lambda: at_rest(running, "posts/figure")["generation"] != before["generation"], 60)
        after = at_rest(running, "posts/figure")
    assert before["states"].keys() == after["states"].keys()
    assert before["cells"] == after["cells"]


def test_who_comes_while_a_notebook_warms_up_is_told_when_to_ask_again(tmp_path: Path) -> None:
    known = {"posts/figure": notebook((FIGURE, "live"))}
    write_notebooks(tmp_path, known)
    with live_server(tmp_path) as running:
        write_notebooks(tmp_path, known | {"posts/late": notebook((LATE + FIGURE, "live"))})
        wait_for(lambda: get(running, "posts/late")[0] == 503, 60)
        assert get(running, "posts/late")[1]["Retry-After"] == "2"
        (tmp_path / "notebooks/posts/go").touch()
        wait_for(lambda: get(running, "posts/late")[0] == 200, 60)
