"""Auto-replies: what is answered and what is not, and reactions that count."""

import asyncio
from typing import Any

import pytest

from tests.e2e.conftest import AUTO_REPLY, MENTION, Town, labels, others, reporter, sending
from tests.loopback import Channel, Perm, User
from tests.loopback.model import THREAD

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_mention_gets_one_reply_to_it_that_pings_nobody(town: Town) -> None:
    channel = town.channel()
    await town.turn_on(channel.guild, channel)
    said = await town.user().say(channel, MENTION)
    await town.heard_out(channel)
    (reply,) = town.said(channel)
    assert reply.reply_to == said.id and reply.pings == []
    assert "Character.AI" in reply.text
    assert labels(reply) in AUTO_REPLY


async def test_nothing_is_answered_before_a_moderator_turned_it_on(town: Town) -> None:
    channel = town.channel()
    await town.user().say(channel, MENTION)
    await town.heard_out()
    assert town.said(channel) == []


@pytest.mark.parametrize(
    "text",
    [
        "good morning everyone, how was your weekend?",
        "cai was down yesterday, works for me now",
        "is discord down for anyone else?",
        "> is cai down for anyone else?\nno idea what they mean",
        "",
    ],
)
async def test_ordinary_chat_is_not_answered(town: Town, text: str) -> None:
    channel, ann = town.channel(), town.user()
    await town.turn_on(channel.guild, channel)
    await ann.say(channel, text)
    mention = await ann.say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id]


async def test_bots_are_not_answered(town: Town) -> None:
    channel = town.channel()
    await town.turn_on(channel.guild, channel)
    await town.world.user("Another bot", bot=True).say(channel, MENTION)
    mention = await town.user().say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id]


async def test_another_channel_of_the_server_and_its_threads_are_not_answered(town: Town) -> None:
    guild = town.guild("general", "other")
    general, other = guild.channel("general"), guild.channel("other")
    thread = guild.channel("a thread", THREAD, parent=other)
    await town.turn_on(guild, general)
    for channel in (other, thread):
        await town.user().say(channel, MENTION)
    mention = await town.user().say(general, MENTION)
    await town.heard_out(general)
    assert town.said(other) == town.said(thread) == []
    assert [reply.reply_to for reply in town.said(general)] == [mention.id]


async def test_a_thread_of_a_channel_with_auto_replies_is_answered_there(town: Town) -> None:
    channel = town.channel()
    thread = channel.guild.channel("a thread", THREAD, parent=channel)
    await town.turn_on(channel.guild, channel)
    mention = await town.user().say(thread, MENTION)
    await town.heard_out(thread)
    assert [reply.reply_to for reply in town.said(thread)] == [mention.id]
    assert town.said(channel) == []


async def test_the_next_mention_in_a_channel_within_its_pause_is_not_answered(town: Town) -> None:
    channel, said, _ = await town.asked()
    await town.user().say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [said.id]


async def test_a_person_within_their_pause_is_not_answered_but_the_next_one_is(town: Town) -> None:
    guild = town.guild("one", "two")
    one, two = guild.channel("one"), guild.channel("two")
    await town.turn_on(guild, one, two)
    ann, bob = town.user(), town.user()
    first = await ann.say(one, MENTION)
    await ann.say(two, MENTION)
    last = await bob.say(two, MENTION)
    await town.heard_out(one, two)
    assert [[reply.reply_to for reply in town.said(channel)] for channel in (one, two)] == [[first.id], [last.id]]


async def test_who_asked_for_silence_on_a_reply_is_not_answered_again(town: Town) -> None:
    _, _, reply = await town.asked()
    ann, channel = town.user(), town.channel()
    await town.turn_on(channel.guild, channel)
    press = await ann.click(await ann.click(reply, "More"), "Don't reply to me")
    assert press.ephemeral and "I won't reply to your messages any more." in press.text
    assert town.rows("SELECT count(*) FROM opt_out WHERE reporter = ?", reporter(ann)) == [(1,)]
    await ann.say(channel, MENTION)
    mention = await town.user().say(channel, MENTION)
    await town.heard_out(channel)
    assert [answer.reply_to for answer in town.said(channel)] == [mention.id]


async def test_channel_without_the_right_to_send_stays_silent_and_the_bot_well(town: Town) -> None:
    guild = town.guild("general", "quiet")
    general, quiet = guild.channel("general"), guild.channel("quiet")
    await town.turn_on(guild, general, quiet)
    quiet.deny(Perm.SEND_MESSAGES)
    await town.user().say(quiet, MENTION)
    mention = await town.user().say(general, MENTION)
    await town.heard_out(general)
    assert town.said(quiet) == [] and [reply.reply_to for reply in town.said(general)] == [mention.id]


async def test_buttons_of_an_auto_reply_work_for_everybody(town: Town) -> None:
    channel, _, reply = await town.asked()
    ann = town.user()
    assert (await ann.click(reply, labels(reply)[0])).text.startswith("Counted.")
    assert town.reports(ann) == [(channel.guild_id, None)]
    whole = await ann.click(reply, "What helps?")
    assert whole.ephemeral and "Wait a little and try again" in whole.text
    assert (await ann.click(await ann.click(reply, "More"), "Works for me again")).text.startswith("Good to hear!")
    assert town.reports(ann) == []


async def others_seen_by(user: User, channel: Channel) -> int:
    """The number of others that a member sees, who reports and withdraws the report."""
    answer = await user.slash(channel, "report")
    await user.click(answer, "Works for me again")
    return others(answer)


async def test_a_reaction_counts_and_taken_back_is_withdrawn_for_all_to_see(town: Town) -> None:
    channel, _, reply = await town.asked()
    ann, bob = town.user(), town.user()
    before = await others_seen_by(bob, channel)

    await ann.react(reply, "👍")
    await town.reports_become(ann, [(channel.guild_id, None)])
    await town.told_of(before + 1, lambda: others_seen_by(bob, channel))
    # The reply itself shows the new count, too.
    people = town.people()
    await town.world.until(lambda: f" {people} p" in reply.text, what=f"{people} in the reply", poll=0.05)
    assert reply.pings == [] and len(reply.history) >= 2

    await ann.unreact(reply, "👍")
    await town.reports_become(ann, [])
    await town.told_of(before, lambda: others_seen_by(bob, channel))
    # It is edited every ten seconds at most, and the last word is not lost.
    await town.world.until(lambda: reply.text == reply.history[0][1], what="the first count in the reply", poll=0.05)
    first, second = (at for at, _ in reply.history[-2:])
    assert second - first > 5, "when they arrive here is less exact than when they were sent"


async def test_a_reaction_taken_away_here_leaves_the_report_that_was_made_elsewhere(town: Town) -> None:
    _, _, reply = await town.asked()
    elsewhere, ann, bob = town.channel(), town.user(), town.user()
    await ann.slash(elsewhere, "report")
    await ann.react(reply, "👍")
    await ann.unreact(reply, "👍")
    await bob.react(reply, "👍")
    await town.reports_become(bob, [(reply.channel.guild_id, None)])
    assert town.reports(ann) == [(elsewhere.guild_id, None)]


async def test_only_agreed_reactions_count_and_skin_tones_make_no_difference(town: Town) -> None:
    channel, _, reply = await town.asked()
    ann, bob, cleo = town.user(), town.user(), town.user()
    await ann.react(reply, "❤️")
    await bob.react(reply, "👍🏽")
    await town.reports_become(bob, [(channel.guild_id, None)])
    await town.heard_out()
    assert town.reports(ann) == []

    owner: Any = channel.guild.owner
    panel = await owner.slash(channel, "setup")
    form = await town.open(owner, panel, "reactions")
    await owner.submit_modal(form, {"reactions": "❤ <:doom:123456789012345678>"})
    await ann.unreact(reply, "❤️")
    await ann.react(reply, "❤️")
    await cleo.react(reply, "doom:123456789012345678")
    await town.reports_become(ann, [(channel.guild_id, None)])
    await town.reports_become(cleo, [(channel.guild_id, None)])


async def test_reactions_of_bots_and_on_other_messages_do_not_count(town: Town) -> None:
    channel, said, reply = await town.asked()
    robot, ann, bob = town.world.user("Another bot", bot=True), town.user(), town.user()
    await robot.react(reply, "👍")
    await ann.react(said, "👍")
    await bob.react(reply, "👍")
    await town.reports_become(bob, [(channel.guild_id, None)])
    await town.heard_out()
    assert town.reports(robot) == town.reports(ann) == []


async def test_wrong_reply_pressed_twice_at_once_is_answered_twice_and_counted_once(town: Town) -> None:
    channel = town.channel()
    await town.turn_on(channel.guild, channel)
    said = await town.user(days_old=30).say(channel, MENTION)
    reply = await town.world.next_message(channel, after=said)
    more = await said.author.click(reply, "More")
    presses = await asyncio.gather(*(said.author.click(more, "Wrong reply?") for _ in range(2)))
    for press in presses:
        await press.wait_response()
    texts = sorted(press.text for press in presses)
    assert texts[-1] == "Removed. Counted as a wrong reply; your text isn't stored."
    assert texts[0] in {"Removed.", "Only the person I replied to, or a moderator, can remove this reply."}
    assert reply.deleted and town.said(channel) == []


@pytest.mark.parametrize("kind", [18, 24, 27, 31, 99])
async def test_discords_own_notices_are_not_taken_for_words(town: Town, kind: int) -> None:
    channel, ann = town.channel(), town.user()
    await town.turn_on(channel.guild, channel)
    await ann.notice(channel, MENTION, kind)
    mention = await ann.say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id], "and the pauses are not used up"


async def test_where_the_bot_may_not_reply_it_writes_and_the_channel_stays_open(town: Town) -> None:
    channel = town.channel()
    await town.turn_on(channel.guild, channel)
    channel.deny(Perm.READ_MESSAGE_HISTORY)
    await town.user().say(channel, MENTION)
    await town.heard_out(channel)
    [reply] = town.said(channel)
    assert reply.reply_to is None and "Character.AI" in reply.text
    assert town.rows("SELECT * FROM closed_channel WHERE channel_id = ?", channel.id) == []


async def test_an_answer_that_did_not_arrive_uses_up_no_pause(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    await town.turn_on(channel.guild, channel)
    channel.deny(Perm.SEND_MESSAGES)
    await ann.say(channel, MENTION)
    await town.heard_out()
    channel.allow(Perm.SEND_MESSAGES)
    await town.heard_out()
    mention = await ann.say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id]


async def test_a_message_that_was_deleted_meanwhile_gets_no_lone_card_and_uses_up_no_pause(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    await town.turn_on(channel.guild, channel)
    town.world.faults.slow(sending(channel), delay=0.3, times=1)
    gone = await ann.say(channel, MENTION)
    await ann.delete(gone)
    given_up = "message deleted before it was answered"
    await town.world.until(lambda: given_up in town.bot.tail(), what="the answer to be given up", poll=0.05)
    mention = await ann.say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id]


async def test_a_message_that_is_reposted_through_a_webhook_is_answered_once(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    await town.turn_on(channel.guild, channel)
    town.world.faults.slow(sending(channel), delay=0.5, times=1)
    said = await ann.say(channel, MENTION)
    repost = await ann.say_through_a_webhook(channel, MENTION)
    await ann.delete(said)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [repost.id]


async def test_new_accounts_take_wrong_replies_away_and_turn_no_rule_off(town: Town) -> None:
    for _ in range(3):
        _, said, reply = await town.asked()
        press = await said.author.click(await said.author.click(reply, "More"), "Wrong reply?")
        await press.wait_response()
        assert press.text == "Removed." and reply.deleted
        assert town.rows("SELECT * FROM rule_score WHERE guild_id = ? AND wrong > 0", reply.channel.guild_id) == []


@pytest.mark.parametrize("cleared", [None, "👍"])
async def test_reactions_that_a_moderator_clears_count_no_longer(town: Town, cleared: str | None) -> None:
    channel, _, reply = await town.asked()
    ann, bob = town.user(), town.user()
    await ann.react(reply, "👍")
    await bob.react(reply, "😭")
    await town.reports_become(bob, [(channel.guild_id, None)])
    town.world.clear_reactions(reply, cleared)
    await town.reports_become(ann, [])
    await town.reports_become(bob, [(channel.guild_id, None)] if cleared else [])


async def test_a_servers_own_emoji_is_known_by_its_id(town: Town) -> None:
    channel, _, reply = await town.asked()
    ann, bob = town.user(), town.user()
    owner: Any = channel.guild.owner
    panel = await owner.slash(channel, "setup")
    form = await town.open(owner, panel, "reactions")
    await owner.submit_modal(form, {"reactions": "<:doom:123456789012345678>"})
    await ann.react(reply, "doomed:123456789012345678")
    await bob.react(reply, "doom:123456789012345678")
    await town.reports_become(ann, [(channel.guild_id, None)])
    await town.reports_become(bob, [(channel.guild_id, None)])
    await bob.unreact(reply, "doom:123456789012345678")
    await town.reports_become(bob, [])


@pytest.mark.parametrize("burst", [False, True])
async def test_after_a_restart_one_of_two_reactions_taken_back_leaves_the_report(bare_town: Town, burst: bool) -> None:
    await bare_town.start()
    channel, _, reply = await bare_town.asked()
    ann, bob = bare_town.user(), bare_town.user()
    await ann.react(reply, "👍")
    await ann.react(reply, "✋", burst=burst)
    await bob.react(reply, "👍")
    await bare_town.reports_become(bob, [(channel.guild_id, None)])
    await bare_town.stop()
    await bare_town.start()
    await ann.unreact(reply, "👍")
    await bob.unreact(reply, "👍")
    await bare_town.reports_become(bob, [])
    assert bare_town.reports(ann) == [(channel.guild_id, None)]
    await ann.unreact(reply, "✋", burst=burst)
    await bare_town.reports_become(ann, [])


async def wait_for(town: Town, owner: Any, channel: Channel, seconds: int) -> None:
    """Moderators choose how long a reply waits for a person's answer."""
    panel = await owner.slash(channel, "setup")
    await town.choose(owner, panel, "wait", [str(seconds)])


async def test_a_reply_waits_and_an_answer_or_distress_cancels_it_and_a_burst_gets_one(town: Town) -> None:
    guild = town.guild("answered", "distressed", "burst")
    answered, distressed, burst = map(guild.channel, ("answered", "distressed", "burst"))
    await town.turn_on(guild, answered, distressed, burst)
    await wait_for(town, guild.owner, answered, 2)
    ann, bob, cleo = town.user(), town.user(), town.user()
    asked = await ann.say(answered, MENTION)
    await bob.say(distressed, MENTION)
    first = await cleo.say(burst, MENTION)
    await bob.say(answered, "it is, since noon", reply_to=asked)
    await bob.say(distressed, "i have nobody else to talk to and i want to die")
    for person in (cleo, ann, bob):
        await person.say(burst, "cai is down, error 500")
    await town.heard_out(burst)
    assert [reply.reply_to for reply in town.said(burst)] == [first.id]
    assert town.said(answered) == town.said(distressed) == []


async def test_somebody_in_distress_gets_nothing_and_moderators_a_link(town: Town) -> None:
    guild = town.guild("general", "mods")
    general, mods = guild.channel("general"), guild.channel("mods")
    await town.turn_on(guild, general)
    mods.deny(Perm.VIEW_CHANNEL, to=guild.everyone)
    mods.allow(Perm.VIEW_CHANNEL, Perm.SEND_MESSAGES)
    owner: Any = guild.owner
    panel = await owner.slash(general, "setup")
    await town.choose(owner, panel, "distress_channel", [mods])
    said = await town.user().say(general, "c.ai is down and i want to die, its the only one i talk to")
    notice = await town.world.next_message(mods)
    mention = await town.user().say(general, MENTION)
    await town.heard_out(general)
    assert [reply.reply_to for reply in town.said(general)] == [mention.id]
    assert f"/{general.id}/{said.id}" in notice.text and "die" not in notice.text and notice.pings == []
    assert notice.buttons == []


async def test_where_a_helper_wrote_nobody_is_answered(town: Town) -> None:
    guild = town.guild("helped", "other")
    helped, other = guild.channel("helped"), guild.channel("other")
    await town.turn_on(guild, helped, other)
    helpers, owner, helper = guild.role("Helpers"), guild.owner, town.user()
    panel = await owner.slash(helped, "setup")
    await town.choose(owner, panel, "helpers", [helpers])
    guild.join(helper, helpers)
    await helper.say(helped, "I am here")
    await town.user().say(helped, MENTION)
    mention = await town.user().say(other, MENTION)
    await town.heard_out(other)
    assert town.said(helped) == [] and [reply.reply_to for reply in town.said(other)] == [mention.id]
