"""`/setup`: the panel, its controls, its log, and who may use it."""

import json
from typing import Any

import discord

from tests.discord_ui.conftest import Stage, text_of


async def _panel(stage: Stage) -> Any:
    return await stage.mod.slash(stage.channel, "setup")


async def test_panel_says_what_is_set_what_is_missing_and_what_it_hears(stage: Stage) -> None:
    text = text_of((await _panel(stage)).response)
    assert "**Auto-replies** are off" in text
    assert "Checked as soon as channels are chosen" in text
    assert "➖ Messages: in no channel yet" in text


async def test_choosing_a_channel_turns_auto_replies_on_and_is_logged(stage: Stage) -> None:
    panel = await _panel(stage)
    await stage.mod.select(panel.response, custom_id="n1:setchannels", values=[stage.channel])
    assert stage.app.setup.configure.export(stage.guild.id)["channels"] == [str(stage.channel.id)]
    again = await _panel(stage)
    assert f"on in <#{stage.channel.id}>" in text_of(again.response)
    log = await stage.mod.click(again.response, label="Changes")
    assert f"<@{stage.mod.id}>: **channels**" in text_of(log.response)


async def test_pauses_language_and_reactions_can_be_set(stage: Stage) -> None:
    panel = (await _panel(stage)).response
    await stage.mod.select(panel, custom_id="n1:setlanguage", values=["en"])
    await stage.mod.click(panel, label="When")
    await stage.mod.select(panel, custom_id="n1:setpause", values=["300"])
    await stage.mod.select(panel, custom_id="n1:setperson", values=["3600"])
    await stage.mod.click(panel, label="Back")
    await stage.mod.click(panel, label="What it answers")
    form = await stage.mod.click(panel, label="Reactions")
    await stage.mod.submit_modal(form, {"reactions": "🔥 💀"})
    document = stage.app.setup.configure.export(stage.guild.id)
    assert (document["cooldown"], document["person_cooldown"]) == (300, 3600)
    assert (document["language"], document["reactions"]) == ("en", ["🔥", "💀"])


async def test_a_word_is_no_reaction(stage: Stage) -> None:
    panel = (await _panel(stage)).response
    await stage.mod.click(panel, label="What it answers")
    form = await stage.mod.click(panel, label="Reactions")
    told = await stage.mod.submit_modal(form, {"reactions": "🔥 :fire:"})
    assert "reactions cannot be that: it should be emoji such as 🔥" in text_of(told.response)
    assert stage.app.setup.configure.export(stage.guild.id)["reactions"] == []


async def test_missing_rights_are_named_with_their_reason(stage: Stage) -> None:
    denied = discord.PermissionOverwrite(send_messages=False, read_message_history=False)
    walled = stage.guild.create_text_channel("walled", overwrites={stage.guild.default_role: denied})
    await stage.turn_replies_on(channels=[str(walled.id)])
    text = text_of((await _panel(stage)).response)
    assert f"<#{walled.id}>: **Send Messages** is missing. The bot needs it to answer" in text
    assert "**Read Message History** is missing" in text


async def test_preview_shows_the_auto_reply(stage: Stage) -> None:
    shown = await stage.mod.click((await _panel(stage)).response, label="Preview")
    assert shown.ephemeral
    assert "Nobody else says so yet" in text_of(shown.response)


async def test_export_and_import_carry_the_settings_and_leave_foreign_channels_out(stage: Stage) -> None:
    await stage.turn_replies_on(cooldown=60)
    panel = (await _panel(stage)).response
    exported = await stage.mod.click(panel, label="Export")
    document = json.loads(text_of(exported.response).split("```")[1])
    document["channels"].append("123456789")
    document["cooldown"] = 900
    form = await stage.mod.click(panel, label="Import")
    await stage.mod.submit_modal(form, {"document": json.dumps(document)})
    now = stage.app.setup.configure.export(stage.guild.id)
    assert now["cooldown"] == 900
    assert now["channels"] == [str(stage.channel.id)]


async def test_bad_imports_are_refused_by_name_and_change_nothing(stage: Stage) -> None:
    before = stage.app.setup.configure.export(stage.guild.id)
    bad = {
        "not json": "settings cannot be that",
        "[1]": "settings cannot be that",
        '{"cooldown": 1}': "cooldown cannot be that",
        '{"channels": ["x"], "colour": 1}': "colour cannot be that",
        '{"channels": "all"}': "channels cannot be that",
        '{"service": "nope"}': "service cannot be that",
        '{"language": "tlh"}': "language cannot be that",
        '{"version": 99}': "version cannot be that",
    }
    for text, told in bad.items():
        form = await stage.mod.click((await _panel(stage)).response, label="Import")
        answer = await stage.mod.submit_modal(form, {"document": text})
        assert told in text_of(answer.response), text
    assert stage.app.setup.configure.export(stage.guild.id) == before


async def test_members_cannot_press_a_panel_even_if_an_admin_opens_the_command_to_them(stage: Stage) -> None:
    setup = next(c for c in stage.env.bot.tree.get_commands() if c.name == "setup")
    payload = setup.to_dict(stage.env.bot.tree)
    assert payload["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    assert payload["contexts"] == [0] and payload["integration_types"] == [0]
    synced = {c.name: c for c in await stage.env.bot.tree.fetch_commands()}
    stage.guild.set_command_permissions(synced["setup"], {stage.ann: True})
    refused = await stage.ann.slash(stage.channel, "setup")
    assert "needs the *Manage Server* permission" in text_of(refused.response)
    assert len(stage.env.errors) == 1


async def test_member_commands_work_everywhere(stage: Stage) -> None:
    for command in stage.env.bot.tree.get_commands():
        if command.name == "setup":
            continue
        payload = command.to_dict(stage.env.bot.tree)
        assert payload["contexts"] == [0, 1, 2] and payload["integration_types"] == [0, 1], command.name
