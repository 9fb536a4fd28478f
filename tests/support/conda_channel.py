"""A conda channel of small packages, made and served on the loopback, with a conda-lock.yml for it.

Both forms of package are written as https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html
and CEP 35 say: a .tar.bz2, and a .conda, which is a zip of two tar files in zstd.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

#: The prefix that stands in the files of the packages and must not stay there; as long as conda-build's, for
#: in a binary no longer one can take its place.
PLACEHOLDER = ("/opt/" + "placehold_" * 25)[:255]


@dataclass(frozen=True)
class Made:
    """A package to make: its files by path, links by path with their targets, and what index.json adds."""

    name: str
    version: str = "1.0"
    build: str = "h0_0"
    subdir: str = "linux-64"
    ending: str = ".conda"
    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    depends: dict[str, str] = field(default_factory=dict)
    noarch: str | None = None
    entry_points: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """The name of the package's file."""
        return f"{self.name}-{self.version}-{self.build}{self.ending}"


def tar(files: dict[str, bytes], links: dict[str, str], mode: str) -> bytes:
    """Put files and symbolic links into a tar file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o755 if "bin/" in path else 0o644
            archive.addfile(entry, io.BytesIO(content))
        for path, target in links.items():
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return stream.getvalue()


def zstd(content: bytes) -> bytes:
    """Put bytes into a zstd frame of raw blocks, which every reader takes (RFC 8878, sections 3.1.1)."""
    size = 1 << 17
    blocks = [content[start : start + size] for start in range(0, len(content), size)] or [b""]
    # Frame header: single segment, the content's size in eight bytes.
    frame = b"\x28\xb5\x2f\xfd" + b"\xe0" + len(content).to_bytes(8, "little")
    for number, block in enumerate(blocks):
        frame += (len(block) << 3 | (number == len(blocks) - 1)).to_bytes(3, "little") + block
    return frame


def pack(package: Made) -> bytes:
    """Give the bytes of a package's file."""
    index: dict[str, Any] = {
        "name": package.name,
        "version": package.version,
        "build": package.build,
        "build_number": 0,
        "subdir": package.subdir,
        "depends": [f"{name} {spec}".strip() for name, spec in package.depends.items()],
    }
    if package.noarch:
        index["noarch"] = package.noarch
    paths: list[dict[str, Any]] = []
    for path, content in package.files.items():
        entry = {"_path": path, "path_type": "hardlink", "sha256": hashlib.sha256(content).hexdigest()}
        if PLACEHOLDER.encode() in content:
            mode = "binary" if b"\0" in content else "text"
            entry |= {"prefix_placeholder": PLACEHOLDER, "file_mode": mode}
        paths.append({**entry, "size_in_bytes": len(content)})
    for path, target in package.links.items():
        digest = hashlib.sha256(package.files.get(str(Path(path).parent / target), b"")).hexdigest()
        paths.append({"_path": path, "path_type": "softlink", "sha256": digest, "size_in_bytes": 0})
    about = {
        "info/index.json": json.dumps(index).encode(),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}).encode(),
        "info/files": "\n".join([*package.files, *package.links]).encode(),
    }
    if package.noarch:
        noarch = {"type": package.noarch, "entry_points": list(package.entry_points)}
        link = {"noarch": noarch, "package_metadata_version": 1}
        about["info/link.json"] = json.dumps(link).encode()
    if package.ending == ".tar.bz2":
        return tar({**about, **package.files}, package.links, "w:bz2")
    stream, stem = io.BytesIO(), package.file_name.removesuffix(".conda")
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("metadata.json", json.dumps({"conda_pkg_format_version": 2}))
        archive.writestr(f"pkg-{stem}.tar.zst", zstd(tar(package.files, package.links, "w")))
        archive.writestr(f"info-{stem}.tar.zst", zstd(tar(about, {}, "w")))
    return stream.getvalue()


@dataclass(frozen=True)
class Channel:
    """A channel that is served: its folder, its address, and the lock that names its packages."""

    folder: Path
    url: str
    lock: Path

    def entries(self) -> list[dict[str, Any]]:
        """Give the lock's packages."""
        packages: list[dict[str, Any]] = yaml.safe_load(self.lock.read_text())["package"]
        return packages

    def write(self, entries: list[dict[str, Any]], version: int = 1) -> None:
        """Write the lock anew."""
        self.lock.write_text(yaml.safe_dump({"version": version, "metadata": {}, "package": entries}))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path, packages: list[Made], platform: str = "linux-64") -> Iterator[Channel]:
    """Make packages and a lock for a platform in ``folder``, and serve them until the end of the block."""
    files = folder / "channel"
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(files))) as server:
        channel = Channel(files, f"http://127.0.0.1:{server.server_port}", folder / "conda-lock.yml")
        entries = []
        for package in packages:
            content = pack(package)
            path = files / package.subdir / package.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            entries.append(
                {
                    "name": package.name,
                    "version": package.version,
                    "manager": "conda",
                    "platform": platform,
                    "dependencies": package.depends,
                    "url": f"{channel.url}/{package.subdir}/{package.file_name}",
                    "hash": {
                        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
                        "sha256": hashlib.sha256(content).hexdigest(),
                    },
                    "category": "main",
                    "optional": False,
                }
            )
        channel.write(entries)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield channel
        finally:
            server.shutdown()
            thread.join()
