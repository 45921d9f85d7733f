"""The first run of `/setup`: where to answer, where to announce, try it. Each step names missing permissions."""

from collections.abc import Callable, Mapping

from bot.core.guild_settings import BY_NAME, Page
from bot.core.texts import N_, Texts
from bot.discord_ui.render.layout import Card, Style, button, buttons, note
from bot.discord_ui.setup.controls import controls
from bot.discord_ui.setup.needs import SOURCES, need_lines, needs
from bot.discord_ui.setup.overview import announced_line, replies_line
from bot.discord_ui.setup.pages import ANSWER, MAIN, notices
from bot.discord_ui.setup.parts import Part, page
from bot.discord_ui.setup.state import Panel

ANNOUNCE, TRY = "guide2", "guide3"
BEGIN = "setbegin"
_STEPS: Mapping[str, tuple[str, str, str, str]] = {
    ANSWER: (
        "channels",
        Page.WHO,
        N_("1 of 3 · Where should I reply?"),
        N_(
            "When somebody asks in these channels whether {service} is down, I reply with what I know. "
            "Most servers choose the channels where people chat or ask for help."
        ),
    ),
    ANNOUNCE: (
        "outage_channel",
        Page.OUTAGES,
        N_("2 of 3 · Where should I announce outages?"),
        N_("Leave it empty if you don't want announcements."),
    ),
}


def answer_card(texts: Texts, panel: Panel) -> Card:
    """Step 1: the channels with auto-replies."""
    return page(
        *_step(texts, panel, ANSWER),
        buttons(
            button(texts.say("Next"), "setpage", ANNOUNCE, style=Style.primary),
            button(texts.say("Skip"), "setpage", MAIN),
        ),
    )


def announce_card(texts: Texts, panel: Panel) -> Card:
    """Step 2: the channel for outages."""
    return page(
        *_step(texts, panel, ANNOUNCE),
        buttons(
            button(texts.say("Next"), "setpage", TRY, style=Style.primary),
            button(texts.say("Back"), "setpage", ANSWER),
        ),
    )


def try_card(texts: Texts, panel: Panel) -> Card:
    """Step 3: the choices, and ways to try them."""
    found = needs(texts, panel)
    return page(
        "## " + texts.say("3 of 3 · Try it"),
        "\n".join((replies_line(texts, panel), announced_line(texts, panel), *need_lines(texts, found))),
        texts.say(
            "*Try a message* says what I would do with it, and why. *Preview* shows what a reply looks like now. "
            "Only you see them."
        ),
        buttons(
            button(texts.say("Try a message"), "settryform", style=Style.primary),
            button(texts.say("Preview"), "setpreview"),
        ),
        buttons(button(texts.say("Done"), "setpage", MAIN), button(texts.say("Back"), "setpage", ANNOUNCE)),
    )


def _step(texts: Texts, panel: Panel, step: str) -> list[Part]:
    name, about, title, text = _STEPS[step]
    lines = [f"## {texts.say(title)}", texts.say(text, service=panel.service.name), *notices(texts, panel)]
    lacking = [need for need in needs(texts, panel) if need.page in {about, SOURCES}]
    return ["\n".join(lines), *controls(texts, panel, BY_NAME[name], step), "\n".join(need_lines(texts, lacking))]


GUIDE: Mapping[str, Callable[[Texts, Panel], Card]] = {ANSWER: answer_card, ANNOUNCE: announce_card, TRY: try_card}


def welcome_card(texts: Texts) -> Card:
    """The message after an invitation."""
    text = texts.say(
        "Thanks for inviting me! `/500` tells people whether a service is down for others, too. "
        "I answer messages and announce outages only where moderators allow it. Setting that up takes two minutes."
    )
    return note(text, rows=[buttons(button(texts.say("Set up"), BEGIN, style=Style.primary))])
