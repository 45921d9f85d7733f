"""Caches the most recent cards, and reuses them as long as nothing has changed.

When a service fails, many people ask within the same second and get the same card. Building it is most of the cost of
an answer.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from bot.core.reports import MINUTE
from bot.core.service import Service, Symptom
from bot.core.texts import Texts
from bot.discord_ui.render.layout import Card
from bot.usecases.reports.answer_help import HelpAnswer

_MOST = 1000
T = TypeVar("T")


class CardCache:
    """Builds one kind of card, and keeps the newest for each language, symptom and place with a card of its own."""

    def __init__(self, draw: Callable[[Texts, HelpAnswer, Symptom | None], Card]) -> None:
        self._draw = draw
        self._newest: dict[Hashable, tuple[HelpAnswer, Card]] = {}

    def card(self, texts: Texts, answer: HelpAnswer, symptom: Symptom | None = None) -> Card:
        """The card for this answer. Its view is already stopped, and it must not be changed."""
        about = answer.service.id, symptom and symptom.id
        place = texts.language, about, answer.tally.here, answer.tally.asker_counted, answer.thread
        before = self._newest.get(place)
        # A card states its time, so it is used for a minute at most.
        if before is not None and before[0] == answer and before[0].at // MINUTE == answer.at // MINUTE:
            return before[1]
        if before is None and len(self._newest) >= _MOST:
            self._newest.clear()
        card = self._draw(texts, answer, symptom)
        self._newest[place] = answer, card
        return card


class PartCache(Generic[T]):
    """Builds a part that is the same in all cards of one language and service, and keeps it for the next card."""

    def __init__(self, draw: Callable[[Texts, Service], T]) -> None:
        self._draw = draw
        self._kept: dict[tuple[str, str], tuple[Service, T]] = {}

    def part(self, texts: Texts, service: Service) -> T:
        """The part for this language and service."""
        key = texts.language, service.id
        kept = self._kept.get(key)
        if kept is None or kept[0] is not service:  # the service's files have changed
            kept = self._kept[key] = service, self._draw(texts, service)
        return kept[1]
