"""The command line of the live server: what is asked for goes in, checked settings come out."""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

from livekernel.errors import StartError
from livekernel.settings import MOST_KERNELS, OFFERED, REQUIRED, STOCK, STOCK_KERNELS, ZYGOTE, Settings

EXAMPLES = """examples:
  python -m livekernel --port 8866 --notebooks notebooks --index site/.build/live.json --base-url /live/
  python -m livekernel --port 8866 --notebooks notebooks --index site/.build/live.json @live.options
      (a file with further options, one a line: --kernels=8)
"""

MEGABYTE = 2**20
MONTH = 31 * 86_400

# The one place where defaults stand.
_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Settings)}
_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, where argparse prints the usage too and ends the process."""

    def error(self, message: str) -> NoReturn:
        """Raise StartError; called by argparse."""
        raise StartError(re.sub(r"\Aargument (\S+): ", r"\1 ", message))


def parser() -> argparse.ArgumentParser:
    """Give the parser; it raises StartError for what makes no sense."""
    made = _Parser(
        prog="livekernel",
        description="Serve live cells of notebooks: Voila with kernels that only the site's pages start.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        fromfile_prefix_chars="@",
        allow_abbrev=False,
    )
    count = _whole(1, MOST_KERNELS)
    seconds = _above_zero("seconds", MONTH)

    where = made.add_argument_group("where")
    where.add_argument(
        "--port", type=_whole(0, 65535), required=True, metavar="N", help="to listen on; 0 takes a free one"
    )
    _add(where, "address", str, "HOST", "address to listen on")
    _add(where, "base_url", _prefix, "URL", "prefix of every URL")
    where.add_argument(
        "--notebooks", type=Path, required=True, metavar="DIR", help="folder the notebooks lie in"
    )
    where.add_argument(
        "--index", type=Path, required=True, metavar="FILE", help="live.json that the build wrote"
    )
    where.add_argument("--rest", type=Path, metavar="DIR", help="folder for the widgets' states at rest")
    where.add_argument(
        "--admin-file", type=Path, metavar="FILE", help="where the address for operators is written"
    )
    _add(where, "admin_port", _whole(0, 65535), "N", "its port on 127.0.0.1; 0 takes a free one")

    readers = made.add_argument_group("how many readers")
    by_default = f"default: {_DEFAULTS['kernels']}, or {STOCK_KERNELS} stock ones"
    readers.add_argument("--kernels", type=count, metavar="N", help=f"kernels at once ({by_default})")
    _add(readers, "per_address", count, "N", "kernels at once of one address")
    _add(readers, "starts_per_minute", _whole(1, 10_000), "N", "kernels that one address may start")
    _add(readers, "waiting", _whole(0, 10_000), "N", "places in the line, when all kernels are taken")

    kernel = made.add_argument_group("what a kernel may take")
    most = _above_zero("MB", 2**20)
    _add(kernel, "memory", most, "MB", "memory of its own", _DEFAULTS["memory"] / MEGABYTE)
    _add(kernel, "callback", seconds, "S", "CPU seconds of one answer")
    _add(kernel, "idle", seconds, "S", "seconds until it ends when nobody uses it")
    _add(kernel, "unwatched", seconds, "S", "seconds until it ends without a page")
    _add(kernel, "life", seconds, "S", "seconds that it lives at most")

    way = made.add_argument_group("how kernels are made")
    way.add_argument(
        "--engine",
        choices=(ZYGOTE, STOCK),
        default=ZYGOTE if sys.platform == "linux" else STOCK,
        help="forked from a warm zygote, or stock kernels, which nothing locks in (default: %(default)s)",
    )
    way.add_argument(
        "--sandbox",
        choices=(REQUIRED, OFFERED),
        default=_DEFAULTS["sandbox"],
        help="whether a machine without Landlock or seccomp will do (offered) or not (default: %(default)s)",
    )
    libraries = ",".join(_DEFAULTS["libraries"])
    _add(way, "libraries", _modules, "NAMES", "modules imported once for all notebooks", libraries)
    _add(way, "start", seconds, "S", "seconds that the cells of a notebook have to run")
    return made


def settings(arguments: argparse.Namespace) -> Settings:
    """Make settings of parsed arguments, without a ``scratch`` folder yet; raises StartError."""
    if not arguments.notebooks.is_dir():
        raise StartError(f"--notebooks {arguments.notebooks}: there is no such folder")
    kernels = arguments.kernels
    if kernels is None:
        kernels = _DEFAULTS["kernels"] if arguments.engine == ZYGOTE else STOCK_KERNELS
    return Settings(
        notebooks=arguments.notebooks.resolve(),
        index=arguments.index.absolute(),
        port=arguments.port,
        address=arguments.address,
        base_url=arguments.base_url,
        kernels=kernels,
        per_address=arguments.per_address,
        starts_per_minute=arguments.starts_per_minute,
        waiting=arguments.waiting,
        idle=arguments.idle,
        unwatched=arguments.unwatched,
        start=arguments.start,
        engine=arguments.engine,
        libraries=arguments.libraries,
        memory=int(arguments.memory * MEGABYTE),
        callback=arguments.callback,
        life=arguments.life,
        sandbox=arguments.sandbox,
        rest=arguments.rest.absolute() if arguments.rest else None,
        admin=arguments.admin_file.absolute() if arguments.admin_file else None,
        admin_port=arguments.admin_port,
    )


def _add(
    group: argparse._ArgumentGroup,
    name: str,
    read: Callable[[str], Any],
    metavar: str,
    text: str,
    default: Any = None,
) -> None:
    """Add an option of the name and the default that it has in :class:`Settings`."""
    default = _DEFAULTS[name] if default is None else default
    shown = f"{default:g}" if isinstance(default, float | int) else default
    flag = f"--{name.replace('_', '-')}"
    group.add_argument(flag, type=read, default=default, metavar=metavar, help=f"{text} (default: {shown})")


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", text) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text}: give a whole number from {least} to {most}")
        return int(text)

    return read


def _above_zero(unit: str, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not 0 < number <= most:  # which isn't true of nan either
            raise argparse.ArgumentTypeError(f"{text}: give {unit} above zero, up to {most}")
        return number

    return read


def _modules(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, (name.strip() for name in text.split(","))))
    for name in names:
        if not _MODULE.fullmatch(name):
            raise argparse.ArgumentTypeError(f"{name}: give names of modules, with commas between them")
    return names


def _prefix(text: str) -> str:
    if not (text.startswith("/") and text.endswith("/")):
        raise argparse.ArgumentTypeError(f"{text}: begin and end it with a slash")
    return text
