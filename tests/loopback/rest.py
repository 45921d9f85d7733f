"""REST API v10: one entry (`Api.handle`) that applies faults, rate limits and the contract, then a handler by route."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson
from aiohttp import web

from . import limits
from .faults import CHANNEL_NAME_LIMIT, Fault
from .gateway import cut
from .model import EPHEMERAL, FORUMS, NEWS, NEWS_THREAD, THREAD, THREADS, V2, Channel, Guild, Message, Perm, build_message, iso, snowflake

if TYPE_CHECKING:
    from .people import Interaction
    from .world import Discord

log = logging.getLogger("loopback.rest")
ROUTES: dict[tuple[str, str], Callable[..., Any]] = {}
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
HOOK = "/webhooks/{webhook_id}/{webhook_token}"
MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
REACTION = MESSAGE + "/reactions/{emoji_name}"
COMMANDS = "/applications/{application_id}/commands"
GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"


class ApiError(Exception):
    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None):
        super().__init__(message)
        self.status, self.body = status, {"message": message, "code": code} | ({"errors": errors} if errors else {})


@dataclass
class Call:
    """One request as it came."""

    world: Discord
    method: str
    route: str  # the template, or the raw path when the API has no such route
    path: str
    at: float  # monotonic, when it was received
    params: dict[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 0
    ms: float = 0.0

    def id(self, name: str) -> int:
        value = self.params[name]
        if not value.isdigit():
            raise ApiError(400, 50035, "Invalid Form Body", {name: f'Value "{value}" is not snowflake.'})
        return int(value)

    def channel(self, *need: int) -> Channel:
        ch = self.world.channels.get(self.id("channel_id"))
        if ch is None:
            raise ApiError(404, 10003, "Unknown Channel")
        if ch.private:
            raise ApiError(403, 50001, "Missing Access")
        if ch.guild is None:
            if Perm.SEND_MESSAGES in need and ch.recipient.dms_closed:
                raise ApiError(403, 50007, "Cannot send messages to this user")
            return ch
        if ch.guild.id not in self.world.guilds:
            raise ApiError(403, 50001, "Missing Access")
        have = ch.guild.permissions(self.world.bot, ch)
        if not have & Perm.VIEW_CHANNEL:
            raise ApiError(403, 50001, "Missing Access")
        for p in need:
            p = Perm.SEND_MESSAGES_IN_THREADS if p == Perm.SEND_MESSAGES and ch.type in THREADS else p
            if not have & p:
                raise ApiError(403, 50013, "Missing Permissions")
        return ch

    def message(self, *need: int) -> Message:
        msg = self.channel(*need).messages.get(self.id("message_id"))
        if msg is None or msg.deleted:
            raise ApiError(404, 10008, "Unknown Message")
        return msg

    def guild(self) -> Guild:
        if (g := self.world.guilds.get(self.id("guild_id"))) is None:
            raise ApiError(404, 10004, "Unknown Guild")
        return g

    def hold_to(self, problems: limits.Problems) -> None:
        """Records the problems as violations and refuses the request."""
        found = list(problems)
        for where, what in found:
            self.world.violation(f"{self.method} {self.route}", f"{where}: {what}")
        if found:
            errors: dict[str, Any] = {w: {"_errors": [{"code": "BASE_TYPE", "message": m}]} for w, m in found}
            code = 50006 if "50006" in found[0][1] else 40005 if "40005" in found[0][1] else 50035
            raise ApiError(413 if code == 40005 else 400, code, "Invalid Form Body", errors)


def route(method: str, template: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def deco(fn: Callable[..., Any]) -> Callable[..., Any]:
        ROUTES[method, template] = fn
        return fn

    return deco


class Api:
    def __init__(self, world: Discord):
        self.world = world

    async def handle(self, request: web.Request) -> web.StreamResponse:
        world, at = self.world, time.monotonic()
        path = unquote(request.path.removeprefix("/api/v10"))
        matched = world.contract.match(request.raw_path.split("?")[0].removeprefix("/api/v10"))
        template, params = matched or (path, {})
        call = Call(
            world, request.method, template, path, at, {k: unquote(v) for k, v in params.items()}, request.query
        )
        world.requests.append(call)
        headers: dict[str, str] = {}
        try:
            fault = world.faults.strike(f"{call.method} {template}", f"{call.method} {path}")
            if fault and fault.delay:
                await asyncio.sleep(fault.delay)
            if fault and not fault.after_work and (answer := self._fail(fault, request, headers)) is not None:
                return self._done(call, answer)
            try:
                await self._read(call, request)
                self._limit(call, headers)
                self._contract(call)
                handler = ROUTES.get((call.method, template))
                if handler is None:
                    world.unimplemented.append(f"{call.method} {path}")
                    log.error("UNIMPLEMENTED ROUTE %s %s", call.method, path)
                    raise ApiError(404, 0, "404: Not Found")
                result = handler(call)
                status, body = result if isinstance(result, tuple) else (204 if result is None else 200, result)
                if world.check_self and matched:
                    world.self_violations += [
                        f"{call.method} {template}: {e}"
                        for e in world.contract.check_response(call.method, template, status, body)
                    ]
            except ApiError as e:
                status, body = e.status, e.body
                headers |= getattr(e, "headers", {})
                if status in (401, 403, 429):
                    world.invalid_requests.append(at)
            if fault and fault.after_work and (answer := self._fail(fault, request, headers)) is not None:
                return self._done(call, answer)
            raw = b"" if body is None else orjson.dumps(body)
            headers["Via"] = "1.1 google"
            return self._done(
                call,
                web.Response(
                    status=status, body=raw, headers=headers, content_type="application/json" if raw else "text/html"
                ),
            )
        except Exception:
            if request.transport is None:  # the sender was killed while sending
                return self._done(call, web.Response(status=499))
            world.self_violations.append(f"{call.method} {path}: the loopback server itself failed (see the log)")
            log.exception("%s %s", call.method, path)
            raise

    def _done(self, call: Call, response: web.Response) -> web.Response:
        call.status, call.ms = response.status, (time.monotonic() - call.at) * 1000
        return response

    def _fail(self, fault: Fault, request: web.Request, headers: dict[str, str]) -> web.Response | None:
        if fault.reset:
            cut(request.transport)
            return web.Response(status=500)
        if fault.retry_after is not None:
            body = {
                "message": "You are being rate limited.",
                "retry_after": fault.retry_after,
                "global": fault.scope == "global",
            }
            headers |= {
                "Retry-After": str(int(fault.retry_after + 0.999)),
                "X-RateLimit-Scope": fault.scope,
                "Via": "1.1 google",
            }
            headers |= (
                {"X-RateLimit-Global": "true"}
                if fault.scope == "global"
                else {
                    "X-RateLimit-Limit": "5",
                    "X-RateLimit-Remaining": "0",
                    "X-RateLimit-Reset-After": f"{fault.retry_after:.3f}",
                    "X-RateLimit-Reset": f"{time.time() + fault.retry_after:.3f}",
                    "X-RateLimit-Bucket": "fault",
                }
            )
            self.world.invalid_requests.append(time.monotonic())
            return web.Response(status=429, body=orjson.dumps(body), headers=headers, content_type="application/json")
        if fault.page is not None:
            return web.Response(status=fault.status or 200, text=fault.page, content_type=fault.page_type)
        if fault.status is not None:
            if fault.code:
                body = orjson.dumps({"message": "loopback fault", "code": fault.code})
                return web.Response(status=fault.status, body=body, content_type="application/json")
            return web.Response(
                status=fault.status, text=f"<html><h1>{fault.status}</h1></html>", content_type="text/html"
            )
        return None

    async def _read(self, call: Call, request: web.Request) -> None:
        open_route = call.route.startswith(("/interactions/", HOOK)) or call.route == "/gateway"
        if not open_route and request.headers.get("Authorization") != f"Bot {call.world.token}":
            raise ApiError(401, 0, "401: Unauthorized")
        if not open_route and not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            call.world.notices.append(f'{call.method} {call.route}: User-Agent is not "DiscordBot (url, version)"')
        if not request.can_read_body:
            return
        if request.content_type == "multipart/form-data":
            async for part in await request.multipart():
                if part.name == "payload_json":
                    call.body = orjson.loads(await part.read())
                else:
                    call.files[part.filename or part.name] = bytes(await part.read())
            call.body = call.body or {}
        elif raw := await request.read():
            try:
                call.body = orjson.loads(raw)
            except ValueError:
                raise ApiError(400, 50109, "The request body contains invalid JSON.") from None

    def _limit(self, call: Call, headers: dict[str, str]) -> None:
        buckets, key = call.world.buckets, (call.method, call.route)
        if not buckets.enabled:
            return
        if not call.route.startswith(("/interactions/", "/webhooks/")):
            left, after = buckets.take("global", buckets.global_limit, 1.0)
            if left < 0:
                self._refuse(call, after, {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"})
        major = call.params.get("channel_id") or call.params.get("webhook_token")
        if key in buckets.limits:
            limit, window = buckets.limits[key]
            left, after = buckets.take((key, major), limit, window)
            headers |= {
                "X-RateLimit-Limit": str(limit),
                "X-RateLimit-Remaining": str(max(left, 0)),
                "X-RateLimit-Bucket": f"{hash(key) & 0xFFFFFFFF:08x}",
                "X-RateLimit-Reset-After": f"{after:.3f}",
                "X-RateLimit-Reset": f"{time.time() + after:.3f}",
            }
            if left < 0:
                self._refuse(call, after, headers | {"X-RateLimit-Scope": "user"})
        if key == (
            "PATCH",
            "/channels/{channel_id}",
        ):  # further limits that no header shows (discord-api-docs issues 1900, 2208)
            for name in {"name", "topic"} & set(call.body or {}):
                left, after = buckets.take((key, major, name), *CHANNEL_NAME_LIMIT)
                if left < 0:
                    self._refuse(call, after, headers | {"X-RateLimit-Scope": "user"})

    def _refuse(self, call: Call, after: float, headers: dict[str, str]) -> None:
        call.world.rate_limited.append(f"{call.method} {call.path}")
        error = ApiError(429, 0, "You are being rate limited.")
        error.body = {
            "message": "You are being rate limited.",
            "retry_after": round(after, 3),
            "global": "X-RateLimit-Global" in headers,
        }
        error.headers = headers | {"Retry-After": str(int(after + 0.999))}
        raise error

    def _contract(self, call: Call) -> None:
        bad, notes = call.world.contract.check_request(call.method, call.route, call.query, call.body)
        call.world.notices += [f"{call.method} {call.route}: {n}" for n in notes]
        if bad and call.route in call.world.contract.paths:
            for b in bad:
                call.world.violation(f"{call.method} {call.route}", b)
            raise ApiError(400, 50035, "Invalid Form Body", {"_errors": [{"code": "SPEC", "message": b} for b in bad]})


# -- who am I ----------------------------------------------------------------------------------------------------------
@route("GET", "/users/@me")
def me(c: Call) -> Any:
    return c.world.bot.payload() | {
        "verified": True,
        "mfa_enabled": True,
        "email": None,
        "locale": "en-US",
        "premium_type": 0,
    }


@route("GET", "/users/{user_id}")
def user(c: Call) -> Any:
    if (u := c.world.users.get(c.id("user_id"))) is None:
        raise ApiError(404, 10013, "Unknown User")
    return u.payload()


@route("GET", "/applications/@me")
@route("GET", "/oauth2/applications/@me")
@route("PATCH", "/applications/@me")
def application(c: Call) -> Any:
    w, owner = c.world, c.world.owner
    return {
        "id": str(w.bot.id),
        "name": w.bot.name,
        "icon": None,
        "description": "",
        "type": None,
        "summary": "",
        "bot": w.bot.payload(),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": w.application_flags(),
        "hook": True,
        "max_participants": None,
        "tags": [],
        "owner": owner.payload(),
        "team": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": len(w.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "rpc_origins": [],
        "explicit_content_filter": 0,
        "flags_new": str(w.application_flags()),
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}},
    }


@route("GET", "/gateway")
def gateway(c: Call) -> Any:
    return {"url": c.world.gateway_url}


@route("GET", "/gateway/bot")
def gateway_bot(c: Call) -> Any:
    gw = c.world.gateway
    return {
        "url": c.world.gateway_url,
        "shards": gw.recommended_shards,
        "session_start_limit": gw.session_limit | {"max_concurrency": gw.max_concurrency},
    }


@route("GET", "/users/@me/guilds")
def my_guilds(c: Call) -> Any:
    after, limit = int(c.query.get("after", 0)), int(c.query.get("limit", 200))
    return [
        {
            "id": str(g.id),
            "name": g.name,
            "icon": None,
            "banner": None,
            "owner": False,
            "features": g.features,
            "permissions": str(g.permissions(c.world.bot)),
        }
        for g in c.world.guilds.values()
        if g.id > after
    ][:limit]


@route("POST", "/users/@me/channels")
def open_dm(c: Call) -> Any:
    if (u := c.world.users.get(int(c.body.get("recipient_id") or 0))) is None:
        raise ApiError(400, 50033, "Invalid Recipient(s)")
    return c.world.dm(u).payload()


# -- commands ----------------------------------------------------------------------------------------------------------
def _stored_command(c: Call, item: dict[str, Any], guild_id: int | None, old: dict[str, Any] | None) -> dict[str, Any]:
    perms = item.get("default_member_permissions")
    data = {
        "id": old["id"] if old else str(snowflake()),
        "application_id": str(c.world.bot.id),
        "version": str(snowflake()),
        "type": item.get("type") or 1,
        "name": item["name"],
        "name_localizations": item.get("name_localizations"),
        "description": item.get("description") or "",
        "description_localizations": item.get("description_localizations"),
        "default_member_permissions": None if perms is None else str(perms),
        "nsfw": bool(item.get("nsfw")),
        "contexts": item.get("contexts"),
        "integration_types": item.get("integration_types") or [0],
        "dm_permission": item.get("dm_permission", True),
    }
    if item.get("options"):
        data["options"] = item["options"]
    return data | ({"guild_id": str(guild_id)} if guild_id else {})


def _scope(c: Call) -> tuple[int | None, dict[str, dict[str, Any]]]:
    if c.id("application_id") != c.world.bot.id:
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
    guild_id = c.guild().id if "guild_id" in c.params else None
    return guild_id, c.world.commands.setdefault(guild_id, {})


def _count_creates(c: Call, guild_id: int | None, new: int) -> None:
    total = c.world.command_creates[guild_id] = c.world.command_creates.get(guild_id, 0) + new
    if total > 200:
        c.world.violation(f"{c.method} {c.route}", f"{total} commands created today (200 allowed, 30034)")
        raise ApiError(400, 30034, "Max number of daily application command creates has been reached (200)")


@route("GET", COMMANDS)
@route("GET", GUILD_COMMANDS)
def list_commands(c: Call) -> Any:
    return list(_scope(c)[1].values())


@route("PUT", COMMANDS)
@route("PUT", GUILD_COMMANDS)
def set_commands(c: Call) -> Any:
    guild_id, store = _scope(c)
    c.hold_to(limits.commands(c.body))
    old = {(x["type"], x["name"]): x for x in store.values()}
    _count_creates(c, guild_id, sum((i.get("type") or 1, i["name"]) not in old for i in c.body))
    fresh = [_stored_command(c, i, guild_id, old.get((i.get("type") or 1, i["name"]))) for i in c.body]
    store.clear()
    store.update({x["id"]: x for x in fresh})
    c.world.command_syncs.append((guild_id, len(fresh)))
    return fresh


@route("POST", COMMANDS)
@route("POST", GUILD_COMMANDS)
def add_command(c: Call) -> Any:
    guild_id, store = _scope(c)
    key = (c.body.get("type") or 1, c.body["name"])
    others = [x for x in store.values() if (x["type"], x["name"]) != key]
    old = next((x for x in store.values() if (x["type"], x["name"]) == key), None)
    c.hold_to(limits.commands([*others, c.body]))
    _count_creates(c, guild_id, old is None)
    data = _stored_command(c, c.body, guild_id, old)
    store[data["id"]] = data
    return (200 if old else 201), data


@route("GET", COMMANDS + "/{command_id}")
@route("PATCH", COMMANDS + "/{command_id}")
@route("DELETE", COMMANDS + "/{command_id}")
@route("GET", GUILD_COMMANDS + "/{command_id}")
@route("PATCH", GUILD_COMMANDS + "/{command_id}")
@route("DELETE", GUILD_COMMANDS + "/{command_id}")
def one_command(c: Call) -> Any:
    guild_id, store = _scope(c)
    if (old := store.get(c.params["command_id"])) is None:
        raise ApiError(404, 10063, "Unknown application command")
    if c.method == "DELETE":
        del store[old["id"]]
        return None
    if c.method == "PATCH":
        c.hold_to(limits.commands([old | c.body]))
        store[old["id"]] = old = _stored_command(c, old | c.body, guild_id, old)
    return old


# -- messages ----------------------------------------------------------------------------------------------------------
def _attachments(
    c: Call, channel: Channel, body: dict[str, Any], kept: list[dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    named = {str(a.get("id")): a for a in body.get("attachments") or []}
    out = [a for a in kept or [] if "attachments" not in body or a["id"] in named]
    for i, (name, blob) in enumerate(c.files.items()):
        aid, note = str(snowflake()), named.get(str(i), {})
        url = f"{c.world.url}/attachments/{channel.id}/{aid}/{name}"
        c.world.blobs[f"{channel.id}/{aid}/{name}"] = blob
        out.append(
            {"id": aid, "filename": name, "size": len(blob), "url": url, "proxy_url": url}
            | ({"description": note["description"]} if note.get("description") else {})
        )
    return out


def _edit(c: Call, msg: Message, body: dict[str, Any]) -> Message:
    flags = msg.data["flags"]
    if "flags" in body and body["flags"] is not None:
        flags = flags & (EPHEMERAL | V2) | int(body["flags"]) & ~EPHEMERAL
    merged = {k: body.get(k, msg.data[k]) for k in ("content", "embeds", "components")} | {
        "flags": flags,
        "allowed_mentions": body.get("allowed_mentions"),
    }
    kept = [a["filename"] for a in msg.attachments]
    c.hold_to(limits.message(body | merged, c.files, new=False, kept=kept))
    fresh = build_message(
        msg.channel, msg.author, merged, attachments=_attachments(c, msg.channel, body, msg.attachments)
    )
    msg.attachments = fresh.attachments
    msg.data |= {
        k: fresh.data[k]
        for k in ("content", "embeds", "components", "flags", "mentions", "mention_roles", "attachments")
    }
    msg.data["edited_timestamp"] = iso()
    msg.files |= c.files
    msg.history.append((time.monotonic(), msg.text))
    if not msg.ephemeral:
        c.world.tell_message("MESSAGE_UPDATE", msg)
    c.world.changed()
    return msg


@route("GET", MESSAGES)
def list_messages(c: Call) -> Any:
    ch = c.channel(Perm.READ_MESSAGE_HISTORY)
    ids = [i for i, m in ch.messages.items() if not m.deleted and not m.ephemeral]
    limit = int(c.query.get("limit", 50))
    if "after" in c.query:
        ids = [i for i in ids if i > int(c.query["after"])][:limit]
    else:
        ids = [i for i in ids if "before" not in c.query or i < int(c.query["before"])][-limit:]
    return [ch.messages[i].payload() for i in reversed(ids)]


@route("GET", MESSAGE)
def get_message(c: Call) -> Any:
    return c.message(Perm.READ_MESSAGE_HISTORY).payload()


@route("POST", MESSAGES)
def create_message(c: Call) -> Any:
    ch, body = c.channel(Perm.SEND_MESSAGES), c.body
    if ch.type in FORUMS:
        raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
    if ch.archived:
        if ch.locked and not ch.guild.permissions(c.world.bot, ch) & Perm.MANAGE_THREADS:
            raise ApiError(403, 50083, "Thread is archived")
        c.world.reopen(ch)
    elif ch.locked and not ch.guild.permissions(c.world.bot, ch) & Perm.MANAGE_THREADS:
        raise ApiError(403, 160005, "Thread is locked")
    if ch.guild:
        have = ch.guild.permissions(c.world.bot, ch)
        if (c.files and not have & Perm.ATTACH_FILES) or (body.get("embeds") and not have & Perm.EMBED_LINKS):
            raise ApiError(403, 50013, "Missing Permissions")
    c.hold_to(limits.message(body, c.files))
    ref = body.get("message_reference")
    if ref:
        target = ch.messages.get(int(ref["message_id"]))
        if target is None or target.deleted:
            if ref.get("fail_if_not_exists", True):
                raise ApiError(
                    400,
                    50035,
                    "Invalid Form Body",
                    {
                        "message_reference": {
                            "_errors": [{"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}]
                        }
                    },
                )
            body = {k: v for k, v in body.items() if k != "message_reference"}
        elif target.data["type"] not in {0, 19, 20, 23}:
            why = {"code": "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "message": "Cannot reply to a system message"}
            raise ApiError(400, 50035, "Invalid Form Body", {"message_reference": {"_errors": [why]}})
        elif ch.guild and not ch.guild.permissions(c.world.bot, ch) & Perm.READ_MESSAGE_HISTORY:
            raise ApiError(403, 160002, "Cannot reply without permission to read message history")
    if body.get("enforce_nonce") and body.get("nonce") is not None:
        for old in reversed(ch.messages.values()):
            if old.author is c.world.bot and old.data.get("nonce") == body["nonce"]:
                return old.payload()
    return c.world.post(
        build_message(ch, c.world.bot, body, files=c.files, attachments=_attachments(c, ch, body))
    ).payload()


@route("PATCH", MESSAGE)
def edit_message(c: Call) -> Any:
    msg = c.message()
    if msg.author is not c.world.bot:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    if msg.channel.archived:
        raise ApiError(403, 50083, "Thread is archived")
    return _edit(c, msg, c.body).payload()


@route("DELETE", MESSAGE)
def delete_message(c: Call) -> Any:
    msg = c.message()
    if msg.author is not c.world.bot:
        c.message(Perm.MANAGE_MESSAGES)
    c.world.remove(msg)


@route("GET", MESSAGES + "/pins")
def list_pins(c: Call) -> Any:
    ch = c.channel(Perm.READ_MESSAGE_HISTORY)
    return {
        "items": [{"pinned_at": m.data["timestamp"], "message": m.payload()} for m in ch.messages.values() if m.pinned],
        "has_more": False,
    }


@route("PUT", MESSAGES + "/pins/{message_id}")
@route("DELETE", MESSAGES + "/pins/{message_id}")
@route("PUT", "/channels/{channel_id}/pins/{message_id}")
@route("DELETE", "/channels/{channel_id}/pins/{message_id}")
def pin(c: Call) -> Any:
    msg = c.message(Perm.PIN_MESSAGES)
    msg.pinned = c.method == "PUT"
    c.world.tell_message("MESSAGE_UPDATE", msg)


@route("PUT", REACTION + "/@me")
def react(c: Call) -> Any:
    emoji = c.params["emoji_name"]
    msg = c.message(Perm.READ_MESSAGE_HISTORY)
    if not msg.reactions.get(emoji):  # joining a reaction needs no ADD_REACTIONS
        c.message(Perm.ADD_REACTIONS)
    if (":" in emoji and not emoji.rpartition(":")[2].isdigit()) or (emoji.isascii() and ":" not in emoji):
        raise ApiError(400, 10014, "Unknown Emoji")
    c.world.reaction(msg, c.world.bot, emoji, add=True)


@route("DELETE", REACTION + "/@me")
@route("DELETE", REACTION + "/{user_id}")
def unreact(c: Call) -> Any:
    other = "user_id" in c.params
    msg = c.message(*([Perm.MANAGE_MESSAGES] if other else []))
    c.world.reaction(msg, c.world.users[c.id("user_id")] if other else c.world.bot, c.params["emoji_name"], add=False)


@route("GET", REACTION)
def reactors(c: Call) -> Any:
    after, limit = int(c.query.get("after", 0)), int(c.query.get("limit", 25))
    msg, burst = c.message(), c.query.get("type") == "1"
    people = sorted(i for i in (msg.bursts if burst else msg.reactions).get(c.params["emoji_name"], []) if i > after)
    return [c.world.users[i].payload() for i in people[:limit]]


@route("POST", "/channels/{channel_id}/typing")
def typing(c: Call) -> Any:
    c.channel(Perm.SEND_MESSAGES)


# -- channels, threads, guilds -----------------------------------------------------------------------------------------
@route("GET", "/channels/{channel_id}")
def get_channel(c: Call) -> Any:
    return c.channel().payload()


@route("PATCH", "/channels/{channel_id}")
def edit_channel(c: Call) -> Any:
    ch = c.channel()
    c.channel(
        Perm.MANAGE_THREADS
        if ch.type in THREADS and ch.owner_id != c.world.bot.id
        else Perm.SEND_MESSAGES_IN_THREADS
        if ch.type in THREADS
        else Perm.MANAGE_CHANNELS
    )
    for key in ("name", "topic", "rate_limit_per_user", "archived", "locked"):
        if c.body.get(key) is not None:
            setattr(ch, key, c.body[key])
    c.world.gateway.emit("THREAD_UPDATE" if ch.type in THREADS else "CHANNEL_UPDATE", ch.payload(), ch.guild_id)
    return ch.payload()


@route("POST", "/channels/{channel_id}/threads")
@route("POST", MESSAGE + "/threads")
def start_thread(c: Call) -> Any:
    parent = c.channel(Perm.CREATE_PUBLIC_THREADS)
    kind = NEWS_THREAD if parent.type == NEWS else THREAD
    th = Channel(c.world, c.body["name"], kind, guild=parent.guild, parent=parent)
    th.owner_id = c.world.bot.id
    if "message_id" in c.params:
        th.id = c.message().id
    parent.guild.channels[th.id] = c.world.channels[th.id] = th
    c.world.gateway.emit("THREAD_CREATE", th.payload() | {"newly_created": True}, th.guild_id)
    return 201, th.payload()


@route("GET", "/guilds/{guild_id}")
def get_guild(c: Call) -> Any:
    g = c.guild()
    more = (
        {"approximate_member_count": g.member_count, "approximate_presence_count": 1}
        if c.query.get("with_counts") in ("1", "true")
        else {}
    )
    return g.rest_payload() | more


@route("GET", "/guilds/{guild_id}/channels")
def guild_channels(c: Call) -> Any:
    return [ch.payload() for ch in c.guild().channels.values() if ch.type not in THREADS]


@route("GET", "/guilds/{guild_id}/roles")
def guild_roles(c: Call) -> Any:
    return [r.payload() for r in c.guild().roles.values()]


@route("GET", "/guilds/{guild_id}/members/{user_id}")
def get_member(c: Call) -> Any:
    if (m := c.guild().members.get(c.id("user_id"))) is None:
        raise ApiError(404, 10007, "Unknown Member")
    return m.payload()


@route("GET", "/guilds/{guild_id}/members")
@route("GET", "/guilds/{guild_id}/members/search")
def members(c: Call) -> Any:
    after, limit, prefix = int(c.query.get("after", 0)), int(c.query.get("limit", 1)), c.query.get("query", "").lower()
    return [
        m.payload()
        for i, m in sorted(c.guild().members.items())
        if i > after and m.user.name.lower().startswith(prefix)
    ][:limit]


@route("DELETE", "/users/@me/guilds/{guild_id}")
def leave(c: Call) -> Any:
    c.world.remove_guild(c.guild())


# -- application emojis ------------------------------------------------------------------------------------------------
EMOJIS = "/applications/{application_id}/emojis"


@route("GET", EMOJIS)
def emojis(c: Call) -> Any:
    return {"items": list(c.world.emojis.values())}


@route("POST", EMOJIS)
def add_emoji(c: Call) -> Any:
    data = {
        "id": str(snowflake()),
        "name": c.body["name"],
        "roles": [],
        "user": c.world.bot.payload(),
        "require_colons": True,
        "managed": False,
        "animated": False,
        "available": True,
    }
    c.world.emojis[data["id"]] = data
    return 201, data


@route("GET", EMOJIS + "/{emoji_id}")
@route("PATCH", EMOJIS + "/{emoji_id}")
@route("DELETE", EMOJIS + "/{emoji_id}")
def one_emoji(c: Call) -> Any:
    if (data := c.world.emojis.get(c.params["emoji_id"])) is None:
        raise ApiError(404, 10014, "Unknown Emoji")
    if c.method == "DELETE":
        del c.world.emojis[data["id"]]
        return None
    return data.update(name=c.body.get("name", data["name"])) or data if c.method == "PATCH" else data


# -- interactions ------------------------------------------------------------------------------------------------------
AUTOMOD = "/guilds/{guild_id}/auto-moderation/rules"


def _managed(c: Call) -> Guild:
    if not (g := c.guild()).permissions(c.world.bot, None) & Perm.MANAGE_GUILD:
        raise ApiError(403, 50013, "Missing Permissions")
    return g


def _rule(c: Call) -> dict[str, Any]:
    rule = _managed(c).automod.get(c.id("rule_id"))
    if rule is None:
        raise ApiError(404, 10066, "Unknown Auto Moderation Rule")
    return rule


@route("GET", AUTOMOD)
def automod_rules(c: Call) -> Any:
    return list(_managed(c).automod.values())


@route("POST", AUTOMOD)
def create_automod_rule(c: Call) -> Any:
    g = _managed(c)
    c.hold_to(limits.automod(c.body))
    if sum(r["trigger_type"] == c.body["trigger_type"] for r in g.automod.values()) >= limits.AUTOMOD_KEYWORD_RULES:
        raise ApiError(400, 30032, "Maximum number of auto moderation rules reached")
    number = snowflake()
    g.automod[number] = {
        "id": str(number),
        "guild_id": str(g.id),
        "creator_id": str(c.world.bot.id),
        "exempt_roles": [],
        "exempt_channels": [],
        "enabled": False,
        **c.body,
    }
    return g.automod[number]


@route("GET", AUTOMOD + "/{rule_id}")
def automod_rule(c: Call) -> Any:
    return _rule(c)


@route("PATCH", AUTOMOD + "/{rule_id}")
def edit_automod_rule(c: Call) -> Any:
    rule = _rule(c)
    c.hold_to(limits.automod(c.body))
    rule.update(c.body)
    return rule


@route("DELETE", AUTOMOD + "/{rule_id}")
def delete_automod_rule(c: Call) -> None:
    del c.guild().automod[int(_rule(c)["id"])]


@route("POST", CALLBACK)
def callback(c: Call) -> Any:
    w, kind, data = c.world, c.body["type"], c.body.get("data") or {}
    inter = w.interactions.get(c.params["interaction_token"])
    if inter is None or inter.id != c.id("interaction_id"):
        raise ApiError(404, 10062, "Unknown interaction")
    if inter.acked_at is not None:
        w.violation("POST " + CALLBACK, f"{inter}: acknowledged twice (40060)")
        raise ApiError(400, 40060, "Interaction has already been acknowledged.")
    if c.at - inter.sent_at > w.ack_deadline:
        w.violation("POST " + CALLBACK, f"{inter}: acknowledged {c.at - inter.sent_at:.2f} s after it was sent (10062)")
        raise ApiError(404, 10062, "Unknown interaction")
    c.hold_to(limits.callback(kind, data, inter.type, inter.message is not None, c.files))
    if kind == 4:
        inter.response = _respond(c, inter, data)
    elif kind == 5:
        inter.deferred_flags = int(data.get("flags") or 0)
    elif kind == 7:
        inter.response = _edit(c, inter.message, data)
    elif kind == 6:
        inter.response = inter.message
    elif kind == 8:
        inter.choices = data.get("choices") or []
    elif kind == 9:
        inter.modal = data
    inter.acked_at, inter.ack_type, inter.ack_data = c.at, kind, data
    inter.ack.set_result(None)
    w.changed()
    if c.query.get("with_response", "").lower() not in ("1", "true"):
        return None
    answer: dict[str, Any] = {
        "interaction": {
            "id": str(inter.id),
            "type": inter.type,
            "response_message_loading": kind == 5,
            "response_message_ephemeral": bool(int(data.get("flags") or 0) & EPHEMERAL),
        }
    }
    if kind in (4, 7):
        answer["interaction"]["response_message_id"] = str(inter.response.id)
        answer["resource"] = {"type": kind, "message": inter.response.payload()}
    return answer


def _respond(c: Call, inter: Interaction, body: dict[str, Any]) -> Message:
    """A new message through an interaction."""
    msg = build_message(
        inter.channel,
        c.world.bot,
        body,
        type=20 if inter.type == 2 else 0,
        files=c.files,
        webhook=True,
        interaction=inter,
        attachments=_attachments(c, inter.channel, body),
    )
    inter.messages.append(msg)
    return c.world.post(msg)


def _live(c: Call) -> Interaction:
    inter = c.world.interactions.get(c.params["webhook_token"])
    if inter is None or c.id("webhook_id") != c.world.bot.id:
        raise ApiError(404, 10015, "Unknown Webhook")
    if c.at - inter.sent_at > c.world.token_lifetime:
        c.world.violation(
            f"{c.method} {c.route}", f"{inter}: its token is spent ({c.at - inter.sent_at:.0f} s old, 50027)"
        )
        raise ApiError(401, 50027, "Invalid Webhook Token")
    if inter.acked_at is None:
        c.world.violation(f"{c.method} {c.route}", f"{inter}: followed up before it was acknowledged (10015)")
        raise ApiError(404, 10015, "Unknown Webhook")
    return inter


def _filled(c: Call, inter: Interaction) -> None:
    """Records that the answer after the acknowledgement has come, or can no longer come."""
    inter.filled = True
    c.world.changed()


@route("POST", HOOK)
def follow_up(c: Call) -> Any:
    inter = _live(c)
    c.hold_to(limits.message(c.body, c.files))
    if inter.deferred and inter.response is None:  # the first follow-up fills the "thinking" message
        body = c.body | {"flags": int(c.body.get("flags") or 0) & ~EPHEMERAL | inter.deferred_flags & EPHEMERAL}
        inter.response = msg = _respond(c, inter, body)
    else:
        msg = _respond(c, inter, c.body)
    _filled(c, inter)
    return msg.payload()


def _hook_message(c: Call) -> tuple[Interaction, Message | None]:
    inter = _live(c)
    if "message_id" not in c.params or c.params["message_id"] == "@original":
        msg = inter.response
        if msg is None and not (inter.deferred and c.method == "PATCH"):
            raise ApiError(404, 10008, "Unknown Message")
    else:
        msg = next(
            (m for m in [*inter.messages, *([inter.message] if inter.message else [])] if m.id == c.id("message_id")),
            None,
        )
        if msg is None:
            raise ApiError(404, 10008, "Unknown Message")
    if msg is not None and msg.deleted:
        _filled(c, inter)  # no answer can come any more: somebody deleted the card before
        raise ApiError(404, 10008, "Unknown Message")
    return inter, msg


@route("GET", HOOK + "/messages/@original")
@route("GET", HOOK + "/messages/{message_id}")
def get_response(c: Call) -> Any:
    return _hook_message(c)[1].payload()


@route("PATCH", HOOK + "/messages/@original")
@route("PATCH", HOOK + "/messages/{message_id}")
def edit_response(c: Call) -> Any:
    inter, msg = _hook_message(c)
    if msg is None:  # the first edit fills a deferred answer
        c.hold_to(limits.message(c.body, c.files))
        body = c.body | {"flags": int(c.body.get("flags") or 0) & ~EPHEMERAL | inter.deferred_flags & EPHEMERAL}
        inter.response = msg = _respond(c, inter, body)
    else:
        _edit(c, msg, c.body)
    _filled(c, inter)
    return msg.payload()


@route("DELETE", HOOK + "/messages/@original")
@route("DELETE", HOOK + "/messages/{message_id}")
def delete_response(c: Call) -> Any:
    inter, msg = _hook_message(c)
    c.world.remove(msg)
    _filled(c, inter)
