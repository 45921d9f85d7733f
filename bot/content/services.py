"""Reads and checks service folders. All faults are reported together, each with file, line and the expected value.

A service is a folder named by its id: `service.toml`, `guide.<language>.toml` for each language, and a folder
`symptoms` with `<symptom>.<language>.toml` for each symptom with a guide of its own. The values of an operator's folder
replace those of the built-in one member by member, so a file may have only one line.
"""

import os
import re
import tomllib
from collections.abc import Container, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from math import isfinite
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields
from marshmallow.validate import Regexp

from bot.content.everyday import everyday_words, read_grammars
from bot.content.fault_words import meant
from bot.content.guides import (
    GuideFile,
    GuideSchema,
    SymptomFile,
    guide,
    guide_languages,
    language_tag,
    name_strangers,
    read_symptom_files,
    symptom,
)
from bot.content.service_checks import named_twice, wrong_in_sources, wrong_in_words
from bot.content.toml_layers import (
    Faults,
    Layer,
    Strict,
    at_most,
    many,
    one_line,
    one_of,
    part,
    read_layers,
    some,
    table,
    text,
    validate,
)
from bot.core.errors import ConfigurationError
from bot.core.service import (
    AUTO,
    FALLBACK_LANGUAGE,
    HTTP,
    PAGE_KINDS,
    KnownService,
    Links,
    Service,
    Source,
)
from bot.core.signals import KNOWN, Signal, State
from bot.usecases.services import Services, ServicesRead

DEFAULT = "character-ai"
"""The service of a server that chose no other."""
_BUILT_IN = files("bot.content").joinpath("services")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_ID = 32
_MOST_WORDS = 100
_LONGEST_NAME = 100
_LONGEST_ADDRESS = 512
"""Discord's limits for a choice, and for the address behind a button."""


def _web_address(value: str) -> None:
    if not re.fullmatch(r"https?://[^\s/@<>]+(/[^\s<>]*)?", value) or not _has_host(value):
        raise ValidationError("should be a web address such as https://example.org/page")
    if len(value) > _LONGEST_ADDRESS:
        raise ValidationError(f"a web address has at most {_LONGEST_ADDRESS} characters")


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0  # reading the port checks it
    except ValueError:
        return False


def _signal(value: str) -> None:
    if value not in {Signal.OFFICIAL, Signal.PROBE}:
        raise ValidationError("a source is called official or probe")


def _symptom_id(value: str) -> None:
    if not _ID.fullmatch(value) or len(value) > _LONGEST_ID:
        raise ValidationError(f"an id has at most {_LONGEST_ID} of a-z, 0-9 and -")


def _are_values(expect: Mapping[str, Any]) -> None:
    for name, wanted in expect.items():
        if type(wanted) not in {str, bool, int, float} or (isinstance(wanted, float) and not isfinite(wanted)):
            raise ValidationError(f"{name}: should be a text in quotes, a number, true or false")


def _are_states(states: Mapping[str, Any]) -> None:
    if wrong := sorted(set(states) - KNOWN):
        raise ValidationError(f"{', '.join(wrong)}: a state is one of {', '.join(sorted(KNOWN))}")


def _has_everyday_words(language: str) -> None:
    known = {*everyday_words(), *read_grammars()}
    if language not in known:
        raise ValidationError(f"should be one of {', '.join(sorted(known))}")


class _LinksSchema(Strict):
    makes = Links

    website = text(_web_address, required=True)
    support = text(_web_address, required=True)
    help_centre = text(_web_address)
    community = text(_web_address)
    status_page = text(_web_address)


@dataclass(slots=True, kw_only=True)
class _SourceFile:
    kind: str | None = None
    url: str
    link: str | None = None
    expect: dict[str, Any] = field(default_factory=dict[str, Any])
    components: list[str] = field(default_factory=list[str])
    pointer: str = ""
    states: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


class _SourceSchema(Strict):
    makes = _SourceFile

    kind = text(one_of((AUTO, *PAGE_KINDS, HTTP)))
    url = text(_web_address, required=True)
    link = text(_web_address)
    expect = table(fields.Raw(), _are_values)
    components = many(text(at_most(_LONGEST_NAME)))
    pointer = text(Regexp(r"(?:/(?:[^~/]|~[01])*)*\Z", error="should be a JSON Pointer such as /status/state"))
    states = table(many(text(), some), _are_states)


@dataclass(slots=True, kw_only=True)
class _ServiceFile:
    name: str
    aliases: list[str] = field(default_factory=list[str])
    words: list[str]
    careful_words: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    other_meanings: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    support_language: str = FALLBACK_LANGUAGE
    links: Links
    sources: dict[str, _SourceFile] = field(default_factory=dict[str, _SourceFile])
    symptoms: dict[str, str]


class _ServiceSchema(Strict):
    makes = _ServiceFile

    name = text(at_most(40), one_line, required=True)
    aliases = many(text(at_most(_LONGEST_NAME), one_line), at_most(_MOST_WORDS, "entries"))
    words = many(text(), some, at_most(_MOST_WORDS, "entries"), required=True)
    careful_words = table(many(text(_has_everyday_words), some))
    other_meanings = table(many(text(at_most(60)), some))
    support_language = text(language_tag)
    links = part(_LinksSchema, required=True)
    sources = table(part(_SourceSchema), names=[_signal])
    symptoms = table(
        text(at_most(_LONGEST_NAME), one_line), some, at_most(25, "entries"), names=[_symptom_id], required=True
    )


def read_services(extra: Path | None = None) -> list[Service]:
    """All services: the built-in ones with the operator's folder over them.

    Raises ConfigurationError with every fault in every file.
    """
    return _without_faults(read_each(extra))


def _without_faults(found: ServicesRead) -> list[Service]:
    if found.faults:
        raise ConfigurationError(found.faults)
    return list(found.services.values())


def fault_at(extra: Traversable, service_id: str, path: Sequence[int | str], message: str) -> str:
    """A message about a member of a service's own file, with its file and line."""
    faults = Faults()
    folders = [root.joinpath(service_id) for root in (_BUILT_IN, extra)]
    faults.add(list(read_layers(folders, "service.toml", faults)), path, message)
    return faults.messages[-1]


def mark_of(extra: Path | None) -> Hashable:
    """A value that changes when a file in the operator's folder is added, changed or removed."""
    if extra is None or not extra.is_dir():
        return ()
    inside = list(extra.iterdir())
    files = frozenset((str(one), stat.st_mtime_ns, stat.st_size) for folder in inside for one, stat in _stats(folder))
    return files, frozenset(one.name for one in inside)


def _stats(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Of the files of one service; its folder may be a link, which a search from further outside would not follow."""
    for one in folder.rglob("*.toml"):
        with suppress(OSError):  # it was just removed
            yield one, one.stat()


def read_each(extra: Path | None = None) -> ServicesRead:
    """Like `read_services`, but a service with faults does not prevent reading the others.

    Raises ConfigurationError if `extra` is no folder of services.
    """
    return _read(extra, None)


def _read(extra: Path | None, wanted: Container[str] | None) -> ServicesRead:
    roots: list[Traversable] = [_BUILT_IN]
    if extra is not None:
        if not extra.is_dir():
            raise ConfigurationError([f"{extra}: is no folder; give the folder that contains your services"])
        if extra.joinpath("service.toml").is_file():
            raise ConfigurationError([f"{extra}: is the folder of one service; give the folder that contains it"])
        roots.append(extra)
    names = [name for name in _names(roots) if wanted is None or name in wanted]
    services, faults = dict[str, Service](), Faults()
    for name in names:
        folders = [root.joinpath(name) for root in roots if root.joinpath(name).is_dir()]
        if (service := _read_service(name, folders, faults)) is not None:
            services[name] = service
    own = [one for one in services.values() if extra is not None and (extra / one.id).is_dir()]
    for service, path, message in named_twice(own):
        services.pop(service.id, None)
        faults.messages.append(fault_at(roots[-1], service.id, path, message))
    return ServicesRead(names, services, faults.messages)


def _names(roots: Sequence[Traversable]) -> list[str]:
    """The names, built-in services first, so that the default stays the same if an operator adds more."""
    names = dict.fromkeys(name for root in roots for name in sorted(f.name for f in root.iterdir() if f.is_dir()))
    return [name for name in names if not name.startswith((".", "__"))]


def open_services(extra: Path | None = None) -> Services:
    """All services. Built-in ones are read on demand.

    The default is read now, and so are services with a folder of the operator, even an empty one. Raises
    ConfigurationError as `read_services` does.
    """
    found = each_of_operator(extra)
    return Services(_without_faults(found), found.others, built_in)


def each_of_operator(extra: Path | None = None) -> ServicesRead:
    """The default and the services with a folder of the operator; a service with faults does not affect the others.

    Of all other services only the names are read.
    """
    own = {folder.name for folder in extra.iterdir()} if extra is not None and extra.is_dir() else set[str]()
    found = _read(extra, own | {DEFAULT})
    return replace(found, others=[_called(name) for name in _names([_BUILT_IN]) if name not in {*own, DEFAULT}])


def built_in(service_id: str) -> Service:
    """A built-in service."""
    return _without_faults(_read(None, {service_id}))[0]


def is_built_in(service_id: str) -> bool:
    """Whether a service of this id comes with the bot."""
    return service_id in _names([_BUILT_IN])


def _called(service_id: str) -> KnownService:
    """The names of a built-in service, at a fraction of the cost of reading it."""
    data = tomllib.loads(_BUILT_IN.joinpath(service_id, "service.toml").read_text("utf-8"))
    words = tuple(word.casefold() for word in data["words"])
    return KnownService(service_id, data["name"], tuple(data["aliases"]), words)


def _read_service(name: str, folders: Sequence[Traversable], faults: Faults) -> Service | None:
    if not _ID.fullmatch(name) or len(name) > _LONGEST_ID:
        faults.messages.append(f"{folders[-1]}: a service folder's name has at most 32 of a-z, 0-9 and -")
        return None
    before = len(faults.messages)
    layers = list(read_layers(folders, "service.toml", faults))
    if not layers:
        if len(faults.messages) == before:
            faults.messages.append(f"{folders[-1]}: there is no service.toml")
        return None
    parsed: _ServiceFile | None = validate(_ServiceSchema, layers, faults)
    known = _symptom_ids(layers)
    guides = _read_guides(folders, known, faults)
    if FALLBACK_LANGUAGE not in guides and len(faults.messages) == before:
        faults.messages.append(f"{folders[-1]}: there is no guide.en.toml; every service has one in English")
    symptom_files = read_symptom_files(folders, known, parsed.words if parsed else (), faults)
    name_strangers(folders, faults)
    if parsed is None:
        return None
    for path, message in (*wrong_in_words(parsed), *wrong_in_sources(parsed.sources)):
        faults.add(layers, path, message)
    return None if len(faults.messages) > before else _service(name, parsed, guides, symptom_files)


def _symptom_ids(layers: Sequence[Layer]) -> list[str]:
    """The symptoms that service.toml names, even if something else in it is wrong."""
    tables = (layer.data.get("symptoms") for layer in layers)
    return list(
        dict.fromkeys(one for table in tables if isinstance(table, dict) for one in cast("dict[str, Any]", table))
    )


def _read_guides(folders: Sequence[Traversable], known: Sequence[str], faults: Faults) -> dict[str, GuideFile]:
    guides: dict[str, GuideFile] = {}
    for language in guide_languages(folders):
        layers = list(read_layers(folders, f"guide.{language}.toml", faults))
        if layers and (parsed := validate(GuideSchema, layers, faults)) is not None:
            guides[language] = parsed
            for strange in (one for one in parsed.symptoms if one not in known):
                message = f"service.toml has no symptom {strange}{meant(strange, known)}"
                faults.add(layers, ("symptoms", strange), message)
    return guides


def _service(
    service_id: str,
    parsed: _ServiceFile,
    guides: Mapping[str, GuideFile],
    symptom_files: Mapping[str, Mapping[str, SymptomFile]],
) -> Service:
    names = {
        symptom_id: {FALLBACK_LANGUAGE: name}
        | {tag: g.symptoms[symptom_id] for tag, g in guides.items() if symptom_id in g.symptoms}
        for symptom_id, name in parsed.symptoms.items()
    }
    return Service(
        id=service_id,
        name=parsed.name,
        aliases=tuple(parsed.aliases),
        words=tuple(word.casefold() for word in parsed.words),
        links=parsed.links,
        sources=tuple(_source(signal, s) for signal, s in parsed.sources.items()),
        symptoms=tuple(symptom(one, named, symptom_files.get(one, {})) for one, named in names.items()),
        guides={tag: guide(tag, one) for tag, one in guides.items()},
        support_language=parsed.support_language,
        careful_words=_by_word(parsed.careful_words),
        other_meanings=_by_word(parsed.other_meanings),
    )


def _by_word(listed: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {word.casefold(): tuple(entries) for word, entries in listed.items()}


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
