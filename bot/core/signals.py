"""Signals: what people say, what our probe sees, what the official page says. Three, never one colour.

A Reading is one look at one signal. What could not be read is *unknown* and says why (`Cause`); a
page that is no longer there is *gone*. Neither is ever shown as fine or as down.
"""

from dataclasses import dataclass
from enum import StrEnum

STRIKES_UNTIL_GONE = 3
UNREACHED_UNTIL_DOWN = 2


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
    GATE = "gate"
    """HTTP 520 to 530: the gate before the service (Cloudflare) stands, and cannot reach the service behind it."""
    HTTP_ERROR = "http_error"
    """Any other HTTP status that is not an answer."""
    BLOCKED = "blocked"
    """HTTP 403, or a challenge: a wall against programs, not an outage."""
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
    DNS = "dns"
    """The name does not exist."""
    DNS_FAILED = "dns_failed"
    """The name servers did not answer in time, or failed."""
    CONNECT_TIMEOUT = "connect_timeout"
    """No connection in time."""
    TIMEOUT = "timeout"
    """Connected, and no answer in time."""
    SLOW = "slow"
    """The answer began, and did not come to its end in time."""
    REFUSED = "refused"
    RESET = "reset"
    """The connection broke off, before the answer or within it."""
    TLS = "tls"
    """No trusted connection: a certificate that is expired, of another host or of nobody we know."""
    GARBLED = "garbled"
    """Something answered, but not in HTTP, or not packed as it says."""
    TOO_LARGE = "too_large"
    ADDRESS_REFUSED = "address_refused"
    """We refused to go there: a private address, or not http(s)."""
    REDIRECTS = "redirects"
    """More redirects than a sane page needs."""
    UNREACHABLE = "unreachable"
    """No way there from here: any other failure of the connection."""
    OWN_NETWORK = "own_network"
    """Nothing else could be reached either: the fault is most likely ours, and tells nothing of the service."""


NOT_CONNECTED = frozenset(
    {
        Cause.DNS,
        Cause.DNS_FAILED,
        Cause.CONNECT_TIMEOUT,
        Cause.TIMEOUT,
        Cause.REFUSED,
        Cause.RESET,
        Cause.TLS,
    }
)
"""Faults of the connection that count against a service, where our own network is known to work."""


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
    """The newest reading of a signal, and the newest one that told something about the service.

    `strikes` are looks at a page that is missing, `unreached` looks in a row that could not connect to the service.
    """

    now: Reading
    last_known: Reading | None = None
    strikes: int = 0
    unreached: int = 0


def settle(before: Seen | None, fresh: Reading) -> Seen:
    """What we hold after a fresh look.

    A page that was read before must be missing three times running before it is called gone: one
    wrong answer of a proxy is not the end of a page. Until then it is unknown, with its last word.
    Likewise a service that cannot be connected to is down at the second look running, and unknown at the first.
    """
    last_known, strikes = (before.last_known, before.strikes) if before else (None, 0)
    if fresh.state is State.DOWN and fresh.cause in NOT_CONNECTED:
        unreached = before.unreached + 1 if before else 1
        # A name that never led anywhere may just be a wrong one.
        never_there = fresh.cause is Cause.DNS and last_known is None
        if unreached < UNREACHED_UNTIL_DOWN or never_there:
            return Seen(_doubt(fresh), last_known, strikes, unreached)
        return Seen(fresh, fresh, unreached=unreached)
    if fresh.known:
        return Seen(fresh, fresh)
    if fresh.state is not State.GONE:
        return Seen(fresh, last_known, strikes)
    strikes += 1
    if last_known is None or strikes >= STRIKES_UNTIL_GONE:
        return Seen(fresh, last_known, strikes)
    return Seen(_doubt(fresh), last_known, strikes)


def _doubt(fresh: Reading) -> Reading:
    return Reading(fresh.signal, State.UNKNOWN, fresh.cause, fresh.at, link=fresh.link, detail=fresh.detail)


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
