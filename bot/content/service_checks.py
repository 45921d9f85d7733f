"""Checks of a service file across several members. They yield the member's path and the fault."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from bot.core.service import AUTO, HTTP, JSON, WITHOUT_PARTS, Service
from bot.core.signals import Signal

Wrong = tuple[Sequence[int | str], str]
_LONGEST_WORD = 60


class Words(Protocol):
    """The names of a service in messages."""

    words: list[str]
    careful_words: dict[str, list[str]]
    other_meanings: dict[str, list[str]]


class SourceOfFile(Protocol):
    """A source as written in a file."""

    kind: str | None
    expect: dict[str, Any]
    components: list[str]
    pointer: str
    states: dict[str, list[str]]


def wrong_in_words(service: Words) -> Iterator[Wrong]:
    """Words that match no message, or every message."""
    seen: set[str] = set()
    for number, word in enumerate(service.words):
        letters = re.sub(r"[\W_]", "", word)
        if "\n" in word or len(word) > _LONGEST_WORD or len(letters) < 2:  # noqa: PLR2004 - one letter is no name
            yield ("words", number), f"should be on one line, with 2 letters or more and at most {_LONGEST_WORD}"
        elif word.casefold() in seen:
            yield ("words", number), f"{word} stands there already; capital letters make no difference"
        seen.add(word.casefold())
    for member, listed in (("careful_words", service.careful_words), ("other_meanings", service.other_meanings)):
        for word in listed:
            if word.casefold() not in seen:
                yield (member, word), "should be one of the words, written as it stands there"


def named_twice(services: Iterable[Service]) -> Iterator[tuple[Service, Sequence[int | str], str]]:
    """Names that an earlier service already has: typing one would always select that service."""
    taken: dict[str, str] = {}
    for service in services:
        named: list[tuple[Sequence[int | str], str]] = [(("name",), service.name)]
        named += [(("aliases", number), alias) for number, alias in enumerate(service.aliases)]
        for path, name in named:
            other = taken.setdefault(name.casefold(), service.id)
            if other != service.id:
                yield service, path, f"should be another name: {other} is called {name}, too"
        taken.setdefault(service.id, service.id)


def wrong_in_sources(sources: Mapping[str, SourceOfFile]) -> Iterator[Wrong]:
    """Members that do not fit the kind of a source."""
    for name, source in sources.items():
        kind = source.kind or (HTTP if name == Signal.PROBE else AUTO)
        for member, message in _wrong_in_source(name, kind, source):
            yield ("sources", name, member), message


def _wrong_in_source(name: str, kind: str, source: SourceOfFile) -> Iterator[tuple[str, str]]:
    if name == Signal.PROBE and kind not in {HTTP, JSON}:
        yield "kind", f"a probe is {HTTP} or {JSON}; a status page stands under [sources.{Signal.OFFICIAL}]"
    if name == Signal.OFFICIAL and kind == HTTP:
        yield "kind", f"{HTTP} is for a probe; leave the kind of a page out to have it recognised"
    if source.components and kind in WITHOUT_PARTS:
        yield "components", f"only a status page has components, and {kind} tells nothing of them"
    if source.expect and kind != HTTP:
        yield "expect", f"only a probe of the kind {HTTP} has it; {JSON} has pointer and states"
    if kind == JSON and not source.states:
        yield "states", 'the kind json needs pointer and states, such as states = { up = ["ok"] }'
    if kind != JSON:
        wrong = [member for member in ("pointer", "states") if getattr(source, member)]
        yield from ((member, "only the kind json has pointer and states") for member in wrong)
    yield from (("states", f"{value} means two states; it can mean only one") for value in _twice(source.states))


def _twice(states: Mapping[str, list[str]]) -> list[str]:
    """Values that stand for more than one state."""
    meant: dict[str, set[str]] = {}
    for state, values in states.items():
        for value in values:
            meant.setdefault(value.casefold(), set()).add(state)
    return [value for value, found in meant.items() if len(found) > 1]
