"""Ports of the outages: how they are stored, announced and drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.core.chart import Chart, Theme
from bot.core.errors import NotJustYouError
from bot.core.outage_life import Outage
from bot.core.posts import Post
from bot.core.webhooks import Delivery


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person to be called when it is back: in a channel, or by direct message (`guild_id` 0).

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
    """What one step of the watch or of a simulation changed, to be written in one transaction.

    `watch` is the state of the watch as a document; `new` posts get their ids (and the outage's) from the store; of
    `changed` ones `pinged` and `reminded` are written. With `call`, subscribers of the scope become posts, and are
    deleted as subscribers.
    """

    service: str
    watch: str | None = None
    outage: Outage | None = None
    new: tuple[Post, ...] = ()
    changed: tuple[Post, ...] = ()
    call: bool = False
    deliveries: tuple[Delivery, ...] = ()
    """What receivers of webhooks are told of it."""
    was: str | None = None
    """What `watch` was before, as far as this process knows; checked where there is a fence."""
    fence: int | None = None
    """The lease under which this was decided; StoreError if another process holds it by now."""


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """A step as it was written: the outage and the new posts with their ids."""

    outage: Outage | None
    posts: tuple[Post, ...]


class OutageStore(Protocol):
    """Outages and the posts they call for. Every call raises StoreError when it could not be done."""

    async def watches(self) -> Mapping[str, str]:
        """Service -> the state of its watch as it was last written."""
        ...

    async def write(self, step: WatchStep) -> WrittenStep:
        """Write a step of the watch, all or nothing."""
        ...

    async def outages(self, since: int) -> Sequence[Outage]:
        """Outages that began after `since` (epoch seconds) or are still open, oldest first; dismissed ones too."""
        ...

    async def purge(self, before: int) -> int:
        """Delete closed outages that began before `before`, and closed simulations; returns how many."""
        ...


class PostStore(Protocol):
    """The posts that are not finished."""

    async def all(self) -> Sequence[Post]:
        """All of them, oldest first."""
        ...

    async def between(self, first: int, last: int) -> Sequence[Post]:
        """Those with ids from `first` to `last`, both included."""
        ...

    async def update(self, post_id: int, changed: Mapping[str, Any]) -> None:
        """Write some members of a post; those that the watch writes stay as they are."""
        ...

    async def drop(self, post: Post) -> None:
        """Delete a finished post."""
        ...


class Subscribers(Protocol):
    """Who wants to be called when it is back."""

    async def add(self, subscriber: Subscriber) -> None:
        """Subscribe, or change where to be called."""
        ...

    async def remove(self, user_id: int, service: str | None = None) -> int:
        """Unsubscribe from one service, or from all; returns from how many. Calls that are not sent yet go, too."""
        ...

    async def of(self, user_id: int) -> Sequence[Subscriber]:
        """What a person waits for."""
        ...

    async def purge(self, before: int) -> int:
        """Delete those who subscribed before `before` (epoch seconds); returns how many."""
        ...


class PostRefusedError(NotJustYouError):
    """Discord refuses this: the channel or message is `gone`, or we lack a permission.

    `closed` is Discord's error code where everything else in that channel will be refused, too.
    """

    def __init__(self, message: str, *, gone: bool = False, closed: int | None = None) -> None:
        super().__init__(message)
        self.gone = gone
        self.closed = closed


class PostUndeliveredError(NotJustYouError):
    """It failed now and may work later."""


class Notifier(Protocol):
    """Sends posts to where people read them. Every call raises PostRefusedError or PostUndeliveredError."""

    @property
    def ready(self) -> bool:
        """Whether there is a connection to Discord."""
        ...

    async def find(self, post: Post) -> int | None:
        """The message of a post that was attempted before, if it arrived."""
        ...

    async def send(self, post: Post, outage: Outage) -> int:
        """Send a post; returns the message's id."""
        ...

    async def edit(self, post: Post, outage: Outage) -> None:
        """Bring an announcement up to date."""
        ...

    async def open_thread(self, post: Post, outage: Outage) -> int:
        """Open the thread under an announcement, or find the one that is there; returns its id."""
        ...

    async def close_thread(self, thread_id: int) -> None:
        """Close a thread; it can still be read."""
        ...


class WebhookStore(Protocol):
    """The events that receivers of webhooks are still to be told. Every call raises StoreError."""

    async def waiting(self, receiver: str) -> Sequence[Delivery]:
        """Those for a receiver, oldest first; of very many only the oldest."""
        ...

    async def drop(self, delivery: Delivery) -> None:
        """Delete one that was told or given up."""
        ...

    async def purge(self, before: int) -> int:
        """Delete those from before `before` (epoch seconds), whose receivers are named no more; returns how many."""
        ...


class ReceiverFailedError(NotJustYouError):
    """A receiver did not take a webhook; `gone` says that it wants no more."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


class WebhookPoster(Protocol):
    """Sends webhooks."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send one, once. Raises ReceiverFailedError."""
        ...


class HourCounts(Protocol):
    """Reports counted by hour, without people: for the charts of the month."""

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
