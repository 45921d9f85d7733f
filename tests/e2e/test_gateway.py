"""Discord's gateway fails in every possible way; the bot reconnects by itself, soon, and without too many requests."""

import asyncio
import random
import sys
import time
from typing import Any

import pytest

from bot.discord_ui.connection.gateway import CONNECTIONS_A_MINUTE
from tests.conftest import Figure
from tests.e2e.conftest import MENTION, Town
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def came_up(town: Town) -> None:
    await town.world.ready()
    await town.answers()
    assert town.bot.alive


async def test_it_starts_when_discord_is_back_not_before(bare_town: Town) -> None:
    world = bare_town.world
    bare_town.tracebacks_expected = True
    await world.stop_server()
    bot = await bare_town.start(ready=False)
    await world.until(lambda: bot.output().count("trying again") >= 2, what="two tries", poll=0.05)
    assert f"Discord cannot be reached at {world.api_url}: ClientConnectorError" in bot.output() and bot.alive
    await world.start_server()
    await came_up(bare_town)


async def test_it_starts_after_failures_of_rest_and_of_the_first_handshakes(bare_town: Town) -> None:
    world = bare_town.world
    bare_town.tracebacks_expected = True  # discord.py's, of a shard that could not connect
    asked = world.faults.error("GET /users/@me", 503, times=2)
    world.gateway.handshake["/gateway"] = 503
    bot = await bare_town.start(ready=False)
    await world.until(lambda: "Failed to connect" in bot.output(), what="a handshake to fail", poll=0.05)
    world.gateway.handshake.clear()
    await came_up(bare_town)
    assert len(asked.hits) == 2


async def test_a_resume_host_that_answers_503_is_not_waited_for(bare_town: Town) -> None:
    gateway = bare_town.world.gateway
    bare_town.tracebacks_expected = True
    await bare_town.start()
    gateway.handshake["/resume"] = 503
    await gateway.drop(4000)
    await bare_town.world.until(lambda: len(gateway.identifies) == 2, what="a new session", poll=0.05)
    await came_up(bare_town)
    assert not gateway.resumes


@pytest.mark.parametrize("code", [1000, 1001, 1006, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, 4099])
async def test_after_a_close_code_that_may_pass_it_is_back(town: Town, code: int) -> None:
    gateway = town.world.gateway
    tries = len(gateway.identifies) + len(gateway.resumes)
    town.tracebacks_expected = True
    await gateway.drop(code if code != 1006 else None)
    await town.world.until(
        lambda: gateway.live() and len(gateway.identifies) + len(gateway.resumes) > tries,
        what="it to be back",
        poll=0.02,
    )
    await came_up(town)


@pytest.mark.parametrize(
    ("code", "status", "sentence"),
    [
        (4004, 77, "Discord refused the token; reset it"),
        (4010, 70, "(close code 4010, invalid shard); update it"),
        (4012, 70, "(close code 4012, invalid API version); update it"),
        (4013, 70, "(close code 4013, invalid intents); update it"),
    ],
)
async def test_a_close_code_that_will_not_pass_ends_it_with_a_code_of_its_own(
    bare_town: Town, code: int, status: int, sentence: str
) -> None:
    world = bare_town.world
    world.gateway.refuse = code
    bot = await bare_town.start(ready=False)
    assert await asyncio.wait_for(bot.process.wait(), PATIENCE) == status
    assert sentence in bot.tail(1) and "Traceback" not in bot.output()
    assert len(world.violations) == 1 and f"closed with {code}" in world.violations.pop()[1]


@pytest.mark.parametrize("code", [4004, 4000, None])
async def test_a_token_that_is_reset_while_it_runs_ends_it_with_a_sentence_and_no_more_tries(
    bare_town: Town, code: int | None
) -> None:
    town, world = bare_town, bare_town.world
    town.tracebacks_expected = True
    bot = await town.start()
    requests = len(world.requests)
    world.token = "MTE.another.token"
    await world.gateway.drop(code)
    assert await asyncio.wait_for(bot.process.wait(), PATIENCE) == 77
    assert "Discord refused the token; reset it in the Developer Portal" in bot.tail(1)
    refused = [what for _, what in world.violations if "closed with 4004" in what]
    assert len(refused) == (0 if code == 4004 else 1) and len(world.requests) - requests <= 1
    world.violations.clear()


async def test_a_refused_token_is_not_tried_again_by_a_supervisor_but_a_new_one_is(bare_town: Town) -> None:
    """Docker starts a bot again whatever its code was."""
    town, world = bare_town, bare_town.world
    town.tracebacks_expected = True
    bot = await town.start()
    token, world.token = world.token, "MTE.another.token"
    await world.gateway.drop(4004)
    assert await asyncio.wait_for(bot.process.wait(), PATIENCE) == 77

    async def starts_again() -> tuple[str, int]:
        """Its last output, and how often it called Discord."""
        requests, sessions = len(world.requests), len(world.gateway.identifies)
        bot = await town.start(ready=False, DISCORD_TOKEN=token)
        assert await asyncio.wait_for(bot.process.wait(), PATIENCE) == 77
        assert token not in bot.output() and len(world.gateway.identifies) == sessions
        return bot.tail(1), len(world.requests) - requests

    said, calls = await starts_again()
    assert "Discord refused the token; reset it" in said and calls == 1, "Discord may have been mistaken once"
    for _ in range(2):
        said, calls = await starts_again()
        assert "Discord refused this token before, so it was not tried again; reset it" in said and calls == 0
    world.violations.clear()
    await town.start(DISCORD_TOKEN=world.token)
    await town.answers()


async def test_a_token_that_is_reset_while_the_connection_stays_ends_it_with_the_first_refusal(
    bare_town: Town,
) -> None:
    town, world = bare_town, bare_town.world
    town.trouble_expected = True
    bot = await town.start()
    channel = town.channel()
    await town.turn_on(channel.guild, channel)
    world.token = "MTE.another.token"
    await town.user().say(channel, MENTION)
    assert await asyncio.wait_for(bot.process.wait(), PATIENCE) == 77
    assert "Discord refused the token; reset it in the Developer Portal" in bot.tail(1)
    world.violations.clear()


async def test_session_starts_that_are_used_up_are_waited_for(bare_town: Town) -> None:
    gateway = bare_town.world.gateway
    gateway.session_limit |= {"remaining": 20, "reset_after": 3000}
    begun = time.monotonic()
    bot = await bare_town.start(ready=False)
    await bare_town.world.until(lambda: "waiting until it resets" in bot.output(), what="it to say so", poll=0.02)
    assert not gateway.identifies
    await came_up(bare_town)
    assert gateway.identifies[0] - begun > 3


async def test_a_gateway_that_hangs_up_after_every_hello_is_not_hammered(bare_town: Town) -> None:
    town, gateway = bare_town, bare_town.world.gateway
    town.tracebacks_expected = True
    gateway.hang_up = 4000
    bot = await town.start(ready=False)
    await town.world.until(lambda: len(gateway.identifies) >= 3, what="three tries", poll=0.02)
    cpu, began, before = bot.cpu(), time.monotonic(), len(gateway.closes)
    await asyncio.sleep(12)
    # Ten at once, then one every six seconds; the bot has nothing else to do meanwhile.
    assert len(gateway.closes) - before <= CONNECTIONS_A_MINUTE * (1 + 12 / 60) + 1
    assert bot.cpu() - cpu < (time.monotonic() - began) / 4
    gateway.hang_up = None
    await came_up(town)
    assert len(gateway.identifies) <= len(gateway.closes) + 1


async def test_a_gateway_that_is_down_for_long_at_the_start_is_waited_for(bare_town: Town) -> None:
    world = bare_town.world
    bare_town.tracebacks_expected = True
    world.gateway.handshake["/gateway"] = 502
    bot = await bare_town.start(ready=False)
    await world.until(lambda: bot.output().count("Failed to connect") >= 4, what="four tries", poll=0.1)
    assert bot.output().count("During handling") <= 4 * 2, "each try tells of itself, not of all before it"
    world.gateway.handshake.clear()
    await came_up(bare_town)


async def test_a_frame_that_is_no_json_is_a_failure_and_a_new_connection(bare_town: Town) -> None:
    town, gateway = bare_town, bare_town.world.gateway
    town.trouble_expected = True
    await town.start()
    for session in gateway.live():
        session.conn.send(b"<html>502 Bad Gateway</html>")
    await town.world.until(lambda: len(gateway.identifies) == 2, what="a new session", poll=0.05)
    await came_up(town)
    assert "where=connection" in town.bot.output()


_EVENTS = """
MESSAGE_CREATE MESSAGE_DELETE MESSAGE_REACTION_ADD MESSAGE_REACTION_REMOVE GUILD_CREATE GUILD_DELETE GUILD_UPDATE
CHANNEL_CREATE CHANNEL_UPDATE CHANNEL_DELETE THREAD_CREATE THREAD_UPDATE THREAD_DELETE GUILD_ROLE_CREATE
GUILD_ROLE_UPDATE GUILD_ROLE_DELETE GUILD_MEMBER_UPDATE INTERACTION_CREATE AUTO_MODERATION_ACTION_EXECUTION
APPLICATION_COMMAND_PERMISSIONS_UPDATE ENTITLEMENT_CREATE SOMETHING_NEW
"""
_MEMBERS = "id guild_id channel_id user_id author type data token member emoji roles channels content message"


def odd(rng: random.Random, deep: int = 0) -> Any:
    """JSON that no documentation knows, with the members that documentation does know."""
    made = rng.randrange(8 if deep < 3 else 6)
    if made < 6:
        return (None, -1, "x" * rng.randrange(40), str(rng.getrandbits(64)), 2**63, True)[made]
    if made == 6:
        return [odd(rng, deep + 1) for _ in range(rng.randrange(4))]
    return {key: odd(rng, deep + 1) for key in rng.sample(_MEMBERS.split(), rng.randrange(14))}


async def test_events_in_a_form_that_nobody_expects_end_nothing(bare_town: Town) -> None:
    town, rng = bare_town, random.Random(5)
    town.trouble_expected = True
    await town.start()
    for number in range(2000):
        town.world.gateway.raw(rng.choice(_EVENTS.split()), odd(rng) if number % 5 else {})
    await town.heard_out()
    assert town.bot.alive and not town.world.gateway.resumes and len(town.world.gateway.identifies) == 1
    output = town.bot.output()
    assert "unexpected failure" in output and "event MESSAGE_CREATE" in output, "the operator is told of each"
    await town.answers()
    channel = town.channel()
    await town.turn_on(channel.guild, channel)
    said = await town.user().say(channel, MENTION)
    assert (await town.world.next_message(channel, after=said)).reply_to == said.id


@pytest.mark.faults
async def test_a_connection_that_is_dead_but_open_is_noticed_and_replaced(bare_town: Town) -> None:
    town, gateway = bare_town, bare_town.world.gateway
    gateway.heartbeat_interval = 5
    town.tracebacks_expected = True
    await town.start()
    gateway.zombie = True
    began = time.monotonic()
    await town.world.until(lambda: gateway.closes, 180, "it to give the connection up", poll=0.2)
    assert time.monotonic() - began < 150
    gateway.zombie = False
    await came_up(town)


@pytest.mark.faults
@pytest.mark.timeout(3000)
async def test_after_outages_of_discord_it_is_back_within_a_minute(bare_town: Town, figure: Figure) -> None:
    """The pauses between tries have grown to their limit after half a minute: a longer outage changes nothing more."""
    town, world, rng = bare_town, bare_town.world, random.Random(7)
    town.tracebacks_expected = True
    await town.start()
    back: list[float] = []
    for _ in range(6):
        await world.stop_server(forget_sessions=True)
        await asyncio.sleep(rng.uniform(35, 75))
        await world.start_server()
        began = time.monotonic()
        await world.ready(timeout=120)
        back.append(time.monotonic() - began)
    await town.answers()
    back.sort()
    figure(
        f"{len(back)} outages of Discord: back after {back[len(back) // 2]:.0f} s in the middle, "
        f"{back[-1]:.0f} s at most, {len(world.gateway.identifies)} identifies"
    )
    assert back[-1] < 60


async def test_with_another_discord_py_inside_it_warns_once_and_works_all_the_same(bare_town: Town) -> None:
    """What we do through discord.py's private parts is left out; discord.py's own ways take its place."""
    bare_town.command = [sys.executable, "-m", "tests.e2e.other_library_bot"]
    bare_town.tracebacks_expected = True  # discord.py's own, of the lost connection
    bot = await bare_town.start()
    await came_up(bare_town)
    _, said, reply = await bare_town.asked()
    assert reply.reply_to == said.id
    await bare_town.world.gateway.drop(4000)
    await bare_town.world.until(bare_town.world.gateway.live, what="it to be back", poll=0.05)
    await came_up(bare_town)
    assert bot.output().count("this version of discord.py differs") == 1
