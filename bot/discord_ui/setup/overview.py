"""The first page of `/setup`: a summary, problems that need attention, and one main action."""

from collections.abc import Sequence

from bot.core.guild_settings import BY_NAME
from bot.core.setting_kinds import Place
from bot.core.texts import Texts
from bot.discord_ui.render.ids import pack
from bot.discord_ui.render.layout import Card, Style, button, buttons, option
from bot.discord_ui.setup.needs import Need, need_lines, needs
from bot.discord_ui.setup.pages import ANSWER, MAIN, TITLES, Button, back, drop_buttons, notices
from bot.discord_ui.setup.parts import channel_menu, list_menu, page
from bot.discord_ui.setup.state import Panel
from bot.discord_ui.setup.values import in_words, span

MORE, SIMULATE, WHY = "more", "simulate", "why"
_MOST_CHANNELS = 8


def overview_card(texts: Texts, panel: Panel) -> Card:
    """The page with a summary in four lines."""
    found = needs(texts, panel)
    pages = [option(texts.say(title), name, description=texts.say(about)) for name, (title, about) in TITLES.items()]
    return page(
        "\n".join(("## " + texts.say("NotJustYou in this server"), *notices(texts, panel))),
        _attention(texts, panel, found) if found or panel.away else "",
        replies_line(texts, panel),
        announced_line(texts, panel),
        _when(texts, panel),
        "" if found or panel.away else "✅ " + texts.say("**Nothing** needs your attention."),
        list_menu(texts.say("Change a setting…"), pack("setgo", panel.nonce), pages),
        buttons(_main_action(texts, panel, found), button(texts.say("More"), "setpage", MORE)),
    )


def more_card(texts: Texts, panel: Panel) -> Card:
    """The page with occasional actions."""
    return page(
        "\n".join(("## " + texts.say("More"), *notices(texts, panel))),
        texts.say("**See what I do** before anybody else does."),
        buttons(
            button(texts.say("Try a message"), "settryform"),
            button(texts.say("Preview"), "setpreview"),
            button(texts.say("Simulate an outage"), "setpage", SIMULATE),
        ),
        texts.say(
            "**Something missing?** If I didn't reply to a message, right-click it (on a phone, hold it) → Apps → "
            "*Why no reply?*."
        ),
        buttons(button(texts.say("Why no announcement?"), "setpage", WHY)),
        texts.say("**All settings**: who changed them, and how to take them to another server."),
        buttons(
            button(texts.say("Changes"), "setlog"),
            button(texts.say("Export"), "setexport"),
            button(texts.say("Import"), "setimportform"),
        ),
        buttons(back(texts)),
    )


def simulation_card(texts: Texts, panel: Panel) -> Card:
    """The explanation of a simulation, with a choice of its channel."""
    label = texts.say("Play it in a channel")
    menu = channel_menu(label, pack("setsimplay", panel.nonce), [], place=Place.ANNOUNCED_IN, most=1)
    return page(
        "\n".join(("## " + texts.say("Simulate an outage"), *notices(texts, panel))),
        texts.say(
            "I show the announcement of an invented outage: its start, its peak and its end. It is marked as a "
            "simulation, nobody is pinged, and nothing counts."
        ),
        buttons(button(texts.say("Show it only to me"), "setsimlook", style=Style.primary)),
        f"**{label}**\n-# " + texts.say("Everybody there sees it for about three minutes. It begins when you choose."),
        menu,
        buttons(back(texts, MORE)),
    )


def replies_line(texts: Texts, panel: Panel) -> str:
    """Where messages are answered, and how eagerly."""
    settings, there = panel.settings, panel.here("channels")
    if not settings.channels:
        return "➖ " + texts.say("**Auto-replies** are off.")
    if not there:
        return "⚠️ " + texts.say("**Auto-replies** are off: every chosen channel was deleted.")
    line = texts.say(
        "**Auto-replies** are on in {channels} (sensitivity: {sensitivity}).",
        channels=_channels(texts, there),
        sensitivity=in_words(texts, BY_NAME["sensitivity"], settings.sensitivity.value, panel.names).lower(),
    )
    if settings.dry_run is None:
        return _marked(texts, line, fine=not any(map(panel.missing.get, there)))
    if not panel.here("dry_run"):
        return f"⚠️ {line} " + texts.say("**Dry run**: nobody gets a reply.")
    mode = texts.say("**Dry run**: nobody gets a reply; I post to {channel} instead.", channel=f"<#{settings.dry_run}>")
    return f"🧪 {line} {mode}"


def _channels(texts: Texts, ids: Sequence[int]) -> str:
    shown = " ".join(f"<#{channel}>" for channel in ids[:_MOST_CHANNELS])
    more = len(ids) - _MOST_CHANNELS
    return shown if more <= 0 else f"{shown} " + texts.many("and {n} more", "and {n} more", more)


def announced_line(texts: Texts, panel: Panel) -> str:
    """Where outages are announced."""
    channels, roles = panel.here("outage_channel"), panel.here("outage_role")
    if not channels:
        return "➖ " + texts.say("**Outages** are not announced here.")
    fine = not panel.lacking.get("outage_channel") and panel.may_call_role
    if not roles:
        line = texts.say("**Outages** are announced in {channel}.", channel=f"<#{channels[0]}>")
        return _marked(texts, line, fine=fine)
    line = texts.say(
        "**Outages** are announced in {channel}, with a ping for {role}.",
        channel=f"<#{channels[0]}>",
        role=f"<@&{roles[0]}>",
    )
    return _marked(texts, line, fine=fine)


def _marked(texts: Texts, line: str, *, fine: bool) -> str:
    """A line with a tick, or with a reference to what is wrong with it, which is told further up."""
    return f"✅ {line}" if fine else f"🔧 {line} " + texts.say("Not everything works yet: see above.")


def _when(texts: Texts, panel: Panel) -> str:
    """When messages are answered; empty if none are."""
    settings = panel.settings
    hours = settings.quiet_hours
    if not settings.channels:
        return ""
    if hours is None:
        quiet = texts.say("**When**: at any time of day.")
    else:
        quiet = texts.say("**When**: at any time except {start} to {end} ({zone}).", **hours.as_document())
    pauses = texts.say(
        "At most one reply per channel every {channel}, and per person every {person}.",
        channel=span(texts, settings.cooldown),
        person=span(texts, settings.person_cooldown),
    )
    return f"🕐 {quiet} {pauses}"


def _attention(texts: Texts, panel: Panel, found: Sequence[Need]) -> str:
    if panel.away:
        return "⏳ " + away_text(texts)
    return "\n".join((texts.say("**Needs your attention**"), *need_lines(texts, found)))


def away_text(texts: Texts) -> str:
    """The text while the server is unavailable."""
    return texts.say(
        "Discord doesn't show me this server right now. Your settings are kept. Look again in a few minutes. "
        "If it stays like this, I was added with my commands alone: then invite me again."
    )


def _main_action(texts: Texts, panel: Panel, found: Sequence[Need]) -> Button:
    if any(need.gone for need in found) and (drop := drop_buttons(texts, panel, MAIN, style=Style.primary)):
        return drop[0]
    if found:
        return button(texts.say("Show where to fix it"), "setpage", found[0].page, style=Style.primary)
    if not panel.settings.channels and panel.settings.outage_channel is None:
        return button(texts.say("Set up"), "setpage", ANSWER, style=Style.primary)
    return button(texts.say("Try a message"), "settryform", style=Style.primary)
