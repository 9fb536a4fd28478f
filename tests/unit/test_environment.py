"""When the environment is made, and for what; making it needs a network, and is what every run does first."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from blog import environment
from blog.bundle import load
from blog.environment import DEVELOPMENT, RUNTIME, Environment, pinned
from blog.errors import ServiceError

ROOT = Path(__file__).parents[2]
LOCK = """\
tornado==6.5 \\
    --hash=sha256:aa
    # via voila
uv==0.13.9 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via notebook-blog (pyproject.toml)
uvloop==1.0 \\
    --hash=sha256:dd
"""
PROJECT = """\
[build-system]
requires = ["hatchling"]
[project]
name = "x"
[tool.hatch.build]
dev-mode-dirs = ["site"]
[tool.ruff]
line-length = 110
"""


class Checkout(Environment):
    """A checkout whose packages are not really installed."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.installed: list[str] = []
        self.created = 0
        for name, text in ((RUNTIME, LOCK), (DEVELOPMENT, LOCK + "pytest==9\n"), ("pyproject.toml", PROJECT)):
            (root / name).write_text(text)

    def _create(self) -> None:
        self.created += 1
        self.python.parent.mkdir(parents=True, exist_ok=True)
        self.python.touch()

    def _install(self, lock: str) -> None:
        self.installed.append(lock)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_one_requirement_is_cut_out_with_its_hashes() -> None:
    assert pinned("uv", LOCK) == "uv==0.13.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
    with pytest.raises(ServiceError, match="the lock does not list pip"):
        pinned("pip", LOCK)


@pytest.mark.parametrize("name", [RUNTIME, DEVELOPMENT])
def test_the_projects_own_lock_has_what_the_set_up_needs(name: str) -> None:
    block = pinned("uv", (ROOT / name).read_text())
    assert block.count("--hash=sha256:") > 1
    assert "\n    #" not in block


def test_it_is_made_once(checkout: Checkout) -> None:
    assert not checkout.is_current(RUNTIME)
    checkout.make(RUNTIME)
    assert checkout.is_current(RUNTIME)
    assert not checkout.is_current(DEVELOPMENT)
    assert (checkout.created, checkout.installed) == (1, [RUNTIME])


def test_the_tests_packages_do_for_running_and_stay(checkout: Checkout) -> None:
    assert checkout.wanted(["up", "--port", "80"]) == RUNTIME
    assert checkout.wanted(["test"]) == DEVELOPMENT
    checkout.make(DEVELOPMENT)
    assert checkout.is_current(RUNTIME)
    assert checkout.is_current(DEVELOPMENT)
    (checkout.root / DEVELOPMENT).write_text(LOCK + "pytest==10\n")
    assert checkout.wanted(["up"]) == DEVELOPMENT


@pytest.mark.parametrize(
    ("file", "before", "after", "current"),
    [
        (RUNTIME, "tornado==6.5", "tornado==6.6", False),
        ("pyproject.toml", 'name = "x"', 'name = "y"', False),
        ("pyproject.toml", '["site"]', '["site", "voila"]', False),
        ("pyproject.toml", "line-length = 110", "line-length = 100", True),
    ],
)
def test_it_is_made_again_for_what_makes_a_difference(
    checkout: Checkout, file: str, before: str, after: str, current: bool
) -> None:
    checkout.make(RUNTIME)
    path = checkout.root / file
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    assert checkout.is_current(RUNTIME) is current
    checkout.make(RUNTIME)
    # What is installed is brought up to date, not thrown away.
    assert checkout.created == 1


def test_a_checkout_that_was_moved_is_made_again(checkout: Checkout, tmp_path: Path) -> None:
    checkout.make(RUNTIME)
    moved = tmp_path.with_name(tmp_path.name + " moved")
    tmp_path.rename(moved)
    assert not Environment(moved).is_current(RUNTIME)
    moved.rename(tmp_path)


def test_one_that_was_broken_off_is_made_from_nothing(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.make(RUNTIME)
    (checkout.root / RUNTIME).write_text(LOCK.replace("6.5", "6.6"))

    def broken_off(lock: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkout, "_install", broken_off)
        with pytest.raises(KeyboardInterrupt):
            checkout.make(RUNTIME)
    assert not checkout.is_current(RUNTIME)
    checkout.make(RUNTIME)
    assert checkout.created == 2
    assert checkout.is_current(RUNTIME)


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({RUNTIME: "another"})])
def test_a_stamp_that_says_nothing_is_none(checkout: Checkout, content: str) -> None:
    checkout.make(RUNTIME)
    (checkout.folder / "made-for.json").write_text(content)
    assert not checkout.is_current(RUNTIME)


def test_an_environment_without_its_python_is_none(checkout: Checkout) -> None:
    checkout.make(RUNTIME)
    checkout.python.unlink()
    assert not checkout.is_current(RUNTIME)


# ------------------------------------------------------------------------------- the live cells' front end

BUILD = """\
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
writeFileSync("dist/live.js", 'import("./part.js");' + readFileSync("src/live.js", "utf8"));
writeFileSync("dist/part.js", "export const one = 1;");
writeFileSync("dist/live.css", ".widget-box { display: flex }");
writeFileSync("dist/NOTICES.txt", "none");
appendFileSync("runs", "x");
"""


@pytest.fixture
def front_end(tmp_path: Path) -> Path:
    """Make a folder that is bundled as the front end is, by the environment's own Node, and needs nothing."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/live.js").write_text("let a;" * 200)
    (tmp_path / "build.mjs").write_text(BUILD)
    (tmp_path / "package.json").write_text('{"name": "x"}')
    lock = {"name": "x", "lockfileVersion": 3, "packages": {"": {"name": "x"}}}
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    return tmp_path


def make(folder: Path) -> str:
    return environment._make_node_folder(Environment(ROOT), folder)


def runs(folder: Path) -> int:
    return len((folder / "runs").read_text())


def test_a_bundle_is_made_once_and_again_when_its_sources_change(front_end: Path) -> None:
    assert make(front_end) == ""
    assert make(front_end) == ""
    assert runs(front_end) == 1
    made = load(front_end / "dist")
    assert made
    entry = made.assets["live.js"]
    assert made.forms[entry.path][".br"] == brotli.compress(entry.content, quality=11)
    for name in ("src/live.js", "build.mjs", "package-lock.json"):
        before = runs(front_end)
        with (front_end / name).open("a") as file:
            file.write("\n")
        assert make(front_end) == ""
        assert runs(front_end) == before + 1


def test_a_bundle_is_made_again_when_what_makes_its_forms_changes(front_end: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name in environment.FORMS:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_bytes((ROOT / name).read_bytes())
    (front_end / "dist").mkdir()
    for name in environment.FORMS:
        made = Environment(checkout)
        (front_end / "dist/.made-for").write_text(made._sources(front_end))
        assert made.has_bundle(front_end)
        with (checkout / name).open("a") as file:
            file.write("# another way\n")
        assert not made.has_bundle(front_end)


def test_a_bundle_that_is_there_needs_no_packages(front_end: Path) -> None:
    make(front_end)
    shutil.rmtree(front_end / "node_modules", ignore_errors=True)
    assert make(front_end) == ""
    assert not (front_end / "node_modules").exists()


def test_a_bundle_that_was_broken_off_is_made_again(front_end: Path) -> None:
    make(front_end)
    (front_end / "dist/.made-for").unlink()
    assert make(front_end) == ""
    assert runs(front_end) == 2


def test_a_bundle_that_fails_leaves_none_and_says_why(front_end: Path) -> None:
    make(front_end)
    with (front_end / "build.mjs").open("a") as file:
        file.write('throw new Error("no such package");\n')
    assert make(front_end) == "Error: no such package"
    assert not (front_end / "dist").exists()
    assert load(front_end / "dist") is None


def test_without_a_node_there_is_no_bundle(front_end: Path, checkout: Checkout) -> None:
    assert environment._make_node_folder(checkout, front_end) == "there is no Node for this system"


def test_another_python_is_not_taken(tmp_path: Path) -> None:
    """``./blog`` where there is no Python 3.11: one line, and exit code 2."""
    copy = tmp_path / "a checkout"
    copy.mkdir()
    (copy / "blog").write_bytes((ROOT / "blog").read_bytes())
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("dirname",):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    python = programs / "python3"
    python.write_text("#!/bin/sh\nexit 1\n")  # as 3.12 answers the question for its version
    python.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", str(copy / "blog"), "up"], env={"PATH": str(programs)}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith("blog: Python 3.11 is not there; install it: ")
    assert done.stderr.count("\n") == 1


def test_the_command_runs_wherever_it_is_called_from(tmp_path: Path) -> None:
    """``./blog`` hands its arguments and the current folder on as they are."""
    copy = tmp_path / "a checkout"
    (copy / ".venv" / "bin").mkdir(parents=True)
    (copy / "blog").write_bytes((ROOT / "blog").read_bytes())
    package = copy / "site" / "blog"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "environment.py").write_text("")
    (copy / ".venv" / "bin" / "python").symlink_to(sys.executable)
    program = copy / ".venv" / "bin" / "blog"
    program.write_text('#!/bin/sh\npwd\nprintf "[%s]" "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "../a checkout/blog", "up", "--state", "a b"],
        cwd=tmp_path / "a checkout",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{copy}\n[up][--state][a b]"
