"""The settings that moderators choose for their server, each declared once in `FIELDS`, without Discord types.

The pages and forms of `/setup`, the messages about wrong values, the change log, export and import are all made from
`FIELDS`; a new setting is a member of `GuildSettings` and a line there. A document is plain JSON. Unknown or wrong
members are refused by name, so a hand-edited import cannot set anything else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.core.chart import Theme
from bot.core.errors import WrongInputError
from bot.core.mentions import Sensitivity
from bot.core.own_phrases import is_sound
from bot.core.quiet_hours import QuietHours
from bot.core.setting_kinds import (
    AutoModRule,
    Channel,
    Channels,
    Duration,
    Emoji,
    Hours,
    Kind,
    Name,
    NameSet,
    OneOf,
    People,
    PhraseList,
    Place,
    Role,
    Roles,
    Switch,
    Text,
    Unit,
)
from bot.core.texts import N_

DOCUMENT_VERSION = 1
NOBODY = 0
MAX_CHANNELS = 25
MAX_ROLES = 25
MAX_IGNORED = 25
MAX_SERVICES = 25
MAX_REACTIONS = 10
_OWN_EMOJI = re.compile(r"<a?:[^:>]*:(\d+)>")
_SKIN_TONES = range(0x1F3FB, 0x1F400)
COOLDOWNS = (30, 60, 120, 300, 900, 3600)
REMINDERS = (0, 1, 3, 6)
WAITS = (0, 2, 4, 8, 15, 30)
MAX_HELPLINE = 600
BUILT_IN_REACTIONS = ("👍", "✋", "➕", "😭")


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """The settings of one server. Auto-reply is off until a moderator names a channel.

    A message is answered if all of this is true: its channel (or the thread's channel, or the category) is one of
    `channels` and none is one of `denied_channels`; its author has one of `roles`, if any are named, and none of
    `denied_roles`, and is not in `ignored` (keyed hashes of people) or `ignored_roles`; it is outside the
    `quiet_hours`. Older versions also stored ignored roles in `ignored`.

    `phrases` are the server's own, see `own_phrases`. With a `dry_run` channel, the bot only posts there which messages
    it would have answered. `automod` is the id of our AutoMod rule in this server. `cooldown` and `person_cooldown` are
    seconds between auto-replies in one channel, and to one person. `reactions` are emoji that count as a report besides
    the built-in ones. `language` None means the server's own; `service` None means the operator's first.
    `more_services` are followed as well.

    In `outage_channel` each outage gets one message, with a thread under it if `outage_thread`. `outage_role` is
    mentioned once per outage. With `outage_possible` suspicions are announced as well. `outage_reminder` is the number
    of hours between reminders, 0 for none; with `outage_silent` they are sent without a notification, as are summaries
    and messages about a reopened outage. With `outage_end` a new line in the channel says that it is over. `picture` is
    the theme of pictures.

    People come first: the bot sends no auto-reply where a person with one of the roles `helpers` wrote recently. Each
    auto-reply waits `wait` seconds, and a person's answer in that time cancels it. Moderators are notified of people in
    distress in `distress_channel`; `helpline` is a text of the server's own that they can have the bot send to such a
    person. They get a weekly card in `weekly_channel`.
    """

    channels: frozenset[int] = frozenset()
    denied_channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    denied_roles: frozenset[int] = frozenset()
    ignored: frozenset[int] = frozenset()
    ignored_roles: frozenset[int] = frozenset()
    sensitivity: Sensitivity = Sensitivity.BALANCED
    phrases: tuple[str, ...] = ()
    quiet_hours: QuietHours | None = None
    dry_run: int | None = None
    automod: int | None = None
    cooldown: int = 120
    person_cooldown: int = 900
    reactions: tuple[str, ...] = ()
    outage_channel: int | None = None
    outage_role: int | None = None
    outage_possible: bool = False
    outage_thread: bool = True
    outage_reminder: int = 0
    outage_silent: bool = False
    outage_end: bool = False
    picture: Theme = Theme.DARK
    helpers: frozenset[int] = frozenset()
    wait: int = 4
    distress_channel: int | None = None
    helpline: str | None = None
    weekly_channel: int | None = None
    language: str | None = None
    service: str | None = None
    more_services: frozenset[str] = frozenset()

    def counts_as_report(self, emoji: str) -> bool:
        """Whether this reaction on an auto-reply says "I have it too"."""
        key = emoji_key(emoji)
        return key in BUILT_IN_REACTIONS or key in map(emoji_key, self.reactions)


class Page(StrEnum):
    """The pages of `/setup` that show settings."""

    WHO = "who"
    WHEN = "when"
    WHAT = "what"
    PEOPLE = "people"
    OUTAGES = "outages"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: its name in JSON, its kind with the limits, and its text for moderators.

    `page` is where it is chosen, in the order of `FIELDS`; None if it has no control of its own there. `help` explains
    it in a sentence; `empty` explains an empty choice. The default is that of `GuildSettings`.
    """

    name: str
    kind: Kind
    page: Page | None
    label: str
    help: str = ""
    empty: str = N_("none")
    log: Callable[[Any], Any] = lambda written: written
    """Turns its JSON into the form that the change log keeps."""

    @property
    def default(self) -> Any:
        """The value before a moderator chooses anything."""
        return getattr(GuildSettings(), self.name)

    @property
    def can_undo(self) -> bool:
        """Whether the change log holds the value itself, so that it can be restored."""
        return not isinstance(self.kind, People | AutoModRule)

    def read(self, value: Any) -> Any:
        """The value from JSON. Raises WrongInputError."""
        return self.kind.read(self.name, value)

    def written(self, settings: GuildSettings) -> Any:
        """The value among these settings, as JSON."""
        return self.kind.write(getattr(settings, self.name))


@dataclass(frozen=True, slots=True)
class Change:
    """A changed setting, before and after as JSON; stored in the server's change log."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """A line of the change log. `at` is epoch seconds; `moderator_id` is NOBODY if they had their data deleted."""

    at: int
    moderator_id: int
    change: Change


SENSITIVITIES: Mapping[str, tuple[str, str]] = {
    Sensitivity.CAREFUL: (N_("Careful"), N_("Answers only what is beyond doubt; misses more")),
    Sensitivity.BALANCED: (N_("Balanced"), N_("Answers what is almost certain")),
    Sensitivity.EAGER: (N_("Eager"), N_("Answers whatever sounds like it; wrong more often")),
}
_THEMES: Mapping[str, tuple[str, str]] = {
    Theme.DARK: (N_("For dark Discord"), ""),
    Theme.LIGHT: (N_("For light Discord"), ""),
}
FIELDS: tuple[Field, ...] = (
    Field(
        "channels",
        Channels(MAX_CHANNELS),
        Page.WHO,
        N_("Channels with auto-replies"),
        N_("A category includes all of its channels, and a channel includes its threads."),
        N_("none, so auto-replies are off"),
    ),
    Field("denied_channels", Channels(MAX_CHANNELS), Page.WHO, N_("Channels left out")),
    Field("roles", Roles(MAX_ROLES), Page.WHO, N_("Only these roles"), empty=N_("everyone gets a reply")),
    Field("denied_roles", Roles(MAX_ROLES), Page.WHO, N_("Roles left out")),
    Field(
        "ignored",
        People(MAX_IGNORED),
        Page.WHO,
        N_("Ignored everywhere"),
        N_("Choose people or roles to add. People are stored scrambled, so I can't list them."),
        log=len,
    ),
    Field("ignored_roles", Roles(MAX_IGNORED), None, N_("Roles ignored everywhere")),
    Field(
        "sensitivity",
        OneOf(Sensitivity, SENSITIVITIES),
        Page.WHAT,
        N_("Sensitivity"),
        N_("How sure I must be before I answer."),
    ),
    Field(
        "phrases",
        PhraseList(),
        Page.WHAT,
        N_("Own phrases"),
        N_("More messages to answer. You can try them on examples before you keep them."),
    ),
    Field(
        "quiet_hours",
        Hours(),
        Page.WHEN,
        N_("Quiet hours"),
        N_("No auto-replies in these hours, not even to mentions."),
    ),
    Field(
        "dry_run",
        Channel(Place.WRITTEN_IN),
        Page.WHEN,
        N_("Dry run"),
        N_(
            "Nobody gets a reply. In this channel I post what I would have answered: a link and the reason, never the "
            "text. I still answer mentions of me."
        ),
        N_("off"),
    ),
    Field("automod", AutoModRule(), None, N_("AutoMod rule"), empty=N_("off")),
    Field(
        "cooldown", Duration(COOLDOWNS), Page.WHEN, N_("Pause in a channel"), N_("At most one auto-reply in this time.")
    ),
    Field(
        "person_cooldown",
        Duration(COOLDOWNS),
        Page.WHEN,
        N_("Pause for one person"),
        N_("Nobody gets two auto-replies in this time."),
    ),
    Field(
        "reactions",
        Emoji(MAX_REACTIONS),
        Page.WHAT,
        N_("Reactions"),
        N_("Emoji under an auto-reply that count as a report, besides 👍 ✋ ➕ 😭."),
        N_("no others"),
    ),
    Field(
        "outage_channel",
        Channel(Place.ANNOUNCED_IN),
        Page.OUTAGES,
        N_("Channel for outages"),
        N_("One message per outage, kept up to date."),
        N_("none, so outages are not announced"),
    ),
    Field(
        "outage_role",
        Role(),
        Page.OUTAGES,
        N_("Role to ping"),
        N_("Once per outage, when it is certain."),
        N_("nobody"),
    ),
    Field("outage_possible", Switch(), Page.OUTAGES, N_("Also post early, unconfirmed warnings")),
    Field("outage_thread", Switch(), Page.OUTAGES, N_("A thread under the message, to talk")),
    Field(
        "outage_reminder",
        Duration(REMINDERS, Unit.HOURS),
        Page.OUTAGES,
        N_("Reminders"),
        N_("While an outage goes on, a new message says so."),
    ),
    Field("outage_silent", Switch(), Page.OUTAGES, N_("Reminders and summaries without a notification")),
    Field("outage_end", Switch(), Page.OUTAGES, N_("A new message in the channel when an outage is over")),
    Field("picture", OneOf(Theme, _THEMES), Page.OUTAGES, N_("Pictures")),
    Field(
        "weekly_channel",
        Channel(Place.MODERATORS),
        Page.WHAT,
        N_("Channel for the weekly card"),
        N_("Every Monday, in numbers: replies, reports, outages, and problems I didn't recognise."),
        N_("none, so there is no weekly card"),
    ),
    Field(
        "helpers",
        Roles(MAX_ROLES),
        Page.PEOPLE,
        N_("Helper roles"),
        N_("Where one of them has written, I keep quiet for five minutes. In solved posts I always do."),
    ),
    Field(
        "wait",
        Duration(WAITS),
        Page.PEOPLE,
        N_("Wait before each auto-reply"),
        N_("If somebody answers in that time, I keep quiet."),
    ),
    Field(
        "distress_channel",
        Channel(Place.MODERATORS),
        Page.PEOPLE,
        N_("Channel for notices about distress"),
        N_(
            "Someone who writes about suicide or self-harm never gets an auto-reply and is never counted. In this "
            "channel I can tell moderators: a link, never the text. I look only at what I would answer or count."
        ),
        N_("none, so moderators are not told"),
    ),
    Field(
        "helpline",
        Text(MAX_HELPLINE),
        Page.PEOPLE,
        N_("Text with a helpline"),
        N_("Sent to that person when a moderator presses a button."),
        N_("no text"),
    ),
    Field("language", Name(), Page.GENERAL, N_("Language"), N_("For what everybody sees."), N_("the server's own")),
    Field(
        "service",
        Name(),
        Page.GENERAL,
        N_("Service"),
        N_("The one I assume if nobody names one, in messages and in commands without `service:`."),
    ),
    Field(
        "more_services",
        NameSet(MAX_SERVICES),
        Page.GENERAL,
        N_("More services"),
        N_("I follow these, too, each with its own counts, announcements and pauses."),
        N_("no others"),
    ),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}


def to_document(settings: GuildSettings) -> dict[str, Any]:
    """The settings as JSON, as they are stored and exported."""
    return {"version": DOCUMENT_VERSION, **{field.name: field.written(settings) for field in FIELDS}}


def from_document(document: Any, *, stored: bool = False) -> GuildSettings:
    """Read settings from JSON. Missing members keep their defaults.

    Raises WrongInputError naming the first member that cannot be used. `stored` settings were checked when they were
    saved: patterns that were refused since then stay among them, so that moderators learn of them.
    """
    if not isinstance(document, Mapping):
        raise WrongInputError("settings", N_("That isn't an export. Paste the whole text that *Export* gave you."))
    members: dict[str, Any] = {str(k): v for k, v in document.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if members.pop("version", DOCUMENT_VERSION) != DOCUMENT_VERSION:
        raise WrongInputError("version", N_("This export is from another version of me, so I cannot read it."))
    if stored and isinstance(members.get("phrases"), list):
        phrases = tuple(filter(is_sound, map(str, members.pop("phrases"))))
        return replace(with_values(GuildSettings(), members), phrases=phrases)
    return with_values(GuildSettings(), members)


def with_values(settings: GuildSettings, values: Mapping[str, Any]) -> GuildSettings:
    """The settings with some values, given as JSON, changed. Raises WrongInputError."""
    for name in values:
        if name not in BY_NAME:
            raise WrongInputError(name[:40] or "(no name)", N_("I have no setting called “{name}”."), name=name[:40])
    return replace(settings, **{name: BY_NAME[name].read(v) for name, v in values.items()})


def changes(before: GuildSettings, after: GuildSettings) -> tuple[Change, ...]:
    """The changed settings, in the order of the fields."""
    old, new = to_document(before), to_document(after)
    return tuple(Change(f.name, f.log(old[f.name]), f.log(new[f.name])) for f in FIELDS if old[f.name] != new[f.name])


def emoji_key(emoji: str) -> str:
    """The identity of an emoji: the id of a custom emoji, which may be renamed, animated or deleted.

    Skin tones make no difference.
    """
    own = _OWN_EMOJI.fullmatch(emoji)
    return own[1] if own else "".join(c for c in emoji if ord(c) not in _SKIN_TONES).replace("\ufe0f", "")
