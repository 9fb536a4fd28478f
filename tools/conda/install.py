"""Installs the packages of a conda-lock.yml, each checked by its digest, with no conda on the machine.

    python tools/conda/install.py --lock conda-lock.yml --prefix /opt/python --slim

Downloading, checking, unpacking and linking are py-rattler's. Only what ``requirements.txt`` beside this
file locks is needed, so that it runs on the system's own Python in the first stage of an image.

The lock's form is conda-lock's version 1 (``conda_lock/lockfile/v1/models.py`` in that project). A package's
build is not among its keys; it is read from the file's name, which is ``name-version-build`` by CEP 26.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import platform as machine
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from rattler import BuildString, Client, PackageRecord, RepoDataRecord, Subdir, install
from rattler.exceptions import InstallerError
from rattler.networking import RetryMiddleware

#: conda's names for the machines that the project locks, by ``platform.system()`` and ``machine()``.
PLATFORMS = {
    ("Linux", "x86_64"): "linux-64",
    ("Linux", "aarch64"): "linux-aarch64",
    ("Darwin", "arm64"): "osx-arm64",
}
ENDINGS = (".conda", ".tar.bz2")

#: What Python names among its dependencies and a server's Python never calls: the linker, and Tk.
NEEDLESS = ("ld_impl_linux-64", "ld_impl_linux-aarch64", "tk")
#: What lies in a prefix for those who build or read manuals; ``ensurepip`` holds a whole pip.
_LEFT_OUT = (
    "include",
    "man",
    "share/doc",
    "share/gtk-doc",
    "share/info",
    "share/man",
    "lib/cmake",
    "lib/pkgconfig",
    "lib/**/*.a",
    "lib/python3.*/config-3.*",
    "lib/python3.*/ensurepip",
    "lib/python3.*/idlelib",
    "lib/python3.*/lib2to3",
    "lib/python3.*/test",
    "lib/python3.*/tkinter",
    "lib/python3.*/turtledemo",
    "lib/python3.*/lib-dynload/_tkinter.*",
    "lib/python3.*/*/test",
    "lib/python3.*/*/tests",
    "bin/2to3*",
    "bin/idle3*",
    "bin/python3*-config",
)


class InstallError(Exception):
    """Something the user can mend, in one line."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package as the lock names it; ``sha256`` and ``md5`` are hexadecimal, ``md5`` may be empty."""

    name: str
    version: str
    build: str
    platform: str
    url: str
    sha256: str
    md5: str
    depends: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """The name of the package's file."""
        return urlsplit(self.url).path.rsplit("/", 1)[-1]

    @property
    def subdir(self) -> str:
        """The channel's folder: a platform, or ``noarch``."""
        return urlsplit(self.url).path.rsplit("/", 2)[-2]

    @property
    def channel(self) -> str:
        """The channel's address."""
        return self.url.rsplit("/", 2)[0]


def read(lock: Path) -> list[Package]:
    """Read the packages of all platforms.

    Raises :class:`InstallError` for no lock of version 1, and for a package without a SHA-256.
    """
    try:
        content = yaml.safe_load(lock.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InstallError(f"{lock}: can't be read: {getattr(error, 'strerror', None) or error}") from None
    except yaml.YAMLError as error:
        raise InstallError(f"{lock}: is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict) or content.get("version") != 1 or not content.get("package"):
        raise InstallError(f"{lock}: is no lock of conda-lock's version 1; make one with conda-lock lock")
    try:
        return [_package(entry) for entry in content["package"]]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InstallError(
            f"{lock}: {error if type(error) is ValueError else f'a package lacks {error}'}"
        ) from None


def _package(entry: dict[str, Any]) -> Package:
    """Read one package; raises ValueError for what can't be installed from here."""
    name, version, url = entry["name"], str(entry["version"]), entry["url"]
    if entry["manager"] != "conda":
        raise ValueError(f"{name} is not conda's; Python packages are locked in requirements.txt")
    file_name = urlsplit(url).path.rsplit("/", 1)[-1]
    stem = next((file_name.removesuffix(e) for e in ENDINGS if file_name.endswith(e)), "")
    start = f"{name}-{version}-"
    if not stem.startswith(start) or stem == start or len(urlsplit(url).path.split("/")) < 3:
        raise ValueError(f"the URL of {name} {version} names no such package: {url}")
    digests = entry["hash"]
    sha256, md5 = str(digests.get("sha256") or ""), str(digests.get("md5") or "")
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"{name} {version} has no sha256; lock it anew with conda-lock lock")
    depends = tuple(f"{other} {spec}".strip() for other, spec in (entry["dependencies"] or {}).items())
    return Package(name, version, stem.removeprefix(start), entry["platform"], url, sha256, md5, depends)


def of_platform(packages: Iterable[Package], platform: str) -> list[Package]:
    """Give a platform's packages; raises :class:`InstallError` where the lock has none for it."""
    packages = list(packages)
    if found := [package for package in packages if package.platform == platform]:
        return found
    known = ", ".join(sorted({package.platform for package in packages}))
    raise InstallError(f"the lock has no packages for {platform}, only for {known}")


def running(packages: Sequence[Package]) -> list[Package]:
    """Give what Python needs to run: itself and what it depends on, but for :data:`NEEDLESS`.

    pip, setuptools and wheel are not among it, for nothing depends on them; nor is the linker.
    """
    known = {package.name: package for package in packages}
    if "python" not in known:
        raise InstallError("the lock has no python, of which --slim keeps what it needs")
    wanted, needed = ["python"], set[str]()
    while wanted:
        name = wanted.pop()
        # Names with two underscores in front are the machine's: __glibc, __unix.
        if name not in needed and name not in NEEDLESS and not name.startswith("__"):
            if name not in known:
                raise InstallError(f"the lock lacks {name}, which a package in it needs")
            needed.add(name)
            wanted += [dependency.split()[0] for dependency in known[name].depends]
    return [package for package in packages if package.name in needed]


def record(package: Package) -> RepoDataRecord:
    """Say to py-rattler what the lock says of a package."""
    number = package.build.rsplit("_", 1)[-1]
    about = PackageRecord(
        package.name,
        package.version,
        BuildString(package.build),
        int(number) if number.isdigit() else 0,
        package.subdir,
        depends=list(package.depends),
        sha256=bytes.fromhex(package.sha256),
        md5=bytes.fromhex(package.md5) if package.md5 else None,
    )
    return RepoDataRecord(about, package.file_name, package.url, package.channel)


def install_into(prefix: Path, packages: Sequence[Package], platform: str, slim: bool = False) -> None:
    """Install packages into a new folder, which appears when all of it is there, or not at all.

    Packages' own scripts are not run. Raises :class:`InstallError` for a prefix that is in use, a channel
    that isn't reached, and a file that is not what the lock says.
    """
    prefix = prefix.absolute()
    try:
        if prefix.is_symlink() or (prefix.exists() and any(prefix.iterdir())):
            raise InstallError(f"{prefix}: is not empty; give a new folder")
        prefix.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{prefix.name}-", dir=prefix.parent) as name:
            new = Path(name, "prefix")
            _link(new, Path(name, "packages"), prefix, packages, platform)
            if slim:
                _make_slim(new)
            new.chmod(0o755)
            new.rename(prefix)
    except OSError as error:
        raise InstallError(f"{error.filename or prefix}: {error.strerror}") from None


def _link(new: Path, cache: Path, prefix: Path, packages: Sequence[Package], platform: str) -> None:
    """Download and link packages into ``new``; what they write of their place names ``prefix``.

    In a process of its own: when one package fails, py-rattler's threads go on with the others, and would
    write into the folder while it is removed.
    """
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_linking, args=(writer, new, cache, prefix, packages, platform))
    process.start()
    writer.close()
    try:
        problem = reader.recv()
    except EOFError:
        problem = f"py-rattler ended without an answer for {prefix}"
    finally:
        process.kill()
        process.join()
    if problem:
        raise InstallError(problem)


def _linking(
    answer: Connection, new: Path, cache: Path, prefix: Path, packages: Sequence[Package], platform: str
) -> None:
    """Answer with what is wrong, or an empty text when all is linked."""

    async def work() -> None:
        await install(
            [record(package) for package in packages],
            new,
            cache_dir=cache,
            installed_packages=[],
            platform=Subdir(platform),
            execute_link_scripts=False,
            show_progress=False,
            # No stored credentials and no mirrors of whoever runs this: the lock's own URLs.
            client=Client([RetryMiddleware(2)], timeout=300),
            alternative_target_prefix=prefix,
        )

    try:
        asyncio.run(work())
    except InstallerError as error:
        answer.send(" ".join(str(error).replace("\nCaused by:", ":").split()).replace(" :", ":"))
    else:
        answer.send("")


def _make_slim(prefix: Path) -> None:
    """Remove what only building, testing and manuals need.

    ``conda-meta`` stays: it is a list of what is in here, which scanners of images read.
    """
    for pattern in _LEFT_OUT:
        for path in list(prefix.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def this_platform() -> str:
    """Give conda's name for this machine; raises :class:`InstallError` for one that it has none for."""
    here = machine.system(), machine.machine()
    if here not in PLATFORMS:
        raise InstallError(f"there is no platform for {' '.join(here)}; give one with --platform")
    return PLATFORMS[here]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code: 0 done, 2 for what the user can mend."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--lock", type=Path, default=Path("conda-lock.yml"))
    parser.add_argument("--prefix", type=Path, required=True, help="the new folder")
    parser.add_argument("--platform", choices=sorted(PLATFORMS.values()), help="default: this machine's")
    parser.add_argument("--slim", action="store_true", help="only what Python needs to run")
    given = parser.parse_args(arguments)
    try:
        platform = given.platform or this_platform()
        packages = of_platform(read(given.lock), platform)
        if given.slim:
            packages = running(packages)
        install_into(given.prefix, packages, platform, given.slim)
    except InstallError as error:
        print(f"install: {error}", file=sys.stderr)
        return 2
    print(f"install: {len(packages)} packages for {platform} in {given.prefix}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
