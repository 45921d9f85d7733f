"""*Wrong reply?*: wrong replies are counted per rule, clue and server, without text.

A rule with too many wrong replies is turned off; a clue that misled counts less.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.core.clues import PREFIX, as_rule, lowered
from bot.core.errors import StoreError
from bot.core.mentions import Mention
from bot.core.privacy import ReporterKey
from bot.core.reports import DAY, is_young
from bot.core.rule_scores import RuleScore
from bot.usecases.ports import Clock, DayCounts
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.ports import RuleScores, RuleVote, RuleVotes
from bot.usecases.servers.ports import Moderators

_logger = logging.getLogger(__name__)


ASKED = "asked"
"""The rule for answers to people who mention the bot."""
AUTOMOD = "automod"
"""The rule for answers to AutoMod alerts."""
REPLY, WRONG = "reply", "wrong"
"""Keys under which replies and wrong replies are counted per day."""
VOTES_KEPT_FOR = 30 * DAY
"""Seconds after which a member's vote on a rule can count again."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of marking a reply as wrong."""

    counted: bool
    turned_off: bool


class RuleCache:
    """The scores of all rules: in memory, and written to the store."""

    def __init__(self, store: RuleScores) -> None:
        self._store = store
        self._scores: dict[tuple[int, str], RuleScore] = {}

    async def load(self) -> None:
        """Read everything at start."""
        self._scores = dict(await self._store.all())

    def of(self, guild_id: int) -> Mapping[str, RuleScore]:
        """The scores of one server, by rule."""
        return {rule: score for (guild, rule), score in self._scores.items() if guild == guild_id}

    def is_off(self, guild_id: int, rule: str) -> bool:
        """Whether this rule is turned off in this server."""
        score = self._scores.get((guild_id, rule))
        return score is not None and score.off

    def lowered(self, guild_id: int, mention: Mention, now: float) -> float:
        """How much less a mention counts here, in log-odds, because replies to such mentions were marked as wrong."""
        counted = (mention.kind, *map(as_rule, mention.clues))
        return lowered(self.get(guild_id, rule).faded(now) for rule in counted)

    def get(self, guild_id: int, rule: str) -> RuleScore:
        """One score."""
        return self._scores.get((guild_id, rule), RuleScore())

    def forget(self, guild_id: int) -> None:
        """Remove a server's scores from memory."""
        self._scores = {key: score for key, score in self._scores.items() if key[0] != guild_id}

    async def put(self, guild_id: int, rule: str, score: RuleScore) -> None:
        """Set a score and store it. It stays in memory even if this raises StoreError."""
        self._scores[guild_id, rule] = score
        await self._store.put(guild_id, rule, score)


class JudgeReplies:
    """Counts replies and wrong replies."""

    def __init__(
        self,
        rules: RuleCache,
        replies: ReplyCache,
        votes: RuleVotes,
        days: DayCounts,
        moderators: Moderators,
        key: ReporterKey,
        clock: Clock,
    ) -> None:
        self._rules = rules
        self._replies = replies
        self._votes = votes
        self._days = days
        self._moderators = moderators
        self._key = key
        self._clock = clock
        self.wrong_ones = Counter[str]()
        """Replies that were counted as wrong since the start, by service."""

    async def replied(self, guild_id: int, rule: str, clues: Iterable[str] = ()) -> None:
        """Count a reply for its rule and its clues. If the database fails, the counts stay in memory."""
        for counted in (rule, *map(as_rule, clues)):
            try:
                await self._rules.put(guild_id, counted, self._score(guild_id, counted).replied())
            except StoreError as error:
                _logger.warning("reply not counted", extra={"error": str(error)})
        await self._count(guild_id, REPLY)

    async def wrong(self, message_id: int, judge: int, *, moderator: bool) -> Judgement:
        """Count a reply that `judge` (a user id) marked as wrong, and remove it from memory.

        Raises StoreError. Each reply counts once, and each member once per rule in 30 days, so that no member can turn
        a rule off alone; young accounts do not count. Moderators can turn one off, and are notified if a rule is off.
        """
        reply = self._replies.pop(message_id)
        if reply is None or reply.rule is None:
            return Judgement(counted=False, turned_off=False)
        if not moderator and not await self._may_count(reply.guild_id, reply.rule, judge):
            return Judgement(counted=False, turned_off=False)
        self.wrong_ones[reply.service] += 1
        before = self._score(reply.guild_id, reply.rule)
        after = before.called_wrong()
        if reply.rule == ASKED:  # people who mention the bot want an answer
            after = replace(after, off=False)
        await self._rules.put(reply.guild_id, reply.rule, after)
        for clue in map(as_rule, reply.clues):
            score = self._score(reply.guild_id, clue).called_wrong()
            await self._rules.put(reply.guild_id, clue, replace(score, off=False))
        await self._count(reply.guild_id, WRONG)
        turned_off = after.off and not before.off
        if turned_off:
            await self._moderators.notify_rule_off(reply.guild_id, reply.rule)
        return Judgement(counted=True, turned_off=turned_off)

    async def dry_run(self, guild_id: int, rule: str, *, right: bool) -> bool:
        """Count a moderator's judgement of a dry-run line as a reply. Returns whether it turned the rule off.

        Raises StoreError.
        """
        before = self._score(guild_id, rule).replied()
        after = before if right or rule == ASKED else before.called_wrong()
        await self._rules.put(guild_id, rule, after)
        return after.off and not before.off

    async def turn_on(self, guild_id: int) -> None:
        """Turn on all rules of a server that are off, and reset their counts and those of the clues.

        Raises StoreError.
        """
        for rule, score in self._rules.of(guild_id).items():
            if score.off or (rule.startswith(PREFIX) and score.wrong):
                await self._rules.put(guild_id, rule, replace(score, replies=0, wrong=0, off=False))

    async def _may_count(self, guild_id: int, rule: str, judge: int) -> bool:
        now = self._clock()
        if is_young(judge, now):
            return False
        return await self._votes.add(RuleVote(guild_id, rule, self._key.voter(judge), int(now)))

    async def _count(self, guild_id: int, what: str) -> None:
        """Count it for the server's weekly card. Never raises."""
        try:
            await self._days.add(guild_id, what, int(self._clock()) // DAY)
        except StoreError as error:
            _logger.warning("daily count not stored", extra={"what": what, "error": str(error)})

    def _score(self, guild_id: int, rule: str) -> RuleScore:
        return self._rules.get(guild_id, rule).faded(self._clock())
