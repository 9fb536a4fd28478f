"""What a library asks Python about its caller is answered as ever, without a walk through every module."""

import inspect
import sys
from collections.abc import Iterator
from types import ModuleType

import livekernel.zygote
import pytest
from livekernel.zygote import thrift

CELL = "/tmp/ipykernel_77/1234567890.py"
STARTED_BY = f"{livekernel.zygote.__path__[0]}/__main__.py"


class Watching(ModuleType):
    """A module that notes when somebody asks where it lies."""

    asked = 0

    def __getattr__(self, name: str) -> str:
        if name == "__file__":
            self.asked += 1
        raise AttributeError(name)


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watching]:
    module = Watching("watching")
    monkeypatch.setitem(sys.modules, "watching", module)
    return module


@pytest.mark.parametrize("name", [CELL, "<frozen runpy>", "<string>", STARTED_BY])
def test_no_module_is_looked_at_where_none_would_be_found(watching: Watching, name: str) -> None:
    frame = inspect.currentframe()
    assert thrift.getmodule(frame, name) is None
    assert watching.asked == 0
    assert thrift._getmodule(frame, name) is None, "Python says the same"
    assert watching.asked


def test_what_is_in_a_module_is_found() -> None:
    here = sys.modules[__name__]
    assert thrift.getmodule(inspect.currentframe(), __file__) is here
    assert thrift.getmodule(test_what_is_in_a_module_is_found) is here
    assert thrift.getmodule(inspect) is inspect
    assert thrift.getmodule(len, "<string>") is sys.modules["builtins"]


def test_a_stack_is_told_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for getmodule in (inspect.getmodule, thrift.getmodule):
        monkeypatch.setattr(inspect, "getmodule", getmodule)
        asked = eval(compile("lambda: inspect.stack()", CELL, "eval"), {"inspect": inspect})  # noqa: S307
        told.append([(one.filename, one.lineno, one.code_context) for one in asked()])
    assert told[0] == told[1]
    assert told[0][0][0] == CELL
