"""The second stage of the mention detector: a small head on a sentence encoder.

The encoder turns a text into a vector that represents its meaning, in any language. `make mentions` trains the head on
the same lines as the detector. The head combines the vector with the detector's score.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from typing import Any


@dataclass(frozen=True, slots=True)
class Head:
    """One hidden layer with ReLU, and a weight for the detector's log-odds."""

    hidden: Sequence[Sequence[float]]
    hidden_bias: Sequence[float]
    out: Sequence[float]
    bias: float
    first: float

    @classmethod
    def read(cls, learnt: Mapping[str, Any]) -> "Head":
        """Read a head that `make mentions` wrote."""
        return cls(learnt["hidden"], learnt["hidden_bias"], learnt["out"], learnt["bias"], learnt["first"])

    def weigh(self, vector: Sequence[float], first: float) -> float:
        """The log-odds that a text is a mention, from its vector and the detector's log-odds."""
        total = self.bias + self.first * first
        for row, bias, weight in zip(self.hidden, self.hidden_bias, self.out, strict=True):
            reached = bias + math.fsum(map(mul, row, vector))
            if reached > 0:
                total += weight * reached
        return total
