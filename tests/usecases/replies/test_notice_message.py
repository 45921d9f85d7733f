"""Auto-replies: whom the operator told the bot to leave alone gets none."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from bot.content.distress_words import read_distress
from bot.content.services import read_services
from bot.content.words import Vocabulary
from bot.core.guild_settings import GuildSettings
from bot.core.privacy import ReporterKey
from bot.core.talk import Talk
from bot.usecases.replies.care import Care
from bot.usecases.replies.humans_first import HumansFirst
from bot.usecases.replies.judge_replies import ASKED, AUTOMOD, RuleCache
from bot.usecases.replies.notice_message import Heard, NoticeMessage, OptOutCache, Reply, Silence
from bot.usecases.replies.phrase_sets import PhraseSets
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

GUILD, CHANNEL, PERSON, ROLE = 1, 2, 3, 4
KEY = ReporterKey(bytes(32))
DISTRESS = read_distress()


def notice(
    ignored: frozenset[int] = frozenset(),
    clock: Callable[[], float] = lambda: 0.0,
    talk: dict[str, Talk] | None = None,
) -> NoticeMessage:
    services = Services(read_services())
    nothing: Any = SimpleNamespace()
    guilds = GuildCache(nothing)
    guilds.put(GUILD, GuildSettings(channels=frozenset({CHANNEL})))
    vocabulary = Vocabulary.read()
    return NoticeMessage(
        services=services,
        detectors={s.id: vocabulary.detector(s, services) for s in services},
        finders={s.id: vocabulary.symptom_finder(s, services) for s in services},
        talk=talk or {service.id: Talk() for service in services},
        guilds=guilds,
        opt_outs=OptOutCache(nothing, KEY, clock),
        rules=RuleCache(nothing),
        phrases=PhraseSets(clock, clock),
        humans=HumansFirst(guilds, clock, asyncio.sleep),
        care=Care(DISTRESS, guilds, nothing, KEY, clock),
        key=KEY,
        clock=clock,
        ignored=ignored,
    )


@pytest.mark.parametrize("one", [GUILD, CHANNEL, PERSON, ROLE])
def test_ids_that_the_operator_ignores_get_no_reply(one: int) -> None:
    heard = Heard(GUILD, CHANNEL, PERSON, "is cai down?", frozenset({CHANNEL}), frozenset({ROLE}))
    assert isinstance(notice(frozenset()).notice(heard), Reply)
    assert notice(frozenset({one})).notice(heard) is Silence.IGNORED
    assert isinstance(notice(frozenset({99})).notice(heard), Reply)


def said(text: str, person: int = PERSON) -> Heard:
    return Heard(GUILD, CHANNEL, person, text, frozenset({CHANNEL}))


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
        listening.notice(said(text, person))
    assert talk.people(0.0) == 0
    listening.notice(said("c.ai is down", 20))
    for person in (21, 22):
        listening.notice(said("c.ai won't let me log in", person))
    assert talk.people(0.0) == 1
    listening.notice(said("c.ai won't let me log in either", 23))
    assert talk.people(0.0) == 4


@pytest.mark.parametrize(
    "text", ["can a mod turn on slow mode here", "my discord account got banned", "i reached my limit, good night"]
)
def test_limits_and_accounts_of_others_are_not_answered(text: str) -> None:
    assert notice(frozenset()).notice(said(text)) is Silence.NO_MENTION


def heard(text: str, **more: Any) -> Heard:
    return Heard(GUILD, CHANNEL, PERSON, text, frozenset({CHANNEL}), written_in=CHANNEL, **more)


def test_a_solved_post_is_left_alone_unless_the_bot_is_asked() -> None:
    assert notice().notice(heard("is cai down?", solved=True)) is Silence.SOLVED
    assert isinstance(notice().notice(heard("hello", solved=True, ear=ASKED)), Reply)


@pytest.mark.parametrize(
    "more",
    [
        {"text": "cai is down and i want to die"},
        {"text": "i want to die", "ear": ASKED},
        {"text": "i want to die", "ear": AUTOMOD},
        {"text": "i want to die", "title": "cai is down"},
        {"text": "please help", "title": "cai is down and i want to die"},
        {"text": "is cai down for anyone? i want to die"},
    ],
)
def test_distress_comes_before_everything_that_would_be_answered(more: dict[str, Any]) -> None:
    bot = notice()
    assert bot.notice(heard(**more)) is Silence.DISTRESS
    assert Silence.DISTRESS in bot.try_out(heard(**more)).stops
    assert bot.notice(heard("is cai down?")) is Silence.DISTRESS, "they are left alone for a while"


def test_what_would_not_be_answered_is_not_searched_for_distress() -> None:
    bot = notice()
    assert bot.notice(heard("i want to die")) is Silence.NO_MENTION
    assert isinstance(bot.notice(heard("is cai down?")), Reply)
