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
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from blog.errors import ServiceError
from blog.settings import INNER_PORT, PUBLIC_PORT, SITE_PORT, VOILA_PORT, Settings

#: The configuration's sources, beside ``site/``.
SOURCES = Path(__file__).parents[2] / "nginx"

_VARIABLE = re.compile(r"\$\{(BLOG_[A-Z_]+)\}")
#: Whom nginx's workers may run as where it is started by root: the first there is.
_WORKERS = ("www-data", "nginx", "http", "nobody")
_BROTLI = ("ngx_http_brotli_static_module.so",)


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where nginx listens, for whom, and what it passes requests on to.

    ``listen`` and ``inner`` are addresses with their ports: for readers, and for the services that ask
    each other how they are. ``site`` and ``voila`` are servers as nginx writes them
    (``unix:run/site.sock``, ``127.0.0.1:8866``). With a ``resolver``, the address of a name server, they
    are names that it is asked for while nginx runs; without one they are looked up at the start.

    ``names`` are the hosts that are answered, ``proxies`` the ranges of addresses that are believed (both
    as :class:`blog.settings.Settings` has checked them); ``any_address`` answers to every host that is a
    number too. Relative paths start at nginx's prefix: ``pages`` is the folder of the build, ``run`` that
    of process id and temporary files, ``cache`` that of the pages which are kept. ``cache_size`` and
    ``cache_free``, which is left of the disk, are nginx's (``256m``), ``connections`` is how many a worker
    may have, ``log`` the file of the access log, none if empty. ``patience`` is how many
    seconds the head of a request may take; other times follow from it.
    """

    listen: str
    inner: str
    site: str
    voila: str
    names: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    any_address: bool = False
    proxies: tuple[str, ...] = ()
    resolver: str = ""
    pages: str = "site"
    run: str = "run/nginx"
    cache: str = "cache"
    cache_size: str = "256m"
    cache_free: str = "0"
    connections: int = 4096
    log: str = ""
    workers: str = "auto"
    patience: float = 10.0


#: Where Debian's packages put the brotli modules; the image installs them.
DEBIAN_MODULES = Path("/usr/lib/nginx/modules")


def container(settings: Settings) -> Proxy:
    """Give what holds in the nginx container, whose prefix is an empty folder in memory.

    The other services are found by their names in Compose, at whatever address they have by then.
    """
    return Proxy(
        listen=str(PUBLIC_PORT),
        inner=str(INNER_PORT),
        site=f"site:{SITE_PORT}",
        voila=f"voila:{VOILA_PORT}",
        names=settings.hosts,
        proxies=tuple(settings.server.proxies),
        resolver="127.0.0.11",  # Docker's own, in every container on a network that Compose makes
        pages="/srv/blog/site",
        run=".",  # nginx makes the folders it needs, but not the folders around them
        cache=".",
        cache_size="16m",
        cache_free="4m",
        connections=1024,  # each takes up to 20 kB before its request is known
        log="/dev/stdout",
        workers="2",  # "auto" would count the host's processors, not the container's share
    )


def write(sources: Path, target: Path, proxy: Proxy) -> None:
    """Write the configuration for a container into ``target``, for an nginx with Debian's modules.

    No nginx is needed, so nothing checks it here; the tests do.
    """
    shutil.rmtree(target, ignore_errors=True)  # what an older version wrote would be included
    render(sources, target, _values(proxy, "", _load(DEBIAN_MODULES)))


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
        render(sources, target, _values(proxy, _user(state), brotli))
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


def worker(state: Path) -> str | None:
    """Give the user that nginx's workers run as where it is started by root; None where it is not.

    Workers need no rights, but they must reach the state folder: one below ``/root``, say, is closed to
    everybody else, and then they stay root's.
    """
    if os.geteuid() != 0:
        return None
    umask = os.umask(0o077)
    os.umask(umask)
    reachable = not umask & (stat.S_IROTH | stat.S_IXOTH) and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in (state, *state.parents)
    )
    for name in _WORKERS if reachable else ():
        with suppress(KeyError):
            grp.getgrgid(pwd.getpwnam(name).pw_gid)
            return name
    return "root"


def _user(state: Path) -> str:
    name = worker(state)
    if name is None:
        return ""
    return f"user {name} {grp.getgrgid(pwd.getpwnam(name).pw_gid).gr_name};"


def _values(proxy: Proxy, user: str, brotli: str) -> dict[str, str]:
    names = list(proxy.names)
    if proxy.any_address:
        names += [r"~^\d+\.\d+\.\d+\.\d+$", r"~^\[[0-9a-f:.]+\]$"]
    times = {"HEAD": 1.0, "BODY": 0.5, "SEND": 3.0}
    return {
        "BLOG_MAIN": "\n".join(filter(None, [user, brotli])),
        "BLOG_WORKERS": proxy.workers,
        "BLOG_LISTEN": proxy.listen,
        "BLOG_INNER": proxy.inner,
        "BLOG_NAMES": " ".join(f'"{name}"' for name in names),
        **_upstreams(proxy),
        "BLOG_REAL_IP": "\n".join(f"set_real_ip_from {network};" for network in proxy.proxies),
        "BLOG_PROXIES": "\n    ".join(f"{network} 1;" for network in dict.fromkeys(proxy.proxies)),
        "BLOG_PAGES": proxy.pages,
        "BLOG_RUN": proxy.run,
        "BLOG_CACHE": proxy.cache,
        "BLOG_CACHE_SIZE": proxy.cache_size,
        "BLOG_CACHE_FREE": proxy.cache_free,
        "BLOG_CONNECTIONS": str(proxy.connections),
        "BLOG_LOG": f"{proxy.log} readers" if proxy.log else "off",
        **{f"BLOG_{name}_TIMEOUT": f"{proxy.patience * times[name] * 1000:.0f}ms" for name in times},
        "BLOG_BROTLI_STATIC": "brotli_static on;" if brotli else "",
    }


def _upstreams(proxy: Proxy) -> dict[str, str]:
    """Give where the services are: groups that are looked up now, or names to be looked up later."""
    by_name = {
        "BLOG_RESOLVER": proxy.resolver,
        "BLOG_SITE_BY_NAME": proxy.site,
        "BLOG_VOILA_BY_NAME": proxy.voila,
    }
    if proxy.resolver:
        return by_name | {
            "BLOG_UPSTREAMS": "include snippets/by-name.conf;",
            "BLOG_SITE": "site",
            "BLOG_REST": "rest",
            "BLOG_VOILA": proxy.voila,
        }
    services = {"site": proxy.site, "voila": proxy.voila}
    groups = (f"upstream {name} {{ server {server} max_fails=0; }}" for name, server in services.items())
    return by_name | {
        "BLOG_UPSTREAMS": "\n".join(groups),
        "BLOG_SITE": "site",
        "BLOG_REST": "voila",
        "BLOG_VOILA": "voila",
    }


def _brotli(program: str) -> str:
    """Give the lines that load nginx's brotli modules; nothing where there are none."""
    about = subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stderr
    found = re.search(r"--modules-path=(\S+)", about)
    folder = Path(found[1]) if found else None
    return _load(folder) if folder and all((folder / name).is_file() for name in _BROTLI) else ""


def _load(folder: Path) -> str:
    return "\n".join(f"load_module {folder / name};" for name in _BROTLI)
