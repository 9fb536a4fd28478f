"""What the documents name exists: commands, options, settings, keys, files."""

import dataclasses
import re
import tomllib
from pathlib import Path

import click
import pytest
from blog import cli
from blog.notebook import values
from blog.notebook.frontmatter import KEYS
from blog.settings import Live, Server, Settings
from livekernel.errors import StartError
from livekernel.options import parser
from livekernel.sandbox import Policy
from livekernel.settings import Settings as LiveSettings
from pydantic import ValidationError

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "notebooks").rglob("*.md")])
COMMANDS = cli.blog.commands


def table(document: str, heading: str, column: int = 1) -> list[str]:
    """Give a column of the first table after a heading, the first by default, without its code marks."""
    text = (ROOT / document).read_text().split(f"\n## {heading}\n")[1]
    rows = re.search(r"\|[-| ]+\|\n((?:\|.*\n)+)", text)
    assert rows
    return [row.split("|")[column].strip().strip("`") for row in rows[1].splitlines()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_commands_and_their_options_exist(path: Path) -> None:
    for line in re.findall(r"(?:^|`)\s*(?:\./)?blog ([a-z][^`\n#]*)", path.read_text(), re.MULTILINE):
        name, *words = line.split()
        assert name in COMMANDS, f"{path.name} names the command {name!r}"
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        if name != "test":  # what follows goes to pytest
            assert {word for word in words if word.startswith("--")} <= known, line


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_files_that_are_linked_exist(path: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(), flags=re.DOTALL)  # examples link to nothing
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"


@pytest.mark.parametrize("package", ["site/blog", "voila/livekernel"])
def test_the_layers_in_the_guide_are_those_that_are_held(package: str) -> None:
    text = (ROOT / "docs/architecture.md").read_text().split(f"\n## Layers of `{package}`\n")[1]
    lines = text.split("```\n")[1].splitlines()
    # What the names are is told from the 24th column on: beside them, or below where they need more.
    below = [line.startswith(" ") for line in [*lines[1:], ""]]
    shown = [line if told else line[:24] for line, told in zip(lines, below, strict=True) if line[0] != " "]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    name = package.partition("/")[2]
    (held,) = [one["layers"] for one in contracts if one["name"].startswith(f"{name}: imports point down")]
    assert [{word.strip(" /") for word in line.split("|")} for line in shown] == [
        {word.strip().removeprefix(f"{name}.") for word in layer.split("|")} for layer in held
    ]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    command = COMMANDS[name]
    text = command.get_help(click.Context(command, info_name=name))
    assert "Example:" in text
    assert command.help


def test_the_keys_of_front_matter_in_the_guide_are_those_there_are() -> None:
    assert sorted(table("docs/author.md", "Front matter")) == sorted(KEYS)


def test_the_values_of_fork_in_the_guide_are_those_there_are() -> None:
    text = (ROOT / "docs/author.md").read_text().split("\n## Live cells\n")[1]
    for written in re.findall(r"^- `([a-z-]+)`, as usual", text, re.MULTILINE):
        assert values.fork(written) == written.replace("-", " ")
    assert len(re.findall(r"^- `([a-z-]+)`, as usual", text, re.MULTILINE)) == 2


def test_the_limits_of_kernels_in_the_guide_are_those_there_are() -> None:
    text = (ROOT / "docs/author.md").read_text()
    limits = dict(re.findall(r"^\| ([^|]+) \| (\d+(?: MB| s)?) \|$", text, re.MULTILINE))
    fields = {field.name: field.default for field in dataclasses.fields(LiveSettings)}
    policy = {field.name: field.default for field in dataclasses.fields(Policy)}
    expected = {
        "memory of its own": f"{fields['memory'] >> 20} MB",
        "computing for one answer": f"{fields['callback']} s",
        "the cells' run, before readers come or for each": f"{fields['start']} s",
        "life without use": f"{fields['idle']} s",
        "life without a page": f"{fields['unwatched']} s",
        "life at most": f"{fields['life']} s",
        "a file that it writes": f"{policy['file_size'] >> 20} MB",
        "open files": f"{policy['open_files']}",
    }
    assert {what: limits.get(what) for what in expected} == expected


def test_the_settings_in_the_guide_are_those_there_are() -> None:
    documented = table("docs/author.md", "The site: `blog.toml`")
    tables = {"server", "live"}  # the second is for operators
    expected = [name for name in Settings.model_fields if name not in tables]
    expected += [f"server.{name}" for name in Server.model_fields]
    assert sorted(documented) == sorted(expected)


LIVE = (table("docs/operator.md", "Readers' kernels: `[live]`", column) for column in (1, 3))


def test_the_settings_of_the_live_server_are_told_with_the_defaults_that_it_has() -> None:
    documented = dict(zip(*LIVE, strict=True))
    assert list(documented) == list(Live.model_fields)
    required = ["--port", "0", "--notebooks", ".", "--index", "live.json"]
    defaults = vars(parser().parse_args([*required, "--kernels", "24"]))
    for name, told in documented.items():
        default = defaults[name]
        shown = ", ".join(default) if isinstance(default, tuple) else default
        assert told == (f"{shown:g}" if isinstance(shown, float | int) else shown), name


@pytest.mark.parametrize("name", [name for name in Live.model_fields if name != "libraries"])
def test_blog_toml_takes_what_the_live_server_takes(name: str) -> None:
    """Both check their own input; neither may let through what the other refuses."""
    required = ["--port", "0", "--notebooks", ".", "--index", "live.json"]
    tried = [-1, 0, 1, 2.5, 400, 401, 10_000, 10_001, 2**20, 2_678_400, 2_678_401, "zygote", "offered", "x"]
    for value in tried:
        try:
            (option,) = Live.model_validate({name: value}).options()
        except ValidationError:
            option = f"--{name.replace('_', '-')}={value}"
            with pytest.raises(StartError):
                parser().parse_args([*required, option])
        else:
            parser().parse_args([*required, option])


def test_the_options_in_the_guide_are_those_there_are() -> None:
    known = {option for parameter in COMMANDS["up"].params for option in parameter.opts}
    assert (
        set(re.findall(r"^\| `(--[a-z]+)` \|", (ROOT / "docs/operator.md").read_text(), re.MULTILINE))
        == known
    )
