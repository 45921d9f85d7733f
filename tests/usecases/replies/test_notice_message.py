"""Auto-replies: whom the operator told the bot to leave alone gets none."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from bot.content.services import read_services
from bot.content.words import Vocabulary
from bot.core.guild_settings import GuildSettings
from bot.core.privacy import ReporterKey
from bot.core.talk import Talk
from bot.usecases.replies.judge_replies import RuleCache
from bot.usecases.replies.notice_message import Heard, NoticeMessage, OptOutCache, Reply, Silence
from bot.usecases.replies.phrase_sets import PhraseSets
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

GUILD, CHANNEL, PERSON, ROLE = 1, 2, 3, 4
KEY = ReporterKey(bytes(32))


def notice(ignored: frozenset[int], clock: Callable[[], float] = lambda: 0.0) -> NoticeMessage:
    services = Services(read_services())
    nothing: Any = SimpleNamespace()
    guilds = GuildCache(nothing)
    guilds.put(GUILD, GuildSettings(channels=frozenset({CHANNEL})))
    vocabulary = Vocabulary.read()
    return NoticeMessage(
        services=services,
        detectors={s.id: vocabulary.detector(s, services) for s in services},
        talk={service.id: Talk() for service in services},
        guilds=guilds,
        opt_outs=OptOutCache(nothing, KEY, clock),
        rules=RuleCache(nothing),
        phrases=PhraseSets(clock, clock),
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
