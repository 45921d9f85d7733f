"""Things that people take back or repeat: edits, reposts, deleted posts, super reactions."""

from typing import Any

import pytest

from tests.e2e.conftest import MENTION, Town, sending
from tests.loopback import Channel
from tests.loopback.model import FORUM, NEWS, STAGE, THREAD, VOICE

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def waiting(town: Town, *channels: Channel) -> None:
    """Replies in these channels wait two seconds for people to answer first."""
    owner: Any = channels[0].guild.owner
    await town.turn_on(channels[0].guild, *channels)
    await town.choose(owner, await owner.slash(channels[0], "setup"), "wait", ["2"])


async def given_up(town: Town, channel: Channel) -> None:
    """The log says that the message was deleted."""

    def logged() -> bool:
        lines = [line for line in town.bot.output().splitlines() if f"channel={channel.id}" in line]
        return any("message deleted before it was answered" in line for line in lines)

    await town.world.until(logged, what="the answer to be given up", poll=0.05)


@pytest.mark.parametrize("after", ["nevermind, it works again", "i want to die, cai is the only one i talk to", ""])
async def test_who_edits_the_question_away_before_the_answer_gets_none_and_uses_up_no_pause(
    town: Town, after: str
) -> None:
    channel, ann = town.channel(), town.user()
    await waiting(town, channel)
    said = await ann.say(channel, MENTION)
    await ann.edit(said, after)
    mention = await (town.user() if "die" in after else ann).say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id]


async def test_who_edits_a_question_into_another_one_is_answered_once(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    await waiting(town, channel)
    said = await ann.say(channel, MENTION)
    await ann.edit(said, f"{MENTION} i get error 500")
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [said.id]


async def test_a_message_that_becomes_a_question_by_an_edit_is_not_answered(town: Town) -> None:
    channel, ann, bob = town.channel(), town.user(), town.user()
    await town.turn_on(channel.guild, channel)
    said = await ann.say(channel, "good morning")
    await ann.edit(said, MENTION)
    mention = await bob.say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id]


async def test_a_webhook_that_posts_something_else_meanwhile_gets_no_answer(town: Town) -> None:
    channel, ann, bob = town.channel(), town.user(), town.user()
    await town.turn_on(channel.guild, channel)
    town.world.faults.slow(sending(channel), delay=0.5, times=1)
    said = await ann.say(channel, f"A: {MENTION}")
    await bob.say_through_a_webhook(channel, "[cats/site] 1 new commit")
    repost = await ann.say_through_a_webhook(channel, MENTION)
    await bob.say_through_a_webhook(channel, "lol")
    await ann.delete(said)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [repost.id]


async def test_a_deleted_message_is_not_answered_on_the_news_of_a_webhook(town: Town) -> None:
    channel, ann, bob = town.channel(), town.user(), town.user()
    await town.turn_on(channel.guild, channel)
    town.world.faults.slow(sending(channel), delay=0.3, times=1)
    said = await ann.say(channel, MENTION)
    await bob.say_through_a_webhook(channel, "[cats/site] 1 new commit")
    await ann.delete(said)
    await given_up(town, channel)
    assert town.said(channel) == []


@pytest.mark.parametrize(("status", "code"), [(400, 10008), (404, 10008)])
async def test_a_deleted_message_that_discord_calls_unknown_gets_no_lone_card(
    town: Town, status: int, code: int
) -> None:
    channel, ann = town.channel(), town.user()
    await town.turn_on(channel.guild, channel)
    refusal = town.world.faults.error(sending(channel), status, code=code)
    await ann.say(channel, MENTION)
    await given_up(town, channel)
    mention = await ann.say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id] and len(refusal.hits) == 1


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("kind", [FORUM, None])
async def test_a_post_that_is_deleted_is_told_to_no_moderator(town: Town, kind: int | None, answered: bool) -> None:
    guild = town.guild("general", "alerts")
    general, alerts, ann = guild.channel("general"), guild.channel("alerts"), town.user()
    town.world.set_alerts_channel(guild, alerts)
    if kind is None:
        place, post = general, guild.channel("a thread", THREAD, parent=general)
        await town.turn_on(guild, place)
    else:
        place = guild.channel("help", kind)
        await town.turn_on(guild, general, place)
        post, _ = await ann.start_post(place, "help", "hello")
    if not answered:
        town.world.faults.slow(sending(post), delay=0.3, times=1)
    said = await ann.say(post, MENTION)
    if answered:
        reply = await town.world.next_message(post, after=said)
        await town.user().react(reply, "👍")
    town.world.delete_thread(post)
    await town.world.until(lambda: f"channel={post.id} code=10003" in town.bot.output(), what="a refusal", poll=0.05)
    await town.heard_out()
    assert town.said(alerts) == []
    panel = await guild.owner.slash(general, "setup")
    assert str(post.id) not in panel.text


async def test_a_super_reaction_counts_and_stands_beside_an_ordinary_one(town: Town) -> None:
    channel, _, reply = await town.asked()
    ann, bob = town.user(), town.user()
    await ann.react(reply, "👍", burst=True)
    await bob.react(reply, "👍", burst=True)
    await bob.react(reply, "👍")
    await town.reports_become(ann, [(channel.guild_id, None)])
    await town.reports_become(bob, [(channel.guild_id, None)])
    await ann.unreact(reply, "👍", burst=True)
    await bob.unreact(reply, "👍", burst=True)
    await town.reports_become(ann, [])
    assert town.reports(bob) == [(channel.guild_id, None)], "the ordinary one stands"
    town.world.clear_reactions(reply, "👍")
    await town.reports_become(bob, [])


@pytest.mark.parametrize(("status", "code"), [(400, 50083), (403, 50001), (403, 0), (404, 0), (503, 0)])
async def test_a_wrong_reply_that_discord_does_not_let_us_remove_is_said_so(town: Town, status: int, code: int) -> None:
    _, said, reply = await town.asked()
    more = await said.author.click(reply, "More")
    refusal = town.world.faults.error(f"DELETE /channels/{reply.channel.id}/messages/{reply.id}", status, code=code)
    press = await said.author.click(more, "Wrong reply?")
    assert (await press.wait_response()).text == "Discord doesn't let me remove it now. Please try again later."
    assert refusal.hits and not reply.deleted and "unexpected failure" not in town.bot.output()
    press = await said.author.click(more, "Wrong reply?")
    assert (await press.wait_response()).text.startswith("Removed.") and reply.deleted


@pytest.mark.parametrize("kind", [STAGE, VOICE, NEWS])
async def test_a_wrong_reply_is_taken_away_in_every_kind_of_channel(town: Town, kind: int) -> None:
    guild = town.guild()
    place = guild.channel("place", kind)
    await town.turn_on(guild, guild.channel("general"), place)
    said = await town.user().say(place, MENTION)
    reply = await town.world.next_message(place, after=said)
    press = await said.author.click(await said.author.click(reply, "More"), "Wrong reply?")
    assert (await press.wait_response()).text.startswith("Removed.") and reply.deleted
