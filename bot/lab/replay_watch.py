"""The watch of a replay: turns minutes of a file into the posts for one server. Nothing is stored or sent."""

from dataclasses import dataclass, replace

from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import OPEN, REAL, Outage, Phase
from bot.core.outages import Level, OutageDetector
from bot.core.posts import Post, PostKind, plan
from bot.core.reports import MINUTE
from bot.core.signals import TROUBLE, Cause, Incident, Reading, Seen, Signal, State
from bot.core.talk import Talk
from bot.core.watch import Observation, WatchState, next_state, take_in, written
from bot.usecases.outages.deliveries import visible
from bot.usecases.outages.due_posts import pause_between_edits

_SERVER = 1
_WANTS_ALL = GuildSettings(outage_channel=1, outage_role=1, outage_thread=True, outage_possible=True, outage_reminder=6)
_WORDS = {PostKind.ANNOUNCEMENT: "announce", PostKind.PING: "ping", PostKind.REMINDER: "remind"}


@dataclass(frozen=True, slots=True)
class Minute:
    """A line of the file; `minute` is counted from the epoch.

    `official` and `probe` are the states of those signals, or None if the file has none; `incident` is the title of the
    official page's open incident, `talk` is how many people mentioned trouble in the last 15 minutes.
    """

    minute: int
    reporters: int
    servers: int
    official: State | None = None
    probe: State | None = None
    incident: str = ""
    talk: int = 0


class ReplayWatch:
    """The watch of one service, and one server with all settings on and a constant subscriber."""

    def __init__(self, first_minute: int) -> None:
        self._state = WatchState("replay", OutageDetector(), first_minute)
        self._talk = Talk()
        self._last: Outage | None = None
        self._number = 0
        self._announced: Post | None = None
        self._shown: Outage | None = None
        self._shown_at = self._announced_at = 0
        self._waiting = False
        self.phase: str | None = None
        """The phase of the outage after the last minute; None if there is none, or only a suspicion."""

    @property
    def detector(self) -> OutageDetector:
        """The detector after the last minute."""
        return self._state.detector

    def run_minute(self, minute: Minute) -> tuple[str, ...]:
        """Process the next minute. Returns the posts that it requires."""
        now = (minute.minute + 1) * MINUTE
        state = take_in(self._state, _seen(minute, now))
        before = state.outage
        state = next_state(
            state,
            Observation(
                reporters=minute.reporters, servers=minute.servers, talking=minute.talk, usual_talking=self._talk.usual
            ),
            self._last,
        )
        if state.detector.level is Level.NORMAL:
            self._talk.learn(minute.talk)
        outage = self._numbered(state.outage)
        posts = [] if outage is None else self._posts(outage, before, called=state.call)
        self.phase = outage.phase.value if outage is not None and outage.phase in REAL else None
        self._state = written(state, outage)
        if outage is not None and outage.phase not in OPEN:
            self._last = outage if outage.phase is Phase.OVER else self._last
        return tuple(posts)

    def _numbered(self, outage: Outage | None) -> Outage | None:
        if outage is None or outage.id:
            return outage
        self._number += 1
        self._announced = self._shown = None
        return replace(outage, id=self._number)

    def _posts(self, outage: Outage, before: Outage | None, *, called: bool) -> list[str]:
        posts = list[str]()
        reopened = before is None and self._last is not None and outage.id == self._last.id
        planned = plan(outage, {_SERVER: self._announced} if self._announced else {}, {_SERVER: _WANTS_ALL})
        for post in planned.new:
            posts.append(_WORDS[post.kind])
            if post.kind is PostKind.ANNOUNCEMENT:
                posts += ["ping"] if post.pinged else []
                self._announced = replace(post, id=1, message_id=1, thread_id=1)
                self._shown, self._shown_at, self._announced_at = visible(outage), outage.seen, outage.seen
        for post in planned.changed:
            self._announced = post
        posts += ["edit"] if self._edit_is_due(outage) else []
        self._waiting = self._waiting or outage.phase in {Phase.SUSPECTED, Phase.ON}
        if called and self._waiting:
            posts.append("call")
            self._waiting = False
        if self._announced is not None:
            posts += ["reopen"] if reopened else []
            posts += ["close"] if outage.phase is Phase.OVER else []
        return posts

    def _edit_is_due(self, outage: Outage) -> bool:
        """Whether an edit is due at the announcements' pace. Marks the edit as made."""
        shown, wanted = self._shown, visible(outage)
        if self._announced is None or shown is None or shown == wanted:
            return False
        new_phase = shown.phase is not outage.phase
        if outage.seen - self._shown_at < pause_between_edits(outage.seen - self._announced_at, new_phase=new_phase):
            return False
        self._shown, self._shown_at = wanted, outage.seen
        return True


def _seen(minute: Minute, now: float) -> dict[Signal, Seen | None]:
    official = minute.official
    impact = official if official in TROUBLE else State.UP
    incidents = (Incident(minute.incident, "", impact=impact or State.UP),) if minute.incident else ()
    states = {Signal.OFFICIAL: official, Signal.PROBE: minute.probe}
    return {
        signal: Seen(
            Reading(signal, state, Cause.ANSWERED, now, incidents=incidents if signal is Signal.OFFICIAL else ())
        )
        for signal, state in states.items()
        if state is not None
    }
