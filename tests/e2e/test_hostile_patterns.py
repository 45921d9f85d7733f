"""One server's own patterns and long messages do not slow down answers in other servers."""

import asyncio
import json
import random
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bot.core.guild_settings import GuildSettings, to_document
from tests.conftest import Figure
from tests.e2e.conftest import Town
from tests.loopback import Channel

pytestmark = pytest.mark.asyncio(loop_scope="package")
HUGE = [f"/(.?.?.?.?.?.?){{150}}z{n}/" for n in range(20)]
SLOW = [f"/(.?){{40}}z{n}/" for n in range(20)]
LONG = "".join(random.Random(1).choices("ab \u0430\u3042\u00df\U0001f600", k=1900))
MOST_TIMES_SLOWER = 20


async def commands(town: Town, count: int) -> float:
    """How long some people wait for `/500`, one after another, in other servers; in seconds."""
    channels, begin = [town.channel() for _ in range(count)], asyncio.get_running_loop().time()
    for channel in channels:
        assert "Character.AI" in (await town.user().slash(channel, "500")).text
    return asyncio.get_running_loop().time() - begin


async def beside(town: Town, channel: Channel) -> float:
    """How long they wait while a person writes long messages here."""
    talker = town.user()
    for _ in range(20):
        await talker.say(channel, LONG)
    return await commands(town, 10)


def keep(town: Town, channel: Channel, phrases: list[str]) -> None:
    """Put settings into the database as a version without limits kept them."""
    document = to_document(GuildSettings(channels=frozenset({channel.id}))) | {"phrases": phrases}
    with closing(sqlite3.connect(town.folder / "bot.db")) as database, database:
        database.execute("INSERT INTO guild_settings VALUES (?, ?)", (channel.guild_id, json.dumps(document)))


async def test_patterns_that_would_freeze_the_bot_are_refused_in_a_clear_sentence(town: Town) -> None:
    channel = town.channel()
    owner: Any = channel.guild.owner
    panel = await owner.slash(channel, "setup")
    await town.page(owner, panel, "What I answer")
    for patterns, reason in ((HUGE, "too complex"), (SLOW, "too slow to search for")):
        form = await town.open(owner, panel, "phrases")
        refused = await owner.submit_modal(form, {"phrases": "\n".join(patterns)})
        assert refused.ephemeral and reason in refused.text and patterns[0] in refused.text.replace("\\", "")
    assert town.rows("SELECT document FROM guild_settings WHERE guild_id = ?", channel.guild_id) == []


@pytest.mark.parametrize("phrases", [HUGE, SLOW], ids=["huge", "slow"])
async def test_patterns_of_an_older_version_and_long_messages_keep_nobody_waiting(
    bare_town: Town, phrases: list[str], figure: Figure
) -> None:
    town = bare_town
    channel, harmless = town.channel(), town.channel()
    await town.start()
    await town.stop()
    keep(town, channel, phrases)
    keep(town, harmless, [])
    await town.start()
    await commands(town, 5)
    quiet, busy = await beside(town, harmless), await beside(town, channel)
    kind = "huge" if phrases is HUGE else "slow"
    figure(f"20 {kind} patterns and 20 long messages: 10 /500 elsewhere take {busy / quiet:.1f} times as long")
    assert busy < MOST_TIMES_SLOWER * quiet
    panel = await channel.guild.owner.slash(channel, "setup")
    assert " patterns are not searched for." in panel.text
    shown = await town.page(channel.guild.owner, panel, "What I answer")
    assert ("is too large" if phrases is HUGE else "took too long") in shown
