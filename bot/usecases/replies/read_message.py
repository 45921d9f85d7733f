"""Finds the phrase, mention or symptom in a message, without deciding whether to answer."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.core.guild_settings import GuildSettings
from bot.core.mentions import Detector, Mention
from bot.core.own_phrases import phrase_rule
from bot.core.service import Counted, Service, Symptom
from bot.core.service_names import ServiceNames
from bot.core.symptom_finder import SymptomFinder
from bot.usecases.replies.phrase_sets import PhraseSets
from bot.usecases.replies.ports import SecondStage
from bot.usecases.services import Services


class IncomingMessage(NamedTuple):
    """A person's message. `text` is used for this decision only and never stored.

    The cooldown applies to `channel_id`; `places` has the ids of the channel, its parent and its category.
    `forced_rule` is the rule for messages whose text does not matter: a person mentioned the bot, or AutoMod reported
    the message. `title` is the title of a forum post, if this is its first message. `written_in` is the channel, thread
    or post itself, and `solved` is true if the post is marked as solved. `to_us` is true if it answers a message of
    ours.
    """

    guild_id: int
    channel_id: int
    author_id: int
    text: str
    places: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    forced_rule: str | None = None
    title: str = ""
    written_in: int = 0
    solved: bool = False
    to_us: bool = False

    @property
    def readings(self) -> tuple[str, ...]:
        """The texts to read. A title may be the whole question, or name the service that the text is about."""
        return (self.title, f"{self.title}\n{self.text}", self.text) if self.title else (self.text,)


class Match(NamedTuple):
    """The findings in a text. `rule` is None without any; `phrase` is the matching phrase of the server's own.

    A `symptom` that never counts is no outage: the rule says what it is instead. `lowered`: how much less the mention
    counts here because of wrong replies, in log-odds.
    """

    service: Service
    rule: str | None = None
    mention: Mention | None = None
    phrase: str | None = None
    sure: bool = False
    symptom: Symptom | None = None
    lowered: float = 0.0
    besides: "tuple[Match, ...]" = ()
    """The findings for other services that the message names."""


class SecondLook(NamedTuple):
    """A message that the second stage should check: this text, whose log-odds are `first` so far."""

    incoming: IncomingMessage
    service: Service
    text: str
    first: float


class ReadMessage:
    """Reads messages. `second` is the second stage; without it the detector decides alone.

    `detectors` and `finders` are by the id of the service.
    """

    def __init__(
        self,
        services: Services,
        detectors: Mapping[str, Detector],
        finders: Mapping[str, SymptomFinder],
        phrases: PhraseSets,
        names: ServiceNames,
        second: SecondStage | None = None,
    ) -> None:
        self._services = services
        self._detectors = detectors
        self._finders = finders
        self._phrases = phrases
        self._names = names
        self._second = second

    def read(self, incoming: IncomingMessage, settings: GuildSettings) -> Match | SecondLook:
        """The findings in the message, or the most likely text for the second stage, if it is in use."""
        meant = self._meant(incoming, settings)
        rule = self._own_rule(meant[0], incoming, settings)
        if rule is not None:
            return rule
        if self._second is None or not self._second.available:
            return _surest([self._detected(service, incoming, settings) for service in meant])
        doubts = [
            (doubt, -order, text)
            for order, service in enumerate(meant)
            for text in incoming.readings
            if (doubt := self._detectors[service.id].doubt(text)) is not None
        ]
        if not doubts:
            return _surest([self._with_symptom(incoming, Match(service)) for service in meant])
        first, order, text = max(doubts)
        return SecondLook(incoming, meant[-order], text, first)

    async def look_again(self, look: SecondLook, settings: GuildSettings) -> Match:
        """The result of the second stage, or of the detector if the second stage does not answer."""
        assert self._second is not None, "without it there is nothing to look at"
        log_odds = await self._second.weigh(look.text, look.first)
        service = look.service
        if log_odds is None:
            return self._detected(service, look.incoming, settings)
        detector = self._detectors[service.id]
        mention = detector.after_second_look(look.text, log_odds)
        found = Match(service)
        if mention is not None:
            found = Match(service, mention.kind, mention, sure=detector.replies(mention, settings.sensitivity))
        return self._with_symptom(look.incoming, found)

    def sure_with(self, mention: Mention, service_id: str, settings: GuildSettings, support: float) -> bool:
        """Whether a mention is sure enough for an answer, given other evidence for it, in log-odds."""
        return self._detectors[service_id].replies(mention, settings.sensitivity, support)

    def _meant(self, incoming: IncomingMessage, settings: GuildSettings) -> Sequence[Service]:
        """The followed services that the message names; if it names none, the server's own."""
        followed = self._services.followed_by(settings)
        if len(followed) == 1:
            return followed
        named = self._names.named(incoming.readings, [service.id for service in followed])
        return [service for service in followed if service.id in named] or followed[:1]

    def _own_rule(self, service: Service, incoming: IncomingMessage, settings: GuildSettings) -> Match | None:
        """A match that is answered regardless of the detector."""
        if incoming.forced_rule is not None:
            return Match(service, incoming.forced_rule, sure=True)
        for reading in incoming.readings:
            phrase = self._phrases.find(incoming.guild_id, settings.phrases, reading)
            if phrase is not None:
                return Match(service, phrase_rule(phrase), phrase=phrase, sure=True)
        return None

    def _detected(self, service: Service, incoming: IncomingMessage, settings: GuildSettings) -> Match:
        """The detector's result by itself, and the symptom that the message names."""
        return self._with_symptom(incoming, self._find_mention(service, incoming, settings))

    def _find_mention(self, service: Service, incoming: IncomingMessage, settings: GuildSettings) -> Match:
        detector = self._detectors[service.id]
        found = Match(service)
        for mention in filter(None, map(detector.detect, incoming.readings)):
            if detector.replies(mention, settings.sensitivity):
                return Match(service, mention.kind, mention, sure=True)
            if found.mention is None:
                found = Match(service, mention.kind, mention)
        return found

    def _with_symptom(self, incoming: IncomingMessage, match: Match) -> Match:
        """The match with the symptom that the message names. A symptom that is no outage needs no mention."""
        finder = self._finders[match.service.id]
        look = finder.find_enough if match.mention is None else finder.find
        found = next(filter(None, map(look, incoming.readings)), None)
        if found is None:
            return match
        if found.symptom.counted is not Counted.NEVER:
            return match._replace(symptom=found.symptom)
        return match._replace(rule=found.symptom.nature, sure=match.sure or found.enough, symptom=found.symptom)


def _surest(matches: Sequence[Match]) -> Match:
    """The match of the service that most likely fails, with the other matches; the first among equals."""
    best = max(matches, key=_how_sure)
    return best if len(matches) == 1 else best._replace(besides=tuple(one for one in matches if one is not best))


def _how_sure(match: Match) -> tuple[bool, bool, float]:
    return match.sure, match.rule is not None, 0.0 if match.mention is None else match.mention.confidence
