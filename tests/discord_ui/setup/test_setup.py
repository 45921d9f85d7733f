"""`/setup`: the panel, its controls, its log, and who may use it."""

import json
from typing import Any

import discord

from tests.discord_ui.conftest import Stage, ids_of, labels_of, parts_of, text_of


async def _panel(stage: Stage) -> Any:
    return await stage.mod.slash(stage.channel, "setup")


async def test_panel_says_what_is_set_what_is_missing_and_what_it_hears(stage: Stage) -> None:
    panel = (await _panel(stage)).response
    await stage.overview(panel)
    text = text_of(panel)
    assert "**Auto-replies** are off" in text
    assert "**Outages** are not announced here" in text
    assert "**When**" not in text, "nothing is answered yet"
    assert "**Nothing** needs your attention" in text


async def test_choosing_a_channel_turns_auto_replies_on_and_is_logged(stage: Stage) -> None:
    panel = await _panel(stage)
    await stage.choose(panel.response, "channels", [stage.channel])
    assert stage.app.setup.configure.export(stage.guild.id)["channels"] == [str(stage.channel.id)]
    again = await _panel(stage)
    assert f"on in <#{stage.channel.id}>" in text_of(again.response)
    assert "**When**: at any time of day" in text_of(again.response)
    log = await stage.press(again.response, "Changes")
    assert f"<@{stage.mod.id}>: **Channels with auto-replies**: added <#{stage.channel.id}>" in text_of(log.response)


async def test_pauses_language_and_reactions_can_be_set(stage: Stage) -> None:
    panel = (await _panel(stage)).response
    await stage.choose(panel, "language", ["en"])
    await stage.choose(panel, "cooldown", ["300"])
    await stage.choose(panel, "person_cooldown", ["3600"])
    form = await stage.open(panel, "reactions")
    await stage.mod.submit_modal(form, {"reactions": "🔥 💀"})
    document = stage.app.setup.configure.export(stage.guild.id)
    assert (document["cooldown"], document["person_cooldown"]) == (300, 3600)
    assert (document["language"], document["reactions"]) == ("en", ["🔥", "💀"])


async def test_a_word_is_no_reaction(stage: Stage) -> None:
    panel = (await _panel(stage)).response
    form = await stage.open(panel, "reactions")
    answer = await stage.mod.submit_modal(form, {"reactions": "🔥 :fire:"})
    assert "⚠️ Reactions: Type emoji such as 🔥" in text_of(answer.response)
    assert stage.app.setup.configure.export(stage.guild.id)["reactions"] == []


async def test_missing_rights_are_named_with_their_reason(stage: Stage) -> None:
    denied = discord.PermissionOverwrite(send_messages=False, read_message_history=False)
    walled = stage.guild.create_text_channel("walled", overwrites={stage.guild.default_role: denied})
    await stage.turn_replies_on(channels=[str(walled.id)])
    text = text_of((await _panel(stage)).response)
    assert f"In <#{walled.id}> I need **Send Messages** (to answer)" in text
    assert "**Read Message History** (to reply directly to a message)" in text


async def test_preview_shows_the_auto_reply(stage: Stage) -> None:
    shown = await stage.press((await _panel(stage)).response, "Preview")
    assert shown.ephemeral
    assert "We can't tell yet" in text_of(shown.response)


async def test_export_and_import_carry_the_settings_and_leave_foreign_channels_out(stage: Stage) -> None:
    await stage.turn_replies_on(cooldown=60)
    panel = (await _panel(stage)).response
    exported = await stage.press(panel, "Export")
    assert exported.ephemeral, "the settings are for moderators"
    document = json.loads(text_of(exported.response).split("```")[1])
    document["channels"].append("123456789")
    document["cooldown"] = 900
    form = await stage.press(panel, "Import")
    asked = await stage.mod.submit_modal(form, {"document": json.dumps(document)})
    assert "- **Pause in a channel**: 1 minute → 15 minutes" in text_of(asked.response)
    assert "doesn't have it: Channels with auto-replies" in text_of(asked.response)
    assert stage.app.setup.configure.export(stage.guild.id)["cooldown"] == 60, "nothing is changed before"
    await stage.mod.click(asked.response, label="Import this")
    now = stage.app.setup.configure.export(stage.guild.id)
    assert now["cooldown"] == 900
    assert now["channels"] == [str(stage.channel.id)]


async def test_bad_imports_are_refused_by_name_and_change_nothing(stage: Stage) -> None:
    before = stage.app.setup.configure.export(stage.guild.id)
    bad = {
        "not json": "That isn't an export",
        "[1]": "That isn't an export",
        '{"cooldown": 1}': "Pause in a channel: Choose one of the values",
        '{"channels": ["x"], "colour": 1}': "no setting called “colour”",
        '{"channels": "all"}': "Channels with auto-replies: An import needs a list of Discord ids",
        '{"service": "nope"}': "Service: I don't know that service",
        '{"language": "tlh"}': "Language: I don't speak that",
        '{"version": 99}': "another version of me",
    }
    for text, refusal in bad.items():
        form = await stage.press((await _panel(stage)).response, "Import")
        answer = await stage.mod.submit_modal(form, {"document": text})
        assert refusal in text_of(answer.response), text
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
        if command.name in {"setup", "Why no reply?"}:
            continue
        payload = command.to_dict(stage.env.bot.tree)
        assert payload["contexts"] == [0, 1, 2] and payload["integration_types"] == [0, 1], command.name


async def test_an_import_that_changes_nothing_says_so_and_one_that_is_cancelled_does_nothing(stage: Stage) -> None:
    await stage.turn_replies_on()
    document = stage.app.setup.configure.export(stage.guild.id)
    panel = (await _panel(stage)).response
    asked = await stage.mod.submit_modal(await stage.press(panel, "Import"), {"document": json.dumps(document)})
    assert "Nothing would change." in text_of(asked.response) and labels_of(asked.response) == ["Cancel"]
    await stage.mod.click(panel, label="Cancel")
    form = await stage.press(panel, "Import")
    asked = await stage.mod.submit_modal(form, {"document": json.dumps(document | {"cooldown": 30})})
    await stage.mod.click(asked.response, label="Cancel")
    assert stage.app.setup.configure.export(stage.guild.id) == document


async def test_a_change_is_undone_and_can_be_done_again(stage: Stage) -> None:
    await stage.turn_replies_on()
    panel = (await _panel(stage)).response
    await stage.choose(panel, "cooldown", ["300"])
    log = (await stage.press(panel, "Changes")).response
    assert labels_of(log) == ["Undo", "Undo", "Back"]
    await stage.mod.click(log, custom_id=next(one for one in ids_of(log) if "cooldown" in one))
    assert stage.app.setup.configure.export(stage.guild.id)["cooldown"] == 120
    assert "**Pause in a channel**: 5 minutes → 2 minutes" in text_of(log)
    assert "channels" in stage.app.setup.configure.export(stage.guild.id)


async def test_what_was_changed_since_is_not_undone(stage: Stage) -> None:
    panel = (await _panel(stage)).response
    await stage.choose(panel, "cooldown", ["300"])
    log = (await stage.press(panel, "Changes")).response
    await stage.env.advance_time(5)
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"cooldown": 900})
    await stage.mod.click(log, label="Undo")
    assert "That has been changed since" in text_of(log)
    assert stage.app.setup.configure.export(stage.guild.id)["cooldown"] == 900


async def test_a_menu_is_another_one_each_time_it_is_drawn(stage: Stage) -> None:
    """Clients keep what was chosen in a menu while its ids stay: also what was refused, or chosen on another page."""
    panel = (await _panel(stage)).response
    seen = list[tuple[int, str]]()
    for _ in range(2):
        await stage.choose(panel, "dry_run", [stage.channel])
        seen += [(part["id"], part["custom_id"]) for part in parts_of(panel) if part["type"] in {3, 5, 6, 7, 8}]
        await stage.turn(panel, "Who and where")
        seen += [(part["id"], part["custom_id"]) for part in parts_of(panel) if part["type"] in {3, 5, 6, 7, 8}]
    assert len({number for number, _ in seen}) == len({custom_id for _, custom_id in seen}) == len(seen) > 10
