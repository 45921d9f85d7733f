"""A service is what people use and complain about; all we know of it is data (`bot/content/services`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.core.guide import Guide
from bot.core.signals import Signal

FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Links:
    """Where people are sent. Every one is a web address, checked when the service is read."""

    website: str
    support: str
    help_centre: str | None = None
    community: str | None = None
    status_page: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An address that is looked at for a signal. `kind` names the provider that understands it.

    `expect` holds JSON members that a healthy probe answers with, such as ``{"redis": "UP"}``.
    `link` is where a person can look for themselves, if anywhere.
    """

    signal: Signal
    kind: str
    url: str
    link: str | None = None
    expect: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Symptom:
    """A kind of trouble. `id` is kept with a report; `names` are what people read, by language."""

    id: str
    names: Mapping[str, str]

    def name(self, language: str) -> str:
        """The symptom in words, in `language` where it is translated."""
        return pick(self.names, language) or self.id


@dataclass(frozen=True, slots=True)
class Service:
    """One watched service. `words` are how its community calls it in a message, lower case."""

    id: str
    name: str
    aliases: tuple[str, ...]
    words: tuple[str, ...]
    links: Links
    sources: tuple[Source, ...]
    symptoms: tuple[Symptom, ...]
    guides: Mapping[str, Guide]
    support_language: str = FALLBACK_LANGUAGE

    def guide(self, language: str) -> Guide:
        """The guide in `language`, or in English when nobody has translated it yet."""
        found = pick(self.guides, language)
        assert found is not None, "the reader refuses a service without an English guide"
        return found

    def symptom(self, symptom_id: str) -> Symptom | None:
        """The symptom of that id, if this service has it."""
        return next((one for one in self.symptoms if one.id == symptom_id), None)

    def answers_to(self, name: str) -> bool:
        """Whether somebody who typed `name` means this service."""
        wanted = name.strip().casefold()
        return wanted in {self.id, self.name.casefold(), *(a.casefold() for a in self.aliases)}


T = TypeVar("T")


def pick(by_language: Mapping[str, T], language: str) -> T | None:
    """`pt-BR` takes `pt-BR`, else `pt`, else English."""
    for tag in (language, language.partition("-")[0], FALLBACK_LANGUAGE):
        if tag in by_language:
            return by_language[tag]
    return None
