"""Deleted channels and roles, and unavailable servers: what `/setup` says and does."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import MENTION, NOTHING_TO_DO, Town, labels, preset
from tests.loopback import Channel, Perm
from tests.loopback.model import THREAD

pytestmark = pytest.mark.asyncio(loop_scope="package")
DROP = "Drop what was deleted"


def kept(town: Town, channel: Channel) -> dict[str, Any]:
    """What the database holds as this server's settings."""
    rows = town.rows("SELECT document FROM guild_settings WHERE guild_id = ?", channel.guild_id)
    return json.loads(rows[0][0])


async def test_a_deleted_channel_is_one_line_and_is_dropped_on_demand(town: Town) -> None:
    guild = town.guild("general", "old")
    general, old, owner = guild.channel("general"), guild.channel("old"), guild.owner
    assert owner is not None
    await town.turn_on(guild, general, old)
    town.world.delete_channel(old)
    panel = await owner.slash(general, "setup")
    [line] = [line for line in panel.text.splitlines() if str(old.id) in line]
    assert "was deleted" in line and "Channels with auto-replies" in line
    assert "I need" not in panel.text and f"on in <#{general.id}> (sensitivity: balanced)" in panel.text
    await town.page(owner, panel, "Who and where")
    assert preset(panel, "channels") == [str(general.id)]
    shown = await owner.click(panel, DROP)
    assert str(old.id) not in shown.text and DROP not in labels(shown)
    assert kept(town, general)["channels"] == [str(general.id)]


async def test_a_menu_that_still_holds_a_deleted_channel_sets_the_rest_and_names_it(town: Town) -> None:
    guild = town.guild("general", "old", "new")
    general, old, new = (guild.channel(name) for name in ("general", "old", "new"))
    owner: Any = guild.owner
    await town.turn_on(guild, general, old)
    panel = await owner.slash(general, "setup")
    town.world.delete_channel(old)
    shown = await town.choose(owner, panel, "channels", [general, old, new])
    assert f"<#{old.id}> (`{old.id}`) was deleted, so it was left out." in shown.text
    assert kept(town, general)["channels"] == sorted([str(general.id), str(new.id)])
    refused = await town.choose(owner, panel, "channels", [old])
    assert f"This server does not have {old.id}." in refused.text
    assert kept(town, general)["channels"] == sorted([str(general.id), str(new.id)])


async def test_a_thread_that_is_archived_is_not_gone(town: Town) -> None:
    channel = town.channel()
    thread = channel.guild.channel("a thread", THREAD, parent=channel)
    owner: Any = channel.guild.owner
    await town.turn_on(channel.guild, thread, channel)
    town.world.archive(thread)
    panel = await owner.slash(channel, "setup")
    assert f"<#{thread.id}>" in panel.text and DROP not in labels(panel)
    assert "I need" not in panel.text
    await town.choose(owner, panel, "channels", [thread])
    assert kept(town, channel)["channels"] == [str(thread.id)]


async def test_an_error_page_is_no_proof_that_a_channel_was_deleted(town: Town) -> None:
    channel = town.channel()
    thread = channel.guild.channel("a thread", THREAD, parent=channel)
    owner: Any = channel.guild.owner
    await town.turn_on(channel.guild, thread, channel)
    town.world.archive(thread)
    asked = town.world.faults.error(f"GET /channels/{thread.id}", 404)
    panel = await owner.slash(channel, "setup")
    assert asked.hits and "was deleted" not in panel.text and DROP not in labels(panel)


async def test_roles_that_are_all_deleted_are_said_to_silence_everybody(town: Town) -> None:
    channel = town.channel()
    owner: Any = channel.guild.owner
    fans, mods = channel.guild.role("Fans"), channel.guild.role("Mods")
    alerts = channel.guild.channel("alerts")
    town.world.set_alerts_channel(channel.guild, alerts)
    await town.turn_on(channel.guild, channel)
    panel = await owner.slash(channel, "setup")
    await town.choose(owner, panel, "roles", [fans, mods])
    town.world.delete_role(fans)
    shown = await town.choose(owner, panel, "denied_roles", [])
    assert f"`{fans.id}`" in shown.text and "I answer no one" not in shown.text
    assert town.said(alerts) == []
    town.world.delete_role(mods)
    assert "I answer no one" in (await town.world.next_message(alerts)).text, "moderators are told at once"
    panel = await owner.slash(channel, "setup")
    assert "I answer no one" in panel.text and NOTHING_TO_DO not in panel.text
    await owner.click(panel, DROP)
    assert kept(town, channel)["roles"] == []
    said = await town.user().say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [said.id]


async def test_a_role_menu_that_still_holds_a_deleted_role_sets_the_rest_and_never_everybody(town: Town) -> None:
    channel = town.channel()
    owner: Any = channel.guild.owner
    fans, mods = channel.guild.role("Fans"), channel.guild.role("Mods")
    panel = await owner.slash(channel, "setup")
    await town.page(owner, panel, "Who and where")
    town.world.delete_role(fans)
    shown = await town.choose(owner, panel, "roles", [fans, mods])
    assert f"<@&{fans.id}> (`{fans.id}`) was deleted, so it was left out." in shown.text
    refused = await town.choose(owner, panel, "roles", [fans])
    assert str(fans.id) in refused.text
    assert kept(town, channel)["roles"] == [str(mods.id)]


async def test_a_deleted_role_among_the_ignored_is_named_and_dropped_and_people_stay_ignored(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    owner: Any = channel.guild.owner
    role = channel.guild.role("Bots")
    channel.guild.join(ann)
    await town.turn_on(channel.guild, channel)
    panel = await owner.slash(channel, "setup")
    await town.choose(owner, panel, "ignored", [ann, role])
    assert "**Ignored everywhere**: 2" in panel.text
    town.world.delete_role(role)
    panel = await owner.slash(channel, "setup")
    assert f"<@&{role.id}> (`{role.id}`) was deleted, but is still chosen: Roles ignored everywhere" in panel.text
    await owner.click(panel, DROP)
    assert kept(town, channel)["ignored_roles"] == [] and len(kept(town, channel)["ignored"]) == 1
    await ann.say(channel, MENTION)
    mention = await town.user().say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id]


async def test_a_deleted_dry_run_channel_is_told_to_moderators_and_named(town: Town) -> None:
    guild = town.guild("general", "den", "alerts")
    general, den, alerts = (guild.channel(name) for name in ("general", "den", "alerts"))
    owner: Any = guild.owner
    town.world.set_alerts_channel(guild, alerts)
    await town.turn_on(guild, general)
    panel = await owner.slash(general, "setup")
    await town.choose(owner, panel, "dry_run", [den])
    town.world.delete_channel(den)
    await town.user().say(general, MENTION)
    message = await town.world.next_message(alerts)
    assert f"<#{den.id}> is gone" in message.text and town.said(general) == []
    panel = await owner.slash(general, "setup")
    assert "nobody is told anything" in panel.text
    assert len([line for line in panel.text.splitlines() if str(den.id) in line]) == 1
    await owner.click(panel, DROP)
    assert kept(town, general)["dry_run"] is None


async def test_a_dry_run_goes_on_in_a_thread_that_was_archived(town: Town) -> None:
    channel = town.channel()
    thread = channel.guild.channel("for moderators", THREAD, parent=channel)
    owner: Any = channel.guild.owner
    await town.turn_on(channel.guild, channel)
    panel = await owner.slash(channel, "setup")
    await town.choose(owner, panel, "dry_run", [thread])
    town.world.archive(thread)
    await town.user().say(channel, MENTION)
    await town.heard_out(thread)
    assert len(town.said(thread)) == 1 and town.said(channel) == []


async def test_a_deleted_outage_channel_and_a_deleted_role_to_call_are_named(town: Town) -> None:
    guild = town.guild("general", "news")
    general, news, role = guild.channel("general"), guild.channel("news"), guild.role("Fans")
    owner: Any = guild.owner
    panel = await owner.slash(general, "setup")
    await town.choose(owner, panel, "outage_channel", [news])
    await town.choose(owner, panel, "outage_role", [role])
    town.world.delete_channel(news)
    town.world.delete_role(role)
    shown = await town.choose(owner, panel, "outage_reminder", ["3"])
    assert "none, so outages are not announced" in shown.text and "**Role to ping**: nobody" in shown.text
    assert "I need" not in shown.text
    for one, where in ((news, "Channel for outages"), (role, "Role to ping")):
        [line] = [line for line in shown.text.splitlines() if str(one.id) in line]
        assert "was deleted" in line and where in line
    await owner.click(panel, DROP)
    assert kept(town, general)["outage_channel"] is kept(town, general)["outage_role"] is None


async def test_while_discord_has_a_server_unavailable_setup_says_so_and_keeps_what_is_set(town: Town) -> None:
    channel = town.channel()
    owner: Any = channel.guild.owner
    await town.turn_on(channel.guild, channel)
    channel.deny(Perm.SEND_MESSAGES)
    town.world.set_available(channel.guild, False)
    panel = await owner.slash(channel, "setup")
    assert "Discord doesn't show me this server" in panel.text
    assert "I need" not in panel.text and "was deleted" not in panel.text
    refused = await town.choose(owner, panel, "channels", [])
    assert refused.ephemeral and "Discord doesn't show me this server" in refused.text
    assert kept(town, channel)["channels"] == [str(channel.id)]
    town.world.set_available(channel.guild, True)
    await town.world.gateway.roundtrip()
    assert "I need **Send Messages**" in (await owner.slash(channel, "setup")).text


async def test_a_server_that_is_unavailable_at_the_start_is_named_so(bare_town: Town) -> None:
    channel = bare_town.channel()
    owner: Any = channel.guild.owner
    await bare_town.start()
    await bare_town.turn_on(channel.guild, channel)
    await bare_town.stop()
    channel.guild.available = False
    await bare_town.start()
    panel = await owner.slash(channel, "setup")
    assert "Discord doesn't show me this server" in panel.text and "I need" not in panel.text
    assert f"on in <#{channel.id}> (sensitivity: balanced)" in panel.text, "what is set is kept"
    await owner.select(panel, "n1:setgo", ["ears"])
    assert panel.response is not None
    await bare_town.stop()
