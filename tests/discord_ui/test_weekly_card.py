"""The weekly card for moderators, from the menu in `/setup` to the message in their channel."""

from typing import Any

import discord
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.core.reports import DAY, HOUR
from tests.discord_ui.conftest import Stage, preset, text_of
from tests.discord_ui.test_humans_first import mods_of

SEEN, SILENT = discord.Permissions(view_channel=True), discord.Permissions(send_messages=True)
MONDAY = 4
"""The day of the week on which cards are sent; the epoch began on day 0, a Thursday."""


def cards_in(stage: Stage, channel: Any) -> list[str]:
    return [text_of(one) for one in channel.history() if one.author.id == stage.env.bot.user.id]


async def next_monday(stage: Stage) -> None:
    """The evening of the next Monday, when every server is due."""
    now = int(stage.env.now().timestamp())
    days = (MONDAY - now // DAY) % 7 or 7
    await stage.env.advance_time((now // DAY + days) * DAY + 20 * HOUR - now)


async def send_due(stage: Stage) -> None:
    await stage.app.upkeep.weekly.send_due()
    await stage.env.settle()


async def test_a_moderator_chooses_a_channel_and_gets_a_card_a_week(stage: Stage) -> None:
    mods = mods_of(stage)
    await stage.turn_replies_on()
    panel = await stage.mod.slash(stage.channel, "setup")
    page = await stage.turn(panel.response, "What I answer")
    await stage.choose(page.response, "weekly_channel", [mods])
    assert preset(page.response, "weekly_channel") == [str(mods.id)]
    await next_monday(stage)
    await send_due(stage)
    [quiet] = cards_in(stage, mods)
    assert "A quiet week" in quiet
    await stage.env.advance_time(2 * DAY)
    await stage.ann.send(stage.channel, "is cai down for anyone else?")
    [reply] = stage.replies()
    more = await stage.mod.click(reply, label="More")
    await stage.mod.click(more.response, label="Wrong reply?")
    await stage.ann.slash(stage.channel, "report", symptom="login")
    await send_due(stage)
    assert len(cards_in(stage, mods)) == 1, "it is not Monday"
    await next_monday(stage)
    await send_due(stage)
    await send_due(stage)
    [card] = [one for one in cards_in(stage, mods) if one != quiet]
    assert len(cards_in(stage, mods)) == 2
    for line in ("**1** auto-reply", "**1** reply marked as wrong", "**1** person reported a problem"):
        assert f"{line}\n" in card
    assert stage.ann.name not in card and "cai" not in card


async def test_a_channel_that_opened_to_all_gets_no_card_and_setup_says_so(stage: Stage) -> None:
    everybody = stage.guild.create_text_channel("lounge")
    await stage.turn_replies_on(weekly_channel=str(everybody.id))
    await next_monday(stage)
    await send_due(stage)
    assert cards_in(stage, everybody) == []
    panel = await stage.mod.slash(stage.channel, "setup")
    page = await stage.turn(panel.response, "What I answer")
    assert "so no card is sent" in text_of(page.response)


async def test_a_channel_that_is_lacking_a_permission_or_was_deleted_is_named_in_setup(stage: Stage) -> None:
    mods = mods_of(stage)
    await stage.turn_replies_on(weekly_channel=str(mods.id))
    nothing = Overwrite(stage.env.bot.user.id, OverwriteType.MEMBER, SEEN.value, SILENT.value)
    stage.env.backend.set_overwrite(mods.id, nothing)
    await next_monday(stage)
    await send_due(stage)
    panel = await stage.mod.slash(stage.channel, "setup")
    page = await stage.turn(panel.response, "What I answer")
    assert f"In <#{mods.id}> I need **Send Messages**" in text_of(page.response)
    await stage.turn_replies_on(weekly_channel="123456789")
    await send_due(stage)
    page = await stage.turn(page.response, "What I answer")
    assert "(`123456789`) was deleted, but is still chosen: Channel for the weekly card" in text_of(page.response)
