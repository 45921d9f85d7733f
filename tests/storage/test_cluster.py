"""Several processes on one PostgreSQL: writes of one reach the others once and in order; a lease has one holder."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.core.errors import StoreError
from bot.core.guild_settings import Change, GuildSettings, to_document
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import DAY, Report
from bot.core.rule_scores import RuleScore
from bot.core.signals import Cause, Incident, Reading, Signal, State
from bot.settings import Settings
from bot.storage import cluster
from bot.storage.cluster import Shared
from bot.stores import Stores, open_stores
from bot.usecases.cluster.events import as_outage, as_reading, readings
from bot.usecases.cluster.ports import LeftBehindError
from bot.usecases.leadership import NEVER, LeaseLostError, WrittenAlreadyError
from bot.usecases.outages.ports import Subscriber, WatchStep
from bot.usecases.replies.ports import PostedReply
from bot.usecases.servers.ports import ClosedChannel
from tests.patience import PATIENCE
from tests.postgres import Server

NOW = int(time.time())


@pytest.fixture
async def peers(postgres_settings: Settings) -> AsyncGenerator[list[Stores]]:
    """Three processes; the third only listens."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_stores(postgres_settings, ["one"])) for _ in range(3)]
        for stores in opened:
            await shared(stores).events.begin()
        yield opened


def shared(stores: Stores) -> Shared:
    assert stores.shared is not None
    return stores.shared


async def received(stores: Stores) -> list[tuple[str, object]]:
    return [(event.kind, event.data) for event in await shared(stores).events.fresh()]


def report(number: int, reporter: int = 7) -> Report:
    return Report(number, "one", 3, reporter, None, NOW + number)


async def test_every_change_is_heard_by_the_others_as_it_was_written_and_once(peers: list[Stores]) -> None:
    first, _, third = peers
    settings = replace(GuildSettings(), outage_channel=5)
    await first.reports.append(report(1))
    await first.reports.set_symptom(report(1)._replace(symptom="login"))
    await first.reports.delete(report(1))
    await asyncio.gather(*(first.reports.append(report(n)) for n in (2, 3)))
    await first.reports.delete_person(7)
    await first.settings.save(3, settings, 9, 1000, [Change("outage_channel", None, "5")])
    await first.opt_outs.add(7, 1000)
    await first.opt_outs.delete(7)
    await first.servers.mark({3: 1000})
    await first.servers.unmark([3])
    await first.rules.put(3, "rule", RuleScore())
    await first.replies.add(PostedReply(1, 2, 3, "one", NOW, "rule"))
    await first.closed.put(ClosedChannel(4, 3, NOW, 50001))
    await first.servers.delete(3)
    row = {"id": 1, "service": "one", "guild_id": 3, "reporter": 7, "symptom": None, "at": NOW + 1, "young": False}
    row["service_id"] = 1
    assert await received(third) == [
        ("report INSERT", row),
        ("report UPDATE", row | {"symptom": "login"}),
        ("report DELETE", {"id": 1, "reporter": 7, "service": "one"}),
        ("report INSERT", row | {"id": 2, "at": NOW + 2}),
        ("report INSERT", row | {"id": 3, "at": NOW + 3}),
        ("report DELETE", {"id": 3, "reporter": 7, "service": "one"}),
        ("report DELETE", {"id": 2, "reporter": 7, "service": "one"}),
        ("guild_settings INSERT", {"guild_id": 3, "document": json.dumps(to_document(settings))}),
        ("opt_out INSERT", 7),
        ("opt_out DELETE", 7),
        ("removed_server INSERT", 3),
        ("removed_server DELETE", 3),
        ("guild_settings DELETE", 3),
        ("rule_score DELETE", 3),
        ("auto_reply DELETE", 1),
        ("closed_channel DELETE", 4),
    ]
    assert await received(third) == []
    assert await received(first) == [], "nobody hears itself"


async def test_a_purge_of_old_rows_publishes_nothing(peers: list[Stores]) -> None:
    first, _, third = peers
    await asyncio.gather(*(first.reports.append(report(n - 7 * DAY)) for n in range(10)))
    await first.replies.add(PostedReply(1, 2, 3, "one", NOW - 7 * DAY, "rule"))
    await received(third)
    assert await first.reports.purge(NOW) == 10
    assert await first.replies.purge(NOW) == 1
    assert await received(third) == []


async def test_what_is_published_is_what_is_taken_in(peers: list[Stores]) -> None:
    first, second, _ = peers
    outage = Outage("one", Phase.ON, 1000, symptoms={"login": 3}, evidence={"probe": 1.5}, official_title="Ça *va*")
    post = Post(0, PostKind.ANNOUNCEMENT, 3, 4)
    written = await first.outages.write(WatchStep("one", outage=outage, new=(post, replace(post, guild_id=5))))
    assert written.outage is not None
    [(_, row), (_, posts)] = await received(second)
    assert isinstance(row, dict)
    assert isinstance(posts, dict)
    assert as_outage(row) == written.outage
    assert tuple(await second.posts.between(posts["first"], posts["last"])) == written.posts
    await first.posts.update(written.posts[0].id, {"message_id": 77})
    await first.posts.delete(written.posts[1])
    assert await received(second) == [
        ("post UPDATE", {"id": written.posts[0].id, "message_id": 77}),
        ("post DELETE", written.posts[1].id),
    ]
    incident = Incident("It is *down*", "investigating", "https://example.org", 990.5)
    reading = Reading(
        Signal.OFFICIAL, State.DOWN, Cause.ANSWERED, 1000.25, "https://example.org", "dow\N{HOT BEVERAGE}"
    )
    reading = replace(reading, incidents=(incident,))
    await shared(first).events.publish("readings", readings("one", [reading]))
    [(_, data)] = await received(second)
    assert isinstance(data, Sequence)
    assert as_reading(data[1][0]) == reading


async def test_events_of_many_at_once_miss_nothing_and_tell_nothing_twice(peers: list[Stores]) -> None:
    """Numbers are given before the commit, so they appear out of order; two write while the third reads."""
    *writers, third = peers
    found, done = list[int](), asyncio.Event()

    async def read() -> None:
        while not done.is_set():
            found.extend(event.data["id"] for event in await shared(third).events.fresh())
        found.extend(event.data["id"] for event in await shared(third).events.fresh())

    async def write(stores: Stores, first: int) -> None:
        for start in range(first, first + 1500, 5):
            await asyncio.gather(*(stores.reports.append(report(n, n)) for n in range(start, start + 5)))

    reading = asyncio.create_task(read())
    await asyncio.gather(*(write(stores, 10_000 * n) for n, stores in enumerate(writers, 1)))
    done.set()
    await reading
    assert len(found) == len(set(found)) == 3000


async def test_a_number_that_is_missing_is_waited_for(peers: list[Stores], postgres_url: str) -> None:
    first, second, _ = peers
    slow = create_async_engine(postgres_url)
    put = "INSERT INTO change_event (origin, at, document) VALUES (1, 0, '[\"late\", [1]]')"
    async with slow.connect() as connection:
        await connection.execute(text(put))  # its number is given, and nothing is to be seen of it
        await first.reports.append(report(1))
        assert [kind for kind, _ in await received(second)] == ["report INSERT"]
        await connection.commit()
    await slow.dispose()
    assert await received(second) == [("late", 1)]
    assert await received(second) == []


async def test_a_number_that_was_rolled_back_holds_up_nobody(peers: list[Stores], postgres_url: str) -> None:
    first, second, _ = peers
    other = create_async_engine(postgres_url)
    async with other.connect() as connection:
        await connection.execute(text("INSERT INTO change_event (origin, at, document) VALUES (1, 0, '[]')"))
        await connection.rollback()
    await other.dispose()
    await first.reports.append(report(1))
    assert len(await received(second)) == 1
    await first.reports.append(report(2))
    assert len(await received(second)) == 1


async def test_what_was_not_written_is_not_told(peers: list[Stores]) -> None:
    first, second, _ = peers
    await first.reports.append(report(1))
    with pytest.raises(StoreError):
        await first.reports.append(report(1))  # that id is taken
    assert len(await received(second)) == 1


async def test_old_events_go_and_whoever_missed_them_must_begin_anew(
    peers: list[Stores], postgres: Server, postgres_url: str
) -> None:
    first, second, third = peers

    async def long_ago(number: int) -> None:
        await first.reports.append(report(number))
        old = f"UPDATE change_event SET at = at - {cluster.EVENTS_KEPT_FOR + 1} WHERE id = {number}"
        postgres.sql(old, postgres_url.rpartition("/")[2])

    await long_ago(1)
    await received(second)
    await received(third)
    await long_ago(2)
    await long_ago(3)
    await received(second)
    assert await shared(first).events.purge() == 2
    assert await received(second) == [], "it had read them"
    await first.reports.append(report(4))
    await shared(first).events.purge()
    assert len(await received(second)) == 1, "nor is it behind where somebody tidies up before it looks again"
    with pytest.raises(LeftBehindError):
        await received(third)


async def test_a_database_that_was_set_back_is_noticed(
    peers: list[Stores], postgres: Server, postgres_url: str
) -> None:
    """As when a server that stood by takes over before it had everything: numbers are given anew."""
    first, second, third = peers
    database = postgres_url.rpartition("/")[2]
    for number in range(1, 11):
        await first.reports.append(report(number))
    assert len(await received(second)) == len(await received(third)) == 10
    postgres.sql("DELETE FROM change_event WHERE id > 3", database)
    postgres.sql("SELECT setval(pg_get_serial_sequence('change_event', 'id'), 3)", database)
    with pytest.raises(LeftBehindError):
        await received(second)
    for number in range(11, 19):  # beyond the number that was read last
        await shared(second).events.publish("heartbeat", number)
    with pytest.raises(LeftBehindError):
        await received(third)


async def test_a_listener_whose_line_is_cut_as_it_begins_to_listen_tries_again(
    peers: list[Stores], postgres: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cluster, "_LISTEN_AGAIN", 0.05)
    add_listener, cuts = asyncpg.Connection.add_listener, list[int]()

    async def cut(driver: asyncpg.Connection, *args: Any) -> None:
        if len(cuts) < 2:
            cuts.append(driver.get_server_pid())
            gone = asyncio.Event()
            driver.add_termination_listener(lambda _: gone.set())
            postgres.sql(f"SELECT pg_terminate_backend({cuts[-1]})")
            await gone.wait()
        await add_listener(driver, *args)

    monkeypatch.setattr(asyncpg.Connection, "add_listener", cut)
    woken = asyncio.Event()
    listening = asyncio.create_task(shared(peers[1]).listen(woken.set))
    try:
        async with asyncio.timeout(PATIENCE):
            await woken.wait()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert len(cuts) == 2
    messages = [line.message for line in caplog.records if line.name == "bot.storage.cluster"]
    assert messages == ["LISTEN connection lost; polling change events every second"]


async def test_a_listener_is_woken_long_before_it_would_look(peers: list[Stores]) -> None:
    first, second, _ = peers
    woken = asyncio.Event()
    listening = asyncio.create_task(shared(second).listen(woken.set))
    try:
        async with asyncio.timeout(PATIENCE):
            await woken.wait()  # it listens
            woken.clear()
            await first.reports.append(report(1))
            await woken.wait()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_a_lease_is_one_s_alone_until_it_ends_or_is_left(peers: list[Stores]) -> None:
    first, second, _ = (shared(stores).leases for stores in peers)
    fence = await first.take(["a"], 30)
    assert fence is not None
    assert await first.take(["a"], 30) == fence, "renewed"
    assert await second.take(["a"], 30) is None
    assert await second.take(["b", "a"], 30) is None, "all or none"
    assert await first.take(["b"], 2) is not None
    assert set(await second.others("")) == {"a", "b"}
    async with asyncio.timeout(PATIENCE):
        while "b" in await second.others(""):  # noqa: ASYNC110 - it ends by the clock
            await asyncio.sleep(0.1)
    assert list(await second.others("")) == ["a"]
    assert await second.take(["b"], 30) is not None
    await first.release(["a", "b"])
    taken = await second.take(["a", "b"], 30)
    assert taken is not None
    assert taken > fence
    assert await first.take(["b"], 30) is None, "only one's own can be left"


async def test_of_many_that_reach_for_a_lease_one_gets_it(peers: list[Stores]) -> None:
    took = await asyncio.gather(*(shared(stores).leases.take(["x", "y"], 30) for stores in peers for _ in range(5)))
    assert sum(fence is not None for fence in took) == 5


async def test_turns_come_one_after_another_for_all(peers: list[Stores]) -> None:
    turns = list[tuple[float, float]]()
    for stores in (*peers, *peers):
        asked = time.monotonic()
        wait = await shared(stores).leases.turn("identify 0", 5)
        # The wait counts from some moment in between.
        turns.append((asked + wait, time.monotonic() + wait))
        assert len(turns) > 1 or wait == 0
    for before, after in pairwise(turns):
        assert after[0] - before[1] <= 5.01 and after[1] - before[0] >= 4.99, turns
    assert await shared(peers[0]).leases.turn("identify 1", 5) == 0


async def test_who_no_longer_decides_writes_nothing(peers: list[Stores]) -> None:
    first, second, _ = peers
    fence = await shared(first).leases.take(["lead"], 30)
    outage = Outage("one", Phase.ON, 1000)
    with pytest.raises(StoreError):
        await first.outages.write(WatchStep("one", watch="{}", outage=outage, fence=NEVER))
    await first.outages.write(WatchStep("one", watch="{}", outage=outage, fence=fence))
    await shared(first).leases.release(["lead"])
    newer = await shared(second).leases.take(["lead"], 30)
    with pytest.raises(StoreError) as refused:
        await first.outages.write(WatchStep("one", watch='{"old": 1}', was="{}", outage=outage, fence=fence))
    assert isinstance(refused.value.__cause__, LeaseLostError)
    assert await first.outages.watches() == {"one": "{}"}
    assert len(await first.outages.outages(0)) == 1
    await second.outages.write(WatchStep("one", watch='{"new": 1}', was="{}", fence=newer))
    assert await first.outages.watches() == {"one": '{"new": 1}'}


async def test_a_kind_of_a_newer_version_is_passed_on_for_the_reader_to_leave_out(peers: list[Stores]) -> None:
    first, second, _ = peers
    await shared(first).events.publish("of the future", {"x": 1})
    assert await received(second) == [("of the future", {"x": 1})]


async def test_a_step_whose_answer_was_lost_is_not_written_twice(peers: list[Stores]) -> None:
    first, *_ = peers
    fence = await shared(first).leases.take(["lead"], 30)
    step = WatchStep("one", watch='{"minute": 1}', outage=Outage("one", Phase.ON, 1000), fence=fence)
    await first.outages.write(step)
    with pytest.raises(StoreError) as refused:
        await first.outages.write(step)  # as if nobody had said that it was written
    assert isinstance(refused.value.__cause__, WrittenAlreadyError)
    assert len(await first.outages.outages(0)) == 1
    await first.outages.write(replace(step, watch='{"minute": 2}', was='{"minute": 1}', outage=None))


async def test_a_service_that_another_process_knows_is_left_out(
    peers: list[Stores], postgres_settings: Settings
) -> None:
    first, *_ = peers
    async with open_stores(postgres_settings, ["one", "two"]) as newer:
        await newer.outages.write(WatchStep("two", watch="{}", outage=Outage("two", Phase.ON, 1000)))
        await newer.outages.write(WatchStep("one", watch="{}"))
        await newer.replies.add(PostedReply(1, 2, 3, "two", 1000, "rule"))
        await newer.hours.fold(0, 0, ["two"])
        await newer.subscribers.add(Subscriber("two", 9, 0, 0, 1000))
    assert await first.replies.since(0, 9) == []
    assert await first.hours.since(0) == {}
    assert await first.subscribers.of(9) == []
    assert await first.outages.watches() == {"one": "{}"}
    assert await first.outages.outages(0) == []


def test_what_a_newer_version_tells_beside_is_left_out() -> None:
    row = {"id": 0, "service": "one", "guild_id": 0, "phase": "on", "began": 1000, "document": '{"weather": "rain"}'}
    assert as_outage(row | {"weather": "rain"}) == Outage("one", Phase.ON, 1000)
    reading = Reading(Signal.PROBE, State.UP, Cause.ANSWERED, 1.0)
    [document] = readings("one", [reading])[1]
    assert as_reading(document | {"weather": "rain"}) == reading
