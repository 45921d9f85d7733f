"""*Wrong reply?*: a reply counts once, a member once for each rule, and three misses of a few turn a rule off."""

import pytest

from bot.core.errors import StoreError
from bot.core.rule_scores import RuleScore
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.judge_replies import ASKED, Judgement, JudgeReplies, RuleCache
from bot.usecases.replies.ports import PostedReply

GUILD, RULE = 7, "question"
COUNTED, NOTHING = Judgement(counted=True, turned_off=False), Judgement(counted=False, turned_off=False)


class Scores:
    """The store of the scores."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, str], RuleScore] = {}
        self.full = False

    async def all(self) -> dict[tuple[int, str], RuleScore]:
        return self.kept

    async def put(self, guild_id: int, rule: str, score: RuleScore) -> None:
        if self.full:
            raise StoreError("no")
        self.kept[guild_id, rule] = score


class Replies:
    """The store of the replies."""

    async def since(self, at: int, most: int) -> list[PostedReply]:
        return []

    async def add(self, reply: PostedReply) -> None:
        pass


class Bench:
    """A judge, and the replies he is shown."""

    def __init__(self) -> None:
        self.scores = Scores()
        self.rules, self.replies = RuleCache(self.scores), ReplyCache(Replies(), lambda: 0.0)
        self.judge = JudgeReplies(self.rules, self.replies)
        self.newest = 0

    async def reply(self, rule: str = RULE, guild_id: int = GUILD) -> int:
        self.newest += 1
        await self.replies.add(self.newest, 1, guild_id, "s", rule)
        await self.judge.replied(guild_id, rule)
        return self.newest


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("moderator", [True, False])
async def test_a_second_press_counts_nothing(bench: Bench, moderator: bool) -> None:
    reply = await bench.reply()
    assert await bench.judge.wrong(reply, 1, moderator=moderator) == COUNTED
    for who in (1, 2):
        assert await bench.judge.wrong(reply, who, moderator=moderator) == NOTHING
    assert bench.scores.kept == {(GUILD, RULE): RuleScore(1, 1)}


async def test_a_message_that_is_no_reply_of_ours_counts_nothing(bench: Bench) -> None:
    assert await bench.judge.wrong(12345, 1, moderator=True) == NOTHING
    assert bench.scores.kept == {}


async def test_a_member_counts_once_for_each_rule_and_a_moderator_each_time(bench: Bench) -> None:
    member = [await bench.judge.wrong(await bench.reply(), 1, moderator=False) for _ in range(3)]
    assert member == [COUNTED, NOTHING, NOTHING]
    assert await bench.judge.wrong(await bench.reply("error"), 1, moderator=False) == COUNTED
    assert await bench.judge.wrong(await bench.reply(guild_id=8), 1, moderator=False) == COUNTED
    assert await bench.judge.wrong(await bench.reply(), 2, moderator=False) == COUNTED
    assert await bench.judge.wrong(await bench.reply(), 1, moderator=True) == Judgement(counted=True, turned_off=True)


async def test_a_rule_is_said_to_turn_off_once_and_rests_in_that_server_alone(bench: Bench) -> None:
    told = [await bench.judge.wrong(await bench.reply(), 1, moderator=True) for _ in range(4)]
    assert [one.turned_off for one in told] == [False, False, True, False]
    assert bench.rules.is_off(GUILD, RULE)
    assert not bench.rules.is_off(GUILD, "error") and not bench.rules.is_off(8, RULE)
    await bench.judge.turn_on(GUILD)
    assert not bench.rules.is_off(GUILD, RULE)
    assert bench.rules.get(GUILD, RULE) == RuleScore()


async def test_turning_on_leaves_the_counts_of_rules_that_are_on(bench: Bench) -> None:
    await bench.judge.wrong(await bench.reply(), 1, moderator=True)
    await bench.judge.turn_on(GUILD)
    assert bench.rules.get(GUILD, RULE) == RuleScore(1, 1)


async def test_who_calls_the_bot_is_answered_however_often_it_was_wrong(bench: Bench) -> None:
    told = [await bench.judge.wrong(await bench.reply(ASKED), 1, moderator=True) for _ in range(5)]
    assert not any(one.turned_off for one in told) and not bench.rules.is_off(GUILD, ASKED)


async def test_a_full_disk_fails_a_miss_and_no_reply(bench: Bench) -> None:
    reply = await bench.reply()
    bench.scores.full = True
    assert await bench.reply()
    with pytest.raises(StoreError):
        await bench.judge.wrong(reply, 1, moderator=True)
    assert bench.rules.get(GUILD, RULE) == RuleScore(2, 1), "it counts in memory"


async def test_scores_are_read_at_start_and_let_go_of_with_their_server(bench: Bench) -> None:
    bench.scores.kept = {(GUILD, RULE): RuleScore(4, 3, off=True), (8, RULE): RuleScore(1, 0)}
    await bench.rules.load()
    assert bench.rules.is_off(GUILD, RULE)
    assert bench.rules.of(GUILD) == {RULE: RuleScore(4, 3, off=True)}
    bench.rules.forget(GUILD)
    assert bench.rules.of(GUILD) == {} and bench.rules.get(8, RULE) == RuleScore(1, 0)


async def test_a_reply_of_a_version_that_kept_no_rule_counts_for_none(bench: Bench) -> None:
    await bench.replies.add(1, 1, GUILD, "s", None)  # type: ignore[arg-type]  # as it comes from the store
    assert await bench.judge.wrong(1, 1, moderator=True) == NOTHING
    assert bench.scores.kept == {}
