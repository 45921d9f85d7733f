"""The pages of `/setup`: who and where, when, and what the bot answers."""

from collections.abc import Collection, Mapping
from typing import Any

from discord import ui

from bot.core.gone import answers_nobody
from bot.core.guild_settings import COOLDOWNS, MAX_IGNORED, GuildSettings
from bot.core.mentions import Sensitivity
from bot.core.own_phrases import phrase_rule
from bot.core.reports import MINUTE
from bot.core.rule_scores import RuleScore
from bot.core.texts import N_, Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.escape import code
from bot.discord_ui.render.ids import pack
from bot.discord_ui.render.layout import Card, Row, Style, button, buttons, card, choice, heading, option, shorten
from bot.discord_ui.render.rules import KINDS
from bot.discord_ui.setup.cards import WRITTEN_IN, Panel, back, channel_menu, form, reactions_line, role_menu
from bot.usecases.reports.count_steps import Unknown

_WHO = ("channels", "denied_channels", "roles", "denied_roles", "ignored_roles")
_WHEN = ("dry_run",)
START, END, ZONE = "start", "end", "zone"
SENSITIVITIES: Mapping[Sensitivity, tuple[str, str]] = {
    Sensitivity.CAREFUL: (N_("Careful"), N_("Answers only what is beyond doubt; misses more")),
    Sensitivity.BALANCED: (N_("Balanced"), N_("Answers what is almost certain")),
    Sensitivity.EAGER: (N_("Eager"), N_("Answers whatever sounds like it; is wrong more often")),
}


def who_card(texts: Texts, panel: Panel) -> Card:
    """The page with where and whom the bot answers."""
    s, gone = panel.settings, panel.gone
    channels, denied = _channels(s.channels - gone.channels), _channels(s.denied_channels - gone.channels)
    roles, denied_roles = roles_text(s.roles - gone.roles), roles_text(s.denied_roles - gone.roles)
    ignored = len(s.ignored) + len(s.ignored_roles - gone.roles)
    everybody = texts.say("nobody") if answers_nobody(s, gone) else texts.say("everybody")
    lines = [
        "## " + texts.say("Who and where"),
        texts.say("A message is answered if all of this allows it:"),
        "- " + texts.say("**Channels**: {channels}", channels=channels or texts.say("none, so it is off")),
        "- " + texts.say("**Channels left out**: {channels}", channels=denied or "–"),
        "- " + texts.say("**Only these roles**: {roles}", roles=roles or everybody),
        "- " + texts.say("**Roles left out**: {roles}", roles=denied_roles or "–"),
        "- " + texts.say("**Ignored everywhere**: {count}", count=ignored or "–"),
        "-# " + texts.say("A category stands for all of its channels, a channel for its threads."),
        *panel.gone_lines(texts, _WHO),
    ]
    clear = [button(texts.say("Ignore nobody"), "setunignore")] if s.ignored or s.ignored_roles else []
    return card(
        "\n".join(lines),
        rows=[
            channel_menu(texts.say("Channels left out"), "setdenied", s.denied_channels - gone.channels),
            role_menu(texts.say("Only these roles"), "setroles", s.roles - gone.roles),
            role_menu(texts.say("Roles left out"), "setdeniedroles", s.denied_roles - gone.roles),
            _people_menu(texts.say("Ignore more people or roles everywhere"), "setignored"),
            buttons(*panel.drop_buttons(texts, _WHO, "who"), *clear, back(texts)),
        ],
    )


def when_card(texts: Texts, panel: Panel) -> Card:
    """The page with cooldowns, quiet hours and the dry run."""
    s = panel.settings
    if s.quiet_hours is None:
        quiet = texts.say("**Quiet hours**: none")
    else:
        hours = s.quiet_hours.as_document()
        quiet = texts.say("**Quiet hours**: {start} to {end}, {zone}", **hours)
    dry_run_gone = s.dry_run in panel.gone.channels
    if s.dry_run is None or dry_run_gone:
        dry = texts.say("**Dry run**: off. Choose a channel below to be told there what would be answered.")
    else:
        dry = texts.say("**Dry run**: nobody gets a reply; {channel} is told instead.", channel=f"<#{s.dry_run}>")
    lines = [
        "## " + texts.say("When"),
        texts.say(
            "**Pause** between auto-replies in a channel: {channel}; to one person: {person}",
            channel=span(texts, s.cooldown),
            person=span(texts, s.person_cooldown),
        ),
        quiet,
        dry,
        *panel.gone_lines(texts, _WHEN),
        "-# "
        + texts.say("It tells a link and the reason, never the text. Mentions of the bot are answered all the same."),
    ]
    pauses = [
        option(texts.say("Pause in a channel: {span}", span=span(texts, n)), str(n), chosen=n == s.cooldown)
        for n in COOLDOWNS
    ]
    persons = [
        option(texts.say("Pause for one person: {span}", span=span(texts, n)), str(n), chosen=n == s.person_cooldown)
        for n in COOLDOWNS
    ]
    dry_run = channel_menu(
        texts.say("Channel for the dry run (none: off)"),
        "setdryrun",
        [] if s.dry_run is None or dry_run_gone else [s.dry_run],
        kinds=WRITTEN_IN,
        most=1,
    )
    return card(
        "\n".join(lines),
        rows=[
            choice(texts.say("Pause in a channel"), "setpause", options=pauses),
            choice(texts.say("Pause for one person"), "setperson", options=persons),
            dry_run,
            buttons(
                button(texts.say("Quiet hours"), "setquietform"),
                *panel.drop_buttons(texts, _WHEN, "when"),
                back(texts),
            ),
        ],
    )


def what_card(texts: Texts, panel: Panel) -> Card:
    """The page with the sensitivity, the server's own phrases, and how often each rule was right."""
    s = panel.settings
    name, sentence = SENSITIVITIES[s.sensitivity]
    lines = [
        "## " + texts.say("What it answers"),
        texts.say("**Sensitivity**: {name}. {told}.", name=texts.say(name), told=texts.say(sentence)),
        reactions_line(texts, s),
    ]
    if s.phrases:
        shown = ", ".join(map(code, s.phrases))
        lines.append(texts.say("**Own phrases**: {phrases}", phrases=shown))
        lines += _slow_patterns(texts, panel)
    else:
        lines.append(texts.say("**Own phrases**: none"))
    options = [
        option(texts.say(label), level, chosen=level is s.sensitivity, description=texts.say(description))
        for level, (label, description) in SENSITIVITIES.items()
    ]
    row = [button(texts.say("Own phrases"), "setphraseform"), button(texts.say("Reactions"), "setreactions")]
    if any(score.off for score in panel.scores.values()):
        row.append(button(texts.say("Turn rules on again"), "setruleson", style=Style.success))
    return card(
        "\n".join(lines),
        _scores(texts, panel),
        _unknown(texts, panel),
        rows=[choice(texts.say("Sensitivity"), "setsensitivity", options=options), buttons(*row, back(texts))],
    )


def _slow_patterns(texts: Texts, panel: Panel) -> list[str]:
    lines = [
        texts.say(
            "{phrase} took too long in this server's messages. It rests until {when}; a simpler pattern would not.",
            phrase=code(phrase),
            when=words.at(until),
        )
        for phrase, until in panel.resting.items()
    ]
    lines += [
        texts.say("{phrase} is too large, so it is not searched for. Use a simpler pattern.", phrase=code(phrase))
        for phrase in panel.refused
    ]
    return [f"⚠️ {line}" for line in lines]


def _scores(texts: Texts, panel: Panel) -> str:
    lines = [heading(texts.say("How right it was here"))]
    phrases = {phrase_rule(phrase): phrase for phrase in panel.settings.phrases}
    for rule, score in sorted(panel.scores.items()):
        if score.precision is None and not score.off:
            continue
        name = code(phrases[rule]) if rule in phrases else texts.say(KINDS[rule])
        lines.append(_score_line(texts, name, score))
    if len(lines) == 1:
        lines.append(texts.say("No auto-reply yet."))
    sentence = texts.say(
        "Counted from *Wrong reply?*. A rule with 3 or more misses in over a quarter of replies turns off."
    )
    return "\n".join((*lines, "-# " + sentence))


_UNKNOWN: Mapping[str, str] = {
    Unknown.MESSAGE: N_("Answered messages that named none: {n}"),
    Unknown.TYPED: N_("Typed, but not in the list: {n}"),
    Unknown.CHOSEN: N_("Chosen because nothing else fits: {n}"),
}


def _unknown(texts: Texts, panel: Panel) -> str:
    """What people asked that no kind of trouble covers: counts, never text."""
    told = [
        texts.say(_UNKNOWN[how], n=words.number(texts, n))
        for how, n in sorted(panel.unknown.items())
        if how in _UNKNOWN
    ]
    if not told:
        return ""
    lines = [heading(texts.say("What no kind of trouble covers")), *(f"- {line}" for line in told)]
    return "\n".join((*lines, "-# " + texts.say("In the last 30 days. Only counted: no text is kept.")))


def _score_line(texts: Texts, name: str, score: RuleScore) -> str:
    sentence = texts.say(
        "{name}: {percent} % right ({wrong} of {replies} called wrong)",
        name=name,
        percent=round(100 * (score.precision or 0)),
        wrong=score.wrong,
        replies=score.replies,
    )
    if not score.off:
        return f"- {sentence}"
    off = texts.say("It turned itself off.")
    return f"⚠️ {sentence}. {off}"


def quiet_form(texts: Texts, settings: GuildSettings) -> ui.Modal:
    """The form for quiet hours; an empty start means none."""
    now = settings.quiet_hours.as_document() if settings.quiet_hours else {}

    def field(key: str, example: str) -> ui.TextInput[Any]:
        return ui.TextInput(custom_id=key, required=False, max_length=64, placeholder=example, default=now.get(key))

    return form(
        texts.say("Quiet hours"),
        "setquiet",
        (texts.say("From (empty: no quiet hours)"), field(START, "22:00")),
        (texts.say("To"), field(END, "07:00")),
        (texts.say("Time zone"), field(ZONE, "Europe/Paris")),
    )


def span(texts: Texts, seconds: int) -> str:
    """A duration as text."""
    if seconds < MINUTE:
        return texts.many("{n} second", "{n} seconds", seconds)
    return words.duration(texts, seconds)


def _channels(ids: Collection[int]) -> str:
    return " ".join(f"<#{channel}>" for channel in sorted(ids))


def roles_text(ids: Collection[int]) -> str:
    """Roles as Discord shows them."""
    return " ".join(f"<@&{role}>" for role in sorted(ids))


def _people_menu(placeholder: str, action: str) -> Row:
    # No defaults: Discord needs to know which ids are people and which are roles, and we store only ids.
    menu: ui.MentionableSelect[Any] = ui.MentionableSelect(
        custom_id=pack(action), placeholder=shorten(placeholder, 150), min_values=0, max_values=MAX_IGNORED
    )
    return ui.ActionRow(menu)
