"""Charts: people per time step, the usual number, outages, official incidents and unobserved times."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bot.core.reports import DAY, MINUTE


class Theme(StrEnum):
    """The Discord theme that a picture is drawn for. Discord does not say which theme a reader uses."""

    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Span:
    """A time span in epoch seconds. `end` is None while it lasts."""

    start: float
    end: float | None


class Moment(NamedTuple):
    """The last 15 minutes as stated in the text of a card. The picture beside it ends with the same numbers.

    `end` is an epoch second at the end of a minute; `usual` is None if not known. `drawn_at` is the minute that
    the text states, None if that is the end.
    """

    end: int
    people: int
    usual: float | None
    drawn_at: int | None = None

    @classmethod
    def at(cls, now: float, people: int, usual: float | None) -> "Moment":
        """The moment at `now`, within a minute that has not ended."""
        begun = int(now) // MINUTE * MINUTE
        return cls(begun + MINUTE, people, usual, begun)


class Most(NamedTuple):
    """The most people in any period of one step's length, and its end (epoch seconds)."""

    people: int
    at: int


@dataclass(frozen=True, slots=True)
class ChartSummary:
    """A chart in plain numbers, for people who cannot see it. Times are epoch seconds, lengths are seconds.

    `people` is the sum of all steps, `latest` the current number (that of the newest step, if nothing better is known).
    `peak_at` is when there were `peak` people: the end of that period if the chart knows it, else the start of the
    first such step; None without people. `outage_since` is the start of the current outage, or None; `incident_since`
    likewise. `unwatched` is how long the service was not observed; overlaps count once.
    """

    people: int
    latest: int
    peak: int
    peak_at: int | None
    outages: int
    outage_since: float | None
    incidents: int
    incident_since: float | None
    unwatched: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The data of a picture. There is a bar for each step of `step` seconds; the first begins at epoch second `start`.

    `people` are those newly counted in a step. `usual` is the usual number in it, None if not known. `outages` were
    detected by us, `incidents` are from the official page. In `gaps` we did not observe the service: its numbers are
    unknown, never zero. `most` and `latest` (people in the last 15 minutes) are for the description, if they are known
    more exactly than from the bars. `drawn` is the time that the picture states; without it, the end of the chart.
    """

    start: int
    step: int
    people: tuple[int, ...]
    usual: tuple[float | None, ...]
    outages: tuple[Span, ...] = ()
    incidents: tuple[Span, ...] = ()
    gaps: tuple[Span, ...] = ()
    most: Most | None = None
    latest: int | None = None
    drawn: int | None = None

    def __post_init__(self) -> None:
        if not self.people or len(self.people) != len(self.usual) or self.step <= 0:
            raise ValueError("a chart needs a step, and as many usual values as bars, at least one")

    @property
    def end(self) -> int:
        """The right edge of the last bar, epoch seconds."""
        return self.start + self.step * len(self.people)

    @property
    def at(self) -> int:
        """The time that the chart states, epoch seconds."""
        return self.end if self.drawn is None else self.drawn

    @property
    def by_hours(self) -> bool:
        """Whether its times are hours before its end; those of a longer chart are days of UTC."""
        return self.end - self.start <= 2 * DAY

    def overlapping(self, spans: tuple[Span, ...]) -> list[Span]:
        """The spans that overlap this chart, from left to right."""
        inside = (s for s in spans if s.start < self.end and (s.end is None or s.end > self.start))
        return sorted(inside, key=lambda span: span.start)

    def summary(self) -> ChartSummary:
        """This chart in numbers."""
        highest = max(self.people)
        peak, peak_at = self.most or (highest, self.start + self.step * self.people.index(highest))
        return ChartSummary(
            people=sum(self.people),
            latest=self.people[-1] if self.latest is None else self.latest,
            peak=peak,
            peak_at=peak_at if peak else None,
            outages=len(self.overlapping(self.outages)),
            outage_since=_start_of_current(self.outages),
            incidents=len(self.overlapping(self.incidents)),
            incident_since=_start_of_current(self.incidents),
            unwatched=self._covered(self.gaps),
        )

    def _covered(self, spans: tuple[Span, ...]) -> float:
        total, covered_until = 0.0, float(self.start)
        for span in self.overlapping(spans):
            end = self.end if span.end is None else min(span.end, self.end)
            total += max(0.0, end - max(span.start, covered_until))
            covered_until = max(covered_until, end)
        return total


def _start_of_current(spans: tuple[Span, ...]) -> float | None:
    return min((span.start for span in spans if span.end is None), default=None)
