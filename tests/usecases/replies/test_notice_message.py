"""Auto-replies: which messages are answered or counted, and for which service."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from benchmarks.mentions.lines import HELD_OUT, read_lines
from bot.content.services import open_services, read_services
from bot.core.guild_settings import GuildSettings
from bot.core.privacy import ReporterKey
from bot.core.recent_mentions import STIRRED_FOR, Others, RecentMentions
from bot.core.service_names import ServiceNames
from bot.core.talk import Talk
from bot.usecases.replies.distress_guard import DistressGuard
from bot.usecases.replies.humans_first import HumansFirst
from bot.usecases.replies.judge_replies import ASKED, AUTOMOD, RuleCache
from bot.usecases.replies.notice_message import NoticeMessage, OptOutCache, Reply, Silence
from bot.usecases.replies.phrase_sets import PhraseSets
from bot.usecases.replies.read_message import IncomingMessage, ReadMessage
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services
from tests.resources import resources
from tests.usecases.fakes import a_service

GUILD, CHANNEL, PERSON, ROLE = 1, 2, 3, 4
KEY = ReporterKey(bytes(32))
DISTRESS = resources().distress
ALONE = open_services()


class FakeOthers:
    """What others report, as the test says."""

    def __init__(self, says: Others) -> None:
        self.says = says

    def now(self, service_id: str, now: float) -> Others:
        """What others say."""
        return self.says


def notice(
    ignored: frozenset[int] = frozenset(),
    clock: Callable[[], float] = lambda: 0.0,
    talk: dict[str, Talk] | None = None,
    others: Others = Others.QUIET,
    services: Services = ALONE,
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> NoticeMessage:
    nothing: Any = SimpleNamespace()
    guilds = GuildCache(nothing)
    guilds.put(GUILD, GuildSettings(channels=frozenset({CHANNEL}), **settings))
    vocabulary = resources().vocabulary
    detectors = {s.id: vocabulary.detector(s, services) for s in services}
    finders = {s.id: vocabulary.symptom_finder(s, services) for s in services}
    names = ServiceNames({s.id: s.words for s in services})
    return NoticeMessage(
        reader=ReadMessage(services, detectors, finders, PhraseSets(clock, clock), names),
        talk=talk or {service.id: Talk() for service in services},
        guilds=guilds,
        opt_outs=OptOutCache(nothing, KEY, clock),
        rules=RuleCache(nothing),
        humans=HumansFirst(guilds, clock, asyncio.sleep),
        distress_guard=DistressGuard(DISTRESS, guilds, nothing, KEY, clock),
        key=KEY,
        clock=clock,
        recent=RecentMentions(),
        others=FakeOthers(others),
        ignored=ignored,
    )


@pytest.mark.parametrize("one", [GUILD, CHANNEL, PERSON, ROLE])
def test_ids_that_the_operator_ignores_get_no_reply(one: int) -> None:
    message = IncomingMessage(GUILD, CHANNEL, PERSON, "is cai down?", frozenset({CHANNEL}), frozenset({ROLE}))
    assert isinstance(notice(frozenset()).notice(message), Reply)
    assert notice(frozenset({one})).notice(message) is Silence.IGNORED
    assert isinstance(notice(frozenset({99})).notice(message), Reply)


def said(text: str, person: int = PERSON, *, thread: int = CHANNEL, to_us: bool = False) -> IncomingMessage:
    return IncomingMessage(GUILD, thread, person, text, frozenset({CHANNEL}), to_us=to_us)


@pytest.mark.parametrize(
    ("text", "symptom", "rule"),
    [
        ("is cai down?", None, "question"),
        ("C.AI won't let me LOG IN, is it down?", "login", "login"),
        ("c.ai is down, 502 bad gateway", "gateway", "error"),
        ("c.ai put me in slow mode again", "limit", "limit"),
        ("my c.ai chats are read only now", "account", "account"),
        ("Sometimes the AI generates a reply that doesn't meet our guidelines", "filter", "filter"),
    ],
)
def test_the_answer_is_about_the_symptom_that_the_message_names(text: str, symptom: str | None, rule: str) -> None:
    reply = notice(frozenset()).notice(said(text))
    assert isinstance(reply, Reply)
    assert (reply.symptom and reply.symptom.id, reply.rule) == (symptom, rule)


def test_what_is_no_outage_is_no_talk_and_what_many_must_have_is_talk_of_many() -> None:
    talk = Talk()
    listening = notice(frozenset(), talk={"character-ai": talk})
    for person, text in enumerate(("chats are read only now", "c.ai put me in slow mode", "c.ai down, slow mode?"), 10):
        listening.notice(said(text, person, thread=person))
    assert talk.people(0.0) == 0
    listening.notice(said("c.ai is down", 20, thread=20))
    for person in (21, 22):
        listening.notice(said("c.ai won't let me log in", person, thread=person))
    assert talk.people(0.0) == 1
    listening.notice(said("c.ai won't let me log in either", 23, thread=23))
    assert talk.people(0.0) == 4


@pytest.mark.parametrize(
    "text", ["can a mod turn on slow mode here", "my discord account got banned", "i reached my limit, good night"]
)
def test_limits_and_accounts_of_others_are_not_answered(text: str) -> None:
    assert notice(frozenset()).notice(said(text)) is Silence.NO_MENTION


def incoming(text: str, **more: Any) -> IncomingMessage:
    return IncomingMessage(GUILD, CHANNEL, PERSON, text, frozenset({CHANNEL}), written_in=CHANNEL, **more)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("is cai down? i get error 500", True),
        ("nevermind, it works again", False),
        ("is cai down? i want to die", False),
        ("", False),
    ],
)
def test_a_message_that_was_edited_still_asks_if_its_new_words_do(text: str, asks: bool) -> None:
    noticing = notice()
    assert isinstance(noticing.notice(incoming("is cai down?")), Reply)
    assert noticing.still_asks(incoming(text)) is asks, "whatever the pauses say"


def test_a_solved_post_is_left_alone_unless_the_bot_is_asked() -> None:
    assert notice().notice(incoming("is cai down?", solved=True)) is Silence.SOLVED
    assert isinstance(notice().notice(incoming("hello", solved=True, forced_rule=ASKED)), Reply)


@pytest.mark.parametrize(
    "more",
    [
        {"text": "cai is down and i want to die"},
        {"text": "i want to die", "forced_rule": ASKED},
        {"text": "i want to die", "forced_rule": AUTOMOD},
        {"text": "i want to die", "title": "cai is down"},
        {"text": "please help", "title": "cai is down and i want to die"},
        {"text": "is cai down for anyone? i want to die"},
    ],
)
async def test_distress_comes_before_everything_that_would_be_answered(more: dict[str, Any]) -> None:
    bot = notice()
    assert bot.notice(incoming(**more)) is Silence.DISTRESS
    assert Silence.DISTRESS in (await bot.try_out(incoming(**more))).stops
    assert bot.notice(incoming("is cai down?")) is Silence.DISTRESS, "they are left alone for a while"


def test_what_would_not_be_answered_is_not_searched_for_distress() -> None:
    bot = notice()
    assert bot.notice(incoming("i want to die")) is Silence.NO_MENTION
    assert isinstance(bot.notice(incoming("is cai down?")), Reply)


def unsure() -> str:
    """The held-out report of which the detector is nearly sure enough to answer it."""
    service = read_services()[0]
    detector = resources().vocabulary.detector(service)
    found = [(m, line.text) for line in read_lines(HELD_OUT) if line.mention and (m := detector.detect(line.text))]
    return max((mention.confidence, text) for mention, text in found if not detector.replies(mention))[1]


def test_what_is_not_clear_by_itself_is_answered_only_while_others_report() -> None:
    assert notice(frozenset()).notice(said(unsure())) is Silence.UNSURE
    assert isinstance(notice(frozenset(), others=Others.CERTAIN).notice(said(unsure())), Reply)


def test_what_answers_us_or_follows_a_reply_of_ours_is_no_talk_of_trouble() -> None:
    time, talk = [1000.0], Talk()
    hears = notice(frozenset(), lambda: time[0], {"character-ai": talk})
    assert isinstance(hears.notice(said("is cai down?")), Reply)
    assert talk.people(time[0]) == 1, "the message before our reply is talk"
    hears.notice(said("cai is down for me, too", PERSON + 1))
    assert talk.people(time[0]) == 1
    time[0] += STIRRED_FOR
    hears.notice(said("cai is down for me, too", PERSON + 2, to_us=True))
    assert talk.people(time[0]) == 1
    time[0] += STIRRED_FOR
    hears.notice(said("cai is down for me, too", PERSON + 3))
    assert talk.people(time[0]) == 2


def test_what_follows_a_reply_that_did_not_arrive_is_talk() -> None:
    talk = Talk()
    hears = notice(talk={"character-ai": talk})
    first = said("is cai down?")
    reply = hears.notice(first)
    assert isinstance(reply, Reply)
    hears.not_sent(first, reply)
    hears.notice(said("cai is down for me, too", PERSON + 1))
    assert talk.people(0) == 2


def test_what_we_stirred_up_needs_to_be_clear_by_itself() -> None:
    hears = notice(frozenset(), others=Others.CERTAIN)
    assert hears.notice(said(unsure(), to_us=True)) is Silence.UNSURE


async def test_what_was_called_wrong_here_must_be_clearer_to_be_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    unclear = "anyone else having trouble with cai"
    listening = notice()
    trial = await listening.try_out(said(unclear))
    assert trial.answered and trial.match.mention is not None
    monkeypatch.setattr(RuleCache, "lowered", lambda *_: 3.0)
    trial = await listening.try_out(said(unclear))
    assert trial.stops == (Silence.UNSURE,) and trial.match.lowered == 3
    assert listening.notice(said(unclear)) is Silence.UNSURE
    assert isinstance(listening.notice(said("c.ai is down, error 500 for everyone")), Reply), "this is clear by itself"


CLAUDE = replace(a_service("claude"), words=("claude",))
GPT = replace(a_service("gpt"), words=("chatgpt",))
SEVERAL = Services([*ALONE, CLAUDE, GPT])


def several(talk: dict[str, Talk] | None = None, **more: Any) -> NoticeMessage:
    """A server that follows Character.AI, which is its own, and Claude; not ChatGPT."""
    return notice(talk=talk, services=SEVERAL, settings={"more_services": frozenset({"claude"}), **more})


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("502 bad gateway for anyone else?", "character-ai"),
        ("is cai down for anyone else?", "character-ai"),
        ("is claude down for anyone else?", "claude"),
        ("claude is down again, 502 bad gateway", "claude"),
        ("internal server error on claude", "claude"),
    ],
)
def test_a_message_is_about_the_service_that_it_names_or_else_the_servers_own(text: str, service: str) -> None:
    reply = several().notice(said(text))
    assert isinstance(reply, Reply)
    assert reply.service.id == service


def test_a_service_that_the_server_does_not_follow_is_not_answered_for() -> None:
    assert several().notice(said("chatgpt is down")) in {Silence.NO_MENTION, Silence.UNSURE}
    assert notice(services=SEVERAL).notice(said("claude is down")) in {Silence.NO_MENTION, Silence.UNSURE}


def test_services_that_fail_at_once_are_answered_and_counted_for_each_by_itself() -> None:
    talk = {one.id: Talk() for one in SEVERAL}
    bot = several(talk=talk)
    first, second = bot.notice(said("cai is down", 10)), bot.notice(said("claude is down", 11))
    assert isinstance(first, Reply) and isinstance(second, Reply)
    assert (first.service.id, second.service.id) == ("character-ai", "claude")
    assert bot.notice(said("is claude down?", 12)) is Silence.CHANNEL_COOLDOWN
    bot.not_sent(said("claude is down", 11), second)
    assert isinstance(bot.notice(said("is claude down?", 13)), Reply)
    assert bot.notice(said("is cai down?", 14)) is Silence.CHANNEL_COOLDOWN
    assert [talk[one].people(0.0) for one in ("character-ai", "claude", "gpt")] == [1, 2, 0], (
        "what follows a reply is not talk"
    )


def test_who_asks_the_bot_about_a_service_gets_that_one() -> None:
    reply = several().notice(incoming("<@1> claude?", forced_rule=ASKED))
    assert isinstance(reply, Reply) and reply.service.id == "claude"
    reply = several(phrases=("it ate my chat",)).notice(said("claude: it ate my chat"))
    assert isinstance(reply, Reply) and reply.service.id == "claude"


def test_both_that_fail_are_talked_of_and_the_surest_is_answered_for() -> None:
    talk = {one.id: Talk() for one in SEVERAL}
    reply = several(talk=talk).notice(said("c.ai is down and claude keeps giving me a 502 bad gateway"))
    assert [talk[one].people(0.0) for one in ("character-ai", "claude")] == [1, 1]
    assert isinstance(reply, Reply)
