"""`/setup`: the panel with the settings, the bot's permissions, and what it can read."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
from discord import ui

from bot.core.gone import Gone, answers_nobody
from bot.core.guild_settings import (
    BUILT_IN_REACTIONS,
    MAX_CHANNELS,
    MAX_REACTION_LENGTH,
    MAX_REACTIONS,
    MAX_ROLES,
    NOBODY,
    ChangeEntry,
    GuildSettings,
)
from bot.core.rule_scores import RuleScore
from bot.core.service import Service
from bot.core.texts import Texts
from bot.discord_ui.permissions import PermissionNeed
from bot.discord_ui.render.closed import closed_text
from bot.discord_ui.render.escape import code_block, plain
from bot.discord_ui.render.ids import pack
from bot.discord_ui.render.layout import Card, Row, Style, button, buttons, card, choice, heading, option, shorten
from bot.discord_ui.render.signals import when
from bot.discord_ui.setup.gone_lines import EVERYWHERE, drop_buttons, gone_lines, left_out_lines
from bot.usecases.servers.ports import ClosedChannel

DOCUMENT, REACTIONS = "document", "reactions"
DEFAULT = "default"
_LONGEST_EXPORT = 3500
_MOST_CLOSED_SHOWN = 4
_LONGEST_REACTIONS = MAX_REACTIONS * (MAX_REACTION_LENGTH + 1)
_EMOJI = re.compile(r"<a?:\w{2,32}:\d{13,20}>|[^\x00-\x9f\u061c\u2028-\u202e\u2066-\u2069]+", re.ASCII)
"""A custom emoji of a server, or non-Latin characters, which cannot mention, link or format."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The data of the panel. `missing` maps a channel id to the permissions the bot lacks there; `scores` are by rule.

    `outage_missing` are those it lacks in the outage channel, `distress_missing` those in the one for notices about
    distress, which everybody can read if `distress_open`; `may_call_role`: whether it may mention the outage role;
    `closed` are channels where Discord refused our messages; `resting` are patterns that took too long, and until when
    they rest; `refused` are patterns that are too large. `gone` is what the settings name and was deleted,
    `left_out` what was chosen just now and was deleted meanwhile. `away`: Discord has the server unavailable.
    `unknown`: how often people asked, in which way, for what no symptom covers.
    """

    settings: GuildSettings
    service: Service
    services: Sequence[Service]
    languages: Mapping[str, str]
    hears_content: bool
    missing: Mapping[int, Sequence[PermissionNeed]]
    outage_missing: Sequence[PermissionNeed]
    distress_missing: Sequence[PermissionNeed]
    distress_open: bool
    may_call_role: bool
    closed: Sequence[ClosedChannel]
    scores: Mapping[str, RuleScore]
    resting: Mapping[str, float]
    refused: Sequence[str]
    gone: Gone
    left_out: Sequence[str]
    away: bool
    unknown: Mapping[str, int] = field(default_factory=dict[str, int])

    def gone_lines(self, texts: Texts, fields: Collection[str]) -> list[str]:
        """What is to be said of deleted channels and roles on a page with these settings."""
        return left_out_lines(texts, self.left_out) + gone_lines(texts, self.settings, self.gone, fields)

    def drop_buttons(self, texts: Texts, fields: Collection[str], page: str) -> list[ui.Button[Any]]:
        """The button that drops what is gone from these settings, where there is something to drop."""
        return drop_buttons(texts, self.settings, self.gone, fields, page)


def setup_card(texts: Texts, panel: Panel) -> Card:
    """The main page."""
    return card(
        _what_is_set(texts, panel),
        _rights(texts, panel),
        _ears(texts, panel),
        rows=_controls(texts, panel),
    )


def log_text(texts: Texts, entries: Sequence[ChangeEntry]) -> str:
    """The change log, newest first. Discord shows times and people for each reader."""
    if not entries:
        return texts.say("Nothing has been changed yet.")
    lines = [heading(texts.say("Latest changes"))]
    for entry in entries:
        before, after = (
            plain(json.dumps(v, ensure_ascii=False), 120) for v in (entry.change.before, entry.change.after)
        )
        lines.append(f"- {when(entry.at)} {_who(entry)}: **{entry.change.field}** {before} → {after}")
    return "\n".join(lines)


def _who(entry: ChangeEntry) -> str:
    return f"<@{entry.moderator_id}>" if entry.moderator_id != NOBODY else "—"


def export_text(texts: Texts, document: Mapping[str, Any]) -> tuple[str, tuple[str, bytes] | None]:
    """The settings to copy, or a file if they are too long for a message."""
    sentence = texts.say("Keep this, or bring it to another server with *Import*.")
    # A backtick would end the code block; JSON can escape it.
    text = json.dumps(document, ensure_ascii=False, indent=1).replace("`", "\\u0060")
    if len(text) > _LONGEST_EXPORT:
        return sentence, ("notjustyou-settings.json", json.dumps(document, separators=(",", ":")).encode())
    return f"{sentence}\n{code_block(text, _LONGEST_EXPORT)}", None


def import_form(texts: Texts) -> ui.Modal:
    """The form for pasting exported settings."""
    field: ui.TextInput[Any] = ui.TextInput(custom_id=DOCUMENT, style=discord.TextStyle.paragraph, max_length=4000)
    return form(texts.say("Import settings"), "setimport", (texts.say("Exported settings"), field))


def reactions_form(texts: Texts, settings: GuildSettings) -> ui.Modal:
    """The form for further reactions."""
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=REACTIONS,
        required=False,
        max_length=_LONGEST_REACTIONS,
        default=" ".join(settings.reactions) or None,
        placeholder="🔥 💀",
    )
    return form(texts.say("Reactions"), "setreact", (texts.say("Emoji that also count, with spaces"), field))


def form(title: str, action: str, *parts: tuple[str, ui.Item[Any]]) -> ui.Modal:
    """A form of labelled fields."""
    made = ui.Modal(title=shorten(title, 45), custom_id=pack(action))
    for label, part in parts:
        made.add_item(ui.Label(text=shorten(label, 45), component=part))
    made.stop()
    return made


def _what_is_set(texts: Texts, panel: Panel) -> str:
    settings = panel.settings
    there = settings.channels - panel.gone.channels
    if there:
        channels = " ".join(f"<#{channel}>" for channel in sorted(there))
        replies = texts.say("**Auto-replies** are on in {channels}", channels=channels)
    elif settings.channels:
        replies = "⚠️ " + texts.say("**Auto-replies** are on nowhere: every chosen channel was deleted.")
    else:
        replies = texts.say("**Auto-replies** are off. Choose channels below to turn them on.")
    language = panel.languages.get(settings.language or "", texts.say("the server's own"))
    lines = ["## " + texts.say("Set up NotJustYou"), replies]
    if settings.dry_run is not None and settings.dry_run not in panel.gone.channels:
        sentence = texts.say(
            "**Dry run**: nobody gets a reply; {channel} is told instead.", channel=f"<#{settings.dry_run}>"
        )
        lines.append("🧪 " + sentence)
    if resting := sum(score.off for score in panel.scores.values()):
        sentence = texts.many("{n} rule turned itself off", "{n} rules turned themselves off", resting)
        lines.append("⚠️ " + texts.say("{rules}: see *What it answers*.", rules=sentence))
    if slow := len(panel.resting) + len(panel.refused):
        sentence = texts.many("{n} pattern is not searched for", "{n} patterns are not searched for", slow)
        lines.append("⚠️ " + texts.say("{patterns}: see *What it answers*.", patterns=sentence))
    if settings.outage_channel is None:
        lines.append(texts.say("**Outages** are not announced here. See *Outages*."))
    elif settings.outage_channel not in panel.gone.channels:
        lines.append(texts.say("**Outages** are announced in {channel}.", channel=f"<#{settings.outage_channel}>"))
    lines += panel.gone_lines(texts, EVERYWHERE)
    lines += [closed_text(texts, closed) for closed in panel.closed[:_MOST_CLOSED_SHOWN]]
    lines += [
        texts.say("**Service**: {service}", service=panel.service.name),
        texts.say("**Language** of public answers: {language}", language=language),
    ]
    return "\n".join(lines)


def reactions_line(texts: Texts, settings: GuildSettings) -> str:
    """Which reactions on an auto-reply count as a report."""
    emoji = " ".join((*BUILT_IN_REACTIONS, *map(_emoji, settings.reactions)))
    return texts.say("**Reactions** that count: {reactions}", reactions=emoji)


def _emoji(name: str) -> str:
    # An import may contain anything: what is not entirely an emoji is shown as plain text.
    return name if _EMOJI.fullmatch(name) else plain(name, 40)


def _rights(texts: Texts, panel: Panel) -> str:
    title = heading(texts.say("Permissions"))
    if panel.away:
        return "\n".join((title, "⏳ " + away_text(texts)))
    if not panel.settings.channels:
        return "\n".join((title, "➖ " + texts.say("Checked as soon as channels are chosen.")))
    lacking = {channel: needs for channel, needs in panel.missing.items() if needs}
    if not lacking and answers_nobody(panel.settings, panel.gone):
        return "\n".join((title, "➖ " + texts.say("None is missing, but see above.")))
    if not lacking and not panel.settings.channels - panel.gone.channels:
        return "\n".join((title, "➖ " + texts.say("Checked as soon as channels are chosen.")))
    if not lacking:
        return "\n".join((title, "✅ " + texts.say("Nothing is missing.")))
    lines = [title, *(line for channel, needs in lacking.items() for line in lacking_lines(texts, channel, needs))]
    lines.append("-# " + texts.say("Grant these in the channel's settings under Permissions, for the bot's role."))
    return "\n".join(lines)


def away_text(texts: Texts) -> str:
    """What is said while Discord has the server unavailable."""
    return texts.say(
        "Discord itself has trouble with this server just now and does not show it to me. "
        "What is set stays. Look again in a few minutes. If that does not help, I was added with my commands alone: "
        "then invite me again."
    )


def lacking_lines(texts: Texts, channel: int, needs: Sequence[PermissionNeed]) -> list[str]:
    """The permissions that the bot lacks in a channel, and why it needs them."""
    lines: list[str] = []
    for need in needs:
        permission, reason = texts.say(need.name), texts.say(need.reason)
        sentence = texts.say(
            "**{permission}** is missing. The bot needs it {reason}.", permission=permission, reason=reason
        )
        lines.append(f"⚠️ <#{channel}>: {sentence}")
    return lines


def _ears(texts: Texts, panel: Panel) -> str:
    title = heading(texts.say("What the bot can hear"))
    if not panel.hears_content:
        heard = "⚠️ " + texts.say(
            "The bot may not read message text (its operator has no permission for that from Discord). See *Ears*."
        )
    elif panel.settings.channels:
        heard = "✅ " + texts.say("Messages in the channels chosen above. Their text is never kept.")
    else:
        heard = "➖ " + texts.say("Messages: in no channel yet. Their text is never kept.")
    return f"{title}\n{heard}"


def _controls(texts: Texts, panel: Panel) -> list[Row]:
    settings = panel.settings
    tongues = [
        option(
            texts.say("Language: {language}", language=texts.say("the server's own")),
            DEFAULT,
            chosen=settings.language is None,
        )
    ]
    tongues += [
        option(texts.say("Language: {language}", language=name), tag, chosen=settings.language == tag)
        for tag, name in panel.languages.items()
    ]
    rows: list[Row] = [
        channel_menu(
            texts.say("Channels with auto-replies (none: off)"), "setchannels", settings.channels - panel.gone.channels
        ),
        choice(texts.say("Language"), "setlanguage", options=tongues),
    ]
    if len(panel.services) > 1:
        services = [option(s.name, s.id, chosen=s.id == panel.service.id) for s in panel.services]
        rows.append(choice(texts.say("Service"), "setservice", options=services))
    rows += [
        buttons(
            button(texts.say("Who and where"), "setpage", "who", style=Style.primary),
            button(texts.say("When"), "setpage", "when", style=Style.primary),
            button(texts.say("What it answers"), "setpage", "what", style=Style.primary),
            button(texts.say("Ears"), "setpage", "ears", style=Style.primary),
            button(texts.say("Outages"), "setpage", "outages", style=Style.primary),
        ),
        buttons(
            button(texts.say("Try a message"), "settryform", style=Style.success),
            button(texts.say("Preview"), "setpreview"),
            button(texts.say("Changes"), "setlog"),
            button(texts.say("Export"), "setexport"),
            button(texts.say("Import"), "setimportform"),
        ),
    ]
    people = button(texts.say("Humans first"), "setpage", "people", style=Style.primary)
    return [*rows, buttons(people, *panel.drop_buttons(texts, EVERYWHERE, "main"))]


ANY_KIND: Sequence[discord.ChannelType] = ()
"""No limit. Discord's contract does not list media channels by name, but without a limit its menu offers them, too."""
WRITTEN_IN = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.public_thread,
    discord.ChannelType.news_thread,
]


def back(texts: Texts) -> ui.Button[Any]:
    """A button from a page to the panel."""
    return button(texts.say("Back"), "setpage", "main")


def channel_menu(
    placeholder: str,
    action: str,
    chosen: Collection[int],
    *,
    kinds: Sequence[discord.ChannelType] = ANY_KIND,
    most: int = MAX_CHANNELS,
) -> Row:
    """A menu for choosing any number of channels."""
    menu: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id=pack(action),
        placeholder=shorten(placeholder, 150),
        channel_types=list(kinds),
        min_values=0,
        max_values=most,
        default_values=[
            discord.SelectDefaultValue(id=one, type=discord.SelectDefaultValueType.channel) for one in sorted(chosen)
        ],
    )
    return ui.ActionRow(menu)


def role_menu(placeholder: str, action: str, chosen: Collection[int], *, most: int = MAX_ROLES) -> Row:
    """A menu for choosing any number of roles."""
    menu: ui.RoleSelect[Any] = ui.RoleSelect(
        custom_id=pack(action),
        placeholder=shorten(placeholder, 150),
        min_values=0,
        max_values=most,
        default_values=[
            discord.SelectDefaultValue(id=one, type=discord.SelectDefaultValueType.role) for one in sorted(chosen)
        ],
    )
    return ui.ActionRow(menu)
