"""The life of an outage: suspected, on, recovering, over. Plain values; the detector says the level.

A service that fails again and again has one outage with several episodes. All times are epoch seconds, and none is
before the onset, even if the clock was set back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.core.outages import Level, OutageDetector
from bot.core.reports import HOUR, MINUTE
from bot.core.signal_history import IncidentSeen, SignalHistory
from bot.core.signals import Signal

ONE_OUTAGE_WITHIN = 30 * MINUTE
"""An outage is over when it has been calm for this long..."""

STEADY_AT_MOST = 3 * HOUR
"""... and after several episodes, for twice the longest calm between two of them, but no longer than this."""

REOPENED_WITHIN = 2 * HOUR
"""A relapse within this time after the recovery reopens an outage that is over."""

SAME_EPISODE = 10 * MINUTE
"""A relapse after a calm shorter than this belongs to the same episode: the all-clear was wrong."""

ROLE_RESTS = 6 * HOUR
"""The role is mentioned at most once in this time, no matter how many outages there are."""

HELD_BY_BOTH, HELD_BY_ONE, HELD_AGAINST = 12 * HOUR, 6 * HOUR, HOUR
"""How long other signals that began to fail with the outage, and still fail, hold the all-clear back after the reports
have faded. People may be asleep, and a page may be forgotten. So it is longest if both signals still fail, and shortest
if one of them has said for so long that all is well."""

BLIND_AFTER = 15 * MINUTE
"""A longer time between two observed minutes counts as unobserved."""

DOUBTED_FOR = 10 * MINUTE
"""A suspicion without further reports for this time is dismissed, unless other signals hold that back."""

OFFICIAL_BEFORE = 30 * MINUTE
OFFICIAL_AFTER = 2 * HOUR
"""An incident of the official page belongs to an outage if it was published between these, around onset and end."""

LEAD_KNOWN_WITHIN = 10 * MINUTE
"""No lead time is stated if the time of an incident's publication is known less exactly than this."""


class Phase(StrEnum):
    """The phases of an outage."""

    SUSPECTED = "suspected"
    """More reports than usual; may be chance. Announced only to servers that want it."""
    ON = "on"
    RECOVERING = "recovering"
    """Back to normal, but not for long enough."""
    OVER = "over"
    DISMISSED = "dismissed"
    """A suspicion that did not become an outage."""


ONGOING = frozenset({Phase.SUSPECTED, Phase.ON})
OPEN = frozenset({Phase.SUSPECTED, Phase.ON, Phase.RECOVERING})
REAL = frozenset({Phase.ON, Phase.RECOVERING, Phase.OVER})


@dataclass(frozen=True, slots=True)
class Assessment:
    """The detector's result for a minute; `at` is the end of the minute.

    `since` and `calm_since` are the detector's estimates of when the trouble, and the calm after it, began.
    `symptoms` maps symptom id to people in the last 15 minutes; `signals` are the histories of the other signals.
    """

    at: int
    level: Level
    reporters: int
    recent: int
    usual: float
    servers: int
    since: int | None = None
    calm_since: int | None = None
    symptoms: Mapping[str, int] = field(default_factory=dict[str, int])
    evidence: Mapping[str, float] = field(default_factory=dict[str, float])
    signals: Mapping[Signal, SignalHistory] = field(default_factory=dict[Signal, SignalHistory])

    @classmethod
    def by(
        cls, detector: OutageDetector, minute: int, reporters: int, servers: int, people: int | None = None
    ) -> "Assessment":
        """The assessment of a minute (since the epoch) that the detector has just processed.

        `people` are those of the last 15 minutes, without those who withdrew their report since; None if no one did.
        """
        return cls(
            at=(minute + 1) * MINUTE,
            level=detector.level,
            reporters=reporters,
            recent=detector.recent if people is None else people,
            usual=detector.usual,
            servers=servers,
            since=_seconds(detector.since),
            calm_since=_seconds(detector.calm_since),
        )


@dataclass(frozen=True, slots=True)
class Outage:
    """One outage of a service, from onset to recovery; in several episodes if the service failed again.

    `id` is 0 until it is stored; `guild_id` is 0, or the server that a simulation is for. `detected` is when it was
    first detected, `peak` the most people in 15 minutes, `reports` those counted since the onset, `servers` the most at
    once. `symptoms` maps symptom id to people among those of `peak`, `recent_symptoms` among those of `recent`.
    `evidence` is the evidence that each signal added when it was detected, in nats. `official_at` is the earliest time
    at which the official page can have reported it.
    """

    service: str
    phase: Phase
    began: int
    id: int = 0
    guild_id: int = 0
    detected: int | None = None
    ended: int | None = None
    seen: int = 0
    """The end of the last observed minute."""
    doubted: int | None = None
    """The time since which a suspicion has no further reports."""
    blind_from: int | None = None
    blind_to: int | None = None
    """The end of an unobserved time during the outage, if no later minute has shown that it is still on."""
    official_read: bool = False
    """Whether the official page could be read while it was on."""
    official_older: bool = False
    """Whether the official page showed trouble while it was on, by its own times from before it."""
    official_exact: bool = True
    """Whether `official_at` is known well enough to say who was first."""
    episodes: int = 1
    """How many times it began to fail."""
    episode_began: int | None = None
    """When the last episode began, if it is not the first."""
    failed: int = 0
    """Duration of the earlier episodes in seconds."""
    longest_calm: int = 0
    """The longest time between two episodes, in seconds."""
    faded: int | None = None
    """When the reports faded, although other signals that began to fail with it still fail."""
    still: Mapping[str, int] = field(default_factory=dict[str, int])
    """These signals, each with the time when it began to fail. Kept after the end if they no longer held it back."""
    widespread: bool = False
    """Whether it was ever known to concern more than the servers that report it."""
    final: bool = False
    """Whether it is over for good: its posts are finished, and a relapse is a new outage."""
    quiet: bool = False
    """Whether no role is mentioned for it, because one was mentioned a short time ago."""
    recent: int = 0
    usual: float = 0.0
    peak: int = 0
    peak_at: int = 0
    reports: int = 0
    servers: int = 0
    symptoms: Mapping[str, int] = field(default_factory=dict[str, int])
    recent_symptoms: Mapping[str, int] | None = None
    """None in an outage stored by an older version, until its next minute."""
    evidence: Mapping[str, float] = field(default_factory=dict[str, float])
    official_at: int | None = None
    official_title: str = ""
    maintenance: str = ""
    """The name of the maintenance in progress, as given by the official page; "" for none."""
    maintenance_ends: float | None = None

    @property
    def simulated(self) -> bool:
        """Whether this is a simulation for one server, without a real outage."""
        return bool(self.guild_id)

    @property
    def unstable(self) -> bool:
        """Whether it failed more than once."""
        return self.episodes > 1

    @property
    def lasted(self) -> int:
        """Seconds for which it has failed so far; the calm between two episodes does not count."""
        began = self.began if self.episode_began is None else self.episode_began
        return self.failed + (self.seen if self.ended is None else self.ended) - began

    @property
    def steady_after(self) -> int:
        """Seconds of calm after which it is over."""
        return max(ONE_OUTAGE_WITHIN, min(2 * self.longest_calm, STEADY_AT_MOST))

    @property
    def unwatched(self) -> int:
        """Unobserved seconds after which it was over, so the end is not known exactly."""
        if self.blind_from is None or self.blind_to is None or self.ended is None:
            return 0
        return self.blind_to - self.blind_from

    @property
    def lead(self) -> int | None:
        """Seconds by which we were earlier than the official page; negative if it was first, None if not known."""
        if self.official_at is None or self.detected is None or not self.official_exact:
            return None
        return self.official_at - self.detected


def advance(outage: Outage | None, minute: Assessment, service: str) -> Outage | None:
    """The outage after another minute; None if there is none.

    `outage` is the open one of the service, or None. An outage that is over or dismissed is returned once, closed.
    """
    if outage is None:
        return _begin(minute, service)
    before = outage
    if minute.at <= before.seen:  # the clock was set back, but a minute has passed
        minute = replace(minute, at=before.seen + MINUTE)
    outage = _seen(outage, minute)
    if minute.level is Level.LIKELY:
        return _go_on(outage, minute)
    if outage.phase is Phase.SUSPECTED:
        return _doubt(outage, minute)
    if outage.phase is Phase.ON:
        return _recover(outage, minute, before.seen)
    assert outage.ended is not None, "recovering"
    # In a quiet community the all-clear comes late; people still need time to read that the service is back.
    calm_from = max(outage.ended, outage.blind_to or 0)
    still, held = _still_failing(outage, minute, outage.ended)
    over = minute.level is Level.NORMAL and minute.at - calm_from >= outage.steady_after and not held
    return replace(outage, phase=Phase.OVER if over else outage.phase, still=still)


def reopens(outage: Outage | None, now: float) -> bool:
    """Whether a relapse now continues this outage, although it is over."""
    if outage is None or outage.phase is not Phase.OVER or outage.ended is None:
        return False
    if outage.final or outage.simulated:
        return False
    # A clock that was set back must not keep it open for a day.
    return abs(now - outage.ended) <= REOPENED_WITHIN


def ended(outage: Outage) -> Outage:
    """The outage, ended, because nothing continues it."""
    return replace(outage, phase=Phase.OVER, ended=outage.ended or outage.seen, final=True)


def _doubt(outage: Outage, minute: Assessment) -> Outage:
    if minute.level is Level.POSSIBLE:
        return _grow(replace(outage, doubted=None, still={}), minute)
    since = minute.at if outage.doubted is None else outage.doubted
    still, held = _still_failing(outage, minute, since)
    passed = minute.at - since >= DOUBTED_FOR and not held
    return replace(outage, doubted=since, phase=Phase.DISMISSED if passed else Phase.SUSPECTED, still=still)


def _recover(outage: Outage, minute: Assessment, last_seen: int) -> Outage:
    if minute.at - last_seen > BLIND_AFTER:
        # The detector starts again after such a time. It must observe for a while before its silence means anything.
        blind_from = last_seen if outage.blind_to is None else outage.blind_from
        return replace(outage, blind_from=blind_from, blind_to=minute.at)
    if outage.blind_to is not None and minute.at - outage.blind_to < BLIND_AFTER:
        return outage
    ended = outage.blind_from if outage.blind_to is not None else outage.faded or minute.calm_since
    calm = min(max(ended or minute.at, outage.episode_began or outage.began), minute.at)
    still, held = _still_failing(outage, minute, calm)
    if held:
        return replace(outage, faded=calm, still=still)
    better = [history.better for history in minute.signals.values() if history.better is not None]
    waited = outage.faded is not None and not still
    ended = min(max([calm, *map(int, better)]), minute.at) if waited else calm
    return replace(outage, phase=Phase.RECOVERING, ended=ended, faded=None, still=still)


def _still_failing(outage: Outage, minute: Assessment, calm: int) -> tuple[dict[str, int], bool]:
    """The signals that began to fail with the outage and still fail; and whether the all-clear has to wait.

    It waits, from `calm` on, for those signals, and for those of which nobody knows yet whether they work again.
    """
    began, still, holding, until = outage.began - OFFICIAL_BEFORE, dict[str, int](), 0, list[float]()
    for signal, history in minute.signals.items():
        if history.fine(minute.at):
            until.append(max(calm, history.better or 0) + HELD_AGAINST)
        if history.fixing:
            continue
        if (since := history.failing_since(began, minute.at)) is not None:
            still[signal.value] = int(since)
        holding += since is not None or history.unsettled(began, minute.at)
    until.append(calm + (HELD_BY_BOTH if holding > 1 else HELD_BY_ONE))
    return still, holding > 0 and minute.at < min(until)


def attach(outage: Outage, incident: IncidentSeen) -> Outage:
    """The outage with an incident of the official page, if it has none yet and the time fits.

    An incident that began too early is noted as older trouble.
    """
    published = incident.published
    at = int(incident.seen if published is None else published)
    last = (outage.seen if outage.ended is None else outage.ended) + OFFICIAL_AFTER
    if outage.official_at is not None or at > last:
        return outage
    if at < outage.began - OFFICIAL_BEFORE:
        return replace(outage, official_older=True)
    exact = incident.unseen is not None and incident.seen - at <= LEAD_KNOWN_WITHIN
    return replace(outage, official_at=at, official_title=incident.title, official_read=True, official_exact=exact)


def _seconds(minute: int | None) -> int | None:
    return None if minute is None else minute * MINUTE


def _begin(minute: Assessment, service: str) -> Outage | None:
    if minute.level not in {Level.POSSIBLE, Level.LIKELY}:
        return None
    began = minute.at if minute.since is None else min(minute.since, minute.at)
    outage = _seen(Outage(service, Phase.SUSPECTED, began), minute)
    return _go_on(outage, minute) if minute.level is Level.LIKELY else _grow(outage, minute)


def _seen(outage: Outage, minute: Assessment) -> Outage:
    """The outage with the counts of this minute. A late report may have a symptom without being in `recent` yet."""
    symptoms = {symptom: min(people, minute.recent) for symptom, people in minute.symptoms.items()}
    return replace(outage, seen=minute.at, recent=minute.recent, usual=minute.usual, recent_symptoms=symptoms)


def _go_on(outage: Outage, minute: Assessment) -> Outage:
    if outage.detected is None:
        # The suspicion may have been about something earlier, so the onset is set again from the current estimate.
        began = outage.began if minute.since is None else min(minute.since, minute.at)
        outage = replace(outage, began=began, detected=minute.at, evidence=dict(minute.evidence))
    elif outage.ended is not None:
        outage = _fail_again(outage, outage.ended, minute)
    outage = replace(outage, phase=Phase.ON, ended=None, faded=None, still={})
    return _grow(replace(outage, doubted=None, blind_from=None, blind_to=None), minute)


def _fail_again(outage: Outage, ended: int, minute: Assessment) -> Outage:
    began = min(max(minute.at if minute.since is None else minute.since, ended), minute.at)
    if began - ended < SAME_EPISODE:
        return outage
    return replace(
        outage,
        episodes=outage.episodes + 1,
        episode_began=began,
        failed=outage.lasted,
        longest_calm=max(outage.longest_calm, began - ended),
    )


def _grow(outage: Outage, minute: Assessment) -> Outage:
    highest = minute.recent > outage.peak
    return replace(
        outage,
        peak=minute.recent if highest else outage.peak,
        peak_at=minute.at if highest or not outage.peak_at else outage.peak_at,
        # The onset is before the detection, so the people of the last 15 minutes belong to the outage.
        reports=outage.reports + minute.reporters if outage.reports else minute.recent,
        servers=max(outage.servers, minute.servers),
        symptoms=(outage.recent_symptoms or {}) if highest else outage.symptoms,
    )
