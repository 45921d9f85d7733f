"""RSS or Atom, the fallback for pages without anything better. Entries with the same link are one incident.

A feed describes the progress of an incident in prose. It is read from the start of the title, or from the first words
in bold, where all known providers write it; otherwise the incident's state is unknown.
"""

import re
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from bot.core.service import Source
from bot.core.signals import Incident, Maintenance, State
from bot.status.answers import link, members, text
from bot.status.page import Overall, Page
from bot.status.times import AHEAD, EARLIEST

PATHS = ("/history.atom", "/feed.atom", "/history.rss", "/feed.rss", "/rss", "/feed")
"""The usual paths of feeds."""
_CLOSED = ("resolved", "completed", "fixed", "operational", "closed", "restored", "postmortem", "canceled", "cancelled")
_PLANNED = ("scheduled", "planned", "not started yet")
_WORKING = ("in progress", "maintenance", "verifying")
_OPEN = ("investigating", "identified", "monitoring", "update", "degraded", "outage", "disruption", "watching", "open")
_WORD = re.compile(rf"\b({'|'.join((*_CLOSED, *_PLANNED, *_WORKING, *_OPEN))})\b", re.IGNORECASE)
_BOLD = re.compile(r"<(?:strong|b)>([^<]{1,80})</", re.IGNORECASE)
_IN_TITLE = re.compile(r"\s*\[?([^\]:]{1,30})[\]:]")
_MOST_ENTRIES = 500
_MOST_TEXT = 20_000


def urls(source: Source) -> tuple[str, ...]:
    """The address itself."""
    return (source.url,)


def decode(body: bytes) -> Any:
    """Parse a feed. Raises ValueError if it is not one."""
    feedparser: Any = import_module("feedparser")  # imported here to save memory: few services have a feed
    found = feedparser.parse(body, resolve_relative_uris=False, sanitize_html=False)
    if not found.get("version"):
        raise ValueError("not a feed")
    return found


def fits(document: Any) -> bool:
    """Whether this was read as a feed."""
    return isinstance(document, dict) and {"bozo", "entries", "version"} <= document.keys()


def page(_source: Source, documents: Sequence[Any], at: float) -> Page:
    """Read the entries, the newest of each link."""
    newest: dict[str, tuple[Mapping[str, Any], float | None]] = {}
    listed = documents[0].get("entries", [])[:_MOST_ENTRIES]
    # Entries are in any order; among those without a time, the first is the newest.
    for entry in sorted(listed, key=lambda one: _time(one, "updated", at) or 0.0, reverse=True):
        key = text(entry.get("link") or entry.get("id") or entry.get("title") or "", 300)
        first, began = newest.get(key, (entry, None))
        since = _time(entry, "published", at)
        newest[key] = first, min(filter(None, (since, began)), default=None)
    told = [(key, entry, since, _progress(entry)) for key, (entry, since) in newest.items()]
    silent = bool(told) and not any(word for *_, word in told)
    return Page(
        Overall(State.UNKNOWN, "no entry of the feed says how far it is") if silent else None,
        incidents=tuple(
            (_incident(key, entry, since, word), ()) for key, entry, since, word in told if word in _OPEN or not word
        ),
        maintenances=tuple((one, ()) for one in _maintenances(told)),
        complete=False,
    )


def _incident(key: str, entry: Mapping[str, Any], since: float | None, word: str) -> Incident:
    impact = State.DEGRADED if word else State.UNKNOWN
    return Incident(text(entry.get("title") or "", 200), word, link(entry.get("link")), since, key, impact)


def _maintenances(told: Sequence[tuple[str, Mapping[str, Any], float | None, str]]) -> Iterator[Maintenance]:
    for _, entry, since, word in told:
        if word in _PLANNED or word in _WORKING:
            yield Maintenance(text(entry.get("title") or "", 200), word in _WORKING, link(entry.get("link")), since)


def _progress(entry: Mapping[str, Any]) -> str:
    """The word for its progress, or an empty text."""
    contents = [str(one.get("value", "")) for one in members(entry, "content")]
    said = text("".join([*contents, str(entry.get("summary") or "")]), _MOST_TEXT)
    starts = [found[1] for found in [_IN_TITLE.match(text(entry.get("title") or "", 200))] if found]
    for words in (*starts, *_BOLD.findall(said)):
        if found := _WORD.search(words):
            return found[1].lower()
    return ""


def _time(entry: Mapping[str, Any], name: str, at: float) -> float | None:
    """A time of an entry, if it is plausible. Either element may replace the other."""
    other = "published" if name == "updated" else "updated"
    parsed = entry.get(f"{name}_parsed") or entry.get(f"{other}_parsed")
    try:
        found = float(timegm(parsed)) if parsed else None
    except (ValueError, OverflowError, TypeError):
        return None
    return found if found is not None and EARLIEST <= found <= at + AHEAD else None
