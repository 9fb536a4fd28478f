"""``blog up``: builds the site, starts its services, and says where it is once a reader could use it."""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import json
import os
import pwd
import shutil
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from blog import proxy, system
from blog.errors import ServiceError
from blog.settings import LIVE_PREFIX, PUBLIC_PORT, host_name, load
from blog.status import ADMIN_FILE, SITE_FILE
from blog.supervise import Service, Supervisor, guarded
from blog.supervise.ready import wait_for

# Seconds until the services must be of use; importing what notebooks need takes some on a slow disk.
_PATIENCE = 120.0
# What a service may see of the user's environment: no secret is among it.
_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
_ROOM = 1 << 20  # bytes: a disk with less is full
# What --host is to listen at every address of this machine.
_EVERYWHERE = ("0.0.0.0", "[::]")  # noqa: S104


@dataclass(frozen=True, slots=True)
class State:
    """The folder for everything that is written: services name its parts relative to it.

    So a socket's path is short wherever the folder lies (the system takes about 100 bytes).
    """

    root: Path

    #: nginx's prefix starts at the root, too.
    site, run, log, cache, jupyter = "site", "run", "log", "cache", "jupyter"
    socket = "run/site/socket"

    def make(self) -> None:
        """Make the folders; what others must not read is closed to them (kernels' keys, logs).

        Gunicorn's socket is open to everybody by itself, so its folder is not: nginx's workers come in by
        their group.
        """
        for name in (self.run, self.cache):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        for name in (self.log, self.jupyter):
            (self.root / name).mkdir(mode=0o700, exist_ok=True)
        folder = (self.root / self.socket).parent
        folder.mkdir(mode=0o700, exist_ok=True)
        if user := proxy.worker(self.root):
            os.chown(folder, 0, pwd.getpwnam(user).pw_gid)
            folder.chmod(0o710)


def up(notebooks: Path, state: Path, *, host: str = "127.0.0.1", port: int = PUBLIC_PORT) -> int:
    """Build and serve a folder of notebooks until Ctrl-C or SIGTERM; give the exit code.

    Everything that is written goes below ``state``. Raises :class:`ServiceError` (or another
    :class:`blog.errors.UserError`) in one line: a port or a state folder in use, a full disk, no nginx,
    a service that does not start.
    """
    nginx = system.provide(system.NGINX)
    if not notebooks.is_dir():
        raise ServiceError(f"{notebooks}: there is no such folder; name the folder of your notebooks")
    site = _Site(nginx, notebooks.resolve(), State(state.resolve()), host, port, dict(os.environ))
    return guarded(lambda supervisor: _explained(lambda: site.run(supervisor), site.state.root))


@dataclass(frozen=True, slots=True)
class _Site:
    """What is to be run, and the steps of it, in their order."""

    nginx: str
    notebooks: Path
    state: State
    host: str
    port: int
    environ: Mapping[str, str]

    def run(self, supervisor: Supervisor) -> int:
        self.state.make()
        _lock(self.state.root / "lock", supervisor)
        for name in (ADMIN_FILE, SITE_FILE):  # of a run that was killed
            (self.state.root / name).unlink(missing_ok=True)
        listener, address = _listen(self.host, self.port)
        inner, inside = _listen("127.0.0.1", 0)
        live = f"127.0.0.1:{_free_port()}"
        shutil.rmtree(self.state.root / self.state.cache, ignore_errors=True)  # of pages built before
        (self.state.root / self.state.cache).mkdir(exist_ok=True)

        # Voila takes some seconds to import what it needs; the build goes on meanwhile.
        self._start(supervisor, self._voila(live))
        supervisor.say(f"building {self.notebooks}")
        supervisor.call(self._build)
        self._start(supervisor, self._gunicorn(inside))
        places = self._places(address, inside, live)
        self._start(supervisor, self._nginx((listener, inner), places))
        (self.state.root / SITE_FILE).write_text(f"http://{address}\n", encoding="ascii")
        self._wait(supervisor, address)
        supervisor.settle()
        print(f"The blog is at http://{address}/ (Ctrl-C ends it)", flush=True)
        supervisor.wait()

    def _start(self, supervisor: Supervisor, service: Service) -> None:
        supervisor.start(service, self.state.root / self.state.log / f"{service.name}.log")

    def _build(self) -> None:
        """Build, and say what was skipped; runs in a child of the supervisor."""
        from blog.build import Selection, build  # half a second and 100 MB that the supervisor need not have

        selection = Selection(dt.date.today())
        report = build(
            self.notebooks, self.state.root / self.state.site, selection, progress=sys.stderr.isatty()
        )
        for problem in report.problems:
            print(problem, file=sys.stderr)
        for path, trace in report.traces.items():
            print(f"\n{path}:\n{trace}", file=sys.stderr)

    def _voila(self, live: str) -> Service:
        folder = self.state.root / self.state.jupyter
        folders = {
            "HOME": "",
            "IPYTHONDIR": "ipython",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "MPLCONFIGDIR": "matplotlib",
            "XDG_CACHE_HOME": "cache",
            "XDG_CONFIG_HOME": "config",
            "XDG_DATA_HOME": "data",
        }
        options = {
            "--port": live.rpartition(":")[2],
            "--notebooks": str(self.notebooks),
            "--index": str(self._index),
            "--base-url": LIVE_PREFIX,
            "--rest": str(self.state.root / self.state.run / "rest"),
            "--admin-file": str(self.state.root / ADMIN_FILE),
        }
        words = (word for pair in options.items() for word in pair)
        return Service(
            "voila",
            (sys.executable, "-m", "livekernel", *words, *load(self.notebooks).live.options()),
            self._environment({name: str(folder / part) for name, part in folders.items()}),
            folder,
        )

    def _gunicorn(self, inside: str) -> Service:
        scratch = ("--worker-tmp-dir", "/dev/shm") if Path("/dev/shm").is_dir() else ()  # noqa: S108
        options = ("--bind", f"unix:{self.state.socket}", "--no-control-socket", *scratch)
        workers = ("--workers", str(load(self.notebooks).server.workers), "--graceful-timeout", "5")
        told = {
            "BLOG_SITE": str(self.state.root / self.state.site),
            "BLOG_LIVE_URL": f"http://{inside}{LIVE_PREFIX.rstrip('/')}",
            "BLOG_NGINX_URL": f"http://{inside}",
            # The state folder, where it runs, is no place to import modules from.
            "PYTHONSAFEPATH": "1",
        }
        return Service(
            "gunicorn",
            (sys.executable, "-m", "gunicorn", *options, *workers, "blog.wsgi:application"),
            self._environment({"HOME": str(self.state.root / self.state.jupyter), **told}),
            self.state.root,
        )

    def _places(self, address: str, inside: str, live: str) -> proxy.Proxy:
        """Say where everything is, and by which hosts readers may come."""
        settings = load(self.notebooks)
        number = address.rpartition(":")[0]
        names = [*settings.hosts, number]
        with suppress(ValueError):  # a name that a browser can't use
            names.append(host_name(self.host))
        return proxy.Proxy(
            listen=address,
            inner=inside,
            site=f"unix:{self.state.socket}",
            voila=live,
            names=tuple(dict.fromkeys(names)),
            # A page elsewhere can't make a browser ask this machine by its number under its own name.
            any_address=number in _EVERYWHERE,
            proxies=tuple(settings.server.proxies),
            pages=self.state.site,
            cache=self.state.cache,
        )

    def _nginx(self, listeners: tuple[socket.socket, ...], places: proxy.Proxy) -> Service:
        """Pass the listening sockets on the way that an nginx passes them to its successor.

        So the ports are ours from the first moment, and while nginx is started again readers wait
        instead of being refused.
        """
        command = proxy.prepare(self.nginx, proxy.SOURCES, self.state.root, places)
        inherited = tuple(listener.fileno() for listener in listeners)
        environment = self._environment({"NGINX": "".join(f"{3 + n};" for n in range(len(inherited)))})
        return Service("nginx", command, environment, self.state.root, inherited)

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: self.environ[name] for name in _KEPT if name in self.environ}
        programs = [str(Path(sys.executable).parent), self.environ.get("PATH", os.defpath)]
        return {"LANG": "C.UTF-8", **kept, "PATH": os.pathsep.join(programs), **more}

    @property
    def _index(self) -> Path:
        return self.state.root / self.state.site / ".build" / "live.json"

    def _wait(self, supervisor: Supervisor, address: str) -> None:
        """Wait until a reader could use the pages and the live cells."""
        logs = {"/": "gunicorn", "/healthz": "gunicorn"}
        first = next(iter(json.loads(self._index.read_text(encoding="utf-8"))["notebooks"]), None)
        if first is not None:
            logs[f"{LIVE_PREFIX}render/{first}"] = "voila"
        urls = {f"http://{address}{path}": name for path, name in logs.items()}
        late = supervisor.call(lambda: wait_for(urls, _PATIENCE))
        for url, said in late.items():
            log = self.state.root / self.state.log / f"{urls[url]}.log"
            raise ServiceError(
                f"{urls[url]} is not ready after {_PATIENCE:g} s: {url}: {said}; its log is {log}"
            )


def _explained(run: Callable[[], int], state: Path) -> int:
    """Run, and put what the system refuses as what the user can do about it."""
    try:
        return run()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(state) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise ServiceError(
                f"{error.filename or state}: no right to write there; name another folder with --state"
            ) from error
        raise
    except ServiceError as error:
        # A service that can't write can't always say so.
        if shutil.disk_usage(state).free < _ROOM:
            raise _full(state) from error
        raise


def _full(state: Path) -> ServiceError:
    return ServiceError(f"{state}: the disk is full; free some of it, or name another folder with --state")


def _lock(path: Path, supervisor: Supervisor) -> None:
    """Take the state folder for this run alone, until this process has ended, its services before it.

    A run whose command was killed needs some seconds to end its services, and is waited for.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 20).decode().strip()
        if not holder or _is_alive(int(holder)):
            raise ServiceError(
                f"{path.parent} is in use by another blog up (process {holder or 'unknown'}); "
                "end that first, or name another folder with --state"
            ) from None
        supervisor.say("waiting for the last run, which is being ended")
        # The lock belongs to the open file, which a child shares.
        supervisor.call(lambda: fcntl.flock(lock, fcntl.LOCK_EX))
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getppid()}\n".encode(), 0)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _listen(host: str, port: int) -> tuple[socket.socket, str]:
    """Listen on the port before anything else is done; give the address as a URL has it."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise ServiceError(f"--host {host} is no address of this machine ({error.strerror})") from error
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setblocking(False)
    try:
        listener.bind(where)
        listener.listen(511)
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: f"port {port} is taken by another program; choose another with --port",
            errno.EACCES: f"port {port} is for root only; choose one above 1023 with --port",
            errno.EADDRNOTAVAIL: f"--host {host} is no address of this machine",
        }
        if error.errno not in reasons:
            raise
        raise ServiceError(reasons[error.errno]) from error
    address, port = listener.getsockname()[:2]
    return listener, f"[{address}]:{port}" if family == socket.AF_INET6 else f"{address}:{port}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
