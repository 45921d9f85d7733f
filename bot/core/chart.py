"""Charts: people step by step, with what is usual, outages, official incidents and unobserved times."""

from dataclasses import dataclass
from enum import StrEnum


class Theme(StrEnum):
    """What a picture is drawn for. Discord does not tell which of them a reader uses."""

    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, epoch seconds; `end` None is still going on."""

    start: float
    end: float | None


@dataclass(frozen=True, slots=True)
class ChartSummary:
    """A chart in plain numbers, for those who cannot see it. Times are epoch seconds, lengths seconds.

    `people` is the sum of all steps, `latest` the newest step alone. `peak_at` is the start of the first step that
    has `peak` people, None if there was nobody. `outage_since` is the start of the outage still going on, None if
    there is none; `incident_since` likewise. `unwatched` is how long reports could not reach us, overlaps counted once.
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
    """What a picture shows. There is a bar for each step of `step` seconds; the first begins at epoch second `start`.

    `people` are those newly counted in a step, `usual` how many are usual in it, None where that is not known.
    `outages` were found by us, `incidents` are on the official page. In `gaps` we did not watch: what happened then
    is unknown, never zero.
    """

    start: int
    step: int
    people: tuple[int, ...]
    usual: tuple[float | None, ...]
    outages: tuple[Span, ...] = ()
    incidents: tuple[Span, ...] = ()
    gaps: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not self.people or len(self.people) != len(self.usual) or self.step <= 0:
            raise ValueError("a chart needs a step, and as many usual values as bars, at least one")

    @property
    def end(self) -> int:
        """The right edge of the last bar, epoch seconds."""
        return self.start + self.step * len(self.people)

    def seen(self, spans: tuple[Span, ...]) -> list[Span]:
        """Those of `spans` that reach into this chart, from left to right."""
        inside = (s for s in spans if s.start < self.end and (s.end is None or s.end > self.start))
        return sorted(inside, key=lambda span: span.start)

    def summary(self) -> ChartSummary:
        """The chart in numbers."""
        peak = max(self.people)
        return ChartSummary(
            people=sum(self.people),
            latest=self.people[-1],
            peak=peak,
            peak_at=self.start + self.step * self.people.index(peak) if peak else None,
            outages=len(self.seen(self.outages)),
            outage_since=_since(self.outages),
            incidents=len(self.seen(self.incidents)),
            incident_since=_since(self.incidents),
            unwatched=self._covered(self.gaps),
        )

    def _covered(self, spans: tuple[Span, ...]) -> float:
        total, reached = 0.0, float(self.start)
        for span in self.seen(spans):
            end = self.end if span.end is None else min(span.end, self.end)
            total += max(0.0, end - max(span.start, reached))
            reached = max(reached, end)
        return total


def _since(spans: tuple[Span, ...]) -> float | None:
    return min((span.start for span in spans if span.end is None), default=None)
