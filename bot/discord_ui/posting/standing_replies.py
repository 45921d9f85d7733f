"""The content that each existing auto-reply should show, and whether it shows it.

During an outage a channel has many replies at once. The newest one of each service there is live: it is updated for an
hour, because Discord allows few edits of older messages. All others are frozen: they state the time of their count.
When the trouble is over, replies that mentioned it say so. After a restart the content of a reply is unknown, so
replies that may mention an outage are edited once.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterator
from enum import IntEnum
from typing import NamedTuple

from bot.core.outage_life import Outage, Phase
from bot.core.reports import HOUR
from bot.core.service import Counted
from bot.usecases.outages.cache import OutageCache
from bot.usecases.ports import Clock
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.ports import PostedReply
from bot.usecases.reports.answer_help import AnswerHelp, HelpAnswer
from bot.usecases.services import Services

LIVE_FOR = HOUR
FOLLOWED_FOR = 12 * HOUR
MOST_FOLLOWED = 1000
MOST_LIVE = 200
"""The number of replies that can be edited between two checks, because in an outage the count changes all the time."""

_BATCH = 100
"""Replies that are checked before other tasks can run."""


class Form(IntEnum):
    """How a reply shows the state; the most urgent edits first."""

    ENDED = 1
    """The service looks back to normal, with the time."""
    FROZEN = 2
    """With the time of the count."""
    LIVE = 3


class Shown(NamedTuple):
    """The content of a reply. If `facts` are also equal, no edit is needed."""

    form: Form
    trouble: bool
    facts: Hashable = None


class Due(NamedTuple):
    """A reply whose content should change."""

    reply: PostedReply
    answer: HelpAnswer
    shown: Shown


def shown_by(answer: HelpAnswer, *, live: bool) -> Shown:
    """The content of a card made from this answer."""
    if answer.back is not None:
        return Shown(Form.ENDED, trouble=False, facts=answer.back.id)
    trouble = answer.verdict.trouble
    if not live:
        return Shown(Form.FROZEN, trouble)
    tally = answer.tally
    usual = None if tally.usual is None else round(tally.usual, 1)
    faded = answer.outage and (answer.outage.faded, tuple(answer.outage.still))
    facts = (answer.verdict.word, tally.everywhere.quarter, tally.servers, usual, answer.thread, faded, answer.too)
    return Shown(Form.LIVE, trouble, facts)


class StandingReplies:
    """The replies of the last hours in the servers that this process `owns`."""

    def __init__(
        self,
        cache: ReplyCache,
        services: Services,
        answers: AnswerHelp,
        outages: OutageCache,
        clock: Clock,
        *,
        owns: Callable[[int], bool] = lambda _guild: True,
    ) -> None:
        self._cache = cache
        self._services = services
        self._answers = answers
        self._outages = outages
        self._clock = clock
        self._owns = owns
        self._shown: dict[int, Shown] = {}
        self._live: set[int] = set()
        self._newest: dict[tuple[int, str], int] = {}
        self._refused: set[int] = set()

    @property
    def crowded(self) -> bool:
        """Whether there are so many live replies that a further one should be sent frozen."""
        return len(self._live) >= MOST_LIVE

    def may_change(self, reply: PostedReply) -> bool:
        """Whether this reply shows the state; a reply that says that it is no outage never changes."""
        if reply.service not in self._services:
            return False
        symptom = self._services.get(reply.service).symptom(reply.symptom)
        return symptom is None or symptom.counted is not Counted.NEVER

    def sent(self, reply: PostedReply, shown: Shown) -> int | None:
        """Record a new reply. Returns the reply about the service in its channel that was live until now, if any."""
        self._shown[reply.message_id] = shown
        place = reply.channel_id, reply.service
        before = self._newest.get(place)
        self._newest[place] = reply.message_id
        if shown.form is not Form.FROZEN:
            self._live.add(reply.message_id)
        if before is None or before not in self._live:
            return None
        self._live.discard(before)
        return before

    def edited(self, message_id: int, shown: Shown) -> None:
        """Record the current content of a reply."""
        self._shown[message_id] = shown

    def refused(self, message_id: int) -> None:
        """Record that Discord will never accept an edit of this reply."""
        self._refused.add(message_id)

    async def find(self) -> dict[int, Form]:
        """All replies whose content should change: message id -> how they should show the state."""
        replies = self._followed()
        self._forget_others({reply.message_id for reply in replies})
        due = dict[int, Form]()
        for number, reply in enumerate(replies):
            if number % _BATCH == 0:
                await asyncio.sleep(0)
            if (one := self._due(reply)) is not None:
                due[reply.message_id] = one.shown.form
        return due

    def due(self, message_id: int) -> Due | None:
        """The content that this reply should show; None if it already shows it."""
        reply = self._cache.get(message_id)
        return None if reply is None or not self._is_followed(reply) else self._due(reply)

    def _followed(self) -> list[PostedReply]:
        """The followed replies, newest first; the first of each service in a channel is live."""
        now, newest, live = self._clock(), dict[tuple[int, str], int](), set[int]()
        replies = [reply for reply in self._cache.newest(MOST_FOLLOWED) if self._is_followed(reply)]
        for reply in replies:
            first = newest.setdefault((reply.channel_id, reply.service), reply.message_id) == reply.message_id
            shown = self._shown.get(reply.message_id)
            frozen = shown is not None and shown.form is Form.FROZEN  # and stays so
            if first and not frozen and now - reply.at < LIVE_FOR and len(live) < MOST_LIVE:
                live.add(reply.message_id)
        self._newest, self._live = newest, live
        return replies

    def _is_followed(self, reply: PostedReply) -> bool:
        if self._clock() - reply.at >= FOLLOWED_FOR or not self.may_change(reply):
            return False
        return reply.message_id not in self._refused and self._owns(reply.guild_id)

    def _forget_others(self, followed: set[int]) -> None:
        self._shown = {message_id: shown for message_id, shown in self._shown.items() if message_id in followed}
        self._refused = {message_id for message_id in self._refused if self._cache.get(message_id) is not None}

    def _due(self, reply: PostedReply) -> Due | None:
        before = self._shown.get(reply.message_id)
        answer = self._wanted_answer(reply, before)
        if answer is None:
            return None
        shown = shown_by(answer, live=reply.message_id in self._live)
        return None if shown == before else Due(reply, answer, shown)

    def _wanted_answer(self, reply: PostedReply, before: Shown | None) -> HelpAnswer | None:
        """The answer that it should show; None if it stays unchanged."""
        service = self._services.get(reply.service)
        outage = next(self._outages_of(reply), None)
        over = outage is not None and outage.phase in {Phase.RECOVERING, Phase.OVER}
        if outage is not None and over and (before is None or before.trouble or before.form is Form.ENDED):
            return self._answers.answer_of(service, outage, reply.guild_id)
        answer = self._answers.answer(service, reply.guild_id)
        if reply.message_id in self._live:
            return answer
        if before is None:
            return answer if outage is not None and not over else None
        trouble = answer.verdict.trouble
        relapsed = before.form is Form.ENDED and trouble and outage is not None
        passed = before.form is Form.FROZEN and before.trouble and not trouble and answer.outage is None
        return answer if before.form is Form.LIVE or relapsed or passed else None

    def _outages_of(self, reply: PostedReply) -> Iterator[Outage]:
        """The outages that it may mention, newest first: it was sent during one, or was live when one began."""
        for outage in self._outages.recent(reply.service):
            before_it = reply.at < outage.began - LIVE_FOR
            after_it = outage.phase is Phase.OVER and reply.at > outage.seen
            if not before_it and not after_it:
                yield outage
