"""Auto-replies: off by default, one per mention, cooldowns, opt-out; reactions and *Me too* are reports."""

import discord
import pytest

from bot.core.shards import Shards
from tests.discord_ui.conftest import Stage, labels_of, press_more, shown_kind, text_of

MENTION = "is cai down for anyone else?"


async def test_off_until_a_moderator_turns_it_on(stage: Stage) -> None:
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []


async def test_one_reply_to_the_message_without_a_ping_and_none_to_ordinary_chat(stage: Stage) -> None:
    await stage.turn_replies_on()
    await stage.bob.send(stage.channel, "good morning everyone")
    said = await stage.ann.send(stage.channel, MENTION)
    [reply] = stage.replies()
    assert reply.reference is not None and reply.reference.message_id == said.id
    assert reply.mentions == []
    assert text_of(reply).startswith("**Character.AI: We can't tell yet whether it's just you.**")
    assert labels_of(reply) == ["Broken", "What helps?", "More"]


async def test_pauses_per_channel_and_per_person(stage: Stage) -> None:
    await stage.turn_replies_on(cooldown=120, person_cooldown=900)
    await stage.ann.send(stage.channel, MENTION)
    await stage.bob.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1
    await stage.env.advance_time(121)
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1
    await stage.bob.send(stage.channel, MENTION)
    assert len(stage.replies()) == 2


async def test_other_channels_bots_webhooks_and_opted_out_people_get_none(stage: Stage) -> None:
    await stage.turn_replies_on(cooldown=30)
    elsewhere = stage.guild.create_text_channel("elsewhere")
    other_bot = stage.guild.add_member(stage.env.create_user("robot", bot=True))
    await stage.ann.send(elsewhere, MENTION)
    await other_bot.send(stage.channel, MENTION)
    await stage.guild.create_webhook(stage.channel).send(MENTION)
    await stage.ann.send(stage.channel, MENTION)
    quiet = await press_more(stage.bob, stage.replies()[0], "Don't reply to me")
    await stage.env.advance_time(3600)
    await stage.bob.send(stage.channel, MENTION)
    assert "won't reply" in text_of(quiet.response)
    assert len(stage.replies()) == 1


async def test_threads_of_a_channel_are_covered_by_it(stage: Stage) -> None:
    await stage.turn_replies_on()
    thread = await stage.env.bot.get_channel(stage.channel.id).create_thread(
        name="help", type=discord.ChannelType.public_thread
    )
    [handle] = [t for t in stage.channel.threads if t.id == thread.id]
    await stage.ann.send(handle, MENTION)
    assert [m.author.bot for m in handle.history()] == [False, True]


async def test_reactions_count_and_taking_them_back_withdraws(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.discord_ui.posting.live_replies.EDIT_EVERY", 0.5)
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, MENTION)
    [reply] = stage.replies()
    await stage.ann.react(reply, "👍")
    await stage.bob.react(reply, "😭")
    await stage.mod.react(reply, "🎉")
    await stage.until(lambda: stage.people() == 2)
    await stage.until(
        lambda: "Some others report trouble, too** (Character.AI): 2 people." in text_of(stage.replies()[0])
    )
    await stage.bob.unreact(reply, "😭")
    await stage.until(lambda: stage.people() == 1)


async def test_only_the_last_of_a_persons_reactions_withdraws(stage: Stage) -> None:
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, MENTION)
    [reply] = stage.replies()
    await stage.ann.react(reply, "👍")
    await stage.ann.react(reply, "✋")
    await stage.until(lambda: stage.people() == 1)
    await stage.ann.unreact(reply, "👍")
    await stage.bob.react(reply, "👍")
    await stage.until(lambda: stage.people() == 2)
    await stage.ann.unreact(reply, "✋")
    await stage.until(lambda: stage.people() == 1)


async def test_me_too_counts_and_configured_reactions_do(stage: Stage) -> None:
    await stage.turn_replies_on(reactions=["🔥"])
    await stage.ann.send(stage.channel, MENTION)
    [reply] = stage.replies()
    counted = await stage.ann.click(reply, label="Broken")
    await stage.bob.react(reply, "🔥")
    assert "Counted" in text_of(counted.response)
    await stage.until(lambda: stage.people() == 2)


async def test_in_an_outage_the_reply_says_that_it_is_not_just_them(stage: Stage) -> None:
    await stage.turn_replies_on()
    for person in range(30):
        await stage.app.reports.record.report(stage.app.base.services.default, 100 + person, 50 + person % 7)
    await stage.ann.send(stage.channel, MENTION)
    text = text_of(stage.replies()[0])
    assert "**It's not just you.** 30 people report trouble with Character.AI." in text
    assert "Nothing to fix on your side." in text


async def test_a_reply_does_not_go_on_claiming_an_outage_that_is_over(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord_ui.posting.live_replies.EDIT_EVERY", 0.1)
    await stage.turn_replies_on()
    for person in range(30):
        await stage.app.reports.record.report(stage.app.base.services.default, 100 + person, 50 + person % 7)
    await stage.ann.send(stage.channel, MENTION)
    assert "It's not just you" in text_of(stage.replies()[0])
    await stage.app.replies.live.refresh()
    await stage.env.advance_time(16 * 60)
    await stage.app.replies.live.refresh()
    await stage.until(lambda: "We can't tell yet whether it's just you" in text_of(stage.replies()[0]))


async def test_old_buttons_and_reactions_still_work_after_a_restart(stage: Stage) -> None:
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, MENTION)
    [reply] = stage.replies()
    client = stage.app.client(message_content=True, shards=Shards((0,), 1))
    await stage.env.restart_bot(client)
    counted = await stage.ann.click(reply, label="Broken")
    await stage.bob.react(reply, "👍")
    assert "Counted" in text_of(counted.response)
    await stage.until(lambda: stage.people() == 2)


async def test_is_it_just_them_answers_the_message_where_texts_cannot_be_heard(stage: Stage) -> None:
    said = await stage.bob.send(stage.channel, "anyone?")
    shown = await stage.ann.context_menu(stage.channel, "Is it just them?", said)
    again = await stage.ann.context_menu(stage.channel, "Is it just them?", said)
    assert said.jump_url in text_of(shown.response)
    assert not shown.ephemeral and again.ephemeral


async def test_without_permission_to_send_nothing_breaks(stage: Stage) -> None:
    await stage.turn_replies_on()
    stage.env.inject_error("POST", "/channels/*/messages", status=403)
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []


NAMED = {
    "error": "c.ai is down, internal server error",
    "gateway": "c.ai is down, 502 bad gateway",
    "too-slow": "c.ai is down, error 524",
    "chats": "c.ai is down, messages won't send",
    "loading": "c.ai is down, it won't load",
    "login": "c.ai is down, can't log in",
    "network": "c.ai is down, network error",
    "wall": "c.ai is down, error 403",
    "too-fast": "c.ai is down, server error, too many requests",
    "characters": "c.ai is down, all my chats are gone",
    "app": "c.ai is down, it keeps crashing",
}
NO_OUTAGE = {
    "limit": "c.ai put me in slow mode again",
    "account": "my c.ai chats are read only now",
    "filter": "Sometimes the AI generates a reply that doesn't meet our guidelines.",
}


@pytest.mark.parametrize("symptom", NAMED)
async def test_the_first_steps_are_those_of_the_symptom_and_so_is_the_guide(stage: Stage, symptom: str) -> None:
    service = stage.app.base.services.default
    guide = service.guide("en", service.symptom(symptom))
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, NAMED[symptom])
    [reply] = stage.replies()
    text = text_of(reply)
    assert text.startswith("**Character.AI: We can't tell yet whether it's just you.**")
    assert f"Try this first: 1. {guide.steps[0].title}. 2. {guide.steps[1].title}." in text
    assert "Broken" in labels_of(reply)
    card = await stage.bob.click(reply, label="What helps?")
    assert all(step.reason in text_of(card.response) for step in guide.steps)
    assert shown_kind(card.response) == symptom, "what the message named is chosen in the menu"


@pytest.mark.parametrize("symptom", NO_OUTAGE)
async def test_what_is_no_outage_is_told_kindly_and_nothing_about_it_counts(stage: Stage, symptom: str) -> None:
    service = stage.app.base.services.default
    kind = service.symptom(symptom)
    assert kind is not None
    guide = service.guide("en", kind)
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, NO_OUTAGE[symptom])
    [reply] = stage.replies()
    text = text_of(reply)
    assert "This isn't an outage" in text and f"1. {guide.steps[0].title}. 2. {guide.steps[1].title}." in text
    assert labels_of(reply) == ["What helps?", "More"]
    card = await stage.bob.click(reply, label="What helps?")
    assert shown_kind(card.response) == symptom and guide.meaning in text_of(card.response)
    await stage.bob.react(reply, "👍")
    for person in range(30):
        await stage.app.reports.record.report(service, 100 + person, 50 + person % 7)
    await stage.app.replies.live.refresh()
    await stage.env.settle()
    assert stage.people() == 30 and text_of(stage.replies()[0]) == text, "it stays, and a reaction is no report"
    await press_more(stage.ann, reply, "Wrong reply?")
    assert stage.replies() == []
    assert stage.app.replies.rules.get(stage.guild.id, kind.nature).replies == 1


async def test_an_edited_reply_still_has_the_steps_of_its_symptom_after_a_restart(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord_ui.posting.live_replies.EDIT_EVERY", 0.1)
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, NAMED["login"])
    await stage.app.replies.cache.load()
    await stage.app.reports.record.report(stage.app.base.services.default, 4711, stage.guild.id)
    await stage.app.replies.live.refresh()
    await stage.until(
        lambda: "Some others report trouble, too** (Character.AI): 1 person." in text_of(stage.replies()[0])
    )
    assert "Log in the way you signed up" in text_of(stage.replies()[0])
    [kept] = await stage.app.base.stores.replies.since(0, 10)
    assert kept.symptom == "login"
