"""The parts (components) of a status page, and the choice of the service file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.core.signals import State

_WORST_FIRST = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.MAINTENANCE, State.UP)


@dataclass(frozen=True, slots=True)
class Component:
    """A part (component) of a page, or a group of them. `word` is the page's own word for its state."""

    id: str
    name: str
    word: str = ""
    state: State = State.UNKNOWN
    group: bool = False
    parent: str = ""
    """The id of its group."""


def rank(state: State) -> int:
    """The place of a state on a page, from 0 for the worst."""
    return _WORST_FIRST.index(state)


def worst_of_each(parts: Iterable[Component]) -> tuple[Component, ...]:
    """Each part once, as the worst that is said of it: several incidents may name it."""
    found: dict[str, Component] = {}
    for part in parts:
        known = found.get(part.id)
        if known is None or rank(part.state) < rank(known.state):
            found[part.id] = part
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class ChosenComponents:
    """The parts of a page that matter. `missing` are the names in the service file that the page does not have."""

    parts: tuple[Component, ...]
    missing: tuple[str, ...] = ()
    wanted: frozenset[str] = frozenset()
    """The names and ids in the service file."""
    on_page: frozenset[str] = frozenset()
    """The ids of all parts of the page."""

    @property
    def everything(self) -> bool:
        """Whether the service file names no parts, so that the whole page matters."""
        return not self.wanted

    def concerns(self, affected: Iterable[tuple[str, str]]) -> bool:
        """Whether an event that affects these parts (id, name) is relevant. An event without any parts is."""
        if self.everything:
            return True
        named, ids = list(affected), {part.id for part in self.parts}
        return not named or any(
            id_ in ids or (id_ not in self.on_page and not self.wanted.isdisjoint({_key(id_), _key(name)}))
            for id_, name in named
        )


def choose(wanted: Sequence[str], parts: Sequence[Component], *, complete: bool = True) -> ChosenComponents:
    """Choose the wanted parts, by name or id; a group stands for its parts. All if none is wanted.

    If `parts` are not `complete`, none counts as missing: it may just be healthy.
    """
    if not wanted:
        return ChosenComponents(tuple(part for part in parts if not part.group))
    chosen, missing = dict[Component, None](), list[str]()
    for name in wanted:
        found = [part for part in parts if _key(name) in {_key(part.id), _key(part.name)}]
        groups = {part.id for part in found if part.group}
        found = [part for part in (*found, *(p for p in parts if p.parent in groups)) if not part.group]
        chosen |= dict.fromkeys(found)
        if not found and complete:
            missing.append(name)
    keys = frozenset(map(_key, wanted))
    return ChosenComponents(tuple(chosen), tuple(missing), keys, frozenset(part.id for part in parts))


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
