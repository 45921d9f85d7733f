"""The content of an official page, in a common form for all providers, and the reading made from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.service import Source
from bot.core.signals import Cause, Incident, Maintenance, Reading, State
from bot.status.answers import text
from bot.status.parts import Choice, Part, choose

MAX_EVENTS = 50
"""The most incidents, and the most planned or current maintenance, in a reading."""
_WORST_FIRST = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.MAINTENANCE, State.UP)

Affected = tuple[tuple[str, str], ...]
"""Id and name of each part that an incident or maintenance affects."""


@dataclass(frozen=True, slots=True)
class Overall:
    """The page's overall state. `word` is the page's own word; `told` is the text that it shows to people."""

    state: State
    word: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """An official page.

    `incidents` are the open ones, `maintenances` those that are not done, each with the parts that it affects.
    `overall` is None if the page has no overall state. `complete` is true if `parts` are all of its parts; some pages
    only name those in trouble.
    """

    overall: Overall | None = None
    parts: tuple[Part, ...] = ()
    incidents: tuple[tuple[Incident, Affected], ...] = ()
    maintenances: tuple[tuple[Maintenance, Affected], ...] = ()
    complete: bool = True


def reading_of(source: Source, page: Page, at: float) -> Reading:
    """The reading of a page, for the parts that the service file names, or for all of it."""
    ours = choose(source.components, page.parts, complete=page.complete)
    incidents = tuple(one for one, affected in page.incidents if ours.concerns(affected))[:MAX_EVENTS]
    work = (one for one, affected in page.maintenances if not one.over(at) and ours.concerns(affected))
    maintenances = tuple(work)[:MAX_EVENTS]
    going_on = [one for one in maintenances if one.going_on(at)]
    state, cause, detail = _judge(page, ours, incidents, going_on)
    return Reading(source.signal, state, cause, at, source.link, detail, incidents, maintenances)


def _judge(
    page: Page, ours: Choice, incidents: Sequence[Incident], going_on: Sequence[Maintenance]
) -> tuple[State, Cause, str]:
    """The worst state among the relevant parts, with its words.

    The overall state only counts if the whole page is relevant. Unknown parts only count if no other is known, and an
    incident of unknown impact only through the parts that it affects.
    """
    said: list[tuple[State, str]] = []
    if ours.everything and page.overall is not None:
        if page.overall.state is State.UNKNOWN:
            return State.UNKNOWN, Cause.UNKNOWN_VALUE, text(page.overall.word, 100)
        said.append((page.overall.state, page.overall.told))
    elif not page.complete:
        said.append((State.UP, ""))
    elif not ours.parts:
        said.append((State.UNKNOWN, ""))
    unknown = [part for part in ours.parts if part.state is State.UNKNOWN]
    known = [part for part in ours.parts if part.state is not State.UNKNOWN]
    said += [(_of_one_part(part.state), f"{part.name}: {part.word}") for part in known]
    said += [(part.state, part.word) for part in unknown if not known]
    said += [(incident.impact, incident.title) for incident in incidents if incident.impact is not State.UNKNOWN]
    said += [(State.MAINTENANCE, one.title) for one in going_on]
    state, told = min(said, key=lambda one: _WORST_FIRST.index(one[0]))
    if state is State.UNKNOWN and unknown:
        return state, Cause.UNKNOWN_VALUE, told
    told = "; ".join(filter(None, (told, _unknown(unknown), _missing(ours))))
    return state, Cause.PART_MISSING if state is State.UNKNOWN else Cause.ANSWERED, text(told, 200)


def _of_one_part(state: State) -> State:
    """The state of the service, given the state of one part: if one part is down, the service is not."""
    return State.DEGRADED if state is State.DOWN else state


def _unknown(parts: list[Part]) -> str:
    return "unknown: " + ", ".join(f"{part.name} ({part.word})" for part in parts) if parts else ""


def _missing(ours: Choice) -> str:
    return "not on the page: " + ", ".join(ours.missing) if ours.missing else ""
