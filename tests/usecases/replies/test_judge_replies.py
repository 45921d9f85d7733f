"""*Wrong reply?*: a reply counts once, a member once for each rule, and three misses of a few turn a rule off."""

from dataclasses import replace

import pytest

from bot.core.errors import StoreError
from bot.core.mentions import Mention, MentionKind
from bot.core.privacy import ReporterKey
from bot.core.reports import DAY
from bot.core.rule_scores import HALVED_EVERY, RuleScore
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.judge_replies import ASKED, Judgement, JudgeReplies, RuleCache
from bot.usecases.replies.ports import PostedReply, RuleVote
from tests.usecases.fakes import Days

GUILD, RULE = 7, "question"
NOW = 1_790_000_000.0
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


class Votes:
    """The store of the votes."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, str, int], RuleVote] = {}

    async def add(self, vote: RuleVote) -> bool:
        key = vote.guild_id, vote.rule, vote.voter
        return self.kept.setdefault(key, vote) is vote


class Bench:
    """A judge, and the replies he is shown."""

    def __init__(self) -> None:
        self.scores, self.votes, self.days = Scores(), Votes(), Days()
        self.notified: list[tuple[int, str]] = []
        self.now = NOW
        self.start()
        self.newest = 0

    def start(self) -> None:
        """As after a start of the process."""
        self.rules, self.replies = RuleCache(self.scores), ReplyCache(Replies(), lambda: 0.0)
        key = ReporterKey(b"k" * 32)
        self.judge = JudgeReplies(self.rules, self.replies, self.votes, self.days, self, key, lambda: self.now)  # type: ignore[arg-type]

    async def notify_distress(self, guild_id: int, channel_id: int, message_id: int | None) -> bool:
        raise AssertionError("judging replies has nothing to do with it")

    async def notify_rule_off(self, guild_id: int, rule: str) -> bool:
        self.notified.append((guild_id, rule))
        return True

    def counts(self, rule: str = RULE, guild_id: int = GUILD) -> tuple[int, int, bool]:
        score = self.rules.get(guild_id, rule)
        return score.replies, score.wrong, score.off

    async def reply(self, rule: str = RULE, guild_id: int = GUILD, clues: frozenset[str] = frozenset()) -> int:
        self.newest += 1
        await self.replies.add(PostedReply(self.newest, 1, guild_id, "s", int(NOW), rule, clues=clues))
        await self.judge.replied(guild_id, rule, clues)
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
    assert list(bench.scores.kept) == [(GUILD, RULE)] and bench.counts() == (1, 1, False)


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
    outcomes = [await bench.judge.wrong(await bench.reply(), 1, moderator=True) for _ in range(4)]
    assert [one.turned_off for one in outcomes] == [False, False, True, False]
    assert bench.rules.is_off(GUILD, RULE)
    assert not bench.rules.is_off(GUILD, "error") and not bench.rules.is_off(8, RULE)
    await bench.judge.turn_on(GUILD)
    assert not bench.rules.is_off(GUILD, RULE)
    assert bench.counts() == (0, 0, False)


async def test_turning_on_leaves_the_counts_of_rules_that_are_on(bench: Bench) -> None:
    await bench.judge.wrong(await bench.reply(), 1, moderator=True)
    await bench.judge.turn_on(GUILD)
    assert bench.counts() == (1, 1, False)


async def test_who_calls_the_bot_is_answered_however_often_it_was_wrong(bench: Bench) -> None:
    outcomes = [await bench.judge.wrong(await bench.reply(ASKED), 1, moderator=True) for _ in range(5)]
    assert not any(one.turned_off for one in outcomes) and not bench.rules.is_off(GUILD, ASKED)


async def test_each_reply_and_each_counted_miss_is_counted_for_its_day(bench: Bench) -> None:
    replies = [await bench.reply() for _ in range(3)] + [await bench.reply(guild_id=8)]
    assert await bench.judge.wrong(replies[0], 1, moderator=False) == COUNTED
    assert await bench.judge.wrong(replies[1], 1, moderator=False) == NOTHING
    assert bench.days.of(GUILD) == {"reply": 3, "wrong": 1} and bench.days.of(8) == {"reply": 1}
    assert {day for _, _, day in bench.days.counts} == {int(NOW) // DAY}


async def test_what_a_moderator_says_of_a_dry_run_is_no_reply_of_the_day(bench: Bench) -> None:
    await bench.judge.dry_run(GUILD, RULE, right=False)
    assert bench.counts() == (1, 1, False) and bench.days.of(GUILD) == {}


async def test_a_day_that_cannot_be_counted_stops_no_reply_and_no_miss(bench: Bench) -> None:
    bench.days.fails = True
    assert await bench.judge.wrong(await bench.reply(), 1, moderator=True) == COUNTED
    assert bench.counts() == (1, 1, False)


async def test_a_full_disk_fails_a_miss_and_no_reply(bench: Bench) -> None:
    reply = await bench.reply()
    bench.scores.full = True
    assert await bench.reply()
    with pytest.raises(StoreError):
        await bench.judge.wrong(reply, 1, moderator=True)
    assert bench.counts() == (2, 1, False), "it counts in memory"


async def test_scores_are_read_at_start_and_let_go_of_with_their_server(bench: Bench) -> None:
    bench.scores.kept = {(GUILD, RULE): RuleScore(4, 3, off=True), (8, RULE): RuleScore(1, 0)}
    await bench.rules.load()
    assert bench.rules.is_off(GUILD, RULE)
    assert bench.rules.of(GUILD) == {RULE: RuleScore(4, 3, off=True)}
    bench.rules.forget(GUILD)
    assert bench.rules.of(GUILD) == {} and bench.rules.get(8, RULE) == RuleScore(1, 0)


async def test_a_reply_of_a_version_that_kept_no_rule_counts_for_none(bench: Bench) -> None:
    await bench.replies.add(PostedReply(1, 1, GUILD, "s", int(NOW), None))  # as it comes from the store
    assert await bench.judge.wrong(1, 1, moderator=True) == NOTHING
    assert bench.scores.kept == {}


async def test_one_member_over_three_restarts_turns_no_rule_off(bench: Bench) -> None:
    for _ in range(4):
        await bench.judge.wrong(await bench.reply(), 1, moderator=False)
        bench.start()
        await bench.rules.load()
    assert bench.counts()[1:] == (1, False)
    assert all(vote.voter != 1 for vote in bench.votes.kept.values()), "votes are kept as hashes"


async def test_young_accounts_do_not_count(bench: Bench) -> None:
    made = int((bench.now - 2 * DAY - 1_420_070_400) * 1000) << 22
    for number in range(5):
        assert await bench.judge.wrong(await bench.reply(), made + number, moderator=False) == NOTHING
    assert bench.counts() == (5, 0, False) and bench.votes.kept == {}
    assert await bench.judge.wrong(await bench.reply(), made, moderator=True) == COUNTED


async def test_old_misses_fade(bench: Bench) -> None:
    for member in (1, 2):
        await bench.judge.wrong(await bench.reply(), member, moderator=False)
    bench.now += 2 * HALVED_EVERY
    assert await bench.judge.wrong(await bench.reply(), 3, moderator=False) == COUNTED
    assert bench.counts() == (1, 1, False)


async def test_moderators_are_told_once_that_a_rule_is_off(bench: Bench) -> None:
    for member in range(1, 6):
        await bench.judge.wrong(await bench.reply(), member, moderator=False)
    assert bench.notified == [(GUILD, RULE)] and bench.rules.is_off(GUILD, RULE)
    await bench.judge.turn_on(GUILD)
    for member in range(1, 6):
        assert await bench.judge.wrong(await bench.reply(), member, moderator=False) == NOTHING
    assert not bench.rules.is_off(GUILD, RULE), "the same members do not turn it off again"


MENTION = Mention(MentionKind.QUESTION, 0.99, "c.ai down", clues=frozenset({"fails", "others"}))


async def test_clues_that_misled_count_less_in_that_server_and_not_in_another(bench: Bench) -> None:
    for _ in range(3):
        await bench.judge.wrong(await bench.reply("error", clues=frozenset({"fails"})), 1, moderator=True)
    assert bench.rules.lowered(GUILD, MENTION, bench.now) > 1
    assert bench.rules.lowered(8, MENTION, bench.now) == 0
    elsewhere = replace(MENTION, clues=frozenset({"others"}))
    assert bench.rules.lowered(GUILD, elsewhere, bench.now) == 0


async def test_a_clue_never_turns_itself_off_and_is_forgiven_with_the_rules(bench: Bench) -> None:
    for _ in range(5):
        await bench.judge.wrong(await bench.reply(clues=frozenset({"fails"})), 1, moderator=True)
    assert not bench.rules.is_off(GUILD, "clue:fails")
    assert bench.rules.lowered(GUILD, MENTION, bench.now) > 0
    await bench.judge.turn_on(GUILD)
    assert bench.rules.lowered(GUILD, MENTION, bench.now) == 0


async def test_wrong_replies_of_long_ago_no_longer_count_against_a_clue(bench: Bench) -> None:
    for _ in range(3):
        await bench.judge.wrong(await bench.reply("error", clues=frozenset({"fails"})), 1, moderator=True)
    assert bench.rules.lowered(GUILD, MENTION, bench.now + 2 * HALVED_EVERY) == 0


async def test_a_member_lowers_a_clue_once(bench: Bench) -> None:
    for _ in range(5):
        await bench.judge.wrong(await bench.reply(clues=frozenset({"fails"})), 1, moderator=False)
    assert bench.rules.get(GUILD, "clue:fails") == RuleScore(5, 1, off=False, since=int(bench.now))
    assert bench.rules.lowered(GUILD, MENTION, bench.now) == 0


async def test_what_moderators_say_of_a_dry_run_counts_as_replies_do(bench: Bench) -> None:
    assert not await bench.judge.dry_run(GUILD, RULE, right=True)
    assert not await bench.judge.dry_run(GUILD, RULE, right=False)
    assert not await bench.judge.dry_run(GUILD, RULE, right=False)
    score = bench.scores.kept[GUILD, RULE]
    assert (score.replies, score.wrong, score.off) == (3, 2, False)
    assert await bench.judge.dry_run(GUILD, RULE, right=False), "three of four are too many"
    assert not await bench.judge.dry_run(GUILD, RULE, right=False), "it is off already"
    for _ in range(4):
        assert not await bench.judge.dry_run(GUILD, ASKED, right=False)
