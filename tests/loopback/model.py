"""The simulated world's data: users, guilds, channels, roles, messages, and their Discord JSON."""

from __future__ import annotations

import copy
import itertools
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .world import Discord

DISCORD_EPOCH_MS = 1420070400000
TEXT, DM, VOICE, CATEGORY, NEWS = 0, 1, 2, 4, 5  # of channels
NEWS_THREAD, THREAD, STAGE, FORUM, MEDIA = 10, 11, 13, 15, 16
THREADS, VOCAL, FORUMS = (NEWS_THREAD, THREAD, 12), (VOICE, STAGE), (FORUM, MEDIA)
THUMBNAIL, FILE = 11, 13  # of components
EPHEMERAL, V2 = 1 << 6, 1 << 15
ATTACHED = "attachment://"

# Values that Discord fills in if the bot leaves them out, by the component's type.
COMPONENT_DEFAULTS: dict[int, dict[str, Any]] = {
    **{kind: {"min_values": 1, "max_values": 1} for kind in (3, 5, 6, 7, 8)},  # selects
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"name": None, "size": None, "spoiler": False},
    14: {"spacing": 1, "divider": True},  # separator
    17: {"accent_color": None, "spoiler": False},  # container
}


class Perm:  # plain integers: an IntFlag costs microseconds at every `&`
    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    PIN_MESSAGES = 1 << 51


ALL_PERMS = (1 << 53) - 1
MEMBER_PERMS = (
    Perm.VIEW_CHANNEL
    | Perm.SEND_MESSAGES
    | Perm.EMBED_LINKS
    | Perm.ATTACH_FILES
    | Perm.ADD_REACTIONS
    | Perm.READ_MESSAGE_HISTORY
    | Perm.USE_EXTERNAL_EMOJIS
    | Perm.CONNECT
    | Perm.USE_APPLICATION_COMMANDS
    | Perm.CREATE_PUBLIC_THREADS
    | Perm.SEND_MESSAGES_IN_THREADS
)

_counter = itertools.count(1)
_guild_counter = itertools.count(1)


def snowflake() -> int:
    """A new id, always larger than the last, whose timestamp is now (within the counter's 12 bits)."""
    n = next(_counter)
    return ((int(time.time() * 1000) - DISCORD_EPOCH_MS + (n >> 12)) << 22) | (n & 0x3FFFFF)


def guild_snowflake() -> int:
    """Ids one millisecond apart, so that (id >> 22) % num_shards spreads guilds over the shards."""
    return (1_300_000_000 * 60 + next(_guild_counter)) << 22


def iso(t: float | None = None) -> str:
    return datetime.fromtimestamp(time.time() if t is None else t, UTC).isoformat()


class UserData:
    def __init__(self, world: Discord, name: str, *, bot: bool = False, id: int | None = None, locale: str = "en-US"):
        self.world, self.name, self.bot, self.id, self.locale = world, name, bot, id or snowflake(), locale
        self.dms_closed = False

    def payload(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": str(self.id),
            "username": self.name.lower().replace(" ", "_"),
            "discriminator": "0000" if self.bot else "0",
            "global_name": None if self.bot else self.name,
            "avatar": None,
            "public_flags": 0,
            "flags": 0,
            "accent_color": None,
            "banner": None,
            "avatar_decoration_data": None,
            "collectibles": None,
            "display_name_styles": None,
            "primary_guild": None,
            "clan": None,
        }
        if self.bot:
            data["bot"] = True
        return data

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def __repr__(self) -> str:
        return f"<User {self.name} {self.id}>"


class Role:
    def __init__(self, id: int, name: str, permissions: int, position: int, bot_id: int | None = None):
        self.id, self.name, self.permissions, self.position, self.bot_id = id, name, int(permissions), position, bot_id
        self.mentionable = False

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"

    def payload(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": str(self.id),
            "name": self.name,
            "description": None,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": self.bot_id is not None,
            "mentionable": self.mentionable,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }
        if self.bot_id:
            data["tags"] = {"bot_id": str(self.bot_id)}
        return data


class Member:
    def __init__(self, guild: Guild, user: UserData, roles: list[Role], nick: str | None = None):
        self.guild, self.user, self.roles, self.nick, self.joined_at = guild, user, roles, nick, iso()
        self.timed_out_until: str | None = None
        self.pending = False  # has not agreed to the server's rules yet

    def payload(self, *, user: bool = True, channel: Channel | None = None) -> dict[str, Any]:
        data: dict[str, Any] = {
            "roles": [str(r.id) for r in self.roles],
            "joined_at": self.joined_at,
            "nick": self.nick,
            "avatar": None,
            "banner": None,
            "avatar_decoration_data": None,
            "collectibles": None,
            "communication_disabled_until": self.timed_out_until,
            "premium_since": None,
            "pending": self.pending,
            "deaf": False,
            "mute": False,
            "flags": 0,
        }
        if user:
            data["user"] = self.user.payload()
        if channel is not None:
            data["permissions"] = str(self.guild.permissions(self.user, channel))
        return data


class Channel:
    def __init__(
        self,
        world: Discord,
        name: str | None,
        type: int = TEXT,
        *,
        guild: Guild | None = None,
        parent: Channel | None = None,
        recipient: UserData | None = None,
        topic: str | None = None,
        position: int = 0,
    ):
        self.world, self.id, self.name, self.type, self.guild = world, snowflake(), name, type, guild
        self.parent, self.recipient, self.topic, self.position = parent, recipient, topic, position
        self.overwrites: dict[int, tuple[int, int, int]] = {}  # id -> (0 role | 1 member, allow, deny)
        self.messages: dict[int, Message] = {}
        self.owner_id: int | None = None
        self.rate_limit_per_user = 0
        self.tags: dict[int, str] = {}  # of a forum; a post has some of them
        self.archived = self.locked = self.nsfw = False
        self.private = False  # a conversation between people, one of whom installed the bot

    @property
    def guild_id(self) -> int | None:
        return self.guild.id if self.guild else None

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    def deny(self, *perms: int, to: UserData | Role | None = None) -> None:
        """Takes permissions from the bot (or from `to`) in this channel, and sends the event."""
        self._overwrite(to, deny=sum(perms))

    def allow(self, *perms: int, to: UserData | Role | None = None) -> None:
        self._overwrite(to, allow=sum(perms))

    def _overwrite(self, to: UserData | Role | None, allow: int = 0, deny: int = 0) -> None:
        target = to or self.world.bot
        kind, a, d = self.overwrites.get(target.id, (0 if isinstance(target, Role) else 1, 0, 0))
        self.overwrites[target.id] = (kind, (a | allow) & ~deny, (d | deny) & ~allow)
        self.world.gateway.emit("CHANNEL_UPDATE", self.payload(), self.guild_id)

    def payload(self, partial: bool = False) -> dict[str, Any]:
        last = str(next(reversed(self.messages))) if self.messages else None
        if self.type == DM:
            return {
                "id": str(self.id),
                "type": DM,
                "last_message_id": last,
                "flags": 0,
                "recipients": [self.recipient.payload()],
            }
        data: dict[str, Any] = {
            "id": str(self.id),
            "type": self.type,
            "guild_id": str(self.guild.id),
            "name": self.name,
            "last_message_id": last,
            "flags": 0,
            "rate_limit_per_user": self.rate_limit_per_user,
            "parent_id": str(self.parent.id) if self.parent else None,
        }
        if self.type in THREADS:
            data |= {
                "owner_id": str(self.owner_id),
                "message_count": len(self.messages),
                "member_count": 1,
                "applied_tags": [str(tag) for tag in self.tags],
                "total_message_sent": len(self.messages),
                "thread_metadata": {
                    "archived": self.archived,
                    "locked": self.locked,
                    "auto_archive_duration": 1440,
                    "archive_timestamp": iso(),
                    "create_timestamp": iso(),
                },
            }
        else:
            data |= {
                "position": self.position,
                "nsfw": self.nsfw,
                "topic": self.topic,
                **({"bitrate": 64000, "user_limit": 0, "rtc_region": None} if self.type in VOCAL else {}),
                **({"available_tags": self._available_tags(), "default_sort_order": None} if self.type in FORUMS else {}),
                "permission_overwrites": [
                    {"id": str(i), "type": k, "allow": str(int(a)), "deny": str(int(d))}
                    for i, (k, a, d) in self.overwrites.items()
                ],
            }
        if partial:
            data["permissions"] = str(ALL_PERMS)
        return data

    def _available_tags(self) -> list[dict[str, Any]]:
        rest = {"moderated": False, "emoji_id": None, "emoji_name": None}
        return [{"id": str(tag), "name": name, **rest} for tag, name in self.tags.items()]

    def offer(self, tag: str) -> None:
        """Adds a tag for posts to a forum."""
        self.tags[snowflake()] = tag
        self.world.gateway.emit("CHANNEL_UPDATE", self.payload(), self.guild_id)

    def give(self, tag: str) -> None:
        """Adds one of its forum's tags to a post."""
        assert self.parent is not None
        self.tags |= {number: name for number, name in self.parent.tags.items() if name == tag}
        self.world.gateway.emit("THREAD_UPDATE", self.payload(), self.guild_id)

    def __repr__(self) -> str:
        return f"<Channel {self.name} {self.id}>"


class Guild:
    def __init__(
        self,
        world: Discord,
        name: str,
        *,
        locale: str = "en-US",
        channels: tuple[str, ...] | list[str] = (),
        bot_permissions: int = MEMBER_PERMS,
        member_count: int | None = None,
        owner: UserData | None = None,
        features: tuple[str, ...] = (),
    ):
        self.world, self.id, self.name, self.locale, self.features = (
            world,
            guild_snowflake(),
            name,
            locale,
            list(features),
        )
        self.everyone = Role(self.id, "@everyone", MEMBER_PERMS, 0)
        self.bot_role = Role(snowflake(), world.bot.name, bot_permissions, 1, bot_id=world.bot.id)
        self.roles = {r.id: r for r in (self.everyone, self.bot_role)}
        self.members: dict[int, Member] = {}
        self.channels: dict[int, Channel] = {}
        self.automod: dict[int, dict[str, Any]] = {}
        self.available, self._count = True, member_count
        self.alerts: Channel | None = None  # for moderators, in community servers
        self.commands_for_all: set[str] = set()  # commands that the server offers to every member, whatever permissions they require
        self.owner = owner or world.user(f"{name} owner")
        self._join(self.owner)
        self._join(world.bot, [self.bot_role])
        for n in channels:
            self._add_channel(n)

    @property
    def has_bot(self) -> bool:
        return self.world.bot.id in self.members

    # -- building ------------------------------------------------------------------------------------------------------
    def _join(self, user: UserData, roles: list[Role] | None = None, nick: str | None = None) -> Member:
        return self.members.setdefault(user.id, Member(self, user, roles or [], nick))

    def _add_channel(self, name: str, type: int = TEXT, **kw: Any) -> Channel:
        ch = Channel(self.world, name, type, guild=self, position=len(self.channels), **kw)
        self.channels[ch.id] = self.world.channels[ch.id] = ch
        return ch

    def channel(self, name: str = "general", type: int = TEXT, **kw: Any) -> Channel:
        """The channel of this name. If there is none, it is made and the event is sent."""
        for ch in self.channels.values():
            if ch.name == name and ch.type == type:
                return ch
        ch = self._add_channel(name, type, **kw)
        if type in THREADS:
            ch.owner_id = self.owner.id
            self.world.gateway.emit("THREAD_CREATE", ch.payload() | {"newly_created": True}, self.id)
        else:
            self.world.gateway.emit("CHANNEL_CREATE", ch.payload(), self.id)
        return ch

    def role(self, name: str, permissions: int = 0) -> Role:
        role = Role(snowflake(), name, permissions, len(self.roles))
        self.roles[role.id] = role
        self.world.gateway.emit("GUILD_ROLE_CREATE", {"guild_id": str(self.id), "role": role.payload()}, self.id)
        return role

    def join(self, user: UserData, *roles: Role, nick: str | None = None) -> Member:
        new = user.id not in self.members
        member = self._join(user, list(roles), nick)
        if new:
            self.world.gateway.emit("GUILD_MEMBER_ADD", member.payload() | {"guild_id": str(self.id)}, self.id)
        return member

    def permissions(self, user: UserData, channel: Channel | None = None) -> int:
        if user.id == self.owner.id:
            return ALL_PERMS
        member = self.members.get(user.id)
        roles = member.roles if member else []
        perms = self.everyone.permissions
        for r in roles:
            perms |= r.permissions
        if perms & Perm.ADMINISTRATOR:
            return ALL_PERMS
        if channel is not None and channel.type in THREADS:
            channel = channel.parent
        if channel is not None:
            steps = [[self.id], [r.id for r in roles], [user.id]]
            for ids in steps:
                found = [channel.overwrites[i] for i in ids if i in channel.overwrites]
                for _, _, deny in found:
                    perms &= ~deny
                for _, allow, _ in found:
                    perms |= allow
            if channel.type in VOCAL and not perms & Perm.CONNECT:
                perms &= ~(Perm.SEND_MESSAGES | Perm.READ_MESSAGE_HISTORY)  # the text in it is hidden, too
        return int(perms)

    # -- JSON ----------------------------------------------------------------------------------------------------------
    def rest_payload(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "description": None,
            "home_header": None,
            "splash": None,
            "discovery_splash": None,
            "features": self.features,
            "banner": None,
            "owner_id": str(self.owner.id),
            "application_id": None,
            "region": "deprecated",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "widget_enabled": False,
            "widget_channel_id": None,
            "verification_level": 0,
            "roles": [r.payload() for r in self.roles.values()],
            "default_message_notifications": 1,
            "mfa_level": 0,
            "explicit_content_filter": 0,
            "max_presences": None,
            "max_members": 25_000_000,
            "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25,
            "vanity_url_code": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": self.locale,
            "rules_channel_id": None,
            "safety_alerts_channel_id": str(self.alerts.id) if self.alerts else None,
            "public_updates_channel_id": None,
            "premium_progress_bar_enabled": False,
            "premium_progress_bar_enabled_user_updated_at": None,
            "nsfw": False,
            "nsfw_level": 0,
            "emojis": [],
            "stickers": [],
            "incidents_data": None,
        }

    @property
    def member_count(self) -> int:
        return self._count or len(self.members)

    def payload(self) -> dict[str, Any]:
        """GUILD_CREATE: as to a bot without the presence intent, `members` holds the bot alone."""
        bot = self.members[self.world.bot.id]
        plain = [c for c in self.channels.values() if c.type not in THREADS]
        return self.rest_payload() | {
            "joined_at": bot.joined_at,
            "large": self.member_count > 250,
            "unavailable": not self.available,
            "member_count": self.member_count,
            "voice_states": [],
            "members": [bot.payload()],
            "channels": [c.payload() for c in plain],
            "threads": [c.payload() for c in self.channels.values() if c.type in THREADS and not c.archived],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def __repr__(self) -> str:
        return f"<Guild {self.name} {self.id}>"


class Message:
    """A message in its present state; `history` holds (monotonic time, text) of each version."""

    def __init__(
        self,
        channel: Channel,
        author: UserData,
        data: dict[str, Any],
        attachments: list[dict[str, Any]],
        files: dict[str, bytes],
    ):
        self.channel, self.author, self.data, self.files = channel, author, data, files
        self.attachments = attachments  # including those shown in components, which are not in data['attachments']
        self.id = int(data["id"])
        self.reactions: dict[str, list[int]] = {}
        self.bursts: dict[str, list[int]] = {}  # super reactions, which are counted separately
        self.deleted = self.pinned = False
        self.created = time.monotonic()
        self.history: list[tuple[float, str]] = [(self.created, self.text)]

    content = property(lambda self: self.data["content"])
    embeds = property(lambda self: self.data["embeds"])
    components = property(lambda self: self.data["components"])
    ephemeral = property(lambda self: bool(self.data["flags"] & EPHEMERAL))
    reply_to = property(lambda self: int((self.data.get("message_reference") or {}).get("message_id") or 0) or None)
    pings = property(
        lambda self: (
            [m["id"] for m in self.data["mentions"]]
            + self.data["mention_roles"]
            + (["everyone"] if self.data["mention_everyone"] else [])
        )
    )

    @property
    def text(self) -> str:
        """All text that a reader sees: content, embeds, and text displays."""
        out = [self.content]
        for e in self.embeds:
            out += [e.get("author", {}).get("name", ""), e.get("title", ""), e.get("description", "")]
            out += [f"{f['name']}: {f['value']}" for f in e.get("fields", [])] + [
                (e.get("footer") or {}).get("text", "")
            ]
        out += [c["content"] for c in walk_components(self.components) if c.get("type") == 10]
        return "\n".join(t for t in out if t)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [c for c in walk_components(self.components) if c["type"] == 2]

    @property
    def selects(self) -> list[dict[str, Any]]:
        return [c for c in walk_components(self.components) if c["type"] in (3, 5, 6, 7, 8)]

    def payload(self) -> dict[str, Any]:
        data = dict(self.data, pinned=self.pinned)
        if stands := [e for e in self.reactions | self.bursts if self.reactions.get(e) or self.bursts.get(e)]:
            data["reactions"] = [self._reaction(e, self.reactions.get(e, []), self.bursts.get(e, [])) for e in stands]
        return data

    def _reaction(self, emoji: str, ordinary: list[int], bursts: list[int]) -> dict[str, Any]:
        bot = self.channel.world.bot.id
        return {
            "emoji": emoji_payload(emoji),
            "count": len(ordinary) + len(bursts),
            "count_details": {"burst": len(bursts), "normal": len(ordinary)},
            "burst_colors": ["#fb8c00"] if bursts else [],
            "me_burst": bot in bursts,
            "burst_me": bot in bursts,
            "burst_count": len(bursts),
            "me": bot in ordinary,
        }

    def __repr__(self) -> str:
        return f"<Message {self.id} by {self.author.name}: {self.text[:60]!r}>"


def walk_components(items: list[dict[str, Any]] | None) -> Iterator[dict[str, Any]]:
    for c in items or []:
        yield c
        yield from walk_components(c.get("components"))
        for key in ("component", "accessory"):
            if isinstance(c.get(key), dict):
                yield from walk_components([c[key]])


def media_of(component: dict[str, Any]) -> list[dict[str, Any]]:
    """The media of a thumbnail, of a file, or of each item of a gallery."""
    own = [component[key] for key in ("media", "file") if key in component]
    return own + [item["media"] for item in component.get("items", [])]


def emoji_payload(key: str) -> dict[str, Any]:
    """'👍' or 'name:id' -> the partial emoji object."""
    name, _, id = key.partition(":")
    return {"id": id, "name": name} if id.isdigit() else {"id": None, "name": key}


def build_message(
    channel: Channel,
    author: UserData,
    body: dict[str, Any],
    *,
    type: int = 0,
    files: dict[str, bytes] | None = None,
    webhook: bool = False,
    interaction: Any = None,
    attachments: list[dict[str, Any]] | None = None,
) -> Message:
    world, content, attachments = channel.world, body.get("content") or "", attachments or []
    components, shown = stored_components(body.get("components") or [], attachments)
    allowed = body.get("allowed_mentions")
    may_all = channel.guild is None or channel.guild.permissions(author, channel) & Perm.MENTION_EVERYONE
    parse = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or [])
    listed = {k: {int(i) for i in (allowed or {}).get(k) or []} for k in ("users", "roles")}
    text = content + " ".join(c["content"] for c in walk_components(body.get("components")) if c.get("type") == 10)
    users = [
        u
        for i in dict.fromkeys(re.findall(r"<@!?(\d+)>", text))
        if (u := world.users.get(int(i))) and ("users" in parse or u.id in listed["users"])
    ]
    roles = [
        i
        for i in dict.fromkeys(re.findall(r"<@&(\d+)>", text))
        if ("roles" in parse or int(i) in listed["roles"]) and (may_all or _is_mentionable(channel, int(i)))
    ]
    data: dict[str, Any] = {
        "id": str(snowflake()),
        "channel_id": str(channel.id),
        "type": type,
        "content": content,
        "tts": bool(body.get("tts")),
        "author": author.payload(),
        "timestamp": iso(),
        "edited_timestamp": None,
        "pinned": False,
        "mention_everyone": bool(may_all and "everyone" in parse and re.search("@(everyone|here)", text)),
        "mentions": [],
        "mention_roles": roles,
        "attachments": [a for a in attachments if a["id"] not in shown],
        "embeds": [e | {"type": "rich"} for e in body.get("embeds") or []],
        "components": components,
        "flags": int(body.get("flags") or 0),
    }
    if channel.guild and not webhook and author.id in channel.guild.members:
        data["member"] = channel.guild.members[author.id].payload(user=False)
    if body.get("nonce") is not None:
        data["nonce"] = body["nonce"]
    ref = body.get("message_reference")
    if ref:
        target = channel.messages.get(int(ref["message_id"]))
        data["type"] = 19
        data["message_reference"] = {"type": 0, "message_id": str(ref["message_id"]), "channel_id": str(channel.id)}
        if channel.guild:
            data["message_reference"]["guild_id"] = str(channel.guild.id)
        data["referenced_message"] = target.payload() if target else None
        if target and (allowed is None or allowed.get("replied_user")):
            users = list(dict.fromkeys([*users, target.author]))
    data["mentions"] = [u.payload() for u in users]
    if interaction is not None:
        data["application_id"] = data["webhook_id"] = str(world.bot.id)
        data["interaction_metadata"] = interaction.metadata()
    return Message(channel, author, data, attachments, files or {})


def _is_mentionable(channel: Channel, role_id: int) -> bool:
    role = channel.guild.roles.get(role_id) if channel.guild else None
    return role is not None and role.mentionable


def stored_components(
    items: list[dict[str, Any]], attachments: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], set[str]]:
    """The components as Discord gives them back (numbered, completed, files found), and the ids of the files shown."""
    items, by_name = copy.deepcopy(items), {ATTACHED + a["filename"]: a for a in attachments}
    taken = {c["id"] for c in walk_components(items) if c.get("id")}
    fresh = (i for i in itertools.count(1) if i not in taken)
    shown: set[str] = set()
    for c in walk_components(items):
        c |= COMPONENT_DEFAULTS.get(c["type"], {}) | c
        c["id"] = c.get("id") or next(fresh)
        for item in c.get("items", []):
            item |= COMPONENT_DEFAULTS[THUMBNAIL] | item
        for media in media_of(c):
            if found := by_name.get(media["url"]):
                media |= {"url": found["url"], "proxy_url": found["proxy_url"], "attachment_id": found["id"]}
                if c["type"] == FILE:
                    c |= {"name": found["filename"], "size": found["size"]}
            media |= {"id": str(snowflake()), "proxy_url": media["url"]} | media
            if "attachment_id" in media:
                shown.add(media["attachment_id"])
    return items, shown
