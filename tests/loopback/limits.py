"""Rules that Discord enforces but that are not in its OpenAPI document. Each check yields (field path, problem)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from .model import ATTACHED, EPHEMERAL, V2, media_of, walk_components

Problems = Iterator[tuple[str, str]]
LOCALES = set(
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th "
    "zh-CN ja zh-TW ko ar he".split()
)
INTERACTION_FLAGS = EPHEMERAL | V2 | 1 << 2 | 1 << 12  # + SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS
SELECTS = (3, 5, 6, 7, 8)
OPTION_COUNTS = {3: (1, 25), 21: (2, 10), 22: (1, 10)}  # of a string select, a radio group, a checkbox group


def message(body: dict[str, Any], files: dict[str, bytes], *, new: bool = True, kept: Iterable[str] = ()) -> Problems:
    """`new`: the message must not be empty (an edit may be). `kept`: names of the files that it already had."""
    content, embeds, components = body.get("content") or "", body.get("embeds") or [], body.get("components") or []
    flags = int(body.get("flags") or 0)
    if len(content) > 2000:
        yield "content", f"Must be 2000 or fewer in length (has {len(content)})."
    if len(embeds) > 10:
        yield "embeds", "Must be 10 or fewer in length."
    yield from embed_limits(embeds)
    yield from component_limits(components, v2=bool(flags & V2))
    for media in (m for c in walk_components(components) for m in media_of(c)):
        name = media["url"].removeprefix(ATTACHED)
        if media["url"].startswith(ATTACHED) and name not in {*files, *kept}:
            yield "components", f"Referenced attachment was not found: {name}"
    if flags & V2 and (content or embeds or body.get("poll") or body.get("sticker_ids")):
        yield "content", "The IS_COMPONENTS_V2 flag allows no content, embeds, stickers or poll."
    if new and not (content.strip() or embeds or components or files or body.get("sticker_ids") or body.get("poll")):
        yield "content", "Cannot send an empty message (50006)."
    if sum(map(len, files.values())) > 10 * 1024 * 1024:
        yield "files", "Request entity too large (40005): more than 10 MiB."
    mentions = body.get("allowed_mentions") or {}
    for kind in ("users", "roles"):
        if kind in (mentions.get("parse") or []) and mentions.get(kind):
            yield "allowed_mentions", f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'


AUTOMOD_KEYWORD_RULES = 6
KEYWORD, BLOCK, ALERT = 1, 1, 2


def automod(body: dict[str, Any]) -> Problems:
    """A keyword rule: at most 1000 keywords of 60 letters; an alert needs a channel."""
    keywords = body.get("trigger_metadata", {}).get("keyword_filter", [])
    if body.get("trigger_type", KEYWORD) == KEYWORD and "trigger_metadata" in body and not 0 < len(keywords) <= 1000:
        yield "trigger_metadata.keyword_filter", "Must be between 1 and 1000 in length."
    for number, keyword in enumerate(keywords):
        if not 0 < len(keyword) <= 60:
            yield f"trigger_metadata.keyword_filter[{number}]", "Must be between 1 and 60 in length."
    if "actions" in body and not body["actions"]:
        yield "actions", "This field is required"
    for number, action in enumerate(body.get("actions", [])):
        if action["type"] == ALERT and not action.get("metadata", {}).get("channel_id"):
            yield f"actions[{number}].metadata.channel_id", "This field is required"


def embed_limits(embeds: list[dict[str, Any]]) -> Problems:
    total = 0
    for i, e in enumerate(embeds):
        parts = [
            ("title", e.get("title"), 256),
            ("description", e.get("description"), 4096),
            ("footer.text", (e.get("footer") or {}).get("text"), 2048),
            ("author.name", (e.get("author") or {}).get("name"), 256),
        ]
        fields = e.get("fields") or []
        if len(fields) > 25:
            yield f"embeds.{i}.fields", "Must be 25 or fewer in length."
        for n, f in enumerate(fields):
            parts += [(f"fields.{n}.name", f.get("name"), 256), (f"fields.{n}.value", f.get("value"), 1024)]
            for key in ("name", "value"):
                if not (f.get(key) or "").strip():
                    yield f"embeds.{i}.fields.{n}.{key}", "This field is required."
        for path, text, limit in parts:
            total += len(text or "")
            if len(text or "") > limit:
                yield f"embeds.{i}.{path}", f"Must be {limit} or fewer in length (has {len(text or '')})."
        if not any(e.get(k) for k in ("title", "description", "fields", "footer", "author", "image", "thumbnail")):
            yield f"embeds.{i}", "The embed is empty."
        for path, url in (
            ("url", e.get("url")),
            ("image", (e.get("image") or {}).get("url")),
            ("thumbnail", (e.get("thumbnail") or {}).get("url")),
        ):
            if url and not url.startswith(("http://", "https://", "attachment://")):
                yield f"embeds.{i}.{path}", f"Not a well formed URL: {url[:80]!r}"
    if total > 6000:
        yield "embeds", f"Embed size exceeds maximum size of 6000 (has {total})."


def component_limits(components: list[dict[str, Any]], *, v2: bool) -> Problems:
    every = list(walk_components(components))
    if v2 and len(every) > 40:
        yield "components", f"Must be 40 or fewer components (has {len(every)})."
    if v2 and (size := sum(len(c.get("content") or "") for c in every if c.get("type") == 10)) > 4000:
        yield "components", f"The text displays may hold 4000 characters together (have {size})."
    if not v2 and len(components) > 5:
        yield "components", "Must be 5 or fewer in length."
    if not v2 and (other := {c["type"] for c in components} - {1}):
        yield "components", f"Types {sorted(other)} at the top need the IS_COMPONENTS_V2 flag."
    seen: set[str] = set()
    for c in every:
        kind, where = c.get("type"), f"components[{c.get('custom_id') or c.get('label') or c.get('type')}]"
        if kind == 1:
            kinds = [x.get("type") for x in c.get("components", [])]
            if not kinds or len(kinds) > 5 or (len(kinds) > 1 and any(k in SELECTS for k in kinds)):
                yield where, f"A row takes 1-5 buttons or one select (has types {kinds})."
        custom_id = c.get("custom_id")
        if custom_id is not None:
            if not 1 <= len(custom_id) <= 100:
                yield where + ".custom_id", f"Must be between 1 and 100 in length (has {len(custom_id)})."
            if custom_id in seen:
                yield where + ".custom_id", f"Component custom id cannot be duplicated: {custom_id}"
            seen.add(custom_id)
        if kind == 2:
            style = c.get("style")
            if (style == 5 and (not c.get("url") or custom_id is not None)) or (
                style in (1, 2, 3, 4) and custom_id is None
            ):
                yield where, "A link button takes a url and no custom_id; the others the reverse."
            if style != 6 and not (c.get("label") or c.get("emoji")):
                yield where, "A button needs a label or an emoji."
            if len(c.get("label") or "") > 80:
                yield where + ".label", "Must be 80 or fewer in length."
        if kind in SELECTS and len(c.get("placeholder") or "") > 150:
            yield where + ".placeholder", "Must be 150 or fewer in length."
        if kind in OPTION_COUNTS:
            yield from (
                (where + ".options", what) for what in option_limits(c.get("options") or [], *OPTION_COUNTS[kind])
            )


def option_limits(options: list[dict[str, Any]], low: int, high: int) -> Iterator[str]:
    if not low <= len(options) <= high:
        yield f"Must be between {low} and {high} in length (has {len(options)})."
    if len({o.get("value") for o in options}) != len(options):
        yield "Option values must be unique."
    for o in options:
        if any(len(o.get(k) or "") > 100 for k in ("label", "value", "description")) or not o.get("label"):
            yield f"Label, value and description take 1-100 characters: {o.get('label')!r}"


def modal(data: dict[str, Any]) -> Problems:
    rows = data.get("components") or []
    if not 1 <= len(data.get("title") or "") <= 45:
        yield "data.title", "Must be between 1 and 45 in length."
    if not 1 <= len(data.get("custom_id") or "") <= 100:
        yield "data.custom_id", "Must be between 1 and 100 in length."
    if not 1 <= len(rows) <= 5:
        yield "data.components", f"Must be between 1 and 5 in length (has {len(rows)})."
    for c in walk_components(rows):
        if c.get("type") == 18 and (not 1 <= len(c.get("label") or "") <= 45 or len(c.get("description") or "") > 100):
            yield "data.components.label", f"A label takes 1-45 characters, its description 100: {c.get('label')!r}"
        if c.get("type") == 4:
            if c.get("label") is not None and not 1 <= len(c["label"]) <= 45:
                yield "data.components.label", f"Must be between 1 and 45 in length: {c['label']!r}"
            if len(c.get("placeholder") or "") > 100 or len(c.get("value") or "") > 4000:
                yield "data.components", "A placeholder takes 100 characters, a value 4000."
    yield from (
        (p, m) for p, m in component_limits(rows, v2=False) if "IS_COMPONENTS_V2" not in m and "A row takes" not in m
    )


def choices(data: dict[str, Any]) -> Problems:
    items = data.get("choices") or []
    if len(items) > 25:
        yield "data.choices", "Must be 25 or fewer in length."
    for c in items:
        if not 1 <= len(c.get("name") or "") <= 100 or (isinstance(c.get("value"), str) and len(c["value"]) > 100):
            yield "data.choices", f"Names take 1-100 characters, values up to 100: {c.get('name')!r}"


def _slash_name(name: str) -> bool:
    ok = all(
        ch in "-_'"
        or unicodedata.category(ch)[0] in "LN"
        or "DEVANAGARI" in unicodedata.name(ch, "")
        or "THAI" in unicodedata.name(ch, "")
        for ch in name
    )
    return ok and 1 <= len(name) <= 32 and name == name.lower()


def commands(items: list[dict[str, Any]]) -> Problems:
    seen: set[tuple[int, str]] = set()
    counts: dict[int, int] = {}
    for c in items:
        kind, name = c.get("type") or 1, c.get("name") or ""
        counts[kind] = counts.get(kind, 0) + 1
        if (kind, name) in seen:
            yield name, "Application command names must be unique (50035)."
        seen.add((kind, name))
        yield from _node(c, name, slash=kind == 1)
        if kind != 1 and (c.get("description") or c.get("options")):
            yield name, "Context menu commands take no description and no options."
        if (size := _weight(c)) > 8000:
            yield name, f"A command may hold 8000 characters in names, descriptions and values (has {size})."
    for kind, limit in ((1, 100), (2, 15), (3, 15)):
        if counts.get(kind, 0) > limit:
            yield "commands", f"At most {limit} commands of type {kind} (has {counts[kind]})."


def _node(c: dict[str, Any], path: str, *, slash: bool) -> Problems:
    names = {"": c.get("name") or ""} | (c.get("name_localizations") or {})
    for loc, name in names.items():
        if not (_slash_name(name) if slash else 1 <= len(name) <= 32):
            yield f"{path}.name[{loc}]", f"Command name is invalid: {name!r}"
    texts = {"": c.get("description") or ""} | (c.get("description_localizations") or {})
    for loc, text in texts.items():
        if slash and not 1 <= len(text) <= 100:
            yield f"{path}.description[{loc}]", f"Must be between 1 and 100 in length (has {len(text)})."
    for key in ("name_localizations", "description_localizations"):
        if bad := set(c.get(key) or {}) - LOCALES:
            yield f"{path}.{key}", f"Unknown locales: {sorted(bad)}"
    options, optional = c.get("options") or [], False
    if len(options) > 25:
        yield f"{path}.options", "Must be 25 or fewer in length."
    if len({o.get("name") for o in options}) != len(options):
        yield f"{path}.options", "Option names must be unique."
    for o in options:
        where = f"{path}.{o.get('name')}"
        if o.get("type") not in (1, 2):
            if o.get("required") and optional:
                yield where, "Required options must be placed before non-required options."
            optional = optional or not o.get("required")
            if o.get("autocomplete") and o.get("choices"):
                yield where, "Autocomplete and choices exclude each other."
            if len(o.get("choices") or []) > 25:
                yield where + ".choices", "Must be 25 or fewer in length."
            for ch in o.get("choices") or []:
                if not 1 <= len(ch["name"]) <= 100 or (isinstance(ch["value"], str) and len(ch["value"]) > 100):
                    yield where + ".choices", f"Names take 1-100 characters, values up to 100: {ch['name']!r}"
        yield from _node(o, where, slash=True)


def _weight(c: dict[str, Any]) -> int:
    """The number of characters that count towards 8000: the longest of each localised text."""
    size = 0
    for key in ("name", "description"):
        size += max(map(len, [c.get(key) or "", *(c.get(key + "_localizations") or {}).values()]))
    size += sum(len(ch["name"]) + len(str(ch["value"])) for ch in c.get("choices") or [])
    return size + sum(_weight(o) for o in c.get("options") or [])


def callback(
    kind: int, data: dict[str, Any], interaction_type: int, from_message: bool, files: dict[str, bytes]
) -> Problems:
    """Checks an answer to an interaction. The result of an update (7) is checked like an edit."""
    allowed = {2: {4, 5, 9, 12}, 3: {4, 5, 6, 7, 9, 12}, 4: {8}, 5: {4, 5} | ({6, 7} if from_message else set())}[
        interaction_type
    ]
    if kind not in allowed:
        yield "type", f"Callback type {kind} does not answer an interaction of type {interaction_type}."
    elif kind == 4:
        yield from message(data, files)
    elif kind == 8:
        yield from choices(data)
    elif kind == 9:
        yield from modal(data)
    if kind in (4, 5) and (extra := int(data.get("flags") or 0) & ~INTERACTION_FLAGS):
        yield "data.flags", f"Flags {extra:#x} cannot be set on an interaction response."
