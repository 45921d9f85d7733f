"""*Wrong reply?*: misses are counted per rule and server, without any text; a rule that misses too often rests."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from bot.core.errors import StoreError
from bot.core.rule_scores import RuleScore
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.ports import RuleScores

_log = structlog.get_logger(__name__)


ASKED = "asked"
"""The rule of answers to people who mention the bot itself."""
AUTOMOD = "automod"
"""The rule of answers to what AutoMod told us."""
_MOST_HEARD = 10_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a reply that was called wrong."""

    counted: bool
    turned_off: bool


class RuleCache:
    """The scores of all rules, in memory, written through to the store."""

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
        """Whether this rule rests in this server."""
        score = self._scores.get((guild_id, rule))
        return score is not None and score.off

    def get(self, guild_id: int, rule: str) -> RuleScore:
        """One score."""
        return self._scores.get((guild_id, rule), RuleScore())

    def forget(self, guild_id: int) -> None:
        """Let go of a server's scores."""
        self._scores = {key: score for key, score in self._scores.items() if key[0] != guild_id}

    async def put(self, guild_id: int, rule: str, score: RuleScore) -> None:
        """Take in a score and keep it. Raises StoreError; it counts in memory all the same."""
        self._scores[guild_id, rule] = score
        await self._store.put(guild_id, rule, score)


class JudgeReplies:
    """Counts replies and misses."""

    def __init__(self, rules: RuleCache, replies: ReplyCache) -> None:
        self._rules = rules
        self._replies = replies
        self._heard: set[tuple[int, str, int]] = set()

    async def replied(self, guild_id: int, rule: str) -> None:
        """A rule made us answer. A count that the database cannot take stays in memory."""
        try:
            await self._rules.put(guild_id, rule, self._rules.get(guild_id, rule).replied())
        except StoreError as error:
            _log.warning("reply not counted", error=str(error))

    async def wrong(self, message_id: int, judge: int, *, moderator: bool) -> Judgement:
        """This reply was called wrong by `judge` (a user id); it is forgotten.

        Raises StoreError. A reply counts once, and so does a member for each rule: nobody turns a rule off alone,
        save moderators.
        """
        reply = self._replies.drop(message_id)
        if reply is None or reply.rule is None:
            return Judgement(counted=False, turned_off=False)
        voice = (reply.guild_id, reply.rule, judge)
        if not moderator:
            if voice in self._heard:
                return Judgement(counted=False, turned_off=False)
            if len(self._heard) >= _MOST_HEARD:
                self._heard.clear()
            self._heard.add(voice)
        before = self._rules.get(reply.guild_id, reply.rule)
        after = before.called_wrong()
        if reply.rule == ASKED:  # whoever calls the bot wants it to answer
            after = replace(after, off=False)
        await self._rules.put(reply.guild_id, reply.rule, after)
        return Judgement(counted=True, turned_off=after.off and not before.off)

    async def turn_on(self, guild_id: int) -> None:
        """Give all resting rules of a server a fresh start. Raises StoreError."""
        for rule, score in self._rules.of(guild_id).items():
            if score.off:
                await self._rules.put(guild_id, rule, replace(score, replies=0, wrong=0, off=False))
