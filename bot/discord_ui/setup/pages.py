"""The pages of `/setup`, made from the settings of each page, and the extra content of some pages."""

from collections.abc import Callable, Mapping
from typing import Any

from discord import ui

from bot.core.gone import CHANNEL_FIELDS, ROLE_FIELDS
from bot.core.guild_settings import FIELDS, Page
from bot.core.own_phrases import phrase_rule
from bot.core.rule_scores import RuleScore
from bot.core.texts import N_, Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.escape import code
from bot.discord_ui.render.layout import Card, Style, button, buttons, heading
from bot.discord_ui.render.rules import KINDS
from bot.discord_ui.render.weekly import unknown_lines
from bot.discord_ui.setup.controls import controls
from bot.discord_ui.setup.needs import SOURCES, fields_of, need_lines, needs
from bot.discord_ui.setup.parts import Part, page
from bot.discord_ui.setup.state import Panel

Button = ui.Button[Any]
MAIN = "main"
ANSWER = "guide1"
"""The first step of the first run."""
TITLES: Mapping[str, tuple[str, str]] = {
    Page.WHO: (N_("Who and where"), N_("Channels and roles, and whom I ignore")),
    Page.WHEN: (N_("When"), N_("Pauses, quiet hours, dry run")),
    Page.WHAT: (N_("What I answer"), N_("Sensitivity, own phrases, how right I was")),
    Page.PEOPLE: (N_("Humans first"), N_("Helpers, the wait, people in distress")),
    Page.OUTAGES: (N_("Outages"), N_("Where I announce them, and how often I remind")),
    Page.GENERAL: (N_("Language and service"), N_("My language, and which services I follow")),
    SOURCES: (N_("What I can read"), N_("Message text, mentions, AutoMod")),
}


def settings_page(texts: Texts, panel: Panel, name: str) -> Card:
    """One page: problems, each of its settings, and the way back."""
    shown: list[Part] = [top_of(texts, panel, name)]
    for field in FIELDS:
        if field.page == name:
            shown += controls(texts, panel, field, name)
    for more in _MORE.get(name, ()):
        shown.append(more(texts, panel))
    actions = _ACTIONS[name](texts, panel) if name in _ACTIONS else []
    return page(*shown, buttons(*drop_buttons(texts, panel, name), *actions, back(texts)))


def top_of(texts: Texts, panel: Panel, name: str) -> str:
    """The title of a page, the reason if the last choice was refused, and its problems."""
    found = [need for need in needs(texts, panel) if need.page == name]
    lines = need_lines(texts, found) if name != SOURCES else []  # that page itself shows the message sources
    return "\n".join((f"## {texts.say(TITLES[name][0])}", *notices(texts, panel), *lines))


def notices(texts: Texts, panel: Panel) -> list[str]:
    """The result of the last choice, unless it was simply accepted."""
    left_out = [texts.say("{thing} was deleted, so it was left out.", thing=thing) for thing in panel.left_out]
    return [*([panel.notice] if panel.notice else []), *(f"🚪 {line}" for line in left_out)]


def back(texts: Texts, to: str = MAIN) -> Button:
    """The button to another page, usually the first one."""
    return button(texts.say("Back"), "setpage", to)


def drop_buttons(texts: Texts, panel: Panel, name: str, *, style: Style = Style.danger) -> list[Button]:
    """The button that removes deleted items from the settings of a page, if there are any."""
    named = (*CHANNEL_FIELDS, *ROLE_FIELDS)
    fields = named if name == MAIN else [field for field in fields_of(name) if field in named]
    if not any(panel.gone.named_in(panel.settings, field) for field in fields):
        return []
    return [button(texts.say("Drop what was deleted"), "setdropgone", name, style=style)]


def _nobody(texts: Texts, panel: Panel) -> list[Button]:
    ignored = panel.settings.ignored or panel.settings.ignored_roles
    return [button(texts.say("Ignore nobody"), "setunignore")] if ignored else []


def _rules_on(texts: Texts, panel: Panel) -> list[Button]:
    if not any(score.off for score in panel.scores.values()):
        return []
    return [button(texts.say("Turn rules on again"), "setruleson", style=Style.success)]


def _slow_patterns(texts: Texts, panel: Panel) -> str:
    lines = [
        texts.say(
            "{phrase} took too long on this server's messages. It rests until {when}. A simpler pattern would help.",
            phrase=code(phrase),
            when=words.at(until),
        )
        for phrase, until in panel.resting.items()
    ]
    lines += [
        texts.say("{phrase} is too large, so it is not searched for. Use a simpler pattern.", phrase=code(phrase))
        for phrase in panel.refused
    ]
    return "\n".join(f"⚠️ {line}" for line in lines)


def _scores(texts: Texts, panel: Panel) -> str:
    lines = [heading(texts.say("How often I was right here"))]
    phrases = {phrase_rule(phrase): phrase for phrase in panel.settings.phrases}
    for rule, score in sorted(panel.scores.items()):
        if score.precision is None and not score.off:
            continue
        name = code(phrases[rule]) if rule in phrases else texts.say(KINDS[rule])
        lines.append(_score_line(texts, name, score))
    if len(lines) == 1:
        lines.append(texts.say("No auto-reply yet."))
    sentence = texts.say(
        "Counted from *Wrong reply?*. A rule turns off after 3 wrong replies, if they are more than a quarter of all."
    )
    return "\n".join((*lines, "-# " + sentence))


def _score_line(texts: Texts, name: str, score: RuleScore) -> str:
    sentence = texts.many(
        "{name}: {n} reply, {wrong} wrong",
        "{name}: {n} replies, {wrong} wrong",
        score.replies,
        name=name,
        wrong=score.wrong,
    )
    off = texts.say("It turned itself off.")
    return f"- ⚠️ {sentence}. {off}" if score.off else f"- {sentence}"


def _unknown(texts: Texts, panel: Panel) -> str:
    """Questions that no kind of trouble covers: counts, never text."""
    lines = unknown_lines(texts, panel.unknown)
    return "\n".join((*lines, "-# " + texts.say("In the last 30 days. No text is kept."))) if lines else ""


_MORE: Mapping[str, tuple[Callable[[Texts, Panel], str], ...]] = {Page.WHAT: (_slow_patterns, _scores, _unknown)}
_ACTIONS: Mapping[str, Callable[[Texts, Panel], list[Button]]] = {Page.WHO: _nobody, Page.WHAT: _rules_on}
