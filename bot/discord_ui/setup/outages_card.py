"""The page *Outages* of `/setup`: where outages are announced, which role is mentioned, and how often."""

import discord

from bot.core.chart import Theme
from bot.core.guild_settings import REMINDERS
from bot.core.texts import N_, Texts
from bot.discord_ui.render.layout import Card, button, buttons, card, choice, option
from bot.discord_ui.setup.cards import Panel, back, channel_menu, lacking_lines, role_menu

ANNOUNCED_IN = [discord.ChannelType.text, discord.ChannelType.news]
_OUTAGES = ("outage_channel", "outage_role")
_THEMES = {Theme.DARK: N_("Picture for dark Discord"), Theme.LIGHT: N_("Picture for light Discord")}


def setup_outages_card(texts: Texts, panel: Panel) -> Card:
    """The page *Outages*."""
    s = panel.settings
    channel = None if s.outage_channel in panel.gone.channels else s.outage_channel
    called = None if s.outage_role in panel.gone.roles else s.outage_role
    if channel is None:
        where = texts.say("**Channel**: none, so outages are not announced. Choose one below.")
    else:
        where = texts.say("**Channel**: {channel}. One message an outage, edited.", channel=f"<#{channel}>")
    role = texts.say("nobody") if called is None else f"<@&{called}>"
    lines = [
        "## " + texts.say("Outages"),
        where,
        texts.say("**Called** once an outage: {role}", role=role),
        _switch(texts.say("**Thread** under the message, for the talk"), on=s.outage_thread),
        _switch(texts.say("**Suspicions**, too, which may come to nothing"), on=s.outage_possible),
        texts.say("**Reminder**: {reminder}", reminder=_reminder(texts, s.outage_reminder)),
        _switch(texts.say("**Reminders and summaries** without a notification"), on=s.outage_silent),
        _switch(texts.say("**A quiet line** in the channel when an outage is over"), on=s.outage_end),
    ]
    lines += panel.gone_lines(texts, _OUTAGES)
    if channel is not None and panel.outage_missing:
        lines += lacking_lines(texts, channel, panel.outage_missing)
    if not panel.may_call_role:
        lines.append("⚠️ " + texts.say("I may not mention that role: allow *anyone to mention* it in its settings."))
    thread = texts.say("No thread") if s.outage_thread else texts.say("With thread")
    possible = texts.say("No suspicions") if s.outage_possible else texts.say("With suspicions")
    end = texts.say("No line at the end") if s.outage_end else texts.say("A line at the end")
    silent = texts.say("With notifications") if s.outage_silent else texts.say("Without notifications")
    reminders = [option(_reminder(texts, hours), str(hours), chosen=hours == s.outage_reminder) for hours in REMINDERS]
    themes = [option(texts.say(name), theme, chosen=theme is s.picture) for theme, name in _THEMES.items()]
    return card(
        "\n".join(lines),
        rows=[
            channel_menu(
                texts.say("Channel for outages (none: off)"),
                "setoutchannel",
                [] if channel is None else [channel],
                kinds=ANNOUNCED_IN,
                most=1,
            ),
            role_menu(
                texts.say("Role to call (none: nobody)"),
                "setoutrole",
                [] if called is None else [called],
                most=1,
            ),
            choice(texts.say("Reminder"), "setoutreminder", options=reminders),
            choice(texts.say("Pictures"), "setoutpicture", options=themes),
            buttons(
                button(thread, "setoutthread", "off" if s.outage_thread else "on"),
                button(possible, "setoutpossible", "off" if s.outage_possible else "on"),
                button(texts.say("Simulate an outage"), "setoutsimulate"),
                back(texts),
            ),
            buttons(
                button(silent, "setoutsilent", "off" if s.outage_silent else "on"),
                button(end, "setoutend", "off" if s.outage_end else "on"),
                *panel.drop_buttons(texts, _OUTAGES, "outages"),
            ),
        ],
    )


def simulating(texts: Texts, channel_id: int) -> str:
    """The answer to *Simulate an outage*."""
    return texts.say(
        "I play an outage in {channel}; it takes about three minutes and is marked as a simulation. "
        "No role is called, nothing counts.",
        channel=f"<#{channel_id}>",
    )


def already_simulating(texts: Texts) -> str:
    """The answer while another simulation runs."""
    return texts.say("A simulation is running here already. Wait until it is over.")


def _switch(what: str, *, on: bool) -> str:
    return f"{what}: {'✅' if on else '➖'}"


def _reminder(texts: Texts, hours: int) -> str:
    return texts.many("every {n} hour", "every {n} hours", hours) if hours else texts.say("no reminders")
