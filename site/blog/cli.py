"""The ``blog`` command: its subcommands, and the one place where exit codes are decided.

0: done. 1: a bug, with its traceback. 2: something the user can mend, in one line.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import click

from blog.errors import UserError
from blog.model import Problem
from blog.settings import PUBLIC_PORT, load

#: The checkout: the folder of ``notebooks/``, ``nginx/`` and ``tests/``.
ROOT = Path(__file__).parents[2]

_FOLDER = click.Path(file_okay=False, path_type=Path)


def _example(*lines: str) -> str:
    """Write the examples at the end of a command's help."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=_example("./blog up"))
@click.version_option(package_name="notebook-blog")
def blog() -> None:
    """Build and serve a blog whose posts are Jupyter notebooks, with live demos in the posts."""


@blog.command(
    epilog=_example("./blog up", "./blog up --port 9000 --notebooks ~/my-notebooks --state /var/lib/blog")
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=PUBLIC_PORT,
    show_default=True,
    help="Port to listen on.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--notebooks", type=_FOLDER, default=ROOT / "notebooks", help="Folder of the notebooks.")
@click.option("--state", type=_FOLDER, default=ROOT / ".state", help="Folder for everything that is written.")
def up(port: int, host: str, notebooks: Path, state: Path) -> None:
    """Build the pages, serve them and the live demos, until Ctrl-C."""
    from blog.up import up as run  # other commands need neither nginx nor a supervisor

    sys.exit(run(notebooks, state, host=host, port=port))


@blog.command(
    epilog=_example(
        "./blog status",
        "./blog status --state /var/lib/blog --json",
        "docker compose exec -T voila python -m livekernel.status | ./blog status --read -",
    )
)
@click.option("--state", type=_FOLDER, default=ROOT / ".state", help="State folder of the run to ask.")
@click.option("--url", help="Admin address of a live server to ask instead, without a state folder.")
@click.option("--read", "report", type=click.File("rb"), help="Report to read instead; - is standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(state: Path, url: str | None, report: BinaryIO | None, as_json: bool) -> None:
    """Say what runs now: services, notebooks that are kept warm, readers' kernels, memory.

    Where nothing runs, the exit code is 2.
    """
    from blog import status as running

    found = running.ask(state, url) if report is None else running.read(report)
    click.echo(found.model_dump_json(indent=2) if as_json else running.table(found))


@blog.command(epilog=_example("blog build --notebooks notebooks --out public"))
@click.option("--notebooks", type=_FOLDER, default=ROOT / "notebooks", help="Folder of the notebooks.")
@click.option("--out", type=_FOLDER, required=True, help="Folder for the finished site.")
@click.option("--drafts", is_flag=True, help="Take drafts too.")
@click.option("--future", is_flag=True, help="Take posts dated after today too.")
def build(notebooks: Path, out: Path, drafts: bool, future: bool) -> None:
    """Turn notebooks into a folder of finished pages.

    Only what has changed is made anew. A notebook that can't be converted is skipped and named, and
    keeps its last good page; the exit code is then 2.
    """
    from blog.build import Selection
    from blog.build import build as run  # importing nbconvert takes half a second

    selection = Selection(dt.date.today(), drafts=drafts, future=future)
    report = run(notebooks, out, selection, progress=sys.stderr.isatty())
    _tell(report.problems)
    for path, trace in report.traces.items():
        click.echo(f"\n{path}:\n{trace}", err=True)
    done = f"{report.converted} converted" if report.wrote else "nothing has changed"
    skipped = f", {len(report.skipped)} skipped" if report.skipped else ""
    click.echo(f"{out}: {report.pages} pages, {done}{skipped}")
    sys.exit(1 if report.traces else 2 if report.skipped else 0)


@blog.command(epilog=_example("blog check --notebooks notebooks"))
@click.option("--notebooks", type=_FOLDER, default=ROOT / "notebooks", help="Folder of the notebooks.")
def check(notebooks: Path) -> None:
    """Say which live figures start by a button, and why.

    All others go live in the post itself, at a reader's first touch. The notebooks are read as they were
    saved. The exit code is 2 where there is something to say.
    """
    from blog.check import check as run  # as for the build

    problems = run(notebooks)
    _tell(problems)
    sys.exit(2 if problems else 0)


@blog.command(epilog=_example("blog proxy --notebooks notebooks --out /etc/blog/nginx"))
@click.option("--notebooks", type=_FOLDER, default=ROOT / "notebooks", help="Folder of the notebooks.")
@click.option("--out", type=_FOLDER, required=True, help="Folder for nginx's configuration; it is emptied.")
def proxy(notebooks: Path, out: Path) -> None:
    """Write nginx's configuration for the container.

    Which hosts are answered and which proxies are believed is read from blog.toml.
    """
    from blog import proxy as nginx

    nginx.write(nginx.SOURCES, out, nginx.container(load(notebooks)))


@blog.command(epilog=_example("blog options --notebooks notebooks --out /etc/blog/live.options"))
@click.option("--notebooks", type=_FOLDER, default=ROOT / "notebooks", help="Folder of the notebooks.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
def options(notebooks: Path, out: Path) -> None:
    """Write the live server's options for the container.

    They are those of the table live in blog.toml, one a line.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(f"{word}\n" for word in load(notebooks).live.options()), encoding="utf-8")


@blog.command(
    context_settings={"ignore_unknown_options": True},
    epilog=_example("./blog test", "./blog test tests/unit -k title"),
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run the tests; ARGUMENTS go to pytest as they are."""
    from blog.testing import run

    sys.exit(run(ROOT, arguments))


@blog.group(epilog=_example("./blog bench live"))
def bench() -> None:
    """Measure how fast and how small this checkout is, beside what is in use elsewhere."""


@bench.command(
    epilog=_example("./blog bench live", "./blog bench live --rounds 2 --only kernel --only memory-idle")
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="How often each is measured.",
)
@click.option("--only", multiple=True, metavar="NAME", help="Only this figure; a wrong name lists them all.")
@click.option("--out", type=_FOLDER, help="Folder for the results.")
@click.option("--engine", type=click.Choice(["zygote", "stock"]), help="How the live server makes kernels.")
def live(rounds: int, only: tuple[str, ...], out: Path | None, engine: str | None) -> None:
    """Compare the live server with stock Voila.

    Time, CPU and memory for a reader, one server after the other in turn. All figures with ten rounds take
    an hour; their table, data and plot go to benchmarks/results, those of some figures alone to .state/bench.
    Rows of a table that is there, and were not measured now, stay in it.
    """
    from blog.benching import run

    options: list[str] = ["--rounds", str(rounds)]
    for name in only:
        options += ["--only", name]
    if out is not None:
        options += ["--out", str(out.absolute())]
    if engine is not None:
        options += ["--engine", engine]
    sys.exit(run(ROOT, "live", options))


@bench.command(epilog=_example("./blog bench pages", "./blog bench pages --posts 100 --rounds 5"))
@click.option("--posts", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Posts.")
@click.option(
    "--rounds",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="How often each is measured.",
)
@click.option("--out", type=_FOLDER, help="Folder for the results.")
def pages(posts: int, rounds: int, out: Path | None) -> None:
    """Measure how fast the search answers.

    A blog of many posts is made and built, which takes a minute or two, and asked questions of every kind.
    The table goes to benchmarks/results.
    """
    from blog.benching import run

    options: list[str] = ["--posts", str(posts), "--rounds", str(rounds)]
    if out is not None:
        options += ["--out", str(out.absolute())]
    sys.exit(run(ROOT, "pages", options))


def _tell(problems: Iterable[Problem]) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)


def main() -> None:
    """Run the command: a user's error is one line and exit code 2, a bug its traceback and 1."""
    try:
        blog.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except UserError as error:
        click.echo(f"blog: {error}", err=True)
        sys.exit(2)
