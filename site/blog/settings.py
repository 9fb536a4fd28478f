"""The site's own settings, read from ``notebooks/blog.toml`` once, typed and validated.

A folder of plain notebooks has no such file and gets the defaults. An unknown key is an error that
names it. What differs from machine to machine (ports, folders) is no setting: it comes from the command
line or, for a service, from its environment (:class:`Serving`).
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from blog.errors import SettingsError

FILE_NAME = "blog.toml"

# The prefixes of the URLs, written here once for Python; tests/repo asserts that nginx, the live
# server and the front end write the same ones.
STATIC_PREFIX = "/static/"
LIVE_PREFIX = "/live/"
SEARCH = "/search"

# The ports of the services in containers, written here once for Python; tests/repo asserts that the
# Dockerfile and docker-compose.yaml write the same ones. `blog up` takes the public one by default.
PUBLIC_PORT = 8080
INNER_PORT = 8081
SITE_PORT = 8000
VOILA_PORT = 8866

# Letters, digits and hyphens in labels of 63, 253 in all: RFC 1123, section 2.1.
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def host_name(text: str) -> str:
    """Give a host's name or address as a browser writes it in ``Host``: lower case, IDNA, ``[::1]``.

    Raises ValueError for what is none; what it gives can be written into nginx's configuration.
    """
    bracketed = text.startswith("[") and text.endswith("]")
    try:
        address = ipaddress.ip_address(text[1:-1] if bracketed else text)
    except ValueError:
        pass
    else:
        # An IPv6 address with a zone (fe80::1%eth0) is none of a browser's: WHATWG's URL has no zones.
        if "%" not in text and bracketed <= (address.version == 6):
            return f"[{address.compressed}]" if address.version == 6 else str(address)
    try:
        name = text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{text!r} is no host name; write one like 'blog.example.org', without a port")
    return name


def _with_host(url: str) -> str:
    """Check the host of a URL; a validator."""
    parts = urlsplit(url)
    host_name(parts.hostname or "")
    try:
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        is_port = False
    if not is_port:
        raise ValueError(f"{parts.netloc!r} has no port from 1 to 65535 after its colon")
    if "@" in parts.netloc:
        raise ValueError("an address that readers use has no user in it")
    return url


def _network(text: str) -> str:
    """Check a range of addresses and put it as nginx wants it; a validator."""
    try:
        network = ipaddress.ip_network(text)
        if "%" in text:
            raise ValueError(f"{text!r} has a zone, which nginx does not know")
    except ValueError as error:
        raise ValueError(f"{error}; write a range like '10.0.0.0/8', or one address") from None
    return str(network)


def _module(name: str) -> str:
    """Check the name of a module; a validator."""
    if not all(part.isidentifier() for part in name.split(".")):
        raise ValueError(f"{name!r} is no name of a module; write one like 'matplotlib.pyplot'")
    return name


_Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+$"), AfterValidator(_with_host)]


class _Table(BaseModel):
    """A table of ``blog.toml``: frozen, strict about types, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class NavigationItem(_Table):
    """One entry of the site's navigation: a path on this site or a full URL, and its text."""

    text: str
    href: Annotated[str, StringConstraints(pattern=r"^(/|https?://)\S*$")]


class Server(_Table):
    """How the pages are served.

    ``workers`` is the number of Gunicorn's processes. ``hosts`` are names that readers use, besides the
    host of ``url`` and this machine's own loopback names; any other is closed to. ``proxies`` are the
    ranges of addresses (CIDR) of proxies in front, whose ``X-Forwarded-For`` and ``X-Forwarded-Proto``
    are believed; nobody else's are.
    """

    workers: Annotated[int, Field(ge=1, le=64)] = 2
    hosts: list[Annotated[str, AfterValidator(host_name)]] = []
    proxies: list[Annotated[str, AfterValidator(_network)]] = []


_Count = Annotated[int, Field(ge=1, le=400)]
_Seconds = Annotated[float, Field(gt=0, le=31 * 86_400)]


class Live(_Table):
    """How the live server makes readers' kernels, and how many; what is not written is its own default.

    The keys and their bounds are those of its command line (``python -m livekernel --help``); tests/repo
    asserts that they agree.
    """

    kernels: _Count | None = None
    per_address: _Count | None = None
    starts_per_minute: Annotated[int, Field(ge=1, le=10_000)] | None = None
    waiting: Annotated[int, Field(ge=0, le=10_000)] | None = None
    memory: Annotated[float, Field(gt=0, le=2**20)] | None = None
    callback: _Seconds | None = None
    idle: _Seconds | None = None
    unwatched: _Seconds | None = None
    life: _Seconds | None = None
    engine: Literal["zygote", "stock"] | None = None
    sandbox: Literal["required", "offered"] | None = None
    libraries: list[Annotated[str, AfterValidator(_module)]] | None = None
    start: _Seconds | None = None

    def options(self) -> tuple[str, ...]:
        """Give what was written as options of the command line, one a word."""
        written = self.model_dump(exclude_none=True)
        return tuple(
            f"--{name.replace('_', '-')}={','.join(value) if isinstance(value, list) else value}"
            for name, value in written.items()
        )


class Settings(_Table):
    """The whole of ``blog.toml``.

    ``url`` is the address readers use, without a slash at its end: feeds, the sitemap and the
    metadata for other sites need full addresses. ``footer`` may hold inline Markdown. ``bibliography``,
    ``csl`` and ``macros`` are those of notebooks whose front matter names none; paths are below the
    notebooks folder.
    """

    title: str = "Notebooks"
    tagline: str = ""
    description: str = ""
    url: _Url = "http://localhost:8080"
    language: str = "en"
    license: str = ""
    authors: list[str] = []
    footer: str = ""
    bibliography: str | list[str] = []
    csl: str = ""
    macros: dict[str, str] = {}
    navigation: list[NavigationItem] = [
        NavigationItem(text="Notebooks", href="/"),
        NavigationItem(text="Demos", href="/demos/"),
        NavigationItem(text="About", href="/about/"),
    ]
    server: Server = Server()
    live: Live = Live()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that readers may use, as ``Host`` has them: of ``url``, of ``server``, the loopback's."""
        own = host_name(urlsplit(self.url).hostname or "")
        return tuple(dict.fromkeys([own, *self.server.hosts, "localhost", "127.0.0.1", "[::1]"]))


class Serving(BaseModel):
    """What the Flask application is told by its environment, which only ``wsgi`` reads.

    ``site`` is the folder of a finished build. ``live_url`` and ``nginx_url`` are the addresses below
    which ``/healthz`` asks the other services for theirs, both at nginx's inner server; an empty one is
    not asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: Path
    live_url: str = ""
    nginx_url: str = ""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Serving:
        """Read the ``BLOG_…`` variables; raises :class:`SettingsError` for one that is unknown."""
        fields = {
            key.removeprefix("BLOG_").lower(): value
            for key, value in environ.items()
            if key.startswith("BLOG_")
        }
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise SettingsError(
                "; ".join(
                    f"the environment variable BLOG_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}"
                    for e in error.errors()
                )
            ) from None


def load(notebooks: Path) -> Settings:
    """Read ``blog.toml`` in the notebooks folder; without one the defaults hold.

    Raises :class:`SettingsError` in one line: the file is no TOML, a key is unknown, or a value is
    of the wrong type.
    """
    path = notebooks / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError:
        raise SettingsError(f"{FILE_NAME}: it is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{FILE_NAME}: it can't be read ({error.strerror}); see to its rights") from None
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{FILE_NAME}: it is not TOML: {error}; mend that line") from None
    except ValidationError as error:
        faults = (_explain(e["loc"], e["type"], e["msg"]) for e in error.errors())
        raise SettingsError("; ".join(faults)) from None


def _explain(location: tuple[int | str, ...], kind: str, message: str) -> str:
    """Put one of pydantic's errors as what is wrong, where, and how to mend it."""
    key = ".".join(map(str, location))
    if kind != "extra_forbidden":
        return f"{FILE_NAME}: {key}: {message.removeprefix('Value error, ')}"
    tables: dict[str, type[BaseModel]] = {"server": Server, "live": Live, "navigation": NavigationItem}
    table = tables[str(location[0])] if len(location) > 1 else Settings
    known = list(table.model_fields)
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    remedy = f"did you mean {close[0]!r}?" if close else f"the keys are {', '.join(known)}"
    return f"{FILE_NAME}: unknown key {key!r}; {remedy}"
