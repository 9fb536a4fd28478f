"""A Docker engine of the tests' own, and the base image that no registry can be asked for.

Debian's ``docker.io`` is run as root with everything it keeps in a folder of the test's. ``base_image``
makes what Docker Hub calls ``debian:bookworm-slim`` with debootstrap: the same packages, the same
settings of apt and dpkg (github.com/debuerreotype/docker-debian-artifacts), and the certificates which
this machine trusts, so that a build behind a proxy gets through it, too.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from blog.system import provide
from blog.testing import DEBOOTSTRAP, ENGINE
from support.processes import wait_until

BASE_IMAGE = "debian:bookworm-slim"

# What the slim image does without (".slimify-excludes" of debuerreotype).
_NOT_SLIM = ("doc", "groff", "info", "linda", "lintian", "locale", "man")
_KEPT = "copyright"
# The engine calls iptables, and debootstrap chroot: a user's PATH may leave them out.
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
# What every Debian image of Docker's tells apt and dpkg: keep nothing that was downloaded.
_SETTINGS = {
    "etc/apt/apt.conf.d/docker-clean": (
        'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb '
        '/var/cache/apt/*.bin || true"; };\n'
        'APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb '
        '/var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };\n'
        'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
    ),
    "etc/apt/apt.conf.d/docker-no-languages": 'Acquire::Languages "none";\n',
    "etc/apt/apt.conf.d/docker-gzip-indexes": 'Acquire::GzipIndexes "true";\n',
    "etc/dpkg/dpkg.cfg.d/docker": "".join(f"path-exclude /usr/share/{name}/*\n" for name in _NOT_SLIM)
    + f"path-include /usr/share/doc/*/{_KEPT}\n",
}


@dataclass(frozen=True)
class Engine:
    """A running engine, by its socket."""

    folder: Path

    @property
    def host(self) -> str:
        return f"unix://{self.folder}/docker.sock"

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs: this engine, no other, and no settings of the user's."""
        return {
            **os.environ,
            "DOCKER_HOST": self.host,
            "DOCKER_CONFIG": str(self.folder / "client"),
            "DOCKER_BUILDKIT": "1",
        }

    def docker(self, *arguments: str, check: bool = True, **options: object) -> subprocess.CompletedProcess:
        """Run ``docker`` (Debian's, which fits the engine) and give what it said."""
        command = [_client(), *arguments]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, **options
        )
        assert not check or done.returncode == 0, f"docker {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done


def _client() -> str:
    # A newer client may lie before it on the PATH that can build with a plugin only.
    return "/usr/bin/docker"


@contextmanager
def running_engine(folder: Path) -> Iterator[Engine]:
    """Run an engine that keeps all it has in ``folder``, and leave nothing of it behind."""
    # The socket's path has to be short (108 bytes, unix(7)).
    engine = Engine(folder)
    (folder / "client").mkdir(parents=True)
    log = folder / "dockerd.log"
    options = (
        *("--data-root", str(folder / "data")),
        *("--exec-root", str(folder / "exec")),
        *("--pidfile", str(folder / "pid")),
        *("--host", engine.host),
    )
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [provide(ENGINE), *options], stdout=stream, stderr=stream, env={**os.environ, "PATH": _PATH}
        )
    try:

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            return engine.docker("version", check=False).returncode == 0

        wait_until(answers, "the engine answers", said=log.read_text)
        yield engine
    finally:
        with contextlib.suppress(AssertionError):
            containers = engine.docker("ps", "-aq").stdout.split()
            if containers:
                engine.docker("rm", "-f", *containers)
            engine.docker("network", "prune", "-f")
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def base_image(engine: Engine, scratch: Path) -> None:
    """Make the base image under its own name; takes about 45 s."""
    root = scratch / "root"
    program = provide(DEBOOTSTRAP)
    # From the mirror that this machine itself is kept up to date from.
    command = [program, "--variant=minbase", "--include=ca-certificates", "bookworm", str(root), _mirror()]
    environment = {**os.environ, "PATH": _PATH}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    try:
        _slim(root)
        own = Path("/usr/local/share/ca-certificates")
        if own.is_dir():
            shutil.copytree(own, root / "usr/local/share/ca-certificates", dirs_exist_ok=True)
        command = ["chroot", str(root), "update-ca-certificates"]
        subprocess.run(command, env=environment, capture_output=True, check=True)
        with subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE) as archive:
            engine.docker("import", "--change", 'CMD ["bash"]', "-", BASE_IMAGE, stdin=archive.stdout)
    finally:
        shutil.rmtree(root)


def _mirror() -> str:
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return next(line.split()[0] for line in found.splitlines() if line.endswith(" bookworm"))


def _slim(root: Path) -> None:
    for name, text in _SETTINGS.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in _NOT_SLIM:
        for path in sorted((root / "usr/share" / name).rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                with contextlib.suppress(OSError):  # something of it is kept
                    path.rmdir()
            elif path.name != _KEPT:
                path.unlink()
    for name in ("var/cache/apt", "var/lib/apt/lists", "var/log"):
        for path in (root / name).rglob("*"):
            if path.is_file():
                path.unlink()
