"""Data that a whole bot must not keep: secrets, people's messages, removed servers."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing, contextmanager
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.canaries import places
from tests.conftest import Figure
from tests.e2e.conftest import KEY, MENTION, ROOT, Town
from tests.loopback import Guild
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")

DAY = 86_400
FAST_BOT = [sys.executable, "-m", "tests.e2e.fast_bot"]
SEARCHED_BOT = [sys.executable, "-m", "tests.e2e.searched_bot"]
SAID = "zebrafinch"
"""In all that people write here, and in their names."""
ASKED = f"@{SAID} {MENTION}"
"""As that, and answered."""


# -- servers that remove the bot --------------------------------------------------------------------------------------


async def settled(town: Town, *channels: Any) -> None:
    for channel in channels:
        await town.turn_on(channel.guild, channel)


def kept(town: Town, table: str) -> set[int]:
    return {row[0] for row in town.rows(f"SELECT guild_id FROM {table}")}


async def becomes(town: Town, table: str, guilds: set[Guild]) -> None:
    expected = {guild.id for guild in guilds}
    await town.world.until(lambda: kept(town, table) == expected, what=f"{table}: {expected}", poll=0.05)


async def test_a_server_that_removed_the_bot_is_purged_and_one_that_is_unavailable_is_not(bare_town: Town) -> None:
    town = bare_town
    town.command, town.env = FAST_BOT, town.env | {"FAST_TIDY": "0.2"}
    kicked, left, away, back = (town.guild() for _ in range(4))
    await town.start()
    await settled(town, *(guild.channel("general") for guild in (kicked, left, away, back)))
    await becomes(town, "guild_settings", {kicked, left, away, back})

    town.world.set_available(away, available=False)
    town.world.remove_guild(kicked)
    await becomes(town, "removed_server", {kicked})
    await town.stop()
    town.world.remove_guild(left)  # while the bot is off
    town.world.remove_guild(back)
    await town.start()
    await becomes(town, "removed_server", {kicked, left, back})
    await town.stop()
    with closing(sqlite3.connect(town.folder / "bot.db")) as database, database:
        database.execute("UPDATE removed_server SET at = at - ?", [8 * DAY])
    town.world.guilds[back.id] = back  # invited again, while the bot is off
    await town.start()
    await becomes(town, "guild_settings", {away, back})
    assert kept(town, "settings_change") == {away.id, back.id} and kept(town, "removed_server") == set()
    town.world.set_available(away, available=True)
    town.world.remove_guild(away)
    await becomes(town, "removed_server", {away})


async def test_a_server_that_removes_the_bot_is_noticed_on_its_shard_alone_also_without_a_session(
    bare_town: Town,
) -> None:
    town = bare_town
    servers = [town.guild() for _ in range(4)]
    await town.start(SHARD_COUNT="2")
    await settled(town, *(guild.channel("general") for guild in servers))
    kicked, left, *stayed = sorted(servers, key=lambda guild: (guild.id >> 22) % 2 == 0)
    assert (kicked.id >> 22) % 2 == (left.id >> 22) % 2 == 1 != (stayed[0].id >> 22) % 2
    town.world.remove_guild(kicked)
    await becomes(town, "removed_server", {kicked})
    await town.world.gateway.drop(shard=1, forget=True)
    town.world.remove_guild(left)
    await becomes(town, "removed_server", {kicked, left})
    town.world.guilds[left.id] = left
    town.world.gateway.emit("GUILD_CREATE", left.payload(), left.id)
    await becomes(town, "removed_server", {kicked})
    assert kept(town, "guild_settings") == {guild.id for guild in servers}


# -- secrets ----------------------------------------------------------------------------------------------------------


async def test_no_secret_is_in_health_doctor_and_errors(bare_town: Town) -> None:
    town, world = bare_town, bare_town.world
    await town.start()
    ann, channel = town.user(), town.channel()
    card = await ann.slash(channel, "500")
    await ann.click(card, "Broken for me")
    outputs = []
    async with aiohttp.ClientSession() as session:
        for path in ("/healthz", "/readyz", "/metrics", "/"):
            async with session.get(town.health + path) as answer:
                outputs.append(f"{await answer.text()} {dict(answer.headers)}")
    env = {**os.environ, **town.env, "DISCORD_TOKEN": world.token, "DISCORD_API_URL": world.api_url}
    for options in ([], ["--json"], ["--offline"]):
        command = [sys.executable, "-m", "bot", "doctor", *options]
        asked = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=env, capture_output=True, text=True)
        assert "reporter key" in asked.stdout
        outputs.append(asked.stdout + asked.stderr)
    for name, broken in (("DISCORD_TOKEN", f"{world.token} {world.token}"), ("REPORTER_KEY", KEY + "q")):
        command = [sys.executable, "-m", "bot", "run"]
        refused = await asyncio.to_thread(
            subprocess.run,
            command,
            cwd=ROOT,
            env={**env, name: broken},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert refused.returncode != 0
        outputs.append(refused.stdout + refused.stderr)
    assert places("\n".join(outputs), {world.token, KEY, *world.interactions}) == []
    assert len(world.interactions) >= 2


async def test_the_search_of_the_logs_would_find_a_secret(bare_town: Town) -> None:
    await bare_town.start()
    await bare_town.stop()
    with bare_town.bot.log.open("a") as log:
        log.write(f"Authorization: Bot {bare_town.world.token}\n")
    assert len(bare_town.secrets_told()) == 1
    bare_town.bot.log.write_text("")


# -- what people write ------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="package")
async def searched(bare_town: Town) -> AsyncIterator[Town]:
    bare_town.command = SEARCHED_BOT
    bare_town.env |= {"SEARCH_FOR": SAID[::-1], "SEARCH_INTO": str(bare_town.folder / "found.json")}
    await bare_town.start()
    yield bare_town


async def memory(town: Town) -> dict[str, Any]:
    """Who in the bot's process holds what people wrote."""
    file = town.folder / "found.json"
    file.unlink(missing_ok=True)
    town.bot.process.send_signal(signal.SIGUSR1)
    await town.world.until(file.exists, what="the search of the memory", poll=0.05)
    return json.loads(file.read_text())


@contextmanager
def locked(town: Town) -> Any:
    """Nothing can be written meanwhile: what is to be written waits."""
    with closing(sqlite3.connect(town.folder / "bot.db", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


async def say_it_everywhere(town: Town) -> int:
    """Everywhere that a person can type, their own name included; gives how often."""
    world, guild = town.world, town.guild()
    channel, owner = guild.channel("general"), guild.owner
    ann = world.user(f"{SAID} the member")
    await town.turn_on(guild, channel)
    texts = iter(f"{SAID}{number}" for number in range(6, 1000))  # besides those that are asked, and the name
    said = await ann.say(channel, ASKED)
    await world.next_message(channel, after=said)
    await ann.say(channel, f"good morning {next(texts)}")
    await ann.say(channel, f"<@{world.bot.id}> what is {next(texts)}?")
    await ann.say(ann.dm(), next(texts))
    edited = await ann.say(channel, next(texts))
    await ann.edit(edited, ASKED)
    await ann.menu(said, "Is it just them?")
    for name, option in (("500", "service"), ("report", "symptom"), ("status", "service")):
        await ann.slash(channel, name, {option: next(texts)})
        await ann.autocomplete(channel, name, option, next(texts))
    card = await ann.slash(channel, "support")
    form = await ann.click(card, "Write the report for me")
    typed = {"happened": next(texts), "since": next(texts), "device": next(texts)}
    assert SAID in (await ann.submit_modal(form, typed)).text, "the form gives back what was typed"
    panel = await owner.slash(channel, "setup")
    tried = await owner.submit_modal(await town.press(owner, panel, "Try a message"), {"text": ASKED})
    assert SAID in tried.text
    await town.page(owner, panel, "What I answer")
    examples = {"phrases": "my hamster", "examples": next(texts)}
    await owner.submit_modal(await town.open(owner, panel, "phrases"), examples)
    world.automod(channel, ann, next(texts), next(texts))
    return int(next(texts).removeprefix(SAID))


def written(town: Town) -> list[str]:
    """The database's files that hold what people wrote."""
    return [file.name for file in town.folder.glob("bot.db*") if SAID.encode() in file.read_bytes()]


async def test_what_people_write_is_in_no_file_no_log_and_no_memory(searched: Town, figure: Figure) -> None:
    town = searched
    times = await say_it_everywhere(town)
    channel, ann = town.channel(), town.world.user(f"{SAID} again")
    await town.turn_on(channel.guild, channel)
    with locked(town):
        waits = [asyncio.ensure_future(town.user().slash(channel, "report", wait=False)) for _ in range(3)]
        said = await ann.say(channel, ASKED)
        await town.world.next_message(channel, after=said)
        while (busy := await memory(town))["waiting"] < 4:
            assert busy["in_queue"] == 0
    assert busy["in_queue"] == 0
    assert busy["holders"], "what is under way holds it, so the search can find"
    await asyncio.gather(*waits)
    for _ in range(20):  # what libraries keep of the last thing they read goes with the next
        await town.heard_out()
        calm = await memory(town)
        if not calm["holders"]:
            break
    assert written(town) == []
    await town.stop()
    assert written(town) == []
    assert SAID not in town.bot.output()
    figure(f"{times} texts: holders after the last {calm['holders']} of {calm['objects']} objects")
    assert calm["holders"] == {}
