"""The weights of the mention model, stored compactly.

A dictionary of the 80,000 features would take four times the memory.
"""

from array import array
from collections.abc import Iterable

_FIRST_SIZE = 1024
_ROOM = 1.3
"""Slots per feature: with more empty slots, look-ups have fewer collisions."""


class WeightList:
    """Features and their weights in a row: what `Weights` builds its table from, in one go."""

    def __init__(self) -> None:
        self.hashes, self.thousandths = array("q"), array("h")

    def add(self, feature: str, weight: float) -> None:
        """Add a feature that was not added before."""
        if thousandths := round(weight * 1000):
            self.hashes.append(hash(feature))
            self.thousandths.append(thousandths)


class Weights:
    """Weights by feature, to three decimals; an unknown feature weighs nothing.

    A hash table in arrays: the hash of each feature (64 bits), and its weight in thousandths. The features themselves
    are not kept, so an unknown one may be taken for another, once in 10^14 times.
    """

    def __init__(self, listed: WeightList) -> None:
        size = _FIRST_SIZE
        while size < _ROOM * len(listed.hashes):
            size *= 2
        self._hashes = hashes = array("q", bytes(8 * size))
        self._thousandths = thousandths = array("h", bytes(2 * size))  # 0: this slot is empty
        last = size - 1
        for hashed, weight in zip(listed.hashes, listed.thousandths, strict=True):
            place = hashed & last
            while thousandths[place]:
                place -= 1  # -1 is the last one
            hashes[place], thousandths[place] = hashed, weight

    def of(self, features: Iterable[str]) -> list[float]:
        """The weights of the features that have one."""
        hashes, thousandths, last = self._hashes, self._thousandths, len(self._hashes) - 1
        found: list[float] = []
        for feature in features:
            hashed = hash(feature)
            place = hashed & last
            while weight := thousandths[place]:
                if hashes[place] == hashed:
                    found.append(weight / 1000)
                    break
                place -= 1  # -1 is the last one
        return found
