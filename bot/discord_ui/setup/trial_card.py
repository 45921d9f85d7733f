"""The cards of *Try a message* and of testing own phrases on examples."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.guild_settings import GuildSettings
from bot.core.own_phrases import is_pattern
from bot.core.service import Counted
from bot.core.texts import N_, Texts
from bot.discord_ui.render.escape import code, plain
from bot.discord_ui.render.layout import Card, Style, button, buttons, card
from bot.discord_ui.render.rules import KINDS
from bot.discord_ui.setup.parts import form, page
from bot.usecases.replies.notice_message import Silence, Trial

TEXT, PLACE, PERSON = "text", "place", "person"

STOPS: Mapping[Silence, str] = {
    Silence.OFF_HERE: N_("Auto-replies are not on in this channel."),
    Silence.DENIED_HERE: N_("This channel is among those left out."),
    Silence.IGNORED: N_("This person, role or place is ignored."),
    Silence.ROLE: N_("The person's roles are not among those answered."),
    Silence.DISTRESS: N_("Somebody in distress may have written this, so it is left to people."),
    Silence.NO_MENTION: N_("The words do not say that the service fails now."),
    Silence.UNSURE: N_("Not sure enough for the chosen sensitivity."),
    Silence.RULE_OFF: N_("The rule was wrong too often here and turned itself off."),
    Silence.SOLVED: N_("The post is marked as solved."),
    Silence.HELPER: N_("A helper wrote here in the last five minutes."),
    Silence.OPTED_OUT: N_("This person asked not to be answered."),
    Silence.QUIET_HOURS: N_("It is in the quiet hours now."),
    Silence.CHANNEL_COOLDOWN: N_("The channel was answered a moment ago."),
    Silence.PERSON_COOLDOWN: N_("This person was answered a moment ago."),
}


KEEP, EDIT = "setphraseskeep", "setphrasesedit"


def phrases_tried(texts: Texts, phrases: Sequence[str], met: Mapping[str, str | None]) -> Card:
    """Which phrases the examples match, and whether to keep them."""
    lines = ["## " + texts.say("Tried, not kept yet")]
    for example, phrase in met.items():
        shown = plain(example, 200)
        if phrase is None:
            lines.append(f"➖ {shown}")
        else:
            lines.append(f"✅ {shown} · {code(phrase)}")
    patterns = sum(map(is_pattern, phrases))
    lines.append("-# " + texts.many("{n} phrase", "{n} phrases", len(phrases) - patterns))
    lines[-1] += " · " + texts.many("{n} pattern", "{n} patterns", patterns)
    keep, edit = button(texts.say("Keep these phrases"), KEEP, style=Style.primary), button(texts.say("Edit"), EDIT)
    return page("\n".join(lines), buttons(keep, edit))


def try_form(texts: Texts) -> ui.Modal:
    """The form for a message to try, with an optional channel and person (default: this channel, oneself)."""
    text: ui.TextInput[Any] = ui.TextInput(
        custom_id=TEXT, style=discord.TextStyle.paragraph, max_length=2000, placeholder="is cai down for anyone else?"
    )
    place: ui.ChannelSelect[Any] = ui.ChannelSelect(custom_id=PLACE, required=False, min_values=0, max_values=1)
    person: ui.UserSelect[Any] = ui.UserSelect(custom_id=PERSON, required=False, min_values=0, max_values=1)
    return form(
        texts.say("Try a message"),
        "settry",
        parts=[
            (texts.say("Message"), text),
            (texts.say("Written in (empty: here)"), place),
            (texts.say("Written by (empty: you)"), person),
        ],
    )


def trial_card(texts: Texts, text: str, trial: Trial, settings: GuildSettings) -> Card:
    """What the bot would do with a message, why, and the reasons against an answer."""
    if trial.answered and settings.dry_run is not None:
        verdict = "🧪 " + texts.say("It would be told in {channel} (dry run).", channel=f"<#{settings.dry_run}>")
    elif trial.answered:
        verdict = "✅ " + texts.say("It would be answered.")
    else:
        verdict = "➖ " + texts.say("It would not be answered.")
    match, rule = trial.match, ""
    if match.phrase is not None:
        rule = texts.say("Rule: own phrase {phrase}", phrase=code(match.phrase))
    elif match.symptom is not None and match.symptom.counted is Counted.NEVER:
        rule = texts.say("Rule: {rule}", rule=texts.say(KINDS[match.symptom.nature]))
    elif match.mention is not None:
        rule = texts.say(
            "Rule: {rule}: “{words}”, {percent} % sure",
            rule=texts.say(KINDS[match.mention.kind]),
            words=plain(match.mention.found, 80),
            percent=int(100 * match.mention.confidence),
        )
    stops = [f"❌ {texts.say(STOPS[stop])}" for stop in trial.stops] or [
        "✅ " + texts.say("Nothing stands against it.")
    ]
    if match.lowered:
        rule += "\n" + texts.say("Replies to such messages were called wrong here, so it has to be clearer than usual.")
    about = texts.say("About {service}", service=match.service.name) if settings.more_services else ""
    reasons = "\n".join(filter(None, (about, rule, *stops)))
    return card(f"## {verdict}\n> {plain(text, 300)}", reasons)
