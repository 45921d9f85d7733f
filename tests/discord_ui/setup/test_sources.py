"""Other ways to receive messages: mentions of the bot, replies to it, AutoMod; and what `/setup` says about them."""

from typing import Any

import discord
import pytest

from bot.core.privacy import ReporterKey
from tests.discord_ui.conftest import Stage, labels_of, text_of


async def _sources(stage: Stage) -> Any:
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.turn(panel, "What I can read")
    return panel


def _me(stage: Stage) -> str:
    return f"<@{stage.env.bot.user.id}>"


async def test_a_mention_of_the_bot_is_answered_where_auto_replies_are_off(stage: Stage) -> None:
    said = await stage.ann.send(stage.channel, f"{_me(stage)} is it just me?")
    [reply] = stage.replies()
    assert reply.reference is not None and reply.reference.message_id == said.id
    await stage.bob.send(stage.channel, f"{_me(stage)} and me?")
    assert len(stage.replies()) == 1, "once per pause"


async def test_a_mention_of_the_bot_is_not_answered_in_channels_left_out_nor_to_the_ignored(stage: Stage) -> None:
    quiet = stage.guild.create_text_channel("quiet")
    reporter = ReporterKey(bytes.fromhex("ab" * 32)).listed(stage.bob.id)
    await stage.app.setup.configure.change(
        stage.guild.id, stage.mod.id, {"denied_channels": [str(quiet.id)], "ignored": [str(reporter)]}
    )
    await stage.ann.send(quiet, f"{_me(stage)} is it down?")
    await stage.bob.send(stage.channel, f"{_me(stage)} is it down?")
    assert not [m for c in (quiet, stage.channel) for m in c.history() if m.author.bot]


async def test_everyone_is_no_mention_of_the_bot(stage: Stage) -> None:
    await stage.mod.send(stage.channel, "@everyone good morning")
    assert stage.replies() == []


async def test_setup_says_which_ears_are_on_and_what_each_can_hear(stage: Stage) -> None:
    text = text_of(await _sources(stage))
    assert "✅ **Message text** in the channels you chose" in text
    assert "A fast model decides; my operator can add a more accurate one." in text
    assert "✅ **Mentions of me and replies to me**" in text
    assert "✅ **Right-click → Apps → *Is it just them?***" in text
    assert "➖ **AutoMod rule**: off. Choose a channel" in text
    assert "Not needed while I can read message text." in text


async def test_the_automod_rule_is_made_moved_updated_and_removed(stage: Stage) -> None:
    alerts, other = (stage.guild.create_text_channel(name) for name in ("alerts", "other"))
    panel = await _sources(stage)
    await stage.alerts(panel, [alerts])
    guild = stage.env.bot.get_guild(stage.guild.id)
    [rule] = await guild.fetch_automod_rules()
    assert rule.enabled and "internal server error" in rule.trigger.keyword_filter
    assert "cai is down" in rule.trigger.keyword_filter
    assert [a.channel_id for a in rule.actions] == [alerts.id] and all(
        len(k) <= 60 for k in rule.trigger.keyword_filter
    )
    assert f"on; Discord's alerts go to <#{alerts.id}>" in text_of(panel)
    await stage.alerts(panel, [other])
    [rule] = await guild.fetch_automod_rules()
    assert [a.channel_id for a in rule.actions] == [other.id]
    trigger = discord.AutoModTrigger(type=discord.AutoModRuleTriggerType.keyword, keyword_filter=["old"])
    await rule.edit(trigger=trigger)
    panel = await _sources(stage)
    assert "its phrases are from an older version" in text_of(panel)
    await stage.mod.click(panel, label="Update AutoMod rule")
    [rule] = await guild.fetch_automod_rules()
    assert "old" not in rule.trigger.keyword_filter
    await stage.mod.click(panel, label="Remove AutoMod rule")
    assert await guild.fetch_automod_rules() == []
    assert "Remove AutoMod rule" not in labels_of(panel)


class TestWithoutMessageText:
    @pytest.fixture
    def message_content(self) -> bool:
        return False

    async def test_setup_says_so(self, stage: Stage) -> None:
        text = text_of(await _sources(stage))
        assert "⚠️ **Message text**: Discord hasn't granted it to me" in text
        assert "Not needed" not in text

    async def test_a_mention_of_the_bot_is_heard(self, stage: Stage) -> None:
        await stage.ann.send(stage.channel, f"{_me(stage)} is it just me?")
        assert len(stage.replies()) == 1

    async def test_automod_hears_clear_phrases_in_the_chosen_channels(self, stage: Stage) -> None:
        alerts, elsewhere = (stage.guild.create_text_channel(name) for name in ("alerts", "elsewhere"))
        await stage.turn_replies_on()
        await stage.alerts(await _sources(stage), [alerts])
        await stage.ann.send(elsewhere, "ugh, internal server error")
        await stage.ann.send(stage.channel, "why does nothing load for me on the site")
        assert stage.replies() == []
        await stage.ann.send(stage.channel, "ugh, internal server error")
        [reply] = stage.replies()
        assert "We can't tell yet" in text_of(reply)
        assert not [m for m in elsewhere.history() if m.author.bot]

    async def test_roles_hold_for_this_ear_too(self, stage: Stage) -> None:
        alerts, muted = stage.guild.create_text_channel("alerts"), stage.guild.create_role("Muted")
        dog = stage.guild.add_member(stage.env.create_user("dog"), roles=[muted])
        await stage.turn_replies_on(denied_roles=[str(muted.id)])
        await stage.alerts(await _sources(stage), [alerts])
        await dog.send(stage.channel, "ugh, internal server error")
        assert stage.replies() == []
        await stage.ann.send(stage.channel, "ugh, internal server error")
        assert len(stage.replies()) == 1

    async def test_rules_of_others_are_not_ours(self, stage: Stage) -> None:
        await stage.turn_replies_on()
        guild = stage.env.bot.get_guild(stage.guild.id)
        await guild.create_automod_rule(
            name="bad words",
            event_type=discord.AutoModRuleEventType.message_send,
            trigger=discord.AutoModTrigger(type=discord.AutoModRuleTriggerType.keyword, keyword_filter=["darn"]),
            actions=[discord.AutoModRuleAction(channel_id=stage.channel.id)],
            enabled=True,
        )
        await stage.ann.send(stage.channel, "darn internal server error")
        assert stage.replies() == []


async def test_a_rule_that_the_settings_lost_is_taken_over(stage: Stage) -> None:
    alerts = stage.guild.create_text_channel("alerts")
    guild = stage.env.bot.get_guild(stage.guild.id)
    await stage.alerts(await _sources(stage), [alerts])
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"automod": None})
    panels = [await _sources(stage), await _sources(stage)]
    for panel in panels:
        await stage.alerts(panel, [alerts])
    assert len(await guild.fetch_automod_rules()) == 1


async def test_a_rule_edited_by_hand_is_told_as_it_is_and_keeps_what_was_added(stage: Stage) -> None:
    alerts = stage.guild.create_text_channel("alerts")
    guild = stage.env.bot.get_guild(stage.guild.id)
    await stage.alerts(await _sources(stage), [alerts])
    [rule] = await guild.fetch_automod_rules()
    trigger = discord.AutoModTrigger(
        type=discord.AutoModRuleTriggerType.keyword, keyword_filter=["old"], allow_list=["fine"]
    )
    await rule.edit(enabled=False, trigger=trigger)
    panel = await _sources(stage)
    assert "switched off in Discord's settings" in text_of(panel)
    await stage.mod.click(panel, label="Update AutoMod rule")
    [rule] = await guild.fetch_automod_rules()
    assert rule.enabled and rule.trigger.allow_list == ["fine"] and "old" not in rule.trigger.keyword_filter
    await rule.edit(actions=[discord.AutoModRuleAction(custom_message="no")])
    panel = await _sources(stage)
    assert "without a channel for its alerts" in text_of(panel)
    await stage.alerts(panel, [alerts])
    [rule] = await guild.fetch_automod_rules()
    assert {a.type.name for a in rule.actions} == {"block_message", "send_alert_message"}
    await rule.delete()
    assert "**AutoMod rule**: off." in text_of(await _sources(stage))


async def test_without_the_right_the_automod_ear_says_what_it_needs(stage: Stage) -> None:
    guild = stage.env.bot.get_guild(stage.guild.id)
    alerts = stage.guild.create_text_channel("alerts")
    panel = await _sources(stage)
    role = next(role for role in guild.me.roles if not role.is_default())
    rights = role.permissions
    rights.update(manage_guild=False, administrator=False)
    stage.env.backend.edit_role(guild.id, role.id, {"permissions": rights.value})
    await stage.until(lambda: not guild.me.guild_permissions.manage_guild)
    refused = await stage.alerts(panel, [alerts])
    assert "Manage Server permission" in text_of(refused.response)
    text = text_of(await _sources(stage))
    assert "**AutoMod rule**: I need the *Manage Server* permission for it" in text
