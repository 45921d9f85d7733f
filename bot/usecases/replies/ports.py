"""Ports of the auto-replies: opt-outs, sent replies, scores of rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.recent_mentions import Others
from bot.core.rule_scores import RuleScore


class SecondStage(Protocol):
    """A slower and more exact model that checks messages which the mention detector finds likely."""

    @property
    def available(self) -> bool:
        """Whether it is available; False after a failure, until it is retried."""
        ...

    async def weigh(self, text: str, first: float) -> float | None:
        """The log-odds that the text is a mention, given the detector's; None without an answer in time.

        It takes half a second at most, and never raises.
        """
        ...


class OptOuts(Protocol):
    """People who want no auto-replies, as reporters."""

    async def all(self) -> frozenset[int]:
        """All people who opted out."""
        ...

    async def add(self, reporter: int, at: int) -> None:
        """Opt out."""
        ...

    async def delete(self, reporter: int) -> bool:
        """Opt in again. Returns whether the reporter had opted out."""
        ...


class OthersReports(Protocol):
    """Other people's reports."""

    def now(self, service_id: str, now: float) -> Others:
        """The state of their reports about a service."""
        ...


@dataclass(frozen=True, slots=True)
class PostedReply:
    """One of our auto-replies, stored so that reactions on it count even after a restart."""

    message_id: int
    channel_id: int
    guild_id: int
    service: str
    at: int
    rule: str | None = None
    """The rule that caused the answer; None for replies of old versions."""
    symptom: str | None = None
    """The symptom that the message named, if it named one."""
    clues: frozenset[str] = frozenset()
    """The clues that decided that it was a mention (`bot.core.clues`). In memory only, and empty after a restart."""


class RuleScores(Protocol):
    """How often each rule's replies were marked as wrong, per server."""

    async def all(self) -> Mapping[tuple[int, str], RuleScore]:
        """Server and rule -> score."""
        ...

    async def put(self, guild_id: int, rule: str, score: RuleScore) -> None:
        """Store a score."""
        ...


@dataclass(frozen=True, slots=True)
class RuleVote:
    """The vote of a member who marked a reply of this rule as wrong. `voter` is a keyed hash."""

    guild_id: int
    rule: str
    voter: int
    at: int


class RuleVotes(Protocol):
    """The members' votes on wrong replies, so that each counts once per rule.

    Every call raises StoreError if it fails.
    """

    async def add(self, vote: RuleVote) -> bool:
        """Store a vote; False if this member already has one for this rule."""
        ...

    async def of(self, voter: int) -> Sequence[RuleVote]:
        """All votes of one member."""
        ...

    async def purge(self, before: int) -> int:
        """Delete votes older than `before`."""
        ...


class ReplyStore(Protocol):
    """The auto-replies of the last days."""

    async def add(self, reply: PostedReply) -> None:
        """Store a reply."""
        ...

    async def since(self, at: int, most: int) -> Sequence[PostedReply]:
        """Replies after `at`, the newest `most` of them, oldest first."""
        ...

    async def purge(self, before: int) -> int:
        """Delete replies older than `before`."""
        ...
