"""`/setup`, the page *Outages*: what is chosen is kept, nothing chosen turns it off, and what is missing is said."""

from typing import Any

import discord
import pytest

from tests.discord_ui.conftest import Stage, labels_of, text_of

WARNING = "I may not mention that role"


@pytest.fixture
async def page(stage: Stage) -> Any:
    panel = await stage.mod.slash(stage.channel, "setup")
    return (await stage.mod.click(panel.response, label="Outages")).response


def kept(stage: Stage) -> dict[str, Any]:
    return stage.app.setup.configure.export(stage.guild.id)


async def test_a_channel_is_chosen_and_none_turns_it_off(stage: Stage, page: Any) -> None:
    news = stage.guild.create_text_channel("news")
    await stage.mod.select(page, custom_id="n1:setoutchannel", values=[news])
    assert kept(stage)["outage_channel"] == str(news.id)
    assert f"**Channel**: <#{news.id}>" in text_of(page)
    await stage.mod.select(page, custom_id="n1:setoutchannel", values=[])
    assert kept(stage)["outage_channel"] is None
    assert "none, so outages are not announced" in text_of(page)


async def test_a_role_is_chosen_and_none_calls_nobody(stage: Stage, page: Any) -> None:
    role = stage.guild.create_role("Outages", mentionable=True)
    await stage.mod.select(page, custom_id="n1:setoutrole", values=[role])
    assert kept(stage)["outage_role"] == str(role.id)
    assert f"**Called** once an outage: <@&{role.id}>" in text_of(page) and WARNING not in text_of(page)
    await stage.mod.select(page, custom_id="n1:setoutrole", values=[])
    assert kept(stage)["outage_role"] is None
    assert "**Called** once an outage: nobody" in text_of(page) and WARNING not in text_of(page)


async def test_a_role_that_we_may_not_mention_is_warned_of(stage: Stage, page: Any) -> None:
    shy, open_to_all = (stage.guild.create_role(name, mentionable=name == "Open") for name in ("Shy", "Open"))
    await stage.mod.select(page, custom_id="n1:setoutrole", values=[shy])
    assert WARNING not in text_of(page), "we may mention everyone, and so every role"
    guild = stage.env.bot.get_guild(stage.guild.id)
    own = next(role for role in guild.me.roles if not role.is_default())
    rights = own.permissions
    rights.update(mention_everyone=False, administrator=False)
    stage.env.backend.edit_role(guild.id, own.id, {"permissions": rights.value})
    await stage.until(lambda: not guild.me.guild_permissions.mention_everyone)
    await stage.mod.select(page, custom_id="n1:setoutrole", values=[shy])
    assert WARNING in text_of(page)
    assert kept(stage)["outage_role"] == str(shy.id), "a warning, not a refusal"
    await stage.mod.select(page, custom_id="n1:setoutrole", values=[open_to_all])
    assert WARNING not in text_of(page)


async def test_everyone_is_no_role_to_call(stage: Stage, page: Any) -> None:
    told = await stage.mod.select(page, custom_id="n1:setoutrole", values=[stage.guild.default_role])
    assert "cannot be that: it should be a role of this server" in text_of(told.response)
    assert kept(stage)["outage_role"] is None


@pytest.mark.parametrize(("hours", "told"), [(1, "every 1 hour"), (3, "every 3 hours"), (6, "every 6 hours")])
async def test_reminders_come_every_1_3_or_6_hours_or_never(stage: Stage, page: Any, hours: int, told: str) -> None:
    await stage.mod.select(page, custom_id="n1:setoutreminder", values=[str(hours)])
    assert kept(stage)["outage_reminder"] == hours and f"**Reminder**: {told}" in text_of(page)
    await stage.mod.select(page, custom_id="n1:setoutreminder", values=["0"])
    assert kept(stage)["outage_reminder"] == 0 and "**Reminder**: no reminders" in text_of(page)


async def test_a_switch_pressed_twice_is_as_it_was(stage: Stage, page: Any) -> None:
    before = labels_of(page)
    for on, off, field in (
        ("With suspicions", "No suspicions", "outage_possible"),
        ("With thread", "No thread", "outage_thread"),
    ):
        first, second = (on, off) if on in before else (off, on)
        was = kept(stage)[field]
        await stage.mod.click(page, label=first)
        assert kept(stage)[field] is not was and second in labels_of(page) and first not in labels_of(page)
        await stage.mod.click(page, label=second)
        assert kept(stage)[field] is was
    assert labels_of(page) == before


async def test_pictures_are_for_dark_or_light_discord(stage: Stage, page: Any) -> None:
    for theme in ("light", "dark"):
        await stage.mod.select(page, custom_id="n1:setoutpicture", values=[theme])
        assert kept(stage)["picture"] == theme


async def test_what_is_missing_in_the_outage_channel_is_named_there_and_only_then(stage: Stage, page: Any) -> None:
    denied = discord.PermissionOverwrite(attach_files=False)
    walled = stage.guild.create_text_channel("walled", overwrites={stage.guild.default_role: denied})
    assert "is missing" not in text_of(page), "no channel is chosen yet"
    await stage.mod.select(page, custom_id="n1:setoutchannel", values=[walled])
    assert "**Attach Files** is missing" in text_of(page) and "**Send Messages** is missing" not in text_of(page)
    refused = await stage.mod.click(page, label="Simulate an outage")
    assert "permissions cannot be that: it should be Attach Files" in text_of(refused.response)


async def test_only_one_simulation_is_played_at_a_time(stage: Stage, page: Any) -> None:
    first = await stage.mod.click(page, label="Simulate an outage")
    assert f"I play an outage in <#{stage.channel.id}>" in text_of(first.response)
    second = await stage.mod.click(page, label="Simulate an outage")
    assert "A simulation is running here already" in text_of(second.response)
