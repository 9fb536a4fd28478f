"""What the live server tells is what ``blog status`` reads: the packages share nothing else."""

import dataclasses
import typing
from pathlib import Path
from typing import Any

import pytest
from blog import status
from livekernel.watch import report
from livekernel.watch.metrics import exposition
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel
from support.reports import FULL

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/operator.md").read_text()
PAIRS = {
    report.Report: status.Live,
    report.SessionReport: status.Session,
    report.GenerationReport: status.Generation,
}


def shape(kind: Any) -> Any:
    """Put a type so that both packages' classes of one thing are equal."""
    if kind in PAIRS:
        return PAIRS[kind]
    inner = tuple(shape(one) for one in typing.get_args(kind))
    return (typing.get_origin(kind), *inner) if inner else kind


@pytest.mark.parametrize(("told", "read"), PAIRS.items(), ids=lambda kind: kind.__name__)
def test_the_keys_their_types_and_defaults_agree(told: Any, read: type[BaseModel]) -> None:
    ours, theirs = typing.get_type_hints(told), typing.get_type_hints(read)
    theirs.pop("model_config", None)
    keys = [field.name for field in dataclasses.fields(told)]
    assert keys == list(read.model_fields)
    assert {key: shape(ours[key]) for key in keys} == {key: shape(theirs[key]) for key in keys}
    for field in dataclasses.fields(told):
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        assert read.model_fields[field.name].is_required() == required, field.name


def test_a_report_in_which_everything_occurs_is_read() -> None:
    read = status.Live.model_validate_json(report.to_json(FULL))
    assert read.model_dump() == dataclasses.asdict(FULL)


def test_the_guide_has_every_metric_and_no_other() -> None:
    text, _ = exposition(FULL)
    names = {
        sample.name for family in text_string_to_metric_families(text.decode()) for sample in family.samples
    }
    section = GUIDE.split("\n## What is running: `blog status`\n")[1].split("\n## ")[0]
    documented = {
        line.split("`")[1].partition("{")[0] for line in section.splitlines() if line.startswith("| `")
    }
    assert documented == names


def test_the_guide_shows_what_is_printed() -> None:
    printed = (ROOT / "tests/process/status.txt").read_text().splitlines()
    section = GUIDE.split("\n## What is running: `blog status`\n")[1]
    shown = section.split("```\n")[1].splitlines()
    assert [line.split()[0] for line in shown if line and line.split()[0] in {"NOTEBOOK", "SESSION"}]
    for line in shown:
        if line.startswith(("NOTEBOOK", "SESSION")):
            assert line.split() in [other.split() for other in printed]


@pytest.mark.parametrize("name", [status.ADMIN_FILE, status.SITE_FILE])
def test_the_guide_names_the_files_of_the_addresses(name: str) -> None:
    assert f"`{name}`" in GUIDE
