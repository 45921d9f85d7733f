"""Problems that need a moderator's attention, each with the page where it can be fixed."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from bot.core.gone import CHANNEL_FIELDS, ROLE_FIELDS, answers_nobody
from bot.core.guild_settings import BY_NAME, FIELDS, Page
from bot.core.texts import N_, Texts
from bot.discord_ui.permissions import PermissionNeed
from bot.discord_ui.render.closed import closed_line, roles_gone_text
from bot.discord_ui.setup.state import Panel

SOURCES = "ears"
_DRY_RUN = "dry_run"
MOST_SHOWN = 4
_MOST_CLOSED_SHOWN = 4
_OPEN_TO_ALL = {
    "distress_channel": N_("Everybody can read the channel for notices about distress, so I post none there."),
    "weekly_channel": N_("Everybody can read the channel for the weekly card, so no card is sent."),
}


class Need(NamedTuple):
    """One line, and its page. `gone`: a deleted channel or role is still set.

    `how` is the fix; it is shown once for all lines that share it.
    """

    page: str
    line: str
    gone: bool = False
    how: str = ""


def needs(texts: Texts, panel: Panel) -> list[Need]:
    """All needs, the worst first."""
    if panel.away:
        return []
    return [*_gone(texts, panel), *_rights(texts, panel), *_refused(texts, panel), *_rules(texts, panel)]


def need_lines(texts: Texts, found: Sequence[Need]) -> list[str]:
    """The first few lines, and how to grant missing permissions."""
    shown = found[:MOST_SHOWN]
    hows = {need.how: number for number, need in enumerate(shown) if need.how}  # the last line with this fix
    lines = list[str]()
    for number, need in enumerate(shown):
        lines += [need.line, *([f"-# {need.how}"] if hows.get(need.how) == number else [])]
    if more := len(found) - len(shown):
        lines.append(texts.many("… and {n} more", "… and {n} more", more))
    return lines


def _gone(texts: Texts, panel: Panel) -> list[Need]:
    found: list[Need] = []
    settings, gone = panel.settings, panel.gone
    for kind, ids in ((CHANNEL_FIELDS, sorted(gone.channels)), (ROLE_FIELDS, sorted(gone.roles))):
        for number in ids:
            named_in = [name for name in kind if name != _DRY_RUN and number in gone.named_in(settings, name)]
            if named_in:
                found.append(_still_set(texts, number, named_in))
    if answers_nobody(settings, gone):
        found.insert(0, Need(Page.WHO, f"⚠️ {roles_gone_text(texts)}", gone=True))
    for number in gone.named_in(settings, _DRY_RUN):
        still = _still_set(texts, number, [_DRY_RUN])
        meaning = texts.say("So **nobody is told anything** until you choose another or drop it.")
        found.insert(0, still._replace(line=f"{still.line}. {meaning}"))
    return found


def _still_set(texts: Texts, number: int, named_in: Sequence[str]) -> Need:
    labels = ", ".join(texts.say(BY_NAME[name].label) for name in named_in)
    thing = mention(number, role=named_in[0] in ROLE_FIELDS)
    line = texts.say("{thing} was deleted, but is still chosen: {places}", thing=thing, places=labels)
    return Need(page_of(named_in[0]), f"🚪 {line}", gone=True)


def _rights(texts: Texts, panel: Panel) -> list[Need]:
    found: list[Need] = []
    for channel, lacking in panel.missing.items():
        page = Page.WHEN if channel == panel.settings.dry_run else Page.WHO
        found += lacking_needs(texts, page, channel, lacking)
    for name, lacking in panel.lacking.items():
        for channel in panel.here(name):
            found += lacking_needs(texts, page_of(name), channel, lacking)
    if not panel.may_call_role:
        line = texts.say("I may not ping that role: allow *anyone to mention* it in its settings.")
        found.append(Need(Page.OUTAGES, f"⚠️ {line}"))
    for name in panel.open_to_all:
        found.append(Need(page_of(name), f"⚠️ {texts.say(_OPEN_TO_ALL[name])}"))
    if not panel.has_message_text:
        line = texts.say("I can't read message text: Discord hasn't granted it. See *What I can read*.")
        found.append(Need(SOURCES, f"⚠️ {line}"))
    return found


def _refused(texts: Texts, panel: Panel) -> list[Need]:
    announced = panel.here("outage_channel")
    return [
        Need(Page.OUTAGES if closed.channel_id in announced else Page.WHO, f"⚠️ {closed_line(texts, closed)}")
        for closed in panel.closed[:_MOST_CLOSED_SHOWN]
    ]


def _rules(texts: Texts, panel: Panel) -> list[Need]:
    found: list[Need] = []
    if off := sum(score.off for score in panel.scores.values()):
        line = texts.many("{n} rule turned itself off.", "{n} rules turned themselves off.", off)
        found.append(Need(Page.WHAT, f"⚠️ {line}"))
    if slow := len(panel.resting) + len(panel.refused):
        line = texts.many("{n} pattern is not searched for.", "{n} patterns are not searched for.", slow)
        found.append(Need(Page.WHAT, f"⚠️ {line}"))
    return found


def lacking_needs(texts: Texts, page: str, channel: int, lacking: Collection[PermissionNeed]) -> list[Need]:
    """The permissions that the bot lacks in a channel, each with its reason; empty if it lacks none."""
    if not lacking:
        return []
    named = ", ".join(f"**{texts.say(need.name)}** ({texts.say(need.reason)})" for need in lacking)
    line = texts.say("In {channel} I need {permissions}.", channel=f"<#{channel}>", permissions=named)
    how = texts.say("Grant it in the channel's settings → Permissions → my role.")
    return [Need(page, f"⚠️ {line}", how=how)]


def page_of(name: str) -> str:
    """The page of a setting; ignored people and roles share one control."""
    return BY_NAME[name].page or Page.WHO


def fields_of(page: str) -> list[str]:
    """The settings of a page."""
    return [field.name for field in FIELDS if page_of(field.name) == page]


def mention(number: int, *, role: bool = False) -> str:
    """A channel or role, with its id, because Discord shows deleted ones without a name."""
    return f"<@&{number}> (`{number}`)" if role else f"<#{number}> (`{number}`)"
