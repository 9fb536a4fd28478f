"""Reads the YAML of front matter and of cell options: plain values only, and never more than was written.

It is YAML 1.2's core schema (so ``no`` is a word, and 2026-10-14 a text that ``values.py`` reads) without
aliases, merge keys and tags, which a notebook has no use for and a hostile one has.
"""

from __future__ import annotations

import math
import re
from typing import Any, ClassVar, NoReturn

import yaml
from yaml.constructor import ConstructorError

# More characters than this are refused: PyYAML reads about 100 kB a second.
MAX_CHARACTERS = 50_000

# What no page or feed may hold (XML 1.0, "Characters"), though YAML can write it: "\\0", "\\ud800".
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class YamlTextError(ValueError):
    """YAML that can't be read: ``line`` counts from 1 (None where unknown), ``remedy`` says what to do."""

    def __init__(self, what: str, remedy: str, line: int | None) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.line = line


class Number(str):
    """A number as it was written, so that a title ``1984`` or ``2.10`` stays what it was."""

    __slots__ = ()

    def value(self) -> int | float | str:
        """Give the number; one beyond all bounds stays a text."""
        try:
            return int(self, 0 if self[:2] in ("0x", "0o") else 10)
        except ValueError:
            pass
        number = float(self) if len(self) < 400 and _FLOAT.fullmatch(self) else math.inf
        return number if math.isfinite(number) else str(self)


_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the resolvers and constructors of this module only."""

    # PyYAML keeps them on the class, and copies those of the parent class where there are none
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (as PyYAML declares it)
    yaml_constructors: ClassVar[dict[str | None, Any]] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise ConstructorError(None, None, "aliases are not read here", event.start_mark)
        return super().compose_node(parent, index)

    def make_text(self, node: yaml.Node) -> str:
        return _FORBIDDEN.sub("\ufffd", self._scalar(node))

    def make_number(self, node: yaml.Node) -> str:
        text = self.make_text(node)
        return Number(text) if _INTEGER.fullmatch(text) or _FLOAT.fullmatch(text) else text

    def make_bool(self, node: yaml.Node) -> bool:
        return self._scalar(node).lower() == "true"

    def make_null(self, node: yaml.Node) -> None:
        self._scalar(node)

    def make_list(self, node: yaml.Node) -> list[Any]:
        if not isinstance(node, yaml.SequenceNode):
            return self.refuse(node)
        return [self.construct_object(item, deep=True) for item in node.value]

    def make_mapping(self, node: yaml.Node) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            return self.refuse(node)
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConstructorError(None, None, "a key must be a word", key_node.start_mark)
            key = self.make_text(key_node)
            if key in mapping:
                raise ConstructorError(
                    None, None, f"the key '{key[:60]}' is there twice", key_node.start_mark
                )
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping

    def _scalar(self, node: yaml.Node) -> str:
        return str(node.value) if isinstance(node, yaml.ScalarNode) else self.refuse(node)

    def refuse(self, node: yaml.Node) -> NoReturn:
        """Refuse a tag that was written out ("!expr …"), or stands before the wrong kind of value."""
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")[:60]
        raise ConstructorError(None, None, f"the tag '{tag}' is not read here", node.start_mark)


def _settle() -> None:
    tag = "tag:yaml.org,2002:"
    _Loader.add_constructor(tag + "str", _Loader.make_text)
    _Loader.add_constructor(tag + "int", _Loader.make_number)
    _Loader.add_constructor(tag + "float", _Loader.make_number)
    _Loader.add_constructor(tag + "bool", _Loader.make_bool)
    _Loader.add_constructor(tag + "null", _Loader.make_null)
    _Loader.add_constructor(tag + "seq", _Loader.make_list)
    _Loader.add_constructor(tag + "map", _Loader.make_mapping)
    _Loader.add_constructor(None, _Loader.refuse)
    number = re.compile(rf"^(?:{_INTEGER.pattern}|{_FLOAT.pattern})$")
    _Loader.add_implicit_resolver(tag + "null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
    _Loader.add_implicit_resolver(tag + "bool", re.compile(r"^(?i:true|false)$"), list("tTfF"))
    _Loader.add_implicit_resolver(tag + "int", number, list("-+.0123456789"))


_settle()


def load(text: str) -> Any:
    """Read one YAML value: dictionaries with text keys, lists, texts, :class:`Number`, bool and None.

    Raises YamlTextError for all else.
    """
    if len(text) > MAX_CHARACTERS:
        raise YamlTextError(f"it is longer than {MAX_CHARACTERS} characters", "Shorten it", None)
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "it can't be read"
        raise YamlTextError(problem, _remedy(problem), mark.line + 1 if mark else None) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"the character U+{int(error.character):04X} is not allowed"
        raise YamlTextError(what, "Delete it", line) from None
    except RecursionError:
        raise YamlTextError("it is nested too deep", "Write it with less nesting", None) from None
    except (ValueError, OverflowError):  # from chr: "\\UFFFFFFFF"
        raise YamlTextError("an escape stands for no character", "Write the character itself", None) from None


def _remedy(problem: str) -> str:
    """Say how to mend the mistakes that are made most."""
    if "mapping values" in problem:
        return 'Put quotation marks round a value that holds a colon, e.g. title: "Strain: a map"'
    if "'\\t'" in problem:
        return "Indent with spaces, not with tabs"
    if "twice" in problem:
        return "Delete one of the two"
    if "alias" in problem or "tag" in problem:
        return "Write the value itself, or put quotation marks round it"
    if "quoted scalar" in problem or "end of stream" in problem or "stream end" in problem:
        return "Close the quotation mark or bracket"
    if "alphabetic or numeric" in problem or "cannot start" in problem or "expected <block end>" in problem:
        return "Put quotation marks round a value that begins with a sign"
    return "Write each key as 'key: value' on a line of its own"


def plain(value: Any) -> Any:
    """Give a loaded value with its numbers as numbers."""
    if isinstance(value, Number):
        return value.value()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
