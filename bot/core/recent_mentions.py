"""Evidence for a mention besides its text: recent messages in its channel, and whether others report now.

Only scores are remembered, never text, for some minutes. Messages that the bot itself prompted do not count: neither
those that follow one of its replies in a channel, nor answers to one. So the bot's own replies cannot cause an outage.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.outage_life import Phase
from bot.core.reports import MINUTE

REMEMBERED_FOR = 10 * MINUTE
STIRRED_FOR = 5 * MINUTE
"""For this long after a reply of ours, messages in its channel may be about that reply."""
_MOST_CHANNELS = 5_000
_MOST_PEOPLE = 4
_LEAST_PEOPLE, _TIMES_USUAL = 3, 2.0


class Others(StrEnum):
    """The state of other people's reports now."""

    QUIET = "quiet"
    RISING = "rising"
    """More reports than usual, not yet enough to suspect an outage."""
    SUSPECTED = "suspected"
    CERTAIN = "certain"


SUPPORT = {Others.QUIET: 0.0, Others.RISING: 0.7, Others.SUSPECTED: 1.2, Others.CERTAIN: 2.0}
"""In log-odds: how much more likely a mention is right while others report."""
FOR_EACH_PERSON = 0.4
"""The same, for another person who mentioned trouble in the channel just before."""
MOST_SUPPORT = 2.0


def others_say(phase: Phase | None, people: int, usual: float | None) -> Others:
    """The state of others' reports, from the phase of the open outage and the people in 15 minutes."""
    if phase in {Phase.ON, Phase.RECOVERING}:
        return Others.CERTAIN
    if phase is Phase.SUSPECTED:
        return Others.SUSPECTED
    if people >= _LEAST_PEOPLE and people >= _TIMES_USUAL * (usual or 0.0):
        return Others.RISING
    return Others.QUIET


@dataclass(slots=True)
class _Channel:
    replied: float | None = None
    spoke: dict[int, tuple[float, float]] = field(default_factory=dict[int, tuple[float, float]])
    """By person (a keyed hash): when they last mentioned trouble, and the probability that they did."""


class RecentMentions:
    """The last minutes of each place (a service in a channel) in which trouble was mentioned or the bot replied."""

    def __init__(self) -> None:
        self._channels: OrderedDict[Hashable, _Channel] = OrderedDict()

    def spoke(self, place: Hashable, person: int, confidence: float, now: float) -> None:
        """Record that a person mentioned trouble."""
        spoke = self._channel(place).spoke
        spoke.pop(person, None)
        spoke[person] = now, confidence
        if len(spoke) > _MOST_PEOPLE:
            del spoke[next(iter(spoke))]

    def replied(self, place: Hashable, now: float) -> None:
        """Record a reply of the bot."""
        self._channel(place).replied = now

    def not_replied(self, place: Hashable) -> None:
        """Take back the last reply, because it was not delivered."""
        self._channel(place).replied = None

    def stirred(self, place: Hashable, now: float) -> bool:
        """Whether the bot replied in this place just before."""
        channel = self._channels.get(place)
        return channel is not None and channel.replied is not None and _within(channel.replied, now, STIRRED_FOR)

    def support(self, place: Hashable, person: int, others: Others, now: float) -> float:
        """How much more likely a mention by this person is correct here and now, in log-odds."""
        channel = self._channels.get(place)
        spoke = channel.spoke.items() if channel is not None else ()
        heard = sum(confidence for one, (at, confidence) in spoke if one != person and _within(at, now, REMEMBERED_FOR))
        return min(MOST_SUPPORT, SUPPORT[others] + FOR_EACH_PERSON * heard)

    def forget(self, person: int) -> None:
        """Remove a person, as if they had written nothing."""
        for channel in self._channels.values():
            channel.spoke.pop(person, None)

    def _channel(self, place: Hashable) -> _Channel:
        channel = self._channels.setdefault(place, _Channel())
        self._channels.move_to_end(place)
        if len(self._channels) > _MOST_CHANNELS:
            self._channels.popitem(last=False)
        return channel


def _within(at: float, now: float, seconds: float) -> bool:
    return at <= now < at + seconds
