"""``blog check``: which live figures start by a button, and why."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from blog.check import BUILT_IN, check
from blog.cli import blog as command
from click.testing import CliRunner

ROOT = Path(__file__).parents[2]
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


def saved(*modules: str) -> dict[str, Any]:
    """Give the state of a box with a widget of each module in it."""

    def model(module: str, **state: Any) -> dict[str, Any]:
        return {"model_module": module, "model_name": "Model", "state": state}

    models = {f"m{number}": model(module) for number, module in enumerate(modules)}
    box = model("@jupyter-widgets/controls", children=[f"IPY_MODEL_{one}" for one in models])
    return {"widgets": {STATE: {"version_major": 2, "version_minor": 0, "state": {**models, "box": box}}}}


def write(root: Path, name: str, metadata: dict[str, Any], view: str | None = "box", fork: str = "") -> None:
    outputs = [nbformat.v4.new_output("display_data", {VIEW: {"model_id": view}})] if view else []
    cells = [nbformat.v4.new_code_cell("box", metadata={"tags": ["live"]}, outputs=outputs)]
    front = f"---\ntitle: {name}\n{f'fork: {fork}' if fork else ''}\n---\n"
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_raw_cell(front), *cells], metadata=metadata)
    (root / "posts").mkdir(exist_ok=True)
    nbformat.write(node, root / "posts" / f"{name}.ipynb")


def lines(root: Path, extensions: Path | None = None) -> list[str]:
    return [str(problem) for problem in check(root, extensions or root / "none")]


def test_what_goes_live_in_the_post_needs_no_words(tmp_path: Path) -> None:
    write(tmp_path, "good", saved(*sorted(BUILT_IN)))
    assert lines(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"metadata": saved(), "fork": "warm-cells"}, "fork: warm-cells"),
        ({"metadata": saved(), "view": None}, "cell 2: it is tagged `live` and shows no widget"),
        ({"metadata": {}}, "cell 2: the state of its widgets was not saved"),
        ({"metadata": saved("bqplot")}, "cell 2: it has a widget of bqplot, which is not installed"),
    ],
)
def test_what_starts_by_a_button_is_named_with_its_reason(
    tmp_path: Path, arguments: dict[str, Any], words: str
) -> None:
    write(tmp_path, "post", **arguments)
    (line,) = lines(tmp_path)
    assert "posts/post.ipynb" in line
    assert words in line
    assert "starts by its button" in line


def test_a_widget_is_known_where_its_extension_is_installed(tmp_path: Path) -> None:
    write(tmp_path, "post", saved("bqplot"))
    (tmp_path / "extensions/bqplot").mkdir(parents=True)
    (tmp_path / "extensions/bqplot/package.json").write_text("{}")
    assert lines(tmp_path, tmp_path / "extensions") == []


def test_the_front_end_has_what_is_said_to_be_its_own() -> None:
    source = (ROOT / "voila/frontend/src/manager.js").read_text()
    (own,) = re.findall(r"^const OWN = \{\n(.*?)^\};", source, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r'^\s+"?([@\w/-]+)"?(?=[:,])', own, re.MULTILINE)) == BUILT_IN


def test_the_blogs_own_figures_go_live_in_their_posts() -> None:
    assert CliRunner().invoke(command, ["check", "--notebooks", str(ROOT / "notebooks")]).exit_code == 0


def test_the_command_ends_with_2_where_there_is_something_to_say(tmp_path: Path) -> None:
    write(tmp_path, "post", {})
    done = CliRunner().invoke(command, ["check", "--notebooks", str(tmp_path)])
    assert done.exit_code == 2
    assert done.stderr.startswith("warning: posts/post.ipynb, cell 2: the state of its widgets was not saved")
