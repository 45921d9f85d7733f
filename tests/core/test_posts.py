"""The posts that an outage needs in each server: announcement, role ping, reminder, summary; and those it does not."""

from dataclasses import replace

from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind, plan, summaries

NOW = 1_700_000_000
ON = Outage("s", Phase.ON, NOW, id=1, detected=NOW, seen=NOW)
SUSPECTED = replace(ON, phase=Phase.SUSPECTED, detected=None)
NEWS = GuildSettings(outage_channel=10)


def test_each_server_that_names_a_channel_is_told_once() -> None:
    new = plan(ON, {}, {1: NEWS, 2: GuildSettings()}).new
    assert [(post.kind, post.guild_id, post.channel_id) for post in new] == [(PostKind.ANNOUNCEMENT, 1, 10)]
    assert plan(ON, {1: replace(new[0], id=5)}, {1: NEWS}).new == ()


def test_a_recovery_is_told_to_nobody_who_was_not_told_of_the_outage() -> None:
    for phase in (Phase.RECOVERING, Phase.OVER, Phase.DISMISSED):
        assert plan(replace(ON, phase=phase), {}, {1: NEWS}).new == ()


def test_suspicions_go_to_those_who_want_them() -> None:
    eager = replace(NEWS, outage_possible=True)
    assert [post.guild_id for post in plan(SUSPECTED, {}, {1: NEWS, 2: eager}).new] == [2]


def test_a_role_is_called_once_with_the_announcement_or_when_it_is_certain() -> None:
    called = replace(NEWS, outage_role=7, outage_possible=True)
    [first] = plan(ON, {}, {1: called}).new
    assert first.pinged
    [early] = plan(SUSPECTED, {}, {1: called}).new
    assert not early.pinged
    sent = replace(early, id=5, message_id=50, thread_id=50)
    later = plan(ON, {1: sent}, {1: called})
    assert [(post.kind, post.channel_id) for post in later.new] == [(PostKind.PING, 50)]
    assert plan(ON, {1: later.changed[0]}, {1: called}).new == ()


def test_reminders_come_only_where_they_are_wanted() -> None:
    sent = Post(1, PostKind.ANNOUNCEMENT, 1, 10, id=5, message_id=50)
    hourly = replace(NEWS, outage_reminder=1)
    hour_later = replace(ON, seen=NOW + 3600)
    assert plan(hour_later, {1: sent}, {1: NEWS}).new == ()
    reminded = plan(hour_later, {1: sent}, {1: hourly})
    assert [post.kind for post in reminded.new] == [PostKind.REMINDER]
    assert plan(replace(ON, seen=NOW + 5000), {1: reminded.changed[0]}, {1: hourly}).new == ()


def test_a_lost_announcement_is_made_again_only_elsewhere() -> None:
    lost = Post(1, PostKind.ANNOUNCEMENT, 1, 10, id=5, lost=True)
    assert plan(ON, {1: lost}, {1: NEWS}).new == ()
    assert [post.channel_id for post in plan(ON, {1: lost}, {1: replace(NEWS, outage_channel=11)}).new] == [11]


def test_every_thread_gets_a_last_word() -> None:
    with_thread = Post(1, PostKind.ANNOUNCEMENT, 1, 10, id=5, message_id=50, thread_id=50)
    without = Post(1, PostKind.ANNOUNCEMENT, 2, 20, id=6, message_id=60)
    assert [(p.kind, p.channel_id) for p in summaries(ON, [with_thread, without])] == [(PostKind.SUMMARY, 50)]


def test_nothing_follows_an_announcement_that_was_not_sent_or_is_lost_or_whose_server_left() -> None:
    wanted = replace(NEWS, outage_role=7, outage_reminder=1)
    late = replace(ON, seen=NOW + 7200)
    sent = Post(1, PostKind.ANNOUNCEMENT, 1, 10, id=5, message_id=50)
    assert [post.kind for post in plan(late, {1: sent}, {1: wanted}).new] == [PostKind.PING, PostKind.REMINDER]
    for post, audience in (
        (replace(sent, message_id=None), {1: wanted}),
        (replace(sent, lost=True), {1: wanted}),
        (sent, {2: GuildSettings()}),
    ):
        after = plan(late, {1: post}, audience)
        assert (after.new, after.changed) == ((), ())


def test_reminders_are_counted_from_when_it_was_called_and_then_from_the_last_one() -> None:
    sent = Post(1, PostKind.ANNOUNCEMENT, 1, 10, id=5, message_id=50)
    for hours in (1, 3, 6):
        wanted = replace(NEWS, outage_reminder=hours)
        early, due = (replace(ON, seen=NOW + hours * 3600 + more) for more in (-1, 0))
        assert plan(early, {1: sent}, {1: wanted}).new == ()
        first = plan(due, {1: sent}, {1: wanted})
        assert [post.kind for post in first.new] == [PostKind.REMINDER] and first.changed[0].reminded == due.seen
        again = replace(due, seen=due.seen + hours * 3600)
        assert plan(replace(again, seen=again.seen - 1), {1: first.changed[0]}, {1: wanted}).new == ()
        assert len(plan(again, {1: first.changed[0]}, {1: wanted}).new) == 1
