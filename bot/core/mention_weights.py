"""The weights of the mention model, stored compactly.

A dictionary of the 80,000 features would take four times the memory.
"""

from array import array
from collections.abc import Iterable

_FIRST_SIZE = 1024
_ROOM = 1.3
"""Slots per feature: with more empty slots, look-ups have fewer collisions."""


class Weights:
    """Weights by feature, to three decimals; an unknown feature weighs nothing.

    A hash table in arrays: the hash of each feature (64 bits), and its weight in thousandths. The features themselves
    are not kept, so an unknown one may be taken for another, once in 10^14 times.
    """

    def __init__(self) -> None:
        self._count = 0
        self._hashes = array("q", bytes(8 * _FIRST_SIZE))
        self._thousandths = array("h", bytes(2 * _FIRST_SIZE))  # 0: this slot is empty

    def add(self, feature: str, weight: float) -> None:
        """Add a feature that was not added before."""
        self._count += 1
        if self._count * _ROOM > len(self._hashes):
            self._grow()
        self._put(hash(feature), round(weight * 1000))

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

    def _put(self, hashed: int, weight: int) -> None:
        place = hashed & (len(self._hashes) - 1)
        while self._thousandths[place]:
            place -= 1
        self._hashes[place], self._thousandths[place] = hashed, weight

    def _grow(self) -> None:
        hashes, thousandths = self._hashes, self._thousandths
        self._hashes = array("q", bytes(16 * len(hashes)))
        self._thousandths = array("h", bytes(4 * len(thousandths)))
        for hashed, weight in zip(hashes, thousandths, strict=True):
            if weight:
                self._put(hashed, weight)
