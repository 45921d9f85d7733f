"""`/setup`, the page *Outages*: choices are stored, an empty choice turns it off, and missing permissions are named."""

from typing import Any

import discord
import pytest

from tests.discord_ui.conftest import Stage, preset, text_of

WARNING = "I may not ping that role"


@pytest.fixture
async def page(stage: Stage) -> Any:
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.turn(panel, "Outages")
    return panel


def kept(stage: Stage) -> dict[str, Any]:
    return stage.app.setup.configure.export(stage.guild.id)


async def test_a_channel_is_chosen_and_none_turns_it_off(stage: Stage, page: Any) -> None:
    news = stage.guild.create_text_channel("news")
    await stage.choose(page, "outage_channel", [news])
    assert kept(stage)["outage_channel"] == str(news.id)
    assert preset(page, "outage_channel") == [str(news.id)]
    await stage.choose(page, "outage_channel", [])
    assert kept(stage)["outage_channel"] is None
    assert "none, so outages are not announced" in text_of(page)


async def test_a_role_is_chosen_and_none_calls_nobody(stage: Stage, page: Any) -> None:
    role = stage.guild.create_role("Outages", mentionable=True)
    await stage.choose(page, "outage_role", [role])
    assert kept(stage)["outage_role"] == str(role.id)
    assert preset(page, "outage_role") == [str(role.id)] and WARNING not in text_of(page)
    await stage.choose(page, "outage_role", [])
    assert kept(stage)["outage_role"] is None
    assert "**Role to ping**: nobody" in text_of(page) and WARNING not in text_of(page)


async def test_a_role_that_we_may_not_mention_is_warned_of(stage: Stage, page: Any) -> None:
    shy, open_to_all = (stage.guild.create_role(name, mentionable=name == "Open") for name in ("Shy", "Open"))
    await stage.choose(page, "outage_role", [shy])
    assert WARNING not in text_of(page), "we may mention everyone, and so every role"
    guild = stage.env.bot.get_guild(stage.guild.id)
    own = next(role for role in guild.me.roles if not role.is_default())
    rights = own.permissions
    rights.update(mention_everyone=False, administrator=False)
    stage.env.backend.edit_role(guild.id, own.id, {"permissions": rights.value})
    await stage.until(lambda: not guild.me.guild_permissions.mention_everyone)
    await stage.choose(page, "outage_role", [shy])
    assert WARNING in text_of(page)
    assert kept(stage)["outage_role"] == str(shy.id), "a warning, not a refusal"
    await stage.choose(page, "outage_role", [open_to_all])
    assert WARNING not in text_of(page)


async def test_everyone_is_no_role_to_call(stage: Stage, page: Any) -> None:
    answer = await stage.choose(page, "outage_role", [stage.guild.default_role])
    assert "Role to ping: Choose a role that members chose to have" in text_of(answer.response)
    assert kept(stage)["outage_role"] is None


@pytest.mark.parametrize("hours", [1, 3, 6])
async def test_reminders_come_every_1_3_or_6_hours_or_never(stage: Stage, page: Any, hours: int) -> None:
    await stage.choose(page, "outage_reminder", [str(hours)])
    assert kept(stage)["outage_reminder"] == hours and preset(page, "outage_reminder") == [str(hours)]
    await stage.choose(page, "outage_reminder", ["0"])
    assert kept(stage)["outage_reminder"] == 0 and preset(page, "outage_reminder") == ["0"]


async def test_a_switch_pressed_twice_is_as_it_was(stage: Stage, page: Any) -> None:
    for field in ("outage_possible", "outage_thread", "outage_silent", "outage_end"):
        was, before = kept(stage)[field], text_of(page)
        await stage.switch(page, field)
        assert kept(stage)[field] is not was and text_of(page) != before
        await stage.switch(page, field)
        assert kept(stage)[field] is was and text_of(page) == before


async def test_pictures_are_for_dark_or_light_discord(stage: Stage, page: Any) -> None:
    for theme in ("light", "dark"):
        await stage.choose(page, "picture", [theme])
        assert kept(stage)["picture"] == theme


async def test_what_is_missing_in_the_outage_channel_is_named_there_and_only_then(stage: Stage, page: Any) -> None:
    denied = discord.PermissionOverwrite(attach_files=False)
    walled = stage.guild.create_text_channel("walled", overwrites={stage.guild.default_role: denied})
    assert "I need" not in text_of(page), "no channel is chosen yet"
    await stage.choose(page, "outage_channel", [walled])
    assert "I need **Attach Files** (" in text_of(page) and "**Send Messages**" not in text_of(page)
    await stage.simulate(page, walled)
    assert f"In <#{walled.id}> I need **Attach Files**" in text_of(page)


async def test_only_one_simulation_is_played_at_a_time(stage: Stage, page: Any) -> None:
    await stage.simulate(page, stage.channel)
    assert f"Starting a simulated outage in <#{stage.channel.id}>" in text_of(page)
    await stage.simulate(page, stage.channel)
    assert "A simulation is running here already" in text_of(page)


async def test_a_simulation_can_be_seen_by_the_moderator_alone(stage: Stage, page: Any) -> None:
    await stage.press(page, "Simulate an outage")
    assert "nobody is pinged, and nothing counts" in text_of(page)
    seen = await stage.mod.click(page, label="Show it only to me")
    shown = [seen.response, *seen.followups]
    assert all(one.ephemeral and "Simulation by a moderator" in text_of(one) for one in shown)
    assert len(shown) == 3 and len({text_of(one) for one in shown}) == 3, "its beginning, its height, its end"
    assert stage.replies() == [] and stage.app.base.outages.open() == []
