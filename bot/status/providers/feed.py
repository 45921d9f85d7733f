"""RSS or Atom, the fallback for pages without anything better. Entries with the same link are one incident.

A feed describes the progress of an incident in prose. It is read from the title ("Resolved: ..."),
from the first words in bold, or from the start of the text ("Status: resolved", "Resolved - ..."), where all known
providers write it. Otherwise the incident's state is unknown.
"""

import re
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from bot.core.service import Source
from bot.core.signals import Incident, Maintenance, State
from bot.status.answers import link, member, members, text
from bot.status.page import OfficialPage, Overall
from bot.status.times import AHEAD, EARLIEST, span

PATHS = ("/history.atom", "/feed.atom", "/history.rss", "/feed.rss", "/rss", "/feed")
"""The usual paths of feeds."""
_CLOSED = (
    "resolved", "completed", "fixed", "operational", "operating normally", "closed", "restored", "postmortem",
    "canceled", "cancelled",
)  # fmt: skip
_PLANNED = ("scheduled", "planned", "not started yet")
_WORKING = ("in progress", "maintenance", "verifying")
_OPEN = ("investigating", "identified", "monitoring", "update", "degraded", "outage", "disruption", "watching", "open")
_STATE = "|".join((*_CLOSED, *_PLANNED, *_WORKING, *_OPEN))
_WORD = re.compile(rf"\b({_STATE})\b", re.IGNORECASE)
_NOT_YET = re.compile(r"\bnot\b(?! started)", re.IGNORECASE)
_BEGINNING = re.compile(r"\s*\[?([^\]:]{1,30})[\]:]")
_MARK = re.compile(r"\[([^\]]{1,30})\]")
_DASHED = re.compile(rf"\s*(?:status\s*:\s*)?\[?({_STATE})\]?\s*(?:[-–—:]|\Z)", re.IGNORECASE)
_STATUS = re.compile(rf"\s*(?:current )?status\s*:\s*\[?({_STATE})\b", re.IGNORECASE)
_BOLD = re.compile(r"<(strong|b)\b[^>]{0,200}>(.{1,400}?)</\1\s*>\s*(?![\s\w])", re.IGNORECASE | re.DOTALL)
"""Words in bold, but not those inside a sentence."""
_TAG = re.compile(r"</?[a-z!][^<>]{0,300}>", re.IGNORECASE)
_NEW_LINE = re.compile(r"</?(?:p|br|div|li|ul|ol|h[1-6]|table|tr|td|hr)\b[^<>]{0,300}>", re.IGNORECASE)
_LONGEST_LABEL = 40
_MOST_LINES = 5
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


def page(_source: Source, documents: Sequence[Any], at: float) -> OfficialPage:
    """Read the entries, the newest of each incident."""
    newest: dict[str, tuple[Mapping[str, Any], float | None]] = {}
    listed = documents[0].get("entries", [])[:_MOST_ENTRIES]
    site = _bare(member(documents[0], "feed").get("link"))
    # Entries are in any order; among those without a time, the first is the newest.
    for entry in sorted(listed, key=lambda one: _time(one, "updated", at) or 0.0, reverse=True):
        key = _key(entry, site)
        first, began = newest.get(key, (entry, None))
        since = _time(entry, "published", at)
        newest[key] = first, min(filter(None, (since, began)), default=None)
    entries = [(key, entry, since, _progress(entry)) for key, (entry, since) in newest.items()]
    silent = bool(entries) and not any(word for *_, word in entries)
    return OfficialPage(
        Overall(State.UNKNOWN, "no entry of the feed says how far it is") if silent else None,
        incidents=tuple(
            (_incident(key, entry, since, word), ()) for key, entry, since, word in entries if word in _OPEN or not word
        ),
        maintenances=tuple((one, ()) for one in _maintenances(entries, at)),
        complete=False,
    )


_Entries = Sequence[tuple[str, Mapping[str, Any], float | None, str]]
"""Key, newest entry, beginning and progress of each incident."""


def _key(entry: Mapping[str, Any], site: str) -> str:
    """What all entries of one incident share: its link, or else its id or title.

    A link to the whole page says nothing of the incident, nor does an id that each update has anew beside such a link.
    """
    to = entry.get("link")
    if not to:
        return text(entry.get("id") or entry.get("title") or "", 300)
    if _bare(to) == site or not urlsplit(_bare(to)).path.strip("/"):
        return _subject(_title(entry))
    return text(to, 300)


def _bare(url: Any) -> str:
    """An address without what stands behind the path; one that cannot be right is none."""
    try:
        return urlsplit(text(url or "", 300))._replace(query="", fragment="").geturl().rstrip("/")
    except ValueError:
        return ""


def _subject(title: str) -> str:
    """A title without the state at its beginning."""
    found = _BEGINNING.match(title)
    while found and _WORD.search(found[1]):
        title = title[found.end() :]
        found = _BEGINNING.match(title)
    return title.strip()


def _title(entry: Mapping[str, Any]) -> str:
    """The title on one line, without HTML."""
    title = text(entry.get("title") or "", 1_000)
    if "html" in str(member(entry, "title_detail").get("type")):
        title = _TAG.sub("", unescape(title))
    return " ".join(title.split())[:200]


def _incident(key: str, entry: Mapping[str, Any], since: float | None, word: str) -> Incident:
    impact = State.DEGRADED if word else State.UNKNOWN
    return Incident(_title(entry), word, link(entry.get("link")), since, key, impact)


def _maintenances(entries: _Entries, at: float) -> Iterator[Maintenance]:
    for _, entry, _, word in entries:
        if word in _PLANNED or word in _WORKING:
            yield Maintenance(_title(entry), word in _WORKING, link(entry.get("link")), *_planned(entry, at))


def _planned(entry: Mapping[str, Any], at: float) -> tuple[float | None, float | None]:
    """When the work begins and ends.

    Statuspage names the end, and dates the entry by the beginning. Elsewhere only a date that lies ahead is the
    beginning: any other may be that of the announcement.
    """
    ends = _date(entry.get("maintenanceenddate"))
    starts = _parsed(entry.get("published_parsed"))
    if ends is None and starts is not None and starts <= at:
        return None, None
    return span(_iso(starts), ends, at)


def _date(value: Any) -> str | None:
    try:
        found = parsedate_to_datetime(text(value or "", 64))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()
    except (ValueError, TypeError, OverflowError):
        return None


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()


def _progress(entry: Mapping[str, Any]) -> str:
    """The word for its progress, or an empty text."""
    for label in _labels(entry):
        if (found := _WORD.search(label)) and not _NOT_YET.search(label):
            return found[1].lower()
    return ""


def _labels(entry: Mapping[str, Any]) -> Iterator[str]:
    """The words that may name its progress, the most reliable first."""
    title = _title(entry)
    starts = (_BEGINNING.match(title), _DASHED.match(title), *_MARK.finditer(title))
    yield from (found[1] for found in starts if found)
    contents = [str(one.get("value", "")) for one in members(entry, "content")]
    said = text("".join([*contents, str(entry.get("summary") or "")]), _MOST_TEXT)
    bold = (" ".join(_TAG.sub("", found[2]).split()) for found in _BOLD.finditer(said))
    yield from (label for label in bold if len(label) <= _LONGEST_LABEL)
    lines = [line for line in unescape(_TAG.sub("", _NEW_LINE.sub("\n", said))).splitlines() if line.strip()]
    for line in lines[:_MOST_LINES]:
        if found := _STATUS.match(line) or _DASHED.match(line):
            yield found[1]


def _time(entry: Mapping[str, Any], name: str, at: float) -> float | None:
    """A time of an entry, if it is plausible. Either element may replace the other."""
    other = "published" if name == "updated" else "updated"
    found = _parsed(entry.get(f"{name}_parsed") or entry.get(f"{other}_parsed"))
    return min(found, at) if found is not None and found <= at + AHEAD else None


def _parsed(value: Any) -> float | None:
    """What the parser made of a date, unless it is a zero."""
    try:
        found = float(timegm(value)) if value else None
    except (ValueError, OverflowError, TypeError):
        return None
    return found if found is not None and found >= EARLIEST else None
