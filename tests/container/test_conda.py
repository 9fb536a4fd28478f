"""Python from conda-lock.yml: installed from a channel of the test's own, as the image does it.

conda-forge itself is not reached here; the project's own lock is read and compared, not installed.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from support.conda_channel import PLACEHOLDER, Channel, Made, served

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tools/conda/install.py"
PLATFORMS = ("linux-64", "linux-aarch64", "osx-arm64")
LONG_NOTE = b"x" * 300_000  # more than one block of a zstd frame

PACKAGES = [
    Made(
        "python",
        version="3.11.9",
        build="h1_3_cpython",
        files={
            # The interpreter is what this test runs on; only its place is the package's.
            "bin/python3.11": f'#!/bin/sh\nexec {sys.executable} "$@"\n'.encode(),
            "bin/which-prefix": f"#!{PLACEHOLDER}/bin/python3.11\n# {PLACEHOLDER}/lib\n".encode(),
            "bin/python3.11-config": b"#!/bin/sh\n",
            "lib/libown.so": b"\x7fELF\0" + PLACEHOLDER.encode() + b"/share\0rest",
            "lib/libown.a": b"!<arch>\n",
            "lib/python3.11/os.py": b"",
            "lib/python3.11/test/regrtest.py": b"",
            "lib/python3.11/ensurepip/__init__.py": b"",
            "lib/python3.11/site-packages/README.txt": LONG_NOTE,
            "include/python3.11/Python.h": b"",
            "share/man/man1/python3.1": b"",
        },
        links={"bin/python3": "python3.11", "lib/libown.so.1": "libown.so"},
        depends={"__glibc": ">=2.17,<3.0.a0", "zlib": ">=1,<2.0a0", "tk": "", "ld_impl_linux-64": ">=2"},
    ),
    Made("zlib", ending=".tar.bz2", files={"lib/libz.so": b"z", "share/zlib.txt": PLACEHOLDER.encode()}),
    Made("tk", files={"lib/libtk.so": b"tk"}),
    Made("ld_impl_linux-64", version="2.46", files={"bin/ld": b"ld"}),
    Made(
        "pip",
        version="26.1",
        build="pyh0_0",
        subdir="noarch",
        noarch="python",
        files={
            "site-packages/pip/__init__.py": b"def main():\n    print('a pip', __file__)\n",
            "python-scripts/pip-note": f"#!{PLACEHOLDER}/bin/python\n".encode(),
        },
        depends={"python": ">=3.10"},
        entry_points=("pip = pip:main",),
    ),
]


def load() -> ModuleType:
    """Import the installer, which is a script in no package."""
    spec = importlib.util.spec_from_file_location("conda_install", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


INSTALLER = load()


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    with served(tmp_path, PACKAGES) as channel:
        yield channel


def run(lock: Path, prefix: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the installer as the Dockerfile does."""
    command = [sys.executable, SCRIPT, "--lock", lock, "--prefix", prefix, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """Assert that the installer ended with one line that holds these words."""
    assert result.returncode == 2, result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    for word in words:
        assert word in result.stderr


def left(folder: Path) -> set[str]:
    """Give the names in a folder, hidden ones too."""
    return {path.name for path in folder.iterdir()}


def test_everything_is_installed_and_says_where_it_is(channel: Channel, tmp_path: Path) -> None:
    prefix = tmp_path / "opt/python"
    result = run(channel.lock, prefix, "--platform", "linux-64")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"install: 5 packages for linux-64 in {prefix}\n"
    assert (prefix / "lib/libz.so").read_bytes() == b"z"
    assert (prefix / "lib/python3.11/site-packages/README.txt").read_bytes() == LONG_NOTE
    assert (prefix / "share/zlib.txt").read_text() == str(prefix)
    script = (prefix / "bin/which-prefix").read_text()
    assert f"# {prefix}/lib\n" in script
    assert "placehold" not in script
    assert (prefix / "bin/which-prefix").stat().st_mode & 0o111
    # In a binary the prefix is replaced by one as long, filled up with NUL.
    library = (prefix / "lib/libown.so").read_bytes()
    assert library.startswith(b"\x7fELF\0" + str(prefix).encode()[:20])
    assert b"placehold" not in library
    assert (prefix / "bin/python3").readlink() == Path("python3.11")
    assert (prefix / "lib/libown.so.1").readlink() == Path("libown.so")
    assert left(prefix.parent) == {"python"}
    assert prefix.stat().st_mode & 0o777 == 0o755


def test_a_package_for_any_python_gets_its_place_and_its_commands(channel: Channel, tmp_path: Path) -> None:
    prefix = tmp_path / "python"
    assert run(channel.lock, prefix, "--platform", "linux-64").returncode == 0
    assert (prefix / "lib/python3.11/site-packages/pip/__init__.py").is_file()
    assert str(prefix) in (prefix / "bin/pip-note").read_text()
    code = (prefix / "bin/pip").read_text()
    assert code.startswith(f"#!{prefix}/bin/python")
    assert "from pip import main" in code


def test_slim_keeps_what_python_runs_with(channel: Channel, tmp_path: Path) -> None:
    prefix = tmp_path / "python"
    result = run(channel.lock, prefix, "--platform", "linux-64", "--slim")
    assert result.returncode == 0, result.stderr
    files = {p.relative_to(prefix).as_posix() for p in prefix.rglob("*") if p.is_file()}
    assert {"bin/python3.11", "bin/python3", "lib/libown.so", "lib/libz.so", "lib/python3.11/os.py"} <= files
    assert {f for f in files if f.startswith("conda-meta/python-")}
    gone = ("include/", "share/man/", "test/", "ensurepip", ".a", "-config", "pip", "bin/ld", "libtk")
    assert [f for f in files if f.endswith(gone) or any(word in f"{f}/" for word in gone[:4])] == []
    assert not {f for f in files if "/pip" in f or f.startswith("conda-meta/ld_impl")}


@pytest.mark.parametrize("ending", [".conda", ".tar.bz2"])
def test_a_package_that_is_not_what_the_lock_says_is_refused(
    channel: Channel, tmp_path: Path, ending: str
) -> None:
    (path, *_) = sorted((channel.folder / "linux-64").glob(f"*{ending}"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    (tmp_path / "opt").mkdir()
    result = run(channel.lock, tmp_path / "opt/python", "--platform", "linux-64")
    refused(result, path.name)
    assert left(tmp_path / "opt") == set()


def test_a_whole_package_under_another_digest_is_refused(channel: Channel, tmp_path: Path) -> None:
    entries = channel.entries()
    entries[1]["hash"]["sha256"] = "ab" * 32  # its md5 stays right
    channel.write(entries)
    (tmp_path / "opt").mkdir()
    refused(
        run(channel.lock, tmp_path / "opt/python", "--platform", "linux-64"), "hash mismatch", "zlib", "abab"
    )
    assert left(tmp_path / "opt") == set()


def test_a_package_that_the_channel_lacks_is_named(channel: Channel, tmp_path: Path) -> None:
    (channel.folder / "linux-64" / "tk-1.0-h0_0.conda").unlink()
    (tmp_path / "opt").mkdir()
    refused(run(channel.lock, tmp_path / "opt/python", "--platform", "linux-64"), "404", "tk-1.0-h0_0.conda")
    assert left(tmp_path / "opt") == set()


def test_a_channel_that_is_not_reached_is_named(tmp_path: Path) -> None:
    with served(tmp_path, PACKAGES[1:2]) as channel:
        pass  # and is gone
    result = run(channel.lock, tmp_path / "python", "--platform", "linux-64")
    refused(result, channel.url, "refused")
    assert not (tmp_path / "python").exists()


def test_a_platform_that_the_lock_lacks_is_named(channel: Channel, tmp_path: Path) -> None:
    refused(
        run(channel.lock, tmp_path / "python", "--platform", "osx-arm64"), "osx-arm64", "only for linux-64"
    )


def test_a_prefix_in_use_is_left_alone(channel: Channel, tmp_path: Path) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python/mine").write_text("mine")
    refused(run(channel.lock, tmp_path / "python", "--platform", "linux-64"), "not empty")
    assert left(tmp_path / "python") == {"mine"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file"),
        ("a: [", "is no YAML"),
        ("- a\n", "version 1"),
        ("version: 2\npackage: [{}]\n", "version 1"),
        ("version: 1\npackage: [{name: a}]\n", "lacks 'version'"),
    ],
)
def test_what_is_no_lock_is_refused(tmp_path: Path, text: str | None, words: str) -> None:
    lock = tmp_path / "conda-lock.yml"
    if text is not None:
        lock.write_text(text)
    refused(run(lock, tmp_path / "python"), "conda-lock.yml", words)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("hash", {"md5": "0" * 32}, "no sha256"),
        ("manager", "pip", "requirements.txt"),
        ("url", "https://example.org/linux-64/other-1.0-0.conda", "names no such package"),
    ],
)
def test_what_can_not_be_checked_is_refused(
    channel: Channel, tmp_path: Path, key: str, value: Any, words: str
) -> None:
    entries = channel.entries()
    entries[0][key] = value
    channel.write(entries)
    refused(run(channel.lock, tmp_path / "python", "--platform", "linux-64"), "python", words)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_projects_lock_is_read_wholly_and_passed_on_as_it_is(platform: str) -> None:
    entries = yaml.safe_load((ROOT / "conda-lock.yml").read_text())["package"]
    wanted = {entry["name"]: entry for entry in entries if entry["platform"] == platform}
    packages = INSTALLER.of_platform(INSTALLER.read(ROOT / "conda-lock.yml"), platform)
    records = {package.name: INSTALLER.record(package) for package in packages}
    assert set(records) == set(wanted)
    for name, record in records.items():
        entry = wanted[name]
        assert record.url == entry["url"]
        assert record.url.startswith("https://conda.anaconda.org/conda-forge/")
        assert str(record.version) == entry["version"]
        assert record.sha256.hex() == entry["hash"]["sha256"]
        assert record.md5.hex() == entry["hash"]["md5"]
        assert record.depends == [f"{n} {s}".strip() for n, s in entry["dependencies"].items()]
        assert record.file_name in (f"{name}-{entry['version']}-{record.build}{e}" for e in INSTALLER.ENDINGS)
        assert record.subdir in (platform, "noarch")
    assert str(records["python"].version).startswith("3.11.")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_slim_of_the_projects_lock_has_neither_pip_nor_a_linker(platform: str) -> None:
    packages = INSTALLER.of_platform(INSTALLER.read(ROOT / "conda-lock.yml"), platform)
    names = {package.name for package in INSTALLER.running(packages)}
    assert {"python", "openssl", "ca-certificates", "libsqlite", "tzdata"} <= names
    assert not names & {"pip", "setuptools", "wheel", "packaging", "tk"}
    assert not {name for name in names if name.startswith("ld_impl")}


def test_the_installers_own_lock_has_the_versions_that_are_tested() -> None:
    def pins(path: Path) -> set[str]:
        return {line.split()[0] for line in path.read_text().splitlines() if line[:1].isalpha()}

    assert pins(ROOT / "tools/conda/requirements.txt") <= pins(ROOT / "requirements-dev.txt")
    assert {p.split("==")[0] for p in pins(ROOT / "tools/conda/requirements.txt")} == {"py-rattler", "pyyaml"}
