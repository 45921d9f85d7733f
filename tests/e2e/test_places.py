"""Kinds of channels: a forum's posts, voice channels with their text, stages, and threads of announcements."""

from typing import Any

import pytest

from tests.e2e.conftest import MENTION, NOTHING_TO_DO, Town, preset
from tests.loopback import Perm
from tests.loopback.model import FORUM, MEDIA, NEWS, NEWS_THREAD, STAGE, VOICE

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize("text", ["", "see title", "thanks in advance"])
@pytest.mark.parametrize("kind", [FORUM, MEDIA])
async def test_a_post_that_asks_only_in_its_title_is_answered(town: Town, kind: int, text: str) -> None:
    guild = town.guild()
    forum = guild.channel("help", kind)
    await town.turn_on(guild, guild.channel("general"), forum)
    post, first = await town.user().start_post(forum, MENTION, text)
    await town.heard_out(post)
    assert [reply.reply_to for reply in town.said(post)] == [first.id]


@pytest.mark.parametrize("text", ["thanks", f"hello, {MENTION}"])
async def test_a_post_whose_first_message_comes_before_it_is_answered_once(town: Town, text: str) -> None:
    guild = town.guild()
    forum = guild.channel("help", FORUM)
    await town.turn_on(guild, guild.channel("general"), forum)
    post, first = await town.user().start_post(forum, MENTION, text, message_first=True)
    town.world.gateway.emit("THREAD_CREATE", post.payload() | {"newly_created": True}, guild.id)  # it may come twice
    await town.heard_out(post)
    assert [reply.reply_to for reply in town.said(post)] == [first.id]


async def test_each_post_of_a_forum_has_its_own_pause(town: Town) -> None:
    guild = town.guild()
    forum = guild.channel("help", FORUM)
    await town.turn_on(guild, guild.channel("general"), forum)
    posts = [(await town.user().start_post(forum, "help please", MENTION))[0] for _ in range(2)]
    await town.heard_out(*posts)
    await town.user().say(posts[0], MENTION)
    await town.heard_out()
    assert [len(town.said(post)) for post in posts] == [1, 1]


async def test_a_post_that_is_marked_as_solved_is_left_alone(town: Town) -> None:
    guild = town.guild()
    forum, ann = guild.channel("help", FORUM), town.user()
    forum.offer("✅ Solved")
    posts = [(await ann.start_post(forum, "help please", "hello"))[0] for _ in range(2)]
    await town.turn_on(guild, guild.channel("general"), forum)
    posts[0].give("✅ Solved")
    for post in posts:
        await town.user().say(post, MENTION)
    await town.heard_out(posts[1])
    assert [len(town.said(post)) for post in posts] == [0, 1]


async def test_the_title_of_a_post_is_not_read_again_with_its_later_messages(town: Town) -> None:
    guild = town.guild()
    forum, ann = guild.channel("help", FORUM), town.user()
    general = guild.channel("general")
    post, _ = await ann.start_post(forum, MENTION, "it is")  # before anything is turned on
    await town.turn_on(guild, general, forum)
    await town.user().say(post, "good morning")
    await town.heard_out()
    assert town.said(post) == []


async def test_threads_of_one_channel_share_its_pause(town: Town) -> None:
    channel = town.channel()
    threads = [channel.guild.channel(name, 11, parent=channel) for name in ("one", "two")]
    await town.turn_on(channel.guild, channel)
    for thread in threads:
        await town.user().say(thread, MENTION)
    await town.heard_out(threads[0])
    assert [len(town.said(thread)) for thread in threads] == [1, 0]


@pytest.mark.parametrize("kind", [VOICE, STAGE])
async def test_text_in_voice_needs_connect_and_setup_says_so(town: Town, kind: int) -> None:
    guild = town.guild()
    general, lounge, owner = guild.channel("general"), guild.channel("lounge", kind), guild.owner
    lounge.deny(Perm.CONNECT)
    shown = await town.choose(owner, await owner.slash(general, "setup"), "channels", [general, lounge])
    assert [line for line in shown.text.splitlines() if "I need" in line] == [
        f"⚠️ In <#{lounge.id}> I need **Connect** (to read and write in the chat of a voice channel)."
    ]
    lounge.allow(Perm.CONNECT)
    await town.world.gateway.roundtrip()
    assert NOTHING_TO_DO in (await owner.slash(general, "setup")).text
    said = await town.user().say(lounge, MENTION)
    await town.heard_out(lounge)
    assert [reply.reply_to for reply in town.said(lounge)] == [said.id]


async def test_stages_media_channels_and_threads_of_announcements_can_be_chosen(town: Town) -> None:
    guild = town.guild()
    general, news = guild.channel("general"), guild.channel("news", NEWS)
    thread = guild.channel("about the news", NEWS_THREAD, parent=news)
    places = [guild.channel("stage", STAGE), guild.channel("media", MEDIA), guild.channel("voice", VOICE), thread]
    owner: Any = guild.owner
    shown = await town.choose(owner, await owner.slash(general, "setup"), "channels", places)
    assert set(preset(shown, "channels")) == {str(place.id) for place in places}
    panel = await owner.slash(general, "setup")
    await town.choose(owner, panel, "dry_run", [thread])
    shown = await owner.click(panel, "Back")
    assert f"<#{thread.id}> instead" in shown.text
    await town.user().say(places[0], MENTION)
    await town.heard_out(thread)
    assert len(town.said(thread)) == 1


@pytest.mark.parametrize("of", ["the bot", "another bot"])
async def test_a_mention_of_the_bots_own_role_is_a_mention_of_the_bot(town: Town, of: str) -> None:
    channel = town.channel()
    role = channel.guild.bot_role if of == "the bot" else channel.guild.role("Robots")
    said = await town.user().say(channel, f"{role.mention} hello?")
    mention = await town.user().say(channel, town.world.bot.mention)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [said.id if of == "the bot" else mention.id]
