"""Cards that were drawn a moment ago, to be given again as long as there is nothing new to say.

When a service fails, many ask within the same second and hear the same; drawing is most of what an answer costs us.
"""

from collections.abc import Callable, Hashable

from bot.core.texts import Texts
from bot.discord_ui.render.layout import Card
from bot.usecases.reports.answer_help import HelpAnswer

_MOST = 1000


class CardCache:
    """Draws one kind of card, and keeps the newest for each language and place that has something of its own."""

    def __init__(self, draw: Callable[[Texts, HelpAnswer], Card]) -> None:
        self._draw = draw
        self._newest: dict[Hashable, tuple[HelpAnswer, Card]] = {}

    def card(self, texts: Texts, answer: HelpAnswer) -> Card:
        """The card for this answer. It has been stopped, and is not to be changed."""
        place = texts.language, answer.service.id, answer.tally.here, answer.tally.asker_counted, answer.thread
        before = self._newest.get(place)
        if before is not None and before[0] == answer:
            return before[1]
        if before is None and len(self._newest) >= _MOST:
            self._newest.clear()
        card = self._draw(texts, answer)
        self._newest[place] = answer, card
        return card
