"""Ports: what the use cases need from the outside. Storage, status and tests implement them."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.core.chart import Chart, Theme
from bot.core.errors import NotJustYouError
from bot.core.guild_settings import Change, ChangeEntry, GuildSettings
from bot.core.outage_life import Outage
from bot.core.posts import Post
from bot.core.reports import Report
from bot.core.rule_scores import RuleScore
from bot.core.service import Source
from bot.core.signals import Reading

Clock = Callable[[], float]
"""Now, in epoch seconds."""


class ReportLog(Protocol):
    """The reports, durable. Every call raises StoreError when it could not be done."""

    async def append(self, report: Report) -> None:
        """Keep a report; returns once it would survive a crash."""
        ...

    async def remove(self, report: Report) -> None:
        """Drop a withdrawn report; returns once durable."""
        ...

    async def set_symptom(self, report: Report) -> None:
        """Change what a kept report says is wrong; returns once durable."""
        ...

    def back_to(self, at: int, before: Report | None = None) -> AsyncIterator[Sequence[Report]]:
        """All reports after `at` (epoch seconds), newest first, in chunks; `before` leaves out all but older ones."""
        ...

    async def of(self, reporter: int) -> Sequence[Report]:
        """Everything kept about one reporter, oldest first."""
        ...

    async def forget(self, reporter: int) -> int:
        """Delete everything of one reporter; gives how many reports that were."""
        ...

    async def purge(self, before: int) -> int:
        """Delete reports older than `before` (epoch seconds), in small bites; gives how many."""
        ...


class HourCounts(Protocol):
    """Reports folded into hours, without people: kept for what is usual."""

    async def fold(self, first_hour: int, last_hour: int, services: Sequence[str]) -> None:
        """Count closed hours anew and keep the counts; an hour without reports is kept as 0."""
        ...

    async def since(self, hour: int) -> Mapping[str, Mapping[int, int]]:
        """Service -> hour since the epoch -> reports."""
        ...

    async def purge(self, before_hour: int) -> int:
        """Delete hours before `before_hour`."""
        ...


class SettingsStore(Protocol):
    """Moderators' settings and their change log."""

    async def all(self) -> Mapping[int, GuildSettings]:
        """Every server that changed something."""
        ...

    async def save(
        self,
        guild_id: int,
        settings: GuildSettings,
        moderator_id: int,
        at: int,
        made: Sequence[Change],
    ) -> None:
        """Keep settings and log the changes, in one transaction."""
        ...

    async def log(self, guild_id: int, limit: int) -> Sequence[ChangeEntry]:
        """The newest changes first."""
        ...

    async def changes_by(self, moderator_id: int) -> Sequence[ChangeEntry]:
        """Every change a person made, in any server, oldest first."""
        ...

    async def forget_moderator(self, moderator_id: int) -> int:
        """Take a person's id out of the change logs; gives from how many changes."""
        ...


class OptOuts(Protocol):
    """People who want no auto-replies, as reporters."""

    async def all(self) -> frozenset[int]:
        """Everybody who opted out."""
        ...

    async def add(self, reporter: int, at: int) -> None:
        """Opt out."""
        ...

    async def remove(self, reporter: int) -> bool:
        """Opt in again; says whether it was there."""
        ...


@dataclass(frozen=True, slots=True)
class PostedReply:
    """An auto-reply of ours, so that reactions on it can be counted, also after a restart."""

    message_id: int
    channel_id: int
    guild_id: int
    service: str
    at: int
    rule: str | None = None
    """What made us answer; None for replies of versions that did not say."""


class RuleScores(Protocol):
    """How often each rule was called wrong, server by server."""

    async def all(self) -> Mapping[tuple[int, str], RuleScore]:
        """Server and rule -> score."""
        ...

    async def put(self, guild_id: int, rule: str, score: RuleScore) -> None:
        """Keep a score."""
        ...


class ReplyStore(Protocol):
    """The auto-replies of the last days."""

    async def add(self, reply: PostedReply) -> None:
        """Remember a reply."""
        ...

    async def since(self, at: int, most: int) -> Sequence[PostedReply]:
        """Replies after `at`, the newest `most` of them, oldest first."""
        ...

    async def purge(self, before: int) -> int:
        """Forget replies older than `before`."""
        ...


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Wants to hear when it is back: in a channel, or by direct message (`guild_id` 0).

    `scope` is 0 for the service, or the id of a simulated outage.
    """

    service: str
    user_id: int
    guild_id: int
    channel_id: int
    at: int
    scope: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of the watch changed, to be written in one transaction.

    `watch` is the detector's state; `new` posts get their ids (and the outage's) from the store; of `changed` ones
    `pinged` and `reminded` are written. With `call`, subscribers of the scope become posts and are forgotten.
    """

    service: str
    watch: str | None = None
    outage: Outage | None = None
    new: tuple[Post, ...] = ()
    changed: tuple[Post, ...] = ()
    call: bool = False
    was: str | None = None
    """What `watch` was before, as far as the decider knows; checked where there is a fence."""
    fence: int | None = None
    """The lease under which this was decided; StoreError if another process decides by now."""


@dataclass(frozen=True, slots=True)
class Written:
    """A step as it was written: the outage and the new posts with their ids."""

    outage: Outage | None
    posts: tuple[Post, ...]


class OutageStore(Protocol):
    """Outages and the posts they call for. Every call raises StoreError when it could not be done."""

    async def watches(self) -> Mapping[str, str]:
        """Service -> the detector's state as it was last written."""
        ...

    async def write(self, step: Step) -> Written:
        """Write a step of the watch, all or nothing."""
        ...

    async def outages(self, since: int) -> Sequence[Outage]:
        """Outages that began after `since` (epoch seconds) or are still open, oldest first; dismissed ones too."""
        ...

    async def purge(self, before: int) -> int:
        """Delete closed outages that began before `before`, and dismissed ones; gives how many."""
        ...


class PostStore(Protocol):
    """The posts that are not done with."""

    async def all(self) -> Sequence[Post]:
        """All of them, oldest first."""
        ...

    async def between(self, first: int, last: int) -> Sequence[Post]:
        """Those with ids from `first` to `last`, both included."""
        ...

    async def update(self, post_id: int, changed: Mapping[str, Any]) -> None:
        """Keep some members of a post; those that the watch writes stay as they are."""
        ...

    async def drop(self, post: Post) -> None:
        """Forget a post that is done with."""
        ...


class Subscribers(Protocol):
    """Who wants to hear when it is back."""

    async def add(self, subscriber: Subscriber) -> None:
        """Subscribe, or change where to be called."""
        ...

    async def remove(self, user_id: int, service: str | None = None) -> int:
        """Unsubscribe from one service, or from all; gives from how many. Its calls still to be sent go, too."""
        ...

    async def of(self, user_id: int) -> Sequence[Subscriber]:
        """What a person waits for."""
        ...

    async def purge(self, before: int) -> int:
        """Forget those who subscribed before `before` (epoch seconds); gives how many."""
        ...


class ServerStore(Protocol):
    """What is kept of servers, all tables together. Every call raises StoreError when it could not be done."""

    async def kept(self) -> frozenset[int]:
        """Every server that anything is kept of, as one that we are or were in."""
        ...

    async def removed(self) -> Mapping[int, int]:
        """Server -> when it was found to have removed us (epoch seconds)."""
        ...

    async def mark(self, removed: Mapping[int, int]) -> None:
        """These servers removed us, each at its time."""
        ...

    async def unmark(self, guild_ids: Collection[int]) -> None:
        """We are in them again."""
        ...

    async def purge(self, guild_id: int) -> None:
        """Delete all of a server, its mark too, in one transaction."""
        ...


_UNKNOWN_CHANNEL = 10003


@dataclass(frozen=True, slots=True)
class ClosedChannel:
    """Discord refuses what we write there since `at` (epoch seconds). `code` is its reason."""

    channel_id: int
    guild_id: int
    at: int
    code: int
    told: bool = False
    """Whether moderators were told, beside `/setup`."""

    @property
    def gone(self) -> bool:
        """Whether there is no such channel any more."""
        return self.code == _UNKNOWN_CHANNEL


class ClosedChannelStore(Protocol):
    """Channels that are closed to us. Every call raises StoreError when it could not be done."""

    async def all(self) -> Sequence[ClosedChannel]:
        """All of them, oldest first."""
        ...

    async def put(self, closed: ClosedChannel) -> None:
        """Keep one."""
        ...

    async def drop(self, channel_id: int) -> None:
        """Forget one."""
        ...


class NotTakenError(NotJustYouError):
    """Discord does not take this: what it is for is `gone`, or we may not do it there.

    `closed` is Discord's code where nothing else will be taken in that channel either.
    """

    def __init__(self, told: str, *, gone: bool = False, closed: int | None = None) -> None:
        super().__init__(told)
        self.gone = gone
        self.closed = closed


class NotReachedError(NotJustYouError):
    """It did not work now; it may, later."""


class Herald(Protocol):
    """Carries posts to where people read them. Every call raises NotTakenError or NotReachedError."""

    @property
    def ready(self) -> bool:
        """Whether there is a connection to carry anything over."""
        ...

    async def find(self, post: Post) -> int | None:
        """The message of a post that was attempted before, if it arrived."""
        ...

    async def send(self, post: Post, outage: Outage) -> int:
        """Send a post; gives the message's id."""
        ...

    async def edit(self, post: Post, outage: Outage) -> None:
        """Bring an announcement up to date."""
        ...

    async def open_thread(self, post: Post, outage: Outage) -> int:
        """Open the thread under an announcement, or find the one that is there; gives its id."""
        ...

    async def close_thread(self, thread_id: int) -> None:
        """Close a thread; it can still be read."""
        ...


class Pictures(Protocol):
    """Draws charts."""

    async def picture(self, key: str, chart: Chart, theme: Theme) -> bytes:
        """The chart as a PNG; `key` says what is shown, so that it need not be drawn twice in a minute."""
        ...


class Meta(Protocol):
    """Small facts about this installation, such as the hash of the synced commands."""

    async def get(self, key: str) -> str | None:
        """The value, or None."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Keep a value."""
        ...


class StatusSource(Protocol):
    """Looks at a source. Never raises for what the source does: every outcome is a Reading."""

    async def look(self, source: Source) -> Reading:
        """One look, now."""
        ...


@dataclass(frozen=True, slots=True)
class News:
    """What one process changed that others hold in memory, too. `kind` names the change, `told` is JSON."""

    kind: str
    told: Any
