"""The weights of the mention model in little memory: 80,000 features would take four times as much in a dictionary."""

from array import array
from collections.abc import Iterable

_FIRST_SIZE = 1024
_ROOM = 1.3
"""Places for each feature: with more empty ones, fewer others are met on the way to the right one."""


class Weights:
    """Weights by feature; one that was not added weighs nothing.

    A hash table in arrays: the hash of each feature (64 bits), and which of the different weights it has. The features
    themselves are not kept, so an unknown one may be taken for another: once in 10^14 times.
    """

    def __init__(self) -> None:
        self._count = 0
        self._hashes = array("q", bytes(8 * _FIRST_SIZE))
        self._numbers = array("H", bytes(2 * _FIRST_SIZE))  # 0: nothing is in this place
        self._values = [0.0]
        self._number_of = {0.0: 0}

    def add(self, feature: str, weight: float) -> None:
        """Add a feature that was not added before."""
        number = self._number_of.get(weight)
        if number is None:
            number = self._number_of[weight] = len(self._values)
            self._values.append(weight)
        self._count += 1
        if self._count * _ROOM > len(self._hashes):
            self._grow()
        self._put(hash(feature), number)

    def of(self, features: Iterable[str]) -> list[float]:
        """The weights of those features that have one."""
        hashes, numbers, values, last = self._hashes, self._numbers, self._values, len(self._hashes) - 1
        found: list[float] = []
        for feature in features:
            hashed = hash(feature)
            place = hashed & last
            while number := numbers[place]:
                if hashes[place] == hashed:
                    found.append(values[number])
                    break
                place -= 1  # -1 is the last one
        return found

    def _put(self, hashed: int, number: int) -> None:
        place = hashed & (len(self._hashes) - 1)
        while self._numbers[place]:
            place -= 1
        self._hashes[place], self._numbers[place] = hashed, number

    def _grow(self) -> None:
        hashes, numbers = self._hashes, self._numbers
        self._hashes, self._numbers = array("q", bytes(16 * len(hashes))), array("H", bytes(4 * len(numbers)))
        for hashed, number in zip(hashes, numbers, strict=True):
            if number:
                self._put(hashed, number)
