"""The first run: three steps at the first `/setup`, and one greeting after an invitation."""

from typing import Any

import discord

from tests.discord_ui.conftest import Stage, labels_of, preset, text_of


async def _guide(stage: Stage) -> Any:
    return (await stage.mod.slash(stage.channel, "setup")).response


async def test_three_steps_choose_where_to_answer_and_to_announce_and_end_on_the_overview(stage: Stage) -> None:
    news = stage.guild.create_text_channel("news")
    panel = await _guide(stage)
    assert "1 of 3" in text_of(panel) and labels_of(panel) == ["Next", "Skip"]
    await stage.choose(panel, "channels", [stage.channel])
    assert "1 of 3" in text_of(panel) and preset(panel, "channels") == [str(stage.channel.id)]
    await stage.mod.click(panel, label="Next")
    assert "2 of 3" in text_of(panel)
    await stage.choose(panel, "outage_channel", [news])
    await stage.mod.click(panel, label="Next")
    assert f"on in <#{stage.channel.id}>" in text_of(panel) and f"announced in <#{news.id}>" in text_of(panel)
    shown = await stage.mod.click(panel, label="Preview")
    assert shown.ephemeral
    await stage.mod.click(panel, label="Done")
    assert "NotJustYou in this server" in text_of(panel)
    assert "NotJustYou in this server" in text_of(await _guide(stage)), "once something is set, no guide"


async def test_a_step_says_what_is_missing_and_how_to_grant_it(stage: Stage) -> None:
    denied = discord.PermissionOverwrite(send_messages=False)
    walled = stage.guild.create_text_channel("walled", overwrites={stage.guild.default_role: denied})
    panel = await _guide(stage)
    await stage.choose(panel, "channels", [walled])
    assert f"In <#{walled.id}> I need **Send Messages**" in text_of(panel)
    assert "channel's settings → Permissions → my role" in text_of(panel)


async def _invited(stage: Stage) -> None:
    guild = stage.env.bot.get_guild(stage.guild.id)
    stage.env.bot.dispatch("guild_join", guild)
    await stage.env.settle()


async def test_who_invites_is_greeted_once_where_moderators_read_and_a_press_opens_the_guide(stage: Stage) -> None:
    staff = stage.guild.create_text_channel("staff")
    stage.env.backend.edit_guild(stage.guild.id, {"public_updates_channel_id": staff.id})
    await _invited(stage)
    [greeting] = staff.history()
    refused = await stage.ann.click(greeting, label="Set up")
    assert "Manage Server" in text_of(refused.response)
    begun = await stage.mod.click(greeting, label="Set up")
    assert begun.ephemeral and "1 of 3" in text_of(begun.response)
    await stage.turn_replies_on()
    await _invited(stage)
    assert len(staff.history()) == 1, "whoever has settings knows"


async def test_after_an_outage_of_discord_nobody_is_greeted(stage: Stage) -> None:
    stage.env.backend.edit_guild(stage.guild.id, {"public_updates_channel_id": stage.channel.id})
    await stage.env.advance_time(3600)
    await _invited(stage)
    assert stage.replies() == []
