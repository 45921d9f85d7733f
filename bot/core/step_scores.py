"""Counts which steps of a guide helped people. The steps that helped more often are shown first."""

from collections.abc import Mapping

LEAST_ANSWERS = 8
"""With fewer answers the steps stay in the order of their guide."""
MEMORY = 200
"""After this many answers the counts are halved, so that recent ones weigh more."""
NOTHING = -1
"""Stands for a step: nothing helped."""


def order(steps: int, helped: Mapping[int, int]) -> tuple[int, ...]:
    """The numbers of the steps, the most helpful first; equally helpful steps keep their order."""
    numbers = range(steps)
    if sum(helped.values()) < LEAST_ANSWERS:
        return tuple(numbers)
    return tuple(sorted(numbers, key=lambda number: -helped.get(number, 0)))


def answered(helped: Mapping[int, int], step: int) -> dict[int, int]:
    """The counts after one more answer."""
    counts = dict(helped)
    if sum(counts.values()) >= MEMORY:
        counts = {number: count // 2 for number, count in counts.items()}
    counts[step] = counts.get(step, 0) + 1
    return counts
