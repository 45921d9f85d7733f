"""`/setup` → *What I can read*: how the bot learns of trouble."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from discord import ui

from bot.core.setting_kinds import Place
from bot.core.texts import N_, Texts
from bot.discord_ui.render.ids import pack
from bot.discord_ui.render.layout import Card, Style, button, buttons
from bot.discord_ui.setup.needs import SOURCES
from bot.discord_ui.setup.pages import back, top_of
from bot.discord_ui.setup.parts import Part, channel_menu, page
from bot.discord_ui.setup.state import Panel


class AutoModState(Enum):
    """The state of our AutoMod rule in a server."""

    NO_RIGHT = "no_right"
    NONE = "none"
    CURRENT = "current"
    OUTDATED = "outdated"
    OFF = "off"
    NO_ALERT = "no_alert"


_AUTOMOD: Mapping[AutoModState, str] = {
    AutoModState.NO_RIGHT: N_("I need the *Manage Server* permission for it; grant it only if you want this."),
    AutoModState.NONE: N_(
        "off. Choose a channel for Discord's alerts below, and I make a rule with my clearest phrases. "
        "I then notice only those, but don't need to read messages."
    ),
    AutoModState.CURRENT: N_("on; Discord's alerts go to {channel}."),
    AutoModState.OFF: N_("switched off in Discord's settings. Press *Update AutoMod rule* to switch it on."),
    AutoModState.NO_ALERT: N_("without a channel for its alerts, so it doesn't reach me. Choose one below."),
    AutoModState.OUTDATED: N_("on, but its phrases are from an older version. Press *Update AutoMod rule*."),
}


@dataclass(frozen=True, slots=True)
class TextAccess:
    """Whether Discord grants the text of messages, and whether a second stage checks likely mentions."""

    content: bool
    second: bool = False


@dataclass(frozen=True, slots=True)
class MessageSources:
    """The message sources in a server. `alerts` is the channel of the AutoMod rule's alerts."""

    access: TextAccess
    automod: AutoModState
    alerts: int | None = None


def sources_card(texts: Texts, panel: Panel, sources: MessageSources) -> Card:
    """The page *What I can read*."""
    yes, no, maybe = "✅ ", "⚠️ ", "➖ "
    lines = [
        (yes if sources.access.content else no) + _content_line(texts, sources.access),
        yes
        + texts.say(
            "**Mentions of me and replies to me**: I answer a mention in any channel that isn't left out, and read "
            "a reply like any message."
        ),
        yes + texts.say("**Right-click → Apps → *Is it just them?***: answers one message, for whoever asks."),
        yes + texts.say("**Commands, buttons, reactions**: always."),
        (yes if sources.automod is AutoModState.CURRENT else maybe) + _automod_line(texts, sources),
    ]
    return page(
        top_of(texts, panel, SOURCES),
        "\n".join(lines),
        *_automod_menu(texts, panel, sources),
        buttons(*_automod_buttons(texts, sources), back(texts)),
    )


def _content_line(texts: Texts, access: TextAccess) -> str:
    if not access.content:
        return texts.say(
            "**Message text**: Discord hasn't granted it to me; my operator can ask for it. "
            "Until then, the ways below help."
        )
    line = texts.say("**Message text** in the channels you chose. The text is never kept.")
    if access.second:
        return f"{line} " + texts.say("A fast model decides; if it isn't sure, a more accurate one does.")
    return f"{line} " + texts.say("A fast model decides; my operator can add a more accurate one.")


def _automod_line(texts: Texts, sources: MessageSources) -> str:
    sentence = texts.say(_AUTOMOD[sources.automod], channel=f"<#{sources.alerts}>")
    if sources.access.content and sources.automod is not AutoModState.NO_RIGHT:
        sentence += " " + texts.say("Not needed while I can read message text.")
    return texts.say("**AutoMod rule**: {sentence}", sentence=sentence)


def _automod_menu(texts: Texts, panel: Panel, sources: MessageSources) -> list[Part]:
    if sources.automod is AutoModState.NO_RIGHT:
        return []
    chosen = [] if sources.alerts is None else [sources.alerts]
    label = texts.say("Channel for AutoMod's alerts")
    custom_id = pack("setautomod", panel.nonce)
    return [f"**{label}**", channel_menu(label, custom_id, chosen, place=Place.MODERATORS, most=1)]


def _automod_buttons(texts: Texts, sources: MessageSources) -> list[ui.Button[Any]]:
    made: list[ui.Button[Any]] = []
    if sources.automod in (AutoModState.OUTDATED, AutoModState.OFF):
        made.append(button(texts.say("Update AutoMod rule"), "setautomodupdate", style=Style.success))
    if sources.automod not in (AutoModState.NO_RIGHT, AutoModState.NONE):
        made.append(button(texts.say("Remove AutoMod rule"), "setautomodoff", style=Style.danger))
    return made
