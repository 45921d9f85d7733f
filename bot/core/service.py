"""A service is a product that people use and report on; everything about it is data (`bot/content/services`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from bot.core.guide import Guide
from bot.core.signals import Signal, State

FALLBACK_LANGUAGE = "en"

AUTO = "auto"
"""The kind of an official page that is recognised by itself."""
HTTP = "http"
"""The kind of a plain probe."""
JSON = "json"
"""The kind of a page whose service file says where to find the state. It cannot be recognised automatically."""
PAGE_KINDS = (
    "incident.io", "statuspage", "instatus", "better-stack", "cachet", "cachet-v2", "status.io", "google", "feed", JSON,
)  # fmt: skip
"""The kinds of official pages that can be read, by the names that service files use."""
WITHOUT_PARTS = frozenset({HTTP, "feed", JSON})
"""Kinds that cannot tell one part of a service from another."""

Healthy = str | bool | int | float
"""A value in a healthy service's answer. Its type counts: `true` is not 1, and 200 is not "200"."""


@dataclass(frozen=True, slots=True)
class Links:
    """Web addresses to send people to, checked when the service file is read."""

    website: str
    support: str
    help_centre: str | None = None
    community: str | None = None
    status_page: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An address that is read for a signal. `kind` names the provider that can read it.

    `expect` has the JSON members of a healthy answer to the probe, such as ``{"redis": "UP"}``, with their types.
    `link` is an optional page that people can open themselves. `components` names the parts of an official page that
    matter, by name or id; none means all. `pointer` and `states` are for the kind `json`: a JSON Pointer to the state,
    and the meaning of each value, in lower case.
    """

    signal: Signal
    kind: str
    url: str
    link: str | None = None
    expect: Mapping[str, Healthy] = field(default_factory=dict[str, Healthy])
    components: tuple[str, ...] = ()
    pointer: str = ""
    states: Mapping[State, frozenset[str]] = field(default_factory=dict[State, frozenset[str]])


class Nature(StrEnum):
    """The nature of a symptom."""

    OUTAGE = "outage"
    LIMIT = "limit"
    ACCOUNT = "account"
    WALL = "wall"
    """A protection against bots blocked a person."""
    FILTER = "filter"
    DEVICE = "device"


class Counted(StrEnum):
    """When reports of a symptom, and messages about it, count."""

    ALWAYS = "always"
    MANY = "many"
    """When several people have it at once."""
    NEVER = "never"
    """Never an outage, no matter how many people have it."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """How people write about a symptom.

    `words` name it in a message that already mentions trouble. `named` are enough if the message also names the
    service. `shown` are sentences that the service itself displays; they are enough by themselves.
    """

    words: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Those of all three kinds."""
        return (*self.words, *self.named, *self.shown)

    def __bool__(self) -> bool:
        return bool(self.all)


@dataclass(frozen=True, slots=True)
class Symptom:
    """A kind of trouble. `id` is stored with a report; `names` are shown to people, by language.

    `guides` has its own guide by language; without one, the service's guide is used.
    """

    id: str
    names: Mapping[str, str]
    nature: Nature = Nature.OUTAGE
    counted: Counted = Counted.ALWAYS
    guides: Mapping[str, Guide] = field(default_factory=dict[str, Guide])
    phrases: Phrases = Phrases()

    @property
    def known(self) -> bool:
        """Whether the service's files describe it. If not, it stands for everything that no other symptom covers."""
        return bool(self.guides or self.phrases)

    def name(self, language: str) -> str:
        """The symptom's name in `language`, if it is translated."""
        return pick(self.names, language) or self.id


@dataclass(frozen=True, slots=True)
class Service:
    """One watched service. `words` are its names in messages of its community, in lower case.

    `careful_words` are names that are everyday words in some languages, with these languages; `other_meanings` are
    words and phrases beside which they mean something else.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    words: tuple[str, ...]
    links: Links
    sources: tuple[Source, ...]
    symptoms: tuple[Symptom, ...]
    guides: Mapping[str, Guide]
    support_language: str = FALLBACK_LANGUAGE
    careful_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    other_meanings: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def guide(self, language: str, symptom: Symptom | None = None) -> Guide:
        """The guide in `language`, or in English if it is not translated: the symptom's own if it has one."""
        own = symptom is not None and pick(symptom.guides, language)
        guide = own or pick(self.guides, language)
        assert guide is not None, "the reader refuses a service without an English guide"
        return guide

    @property
    def symptom_of_500(self) -> Symptom | None:
        """The symptom that the guide of `/500` covers: one that people write about, without a guide of its own."""
        return next((symptom for symptom in self.symptoms if symptom.phrases and not symptom.guides), None)

    @staticmethod
    def guide_id(symptom: Symptom | None) -> str:
        """The owner of the guide that `guide` returns: the symptom's id if it has its own, else an empty string."""
        return symptom.id if symptom is not None and symptom.guides else ""

    def symptom(self, symptom_id: str | None) -> Symptom | None:
        """The symptom with this id, or None."""
        return next((symptom for symptom in self.symptoms if symptom.id == symptom_id), None)


@dataclass(frozen=True, slots=True)
class KnownService:
    """The part of a service that is needed to name and choose it."""

    id: str
    name: str
    aliases: tuple[str, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, service: Service) -> "KnownService":
        """The part of `service` that is needed to name it."""
        return cls(service.id, service.name, service.aliases, service.words)

    def answers_to(self, name: str) -> bool:
        """Whether `name`, as typed by a person, means this service."""
        wanted = name.strip().casefold()
        return wanted in {self.id, self.name.casefold(), *(a.casefold() for a in self.aliases)}


T = TypeVar("T")


def pick(by_language: Mapping[str, T], language: str) -> T | None:
    """The entry for a language: for `pt-BR` that of `pt-BR`, else `pt`, else English."""
    for tag in (language, language.partition("-")[0], FALLBACK_LANGUAGE):
        if tag in by_language:
            return by_language[tag]
    return None
