"""The lock satisfies what pyproject.toml and environment.yml ask, and names nobody's host."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
CONDA_LOCK = yaml.safe_load((ROOT / "conda-lock.yml").read_text())
PLATFORMS = ("linux", "darwin")


def pins(name: str, platform: str) -> dict[str, Version]:
    """Give the versions that a lock file pins for a platform of Python 3.11."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    found: dict[str, Version] = {}
    for line in text.splitlines():
        if not line or line.startswith((" ", "#")):
            continue
        requirement = Requirement(line.split(" --hash")[0].strip())
        environment = {
            "sys_platform": platform,
            "platform_system": platform.title(),
            "python_version": "3.11",
        }
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", line
            assert canonicalize_name(requirement.name) not in found, f"{requirement.name} is pinned twice"
            found[canonicalize_name(requirement.name)] = Version(specifier.version)
    return found


def unsatisfied(wanted: list[str], locked: dict[str, Version]) -> list[str]:
    """Give the requirements that the pins don't satisfy."""
    requirements = map(Requirement, wanted)
    return [
        str(r)
        for r in requirements
        if canonicalize_name(r.name) not in locked
        or not r.specifier.contains(locked[canonicalize_name(r.name)], prereleases=True)
    ]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_lock_satisfies_the_project(platform: str) -> None:
    extras = PROJECT["optional-dependencies"]
    run = [*PROJECT["dependencies"], *extras["build"]]
    assert unsatisfied(run, pins("requirements.txt", platform)) == []
    assert unsatisfied([*run, *extras["dev"]], pins("requirements-dev.txt", platform)) == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_tests_run_with_the_versions_that_ship(platform: str) -> None:
    shipped, tested = pins("requirements.txt", platform), pins("requirements-dev.txt", platform)
    assert {name: tested.get(name) for name in shipped} == shipped


def test_a_lock_that_does_not_satisfy_is_noticed() -> None:
    locked = pins("requirements.txt", "linux")
    assert unsatisfied(["flask>=99", "flask", "no-such-package"], locked) == ["flask>=99", "no-such-package"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes_and_no_host_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?:|--(extra-)?index-url|--find-links|file:", text)
    blocks = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    assert blocks
    assert [block for block in blocks if block.strip() and "--hash=sha256:" not in block] == []


def test_conda_locks_what_the_environment_asks_on_every_platform() -> None:
    locked = {(p["platform"], p["name"]): p["version"] for p in CONDA_LOCK["package"]}
    for platform in ENVIRONMENT["platforms"]:
        for wanted in ENVIRONMENT["dependencies"]:
            name, _, version = wanted.partition("=")
            found = locked.get((platform, name), "")
            assert found, f"{name} is not locked for {platform}"
            assert not version or found == version or found.startswith(f"{version}."), (
                platform,
                wanted,
                found,
            )
    assert set(CONDA_LOCK["metadata"]["content_hash"]) == set(ENVIRONMENT["platforms"])
    assert [channel["url"] for channel in CONDA_LOCK["metadata"]["channels"]] == ENVIRONMENT["channels"]


def test_conda_and_the_project_agree_on_python() -> None:
    versions = {p["version"] for p in CONDA_LOCK["package"] if p["name"] == "python"}
    assert {".".join(version.split(".")[:2]) for version in versions} == {"3.11"}
    assert PROJECT["requires-python"] == "==3.11.*"


def test_what_watches_kernels_imports_nothing_that_the_live_servers_lock_lacks() -> None:
    sources = (ROOT / "voila/livekernel/watch").glob("*.py")
    nodes = [node for source in sources for node in ast.walk(ast.parse(source.read_text()))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    packages = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"livekernel"}
    assert packages == {"prometheus_client", "tornado"}
    assert {canonicalize_name(name) for name in packages} <= set(pins("voila/requirements.txt", "linux"))
