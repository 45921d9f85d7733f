"""`/setup`: one panel that shows what is set, what the bot may do, and what it can hear."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.core.guild_settings import BUILT_IN_REACTIONS, COOLDOWNS, MAX_CHANNELS, NOBODY, ChangeEntry, GuildSettings
from bot.core.service import Service
from bot.core.texts import Texts
from bot.discord_ui.ids import pack
from bot.discord_ui.permissions import Need
from bot.discord_ui.render.escape import code_block, plain
from bot.discord_ui.render.layout import Card, Row, button, buttons, card, choice, heading, option, shorten
from bot.discord_ui.render.signals import when

DOCUMENT, REACTIONS = "document", "reactions"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows. `missing` maps a channel id to the rights the bot lacks there."""

    settings: GuildSettings
    service: Service
    services: Sequence[Service]
    languages: Mapping[str, str]
    hears_content: bool
    missing: Mapping[int, Sequence[Need]]


def setup_card(texts: Texts, panel: Panel) -> Card:
    """The panel itself."""
    return card(
        _what_is_set(texts, panel),
        _rights(texts, panel),
        _ears(texts, panel),
        rows=_controls(texts, panel),
    )


def log_text(texts: Texts, entries: Sequence[ChangeEntry]) -> str:
    """The change log, newest first. Times and people are shown by the reader's Discord."""
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


def export_text(texts: Texts, document: Mapping[str, Any]) -> str:
    """The settings to copy."""
    told = texts.say("Keep this, or bring it to another server with *Import*.")
    return f"{told}\n{code_block(json.dumps(document, ensure_ascii=False, indent=1), 3500)}"


def import_form(texts: Texts) -> ui.Modal:
    """Where exported settings are pasted."""
    field: ui.TextInput[Any] = ui.TextInput(custom_id=DOCUMENT, style=discord.TextStyle.paragraph, max_length=4000)
    return _form(texts.say("Import settings"), "setimport", texts.say("Exported settings"), field)


def reactions_form(texts: Texts, settings: GuildSettings) -> ui.Modal:
    """Where further reactions are named."""
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=REACTIONS,
        required=False,
        max_length=400,
        default=" ".join(settings.reactions) or None,
        placeholder="🔥 💀",
    )
    return _form(texts.say("Reactions"), "setreact", texts.say("Emoji that also count, with spaces"), field)


def _form(title: str, action: str, label: str, field: ui.TextInput[Any]) -> ui.Modal:
    form = ui.Modal(title=shorten(title, 45), custom_id=pack(action))
    form.add_item(ui.Label(text=shorten(label, 45), component=field))
    form.stop()
    return form


def _what_is_set(texts: Texts, panel: Panel) -> str:
    settings = panel.settings
    if settings.channels:
        channels = " ".join(f"<#{one}>" for one in sorted(settings.channels))
        replies = texts.say("**Auto-replies** are on in {channels}", channels=channels)
    else:
        replies = texts.say("**Auto-replies** are off. Choose channels below to turn them on.")
    language = panel.languages.get(settings.language or "", texts.say("the server's own"))
    lines = [
        "## " + texts.say("Set up NotJustYou"),
        replies,
        texts.say("**Service**: {service}", service=panel.service.name),
        texts.say(
            "**Pause** between auto-replies in a channel: {channel}; to one person: {person}",
            channel=_span(texts, settings.cooldown),
            person=_span(texts, settings.person_cooldown),
        ),
        texts.say("**Language** of public answers: {language}", language=language),
        texts.say(
            "**Reactions** that count: {reactions}",
            reactions=" ".join((*BUILT_IN_REACTIONS, *map(_emoji, settings.reactions))),
        ),
    ]
    return "\n".join(lines)


def _emoji(name: str) -> str:
    # A custom emoji is written <:name:id>; anything else that is not a bare emoji is shown as plain text.
    return name if discord.PartialEmoji.from_str(name).id or not name.isascii() else plain(name, 40)


def _rights(texts: Texts, panel: Panel) -> str:
    title = heading(texts.say("Permissions"))
    if not panel.settings.channels:
        return "\n".join((title, "➖ " + texts.say("Checked as soon as channels are chosen.")))
    lacking = {channel: needs for channel, needs in panel.missing.items() if needs}
    if not lacking:
        return "\n".join((title, "✅ " + texts.say("Nothing is missing.")))
    lines = [title]
    for channel, needs in lacking.items():
        for need in needs:
            permission, reason = texts.say(need.name), texts.say(need.reason)
            told = texts.say(
                "**{permission}** is missing. The bot needs it {reason}.", permission=permission, reason=reason
            )
            lines += [f"⚠️ <#{channel}>: {told}"]
    lines.append("-# " + texts.say("Grant these in the channel's settings under Permissions, for the bot's role."))
    return "\n".join(lines)


def _ears(texts: Texts, panel: Panel) -> str:
    title = heading(texts.say("What the bot can hear"))
    if not panel.hears_content:
        heard = "⚠️ " + texts.say(
            "The bot may not read message text (its operator has no permission for that from Discord): "
            "it only hears messages that mention it."
        )
    elif panel.settings.channels:
        heard = "✅ " + texts.say("Messages in the channels chosen above. Their text is never kept.")
    else:
        heard = "➖ " + texts.say("Messages: in no channel yet. Their text is never kept.")
    always = "✅ " + texts.say("Always: commands, buttons, reactions, and right-click → Apps → *Is it just them?*")
    return f"{title}\n{heard}\n{always}"


def _controls(texts: Texts, panel: Panel) -> list[Row]:
    settings = panel.settings
    channels: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id=pack("setchannels"),
        placeholder=shorten(texts.say("Channels with auto-replies (none: off)"), 150),
        channel_types=[
            discord.ChannelType.text,
            discord.ChannelType.news,
            discord.ChannelType.public_thread,
            discord.ChannelType.voice,
        ],
        min_values=0,
        max_values=MAX_CHANNELS,
        default_values=[
            discord.SelectDefaultValue(id=one, type=discord.SelectDefaultValueType.channel)
            for one in sorted(settings.channels)
        ],
    )
    pauses = [
        option(texts.say("Pause in a channel: {span}", span=_span(texts, s)), str(s), chosen=s == settings.cooldown)
        for s in COOLDOWNS
    ]
    persons = [
        option(
            texts.say("Pause for one person: {span}", span=_span(texts, s)),
            str(s),
            chosen=s == settings.person_cooldown,
        )
        for s in COOLDOWNS
    ]
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
        ui.ActionRow(channels),
        choice(texts.say("Pause in a channel"), "setpause", options=pauses),
        choice(texts.say("Pause for one person"), "setperson", options=persons),
        choice(texts.say("Language"), "setlanguage", options=tongues),
    ]
    if len(panel.services) > 1:
        services = [option(s.name, s.id, chosen=s.id == panel.service.id) for s in panel.services]
        rows.append(choice(texts.say("Service"), "setservice", options=services))
    rows.append(
        buttons(
            button(texts.say("Preview"), "setpreview"),
            button(texts.say("Reactions"), "setreactions"),
            button(texts.say("Changes"), "setlog"),
            button(texts.say("Export"), "setexport"),
            button(texts.say("Import"), "setimportform"),
        )
    )
    return rows


def _span(texts: Texts, seconds: int) -> str:
    if seconds < 60:  # noqa: PLR2004 - a minute
        return texts.many("{n} second", "{n} seconds", seconds)
    if seconds < 3600:  # noqa: PLR2004 - an hour
        return texts.many("{n} minute", "{n} minutes", seconds // 60)
    return texts.many("{n} hour", "{n} hours", seconds // 3600)
