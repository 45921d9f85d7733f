"""Reads and checks service folders. All faults are reported together, each with file, line and what is expected.

A service is a folder named by its id: `service.toml`, and `guide.<language>.toml` for each language. The values of an
operator's folder replace those of the built-in one member by member, so a file may have only one line.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.core.errors import ConfigurationError
from bot.core.guide import Guide, GuideStep
from bot.core.service import (
    AUTO,
    FALLBACK_LANGUAGE,
    HTTP,
    PAGE_KINDS,
    WITHOUT_PARTS,
    Links,
    Service,
    Source,
    Symptom,
)
from bot.core.signals import KNOWN, Signal, State

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_GUIDE = re.compile(r"guide\.([a-z]{2,3}(?:-[A-Za-z]{2,4})?)\.toml")
_UNWANTED = re.compile(r"@everyone|@here|<(?:[@#&!/]|id:)|\]\(")
_NOT_IN_NAMES = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff*_~|`\[\]<>\\]|^[#+-]|^\d+[.)]|://"
)
_HEADER = re.compile(r"\s*(?P<open>\[{1,2})\s*(?P<name>[^\]]+?)\s*\]{1,2}\s*(?:#.*)?")
_MEMBER = re.compile(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=")
_LONGEST_ID = 32
_LONGEST_NAME = 100
_LONGEST_ADDRESS = 512
"""Discord's limits for a choice, and for the address behind a button."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_min_length=1, strict=True)


def _web_address(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"https?://[^\s/@<>]+(/[^\s<>]*)?", value):
        raise ValueError("should be a web address such as https://example.org/page")
    if value is not None and len(value) > _LONGEST_ADDRESS:
        raise ValueError(f"a web address has at most {_LONGEST_ADDRESS} characters")
    return value


def _name(value: str) -> str:
    """Check a name. It is used in buttons, menus and sentences, so it must not have Markdown, links or line breaks."""
    _plain(value)
    if _NOT_IN_NAMES.search(value):
        raise ValueError("should be words on one line, without Markdown")
    return value


class _LinksFile(_Strict):
    website: str
    support: str
    help_centre: str | None = None
    community: str | None = None
    status_page: str | None = None

    _addresses = field_validator("*")(_web_address)


class _SourceFile(_Strict):
    kind: str | None = None
    url: str
    link: str | None = None
    expect: dict[str, Any] = Field(default_factory=dict)
    components: list[str] = Field(default_factory=list)
    pointer: str = ""
    states: dict[str, list[str]] = Field(default_factory=dict)

    _addresses = field_validator("url", "link")(_web_address)

    @field_validator("expect")
    @classmethod
    def _values(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name, wanted in value.items():
            if type(wanted) not in {str, bool, int, float}:
                raise ValueError(f"{name}: should be a text in quotes, a number, true or false")
        return value

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        kinds = (AUTO, *PAGE_KINDS, HTTP)
        if value is not None and value not in kinds:
            raise ValueError(f"should be one of {', '.join(kinds)}")
        return value

    @field_validator("pointer")
    @classmethod
    def _points(cls, value: str) -> str:
        if value and not re.fullmatch(r"(?:/(?:[^~/]|~[01])*)*", value):
            raise ValueError("should be a JSON Pointer such as /status/state")
        return value

    @field_validator("states")
    @classmethod
    def _known_states(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        if wrong := sorted(set(value) - KNOWN):
            raise ValueError(f"{', '.join(wrong)}: a state is one of {', '.join(sorted(KNOWN))}")
        return value


class _ServiceFile(_Strict):
    name: str = Field(max_length=40)
    aliases: list[str] = Field(default_factory=list)
    words: list[str] = Field(min_length=1)
    support_language: str = FALLBACK_LANGUAGE
    links: _LinksFile
    sources: dict[str, _SourceFile] = Field(default_factory=dict)
    symptoms: dict[str, str] = Field(min_length=1, max_length=25)

    _names = field_validator("name")(_name)

    @field_validator("sources")
    @classmethod
    def _signals(cls, value: dict[str, _SourceFile]) -> dict[str, _SourceFile]:
        if wrong := set(value) - {Signal.OFFICIAL, Signal.PROBE}:
            raise ValueError(f"{', '.join(sorted(wrong))}: a source is called official or probe")
        for name, source in value.items():
            kind = source.kind or (HTTP if name == Signal.PROBE else AUTO)
            if source.components and kind in WITHOUT_PARTS:
                raise ValueError(f"{name}: only a status page has components, and {kind} tells nothing of them")
            if kind == "json" and not source.states:
                raise ValueError(f'{name}: the kind json needs pointer and states, such as up = ["ok"]')
            if kind != "json" and (source.pointer or source.states):
                raise ValueError(f"{name}: only the kind json has pointer and states")
        return value

    @field_validator("symptoms")
    @classmethod
    def _symptom_ids(cls, value: dict[str, str]) -> dict[str, str]:
        for symptom_id, name in value.items():
            if not _ID.fullmatch(symptom_id) or len(symptom_id) > _LONGEST_ID:
                raise ValueError(f"{symptom_id}: an id has at most 32 of a-z, 0-9 and -")
            _name(name)
            if len(name) > _LONGEST_NAME:
                raise ValueError(f"{symptom_id}: a name has at most {_LONGEST_NAME} characters")
        return value


class _StepFile(_Strict):
    title: str = Field(max_length=80)
    do: str = Field(max_length=300)
    reason: str = Field(max_length=300)

    _names = field_validator("title")(_name)


class _GuideFile(_Strict):
    error: str = Field(max_length=80)
    meaning: str = Field(max_length=600)
    causes: list[str] = Field(min_length=1, max_length=5)
    steps: list[_StepFile] = Field(min_length=1, max_length=10)
    others_say: list[str] = Field(default_factory=list, max_length=5)
    contact: str = Field(max_length=500)
    summary: str = Field(max_length=300)
    symptoms: dict[str, str] = Field(default_factory=dict)

    _names = field_validator("error")(_name)

    @field_validator("symptoms")
    @classmethod
    def _symptom_names(cls, value: dict[str, str]) -> dict[str, str]:
        return {symptom_id: _name(name) for symptom_id, name in value.items()}


def _plain(text: str) -> None:
    if _UNWANTED.search(text):
        raise ValueError("mentions and masked links are not allowed")


@dataclass(slots=True)
class _Layer:
    """One TOML file, with its path for messages."""

    name: str
    text: str
    data: dict[str, Any]

    def line(self, path: Sequence[int | str]) -> int | None:
        """The line where the deepest named member of `path` is written, if it is in this file."""
        return _find_line(self.text, path)


@dataclass(slots=True)
class _Faults:
    messages: list[str] = field(default_factory=list[str])

    def add(self, layers: Sequence[_Layer], path: Sequence[int | str], message: str) -> None:
        # Report the last layer that has the member, or else the table where it should be.
        for depth in range(len(path), 0, -1):
            for layer in reversed(layers):
                if (line := layer.line(path[:depth])) is not None:
                    return self._add(f"{layer.name}, line {line}", path, message)
        return self._add(layers[-1].name, path, message)

    def _add(self, place: str, path: Sequence[int | str], message: str) -> None:
        member = ".".join(map(str, path))
        self.messages.append(f"{place}: {member + ': ' if member else ''}{message}")


def read_services(extra: Path | None = None) -> list[Service]:
    """All services: the built-in ones with the operator's folder over them.

    Raises ConfigurationError with every fault in every file.
    """
    built_in = files("bot.content").joinpath("services")
    roots: list[Traversable] = [built_in]
    faults = _Faults()
    if extra is not None:
        if not extra.is_dir():
            raise ConfigurationError([f"SERVICES_DIR: {extra} is not a folder"])
        if extra.joinpath("service.toml").is_file():
            raise ConfigurationError([f"{extra}: is the folder of one service; give the folder that contains it"])
        roots.append(extra)
    # The built-in services come first, so that the default stays the same if an operator adds more.
    names = list(dict.fromkeys(name for root in roots for name in sorted(f.name for f in root.iterdir() if f.is_dir())))
    services: list[Service] = []
    for name in (n for n in names if not n.startswith((".", "__"))):
        folders = [root.joinpath(name) for root in roots if root.joinpath(name).is_dir()]
        if (service := _read_service(name, folders, faults)) is not None:
            services.append(service)
    if faults.messages:
        raise ConfigurationError(faults.messages)
    return services


def _read_service(name: str, folders: Sequence[Traversable], faults: _Faults) -> Service | None:
    if not _ID.fullmatch(name) or len(name) > _LONGEST_ID:
        faults.messages.append(f"{folders[-1]}: a service folder's name has at most 32 of a-z, 0-9 and -")
        return None
    layers = list(_layers(folders, "service.toml", faults))
    if not layers:
        faults.messages.append(f"{folders[-1]}: there is no service.toml")
        return None
    before = len(faults.messages)
    parsed = _validate(_ServiceFile, layers, faults)
    guides: dict[str, _GuideFile] = {}
    for language in _languages(folders):
        guide_layers = list(_layers(folders, f"guide.{language}.toml", faults))
        if guide_layers and (guide := _validate(_GuideFile, guide_layers, faults)) is not None:
            guides[language] = guide
    if FALLBACK_LANGUAGE not in guides and len(faults.messages) == before:
        faults.messages.append(f"{folders[-1]}: there is no guide.en.toml; every service has one in English")
    if parsed is None or len(faults.messages) > before:
        return None
    return _service(name, parsed, guides)


def _layers(folders: Sequence[Traversable], file: str, faults: _Faults) -> Iterator[_Layer]:
    for folder in folders:
        path = folder.joinpath(file)
        if not path.is_file():
            continue
        try:
            text = path.read_text("utf-8")
            yield _Layer(str(path), text, tomllib.loads(text))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            faults.messages.append(f"{path}: cannot be read: {error}")
        except RecursionError:
            faults.messages.append(f"{path}: cannot be read: brackets or tables are nested too deeply")


def _languages(folders: Sequence[Traversable]) -> list[str]:
    matches = (_GUIDE.fullmatch(file.name) for folder in folders for file in folder.iterdir())
    return sorted({match[1] for match in matches if match})


def _validate(model: type[Any], layers: Sequence[_Layer], faults: _Faults) -> Any:
    merged: dict[str, Any] = {}
    for layer in layers:
        _merge(merged, layer.data)
    try:
        parsed = model.model_validate(merged)
    except ValidationError as error:
        for fault in error.errors():
            message = fault["msg"].removeprefix("Value error, ")
            if fault["type"] == "extra_forbidden":
                message = "there is no such member"
            elif fault["type"] == "missing":
                message = "is missing"
            faults.add(layers, fault["loc"], message)
        return None
    for path, text in _texts(merged, ()):
        if _UNWANTED.search(text):
            faults.add(layers, path, "mentions and masked links are not allowed")
    return parsed


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
            yield from _texts(inner, (*path, str(key)))  # pyright: ignore[reportUnknownArgumentType]
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
            member = f"{table}.{key[1]}" if table else key[1]
            if member == wanted and (nth in {None, seen} or not table):
                return number
    return None


def _service(service_id: str, parsed: _ServiceFile, guides: Mapping[str, _GuideFile]) -> Service:
    symptoms = tuple(
        Symptom(
            symptom_id,
            {FALLBACK_LANGUAGE: name}
            | {tag: g.symptoms[symptom_id] for tag, g in guides.items() if symptom_id in g.symptoms},
        )
        for symptom_id, name in parsed.symptoms.items()
    )
    return Service(
        id=service_id,
        name=parsed.name,
        aliases=tuple(parsed.aliases),
        words=tuple(word.casefold() for word in parsed.words),
        links=Links(**parsed.links.model_dump()),
        sources=tuple(_source(signal, s) for signal, s in parsed.sources.items()),
        symptoms=symptoms,
        guides={tag: _guide(tag, guide) for tag, guide in guides.items()},
        support_language=parsed.support_language,
    )


def _source(signal: str, parsed: _SourceFile) -> Source:
    return Source(
        Signal(signal),
        parsed.kind or (HTTP if signal == Signal.PROBE else AUTO),
        parsed.url,
        parsed.link,
        parsed.expect,
        tuple(parsed.components),
        parsed.pointer,
        {State(state): frozenset(word.casefold() for word in words) for state, words in parsed.states.items()},
    )


def _guide(language: str, parsed: _GuideFile) -> Guide:
    return Guide(
        language=language,
        error=parsed.error,
        meaning=parsed.meaning,
        causes=tuple(parsed.causes),
        steps=tuple(GuideStep(s.title, s.do, s.reason) for s in parsed.steps),
        others_say=tuple(parsed.others_say),
        contact=parsed.contact,
        summary=parsed.summary,
    )
