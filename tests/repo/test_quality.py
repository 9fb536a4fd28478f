"""The code's own rules: layers, types, style, and the size of a module."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["lint-imports"],
    ],
    ids=" ".join,
)
def test_the_checkers_have_nothing_to_say(command: list[str]) -> None:
    result = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_package_shadows_the_standard_library_or_voila() -> None:
    for name in ("site", "voila"):
        assert not (ROOT / name / "__init__.py").exists(), f"{name}/__init__.py would hide the real {name}"


def test_modules_stay_small_enough_to_be_one_idea() -> None:
    sources = [p for folder in ("site/blog", "voila/livekernel") for p in (ROOT / folder).rglob("*.py")]
    assert sources
    long = {
        p.relative_to(ROOT).as_posix(): n for p in sources if (n := len(p.read_text().splitlines())) > 400
    }
    assert long == {}


def test_the_contract_of_the_watch_names_every_module_it_may_not_know() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [one for one in contracts if one.get("source_modules") == ["livekernel.watch"]]
    found = {
        p.with_suffix("").name for p in (ROOT / "voila/livekernel").glob("[!_.]*") if p.name != "py.typed"
    }
    found.add("__main__")
    allowed = {"watch", "errors"}
    assert set(contract["forbidden_modules"]) == {f"livekernel.{name}" for name in found - allowed}
