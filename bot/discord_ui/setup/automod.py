"""The AutoMod rule: one of Discord's keyword rules notifies the bot of clear phrases without reading messages.

One rule per server, only created at a moderator's request. Its only action is an alert in a channel that they choose,
because a rule must have an action; it blocks nothing.
"""

from collections.abc import Sequence

import discord

RULE_NAME = "NotJustYou: is it just me?"
MAX_KEYWORDS = 1000
MAX_KEYWORD = 60


def keywords(phrases: Sequence[str]) -> list[str]:
    """The phrases that Discord accepts."""
    fitting = [phrase for phrase in dict.fromkeys(phrases) if 0 < len(phrase) <= MAX_KEYWORD]
    return fitting[:MAX_KEYWORDS]


async def find(guild: discord.Guild, rule_id: int | None) -> discord.AutoModRule | None:
    """Our rule, or None if it no longer exists. Raises discord.HTTPException."""
    if rule_id is None:
        return None
    try:
        return await guild.fetch_automod_rule(rule_id)
    except discord.NotFound:
        return None


async def ours(guild: discord.Guild) -> discord.AutoModRule | None:
    """Our rule that is not in the settings: an older one, or one whose id could not be saved."""
    rules = await guild.fetch_automod_rules()
    return next((rule for rule in rules if rule.creator_id == guild.me.id and rule.name == RULE_NAME), None)


async def create(guild: discord.Guild, phrases: Sequence[str], alerts: int) -> discord.AutoModRule:
    """Create the rule. Raises discord.HTTPException, for example if the server already has six keyword rules."""
    return await guild.create_automod_rule(
        name=RULE_NAME,
        event_type=discord.AutoModRuleEventType.message_send,
        trigger=_trigger(phrases),
        actions=[_alert(alerts)],
        enabled=True,
        reason=RULE_NAME,
    )


async def bring_up_to_date(rule: discord.AutoModRule, phrases: Sequence[str], alerts: int) -> None:
    """Update the rule's phrases and its channel for alerts; additions by moderators are kept.

    Raises discord.HTTPException.
    """
    trigger = _trigger(phrases, rule.trigger)
    others = [a for a in rule.actions if a.type is not discord.AutoModRuleActionType.send_alert_message]
    await rule.edit(trigger=trigger, actions=[*others, _alert(alerts)], enabled=True, reason=RULE_NAME)


def is_current(rule: discord.AutoModRule, phrases: Sequence[str]) -> bool:
    """Whether the rule has the current phrases."""
    return set(rule.trigger.keyword_filter) == set(keywords(phrases))


def alert_channel(rule: discord.AutoModRule) -> int | None:
    """The channel of the rule's alerts."""
    return next((action.channel_id for action in rule.actions if action.channel_id), None)


def _trigger(phrases: Sequence[str], before: discord.AutoModTrigger | None = None) -> discord.AutoModTrigger:
    return discord.AutoModTrigger(
        type=discord.AutoModRuleTriggerType.keyword,
        keyword_filter=keywords(phrases),
        regex_patterns=before.regex_patterns if before else None,
        allow_list=before.allow_list if before else None,
    )


def _alert(channel: int) -> discord.AutoModRuleAction:
    return discord.AutoModRuleAction(channel_id=channel)
