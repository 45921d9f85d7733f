"""The second stage in the decision about a message: its input, and what its result changes."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from bot.content.services import open_services
from bot.core.guild_settings import GuildSettings
from bot.core.privacy import ReporterKey
from bot.core.recent_mentions import Others, RecentMentions
from bot.core.service_names import ServiceNames
from bot.core.talk import Talk
from bot.usecases.replies.distress_guard import DistressGuard
from bot.usecases.replies.humans_first import HumansFirst
from bot.usecases.replies.judge_replies import ASKED, RuleCache
from bot.usecases.replies.notice_message import NoticeMessage, OptOutCache, Reply, Silence
from bot.usecases.replies.phrase_sets import PhraseSets
from bot.usecases.replies.read_message import IncomingMessage, ReadMessage, SecondLook
from bot.usecases.servers.configure_guild import GuildCache
from tests.resources import resources
from tests.usecases.replies.test_notice_message import DISTRESS, FakeOthers

GUILD, CHANNEL, ANN, BOB = 1, 2, 3, 4
KEY = ReporterKey(bytes(32))
CLEAR, CHAT = "is cai down for anyone else?", "good morning everyone"
SURE, NONE = 20.0, -20.0


@dataclass
class FakeSecond:
    """Says of each text what a test says, when it is let."""

    says: float | None = SURE
    available: bool = True
    asked: list[str] = field(default_factory=list[str])
    let: asyncio.Event = field(default_factory=asyncio.Event)

    async def weigh(self, text: str, first: float) -> float | None:
        self.asked.append(text)
        await self.let.wait()
        return self.says


class World:
    def __init__(self, second: FakeSecond | None, **settings: Any) -> None:
        services = open_services()
        nothing: Any = SimpleNamespace()
        self.now = 0.0
        self.guilds = GuildCache(nothing)
        self.put(**settings)
        self.talk = {service.id: Talk() for service in services}
        vocabulary = resources().vocabulary
        detectors = {s.id: vocabulary.detector(s, services) for s in services}
        finders = {s.id: vocabulary.symptom_finder(s, services) for s in services}
        names = ServiceNames({s.id: s.words for s in services})
        phrases = PhraseSets(lambda: self.now, lambda: self.now)
        self.notice = NoticeMessage(
            reader=ReadMessage(services, detectors, finders, phrases, names, second),
            talk=self.talk,
            guilds=self.guilds,
            opt_outs=OptOutCache(nothing, KEY, lambda: self.now),
            rules=RuleCache(nothing),
            humans=HumansFirst(self.guilds, lambda: self.now, asyncio.sleep),
            distress_guard=DistressGuard(DISTRESS, self.guilds, nothing, KEY, lambda: self.now),
            key=KEY,
            clock=lambda: self.now,
            recent=RecentMentions(),
            others=FakeOthers(Others.QUIET),
        )

    def put(self, **settings: Any) -> None:
        self.guilds.put(GUILD, GuildSettings(**{"channels": frozenset({CHANNEL}), **settings}))

    def people_who_talk(self) -> int:
        return sum(talk.people(self.now) for talk in self.talk.values())


def said(text: str, person: int = ANN, **more: Any) -> IncomingMessage:
    return IncomingMessage(GUILD, CHANNEL, person, text, frozenset({CHANNEL}), **more)


async def decided(world: World, message: IncomingMessage) -> Reply | Silence:
    decision = world.notice.notice(message)
    return await world.notice.look_again(decision) if isinstance(decision, SecondLook) else decision


async def test_what_may_be_a_mention_is_looked_at_again_and_ordinary_chat_is_not() -> None:
    second = FakeSecond()
    second.let.set()
    world = World(second)
    assert await decided(world, said(CHAT)) is Silence.NO_MENTION
    assert second.asked == []
    assert isinstance(await decided(world, said(CLEAR)), Reply)
    assert second.asked == [CLEAR]


async def test_its_word_is_the_last_for_the_reply_and_for_talk() -> None:
    second = FakeSecond(says=NONE)
    second.let.set()
    world = World(second)
    assert await decided(world, said(CLEAR)) is Silence.NO_MENTION
    assert world.people_who_talk() == 0
    second.says = SURE
    reply = await decided(world, said(CLEAR))
    assert isinstance(reply, Reply) and reply.mention is not None and reply.mention.looked_again
    assert world.people_who_talk() == 1


async def test_without_its_answer_the_first_stage_decides() -> None:
    second = FakeSecond(says=None)
    second.let.set()
    reply = await decided(World(second), said(CLEAR))
    assert isinstance(reply, Reply) and reply.mention is not None and not reply.mention.looked_again


async def test_while_it_rests_nobody_waits_for_it() -> None:
    second = FakeSecond(available=False)
    assert isinstance(World(second).notice.notice(said(CLEAR)), Reply)
    assert isinstance(World(None).notice.notice(said(CLEAR)), Reply)
    assert second.asked == []


async def test_a_burst_that_waits_gets_one_reply() -> None:
    second = FakeSecond()
    world = World(second)
    looks = [world.notice.notice(said(CLEAR, person)) for person in (ANN, BOB)]
    assert all(isinstance(look, SecondLook) for look in looks)
    waiting = [asyncio.create_task(world.notice.look_again(look)) for look in looks if isinstance(look, SecondLook)]
    await asyncio.sleep(0)
    second.let.set()
    first, other = await asyncio.gather(*waiting)
    assert isinstance(first, Reply) and other is Silence.CHANNEL_COOLDOWN
    assert world.people_who_talk() == 2, "each of them talks of it"


async def test_a_reply_sent_meanwhile_and_settings_changed_meanwhile_count() -> None:
    second = FakeSecond()
    world = World(second)
    waiting = asyncio.create_task(decided(world, said(CLEAR)))
    await asyncio.sleep(0)
    assert isinstance(world.notice.notice(said("", BOB, forced_rule=ASKED)), Reply), (
        "who asks the bot waits for nothing"
    )
    second.let.set()
    assert await waiting is Silence.CHANNEL_COOLDOWN
    second.let.clear()
    world.now += 10_000
    waiting = asyncio.create_task(decided(world, said(CLEAR)))
    await asyncio.sleep(0)
    world.put(channels=frozenset[int]())
    second.let.set()
    assert await waiting is Silence.OFF_HERE


async def test_own_phrases_and_what_is_not_listened_to_never_go_there() -> None:
    second = FakeSecond()
    world = World(second, phrases=("the tavern is closed",))
    assert isinstance(world.notice.notice(said("The tavern is closed!")), Reply)
    world.put(channels=frozenset[int]())
    assert world.notice.notice(said(CLEAR)) is Silence.OFF_HERE
    assert second.asked == []


async def test_a_forum_post_is_looked_at_in_the_reading_that_says_most() -> None:
    second = FakeSecond()
    second.let.set()
    world = World(second)
    assert isinstance(await decided(world, said("see the title", title="c.ai is down")), Reply)
    assert len(second.asked) == 1 and "c.ai is down" in second.asked[0]


async def test_a_trial_says_what_both_stages_say_and_changes_nothing() -> None:
    second = FakeSecond(says=NONE)
    second.let.set()
    world = World(second)
    assert not (await world.notice.try_out(said(CLEAR))).answered
    second.says = SURE
    trial = await world.notice.try_out(said(CLEAR))
    assert trial.answered and trial.match.mention is not None
    assert world.people_who_talk() == 0
    assert isinstance(await decided(world, said(CLEAR)), Reply)
