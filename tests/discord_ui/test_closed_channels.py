"""Channels in which we may not write: not used, moderators are notified once, and used again when that changes."""

from typing import Any

import discord
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.core.outage_life import Phase
from tests.discord_ui.conftest import Crowd, Stage, text_of
from tests.discord_ui.test_outages import announce_in, ours

MENTION = "is cai down for anyone else?"


def close(stage: Stage, channel: Any, *, closed: bool = True) -> None:
    """A moderator takes the right to write away from us, or gives it back."""
    deny = discord.Permissions(send_messages=True).value if closed else 0
    overwrite = Overwrite(stage.env.bot.user.id, OverwriteType.MEMBER, 0, deny)
    stage.env.backend.set_overwrite(channel.id, overwrite)


def tries(stage: Stage, channel: Any) -> int:
    """How often we tried to write there."""
    return sum(r.method == "POST" and f"/channels/{channel.id}/messages" in r.path for r in stage.env.http_requests)


async def test_a_channel_without_the_right_to_send_is_left_alone_until_it_is_given_back(stage: Stage) -> None:
    staff = stage.guild.create_text_channel("staff")
    await stage.turn_replies_on(dry_run=None, cooldown=60, person_cooldown=60)
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"outage_channel": str(staff.id)})
    close(stage, stage.channel)
    for _ in range(3):
        await stage.ann.send(stage.channel, MENTION)
        await stage.env.advance_time(400)
    assert tries(stage, stage.channel) == 1, "Discord counts what it refuses"
    panel = await stage.mod.slash(staff, "setup")
    assert f"I'm not allowed to write in <#{stage.channel.id}>" in text_of(panel.response)
    close(stage, stage.channel, closed=False)
    await stage.env.settle()
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1
    panel = await stage.mod.slash(staff, "setup")
    assert "I'm not allowed to write" not in text_of(panel.response)


async def test_moderators_are_told_once_where_only_they_read(stage: Stage, crowd: Crowd, news: Any) -> None:
    staff = stage.guild.create_text_channel("staff")
    stage.env.backend.edit_guild(stage.guild.id, {"public_updates_channel_id": staff.id})
    await announce_in(stage, news)
    close(stage, news)
    for _ in range(2):
        await crowd.until(Phase.ON, 6)
        await crowd.minute(6)
        await crowd.until(None, 0)
    assert tries(stage, news) == 1
    [message] = ours(stage, staff)
    assert f"I'm not allowed to write in <#{news.id}>" in text_of(message)
    close(stage, news, closed=False)
    await crowd.until(Phase.ON, 6)
    await crowd.minute(6)
    assert "it's not just you" in text_of(ours(stage, news)[0])


async def test_an_outage_that_is_on_is_told_as_soon_as_the_channel_opens(stage: Stage, crowd: Crowd, news: Any) -> None:
    await announce_in(stage, news)
    close(stage, news)
    await crowd.until(Phase.ON, 6)
    await crowd.minute(6)
    close(stage, news, closed=False)
    await crowd.minute(6)
    await crowd.minute(6)
    assert len(ours(stage, news)) == 1


async def test_a_dry_run_that_cannot_be_told_closes_no_other_channel(stage: Stage) -> None:
    staff = stage.guild.create_text_channel("staff")
    await stage.turn_replies_on(dry_run=str(staff.id), cooldown=60, person_cooldown=60)
    close(stage, staff)
    await stage.ann.send(stage.channel, MENTION)
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"dry_run": None})
    await stage.env.advance_time(1000)
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1


async def test_a_thread_that_is_unlocked_is_open_again_and_so_is_what_opened_without_a_word(stage: Stage) -> None:
    closed, backend = stage.app.outages.announce._closed, stage.env.backend
    thread = backend.create_thread(stage.channel.id, "talk", stage.ann.id)
    await stage.env.settle()
    backend.edit_channel(thread.id, {}, thread_metadata={"archived": True, "locked": True})
    await stage.env.settle()
    await closed.close(stage.guild.id, thread.id, 50083)
    backend.edit_channel(thread.id, {}, thread_metadata={"archived": False, "locked": False})
    await stage.env.settle()
    assert not closed.is_closed(thread.id)
    await closed.close(stage.guild.id, stage.channel.id, 50013)
    await closed.look_again()
    assert not closed.is_closed(stage.channel.id)
