"""Claims of shards: never by two processes at once, free after a process ends, and handed over one by one."""

import asyncio

import pytest

from bot.core.errors import StoreError
from bot.core.shards import read_shard_settings
from bot.usecases.cluster import claim_shards
from bot.usecases.cluster.claim_shards import ClaimShards
from bot.usecases.leadership import LeaseLostError
from tests.usecases.cluster.leases import Database, FakeLeases


def claims(database: Database, holder: str) -> ClaimShards:
    async def sleep(seconds: float) -> None:
        database.now += seconds

    return ClaimShards(FakeLeases(database, holder), sleep, sleep)


async def test_each_process_claims_another_range() -> None:
    database = Database()
    asked = read_shard_settings(4, "claim:2")
    assert (await claims(database, "a").claim(asked)).ids == (0, 1)
    assert (await claims(database, "b").claim(asked)).ids == (2, 3)


async def test_a_spare_waits_until_a_range_is_free() -> None:
    database = Database()
    asked = read_shard_settings(4, "claim:2")
    await claims(database, "a").claim(asked)
    await claims(database, "b").claim(asked)
    began = database.now
    assert (await claims(database, "c").claim(asked)).ids == (0, 1)
    assert database.now - began <= claim_shards.VALID_FOR + 2


async def test_named_shards_of_a_killed_process_are_waited_for() -> None:
    database = Database()
    await claims(database, "killed").claim(read_shard_settings(4, "0-1"))
    assert (await claims(database, "its restart").claim(read_shard_settings(4, "0-1"))).ids == (0, 1)


@pytest.mark.parametrize(
    ("theirs", "ours", "fault"),
    [
        ((4, "0-1"), (4, "1-2"), "runs shards 1, 2 of 4"),
        ((4, "0-1"), (8, "4-7"), "another SHARD_COUNT"),
        ((4, "claim:2"), (8, "claim:2"), "another SHARD_COUNT"),
        ((None, None), (4, "2-3"), "another SHARD_COUNT, or with none"),
        ((4, "2-3"), (None, None), "another SHARD_COUNT"),
    ],
)
async def test_refuses_to_share_servers_with_another_process(
    theirs: tuple[int | None, str | None], ours: tuple[int | None, str | None], fault: str
) -> None:
    database = Database()
    there = FakeLeases(database, "there")
    holds = ClaimShards(there)
    await holds.claim(read_shard_settings(*theirs))

    async def sleep(seconds: float) -> None:
        database.now += seconds
        await holds.renew()

    with pytest.raises(StoreError, match=fault):
        await ClaimShards(FakeLeases(database, "here"), sleep).claim(read_shard_settings(*ours))


async def test_learns_that_its_shards_are_another_s() -> None:
    database = Database()
    silent = claims(database, "silent")
    await silent.claim(read_shard_settings(2, "0"))
    database.now += claim_shards.VALID_FOR + 1
    await silent.renew()  # nobody wanted them meanwhile
    database.now += claim_shards.VALID_FOR + 1
    await claims(database, "other").claim(read_shard_settings(2, "0"))
    with pytest.raises(LeaseLostError):
        await silent.renew()


async def test_shards_are_free_at_once_after_a_stop() -> None:
    database = Database()
    first = claims(database, "a")
    await first.claim(read_shard_settings(2, "0"))
    await first.release()
    database.now += 0.1
    began = database.now
    await claims(database, "b").claim(read_shard_settings(2, "0"))
    assert database.now == began


async def handed_over(database: Database) -> tuple[list[str], ClaimShards, ClaimShards]:
    """A process is replaced by the next; gives what happened, in order."""
    events, connected = list[str](), set[int]()

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0)
        database.now += seconds / 2  # two of them sleep

    before = ClaimShards(FakeLeases(database, "before"), sleep, sleep)
    after = ClaimShards(FakeLeases(database, "after"), sleep, sleep)
    await before.claim(read_shard_settings(4, "0-1"))
    waiting = asyncio.create_task(after.claim(read_shard_settings(4, "0-1")))
    for _ in range(5):
        await asyncio.sleep(0)

    async def leave(shard: int) -> None:
        assert shard in connected, "not before the next one is there"
        events.append(f"left {shard}")

    async def begin(shard: int) -> None:
        events.append(f"began {shard}")

    async def connect() -> None:
        await waiting
        assert after.coming == {0, 1}
        arriving = asyncio.create_task(after.arrive(connected.__contains__, begin))
        for shard in (1, 0):
            for _ in range(20):
                await asyncio.sleep(0)
            await before.renew()
            await after.renew()
            connected.add(shard)
        await arriving

    await asyncio.gather(before.hand_over(leave), connect())
    return events, before, after


async def test_shards_are_handed_over_as_the_next_one_connects() -> None:
    events, before, after = await handed_over(Database())
    assert events == ["left 1", "began 1", "left 0", "began 0"]
    await after.renew()
    await before.release()
    await after.renew()
    assert after.coming == frozenset()


async def test_without_a_next_one_nothing_is_waited_for() -> None:
    database = Database()
    alone = claims(database, "alone")
    await alone.claim(read_shard_settings(4, "0-1"))
    began = database.now

    async def leave(_shard: int) -> None:
        pytest.fail("there is nobody to leave it to")

    await alone.hand_over(leave)
    assert database.now == began


async def test_a_next_one_that_never_connects_is_waited_for_no_longer_than_promised() -> None:
    database = Database()
    before = claims(database, "before")
    await before.claim(read_shard_settings(4, "0-1"))
    held = FakeLeases(database, "stuck")
    await held.take(["next shard 0/4", "next shard 1/4"], 1000)
    began = database.now

    async def leave(_shard: int) -> None:
        pytest.fail("it is not connected")

    await before.hand_over(leave)
    assert database.now - began <= claim_shards.HAND_OVER_WITHIN + 1


async def test_a_next_one_gives_up_when_the_one_before_it_has_been_silent_for_two_leases() -> None:
    database = Database()

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0)
        database.now += seconds

    before = ClaimShards(FakeLeases(database, "before"), sleep, sleep)
    after = ClaimShards(FakeLeases(database, "after"), sleep, sleep)
    await before.claim(read_shard_settings(4, "0-1"))
    waiting = asyncio.create_task(after.claim(read_shard_settings(4, "0-1")))
    for _ in range(5):
        await asyncio.sleep(0)

    async def never(shard: int) -> None:
        raise AssertionError(f"shard {shard} was left, or begun")

    leaving = asyncio.create_task(before.hand_over(never))
    await waiting
    leaving.cancel()  # killed
    began = database.now
    with pytest.raises(LeaseLostError):
        await after.arrive(lambda _: False, never)
    assert 2 * claim_shards.VALID_FOR < database.now - began < 3 * claim_shards.VALID_FOR + 1
