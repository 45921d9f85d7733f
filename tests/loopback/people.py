"""Users as actors: their actions in the Discord client, and the record of each interaction."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any

from tests.patience import PATIENCE

from .model import ALL_PERMS, EPHEMERAL, THREAD, Channel, Message, Role, UserData, build_message, iso, snowflake

if TYPE_CHECKING:
    from .world import Discord

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
DEFERRALS = (5, 6)  # "thinking…", and nothing to see yet
TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 4, 19, 21, 22, 23
_SIMPLE = {3: str, 4: int, 5: bool, 10: (int, float)}


class NotPossible(Exception):
    """The Discord client does not allow this action."""


class Interaction:
    def __init__(
        self,
        world: Discord,
        type: int,
        user: User,
        channel: Channel,
        data: dict[str, Any],
        *,
        message: Message | None = None,
        label: str = "",
        locale: str | None = None,
        opened_by: Interaction | None = None,
    ):
        self.world, self.type, self.user, self.channel, self.data, self.message = (
            world,
            type,
            user,
            channel,
            data,
            message,
        )
        self.opened_by = opened_by  # of a modal: the interaction it answered
        self.id, self.token, self.label, self.locale = (
            snowflake(),
            secrets.token_urlsafe(48),
            label,
            locale or user.locale,
        )
        self.sent_at, self.acked_at = time.monotonic(), None  # monotonic seconds
        self.ack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ack_type: int | None = None  # 4 message, 5 deferred, 6/7 update, 8 choices, 9 modal
        self.ack_data: dict[str, Any] = {}
        self.deferred_flags = 0
        self.filled = False  # a follow-up or an edit came after the acknowledgement, or was attempted on a deleted card
        self.response: Message | None = None  # the original response
        self.messages: list[Message] = []  # it and the follow-ups
        self.choices: list[dict[str, Any]] = []
        self.modal: dict[str, Any] | None = None

    deferred = property(lambda self: self.ack_type == 5)
    acked = property(lambda self: self.acked_at is not None)
    failed = property(lambda self: self.acked_at is None and time.monotonic() - self.sent_at > self.world.ack_deadline)
    followups = property(lambda self: [m for m in self.messages if m is not self.response])
    text = property(lambda self: self.response.text if self.response else "")

    @property
    def ack_ms(self) -> float | None:
        """Milliseconds from sending the event to the arrival of the callback."""
        return None if self.acked_at is None else (self.acked_at - self.sent_at) * 1000

    @property
    def ephemeral(self) -> bool:
        return self.response.ephemeral if self.response else bool(self.deferred_flags & EPHEMERAL)

    def owners(self) -> dict[str, str]:
        guild = self.channel.guild
        if self.channel.private or (guild and not guild.has_bot):
            return {"1": str(self.user.id)}
        return {"0": str(guild.id) if guild else "0"}

    def metadata(self) -> dict[str, Any]:
        data = {
            "id": str(self.id),
            "type": self.type,
            "user": self.user.payload(),
            "authorizing_integration_owners": self.owners(),
        }
        if self.type == COMPONENT:
            data["interacted_message_id"] = str(self.message.id)
        if self.opened_by is not None:
            data["triggering_interaction_metadata"] = self.opened_by.metadata()
        return data

    def payload(self) -> dict[str, Any]:
        ch, guild, w = self.channel, self.channel.guild, self.world
        data: dict[str, Any] = {
            "id": str(self.id),
            "application_id": str(w.bot.id),
            "type": self.type,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(ch.id),
            "channel": ch.payload(partial=True),
            "locale": self.locale,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": self.owners(),
            "context": _context(ch),
            "attachment_size_limit": 10 * 1024 * 1024,
            "app_permissions": str(guild.permissions(w.bot, ch) if guild else ALL_PERMS),
        }
        if guild:
            data |= {
                "guild_id": str(guild.id),
                "guild_locale": guild.locale,
                "member": guild.members[self.user.id].payload(channel=ch),
                "guild": {"id": str(guild.id), "locale": guild.locale, "features": guild.features},
            }
        else:
            data["user"] = self.user.payload()
        if self.message is not None:
            data["message"] = self.message.payload()
        return data

    async def wait_ack(self, timeout: float | None = None) -> Interaction:
        """Waits until it is acknowledged, or can no longer be."""
        await asyncio.wait([self.ack], timeout=timeout or self.world.ack_deadline + 0.5)
        return self

    async def wait_answer(self) -> Interaction:
        """Waits until it is answered. After a deferral, waits for the message or edit that follows."""
        await self.wait_ack()
        if self.ack_type in DEFERRALS:
            await self.world.until(lambda: self.filled, PATIENCE, f"what comes after the deferral of {self}")
        return self

    async def wait_response(self, timeout: float = PATIENCE) -> Message:
        """Waits for the bot's message (for a deferred answer: until it is filled)."""
        await self.world.until(lambda: self.response is not None, timeout)
        return self.response

    def __repr__(self) -> str:
        state = f"{self.ack_ms:.1f} ms" if self.acked else "not acknowledged"
        return f"<Interaction {self.label or self.type} ({state})>"


class User(UserData):
    """`await user.slash(channel, '500', service='x')` and so on. Every action returns once the bot has answered it."""

    # -- messages ------------------------------------------------------------------------------------------------------
    async def say(
        self,
        channel: Channel,
        text: str,
        *,
        reply_to: Message | None = None,
        embeds: list[dict[str, Any]] | None = None,
    ) -> Message:
        self._present(channel)
        if channel.archived:
            self.world.reopen(channel)
        body: dict[str, Any] = {"content": text, "embeds": embeds or []}
        if reply_to:
            body["message_reference"] = {"message_id": reply_to.id}
        return self.world.post(build_message(channel, self, body))

    async def start_post(
        self, forum: Channel, title: str, text: str, *, message_first: bool = False
    ) -> tuple[Channel, Message]:
        """A new post in a forum: a thread, and its first message, which has the thread's id.

        Discord promises no order of the two events; mostly the thread comes first.
        """
        self._present(forum)
        post = Channel(self.world, title, THREAD, guild=forum.guild, parent=forum)
        post.owner_id = self.id
        forum.guild.channels[post.id] = self.world.channels[post.id] = post
        first = build_message(post, self, {"content": text})
        first.id, first.data["id"] = post.id, str(post.id)
        if message_first:
            self.world.post(first)
        self.world.gateway.emit("THREAD_CREATE", post.payload() | {"newly_created": True}, post.guild_id)
        return post, first if message_first else self.world.post(first)

    async def notice(self, channel: Channel, text: str, kind: int) -> Message:
        """One of Discord's own messages about what this person did, such as 18: the name of a thread they started."""
        self._present(channel)
        return self.world.post(build_message(channel, self, {"content": text}, type=kind))

    async def forward(self, channel: Channel, message: Message) -> Message:
        """Forwards somebody's message, as a message without own text."""
        self._present(channel)
        forwarded = build_message(channel, self, {})
        forwarded.data |= {
            "flags": 1 << 14,
            "message_reference": {"type": 1, "message_id": str(message.id), "channel_id": str(message.channel.id)},
            "message_snapshots": [{"message": {"type": 0, "content": message.content, "embeds": [], "flags": 0}}],
        }
        return self.world.post(forwarded)

    async def start_poll(self, channel: Channel, question: str) -> Message:
        self._present(channel)
        poll = build_message(channel, self, {})
        answers = [{"answer_id": n, "poll_media": {"text": text}} for n, text in enumerate(("Yes", "No"), 1)]
        poll.data["poll"] = {
            "question": {"text": question},
            "answers": answers,
            "expiry": iso(time.time() + 3600),
            "allow_multiselect": False,
            "layout_type": 1,
            "results": {"is_finalized": False, "answer_counts": []},
        }
        return self.world.post(poll)

    async def say_through_a_webhook(self, channel: Channel, text: str) -> Message:
        """Posts a message through a webhook, like a bot that reposts people's messages."""
        message = build_message(channel, self, {"content": text}, webhook=True)
        message.data["webhook_id"] = message.data["author"]["id"]
        return self.world.post(message)

    async def edit(self, message: Message, text: str) -> None:
        message.data |= {
            k: v
            for k, v in build_message(message.channel, self, {"content": text}).data.items()
            if k in ("content", "mentions", "mention_roles")
        }
        message.data["edited_timestamp"] = message.data["timestamp"]
        self.world.tell_message("MESSAGE_UPDATE", message)

    async def delete(self, message: Message) -> None:
        self.world.remove(message)

    async def react(self, message: Message, emoji: str, *, burst: bool = False) -> None:
        """With `burst` it is a super reaction."""
        self._present(message.channel)
        self.world.reaction(message, self, emoji, add=True, burst=burst)

    async def unreact(self, message: Message, emoji: str, *, burst: bool = False) -> None:
        self.world.reaction(message, self, emoji, add=False, burst=burst)

    def dm(self) -> Channel:
        return self.world.dm(self)

    # -- commands ------------------------------------------------------------------------------------------------------
    async def slash(
        self,
        channel: Channel,
        name: str,
        options: dict[str, Any] | None = None,
        /,
        *,
        locale: str | None = None,
        wait: bool = True,
        **kw: Any,
    ) -> Interaction:
        """`name` may contain a group: 'report status'. Options are given by name; people, channels and roles as objects."""
        return await self._command(COMMAND, channel, name, {**(options or {}), **kw}, None, locale, wait)

    async def autocomplete(
        self, channel: Channel, name: str, focused: str, value: str, /, *, locale: str | None = None, **kw: Any
    ) -> Interaction:
        """Types `value` into the option `focused`. The answer's `.choices` are those of the bot."""
        return await self._command(AUTOCOMPLETE, channel, name, {**kw, focused: value}, focused, locale, True)

    async def menu(
        self,
        target: Message | UserData,
        name: str,
        channel: Channel | None = None,
        *,
        locale: str | None = None,
        wait: bool = True,
    ) -> Interaction:
        """A context menu command on a message or a person."""
        is_message = isinstance(target, Message)
        channel = target.channel if is_message else channel
        cmd = self.world.find_command(name, 3 if is_message else 2, channel)
        self._allowed(cmd, channel)
        resolved: dict[str, dict[str, Any]] = {}
        if is_message:
            resolved["messages"] = {str(target.id): target.payload()}
        else:
            self._resolve(target, channel, resolved)
        data = {
            "id": cmd["id"],
            "name": cmd["name"],
            "type": cmd["type"],
            "target_id": str(target.id),
            "resolved": resolved,
        }
        return await self._send(Interaction(self.world, COMMAND, self, channel, data, label=name, locale=locale), wait)

    async def _command(
        self,
        kind: int,
        channel: Channel,
        name: str,
        values: dict[str, Any],
        focused: str | None,
        locale: str | None,
        wait: bool,
    ) -> Interaction:
        words = name.lstrip("/").split()
        cmd = self.world.find_command(words[0], 1, channel)
        self._allowed(cmd, channel)
        node, path = cmd, []
        for word in words[1:]:
            node = next((o for o in node.get("options", []) if o["name"] == word and o["type"] in (1, 2)), None)
            if node is None:
                raise NotPossible(f"/{name}: there is no {word}")
            path.append(node)
        resolved: dict[str, dict[str, Any]] = {}
        leaf = self._options(name, node, values, focused, channel, resolved)
        for step in reversed(path):
            leaf = [{"name": step["name"], "type": step["type"], "options": leaf}]
        data: dict[str, Any] = {"id": cmd["id"], "name": cmd["name"], "type": 1}
        if cmd.get("guild_id"):
            data["guild_id"] = cmd["guild_id"]
        if leaf:
            data["options"] = leaf
        if resolved:
            data["resolved"] = resolved
        return await self._send(
            Interaction(self.world, kind, self, channel, data, label="/" + name, locale=locale), wait
        )

    def _options(
        self,
        name: str,
        node: dict[str, Any],
        values: dict[str, Any],
        focused: str | None,
        channel: Channel,
        resolved: dict[str, Any],
    ) -> list[dict[str, Any]]:
        known, out = {o["name"]: o for o in node.get("options") or []}, []
        if any(o["type"] in (1, 2) for o in known.values()):
            raise NotPossible(f"/{name} needs one of its subcommands: {list(known)}")
        if unknown := set(values) - set(known):
            raise NotPossible(f"/{name} has no option {sorted(unknown)} (it has {sorted(known)})")
        for o in known.values():
            if o["name"] not in values:
                if o.get("required") and focused is None:
                    raise NotPossible(f"/{name} requires {o['name']}")
                continue
            v, kind = values[o["name"]], o["type"]
            item: dict[str, Any] = {"name": o["name"], "type": kind, "value": v}
            if o["name"] == focused:
                if not o.get("autocomplete"):
                    raise NotPossible(f"/{name} {o['name']} has no autocomplete")
                item["focused"] = True
            elif isinstance(v, (UserData, Channel, Role)):
                item["value"] = str(v.id)
                self._resolve(v, channel, resolved)
            else:
                wanted = _SIMPLE.get(kind)
                if wanted and (not isinstance(v, wanted) or (kind != 5 and isinstance(v, bool))):
                    raise NotPossible(f"/{name} {o['name']}: {v!r} is no value of type {kind}")
                if o.get("choices") and v not in [c["value"] for c in o["choices"]]:
                    raise NotPossible(f"/{name} {o['name']}: {v!r} is not among the choices")
                size = len(v) if kind == 3 else v
                low, high = (
                    (o.get("min_length"), o.get("max_length"))
                    if kind == 3
                    else (o.get("min_value"), o.get("max_value"))
                )
                if kind != 5 and ((low is not None and size < low) or (high is not None and size > high)):
                    raise NotPossible(f"/{name} {o['name']}: {v!r} is out of range")
            out.append(item)
        return out

    def _resolve(self, it: UserData | Role | Channel, channel: Channel, resolved: dict[str, dict[str, Any]]) -> None:
        """Adds the data of the people, roles and channels in an interaction."""
        key = str(it.id)
        if isinstance(it, Role):
            resolved.setdefault("roles", {})[key] = it.payload()
        elif isinstance(it, Channel):
            resolved.setdefault("channels", {})[key] = it.payload(partial=True)
        else:
            resolved.setdefault("users", {})[key] = it.payload()
            if channel.guild and it.id in channel.guild.members:
                member = channel.guild.members[it.id].payload(user=False, channel=channel)
                resolved.setdefault("members", {})[key] = member

    def _allowed(self, cmd: dict[str, Any], channel: Channel) -> None:
        context = _context(channel)
        by_user = channel.private or (channel.guild and not channel.guild.has_bot)
        if by_user and 1 not in cmd["integration_types"]:
            raise NotPossible(f"{cmd['name']} is not offered to those who installed the app for themselves")
        if (cmd.get("contexts") is not None and context not in cmd["contexts"]) or (
            not channel.guild and cmd.get("dm_permission") is False
        ):
            raise NotPossible(f"{cmd['name']} is not offered in this context ({context})")
        need = cmd.get("default_member_permissions")
        if channel.guild:
            self._present(channel)
            have = channel.guild.permissions(self, channel)
            if cmd["name"] in channel.guild.commands_for_all:
                return
            if need is not None and (have & int(need) != int(need) or (int(need) == 0 and have != ALL_PERMS)):
                raise NotPossible(f"{cmd['name']} is not offered to {self.name}: it needs permissions {need}")

    # -- components ----------------------------------------------------------------------------------------------------
    async def click(
        self, message: Message | Interaction, which: str, *, locale: str | None = None, wait: bool = True
    ) -> Interaction:
        """Presses the button of that custom_id, label or emoji."""
        message = message.response if isinstance(message, Interaction) else message
        for b in message.buttons:
            if which in (b.get("custom_id"), b.get("label"), (b.get("emoji") or {}).get("name")):
                if b.get("disabled") or b["style"] == 5:
                    raise NotPossible(f"the button {which!r} is disabled or a link")
                data = {"custom_id": b["custom_id"], "component_type": 2, "id": b["id"]}
                return await self._component(message, data, which, locale, wait)
        raise NotPossible(
            f"no button {which!r} among {[b.get('label') or b.get('custom_id') for b in message.buttons]}"
        )

    async def select(
        self,
        message: Message | Interaction,
        which: str | None,
        values: list[Any],
        *,
        locale: str | None = None,
        wait: bool = True,
    ) -> Interaction:
        """Chooses values (or labels) in the select with this custom_id or prefix (None: the only one)."""
        message = message.response if isinstance(message, Interaction) else message
        for s in message.selects:
            if which in (None, s["custom_id"], s.get("placeholder")) or s["custom_id"].startswith(f"{which}:"):
                if s.get("disabled"):
                    raise NotPossible(f"the select {s['custom_id']!r} is disabled")
                resolved: dict[str, dict[str, Any]] = {}
                chosen = self._choose(s, values, message.channel, resolved)
                data = {"custom_id": s["custom_id"], "component_type": s["type"], "id": s["id"], "values": chosen}
                if resolved:
                    data["resolved"] = resolved
                return await self._component(message, data, s["custom_id"], locale, wait)
        raise NotPossible(f"no select {which!r}")

    async def forge(self, message: Message | Interaction, custom_id: str) -> Interaction:
        """Presses a button that may not be on the message, as with an old card or a modified client."""
        message = message.response if isinstance(message, Interaction) else message
        return await self._component(
            message, {"custom_id": custom_id, "component_type": 2, "id": 1}, custom_id, None, True
        )

    async def _component(
        self, message: Message, data: dict[str, Any], label: str, locale: str | None, wait: bool
    ) -> Interaction:
        if message.deleted:
            raise NotPossible("the message is gone")
        return await self._send(
            Interaction(
                self.world, COMPONENT, self, message.channel, data, message=message, label=f"[{label}]", locale=locale
            ),
            wait,
        )

    async def submit_modal(
        self, opened: Interaction, values: dict[str, Any], *, locale: str | None = None, wait: bool = True
    ) -> Interaction:
        """Fills the modal that answered `opened`: fields by custom_id or label. A field that is left out keeps its preset.

        Of a select or checkbox group: a list of values or labels (of people, roles, channels). Of a radio group: one.
        """
        if opened.modal is None:
            raise NotPossible(f"{opened} opened no modal")
        rows, left = [], dict(values)
        resolved: dict[str, dict[str, Any]] = {}
        for n, row in enumerate(opened.modal["components"], 1):
            answer = {"type": row["type"], "id": row.get("id") or n}
            if row["type"] != 10:  # a text display holds no field
                field = row.get("component") or row["components"][0]
                given = left.pop(field["custom_id"], left.pop(row.get("label") or field.get("label"), _preset(field)))
                filled = {"type": field["type"], "custom_id": field["custom_id"], "id": field.get("id") or n + 50}
                filled |= self._fill(field, given, opened.channel, resolved)
                answer |= {"component": filled} if row["type"] == 18 else {"components": [filled]}
            rows.append(answer)
        if left:
            raise NotPossible(f"the modal has no fields {sorted(left)}")
        data = {"custom_id": opened.modal["custom_id"], "components": rows}
        if resolved:
            data["resolved"] = resolved
        return await self._send(
            Interaction(
                self.world,
                MODAL,
                self,
                opened.channel,
                data,
                message=opened.message,
                label=f"modal {opened.modal['title']}",
                locale=locale or opened.locale,
                opened_by=opened,
            ),
            wait,
        )

    def _fill(
        self, field: dict[str, Any], given: Any, channel: Channel, resolved: dict[str, dict[str, Any]]
    ) -> dict[str, Any]:
        """The value that a modal's field sends for `given`."""
        kind, name = field["type"], field["custom_id"]
        if kind == CHECKBOX:
            return {"value": bool(given)}
        if not given:
            if field.get("required") is not False:
                raise NotPossible(f"the field {name!r} is required")
            return {"value": ""} if kind == TEXT_INPUT else {"value": None} if kind == RADIO_GROUP else {"values": []}
        if kind == TEXT_INPUT:
            low, high = field.get("min_length") or 0, field.get("max_length") or 4000
            if not low <= len(given) <= high:
                raise NotPossible(f"the field {name!r} takes {low}-{high} characters")
            return {"value": given}
        if kind == RADIO_GROUP:
            return {"value": self._choose(field, [given], channel, resolved)[0]}
        if kind == FILE_UPLOAD:
            raise NotPossible(f"the field {name!r} takes a file, which this server does not model")
        return {"values": self._choose(field, given, channel, resolved)}

    def _choose(
        self, field: dict[str, Any], values: list[Any], channel: Channel, resolved: dict[str, dict[str, Any]]
    ) -> list[str]:
        """The values that a select, radio or checkbox group sends for the chosen ones."""
        if "options" in field:
            by = {o[key]: o["value"] for key in ("label", "value") for o in field["options"]}
            if missing := [v for v in values if v not in by]:
                raise NotPossible(f"not among the options: {missing}")
            chosen = [by[v] for v in values]
        else:
            chosen = [str(v.id) for v in values]
            kinds = field.get("channel_types")
            if wrong := [v for v in values if kinds and isinstance(v, Channel) and v.type not in kinds]:
                raise NotPossible(f"the menu does not offer channels of the kind of {wrong}")
            for v in values:
                self._resolve(v, channel, resolved)
        low, high = field.get("min_values"), field.get("max_values")
        low = 1 if low is None else low
        high = high or (len(field["options"]) if field["type"] == CHECKBOX_GROUP else 1)
        if not low <= len(chosen) <= high:
            raise NotPossible(f"{len(chosen)} values chosen; {low}-{high} are allowed")
        return chosen

    # -- the rest ------------------------------------------------------------------------------------------------------
    def _present(self, channel: Channel) -> None:
        if channel.guild and self.id not in channel.guild.members:
            channel.guild._join(self)

    async def _send(self, inter: Interaction, wait: bool) -> Interaction:
        self._present(inter.channel)
        self.world.interactions[inter.token] = inter
        if not self.world.gateway.emit(
            "INTERACTION_CREATE",
            inter.payload(),
            inter.channel.guild_id,
            lambda: setattr(inter, "sent_at", time.monotonic()),
        ):
            raise NotPossible("no bot is connected to hear this")
        return await inter.wait_answer() if wait else inter


def _context(channel: Channel) -> int:
    """A server, the bot's direct messages, or a private channel of others."""
    return 2 if channel.private else 0 if channel.guild else 1


def _preset(field: dict[str, Any]) -> Any:
    """The preset value of a modal's field."""
    if field["type"] == TEXT_INPUT:
        return field.get("value")
    if field["type"] == CHECKBOX:
        return field.get("default")
    chosen = [o["value"] for o in field.get("options", []) if o.get("default")]
    return next(iter(chosen), None) if field["type"] == RADIO_GROUP else chosen
