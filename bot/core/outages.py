"""The outage detector: the level of one service, minute by minute, from how many distinct people report.

The evidence is the Shiryaev-Roberts statistic (`outage_odds`). It has the least mean delay for an outage that can begin
at any minute (Pollak & Tartakovsky 2009).
`usual` learns the usual rate, `crowd` learns who follows whom, and `alarm_threshold` how much evidence is enough.
"""

from enum import StrEnum
from math import exp, log, sqrt
from typing import Any

from bot.core.alarm_threshold import FLOOR, AlarmThreshold
from bot.core.credit import Credits
from bot.core.crowd import WINDOW, Crowd
from bot.core.outage_odds import SAVED, OutageOdds
from bot.core.saved import load, numbers, save
from bot.core.usual import BLOCK, BLOCKS_A_DAY, Usual

VERSION, _EARLIER, _LOW_FLOOR = 4, (1, 2, 3), (1, 2)
"""The version of `state()`, the earlier versions, which lack some values, and those that counted lower peaks."""
_MOST_TRAIL = 1e20
_SURE, _MANY = 1.0, 8.0
"""Standard deviations by which the usual rate is raised because it is uncertain. It is raised less where many people
report, by half with this many in 15 minutes: there the reports of the last hour show whether the rate is wrong..."""
_MOODY, _CALM = 2.0, 0.2
"""... and this many more for each unit of mood above `_CALM`: strong moods read as small outages..."""
_NEW, _NEW_MINUTES = 2.0, 2 * 24 * 60.0
"""... and more for a new service. This extra decreases to zero in about two days, after two days and nights."""
_NIGHT = 0.5
"""The allowed rate of false alarms is proportional to the usual rate to the power of minus this. When reports are rare,
evidence grows slowly, so a lower threshold saves more minutes per false alarm than by day."""
_SUSPECT = 2.0
"""With this much evidence (nats) a minute is not yet learned as usual..."""
_DOUBT = 3.0
"""... and with this much, nothing is learned from it about echoes and servers."""
_HOLD, _HOLD_LONG, _DOUBTFUL = 3, 16, 4
"""Blocks until a count is learned: normally (an outage of half an hour is found by then), under suspicion (four
hours, less where moods are strong), and the number of blocks before an alarm that are not learned at all."""
_KNOWN = 0.1
"""A suspicion delays learning only if the variance of the log of the usual rate is below this."""
_NEW_NORMAL = 12 * 4
"""Blocks after which a lasting outage becomes the new normal: at most twice the old one, and again after as many
blocks."""
_SINGLE = 1.0
"""Nats of extra evidence that are needed if all reports come from one server: a raid looks the same."""
_CLEAR = 7.0
"""Nats of evidence for the all-clear: wrong once in a thousand times."""
_DOUBTED = 4.5
"""Nats for the all-clear if the evidence has hardly exceeded the threshold. Most false alarms end this way."""
_MOST_TIMES, _FEW = 60.0, 0.5
"""Largest assumed size of an outage: this many times the usual rate, or this many people per minute if that is more.
With a larger one the all-clear would come while people are only losing interest."""
_LIFTED = 5.0
"""Below this many nats the evidence for an alarm is gone: it was a false alarm."""
_LOG_ODDS_LIMITS = (-2.0, 3.0)
"""However certain the other signals are, people decide: the threshold is never below about four nats."""
_RECOVERED = 15
"""Minutes for which the level stays RECOVERED after an outage."""
_SETTLED = 60
"""Minutes after an outage until echoes and servers are learned again."""
_FORGOTTEN = 60
"""After a gap of this many minutes the detector starts fresh. Smaller steps back in time are ignored."""
_MOST = 10_000
"""Most people or servers in a minute; higher counts are errors and are cut off."""
_SAVED = (
    *("usual", "_age", "_block", "_seen", "_people", "_tainted"),
    *("_rate", "_doubt", "_trail", "_onset"),
    *("_alarm", "_alarm_blocks", "_after", "_pace", "_worst", "_calm", "_calm_onset", "_top"),
)

_MOVED = {"odds": "_odds", "full": "_full", "own": "_own", "weight": "_weight", "nats": "_evidence"}
"""The odds, which were among the detector's own values until version 3."""


class Level(StrEnum):
    """The detector's result for a minute."""

    NORMAL = "normal"
    POSSIBLE = "possible"
    LIKELY = "likely"
    RECOVERED = "recovered"


class OutageDetector:
    """One service's outage detector.

    `level` is the level of the last minute; `usual` is the usual number of people in 15 minutes at this time.
    """

    def __init__(self) -> None:
        self.level = Level.NORMAL
        self.usual = 0.0
        self._model, self._crowd, self._bar = Usual(), Crowd(), AlarmThreshold()
        self._minute: int | None = None
        self._age = 0
        self._block, self._seen, self._people, self._tainted = 0, 0, 0.0, False
        self._pending: list[tuple[int, float, int]] = []
        self._rate = self._doubt = 0.0
        self._odds, self._trail, self._onset = OutageOdds(), 1.0, 0
        self._alarm, self._alarm_blocks, self._after = False, 0, _SETTLED
        self._pace, self._worst, self._calm, self._top = 0.0, 0.0, 0.0, 0.0
        self._calm_onset = 0

    @property
    def recent(self) -> int:
        """People counted in the last 15 minutes."""
        return self._crowd.recent

    @property
    def since(self) -> int | None:
        """The minute when the outage most likely began, while one is possible or likely."""
        return self._onset if self.level in {Level.POSSIBLE, Level.LIKELY} else None

    @property
    def why(self) -> str:
        """The reason for the level, for logs and files; cards use other sentences."""
        people = "1 person" if self.recent == 1 else f"{self.recent} people"
        return f"{people} in the last 15 minutes, usual {round(self.usual, 1):g}"

    @property
    def unaided(self) -> bool:
        """Whether the reports of the last minutes alone, without other signals, are enough for an alarm."""
        return self._odds.nats >= self._bar.alarm

    @property
    def few_servers(self) -> bool:
        """Whether the reports come from the same few servers.

        A raid on one of them looks like an outage, so the alarm waits.
        """
        return self.seasoned and self._crowd.crowded

    @property
    def calm_since(self) -> int | None:
        """The minute when the calm after an outage most likely began, while the level is RECOVERED."""
        return self._calm_onset if self.level is Level.RECOVERED else None

    @property
    def seasoned(self) -> bool:
        """Whether a whole day was observed. Before that, `usual` is a guess."""
        return self._age >= BLOCK * BLOCKS_A_DAY

    def usual_at(self, minute: int) -> float:
        """The usual number of people in 15 minutes at a given minute, by current knowledge."""
        return WINDOW * exp(self._model.forecast(minute // BLOCK)[0])

    def update(
        self, minute: int, reporters: int, servers: int, log_odds: float = 0.0, credited: Credits | None = None
    ) -> Level:
        """Process a minute and return the level.

        `minute` counts from the epoch; `reporters` is the number of people newly counted in it (each at most once per
        hour); `credited` is how many of each server may count for the baseline, all by default; `servers` is the number
        of servers with a counted report in the last 15 minutes; `log_odds` is the evidence for an outage from other
        signals, in nats: it moves the thresholds, never the counts. Minutes left out are unobserved.
        """
        if minute - 1 != self._minute and not self._jump(minute):
            return self.level
        self._minute = minute
        self._age += 1
        if minute // BLOCK != self._block:
            self._turn(minute // BLOCK)
        count = min(max(reporters, 0), _MOST)
        counted = count if credited is None else min(self._model.credit(self._block, credited), count)
        self._people += counted
        self._seen += 1
        self._pace += (count - self._pace) / WINDOW
        self._update_crowd(count, min(max(servers, 0), _MOST), counted)
        self._weigh(minute)
        self.level = self._judge(count, max(_LOG_ODDS_LIMITS[0], min(log_odds, _LOG_ODDS_LIMITS[1])))
        return self.level

    def _update_crowd(self, count: int, servers: int, credited: float) -> None:
        ordinary = self._odds.nats < _DOUBT and not self._alarm and self._after > _SETTLED
        self._crowd.take(count, servers, self._rate, ordinary=ordinary, trusted=self._alarm, credited=credited)

    def _weigh(self, minute: int) -> None:
        """Update the odds, and the minute when an outage would have begun."""
        everybody = self._crowd.beyond_raid(self._rate)
        ratio = self._odds.update(self._crowd, ordinary=not self._alarm, everybody=everybody)
        self._trail = min(self._trail * ratio, _MOST_TRAIL)
        if self._trail <= 1.0:
            self._trail = 1.0
            if not self._alarm:
                self._onset = minute + 1

    def _judge(self, count: int, log_odds: float) -> Level:
        if self._alarm:
            if not self._all_clear(count, log_odds):
                return Level.LIKELY
            self._alarm, self._after = False, 0
            if 0 <= self._top - self._bar.alarm < _CLEAR - _DOUBTED:
                self._bar.count(self._top)
            self._restart_evidence()
        crowd, bar = self._crowd, self._bar
        evidence = 0.0 if crowd.several and crowd.servers <= 1 else self._odds.nats
        if evidence >= FLOOR or bar.peak:
            bar.watch(evidence)
        evidence += log_odds if crowd.several else log_odds - _SINGLE
        if evidence >= bar.alarm:
            self._raise()
            return Level.LIKELY
        self._after += 1
        if self._after <= _RECOVERED:
            return Level.RECOVERED
        return Level.POSSIBLE if evidence >= bar.warning else Level.NORMAL

    def _raise(self) -> None:
        self._alarm, self._tainted, self._alarm_blocks = True, True, 0
        self._worst, self._calm, self._top = 4.0, 0.0, self._odds.nats
        self._bar.peak = 0.0
        if self._crowd.beyond_raid(self._rate):
            self._odds.trust()
        self._pending = [held for held in self._pending if held[0] < self._block - _DOUBTFUL]

    def _restart_evidence(self) -> None:
        self._odds.reset()
        self._trail = 1.0

    def _all_clear(self, count: int, log_odds: float) -> bool:
        """Page's test (1954) for the end: back to usual, against half of the worst rate (at least double the usual).

        The evidence that other signals add for the alarm also counts against the all-clear.
        """
        rate = self._rate
        self._worst = max(self._worst * 0.997, min(self._pace / rate, max(_MOST_TIMES, _FEW / rate)))
        still = max(2.0, self._worst / 2)
        if not self._calm:
            self._calm_onset = self._minute or 0
        self._calm = max(0.0, self._calm + (still - 1) * rate - count * log(still))
        self._top = max(self._top, self._odds.nats)
        needed = min(_DOUBTED + self._top - self._bar.alarm, _CLEAR) + log_odds
        return self._calm >= needed or self._odds.nats + log_odds < _LIFTED

    def _turn(self, block: int) -> None:
        """Close a block of minutes, learn the counts that are old enough, and forecast the next block."""
        self._learn()
        passed, self._block = block - self._block, block
        self._people, self._seen, self._tainted = 0.0, 0, self._alarm and self._alarm_blocks < _NEW_NORMAL
        if passed > 0:
            self._model.pass_time(passed)
        mean, variance = self._model.forecast(block)
        self._doubt = variance
        self._rate = max(exp(mean), 1e-4)
        self.usual = WINDOW * self._rate
        spread, followed = sqrt(variance), 1 / (1 + (_MANY / self.usual) ** 2)
        sure = (1 - followed) * _SURE + _MOODY * max(0.0, self._model.mood - _CALM)
        held = max(exp(mean + (sure + _NEW * exp(-self._age / _NEW_MINUTES)) * spread), 1e-3)
        weight = (held / exp(self._model.mean[0])) ** -_NIGHT
        self._odds.expect((1 - self._crowd.share) * held, followed * spread, weight)

    def _learn(self) -> None:
        self._crowd.settle()
        if self._alarm:
            self._alarm_blocks += 1
            if self._alarm_blocks % _NEW_NORMAL == 0:
                self._model.doubt_level()
        elif self._seen:
            self._bar.settle(self._seen, self._crowd.size(self._rate))
        if self._seen and not self._tainted:
            self._pending.append((self._block, self._people, self._seen))
        hold = _HOLD
        if self._odds.nats > _SUSPECT and self._doubt < _KNOWN:
            hold += round((_HOLD_LONG - _HOLD) * min(1.0, (_CALM / self._model.mood) ** 2))
        while len(self._pending) > hold:
            self._model.learn(*self._pending.pop(0))

    def _jump(self, minute: int) -> bool:
        """Handle a minute that does not follow the last one. Returns False if it must be ignored."""
        if self._minute is None:
            self._block = minute // BLOCK - 1
            return True
        gap = minute - self._minute - 1
        if -_FORGOTTEN <= gap < 0:
            return False
        if 0 <= gap < _FORGOTTEN:
            self._crowd.skip(gap)
            fade = 0.5 ** (gap / WINDOW)
            self._odds.fade(fade)
            return True
        self._crowd.skip(_FORGOTTEN)
        self._restart_evidence()
        self._onset = minute
        self._alarm, self._after, self._bar.peak = False, _SETTLED, 0.0
        if gap < 0:
            self._pending.clear()
        return True

    def state(self) -> dict[str, Any]:
        """Everything that `restore` needs to continue exactly, as JSON values."""
        return {
            "version": VERSION,
            "level": self.level.value,
            "minute": self._minute,
            "pending": [list(held) for held in self._pending],
            "own": save(self, _SAVED),
            "usual": self._model.state(),
            "odds": save(self._odds, SAVED),
            "crowd": save(self._crowd, vars(self._crowd)),
            "bar": save(self._bar, vars(self._bar)),
        }

    @classmethod
    def restore(cls, state: Any) -> "OutageDetector":
        """Continue from a `state()`. Raises ValueError for another version or anything else."""
        detector = cls()
        try:
            if state["version"] in _EARLIER:
                state = _completed(state, cls().state())
            elif state["version"] != VERSION:
                raise ValueError("the outage detector's state is of another version")
            detector.level = Level(state["level"])
            detector._minute = None if state["minute"] is None else int(state["minute"])
            held = [numbers(block, 3) for block in state["pending"][:_HOLD_LONG]]
            detector._pending = [(int(block), people, int(minutes)) for block, people, minutes in held]
            load(detector, _SAVED, state["own"])
            detector._model = Usual.restore(state["usual"])
            load(detector._odds, SAVED, state["odds"])
            detector._odds.prepare()
            load(detector._crowd, vars(detector._crowd), state["crowd"])
            load(detector._bar, vars(detector._bar), state["bar"])
            if state["version"] in _LOW_FLOOR:
                detector._bar.raise_floor()
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError("not the state of an outage detector") from error
        return detector


def _completed(state: Any, new: dict[str, Any]) -> Any:
    """The state of an earlier version, with the values of a new detector where it lacks some."""
    odds = {name: state["own"][old] for name, old in _MOVED.items() if old in state["own"]}
    state = {"odds": odds} | state
    return state | {part: values | state[part] for part, values in new.items() if isinstance(values, dict)}
