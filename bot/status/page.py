"""The content of an official page, in a common form for all providers, and the reading made from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.service import Source
from bot.core.signals import Cause, Incident, Maintenance, Reading, State
from bot.status.answers import text
from bot.status.parts import ChosenComponents, Component, choose, rank

MAX_EVENTS = 50
"""The most incidents, and the most planned or current maintenance, in a reading."""
_MOST_NAMED = 3
"""The most parts in trouble that the detail names."""

Affected = tuple[tuple[str, str], ...]
"""Id and name of each part that an incident or maintenance affects."""


@dataclass(frozen=True, slots=True)
class Overall:
    """The page's overall state. `word` is the page's own word; `text` is the text that it shows to people."""

    state: State
    word: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class OfficialPage:
    """An official page.

    `incidents` are the open ones, `maintenances` those that are not done, each with the parts that it affects.
    `overall` is None if the page has no overall state. `complete` is true if `parts` are all of its parts; some pages
    only name those in trouble.
    """

    overall: Overall | None = None
    parts: tuple[Component, ...] = ()
    incidents: tuple[tuple[Incident, Affected], ...] = ()
    maintenances: tuple[tuple[Maintenance, Affected], ...] = ()
    complete: bool = True


def reading_of(source: Source, page: OfficialPage, at: float) -> Reading:
    """The reading of a page, for the parts that the service file names, or for all of it."""
    ours = choose(source.components, page.parts, complete=page.complete)
    relevant = [(one, affected) for one, affected in page.incidents if ours.concerns(affected)][:MAX_EVENTS]
    incidents = tuple(one for one, _ in relevant)
    work = (one for one, affected in page.maintenances if not one.over(at) and ours.concerns(affected))
    maintenances = tuple(work)[:MAX_EVENTS]
    going_on = [one for one in maintenances if one.going_on(at)]
    strange = [one for one in incidents if one.impact is State.UNKNOWN and not one.old(at)]
    impacts = [(_impact(one, affected, page, ours), one.title) for one, affected in relevant]
    state, cause, detail = _judge(page, ours, impacts, going_on, strange)
    return Reading(source.signal, state, cause, at, source.link, detail, incidents, maintenances)


def _judge(
    page: OfficialPage,
    ours: ChosenComponents,
    impacts: Sequence[tuple[State, str]],
    going_on: Sequence[Maintenance],
    strange: Sequence[Incident],
) -> tuple[State, Cause, str]:
    """The worst state among the relevant parts, with its words and the names of the parts in trouble.

    The overall state only counts if the whole page is relevant. Unknown parts only count if no other is known. An
    incident of unknown impact only counts through the parts that it affects. Where the page calls nothing healthy,
    the state is unknown while such a `strange` incident is open.
    """
    said: list[tuple[State, str]] = []
    if ours.everything and page.overall is not None:
        if page.overall.state is State.UNKNOWN:
            return State.UNKNOWN, Cause.UNKNOWN_VALUE, text(page.overall.word, 100)
        said.append((page.overall.state, page.overall.text))
    elif not page.complete:
        said.append((State.UP, ""))
    elif not ours.parts:
        said.append((State.UNKNOWN, ""))
    unknown = [part for part in ours.parts if part.state is State.UNKNOWN]
    known = [part for part in ours.parts if part.state is not State.UNKNOWN]
    said += [(_of_one_part(part.state), _in_words(part)) for part in known]
    said += [(part.state, part.word) for part in unknown if not known]
    unclear = strange if not page.complete or (page.overall is None and not known) else ()
    said += [(impact, title) for impact, title in impacts if impact is not State.UNKNOWN]
    said += [(State.MAINTENANCE, one.title) for one in going_on]
    said += [(State.UNKNOWN, one.title) for one in unclear]
    state, sentence = min(said, key=lambda one: rank(one[0]))
    if state is not State.UP and not sentence:  # some pages have a bare word for all of themselves
        sentence = next((words for one, words in said if one is state and words), "")
    if state is State.UNKNOWN and (unknown or unclear):
        return state, Cause.UNKNOWN_VALUE, sentence
    sentence = "; ".join(dict.fromkeys(filter(None, (sentence, *_hit(known), _unknown(unknown), _missing(ours)))))
    return state, Cause.PART_MISSING if state is State.UNKNOWN else Cause.ANSWERED, text(sentence, 200)


def _impact(incident: Incident, affected: Affected, page: OfficialPage, ours: ChosenComponents) -> State:
    """What an incident does to the service. If it affects some of the relevant parts and not all, they are not down."""
    hit = {id_ for id_, _ in affected}
    some = page.complete and bool(affected) and not all(part.id in hit for part in ours.parts)
    return _of_one_part(incident.impact) if some else incident.impact


def _of_one_part(state: State) -> State:
    """The state of the service, given the state of one part: if one part is down, the service is not."""
    return State.DEGRADED if state is State.DOWN else state


def _in_words(part: Component) -> str:
    return f"{part.name}: {part.word}"


def _hit(parts: Sequence[Component]) -> Iterator[str]:
    """The parts that are not well, the worst first, however the page itself puts it."""
    hit = sorted((part for part in parts if part.state is not State.UP), key=lambda one: rank(one.state))
    yield from map(_in_words, hit[:_MOST_NAMED])
    if len(hit) > _MOST_NAMED:
        yield f"and {len(hit) - _MOST_NAMED} more"


def _unknown(parts: list[Component]) -> str:
    named = [f"{part.name} ({part.word})" if part.word else part.name for part in parts]
    return "unknown: " + ", ".join(named) if parts else ""


def _missing(ours: ChosenComponents) -> str:
    return "not on the page: " + ", ".join(ours.missing) if ours.missing else ""
