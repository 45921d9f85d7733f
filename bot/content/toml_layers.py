"""TOML files of services: stacked layers, checked against a schema.

Each fault has its file, line and member, and the expected value.
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar, cast

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.validate import OneOf

from bot.content.fault_words import EMPTY, MISSING, NO_LIST, NO_MEMBER, NO_TABLE, NO_TEXT, message_for, syntax

_UNWANTED = re.compile(r"@everyone|@here|<(?:[@#&!/]|id:)|\]\(")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_IN_NAMES = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff*_~|`\[\]<>\\]|^[#+-]|^\d+[.)]|://"
)
_HEADER = re.compile(r"\s*(?P<open>\[{1,2})\s*(?P<name>[^\]]+?)\s*\]{1,2}\s*(?:#.*)?")
_PART = r"(?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)"
_MEMBER = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")


Validator = Callable[[Any], Any]


class Strict(Schema):
    """A file or one of its tables, without unknown members. The result is an object of class `makes`."""

    makes: ClassVar[type[Any]]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages |= {"unknown": NO_MEMBER, "type": NO_TABLE}

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The object that stands for the table."""
        return self.makes(**data)


def text(*checks: Validator, **more: Any) -> fields.String:
    """A text that is not empty, stripped of surrounding white space."""
    return fields.String(pre_load=_stripped, validate=checks, error_messages={"required": MISSING}, **more)


def many(entry: fields.Field[Any], *checks: Validator, **more: Any) -> fields.List[Any]:
    """A list. The checks come before its entries are read."""

    def check(value: Any) -> Any:
        if not isinstance(value, list):
            raise ValidationError(NO_LIST)
        for one in checks:
            one(value)
        return value  # pyright: ignore[reportUnknownVariableType] - TOML does not say of what

    return fields.List(entry, pre_load=check, error_messages={"required": MISSING}, **more)


def table(values: fields.Field[Any], *checks: Validator, names: Sequence[Validator] = (), **more: Any) -> fields.Dict:
    """A table with any names, or with names that pass the checks of `names`."""
    messages: dict[str, Any] = {"required": MISSING, "invalid": NO_TABLE}
    return fields.Dict(keys=text(*names), values=values, validate=checks, error_messages=messages, **more)


def part(schema: type[Strict], **more: Any) -> fields.Nested:
    """A table with a schema of its own."""
    return fields.Nested(schema, error_messages={"required": MISSING, "type": NO_TABLE}, **more)


def at_most(size: int, of: str = "characters") -> Validator:
    """Check that a text, or a list or table `of` something, is not longer."""

    def check(value: Sized) -> None:
        if len(value) > size:
            raise ValidationError(f"should have at most {size} {of}, and has {len(value)}")

    return check


def some(value: Sized) -> None:
    """Check that a list or a table is not empty."""
    if not value:
        raise ValidationError(EMPTY)


def one_of(choices: Iterable[str]) -> Validator:
    """Check that a text is one of these choices."""
    return OneOf(tuple(choices), error="should be one of {choices}")


def _stripped(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValidationError(NO_TEXT)
    if not value.strip():
        raise ValidationError(EMPTY)
    return value.strip()


def one_line(value: str) -> None:
    """Check a name. It is used in buttons, menus and sentences, so it must not have Markdown, links or line breaks."""
    if _UNWANTED.search(value):
        raise ValidationError(_NO_MENTIONS)
    if _NOT_IN_NAMES.search(value):
        raise ValidationError("should be words on one line, without Markdown")


_MOST_BYTES = 256 * 1024
"""Of a file; the longest that comes with the bot has a tenth of it."""
_NO_MENTIONS = "mentions and masked links are not allowed"
_NO_UNSEEN = "should have no control characters, and none that turn the direction of writing"
_OWN_STEPS = frozenset({"_schema", "key", "value"})
"""marshmallow's path steps for a fault of a whole table, of a key, and of its value."""


@dataclass(slots=True)
class Layer:
    """One TOML file, with its path for messages."""

    name: str
    text: str
    data: dict[str, Any]

    def line(self, path: Sequence[int | str]) -> int | None:
        """The line of the deepest named member of `path`, if it is in this file."""
        return _find_line(self.text, path)


@dataclass(slots=True)
class Faults:
    """The faults in all files."""

    messages: list[str] = field(default_factory=list[str])

    def add(self, layers: Sequence[Layer], path: Sequence[int | str], message: str) -> None:
        """Add a fault of the member at `path`."""
        # Report the last layer that has the member, otherwise the table where it should be.
        for depth in range(len(path), 0, -1):
            for layer in reversed(layers):
                if (line := layer.line(path[:depth])) is not None:
                    return self._add(f"{layer.name}, line {line}", path, message)
        return self._add(layers[-1].name, path, message)

    def _add(self, place: str, path: Sequence[int | str], message: str) -> None:
        member = ".".join(map(str, path))
        self.messages.append(f"{place}: {member + ': ' if member else ''}{message}")


def read_layers(folders: Sequence[Traversable], file: str, faults: Faults) -> Iterator[Layer]:
    """The file of this name in each folder that has it."""
    for folder in folders:
        path = folder.joinpath(file)
        if not path.is_file():
            if isinstance(path, Path) and not path.is_dir() and os.path.lexists(path):
                faults.messages.append(f"{path}: is no file, or a link that leads to none; it should be a file")
            continue
        written = b""
        try:
            with path.open("rb") as opened:
                written = opened.read(_MOST_BYTES + 1)
            if len(written) > _MOST_BYTES:
                faults.messages.append(f"{path}: cannot be read: it should have at most {_MOST_BYTES // 1024} KiB")
                continue
            text = written.decode("utf-8-sig")  # Windows puts a byte order mark at the start of a file
            yield Layer(str(path), text, tomllib.loads(text))
        except UnicodeDecodeError as error:
            line = written[: error.start].count(b"\n") + 1
            faults.messages.append(f"{path}, line {line}: cannot be read: it should be saved as UTF-8")
        except tomllib.TOMLDecodeError as error:
            faults.messages.append(f"{path}: cannot be read: {error}{syntax(str(error))}")
        except OSError as error:
            faults.messages.append(f"{path}: cannot be read: {error}")
        except RecursionError:
            faults.messages.append(f"{path}: cannot be read: brackets or tables are nested too deeply")


def validate(schema: type[Strict], layers: Sequence[Layer], faults: Faults) -> Any:
    """The object that this schema makes from the stacked layers; None if they have faults."""
    merged: dict[str, Any] = {}
    for layer in layers:
        _merge(merged, layer.data)
    checking = schema()
    try:
        parsed = cast("Any", checking.load(merged))
    except ValidationError as error:
        for (*path, _), message in _texts(error.messages_dict, ()):
            steps = _in_file(path, merged)
            faults.add(layers, steps, message_for(checking, steps, message))
        return None
    for path, written in _texts(merged, ()):
        if _UNWANTED.search(written):
            faults.add(layers, path, _NO_MENTIONS)
        elif _UNSEEN.search(written):
            faults.add(layers, path, _NO_UNSEEN)
    return parsed


def _in_file(path: Sequence[int | str], content: Any) -> list[int | str]:
    """The path of a fault in the file, without the library's own steps."""
    found: list[int | str] = []
    for step in path:
        try:
            content = content[step]
        except (LookupError, TypeError):
            if step in _OWN_STEPS:
                continue
            content = None  # the member is missing
        found.append(step)
    return found


def _merge(into: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            into[key] = value


def _texts(value: Any, path: tuple[int | str, ...]) -> Iterator[tuple[tuple[int | str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from _texts(inner, (*path, key))  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list):
        for number, inner in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            yield from _texts(inner, (*path, number))


def _find_line(text: str, path: Sequence[int | str]) -> int | None:
    """The line of a member, found by table headers, the index in an array of tables, and `name =`."""
    wanted = ".".join(part for part in path if isinstance(part, str))
    nth = next((part for part in path if isinstance(part, int)), None)
    table, seen = "", -1
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.fullmatch(line):
            table = header["name"]
            seen += header["open"] == "[["
            if (table == wanted or table.startswith(f"{wanted}.")) and nth in {None, seen}:
                return number
        elif key := _MEMBER.match(line):
            name = re.sub(r"[\"'\s]", "", key[1])
            member = f"{table}.{name}" if table else name
            if member == wanted and (nth in {None, seen} or not table):
                return number
    return None
