"""The servers' own phrases, prepared for searching; the most recently used servers stay in memory."""

from collections import OrderedDict

from bot.core.own_phrases import OwnPhrases, Stopwatch
from bot.core.pattern_budget import PatternBudget
from bot.usecases.ports import Clock

MOST_MEMORY = 64 << 20
"""The most bytes that all compiled patterns may use."""
MOST_SETS = 2000
MOST_BUDGETS = 20_000


class PhraseSets:
    """One set of phrases for each server, with the CPU time budget of its patterns."""

    def __init__(self, stopwatch: Stopwatch, clock: Clock) -> None:
        self._stopwatch = stopwatch
        self._clock = clock
        self._sets: OrderedDict[int, tuple[tuple[str, ...], OwnPhrases]] = OrderedDict()
        self._budgets: OrderedDict[int, PatternBudget] = OrderedDict()
        self._memory = 0

    def find(self, guild_id: int, phrases: tuple[str, ...], text: str) -> str | None:
        """The first of a server's phrases that the text contains, or None."""
        if not phrases:
            return None
        return self._set(guild_id, phrases).find(text, self._budget(guild_id))

    def resting(self, guild_id: int, phrases: tuple[str, ...]) -> dict[str, float]:
        """The server's patterns that are suspended because they took too long, with the end (epoch seconds)."""
        budget = self._budgets.get(guild_id)
        return {} if budget is None else {one: at for one, at in budget.resting().items() if one in phrases}

    def refused(self, guild_id: int, phrases: tuple[str, ...]) -> tuple[str, ...]:
        """The server's patterns, saved by an older version, that are too large for this version."""
        return self._set(guild_id, phrases).refused if phrases else ()

    def _set(self, guild_id: int, phrases: tuple[str, ...]) -> OwnPhrases:
        known = self._sets.get(guild_id)
        if known is not None and known[0] == phrases:
            self._sets.move_to_end(guild_id)
            return known[1]
        self._drop(guild_id)
        made = OwnPhrases(phrases)
        self._sets[guild_id] = phrases, made
        self._memory += made.memory
        while len(self._sets) > 1 and (self._memory > MOST_MEMORY or len(self._sets) > MOST_SETS):
            self._drop(next(iter(self._sets)))
        return made

    def _drop(self, guild_id: int) -> None:
        if (known := self._sets.pop(guild_id, None)) is not None:
            self._memory -= known[1].memory

    def _budget(self, guild_id: int) -> PatternBudget:
        budget = self._budgets.get(guild_id)
        if budget is None:
            budget = self._budgets[guild_id] = PatternBudget(self._stopwatch, self._clock)
        self._budgets.move_to_end(guild_id)
        while len(self._budgets) > MOST_BUDGETS:
            self._budgets.popitem(last=False)
        return budget
