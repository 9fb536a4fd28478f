"""What the documents name exists: commands, options, settings, keys, files."""

import dataclasses
import re
from pathlib import Path

import click
import pytest
from blog import cli
from blog.notebook import values
from blog.notebook.frontmatter import KEYS
from blog.settings import Server, Settings
from livekernel.sandbox import Policy
from livekernel.settings import Settings as LiveSettings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "notebooks").rglob("*.md")])
COMMANDS = cli.blog.commands


def table(document: str, heading: str) -> list[str]:
    """Give the first column of the first table after a heading, without its code marks."""
    text = (ROOT / document).read_text().split(f"\n## {heading}\n")[1]
    rows = re.search(r"\|[-| ]+\|\n((?:\|.*\n)+)", text)
    assert rows
    return [row.split("|")[1].strip().strip("`") for row in rows[1].splitlines()]


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
    tables = {"server"}
    expected = [name for name in Settings.model_fields if name not in tables]
    expected += [f"server.{name}" for name in Server.model_fields]
    assert sorted(documented) == sorted(expected)


def test_the_options_in_the_guide_are_those_there_are() -> None:
    known = {option for parameter in COMMANDS["up"].params for option in parameter.opts}
    assert (
        set(re.findall(r"^\| `(--[a-z]+)` \|", (ROOT / "docs/operator.md").read_text(), re.MULTILINE))
        == known
    )
