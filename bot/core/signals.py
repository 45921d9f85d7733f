"""Signals: people's reports, our probe, the official page. Three separate signals, never merged into one.

A Reading is the result of reading one signal once. If it could not be read, it is *unknown* and has the reason
(`Cause`); a page that no longer exists is *gone*. Neither is ever shown as fine or as down.
"""

from dataclasses import dataclass
from enum import StrEnum

FRESH_FOR = 600
"""Seconds for which a reading is current."""

STRIKES_UNTIL_GONE = 3
LOOKS_UNTIL_DOWN = 2
OLD_AFTER = 86_400.0
"""Seconds after which an open incident is no longer news. Maintenance this long past its end counts as finished."""


class Signal(StrEnum):
    """Where a reading comes from."""

    PEOPLE = "people"
    PROBE = "probe"
    OFFICIAL = "official"


class State(StrEnum):
    """The state of the service according to a signal."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"
    GONE = "gone"


KNOWN = frozenset({State.UP, State.DEGRADED, State.DOWN, State.MAINTENANCE})
TROUBLE = frozenset({State.DEGRADED, State.DOWN})


class Cause(StrEnum):
    """Why a reading has its state; each cause has its own sentence in the interface."""

    ANSWERED = "answered"
    """The source answered in the expected form."""
    NOT_YET = "not_yet"
    """It has not been read yet."""
    UNEXPECTED_HEALTH = "unexpected_health"
    """The probe was answered, but not as a healthy service answers."""
    SERVER_ERROR = "server_error"
    """HTTP 5xx."""
    GATE = "gate"
    """HTTP 520 to 530: the proxy in front of the service (Cloudflare) works, but cannot reach the service."""
    HTTP_ERROR = "http_error"
    """Any other HTTP status that is not a success."""
    BLOCKED = "blocked"
    """HTTP 403, or a challenge: protection against programs, not an outage."""
    RATE_LIMITED = "rate_limited"
    """HTTP 429."""
    PAGE_GONE = "page_gone"
    """401, 404, 410, or a web page where data should be: the status page was closed or moved."""
    NOT_JSON = "not_json"
    """The body is not JSON."""
    WRONG_SHAPE = "wrong_shape"
    """JSON, but not that of a status page."""
    UNKNOWN_VALUE = "unknown_value"
    """An unknown state; `detail` has it unchanged, and nothing is guessed."""
    PART_MISSING = "part_missing"
    """The page has none of the parts (components) that the service file names."""
    WEB_PAGE = "web_page"
    """The probe was answered with a web page, which a service may also show when it does not work."""
    ELSEWHERE = "elsewhere"
    """The probe was redirected to another host, such as a page for visitors; `detail` names it."""
    DNS = "dns"
    """The name does not exist."""
    DNS_FAILED = "dns_failed"
    """The name servers did not answer in time, or failed."""
    CONNECT_TIMEOUT = "connect_timeout"
    """No connection in time."""
    TIMEOUT = "timeout"
    """Connected, but no answer in time."""
    SLOW = "slow"
    """The answer began, but did not end in time."""
    REFUSED = "refused"
    RESET = "reset"
    """The connection was closed before the answer or in the middle of it."""
    TLS = "tls"
    """No trusted connection: the certificate is expired, self-signed or for another host."""
    TLS_CHAIN = "tls_chain"
    """The issuer of the certificate is not known here. Often the server leaves out a certificate that browsers add."""
    GARBLED = "garbled"
    """The answer is not HTTP, or is not compressed in the way its header says."""
    TOO_LARGE = "too_large"
    ADDRESS_REFUSED = "address_refused"
    """We refused to connect: a private address, or not http(s)."""
    REDIRECTS = "redirects"
    """Too many redirects."""
    INSECURE = "insecure"
    """We refused a redirect from https to http; `detail` has its host."""
    UNREACHABLE = "unreachable"
    """Any other failure of the connection."""
    OWN_NETWORK = "own_network"
    """Nothing else could be reached either: the fault is probably ours and says nothing about the service."""


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
"""Connection failures that count against a service if our own network is known to work."""


@dataclass(frozen=True, slots=True)
class Incident:
    """An open incident on the official page. `title` is the page's own text: escape it before showing.

    `state` is the page's word for its progress (`investigating`, `monitoring`, ...). `since` is its start according to
    the page, in epoch seconds; operators often backdate it. `id` is the page's id for it, if it has one. `impact` is
    its effect on the service according to the page: `UP` for an impact of "none" (a notice, not trouble).
    """

    title: str
    state: str
    url: str | None = None
    since: float | None = None
    id: str = ""
    impact: State = State.DEGRADED

    @property
    def key(self) -> str:
        """The key that identifies it among the page's incidents."""
        return self.id or self.title

    @property
    def harmless(self) -> bool:
        """Whether the page itself says that the service works: a notice, or maintenance."""
        return self.impact in {State.UP, State.MAINTENANCE}

    def old(self, now: float) -> bool:
        """Whether it has been open for more than a day."""
        return self.since is not None and now - self.since > OLD_AFTER


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Work that the official page announces, planned or in progress.

    Times are epoch seconds, as the page gives them.
    """

    title: str
    active: bool
    url: str | None = None
    starts: float | None = None
    ends: float | None = None

    def going_on(self, now: float) -> bool:
        """Whether it is in progress according to the page, unless it should have ended more than a day ago."""
        return self.active and (self.ends is None or now - self.ends <= OLD_AFTER)

    def over(self, now: float) -> bool:
        """Whether its planned end has passed and the page does not say that it is in progress."""
        return not self.active and self.ends is not None and self.ends <= now


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading one signal once. `at` is epoch seconds; `detail` is raw text from the source.

    `incidents` are the open ones, `maintenances` the planned work or work in progress; only official pages have them.
    """

    signal: Signal
    state: State
    cause: Cause
    at: float
    link: str | None = None
    detail: str = ""
    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()

    @property
    def known(self) -> bool:
        """Whether this reading says anything about the service."""
        return self.state in KNOWN

    def troubled(self, now: float) -> bool:
        """Whether it shows trouble now. An official page with only old incidents does not."""
        harmful = [incident for incident in self.incidents if not incident.harmless]
        return self.state in TROUBLE and not (harmful and all(incident.old(now) for incident in harmful))

    def work(self, now: float) -> tuple[str, float | None] | None:
        """Name and end of the maintenance in progress, even if there is no trouble; None without maintenance."""
        for one in self.maintenances:
            if one.going_on(now):
                return one.title, one.ends
        return (self.detail or self.state.value, None) if self.state is State.MAINTENANCE else None


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest reading of a signal, and the newest one with a known state.

    `strikes` counts readings in a row for which the page was missing, `down_looks` those in a row in which the probe
    found the service down.
    """

    now: Reading
    last_known: Reading | None = None
    strikes: int = 0
    down_looks: int = 0

    @property
    def in_doubt(self) -> bool:
        """Whether the probe has just found the service down once; it counts as down if the next look confirms it."""
        first = self.now.state is State.UNKNOWN and 0 < self.down_looks < LOOKS_UNTIL_DOWN
        return first and not _never_there(self.now, self.last_known)


def settle(before: Seen | None, fresh: Reading) -> Seen:
    """The state of a signal after a new reading.

    A page that was read before must be missing three times in a row before it counts as gone: a proxy may give one
    wrong answer. Until then it is unknown, with its last known reading. Likewise, a service that the probe finds down,
    for whatever reason, is unknown the first time and down the second time in a row.
    """
    last_known, strikes = (before.last_known, before.strikes) if before else (None, 0)
    if fresh.signal is Signal.PROBE and fresh.state is State.DOWN:
        down_looks = before.down_looks + 1 if before else 1
        if down_looks < LOOKS_UNTIL_DOWN or _never_there(fresh, last_known):
            return Seen(_as_unknown(fresh), last_known, strikes, down_looks)
        return Seen(fresh, fresh, down_looks=down_looks)
    if fresh.known:
        return Seen(fresh, fresh)
    if fresh.state is not State.GONE:
        return Seen(fresh, last_known, strikes)
    strikes += 1
    if last_known is None or strikes >= STRIKES_UNTIL_GONE:
        return Seen(fresh, last_known, strikes)
    return Seen(_as_unknown(fresh), last_known, strikes)


def _never_there(fresh: Reading, last_known: Reading | None) -> bool:
    """Whether the host name has never resolved; it may be misconfigured."""
    return fresh.cause is Cause.DNS and last_known is None


def _as_unknown(fresh: Reading) -> Reading:
    return Reading(fresh.signal, State.UNKNOWN, fresh.cause, fresh.at, link=fresh.link, detail=fresh.detail)


class SignalBoard:
    """The newest reading of each signal of each service, in memory."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Signal], Seen] = {}

    def put(self, service_id: str, fresh: Reading) -> Seen:
        """Add a new reading. Returns the signal's state after it."""
        key = (service_id, fresh.signal)
        self._seen[key] = settle(self._seen.get(key), fresh)
        return self._seen[key]

    def forget(self, service_id: str) -> None:
        """Remove the readings of a service, because its sources may have changed."""
        self._seen = {key: seen for key, seen in self._seen.items() if key[0] != service_id}

    def get(self, service_id: str, signal: Signal) -> Seen | None:
        """The state of a signal, or None before its first reading."""
        return self._seen.get((service_id, signal))
