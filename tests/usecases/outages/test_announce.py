"""Announcing when Discord refuses: one refusal does not stop other posts, and nothing untrue is announced."""

from dataclasses import replace

import pytest

from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import DAY, Report
from bot.core.signals import Cause, Reading, Signal, State
from bot.usecases.outages.deliveries import Result
from bot.usecases.outages.due_posts import Backlog
from bot.usecases.outages.ports import PostRefusedError, PostUndeliveredError
from tests.usecases.outages.outage_world import SERVICE, RecordingNotifier, World

NEWS = {1: GuildSettings(outage_channel=10, outage_role=7, outage_possible=True)}


async def world_on(guilds: dict[int, GuildSettings] | None = None) -> World:
    """A world in which an outage is on and announced."""
    world = World(guilds or NEWS)
    await world.learn()
    await world.start()
    for _ in range(10):
        await world.minute(8)
    current = world.cache.current(SERVICE)
    assert current is not None and current.phase is Phase.ON
    return world


async def pass_by(world: World, minutes: int = 240) -> None:
    """Time without reports; four hours are enough for the end, and for the time in which it may go on."""
    for _ in range(minutes):
        await world.minute()


def announcement(world: World) -> tuple[int, Outage]:
    [(number, message)] = [(n, t) for n, t in world.channels.messages.items() if t.post.kind is PostKind.ANNOUNCEMENT]
    return number, message.outage


def kinds(world: World) -> list[PostKind]:
    return [message.post.kind for message in world.channels.messages.values()]


async def test_a_thread_that_may_not_be_archived_closes_no_channel_and_tells_no_moderator() -> None:
    world = await world_on()
    await world.minute(8)
    number, _ = announcement(world)
    world.channels.never_closed.add(number)
    await pass_by(world)
    assert kinds(world).count(PostKind.SUMMARY) == 1 and announcement(world)[1].phase is Phase.OVER
    assert world.notified == [] and world.doors.kept == {}
    assert not list(world.disk.posts)


async def test_a_service_that_fails_again_and_again_has_one_message_and_calls_its_role_once() -> None:
    world = World({1: GuildSettings(outage_channel=10, outage_role=7)})
    await world.learn()
    await world.start()
    called_at = list[int]()
    for minute in range(12 * 60):
        await world.minute(8 if minute % 55 < 8 else 0)
        current = world.cache.current(SERVICE)
        if current is not None and current.phase is Phase.ON:
            world.disk.waiting = [4]  # somebody always wants to know when it is back
        if kinds(world).count(PostKind.CALL) > len(called_at):
            called_at.append(minute)
        if minute == 300:
            await world.start()
    assert kinds(world).count(PostKind.ANNOUNCEMENT) == 1
    assert [message.post.pinged for message in world.channels.messages.values()].count(True) == 1
    assert PostKind.PING not in kinds(world)
    assert len(called_at) == 1, "after the first episode; nobody knew yet that it would fail again"
    number, outage = announcement(world)
    assert outage.episodes == 14
    assert 100 * 60 < outage.lasted < 200 * 60, "the time that it failed"
    assert kinds(world).count(PostKind.REOPENED) == kinds(world).count(PostKind.SUMMARY) == 1
    assert world.channels.threads[number], "the thread is open again"
    await pass_by(world)
    assert kinds(world).count(PostKind.CALL) == 2 and not world.channels.threads[number]
    await pass_by(world)
    assert world.disk.posts == {}


@pytest.mark.parametrize("wanted", [True, False])
async def test_a_line_in_the_channel_says_that_it_is_over_where_that_is_wanted(wanted: bool) -> None:
    world = await world_on({1: GuildSettings(outage_channel=10, outage_end=wanted)})
    await pass_by(world)
    lines = [
        message.post.channel_id for message in world.channels.messages.values() if message.post.kind is PostKind.END
    ]
    assert lines == ([10] if wanted else [])
    assert world.disk.posts == {}


async def test_nobody_is_called_back_while_the_probe_still_fails() -> None:
    world = World({1: GuildSettings(outage_channel=10)})
    await world.learn()
    await world.start()

    async def hours(count: float, state: State, people: int = 0) -> None:
        for _ in range(int(count * 60)):
            world.signals.put(SERVICE, Reading(Signal.PROBE, state, Cause.ANSWERED, world.clock()))
            await world.minute(people)

    await hours(0.1, State.UP)
    await hours(0.5, State.DOWN, 8)
    world.disk.waiting = [4]
    await hours(3, State.DOWN)
    await world.start()
    await hours(2, State.DOWN)
    number, outage = announcement(world)
    assert outage.phase is Phase.ON and outage.faded is not None and set(outage.still) == {Signal.PROBE}
    assert world.channels.threads[number] and PostKind.CALL not in kinds(world)
    await hours(0.1, State.UP)
    assert announcement(world)[1].phase is Phase.RECOVERING and PostKind.CALL in kinds(world)
    assert 5.4 * 3600 < announcement(world)[1].lasted < 5.7 * 3600


async def test_a_second_outage_of_the_day_does_not_call_the_role_again_so_soon() -> None:
    world = World({1: GuildSettings(outage_channel=10, outage_role=7)})
    await world.learn()
    await world.start()
    pings = list[bool]()
    for pause in (210, 400, 0):
        for _ in range(12):
            await world.minute(8)
        await pass_by(world, pause)
        pings = [
            message.post.pinged
            for message in world.channels.messages.values()
            if message.post.kind is PostKind.ANNOUNCEMENT
        ]
    assert pings == [True, False, True] and PostKind.PING not in kinds(world)


async def test_a_refused_thread_is_not_the_end_of_the_announcement(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object) -> int:
        raise PostRefusedError("403 Missing Permissions")

    monkeypatch.setattr("tests.usecases.outages.outage_world.RecordingNotifier.open_thread", refused)
    world = await world_on()
    await pass_by(world)
    assert announcement(world)[1].phase is Phase.OVER
    assert world.disk.posts == {}


async def test_an_edit_refused_for_a_while_is_made_later() -> None:
    world = await world_on()
    world.channels.moods = ["not taken"] * 3
    await pass_by(world)
    assert announcement(world)[1].phase is Phase.OVER


async def test_an_announcement_that_was_deleted_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await world_on()

    async def gone(*_: object) -> None:
        raise PostRefusedError("404 Unknown Message", gone=True)

    monkeypatch.setattr("tests.usecases.outages.outage_world.RecordingNotifier.edit", gone)
    await pass_by(world)
    assert world.disk.posts == {} and len(world.channels.messages) <= 2


async def test_calls_go_to_the_channel_where_the_thread_is_closed_to_us(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await world_on()
    world.disk.waiting = [1, 2]
    thread = announcement(world)[0]
    send = type(world.channels).send

    async def not_in_thread(channels: object, post: Post, outage: Outage) -> int:
        if post.channel_id == thread:
            raise PostRefusedError("403 Missing Permissions")
        return await send(channels, post, outage)  # type: ignore[arg-type]

    monkeypatch.setattr("tests.usecases.outages.outage_world.RecordingNotifier.send", not_in_thread)
    await pass_by(world)
    calls = [message.post for message in world.channels.messages.values() if message.post.kind is PostKind.CALL]
    assert [(post.channel_id, post.people) for post in calls] == [(10, (1, 2))]


async def test_nobody_is_called_while_it_fails_again() -> None:
    world = await world_on()
    world.disk.waiting = [1]
    world.channels.ready = False
    while (current := world.cache.current(SERVICE)) is not None and current.phase is Phase.ON:
        await world.minute()
    for _ in range(10):
        await world.minute(9)
    world.channels.ready = True
    await world.minute(9)
    assert all(message.post.kind is not PostKind.CALL for message in world.channels.messages.values())
    await pass_by(world)
    assert [
        message.post.people for message in world.channels.messages.values() if message.post.kind is PostKind.CALL
    ] == [(1,)]


async def test_who_began_to_wait_as_it_came_back_is_called_when_it_is_over() -> None:
    """Another process hears of the recovery a moment after it was written."""
    world = await world_on()
    world.disk.waiting = [1]
    while world.disk.waiting:
        await world.minute()
    world.disk.waiting = [2]
    await pass_by(world)
    assert announcement(world)[1].phase is Phase.OVER
    assert [
        message.post.people for message in world.channels.messages.values() if message.post.kind is PostKind.CALL
    ] == [
        (1,),
        (2,),
    ]


async def test_a_role_is_not_called_after_it_is_over() -> None:
    world = await world_on()
    outage = world.cache.current(SERVICE)
    assert outage is not None
    late = Post(outage.id, PostKind.PING, 1, 10, id=999, attempted=1)
    world.disk.posts[999] = late
    world.posts.add([late])
    world.channels.moods = ["unreached"] * 60
    await pass_by(world)
    assert all(message.post.kind is not PostKind.PING for message in world.channels.messages.values())


async def test_a_service_that_is_no_longer_watched_holds_nothing_up() -> None:
    world = World(NEWS)
    await world.learn()
    gone = Outage("removed", Phase.ON, int(world.clock()) - 600, id=500, detected=int(world.clock()) - 500)
    world.disk.kept[500] = gone
    world.disk.posts[501] = Post(500, PostKind.ANNOUNCEMENT, 1, 10, id=501, message_id=1)
    world.disk.given = 600
    await world.start()
    for _ in range(10):
        await world.minute(8)
    assert announcement(world)[1].service == SERVICE
    assert 501 not in world.disk.posts


async def test_a_clock_set_back_does_not_silence_a_post_that_failed() -> None:
    world = World(NEWS)
    await world.learn()
    await world.start()
    world.channels.moods = ["unreached"] * 8
    for _ in range(10):
        await world.minute(8)
    world.clock.off = -DAY
    for _ in range(12):
        await world.minute(8)
    assert any(message.post.kind is PostKind.ANNOUNCEMENT for message in world.channels.messages.values())


async def test_a_message_found_after_a_crash_is_brought_up_to_date() -> None:
    world = await world_on()
    number, outage = announcement(world)
    post = next(post for post in world.disk.posts.values() if post.kind is PostKind.ANNOUNCEMENT)
    world.disk.posts[post.id] = replace(post, message_id=None, thread_id=None)
    await world.start()
    world.channels.messages[number].outage = replace(outage, recent=0)
    for _ in range(3):
        await world.minute(8)
    assert announcement(world)[1].recent > 0


@pytest.mark.parametrize("code", [10003, 50001, 50013, 50083])
async def test_a_closed_channel_costs_one_request_and_moderators_hear_of_it_once(code: int) -> None:
    world = World(NEWS | {2: GuildSettings(outage_channel=20)})
    await world.learn()
    await world.start()
    world.channels.locked[10] = code
    for _ in range(2):
        for _ in range(20):
            await world.minute(8)
        await pass_by(world)
        await world.start()
    assert world.channels.refused == 1 and world.notified == [10]
    servers = {t.post.guild_id for t in world.channels.messages.values() if t.post.kind is PostKind.ANNOUNCEMENT}
    assert servers == {2}, "the others hear of it all the same"
    assert world.disk.posts == {}


async def test_a_channel_that_opens_while_it_is_on_is_told_then() -> None:
    world = World(NEWS)
    await world.learn()
    await world.start()
    world.channels.locked[10] = 50013
    for _ in range(15):
        await world.minute(8)
    assert not world.channels.messages
    await world.start()  # and over a restart
    world.open_door(10)
    for _ in range(2):
        await world.minute(8)
    assert announcement(world)[1].phase is Phase.ON
    assert not world.doors.kept, "the next time they are told anew"
    await pass_by(world)
    assert announcement(world)[1].phase is Phase.OVER and world.notified == [10]


async def test_the_last_word_and_the_calls_wait_until_the_channel_opens() -> None:
    world = await world_on()
    world.disk.waiting = [1, 2]
    thread = announcement(world)[0]
    world.channels.locked |= {10: 50001, thread: 50001}
    await pass_by(world)
    assert announcement(world)[1].phase is Phase.ON, "nobody could be told"
    world.open_door(thread)
    world.open_door(10)
    await pass_by(world, 3)
    assert announcement(world)[1].phase is Phase.OVER
    await pass_by(world)
    calls = [message.post.people for message in world.channels.messages.values() if message.post.kind is PostKind.CALL]
    assert calls == [(1, 2)] and world.disk.posts == {}


async def world_with_a_lost_answer() -> World:
    """The announcement arrived, Discord's answer was lost, and then the channel was closed to us."""
    world = World(NEWS)
    await world.learn()
    await world.start()
    world.channels.moods = ["lost answer"]
    while not world.channels.messages:
        await world.minute(8)
        if world.channels.messages:
            world.channels.locked[10] = 50013
    await world.minute(8)
    assert world.notified == [10]
    return world


async def test_an_announcement_whose_answer_was_lost_says_that_it_is_over_once_its_channel_opens() -> None:
    world = await world_with_a_lost_answer()
    await pass_by(world)
    assert announcement(world)[1].phase is not Phase.OVER, "nobody could be told"
    world.open_door(10)
    await pass_by(world, 3)
    assert announcement(world)[1].phase is Phase.OVER
    await pass_by(world)
    assert world.disk.posts == {}


async def test_an_announcement_whose_answer_was_lost_is_given_up_after_a_week() -> None:
    world = await world_with_a_lost_answer()
    await pass_by(world)
    assert world.disk.posts
    world.clock.lived += 8 * DAY
    await pass_by(world, 2)
    assert world.disk.posts == {}


async def test_a_channel_that_stays_closed_is_given_up_after_a_week() -> None:
    world = await world_on()
    world.disk.waiting = [1]
    world.channels.locked |= {10: 50001, announcement(world)[0]: 50001}
    await pass_by(world)
    assert world.disk.posts
    world.clock.lived += 8 * DAY
    await pass_by(world, 2)
    assert world.disk.posts == {}, "and nobody's id is kept with it"


async def test_another_channel_is_told_when_moderators_choose_one() -> None:
    world = World(NEWS)
    await world.learn()
    await world.start()
    world.channels.locked[10] = 10003
    for _ in range(12):
        await world.minute(8)
    world.guilds.put(1, replace(NEWS[1], outage_channel=11))
    await world.minute(8)
    await world.minute(8)
    assert {message.post.channel_id for message in world.channels.messages.values()} >= {11}


def raid(world: World, guild: int, people: int, *, young: bool = False) -> None:
    """So many people of one server report in this moment."""
    for _ in range(people):
        number = len(world.reports) + 1
        report = Report(number, SERVICE, guild, number, None, int(world.clock()), young)
        world.reports.append(report)
        world.board.mirror(SERVICE).add(report)


def announced_in(world: World) -> set[int]:
    return {t.post.guild_id for t in world.channels.messages.values() if t.post.kind is PostKind.ANNOUNCEMENT}


TWO = {guild: GuildSettings(outage_channel=10 * guild, outage_possible=True) for guild in (1, 2)}


async def test_what_one_server_alone_says_is_told_there_and_nowhere_else() -> None:
    world = World(TWO)
    await world.learn()
    await world.start()
    raid(world, 2, 1)  # one person elsewhere is no crowd
    for minute in range(10):
        raid(world, 1, 30)
        await world.minute()
        if minute == 8:
            await world.start()
    assert world.cache.current(SERVICE) is not None
    assert announced_in(world) == {1}
    assert world.scopes.concerns(SERVICE, 1) and not world.scopes.concerns(SERVICE, 2)
    raid(world, 2, 2)
    await world.minute()
    await world.minute()
    assert announced_in(world) == {1, 2}, "three of another server"
    await pass_by(world)
    assert world.disk.posts == {}


async def raided() -> World:
    """Two servers, one of which is raided for ten minutes."""
    world = World(TWO)
    await world.learn()
    await world.start()
    for _ in range(10):
        raid(world, 1, 30)
        await world.minute()
    return world


async def test_young_accounts_elsewhere_weigh_a_quarter() -> None:
    world = await raided()
    raid(world, 2, 11, young=True)
    await world.minute()
    await world.minute()
    assert announced_in(world) == {1}
    raid(world, 2, 1, young=True)
    await world.minute()
    await world.minute()
    assert announced_in(world) == {1, 2}


async def test_a_raid_that_takes_its_reports_back_is_not_told_elsewhere() -> None:
    world = await raided()
    for report in world.reports:
        world.board.mirror(SERVICE).withdraw(report.reporter)
    for minute in range(30):
        await world.minute()
        if minute == 10:
            await world.start()
    assert announced_in(world) == {1}


async def test_one_account_that_reports_and_takes_it_back_is_one_person() -> None:
    world = World(TWO)
    await world.learn()
    await world.start()
    mirror = world.board.mirror(SERVICE)
    for minute in range(180):
        if minute % 2:
            mirror.withdraw(7)
        else:
            mirror.add(Report(minute + 1, SERVICE, 1, 7, None, int(world.clock())))
        await world.minute()
    assert announced_in(world) == set() and world.cache.recent(SERVICE) == []


async def test_one_account_does_not_keep_an_outage_on() -> None:
    ends = list[int]()
    for cycles in (False, True):
        world = await world_on()
        mirror, minute = world.board.mirror(SERVICE), 0
        while world.cache.current(SERVICE) is not None and minute < 600:
            minute += 1
            if cycles and minute % 2:
                mirror.add(Report(10**6 + minute, SERVICE, 1, 7, None, int(world.clock())))
            elif cycles:
                mirror.withdraw(7)
            await world.minute()
        ends.append(minute)
    assert ends[1] <= ends[0] + 30, ends


async def test_the_probe_vouches_for_one_server() -> None:
    world = await raided()
    world.signals.put(SERVICE, Reading(Signal.PROBE, State.UP, Cause.ANSWERED, world.clock()))
    await world.minute()
    assert announced_in(world) == {1}
    for _ in range(2):
        world.signals.put(SERVICE, Reading(Signal.PROBE, State.DOWN, Cause.SERVER_ERROR, world.clock()))
    await world.minute()
    await world.minute()
    assert announced_in(world) == {1, 2}


async def test_never_announced_and_already_over_is_silent() -> None:
    world = World(NEWS)
    await world.learn()
    await world.start()
    world.channels.ready = False
    for _ in range(10):
        await world.minute(8)
    for _ in range(90):
        await world.minute()
    world.channels.ready = True
    await world.start()
    await pass_by(world, 5)
    assert not world.channels.messages and world.disk.posts == {}


async def test_a_recovery_while_we_were_off_is_told_and_nothing_new_is_nothing() -> None:
    world = await world_on()
    for _ in range(3):
        await world.start()
        await world.minute(8)
    assert len(world.channels.messages) == 1, "a restart says nothing anew"
    world.clock.lived += 3 * 3600
    await world.start()
    await pass_by(world)
    assert announcement(world)[1].phase is Phase.OVER
    count = len(world.channels.messages)
    await world.start()
    await pass_by(world)
    assert len(world.channels.messages) == count and world.disk.posts == {}


async def test_a_channel_that_opens_while_moderators_are_told_is_not_forgotten() -> None:
    world = World(NEWS)
    await world.learn()
    await world.start()
    world.channels.locked[10] = 50013
    world.mended_at_once = True
    for _ in range(15):
        await world.minute(8)
    assert announced_in(world) == {1}


async def test_a_thread_that_was_deleted_does_not_close_its_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await world_on()
    world.disk.waiting = [1, 2]
    thread, send = announcement(world)[0], RecordingNotifier.send

    async def flaky(notifier: RecordingNotifier, post: Post, outage: Outage) -> int:
        if post.kind is PostKind.CALL and not notifier.locked:
            notifier.locked[thread] = 10003
            raise PostUndeliveredError("503")
        return await send(notifier, post, outage)

    monkeypatch.setattr(RecordingNotifier, "send", flaky)
    await pass_by(world)
    calls = [message.post for message in world.channels.messages.values() if message.post.kind is PostKind.CALL]
    assert [(post.channel_id, post.people) for post in calls] == [(10, (1, 2))]
    assert 10 not in world.notified and announcement(world)[1].phase is Phase.OVER


async def test_after_a_restart_an_outage_of_many_servers_is_still_one_of_all() -> None:
    world = World(TWO)
    await world.learn()
    await world.start()
    for guild in (2, 3):
        raid(world, guild, 1)
    for _ in range(80):
        raid(world, 1, 30)
        await world.minute()
    assert world.scopes.concerns(SERVICE, 2)
    await world.start()
    await world.minute()
    assert world.scopes.concerns(SERVICE, 2)


async def test_servers_whose_owner_is_not_known_yet_do_not_widen_an_outage() -> None:
    world = World(TWO)
    world.owners = {3: None, 4: None}
    await world.learn()
    await world.start()
    for _ in range(10):
        for guild in (1, 3, 4):
            raid(world, guild, 10)
        await world.minute()
    assert announced_in(world) == {1}
    world.owners = {3: 7, 4: 7}
    await world.minute()
    assert announced_in(world) == {1}, "two owners are not three"
    world.owners = {3: 7, 4: 8}
    await world.minute()
    assert announced_in(world) == {1, 2}


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_clock_that_jumps_after_the_end_announces_no_outage_twice(days: int) -> None:
    world = await world_on()
    await pass_by(world, 60)
    assert announcement(world)[1].phase is Phase.OVER
    world.clock.off = days * 86_400
    await pass_by(world, 5)
    world.clock.off = 0
    for _ in range(30):
        await world.minute(8)
    posts = [(t.post.outage_id, t.post.guild_id) for t in world.channels.messages.values()
            if t.post.kind is PostKind.ANNOUNCEMENT]  # fmt: skip
    assert len(posts) == len(set(posts))


async def test_what_waits_to_be_sent_is_told_with_its_age_and_what_came_of_each_try() -> None:
    world = World({5: GuildSettings(outage_channel=50), 6: GuildSettings(outage_channel=60)})
    await world.learn()
    await world.start()
    world.channels.moods = ["unreached"] * 40
    for _ in range(10):
        await world.minute(9)
    waits = world.due.backlog
    assert waits.waiting == 2 and waits.since is not None and world.clock() - waits.since >= 120
    assert world.deliveries.results[Result.LATER] >= 2 and not world.deliveries.results[Result.DONE]
    world.channels.moods = ["not taken"]
    for _ in range(10):
        await world.minute(9)
    assert world.due.backlog == Backlog()
    assert world.deliveries.results[Result.REFUSED] == 1 and world.deliveries.results[Result.DONE] >= 2


async def test_a_thread_whose_opening_was_never_answered_is_closed_at_the_end() -> None:
    world = World(NEWS)
    world.channels.loses_threads = True
    await world.learn()
    await world.start()
    for _ in range(10):
        await world.minute(8)
    number, _ = announcement(world)
    assert world.channels.threads == {number: True}
    await pass_by(world)
    assert world.channels.threads == {number: False}
    assert world.disk.posts == {}
