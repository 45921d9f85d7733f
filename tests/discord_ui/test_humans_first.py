"""When not to reply: to a person in distress, after a helper or another person, in a solved post, and in a burst."""

from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.usecases.ports import Sleep
from bot.usecases.replies.humans_first import HELPED_FOR
from tests.discord_ui.conftest import Stage, labels_of, preset, text_of

MENTION = "is cai down for anyone else?"
DISTRESS = "c.ai is down and i want to die, its the only one i talk to"
HELPLINE = "You are not alone. Call 116 123, at any hour."


class Waits:
    """Notes how long replies would wait."""

    def __init__(self) -> None:
        self.begun = list[float]()

    async def __call__(self, seconds: float) -> None:
        self.begun.append(seconds)


@pytest.fixture
def waits() -> Sleep:
    return Waits()


def mods_of(stage: Stage, *, private: bool = True) -> Any:
    """A channel that only moderators, and the bot, can read."""
    if not private:
        return stage.guild.create_text_channel("mods")
    seen = discord.PermissionOverwrite(view_channel=True, send_messages=True)
    hidden = discord.PermissionOverwrite(view_channel=False)
    overwrites = {stage.guild.default_role: hidden, stage.guild.roles["Mods"]: seen}
    channel = stage.guild.create_text_channel("mods", overwrites=overwrites)
    allowed = discord.Permissions(view_channel=True, send_messages=True).value
    ours = Overwrite(stage.env.bot.user.id, OverwriteType.MEMBER, allowed, 0)
    stage.env.backend.set_overwrite(channel.id, ours)
    return channel


def dms(stage: Stage) -> list[discord.Message]:
    """What Ann was sent in private."""
    return list(stage.ann.user.dm_channel.history())


def posted(stage: Stage, channel: Any) -> list[discord.Message]:
    return [m for m in channel.history() if m.author.id == stage.env.bot.user.id]


@pytest.mark.parametrize(
    "text",
    [
        DISTRESS,
        "quiero morirme, c.ai no carga",
        "cai down kms",
        "own phrase and i want to kill myself",
        "{bot} i want to die",
    ],
)
async def test_somebody_in_distress_gets_no_answer_through_any_ear(stage: Stage, text: str) -> None:
    await stage.turn_replies_on(phrases=["own phrase"], cooldown=30)
    await stage.ann.send(stage.channel, text.replace("{bot}", f"<@{stage.env.bot.user.id}>"))
    assert stage.replies() == []
    assert stage.app.base.talk["character-ai"].people(stage.env.now().timestamp()) == 0
    await stage.bob.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1, "others are answered as ever"


async def test_who_was_in_distress_is_left_alone_for_hours_but_may_ask_the_bot(stage: Stage) -> None:
    await stage.turn_replies_on(cooldown=30, person_cooldown=30)
    await stage.ann.send(stage.channel, DISTRESS)
    await stage.env.advance_time(3600)
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []
    await stage.ann.send(stage.channel, f"<@{stage.env.bot.user.id}> is it down?")
    assert len(stage.replies()) == 1


async def test_moderators_are_told_once_with_a_link_and_without_the_text(stage: Stage) -> None:
    mods = mods_of(stage)
    await stage.turn_replies_on(distress_channel=str(mods.id))
    said = await stage.ann.send(stage.channel, DISTRESS)
    await stage.ann.send(stage.channel, DISTRESS)
    [notice] = posted(stage, mods)
    assert said.jump_url in text_of(notice) and "want to die" not in text_of(notice)
    assert notice.mentions == [] and labels_of(notice) == []


async def test_nothing_is_told_where_everybody_reads(stage: Stage) -> None:
    mods = mods_of(stage, private=False)
    await stage.turn_replies_on(distress_channel=str(mods.id))
    await stage.ann.send(stage.channel, DISTRESS)
    assert posted(stage, mods) == []


async def test_a_moderator_can_have_the_servers_text_sent_to_that_person_alone(stage: Stage) -> None:
    mods = mods_of(stage)
    await stage.turn_replies_on(distress_channel=str(mods.id), helpline=HELPLINE)
    await stage.ann.send(stage.channel, DISTRESS)
    [notice] = posted(stage, mods)
    assert labels_of(notice) == ["Send them the server's text"]
    assert dms(stage) == []
    await stage.mod.click(notice, label="Send them the server's text")
    [received] = dms(stage)
    assert HELPLINE in text_of(received) and "Cats" in text_of(received)
    [notice] = posted(stage, mods)
    assert "was sent to them" in text_of(notice) and labels_of(notice) == []
    assert stage.replies() == []


async def test_is_it_just_them_about_such_a_message_is_answered_to_the_asker_alone(stage: Stage) -> None:
    said = await stage.ann.send(stage.channel, DISTRESS)
    shown = await stage.bob.context_menu(stage.channel, "Is it just them?", said)
    assert shown.ephemeral


async def test_where_a_helper_wrote_nothing_is_answered_for_a_while(stage: Stage) -> None:
    helpers = stage.guild.create_role("Helpers")
    helper = stage.guild.add_member(stage.env.create_user("helper"), roles=[helpers])
    await stage.turn_replies_on(helpers=[str(helpers.id)], cooldown=30)
    await helper.send(stage.channel, "I am here, ask me")
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []
    await stage.env.advance_time(HELPED_FOR)
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1


async def test_a_burst_of_one_person_and_of_many_gets_one_answer(stage: Stage, waits: Waits) -> None:
    await stage.turn_replies_on()
    first = await stage.ann.send(stage.channel, MENTION)
    for person in (stage.ann, stage.bob, stage.mod, stage.bob):
        await person.send(stage.channel, "cai is down, error 500")
    [reply] = stage.replies()
    assert reply.reference is not None and reply.reference.message_id == first.id and waits.begun == [4]


async def test_who_asks_the_bot_itself_need_not_wait(stage: Stage, waits: Waits) -> None:
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, f"<@{stage.env.bot.user.id}> is it down?")
    assert waits.begun == [] and len(stage.replies()) == 1


async def test_try_a_message_names_these_reasons(stage: Stage) -> None:
    helpers = stage.guild.create_role("Helpers")
    helper = stage.guild.add_member(stage.env.create_user("helper"), roles=[helpers])
    await stage.turn_replies_on(helpers=[str(helpers.id)])
    await helper.send(stage.channel, "hello")
    panel = await stage.mod.slash(stage.channel, "setup")
    form = await stage.press(panel.response, "Try a message")
    tried = await stage.mod.submit_modal(form, {"text": DISTRESS})
    assert "leave it to people" in text_of(tried.response)
    assert "A helper wrote here" in text_of(tried.response)


async def test_the_page_sets_all_of_it(stage: Stage) -> None:
    mods, helpers = mods_of(stage), stage.guild.create_role("Helpers")
    panel = await stage.mod.slash(stage.channel, "setup")
    page = await stage.turn(panel.response, "Humans first")
    await stage.choose(page.response, "helpers", [helpers])
    await stage.choose(page.response, "wait", ["15"])
    await stage.choose(page.response, "distress_channel", [mods])
    form = await stage.open(page.response, "helpline")
    shown = await stage.mod.submit_modal(form, {"helpline": HELPLINE})
    assert "Call 116 123" in text_of(shown.response)
    assert preset(page.response, "wait") == ["15"] and preset(page.response, "distress_channel") == [str(mods.id)]
    kept = stage.app.setup.configure.export(stage.guild.id)
    assert kept["helpers"] == [str(helpers.id)] and kept["wait"] == 15
    assert kept["distress_channel"] == str(mods.id) and kept["helpline"] == HELPLINE


async def test_a_channel_that_everybody_reads_is_refused(stage: Stage) -> None:
    mods = mods_of(stage, private=False)
    panel = await stage.mod.slash(stage.channel, "setup")
    page = await stage.turn(panel.response, "Humans first")
    refused = await stage.choose(page.response, "distress_channel", [mods])
    assert "only moderators can read" in text_of(refused.response)
    assert stage.app.setup.configure.export(stage.guild.id)["distress_channel"] is None
