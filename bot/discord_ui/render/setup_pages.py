"""The pages behind `/setup`: who and where, when, what it answers, ears; and *Try a message*."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import discord
from discord import ui

from bot.core.guild_settings import COOLDOWNS, MAX_IGNORED, MAX_ROLES, GuildSettings
from bot.core.mentions import Kind, Sensitivity
from bot.core.own_phrases import MAX_PHRASE, MAX_PHRASES, is_pattern, phrase_rule
from bot.core.rule_scores import RuleScore
from bot.core.texts import N_, Texts
from bot.discord_ui.ids import pack
from bot.discord_ui.render.escape import plain
from bot.discord_ui.render.layout import Card, Row, Style, button, buttons, card, choice, heading, option, shorten
from bot.discord_ui.render.setup import WRITTEN_IN, Panel, channel_menu, form, reactions_line
from bot.usecases.notice_message import ASKED, AUTOMOD, Silence, Trial

START, END, ZONE = "start", "end", "zone"
PHRASES, EXAMPLES = "phrases", "examples"
TEXT, PLACE, PERSON = "text", "place", "person"

KINDS: Mapping[str, str] = {
    Kind.ERROR: N_("names an error that is shown"),
    Kind.LOGIN: N_("says that they cannot get in"),
    Kind.QUESTION: N_("asks whether it fails for others, too"),
    Kind.SYMPTOM: N_("says that the service fails now"),
    ASKED: N_("mentions the bot"),
    AUTOMOD: N_("heard by AutoMod"),
}
SENSITIVITIES: Mapping[Sensitivity, tuple[str, str]] = {
    Sensitivity.CAREFUL: (N_("Careful"), N_("Answers only what is beyond doubt; misses more")),
    Sensitivity.BALANCED: (N_("Balanced"), N_("Answers what is almost certain")),
    Sensitivity.EAGER: (N_("Eager"), N_("Answers whatever sounds like it; is wrong more often")),
}
STOPS: Mapping[Silence, str] = {
    Silence.OFF_HERE: N_("Auto-replies are not on in this channel."),
    Silence.DENIED_HERE: N_("This channel is among those left out."),
    Silence.IGNORED: N_("This person, role or place is ignored."),
    Silence.ROLE: N_("The person's roles are not among those answered."),
    Silence.NO_MENTION: N_("The words do not say that the service fails now."),
    Silence.UNSURE: N_("Not sure enough for the chosen sensitivity."),
    Silence.RULE_OFF: N_("The rule was wrong too often here and turned itself off."),
    Silence.OPTED_OUT: N_("This person asked not to be answered."),
    Silence.QUIET_HOURS: N_("It is in the quiet hours now."),
    Silence.CHANNEL_COOLDOWN: N_("The channel was answered a moment ago."),
    Silence.PERSON_COOLDOWN: N_("This person was answered a moment ago."),
}


class AutoModState(Enum):
    """What became of our AutoMod rule in a server."""

    NO_RIGHT = "no_right"
    NONE = "none"
    CURRENT = "current"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class Ears:
    """What the bot can hear in a server. `alerts` is the channel that the AutoMod rule writes to."""

    hears_content: bool
    automod: AutoModState
    alerts: int | None = None


def who_card(texts: Texts, panel: Panel) -> Card:
    """Where and whom the bot answers."""
    s = panel.settings
    lines = [
        "## " + texts.say("Who and where"),
        texts.say("A message is answered if all of this allows it:"),
        "- " + texts.say("**Channels**: {channels}", channels=_channels(s.channels) or texts.say("none, so it is off")),
        "- " + texts.say("**Channels left out**: {channels}", channels=_channels(s.denied_channels) or "–"),
        "- " + texts.say("**Only these roles**: {roles}", roles=_roles(s.roles) or texts.say("everybody")),
        "- " + texts.say("**Roles left out**: {roles}", roles=_roles(s.denied_roles) or "–"),
        "- " + texts.say("**Ignored everywhere**: {count}", count=len(s.ignored) or "–"),
        "-# " + texts.say("A category stands for all of its channels, a channel for its threads."),
    ]
    return card(
        "\n".join(lines),
        rows=[
            channel_menu(texts.say("Channels left out"), "setdenied", s.denied_channels),
            _role_menu(texts.say("Only these roles"), "setroles", s.roles),
            _role_menu(texts.say("Roles left out"), "setdeniedroles", s.denied_roles),
            _people_menu(texts.say("People and roles ignored everywhere"), "setignored"),
            buttons(_back(texts)),
        ],
    )


def when_card(texts: Texts, panel: Panel) -> Card:
    """Pauses, quiet hours and the dry run."""
    s = panel.settings
    if s.quiet_hours is None:
        quiet = texts.say("**Quiet hours**: none")
    else:
        hours = s.quiet_hours.as_document()
        quiet = texts.say("**Quiet hours**: {start} to {end}, {zone}", **hours)
    if s.dry_run is None:
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
        "-# " + texts.say("A dry run tells a link and the reason, never the message's text."),
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
        [] if s.dry_run is None else [s.dry_run],
        kinds=WRITTEN_IN,
        most=1,
    )
    return card(
        "\n".join(lines),
        rows=[
            choice(texts.say("Pause in a channel"), "setpause", options=pauses),
            choice(texts.say("Pause for one person"), "setperson", options=persons),
            dry_run,
            buttons(button(texts.say("Quiet hours"), "setquietform"), _back(texts)),
        ],
    )


def what_card(texts: Texts, panel: Panel) -> Card:
    """How sure the bot must be, the server's own phrases, and how right each rule was."""
    s = panel.settings
    name, told = SENSITIVITIES[s.sensitivity]
    lines = [
        "## " + texts.say("What it answers"),
        texts.say("**Sensitivity**: {name}. {told}.", name=texts.say(name), told=texts.say(told)),
        reactions_line(texts, s),
    ]
    if s.phrases:
        shown = ", ".join(f"`{phrase.replace('`', '')}`" for phrase in s.phrases)
        lines.append(texts.say("**Own phrases**: {phrases}", phrases=shown))
    else:
        lines.append(texts.say("**Own phrases**: none"))
    options = [
        option(texts.say(one), level, chosen=level is s.sensitivity, description=texts.say(what))
        for level, (one, what) in SENSITIVITIES.items()
    ]
    row = [button(texts.say("Own phrases"), "setphraseform"), button(texts.say("Reactions"), "setreactions")]
    if any(score.off for score in panel.scores.values()):
        row.append(button(texts.say("Turn rules on again"), "setruleson", style=Style.success))
    return card(
        "\n".join(lines),
        _scores(texts, panel),
        rows=[choice(texts.say("Sensitivity"), "setsensitivity", options=options), buttons(*row, _back(texts))],
    )


def _scores(texts: Texts, panel: Panel) -> str:
    lines = [heading(texts.say("How right it was here"))]
    phrases = {phrase_rule(phrase): phrase for phrase in panel.settings.phrases}
    for rule, score in sorted(panel.scores.items()):
        if score.precision is None and not score.off:
            continue
        name = f"`{phrases[rule].replace('`', '')}`" if rule in phrases else texts.say(KINDS.get(rule, ""))
        if name:
            lines.append(_score_line(texts, name, score))
    if len(lines) == 1:
        lines.append(texts.say("No auto-reply yet."))
    told = texts.say(
        "Counted from *Wrong reply?*. A rule with 3 or more misses in over a quarter of replies turns off."
    )
    return "\n".join((*lines, "-# " + told))


def _score_line(texts: Texts, name: str, score: RuleScore) -> str:
    told = texts.say(
        "{name}: {percent} % right ({wrong} of {replies} called wrong)",
        name=name,
        percent=round(100 * (score.precision or 0)),
        wrong=score.wrong,
        replies=score.replies,
    )
    if not score.off:
        return f"- {told}"
    off = texts.say("It turned itself off.")
    return f"⚠️ {told}. {off}"


def ears_card(texts: Texts, ears: Ears) -> Card:
    """What the bot hears, and what each ear can hear."""
    yes, no, maybe = "✅ ", "⚠️ ", "➖ "
    content = texts.say("**Message text** in the channels chosen. Most reports are heard; the text is never kept.")
    if not ears.hears_content:
        content = texts.say(
            "**Message text**: not granted to this bot by Discord; its operator can ask for it. "
            "Until then the ears below help."
        )
    lines = [
        "## " + texts.say("Ears"),
        (yes if ears.hears_content else no) + content,
        yes
        + texts.say(
            "**Mentions of the bot and replies to it**: a mention is answered in any channel that is not left out; "
            "a reply is read like any message."
        ),
        yes + texts.say("**Right-click → Apps → *Is it just them?***: answers one message, for whoever asks."),
        yes + texts.say("**Commands, buttons, reactions**: always."),
        (yes if ears.automod is AutoModState.CURRENT else maybe) + _automod_line(texts, ears),
    ]
    return card(
        "\n".join(lines), rows=[*_automod_rows(texts, ears), buttons(*_automod_buttons(texts, ears), _back(texts))]
    )


def _automod_line(texts: Texts, ears: Ears) -> str:
    match ears.automod:
        case AutoModState.NO_RIGHT:
            told = texts.say("needs the *Manage Server* permission for the bot; grant it only if you want this ear.")
        case AutoModState.NONE:
            told = texts.say(
                "off. Choose a channel for Discord's alerts below, and the bot makes a rule with its clearest phrases. "
                "It hears only those phrases, but needs no right to read messages."
            )
        case AutoModState.CURRENT:
            told = texts.say("on; Discord's alerts go to {channel}.", channel=f"<#{ears.alerts}>")
        case AutoModState.OUTDATED:
            told = texts.say("on, but its phrases are from an older version. Press *Update AutoMod rule*.")
    if ears.hears_content and ears.automod is not AutoModState.NO_RIGHT:
        told += " " + texts.say("Not needed while message text is read.")
    return texts.say("**AutoMod rule**: {told}", told=told)


def _automod_rows(texts: Texts, ears: Ears) -> list[Row]:
    if ears.automod is AutoModState.NO_RIGHT:
        return []
    chosen = [] if ears.alerts is None else [ears.alerts]
    placeholder = texts.say("Channel for AutoMod's alerts")
    return [channel_menu(placeholder, "setautomod", chosen, kinds=[discord.ChannelType.text], most=1)]


def _automod_buttons(texts: Texts, ears: Ears) -> list[ui.Button[Any]]:
    made: list[ui.Button[Any]] = []
    if ears.automod is AutoModState.OUTDATED:
        made.append(button(texts.say("Update AutoMod rule"), "setautomodupdate", style=Style.success))
    if ears.automod in (AutoModState.OUTDATED, AutoModState.CURRENT):
        made.append(button(texts.say("Remove AutoMod rule"), "setautomodoff", style=Style.danger))
    return made


def quiet_form(texts: Texts, settings: GuildSettings) -> ui.Modal:
    """Where quiet hours are typed; an empty start means none."""
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


def phrases_form(texts: Texts, settings: GuildSettings) -> ui.Modal:
    """Where own phrases are typed, one a line, and examples to try them on."""
    longest = MAX_PHRASES * (MAX_PHRASE + 1)
    phrases: ui.TextInput[Any] = ui.TextInput(
        custom_id=PHRASES,
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=min(4000, longest),
        default="\n".join(settings.phrases) or None,
        placeholder="the bot ghosted me again\n/c(\\.| )?ai (died|rip)/",
    )
    examples: ui.TextInput[Any] = ui.TextInput(
        custom_id=EXAMPLES, style=discord.TextStyle.paragraph, required=False, max_length=1000
    )
    return form(
        texts.say("Own phrases"),
        "setphrases",
        (texts.say("One a line; /between slashes/: a pattern"), phrases),
        (texts.say("Only try them on (one a line)"), examples),
    )


def phrases_tried(texts: Texts, phrases: Sequence[str], met: Mapping[str, str | None]) -> str:
    """Which examples the phrases meet; nothing was kept yet."""
    lines = [heading(texts.say("Tried, not kept"))]
    for example, phrase in met.items():
        shown = plain(example, 200)
        if phrase is None:
            lines.append(f"➖ {shown}")
        else:
            lines.append(f"✅ {shown} · `{phrase.replace('`', '')}`")
    patterns = sum(map(is_pattern, phrases))
    lines.append("-# " + texts.many("{n} phrase", "{n} phrases", len(phrases) - patterns))
    lines[-1] += " · " + texts.many("{n} pattern", "{n} patterns", patterns)
    lines.append(texts.say("To keep them, open *Own phrases* again and leave the examples empty."))
    return "\n".join(lines)


def try_form(texts: Texts) -> ui.Modal:
    """Where a message to try is typed; channel and person are this one and oneself, unless chosen."""
    text: ui.TextInput[Any] = ui.TextInput(
        custom_id=TEXT, style=discord.TextStyle.paragraph, max_length=2000, placeholder="is cai down for anyone else?"
    )
    place: ui.ChannelSelect[Any] = ui.ChannelSelect(custom_id=PLACE, required=False, min_values=0, max_values=1)
    person: ui.UserSelect[Any] = ui.UserSelect(custom_id=PERSON, required=False, min_values=0, max_values=1)
    return form(
        texts.say("Try a message"),
        "settry",
        (texts.say("Message"), text),
        (texts.say("Written in (empty: here)"), place),
        (texts.say("Written by (empty: you)"), person),
    )


def trial_card(texts: Texts, text: str, trial: Trial, settings: GuildSettings) -> Card:
    """What the bot would do with a message, why, and what stands against it."""
    if trial.answered and settings.dry_run is not None:
        verdict = "🧪 " + texts.say("It would be told in {channel} (dry run).", channel=f"<#{settings.dry_run}>")
    elif trial.answered:
        verdict = "✅ " + texts.say("It would be answered.")
    else:
        verdict = "➖ " + texts.say("It would not be answered.")
    finding, rule = trial.finding, ""
    if finding.phrase is not None:
        rule = texts.say("Rule: own phrase {phrase}", phrase=f"`{finding.phrase.replace('`', '')}`")
    elif finding.mention is not None:
        rule = texts.say(
            "Rule: {rule}: “{words}”, {percent} % sure",
            rule=texts.say(KINDS[finding.mention.kind]),
            words=plain(finding.mention.found, 80),
            percent=int(100 * finding.mention.confidence),
        )
    stops = [f"❌ {texts.say(STOPS[stop])}" for stop in trial.stops] or [
        "✅ " + texts.say("Nothing stands against it.")
    ]
    reasons = "\n".join(filter(None, (rule, *stops)))
    return card(f"## {verdict}\n> {plain(text, 300)}", reasons)


def dry_run_text(texts: Texts, url: str, rule: str, confidence: float | None) -> str:
    """What moderators are told instead of a reply being given: a link, never the text."""
    why = texts.say(KINDS[rule]) if rule in KINDS else texts.say("one of your own phrases")
    told = texts.say("Would have answered {message}: {why}", message=url, why=why)
    return told if confidence is None else f"{told} ({int(100 * confidence)} %)"


def span(texts: Texts, seconds: int) -> str:
    """A stretch of time in words."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return texts.many("{n} second", "{n} seconds", seconds)
    if seconds < 3600:  # noqa: PLR2004 - an hour
        return texts.many("{n} minute", "{n} minutes", seconds // 60)
    return texts.many("{n} hour", "{n} hours", seconds // 3600)


def _back(texts: Texts) -> ui.Button[Any]:
    return button(texts.say("Back"), "setpage", "main")


def _channels(ids: Collection[int]) -> str:
    return " ".join(f"<#{one}>" for one in sorted(ids))


def _roles(ids: Collection[int]) -> str:
    return " ".join(f"<@&{one}>" for one in sorted(ids))


def _role_menu(placeholder: str, action: str, chosen: Collection[int]) -> Row:
    menu: ui.RoleSelect[Any] = ui.RoleSelect(
        custom_id=pack(action),
        placeholder=shorten(placeholder, 150),
        min_values=0,
        max_values=MAX_ROLES,
        default_values=[
            discord.SelectDefaultValue(id=one, type=discord.SelectDefaultValueType.role) for one in sorted(chosen)
        ],
    )
    return ui.ActionRow(menu)


def _people_menu(placeholder: str, action: str) -> Row:
    # No defaults: Discord wants to know which ids are people and which are roles, and we keep only ids.
    menu: ui.MentionableSelect[Any] = ui.MentionableSelect(
        custom_id=pack(action), placeholder=shorten(placeholder, 150), min_values=0, max_values=MAX_IGNORED
    )
    return ui.ActionRow(menu)
