"""One bot as two processes of two shards each, on one PostgreSQL: what one hears, all know."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.conftest import Figure
from tests.e2e.cluster import HALVES, WAITS, Cluster, found_cluster
from tests.e2e.conftest import MENTION
from tests.loopback import Guild, Interaction
from tests.postgres import Server

pytestmark = pytest.mark.asyncio(loop_scope="package")
KNOWN_WITHIN = 2.0
DECIDED_WITHIN = 15.0
LANES = 2


@pytest_asyncio.fixture(loop_scope="package")
async def cluster(tmp_path: Path, postgres: Server) -> AsyncIterator[Cluster]:
    async with found_cluster(tmp_path, postgres) as one:
        yield one
        one.assert_clean()


@pytest_asyncio.fixture(loop_scope="package")
async def halves(cluster: Cluster) -> AsyncIterator[Cluster]:
    """Both processes are there."""
    await asyncio.gather(*(cluster.launch(half) for half in HALVES))
    yield cluster
    await asyncio.gather(*(cluster.end(half) for half in list(cluster.crew)))


async def people(cluster: Cluster, guild: Guild) -> int:
    """How many people somebody new is told of there, privately."""
    card = await cluster.user().slash(guild.channel("general"), "500")
    found = re.search(r"(\d+) (?:people|person)", card.text)
    return int(found[1]) if found else 0


async def becomes(cluster: Cluster, guild: Guild, count: int) -> float:
    """The seconds until that many people are told of there."""

    async def known() -> bool:
        return await people(cluster, guild) == count

    return await cluster.soon(known, 10, f"{count} people to be known in the other process")


async def test_a_report_in_one_process_is_counted_in_the_other_within_two_seconds(
    halves: Cluster, figure: Figure
) -> None:
    here, there = (halves.on(half, "general") for half in HALVES)
    members, took = [halves.user() for _ in range(5)], list[float]()
    for count, member in enumerate(members, 1):
        assert (await member.slash(here.channel("general"), "report")).acked
        took.append(await becomes(halves, there, count))
    card = await members[0].slash(here.channel("general"), "privacy")
    await members[0].click(card, "Delete mine")
    took.append(await becomes(halves, there, 4))
    figure(f"counted in the other process after {max(took):.2f} s at most")
    assert max(took) <= KNOWN_WITHIN, took


async def test_what_is_said_to_one_process_holds_in_the_other(halves: Cluster) -> None:
    """Direct messages are shard 0's: who opts out there is left alone in the servers of the other process."""
    there = halves.on("2-3", "general")
    channel, member = there.channel("general"), halves.user()
    await halves.turn_on(there, channel)
    card = await member.slash(member.dm(), "privacy")
    await member.click(card, "Don't reply to me")
    await asyncio.sleep(KNOWN_WITHIN)
    said = await member.say(channel, MENTION)
    assert not await halves.world.quiet(channel, after=said)
    assert (await halves.world.next_message(channel, after=await halves.user().say(channel, MENTION))).text


async def test_one_looks_at_the_sources_and_both_tell_of_them(halves: Cluster) -> None:
    await halves.soon(lambda: _true(halves.decider() is not None), 10, "somebody to decide")
    for half in HALVES:
        channel = halves.on(half, "general").channel("general")

        async def told(channel: Any = channel) -> bool:
            return "All Systems Operational" in (await halves.user().slash(channel, "500")).text

        await halves.soon(told, 15, f"what the official page says in {half}")


async def test_a_second_process_with_the_same_shards_waits_and_says_so(cluster: Cluster) -> None:
    await cluster.launch("0-1")
    second = await cluster.launch("0-1", ready=False)
    await cluster.told(second, WAITS)
    assert len(cluster.world.gateway.live()) == 2, "it does not connect"
    assert await second.stop(timeout=10, sig=15) == 0, second.tail()


@pytest.mark.timeout(180)
async def test_every_command_is_answered_while_both_processes_are_replaced(halves: Cluster, figure: Figure) -> None:
    channels = [halves.on(half, "general").channel("general") for half in HALVES for _ in range(10)]
    asked, over = list[asyncio.Task[Interaction]](), asyncio.Event()

    async def ask() -> None:
        while not over.is_set():
            for channel in channels:
                asked.append(asyncio.create_task(halves.user().slash(channel, "500")))
                await asyncio.sleep(0.05)

    asking = asyncio.create_task(ask())
    for half in HALVES:
        await halves.replace(half)
    over.set()
    await asking
    answers = await asyncio.gather(*asked)
    failed = [answer for answer in answers if not answer.acked or "Character.AI" not in answer.text]
    slowest = max(answer.ack_ms for answer in answers if answer.acked)
    figure(
        f"{len(answers)} commands while both processes were replaced: {len(failed)} failed, slowest {slowest:.0f} ms"
    )
    assert not failed


async def _true(what: bool) -> bool:
    return what
