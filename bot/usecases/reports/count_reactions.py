"""Reactions on our auto-replies: a reaction is a report, and taking it back withdraws the report that it made."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.core.reactions import MOST_REMEMBERED, StandingReactions
from bot.core.reports import Report
from bot.core.service import Service
from bot.usecases.ports import Clock
from bot.usecases.reports.record_report import Outcome, RecordReport

_KEPT_WITHIN = 0.25
"""Seconds. A reaction needs no answer, so its write can share a commit with others."""


class SentReply(Protocol):
    """An auto-reply that people react to."""

    @property
    def message_id(self) -> int:
        """The message's id."""
        ...

    @property
    def guild_id(self) -> int:
        """Its server."""
        ...

    @property
    def at(self) -> int:
        """When it was sent (epoch seconds)."""
        ...


async def _nothing_else() -> bool:
    return False


class CountReactions:
    """Remembers which report a person's reactions on a reply made.

    A moderator who clears an old reaction must not withdraw a later report of that person, perhaps from another server.
    For a reaction from before our start the report is unknown. It can only be one from the reply's server, made after
    the reply and before our start.
    """

    def __init__(self, record: RecordReport, clock: Clock) -> None:
        self._record = record
        self._standing = StandingReactions()
        self._made: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._since = clock()

    async def added(self, service: Service, reply: SentReply, user_id: int, emoji: str) -> None:
        """Count a person's reaction. Raises StoreError if the report could not be stored."""
        self._standing.add(reply.message_id, user_id, emoji)
        outcome, report = await self._record.make(service, user_id, reply.guild_id, within=_KEPT_WITHIN)
        if outcome is Outcome.COUNTED:
            self._made[reply.message_id, user_id] = report.id
            while len(self._made) > MOST_REMEMBERED:
                self._made.popitem(last=False)

    async def removed(
        self,
        service: Service,
        reply: SentReply,
        user_id: int,
        emoji: str,
        another: Callable[[], Awaitable[bool]] = _nothing_else,
    ) -> None:
        """Handle a removed reaction. Removing a person's last one withdraws their report. Raises StoreError.

        `another` checks whether the reply has another counting reaction of this person. It is only called if that
        matters and their reactions are unknown, because they were made before our start.
        """
        person = reply.message_id, user_id
        seen = self._standing.knows(*person)
        if not self._standing.remove(*person, emoji):
            return
        if not seen and self._record.may_withdraw(service, user_id) and await another():
            return

        def made_by_it(report: Report) -> bool:
            if seen:
                return self._made.get(person) == report.id
            return report.guild_id == reply.guild_id and reply.at <= report.at < self._since

        await self._record.withdraw(service, user_id, made_by_it)

    async def cleared(self, service: Service, reply: SentReply, emoji: str | None = None) -> None:
        """Handle that a moderator cleared all reactions on a reply, or those of one emoji. Raises StoreError."""
        for user_id, one in self._standing.on_message(reply.message_id, emoji):
            await self.removed(service, reply, user_id, one)
