"""Signals: what people say, what our probe sees, what the official page says. Three, never one colour.

A Reading is one look at one signal. What could not be read is *unknown* and says why (`Cause`); a
page that is no longer there is *gone*. Neither is ever shown as fine or as down.
"""

from dataclasses import dataclass
from enum import StrEnum

STRIKES_UNTIL_GONE = 3


class Signal(StrEnum):
    """Who speaks."""

    PEOPLE = "people"
    PROBE = "probe"
    OFFICIAL = "official"


class State(StrEnum):
    """What a signal says about the service."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"
    GONE = "gone"


KNOWN = frozenset({State.UP, State.DEGRADED, State.DOWN, State.MAINTENANCE})
TROUBLE = frozenset({State.DEGRADED, State.DOWN})


class Cause(StrEnum):
    """Why a reading says what it says; each has its own sentence in the interface."""

    ANSWERED = "answered"
    """The source answered, and in the form it should."""
    NOT_YET = "not_yet"
    """Nobody has looked yet."""
    UNEXPECTED_HEALTH = "unexpected_health"
    """The probe was answered, but not with what a healthy service says."""
    SERVER_ERROR = "server_error"
    """HTTP 5xx."""
    HTTP_ERROR = "http_error"
    """Any other HTTP status that is not an answer."""
    BLOCKED = "blocked"
    """HTTP 403: a wall against programs, not an outage."""
    RATE_LIMITED = "rate_limited"
    """HTTP 429."""
    PAGE_GONE = "page_gone"
    """401, 404, 410, or a web page where data should be: the status page was closed or moved."""
    NOT_JSON = "not_json"
    """The body is not JSON."""
    WRONG_SHAPE = "wrong_shape"
    """JSON, but not that of a status page."""
    UNKNOWN_VALUE = "unknown_value"
    """A state we have no word for; kept raw in `detail`, never guessed."""
    TIMEOUT = "timeout"
    DNS = "dns"
    REFUSED = "refused"
    RESET = "reset"
    TLS = "tls"
    TOO_LARGE = "too_large"
    ADDRESS_REFUSED = "address_refused"
    """We refused to go there: a private address, or not http(s)."""
    REDIRECTS = "redirects"
    """More redirects than a sane page needs."""
    UNREACHABLE = "unreachable"
    """Any other failure of the connection."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something the official page reports. `title` is the page's own text: escape it before showing."""

    title: str
    state: str
    url: str | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at one signal. `at` is epoch seconds; `detail` is raw text from the source."""

    signal: Signal
    state: State
    cause: Cause
    at: float
    link: str | None = None
    detail: str = ""
    incidents: tuple[Incident, ...] = ()

    @property
    def known(self) -> bool:
        """Whether this tells anything about the service."""
        return self.state in KNOWN


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest reading of a signal, and the newest one that told something about the service."""

    now: Reading
    last_known: Reading | None = None
    strikes: int = 0


def settle(before: Seen | None, fresh: Reading) -> Seen:
    """What we hold after a fresh look.

    A page that was read before must be missing three times running before it is called gone: one
    wrong answer of a proxy is not the end of a page. Until then it is unknown, with its last word.
    """
    last_known = before.last_known if before else None
    if fresh.known:
        return Seen(fresh, fresh)
    if fresh.state is not State.GONE:
        return Seen(fresh, last_known, before.strikes if before else 0)
    strikes = before.strikes + 1 if before else 1
    if last_known is None or strikes >= STRIKES_UNTIL_GONE:
        return Seen(fresh, last_known, strikes)
    doubt = Reading(fresh.signal, State.UNKNOWN, fresh.cause, fresh.at, link=fresh.link, detail=fresh.detail)
    return Seen(doubt, last_known, strikes)


class SignalBoard:
    """The newest look at each source of each service, in memory."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Signal], Seen] = {}

    def put(self, service_id: str, fresh: Reading) -> Seen:
        """Take in a fresh reading and give what is held now."""
        key = (service_id, fresh.signal)
        self._seen[key] = settle(self._seen.get(key), fresh)
        return self._seen[key]

    def get(self, service_id: str, signal: Signal) -> Seen | None:
        """What is held, or None before the first look."""
        return self._seen.get((service_id, signal))
