"""The cards of *Try a message* and of testing own phrases on examples."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.guild_settings import GuildSettings
from bot.core.own_phrases import is_pattern
from bot.core.service import Counted
from bot.core.texts import Texts
from bot.discord_ui.render.escape import code, plain
from bot.discord_ui.render.layout import Card, Style, button, buttons
from bot.discord_ui.render.rules import KINDS
from bot.discord_ui.setup.checks import Branch, reply_branches, tree
from bot.discord_ui.setup.parts import form, page
from bot.usecases.replies.notice_message import Trial
from bot.usecases.replies.read_message import Match

TEXT, PLACE, PERSON = "text", "place", "person"

KEEP, EDIT = "setphraseskeep", "setphrasesedit"


def phrases_tried(texts: Texts, phrases: Sequence[str], met: Mapping[str, str | None]) -> Card:
    """The phrases that the examples match, and the question whether to keep them."""
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
    """What the bot would do with a message, why, and every check."""
    if trial.answered and settings.dry_run is not None:
        verdict = "🧪 " + texts.say("I'd only say so in {channel} (dry run).", channel=f"<#{settings.dry_run}>")
    elif trial.answered:
        verdict = "✅ " + texts.say("I would answer this.")
    else:
        verdict = "➖ " + texts.say("I would not answer this.")
    title = f"## {verdict}\n> {plain(text, 300)}"
    return tree(texts, title, reply_branches(texts, trial.stops), found_lines(texts, trial.match, settings))


def why_card(texts: Texts, url: str, trial: Trial, settings: GuildSettings, reading: Branch) -> Card:
    """The reason why a message got no reply, or would get one now. It links to the message."""
    title = "## " + texts.say("Why didn't I reply?") + f"\n{url}"
    if trial.answered and not reading.against:
        now = texts.say("Now I would answer it. I don't remember what was different then, such as a pause.")
        title += f"\n{now}"
    dry = settings.dry_run
    notes = (
        []
        if dry is None
        else [texts.say("**Dry run**: nobody gets a reply; I post to {channel} instead.", channel=f"<#{dry}>")]
    )
    return tree(
        texts, title, [reading, *reply_branches(texts, trial.stops)], found_lines(texts, trial.match, settings), *notes
    )


def found_lines(texts: Texts, match: Match, settings: GuildSettings) -> str:
    """The findings in a message, with the service if there are several, and whether it counts less here."""
    about = texts.say("About {service}", service=match.service.name) if settings.more_services else ""
    lowered = ""
    if match.lowered:
        lowered = texts.say("Replies to such messages were marked as wrong here, so it has to be clearer than usual.")
    return "\n".join(f"-# {line}" for line in (about, _rule_line(texts, match), lowered) if line)


def _rule_line(texts: Texts, match: Match) -> str:
    if match.phrase is not None:
        return texts.say("How I read it: your phrase {phrase}", phrase=code(match.phrase))
    if match.symptom is not None and match.symptom.counted is Counted.NEVER:
        return texts.say("How I read it: {rule}", rule=texts.say(KINDS[match.symptom.nature]))
    if match.mention is None:
        return ""
    return texts.say(
        "How I read it: {rule} (“{words}”, {percent}% sure)",
        rule=texts.say(KINDS[match.mention.kind]),
        words=plain(match.mention.found, 80),
        percent=int(100 * match.mention.confidence),
    )
