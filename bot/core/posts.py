"""Posts: the messages about an outage, each to be sent exactly once. Plain rules, without Discord.

A server's announcement is one message, which is edited; the other posts are sent once and never edited.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage, Phase
from bot.core.reports import HOUR

MOST_CALLED_AT_ONCE = 100
"""Discord lets a message mention at most this many people."""


class PostKind(StrEnum):
    """What a post is for."""

    ANNOUNCEMENT = "announcement"
    PING = "ping"
    """A mention of the chosen role, if the announcement was sent before the outage was certain."""
    REMINDER = "reminder"
    CALL = "call"
    """A mention of the people who asked to be notified when the service is back."""
    SUMMARY = "summary"
    """The last message in the thread, which is closed after it."""
    END = "end"
    """A line in the channel, without a notification, that it is over. For people who do not look at the thread."""
    REOPENED = "reopened"
    """A message in the thread when the service fails again. It reopens the thread."""


@dataclass(frozen=True, slots=True)
class Post:
    """One message. `id` is 0 until it is stored, and then also its nonce.

    `guild_id` 0 is a direct message to the one person in `people`. `attempted` is when sending was first tried: the
    message may have arrived without a record of it. If Discord refuses the message, it is None again. `pinged` and
    `reminded` belong to an announcement: whether the role was pinged, and when the server was last reminded.
    """

    outage_id: int
    kind: PostKind
    guild_id: int
    channel_id: int
    id: int = 0
    people: tuple[int, ...] = ()
    attempted: int | None = None
    message_id: int | None = None
    thread_id: int | None = None
    pinged: bool = False
    reminded: int | None = None
    lost: bool = False
    """Discord refuses the post (no permission, or no channel). It is not tried again in this channel."""

    @property
    def sent(self) -> bool:
        """Whether it is known to have been sent."""
        return self.message_id is not None

    @property
    def may_be_read(self) -> bool:
        """Whether it is an announcement whose message exists, or may exist because Discord's answer was lost."""
        return self.kind is PostKind.ANNOUNCEMENT and (self.sent or self.attempted is not None)


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes to store: new posts, and changed announcements."""

    new: tuple[Post, ...] = ()
    changed: tuple[Post, ...] = ()


def plan(outage: Outage, announced: Mapping[int, Post], audience: Mapping[int, GuildSettings]) -> Plan:
    """The posts that an outage needs now.

    `announced` are its newest announcements by server; `audience` are the servers to announce it in, with their
    settings.
    """
    new, changed = list[Post](), list[Post]()
    if outage.phase in {Phase.SUSPECTED, Phase.ON}:
        for guild_id, settings in audience.items():
            if settings.outage_channel is None or (outage.phase is Phase.SUSPECTED and not settings.outage_possible):
                continue
            before = announced.get(guild_id)
            if before is not None and not (before.lost and before.channel_id != settings.outage_channel):
                continue
            pinged = outage.phase is Phase.ON and settings.outage_role is not None and not outage.quiet
            new.append(Post(outage.id, PostKind.ANNOUNCEMENT, guild_id, settings.outage_channel, pinged=pinged))
    for guild_id, post in announced.items():
        settings = audience.get(guild_id)
        if not post.sent or post.lost or settings is None:
            continue
        later, update = _later(outage, post, settings)
        new.extend(later)
        if update != post:
            changed.append(update)
    return Plan(tuple(new), tuple(changed))


def summaries(outage: Outage, announced: Iterable[Post]) -> list[Post]:
    """The summaries in the threads of an outage that is over."""
    return _in_threads(PostKind.SUMMARY, outage, announced)


def ends(outage: Outage, announced: Mapping[int, Post], audience: Mapping[int, GuildSettings]) -> list[Post]:
    """The lines in the channels of servers that want to know when an outage is over."""
    return [
        Post(outage.id, PostKind.END, guild_id, post.channel_id)
        for guild_id, post in announced.items()
        if post.sent and not post.lost and (settings := audience.get(guild_id)) is not None and settings.outage_end
    ]


def reopenings(outage: Outage, announced: Iterable[Post]) -> list[Post]:
    """The messages in the threads of an outage that is reopened."""
    return _in_threads(PostKind.REOPENED, outage, announced)


def _in_threads(kind: PostKind, outage: Outage, announced: Iterable[Post]) -> list[Post]:
    return [Post(outage.id, kind, post.guild_id, post.thread_id) for post in announced if post.thread_id is not None]


def _later(outage: Outage, post: Post, settings: GuildSettings) -> tuple[list[Post], Post]:
    if outage.phase is not Phase.ON:
        return [], post
    new, place = list[Post](), post.thread_id or post.channel_id
    if settings.outage_role is not None and not post.pinged and not outage.quiet:
        new.append(Post(outage.id, PostKind.PING, post.guild_id, place))
        post = replace(post, pinged=True)
    last = post.reminded or outage.detected or outage.seen
    if settings.outage_reminder and outage.seen - last >= settings.outage_reminder * HOUR:
        new.append(Post(outage.id, PostKind.REMINDER, post.guild_id, place))
        post = replace(post, reminded=outage.seen)
    return new, post
