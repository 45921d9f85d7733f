"""Changes in a server while the bot runs, different kinds of authors, and events that this version does not know."""

import time
from typing import Any

import pytest

from tests.e2e.conftest import MENTION, NOTHING_TO_DO, Town, labels, sending
from tests.loopback import Interaction, Perm
from tests.loopback.model import CATEGORY, NEWS, NEWS_THREAD, TEXT, THREAD, VOICE, iso
from tests.loopback.people import COMMAND

pytestmark = pytest.mark.asyncio(loop_scope="package")
MAY_NOT_MENTION = "I may not ping that role"


@pytest.mark.parametrize(("before", "after"), [(TEXT, NEWS), (NEWS, TEXT)])
async def test_a_channel_that_becomes_an_announcement_channel_or_the_reverse_is_the_same_channel(
    town: Town, before: int, after: int
) -> None:
    guild = town.guild()
    general, place = guild.channel("general"), guild.channel("place", before)
    owner: Any = guild.owner
    await town.turn_on(guild, place)
    panel = await owner.slash(general, "setup")
    await town.choose(owner, panel, "outage_channel", [place])
    town.world.change_channel(place, type=after)
    panel = await owner.slash(general, "setup")
    assert NOTHING_TO_DO in panel.text and f"announced in <#{place.id}>" in panel.text
    thread = guild.channel("talk", NEWS_THREAD if after == NEWS else THREAD, parent=place)
    said = await town.user().say(thread, MENTION)
    await town.heard_out(thread)
    assert [reply.reply_to for reply in town.said(thread)] == [said.id]


async def test_a_channel_that_becomes_age_restricted_is_answered_like_any_other(town: Town) -> None:
    channel = town.channel()
    await town.turn_on(channel.guild, channel)
    town.world.change_channel(channel, nsfw=True)
    said = await town.user().say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [said.id]
    assert NOTHING_TO_DO in (await channel.guild.owner.slash(channel, "setup")).text


async def test_who_is_sent_to_time_out_is_answered_and_what_they_said_before_counts(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    await town.turn_on(channel.guild, channel)
    said = await ann.say(channel, MENTION)
    channel.guild.members[ann.id].timed_out_until = iso(time.time() + 600)
    reply = await town.world.next_message(channel, after=said)
    assert reply.reply_to == said.id
    await ann.react(reply, "👍")  # given just before the time-out, and heard just after it
    await town.reports_become(ann, [(channel.guild_id, None)])
    await ann.click(await ann.click(reply, "More"), "Works for me again")
    assert town.reports(ann) == []


async def test_a_member_who_has_not_agreed_to_the_rules_yet_is_answered_and_counts(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    await town.turn_on(channel.guild, channel)
    channel.guild.join(ann).pending = True
    said = await ann.say(channel, MENTION)
    reply = await town.world.next_message(channel, after=said)
    await ann.click(reply, labels(reply)[0])
    assert reply.reply_to == said.id and len(town.reports(ann)) == 1


async def test_forwarded_messages_and_polls_are_not_taken_for_words(town: Town) -> None:
    channel, elsewhere, ann = town.channel(), town.channel(), town.user()
    await town.turn_on(channel.guild, channel)
    await ann.forward(channel, await ann.say(elsewhere, MENTION))
    await ann.start_poll(channel, MENTION)
    mention = await ann.say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id], "and the pauses are not used up"


async def test_a_thread_that_is_archived_before_the_answer_is_sent_is_opened_by_it(town: Town) -> None:
    channel = town.channel()
    thread = channel.guild.channel("a thread", THREAD, parent=channel)
    await town.turn_on(channel.guild, channel)
    town.world.faults.slow(sending(thread), delay=0.5, times=1)
    said = await town.user().say(thread, MENTION)
    town.world.archive(thread)
    await town.heard_out(thread)
    assert [reply.reply_to for reply in town.said(thread)] == [said.id] and not thread.archived


@pytest.mark.parametrize("archived", [True, False])
async def test_a_thread_that_is_locked_before_the_answer_is_sent_is_left_alone_until_it_is_unlocked(
    town: Town, archived: bool
) -> None:
    channel, ann = town.channel(), town.user()
    alerts = channel.guild.channel("alerts")
    town.world.set_alerts_channel(channel.guild, alerts)
    thread = channel.guild.channel("a thread", THREAD, parent=channel)
    await town.turn_on(channel.guild, channel)
    town.world.faults.slow(sending(thread), delay=0.5, times=1)
    await ann.say(thread, MENTION)
    (town.world.archive(thread, locked=True) if archived else town.world.lock(thread))
    code = 50083 if archived else 160005
    refused = f"channel={thread.id} code={code}"
    await town.world.until(lambda: refused in town.bot.output(), what="the refusal", poll=0.05)
    requests = len([call for call in town.world.requests if f"/channels/{thread.id}/messages" in call.path])
    if not archived:
        await town.user().say(thread, MENTION)  # as a moderator may
    role = channel.guild.role("Something else")
    town.world.change_role(channel.guild, role, permissions=Perm.KICK_MEMBERS)
    if not archived:
        await town.user().say(thread, MENTION)
    await town.heard_out()
    tried = len([call for call in town.world.requests if f"/channels/{thread.id}/messages" in call.path])
    assert tried == requests and town.said(alerts) == []
    town.world.unlock(thread)
    mention = await ann.say(thread, MENTION)
    await town.heard_out(thread)
    assert [reply.reply_to for reply in town.said(thread)] == [mention.id], "the very first one"


async def test_a_reply_in_a_thread_that_was_archived_is_brought_up_to_date_when_it_is_open_again(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    thread = channel.guild.channel("a thread", THREAD, parent=channel)
    await town.turn_on(channel.guild, channel)
    reply = await town.world.next_message(thread, after=await ann.say(thread, MENTION))
    town.world.archive(thread)
    before = reply.text
    await ann.react(reply, "👍")
    await town.world.until(lambda: f"channel={thread.id} code=50083" in town.bot.output(), what="a refusal", poll=0.05)
    assert reply.text == before
    town.world.reopen(thread)
    await town.user().react(reply, "👍")
    await town.world.until(lambda: reply.text != before, what="an edit", poll=0.05)


async def test_setup_says_when_the_role_to_call_cannot_be_mentioned_wherever_it_stands(town: Town) -> None:
    guild = town.guild("general", "news")
    general, news, fans = guild.channel("general"), guild.channel("news"), guild.role("Fans")
    owner: Any = guild.owner
    assert fans.position > guild.bot_role.position, "above the bot's own"

    async def page() -> str:
        return await town.page(owner, await owner.slash(general, "setup"), "Outages")

    panel = await owner.slash(general, "setup")
    await town.choose(owner, panel, "outage_channel", [news])
    shown = await town.choose(owner, panel, "outage_role", [fans])
    assert MAY_NOT_MENTION in shown.text
    news.allow(Perm.MENTION_EVERYONE)
    assert MAY_NOT_MENTION not in await page(), "it may mention every role in that channel"
    news.deny(Perm.MENTION_EVERYONE)
    town.world.change_role(guild, guild.bot_role, permissions=guild.bot_role.permissions | Perm.MENTION_EVERYONE)
    assert MAY_NOT_MENTION in await page(), "it may so everywhere but in that channel"
    town.world.change_role(guild, fans, mentionable=True)
    assert MAY_NOT_MENTION not in await page()


async def test_a_category_needs_connect_in_its_voice_channels_and_setup_says_where(town: Town) -> None:
    guild = town.guild()
    general, category, owner = guild.channel("general"), guild.channel("Rooms", CATEGORY), guild.owner
    lounge, den = (guild.channel(name, VOICE, parent=category) for name in ("lounge", "den"))
    guild.channel("chat", parent=category)
    lounge.deny(Perm.CONNECT)
    den.deny(Perm.VIEW_CHANNEL)
    den.deny(Perm.CONNECT)
    panel = await owner.slash(general, "setup")
    shown = await town.choose(owner, panel, "channels", [category])
    assert [line for line in shown.text.splitlines() if "I need" in line] == [
        f"⚠️ In <#{lounge.id}> I need **Connect** (to read and write in the chat of a voice channel)."
    ], "of the channels that the bot sees"
    await town.choose(owner, panel, "denied_channels", [lounge])
    panel = await owner.slash(general, "setup")
    assert NOTHING_TO_DO in panel.text
    await town.choose(owner, panel, "denied_channels", [])
    lounge.allow(Perm.CONNECT)
    await town.world.gateway.roundtrip()
    said = await town.user().say(lounge, MENTION)
    await town.heard_out(lounge)
    assert [reply.reply_to for reply in town.said(lounge)] == [said.id]


async def test_a_command_that_a_server_gives_to_all_still_asks_for_the_permission(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    town.world.offer_to_all(channel.guild, "setup")
    refused = await ann.slash(channel, "setup")
    assert refused.ephemeral and "Manage Server" in refused.text and labels(refused) == []


async def test_a_server_that_is_unavailable_when_it_invites_the_bot_is_served_once_it_is_there(town: Town) -> None:
    channel = town.channel()
    guild, owner = channel.guild, channel.guild.owner
    guild.available = False
    town.world.gateway.emit("GUILD_DELETE", {"id": str(guild.id)}, guild.id)
    town.world.gateway.emit("GUILD_CREATE", {"id": str(guild.id), "unavailable": True}, guild.id)
    await town.user().say(channel, MENTION)
    assert "Character.AI" in (await town.user().slash(channel, "500")).text
    panel = await owner.slash(channel, "setup")
    assert "Discord doesn't show me this server" in panel.text and "invite me again" in panel.text
    town.world.set_available(guild, True)
    await town.turn_on(guild, channel)
    said = await town.user().say(channel, MENTION)
    assert (await town.world.next_message(channel, after=said)).reply_to is not None
    assert NOTHING_TO_DO in (await owner.slash(channel, "setup")).text


async def test_values_that_this_version_does_not_know_change_nothing(town: Town) -> None:
    guild = town.guild()
    general, ann = guild.channel("general"), town.user()
    new_kind = guild.channel("a new kind of channel", 99)
    guild.locale, guild.features = "tlh", ["SOMETHING_NEW"]
    new = {"verification_level": 9, "nsfw_level": 9, "premium_tier": 9, "explicit_content_filter": 9, "mfa_level": 9}
    town.world.gateway.emit("GUILD_UPDATE", guild.rest_payload() | new, guild.id)
    town.world.gateway.emit("GUILD_CREATE", guild.payload() | new, guild.id)
    town.world.gateway.raw(
        "INTERACTION_CREATE", (await ann.slash(general, "500", locale="tlh")).payload() | {"type": 9}
    )
    await town.turn_on(guild, general)
    said = await ann.say(general, MENTION)
    reply = await town.world.next_message(general, after=said)
    assert reply.reply_to == said.id
    await ann.react(reply, "a new one:123456789012345678")
    await ann.forge(reply, "n9:something:new")
    await ann.click(reply, labels(reply)[0])
    assert len(town.reports(ann)) == 1
    command = town.world.find_command("500", 1, general)
    for place in (town.channel(), town.channel(), ann.dm()):
        ann._present(place)
        data = {"id": command["id"], "name": "500", "type": 1}
        made = Interaction(town.world, COMMAND, ann, place, data, label="/500")
        town.world.interactions[made.token] = made
        named = {"guild_locale": None} if place.guild else {}
        town.world.gateway.emit(
            "INTERACTION_CREATE", made.payload() | {"locale": None, "context": 9} | named, place.guild_id
        )
        assert "Character.AI" in (await made.wait_response()).text
    card = await ann.slash(new_kind, "500")
    asked = await ann.forge(card, "n1:back:character-ai:0")
    assert "May I send you a direct message" in asked.text, "how to write there is not known"
    assert "unexpected failure" not in town.bot.output()
