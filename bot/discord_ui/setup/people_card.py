"""The page *Humans first* of `/setup`: whom the bot leaves the word to, and what happens if somebody is in distress."""

from typing import Any

import discord
from discord import ui

from bot.core.guild_settings import MAX_HELPLINE, WAITS, GuildSettings
from bot.core.texts import Texts
from bot.discord_ui.render.escape import plain
from bot.discord_ui.render.layout import Card, button, buttons, card, choice, option
from bot.discord_ui.setup.cards import Panel, back, channel_menu, form, lacking_lines, role_menu
from bot.discord_ui.setup.pages import roles_text

HELPLINE = "helpline"
_PEOPLE = ("helpers", "distress_channel")


def people_card(texts: Texts, panel: Panel) -> Card:
    """The page *Humans first*."""
    s, gone = panel.settings, panel.gone
    helpers = s.helpers - gone.roles
    channel = None if s.distress_channel in gone.channels else s.distress_channel
    lines = [
        "## " + texts.say("Humans first"),
        texts.say("**Helper roles**: {roles}", roles=roles_text(helpers) or texts.say("none")),
        "-# " + texts.say("Where one of them wrote, I say nothing for five minutes. I say nothing in solved posts."),
        texts.say("**Wait** before each auto-reply: {wait}", wait=_wait(texts, s.wait)),
        "-# " + texts.say("If somebody replies to the message, or a helper writes, I keep quiet."),
        *panel.gone_lines(texts, _PEOPLE),
    ]
    waits = [option(texts.say("Wait: {wait}", wait=_wait(texts, n)), str(n), chosen=n == s.wait) for n in WAITS]
    return card(
        "\n".join(lines),
        _distress(texts, panel, channel),
        rows=[
            role_menu(texts.say("Helper roles"), "sethelpers", helpers),
            choice(texts.say("Wait"), "setwait", options=waits),
            channel_menu(
                texts.say("Channel for notices about distress (none: off)"),
                "setdistress",
                [] if channel is None else [channel],
                kinds=[discord.ChannelType.text],
                most=1,
            ),
            buttons(
                button(texts.say("Text with a helpline"), "sethelplineform"),
                *panel.drop_buttons(texts, _PEOPLE, "people"),
                back(texts),
            ),
        ],
    )


def helpline_form(texts: Texts, settings: GuildSettings) -> ui.Modal:
    """The form for the server's own text; empty means none."""
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=HELPLINE,
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=MAX_HELPLINE,
        default=settings.helpline,
    )
    return form(texts.say("Text with a helpline"), "sethelpline", (texts.say("Text (empty: none)"), field))


def _distress(texts: Texts, panel: Panel, channel: int | None) -> str:
    lines = [
        "### " + texts.say("Somebody in distress"),
        texts.say(
            "Whoever writes of suicide or self-harm gets no auto-reply and is not counted, whatever is set here."
        ),
    ]
    if channel is None:
        lines.append(texts.say("**Moderators** are told nowhere. Choose a channel that only they can read."))
    else:
        told = texts.say("**Moderators** are told in {channel}: a link, never the text.", channel=f"<#{channel}>")
        lines += [told, *lacking_lines(texts, channel, panel.distress_missing)]
    if panel.distress_open:
        lines.append("⚠️ " + texts.say("Everybody can read that channel, so nothing is told there. Choose another."))
    if panel.settings.helpline is None:
        lines.append(texts.say("**Text with a helpline**: none. Moderators could have it sent to the person."))
    else:
        text = plain(panel.settings.helpline, 300)
        lines.append(texts.say("**Text with a helpline**, sent if a moderator presses for it: {text}", text=text))
    lines.append("-# " + texts.say("I look only at what I would answer or count. I do not watch over your members."))
    return "\n".join(lines)


def _wait(texts: Texts, seconds: int) -> str:
    return texts.many("{n} second", "{n} seconds", seconds) if seconds else texts.say("none")
