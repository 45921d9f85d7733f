"""Stores: data can be read as they were written, and only the requested data are deleted."""

import asyncio
import traceback
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.event import listen, remove

from bot.core.errors import StoreError
from bot.core.guild_settings import GuildSettings, changes
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import HOUR, Report
from bot.core.rule_scores import RuleScore
from bot.core.webhooks import WebhookMessage
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.usecases.outages.ports import Subscriber, WatchStep
from bot.usecases.replies.ports import PostedReply, RuleVote

pytestmark = pytest.mark.parametrize("settings", ["sqlite", "postgres"], indirect=True)


def report(number: int, *, service: str = "one", who: int = 7, at: int = 1000) -> Report:
    return Report(number, service, 5, who, None, at)


async def kept(stores: Stores, since: int = 0) -> Sequence[Report]:
    return [r async for chunk in stores.reports.back_to(since) for r in chunk][::-1]


async def test_reports_come_back_in_order_from_a_moment_on(stores: Stores) -> None:
    for number in (3, 1, 2):
        await stores.reports.append(report(number, at=number * 100))
    assert [r.id for r in await kept(stores)] == [1, 2, 3]
    assert [r.id for r in await kept(stores, since=200)] == [3]


async def test_many_reports_of_one_second_come_back_all_in_chunks(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.report_log._CHUNK", 7)
    await asyncio.gather(*(stores.reports.append(report(n, who=n, at=50 + n // 30)) for n in range(100)))
    assert sorted(r.id for r in await kept(stores)) == list(range(100))


async def test_withdrawn_changed_and_forgotten_reports(stores: Stores) -> None:
    first, second, third = report(1), report(2, who=8), report(3, who=8)
    for one in (first, second, third):
        await stores.reports.append(one)
    await stores.reports.delete(second)
    await stores.reports.set_symptom(Report(1, "one", 5, 7, "login", 1000))
    assert [(r.id, r.symptom) for r in await stores.reports.of(7)] == [(1, "login")]
    assert await stores.reports.delete_person(8) == 1
    assert [r.id for r in await kept(stores)] == [1]


async def test_a_bad_row_does_not_take_its_neighbours_down(stores: Stores) -> None:
    await stores.reports.append(report(1))
    asks = [stores.reports.append(report(n)) for n in (2, 1, 3)]
    outcomes = await asyncio.gather(*asks, return_exceptions=True)
    assert [type(o) for o in outcomes] == [type(None), StoreError, type(None)]
    assert [r.id for r in await kept(stores)] == [1, 2, 3]


async def test_purge_takes_the_old_and_leaves_the_young(stores: Stores) -> None:
    await asyncio.gather(*(stores.reports.append(report(n, at=n)) for n in range(1200)))
    assert await stores.reports.purge(1100) == 1100
    assert [r.at for r in await kept(stores)] == list(range(1100, 1200))


async def test_folding_counts_hours_quiet_ones_too_and_may_be_repeated(stores: Stores) -> None:
    for number, hour in enumerate([10, 10, 12]):
        await stores.reports.append(report(number, at=hour * HOUR + 5))
    await stores.reports.append(report(9, service="two", at=11 * HOUR))
    for _ in range(2):
        await stores.hours.fold(10, 12, ["one", "two"])
    counts = await stores.hours.since(0)
    assert counts["one"] == {10: 2, 11: 0, 12: 1}
    assert counts["two"] == {10: 0, 11: 1, 12: 0}
    assert await stores.hours.purge(12) == 4


async def test_settings_and_their_log(stores: Stores) -> None:
    before, after = GuildSettings(), GuildSettings(frozenset({1, 2}), cooldown=60, reactions=("🔥",))
    await stores.settings.save(5, after, 99, 1000, changes(before, after))
    await stores.settings.save(6, before, 99, 1000, changes(after, before))
    assert (await stores.settings.all())[5] == after
    log = await stores.settings.log(5, 10)
    assert [(e.moderator_id, e.change.field) for e in log] == [(99, "reactions"), (99, "cooldown"), (99, "channels")]
    await stores.servers.delete(5)
    assert set(await stores.settings.all()) == {6} and await stores.settings.log(5, 10) == []


async def test_opt_outs_replies_and_facts(stores: Stores) -> None:
    await stores.opt_outs.add(1, 10)
    await stores.opt_outs.add(1, 11)
    assert await stores.opt_outs.all() == {1}
    assert await stores.opt_outs.delete(1) and not await stores.opt_outs.delete(1)
    old, new = PostedReply(1, 2, 3, "one", 100), PostedReply(2, 2, 3, "two", 200)
    for reply in (old, new):
        await stores.replies.add(reply)
    assert await stores.replies.since(0, 9) == [old, new]
    assert await stores.replies.since(0, 1) == [new]
    assert await stores.replies.purge(150) == 1 and await stores.replies.since(0, 9) == [new]
    await stores.meta.put("k", "1")
    await stores.meta.put("k", "2")
    assert await stores.meta.get("k") == "2" and await stores.meta.get("other") is None


async def test_votes_count_once_and_scores_come_back_as_they_were(stores: Stores) -> None:
    vote = RuleVote(5, "question", -7, 100)
    assert await stores.votes.add(vote) and not await stores.votes.add(replace(vote, at=200))
    assert await stores.votes.add(replace(vote, rule="error"))
    assert sorted(one.rule for one in await stores.votes.of(-7)) == ["error", "question"]
    assert await stores.votes.purge(100) == 0
    assert await stores.votes.purge(101) == 2 and await stores.votes.of(-7) == []
    score = RuleScore(4, 3, off=True, since=1_790_000_000)
    await stores.rules.put(5, "question", RuleScore())
    await stores.rules.put(5, "question", score)
    assert await stores.rules.all() == {(5, "question"): score}


async def test_people_are_counted_once_in_each_server(stores: Stores) -> None:
    made = [(1, 5, 7, "one", 100), (2, 5, 7, "two", 200), (3, 5, 8, "one", 300), (4, 6, 7, "one", 300)]
    for number, guild, who, service, at in made:
        await stores.reports.append(Report(number, service, guild, who, None, at))
    assert await stores.reports.people_by_server(0, 400) == {5: 2, 6: 1}
    assert await stores.reports.people_by_server(150, 300) == {5: 2, 6: 1}
    assert await stores.reports.people_by_server(101, 299) == {5: 1}
    assert await stores.reports.people_by_server(0, 250, "one") == {5: 1}


async def test_what_happened_on_a_day_is_counted_by_server(stores: Stores) -> None:
    days = stores.days
    for guild, what, day in ((5, "reply", 1), (5, "reply", 1), (5, "reply", 3), (5, "wrong", 2), (6, "reply", 2)):
        await days.add(guild, what, day)
    assert await days.between(5, 1, 3) == {"reply": 3, "wrong": 1}
    assert await days.between(5, 2, 2) == {"wrong": 1} and await days.between(7, 1, 3) == {}
    assert await days.add_first(5, "summary", 3) and not await days.add_first(5, "summary", 3)
    assert await days.add_first(6, "summary", 3) and await days.add_first(5, "summary", 10)
    assert await days.purge(3) == 3
    assert await days.between(5, 0, 9) == {"reply": 1, "summary": 1} and await days.between(6, 0, 9) == {"summary": 1}


async def test_thousands_of_posts_are_a_few_statements_and_each_has_its_own_id(stores: Stores) -> None:
    posts = tuple(Post(0, PostKind.ANNOUNCEMENT, guild, guild + 1) for guild in range(5000, 1, -1))
    statements = list[str]()
    listen(Engine, "before_cursor_execute", count := lambda *args: statements.append(args[2]))
    try:
        written = await stores.outages.write(WatchStep("one", outage=Outage("one", Phase.ON, 1), new=posts))
    finally:
        remove(Engine, "before_cursor_execute", count)
    assert sum("post" in statement for statement in statements) < 100
    assert {post.guild_id for post in written.posts} == {post.guild_id for post in posts}
    assert sorted(await stores.posts.all(), key=lambda post: post.id) == sorted(written.posts, key=lambda post: post.id)


async def test_posts_are_changed_found_and_dropped_one_by_one(stores: Stores) -> None:
    posts = tuple(Post(0, PostKind.ANNOUNCEMENT, guild, guild + 1) for guild in (1, 2, 3))
    written = await stores.outages.write(WatchStep("one", outage=Outage("one", Phase.ON, 1), new=posts))
    first, second, third = written.posts
    assert written.outage is not None
    assert await stores.posts.between(first.id, second.id) == [first, second]
    await stores.posts.update(second.id, {"message_id": 77, "attempted": 5})
    changed = replace(second, message_id=77, attempted=5)
    assert await stores.posts.all() == [first, changed, third]
    await stores.posts.delete(first)
    assert await stores.posts.all() == [changed, third]
    step = WatchStep("one", outage=replace(written.outage, seen=2), changed=(replace(third, pinged=True, reminded=9),))
    await stores.outages.write(step)
    assert await stores.posts.all() == [changed, replace(third, pinged=True, reminded=9)]


async def test_whoever_wants_no_call_is_taken_out_of_it_and_the_others_are_called(stores: Stores) -> None:
    outage = Outage("one", Phase.ON, 1)
    calls = tuple(Post(0, PostKind.CALL, 5, 6, people=people) for people in ((7, 8), (7,), (77, 8)))
    await stores.outages.write(WatchStep("one", outage=outage, new=calls))
    await stores.subscribers.add(Subscriber("one", 7, 5, 6, 100))
    await stores.subscribers.add(Subscriber("two", 7, 5, 6, 100))
    await stores.subscribers.add(Subscriber("one", 8, 5, 6, 100))
    assert await stores.subscribers.delete(7, "two") == 1
    assert [post.people for post in await stores.posts.all()] == [(7, 8), (7,), (77, 8)], "of another service"
    assert await stores.subscribers.delete(7) == 1
    assert [post.people for post in await stores.posts.all()] == [(8,), (77, 8)], "no call is left without people"
    assert [one.user_id for one in await stores.subscribers.of(8)] == [8]


async def test_who_waits_is_called_where_they_asked_in_the_order_they_came_and_a_simulation_calls_its_own(
    stores: Stores,
) -> None:
    simulated = await stores.outages.write(WatchStep("one", outage=Outage("one", Phase.ON, 1, guild_id=5)))
    real = await stores.outages.write(WatchStep("one", outage=Outage("one", Phase.ON, 1)))
    assert simulated.outage is not None and real.outage is not None
    for at, (user, guild, scope) in enumerate(
        [(9, 5, 0), (8, 5, 0), (7, 0, 0), (6, 0, 0), (5, 5, simulated.outage.id)]
    ):
        await stores.subscribers.add(Subscriber("one", user, guild, 6 if guild else 0, at, scope))
    written = await stores.outages.write(WatchStep("one", outage=replace(real.outage, seen=2), call=True))
    called = [(post.guild_id, post.people) for post in written.posts if post.kind is PostKind.CALL]
    assert sorted(called) == [(0, (6,)), (0, (7,)), (5, (9, 8))]
    assert [one.scope for one in await stores.subscribers.of(5)] == [simulated.outage.id]
    written = await stores.outages.write(WatchStep("one", outage=replace(simulated.outage, seen=2), call=True))
    assert [post.people for post in written.posts] == [(5,)]
    assert [len(await stores.subscribers.of(user)) for user in range(5, 10)] == [0] * 5


async def test_everything_is_there_after_a_restart_and_services_keep_their_numbers(settings: Settings) -> None:
    async with open_stores(settings, ["one", "two"]) as stores:
        await stores.reports.append(report(1, service="two"))
    async with open_stores(settings, ["two", "three"]) as stores:
        assert [(r.id, r.service) for r in await kept(stores)] == [(1, "two")]


async def test_leaving_writes_what_still_waits_and_later_writes_are_refused(settings: Settings) -> None:
    async with open_stores(settings, ["one"]) as stores:
        waiting = [asyncio.create_task(stores.reports.append(report(n))) for n in range(50)]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    with pytest.raises(StoreError):
        await stores.reports.append(report(99))
    async with open_stores(settings, ["one"]) as stores:
        assert len(await kept(stores)) == 50


async def test_a_failed_write_quotes_no_ids_of_people_not_even_in_its_traceback(stores: Stores) -> None:
    def drop(connection: Connection) -> None:
        connection.exec_driver_sql("DROP TABLE subscriber")

    await stores.writer.run(drop)
    for attempt in (
        stores.subscribers.add(Subscriber("one", 123_456_789, 1, 2, 3)),
        stores.subscribers.of(123_456_789),
    ):
        with pytest.raises(StoreError) as failed:
            await attempt
        text = "".join(traceback.format_exception(failed.value))
        assert ("no such table" in text or "does not exist" in text) and "123456789" not in text


async def test_the_database_says_how_large_it_is(stores: Stores) -> None:
    assert 10_000 < await stores.size() < 100_000_000


async def test_webhooks_are_written_with_their_outage_and_wait_for_their_receiver(stores: Stores) -> None:
    outage = Outage("one", Phase.ON, 1000)
    deliveries = tuple(WebhookMessage(receiver, "msg_1", '{"so": 1}', 1000) for receiver in ("first", "second"))
    await stores.outages.write(WatchStep("one", outage=outage, deliveries=deliveries))
    [first] = await stores.webhooks.waiting("first")
    [second] = await stores.webhooks.waiting("second")
    assert [replace(first, id=0), replace(second, id=0)] == [*deliveries] and first.id < second.id
    await stores.webhooks.delete(first)
    assert not await stores.webhooks.waiting("first") and await stores.webhooks.waiting("second") == [second]
    assert await stores.webhooks.purge(1000) == 0 and await stores.webhooks.purge(1001) == 1
    assert not await stores.webhooks.waiting("second")


async def test_a_step_that_cannot_be_written_leaves_no_webhook(stores: Stores) -> None:
    delivery = WebhookMessage("first", "msg_1", "{}", 1000)
    with pytest.raises(StoreError):
        await stores.outages.write(
            WatchStep("one", "{}", outage=Outage("one", Phase.ON, 1000), deliveries=(delivery,), fence=99)
        )
    assert not await stores.webhooks.waiting("first")
