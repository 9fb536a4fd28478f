"""nginx: its configuration filled in from the sources in ``nginx/``, checked, and how to run it."""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blog.errors import ServiceError

_VARIABLE = re.compile(r"\$\{(BLOG_[A-Z_]+)\}")
#: Whom nginx's workers may run as where it is started by root: the first there is.
_WORKERS = ("www-data", "nginx", "http", "nobody")
_BROTLI = ("ngx_http_brotli_filter_module.so", "ngx_http_brotli_static_module.so")
_BROTLI_ON = (
    "brotli on; brotli_comp_level 5; brotli_min_length 1024; brotli_types text/css text/javascript "
    "application/javascript application/json image/svg+xml application/wasm;"
)


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where nginx listens and what it passes requests on to.

    ``listen`` is an address with its port, ``site`` and ``voila`` are servers as nginx writes them
    (``unix:run/site.sock``, ``127.0.0.1:8866``). Relative paths start at the state folder; ``pages`` is
    the folder of the build there.
    """

    listen: str
    site: str
    voila: str
    pages: str = "site"


def prepare(program: str, sources: Path, state: Path, proxy: Proxy) -> tuple[str, ...]:
    """Write the configuration to ``state/run/nginx``, have nginx check it, and give the command to run.

    The command is to run in ``state``. Without the brotli modules, or with some that do not fit this
    nginx, gzip does. Raises :class:`ServiceError` with what nginx says where it does not accept the
    configuration.
    """
    target = state / "run" / "nginx"
    command = (program, "-p", f"{state}/", "-e", "stderr", "-c", str(target / "nginx.conf"))
    said = ""
    for brotli in dict.fromkeys((_brotli(program), "")):
        shutil.rmtree(target, ignore_errors=True)  # what an older version wrote would be included
        render(sources, target, _values(proxy, state, brotli))
        check = subprocess.run([*command, "-t", "-q"], cwd=state, capture_output=True, text=True, check=False)
        if check.returncode == 0:
            return command
        said = check.stderr.strip()
    raise ServiceError(f"nginx does not accept its configuration in {target}: {said}")


def render(sources: Path, target: Path, values: Mapping[str, str]) -> None:
    """Write every ``*.conf`` below ``sources`` to ``target``, each ``${BLOG_…}`` filled in.

    Raises KeyError for one that has no value.
    """
    for source in sorted(sources.rglob("*.conf")):
        path = target / source.relative_to(sources)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        path.write_text(_VARIABLE.sub(lambda found: values[found[1]], text), encoding="utf-8")


def _values(proxy: Proxy, state: Path, brotli: str) -> dict[str, str]:
    user = _worker(state) if os.geteuid() == 0 else ""
    return {
        "BLOG_MAIN": "\n".join(filter(None, [user, brotli])),
        "BLOG_LISTEN": proxy.listen,
        "BLOG_SITE": proxy.site,
        "BLOG_VOILA": proxy.voila,
        "BLOG_PAGES": proxy.pages,
        "BLOG_BROTLI_STATIC": "brotli_static on;" if brotli else "",
        "BLOG_BROTLI": _BROTLI_ON if brotli else "",
    }


def _brotli(program: str) -> str:
    """Give the lines that load nginx's brotli modules; nothing where there are none."""
    about = subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stderr
    found = re.search(r"--modules-path=(\S+)", about)
    paths = [Path(found[1], name) for name in _BROTLI] if found else []
    if not paths or not all(path.is_file() for path in paths):
        return ""
    return "\n".join(f"load_module {path};" for path in paths)


def _worker(state: Path) -> str:
    """Give the ``user`` line for nginx started by root.

    Workers need no rights, but they must reach the state folder: one below ``/root``, say, is closed to
    everybody else, and then they stay root's.
    """
    umask = os.umask(0o077)
    os.umask(umask)
    reachable = not umask & (stat.S_IROTH | stat.S_IXOTH) and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in (state, *state.parents)
    )
    for name in _WORKERS if reachable else ():
        try:
            group = grp.getgrgid(pwd.getpwnam(name).pw_gid).gr_name
        except KeyError:
            continue
        return f"user {name} {group};"
    return "user root;"
