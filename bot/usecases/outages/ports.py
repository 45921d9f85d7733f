"""Ports of the outages: how they are stored, announced and drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.core.chart import Chart, Theme
from bot.core.errors import NotJustYouError
from bot.core.outage_life import Outage
from bot.core.posts import Post
from bot.core.webhooks import WebhookMessage


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person to notify when the service is back: in a channel, or by direct message (`guild_id` 0).

    `scope` is 0 for the service, or the id of a simulated outage.
    """

    service: str
    user_id: int
    guild_id: int
    channel_id: int
    at: int
    scope: int = 0


@dataclass(frozen=True, slots=True)
class WatchStep:
    """The changes of one step of the watch or of a simulation, to be written in one transaction.

    `watch` is the state of the watch as a document. `new` posts get their ids (and the outage's) from the store; of
    `changed` posts only `pinged` and `reminded` are written. If `call` is set, subscribers of the scope become posts
    and are deleted as subscribers.
    """

    service: str
    watch: str | None = None
    outage: Outage | None = None
    new: tuple[Post, ...] = ()
    changed: tuple[Post, ...] = ()
    call: bool = False
    deliveries: tuple[WebhookMessage, ...] = ()
    """The webhook events about it."""
    was: str | None = None
    """The previous `watch`, as far as this process knows; checked if there is a fencing token."""
    fence: int | None = None
    """The fencing token of the lease under which this was decided; StoreError if another process holds the lease
    now."""


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """A persisted step: the outage and the new posts with their ids."""

    outage: Outage | None
    posts: tuple[Post, ...]


class OutageStore(Protocol):
    """Outages and the posts that they require. Every call raises StoreError if it fails."""

    async def watches(self) -> Mapping[str, str]:
        """Service -> the last persisted state of its watch."""
        ...

    async def write(self, step: WatchStep) -> WrittenStep:
        """Write a step of the watch, all or nothing."""
        ...

    async def outages(self, since: int) -> Sequence[Outage]:
        """Outages since `since` (epoch seconds) and open ones, including dismissed ones, oldest first."""
        ...

    async def purge(self, before: int) -> int:
        """Delete closed outages that began before `before`, and closed simulations; returns how many."""
        ...


class PostStore(Protocol):
    """The unfinished posts."""

    async def all(self) -> Sequence[Post]:
        """All of them, oldest first."""
        ...

    async def between(self, first: int, last: int) -> Sequence[Post]:
        """Those with ids from `first` to `last`, both included."""
        ...

    async def update(self, post_id: int, changed: Mapping[str, Any]) -> None:
        """Write some fields of a post; the fields that the watch writes stay unchanged."""
        ...

    async def delete(self, post: Post) -> None:
        """Delete a finished post."""
        ...


class Subscribers(Protocol):
    """The people who want to be notified when a service is back."""

    async def add(self, subscriber: Subscriber) -> None:
        """Subscribe, or change the place of the notification."""
        ...

    async def delete(self, user_id: int, service: str | None = None) -> int:
        """Unsubscribe from one service, or from all, and remove unsent calls. Returns the number of services."""
        ...

    async def of(self, user_id: int) -> Sequence[Subscriber]:
        """The subscriptions of a person."""
        ...

    async def purge(self, before: int) -> int:
        """Delete people who subscribed before `before` (epoch seconds); returns how many."""
        ...


class PostRefusedError(NotJustYouError):
    """Discord refuses a post: its channel or message does not exist (`gone`), or we lack a permission.

    `closed` is Discord's error code if it will refuse everything else in that channel as well.
    """

    def __init__(self, message: str, *, gone: bool = False, closed: int | None = None) -> None:
        super().__init__(message)
        self.gone = gone
        self.closed = closed


class PostUndeliveredError(NotJustYouError):
    """It failed, but may work later."""


class Notifier(Protocol):
    """Sends posts to their channels and people. Every call raises PostRefusedError or PostUndeliveredError."""

    @property
    def ready(self) -> bool:
        """Whether there is a connection to Discord."""
        ...

    async def find(self, post: Post) -> int | None:
        """The message id of a post that was attempted before, if it arrived."""
        ...

    async def send(self, post: Post, outage: Outage) -> int:
        """Send a post; returns the message's id."""
        ...

    async def edit(self, post: Post, outage: Outage) -> None:
        """Update an announcement."""
        ...

    async def open_thread(self, post: Post, outage: Outage) -> int:
        """Open the thread under an announcement, or find the existing one; returns its id."""
        ...

    async def close_thread(self, thread_id: int) -> None:
        """Close a thread; it can still be read."""
        ...


class WebhookStore(Protocol):
    """The outbox of webhook events. Every call raises StoreError if it fails."""

    async def waiting(self, receiver: str) -> Sequence[WebhookMessage]:
        """The events for a receiver, oldest first; if there are very many, only the oldest."""
        ...

    async def delete(self, delivery: WebhookMessage) -> None:
        """Delete an event that was delivered or dropped."""
        ...

    async def purge(self, before: int) -> int:
        """Delete events from before `before` (epoch seconds), whose receivers are no longer configured.

        Returns how many.
        """
        ...


class ReceiverFailedError(NotJustYouError):
    """A receiver did not accept a webhook; `gone` is true if it wants no more."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


class WebhookPoster(Protocol):
    """Sends webhooks."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a webhook once. Raises ReceiverFailedError."""
        ...


class HourCounts(Protocol):
    """Reports counted by hour, without people, for the charts of the month."""

    async def fold(self, first_hour: int, last_hour: int, services: Sequence[str]) -> None:
        """Count the reports of closed hours and store the counts; an hour without reports is stored as 0."""
        ...

    async def since(self, hour: int) -> Mapping[str, Mapping[int, int]]:
        """Service -> hour since the epoch -> reports."""
        ...

    async def purge(self, before_hour: int) -> int:
        """Delete hours before `before_hour`."""
        ...


class Pictures(Protocol):
    """Draws charts."""

    async def picture(self, chart: Chart, theme: Theme) -> bytes:
        """The chart as a PNG; the same chart need not be drawn twice."""
        ...
