"""*Why didn't it reply?* and *Why didn't it announce?*: every check in order, with a fix for each that fails."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from bot.core.guild_settings import Page
from bot.core.outage_life import Phase
from bot.core.spread import OWN_CROWD
from bot.core.texts import N_, Texts
from bot.discord_ui.permissions import PermissionNeed
from bot.discord_ui.render.layout import Card, Style, button, buttons
from bot.discord_ui.setup.needs import SOURCES, Need, lacking_needs, needs
from bot.discord_ui.setup.overview import MORE
from bot.discord_ui.setup.pages import MAIN, Button, back
from bot.discord_ui.setup.parts import page
from bot.discord_ui.setup.state import Panel
from bot.usecases.replies.notice_message import Silence


class Fix(NamedTuple):
    """The reason why nothing was sent, a fix for moderators (usually), and its page."""

    reason: str
    fix: str = ""
    page: str = ""


STOPS: Mapping[Silence, Fix] = {
    Silence.OFF_HERE: Fix(
        N_("Auto-replies are not on in this channel."), N_("Add it to *Channels with auto-replies*."), Page.WHO
    ),
    Silence.DENIED_HERE: Fix(
        N_("This channel is among those left out."), N_("Take it out of *Channels left out*."), Page.WHO
    ),
    Silence.IGNORED: Fix(
        N_("This person, role or place is ignored."), N_("*Ignore nobody* empties the list."), Page.WHO
    ),
    Silence.ROLE: Fix(
        N_("I reply only to certain roles here, and this person has none of them."),
        N_("Change *Only these roles* or *Roles left out*."),
        Page.WHO,
    ),
    Silence.DISTRESS: Fix(N_("Somebody in distress may have written this, so I leave it to people.")),
    Silence.NO_MENTION: Fix(
        N_("I don't read it as trouble that is happening now."),
        N_("If such words should count here, add them to *Own phrases*."),
        Page.WHAT,
    ),
    Silence.UNSURE: Fix(
        N_("Not sure enough for the chosen sensitivity."),
        N_("*Eager* answers more, and is wrong more often."),
        Page.WHAT,
    ),
    Silence.RULE_OFF: Fix(
        N_("The rule was wrong too often here and turned itself off."), N_("Press *Turn rules on again*."), Page.WHAT
    ),
    Silence.SOLVED: Fix(N_("The post is marked as solved.")),
    Silence.HELPER: Fix(
        N_("A helper wrote here in the last five minutes."), N_("See *Helper roles* for who that is."), Page.PEOPLE
    ),
    Silence.OPTED_OUT: Fix(
        N_("This person asked me not to reply to them."), N_("Only they can change that, with `/privacy`.")
    ),
    Silence.QUIET_HOURS: Fix(
        N_("If it was written just now: these are quiet hours."), N_("Change *Quiet hours*."), Page.WHEN
    ),
    Silence.CHANNEL_COOLDOWN: Fix(
        N_("I replied in this channel a moment ago."), N_("Shorten *Pause in a channel*."), Page.WHEN
    ),
    Silence.PERSON_COOLDOWN: Fix(
        N_("I replied to this person a moment ago."), N_("Shorten *Pause for one person*."), Page.WHEN
    ),
}
_BRANCHES: Sequence[tuple[str, Collection[Silence]]] = (
    (
        N_("Are replies on here, and for this person?"),
        (Silence.OFF_HERE, Silence.DENIED_HERE, Silence.IGNORED, Silence.ROLE),
    ),
    (
        N_("Is it about trouble with the service?"),
        (Silence.DISTRESS, Silence.NO_MENTION, Silence.UNSURE, Silence.RULE_OFF),
    ),
    (N_("Does it still need an answer?"), (Silence.SOLVED, Silence.HELPER, Silence.OPTED_OUT)),
    (N_("Are replies allowed at this time?"), (Silence.QUIET_HOURS, Silence.CHANNEL_COOLDOWN, Silence.PERSON_COOLDOWN)),
)


class Branch(NamedTuple):
    """A question whose answer must be yes, and the reasons against it; none if it is."""

    question: str
    against: Sequence[Need] = ()


def reply_branches(texts: Texts, stops: Collection[Silence]) -> list[Branch]:
    """The checks of a message, in order."""
    return [
        Branch(
            texts.say(question), [_against(texts, STOPS[stop]) for stop in Silence if stop in stops and stop in about]
        )
        for question, about in _BRANCHES
    ]


def _against(texts: Texts, fix: Fix) -> Need:
    line = texts.say(fix.reason)
    return Need(fix.page, f"{line} {texts.say(fix.fix)}" if fix.fix else line)


def reading_branch(
    texts: Texts, *, can_read: bool, by_person: bool, channel: int, lacking: Sequence[PermissionNeed]
) -> Branch:
    """Whether the bot can read the message, and write there."""
    against: list[Need] = []
    if not by_person:
        against.append(Need("", texts.say("A bot or Discord itself wrote it. I only reply to people.")))
    if not can_read:
        line = texts.say("Discord doesn't let me read message text. See what else I can read.")
        against.append(Need(SOURCES, line))
    against += _unmarked(lacking_needs(texts, Page.WHO, channel, lacking))
    return Branch(texts.say("Can I read it, and write there?"), against)


def _unmarked(found: Iterable[Need]) -> list[Need]:
    """The needs without their symbols, because the question has one here."""
    return [need._replace(line=need.line.removeprefix("⚠️ ")) for need in found]


def announce_card(texts: Texts, panel: Panel) -> Card:
    """The checks of an announcement now."""
    chosen: list[Need] = []
    if not panel.here("outage_channel"):
        line = texts.say("Choose one in *Channel for outages*.")
        chosen.append(Need(Page.OUTAGES, line))
    against = _unmarked(need for need in needs(texts, panel) if need.page == Page.OUTAGES)
    certain, outage = list[Need](), panel.outage
    if outage is None:
        line = texts.say("I see no outage now. I announce one when far more people than usual report trouble.")
        certain.append(Need("", line))
    elif outage.phase is Phase.SUSPECTED and not panel.settings.outage_possible:
        line = texts.say("I only suspect one so far. *Also post early, unconfirmed warnings* would announce that, too.")
        certain.append(Need(Page.OUTAGES, line))
    branches = [
        Branch(texts.say("Is a channel chosen?"), chosen),
        Branch(texts.say("Can I post there, and ping?"), against),
        Branch(texts.say("Is there an outage, and am I sure?"), certain),
    ]
    if outage is not None:
        elsewhere = [Need("", _elsewhere(texts))] if panel.outage_elsewhere else []
        branches.append(Branch(texts.say("Does it concern this server?"), elsewhere))
    title = "## " + texts.say("Why no announcement?")
    if not any(branch.against for branch in branches):
        title += "\n" + texts.say("All is well: it has been announced, or will be within a minute.")
    return tree(texts, title, branches, way=back(texts, MORE))


def _elsewhere(texts: Texts) -> str:
    line = texts.say("Only other servers report it.")
    soon = texts.many(
        "I announce it here when {n} person here reports it, or when many servers do.",
        "I announce it here when {n} people here report it, or when many servers do.",
        OWN_CROWD,
    )
    return f"{line} {soon}"


def tree(texts: Texts, title: str, branches: Sequence[Branch], *notes: str, way: Button | None = None) -> Card:
    """The branches, a button to the first page with a fix, and the `way` to all settings.

    Failed checks come first.
    """
    lines: list[str] = []
    for branch in sorted(branches, key=lambda one: not one.against):
        mark, answer = ("❌", texts.say("No.")) if branch.against else ("✅", texts.say("Yes"))
        lines.append(" ".join((f"{mark} **{branch.question}** {answer}", *(need.line for need in branch.against))))
        lines += dict.fromkeys(f"-# {need.how}" for need in branch.against if need.how)
    pages = [need.page for branch in branches for need in branch.against if need.page]
    fix = [button(texts.say("Show where to change it"), "setpage", pages[0], style=Style.primary)] if pages else []
    return page(
        title, "\n".join(lines), *notes, buttons(*fix, way or button(texts.say("All settings"), "setpage", MAIN))
    )
