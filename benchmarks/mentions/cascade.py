"""The accuracy of both stages together, compared with the first alone; `make accuracy` prints it.

Each message goes the same way as in the bot: the detector, the gate of the second stage, the encoder and its network.
The 95 % confidence intervals are Wilson's.
"""

import math
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from benchmarks.mentions.lines import Line
from bot.content.words import second_head
from bot.core.mentions import Detector, Mention, Sensitivity
from bot.core.second_stage import Head
from bot.hearing.encoder import Encoder, installed, readable

POINTS = {"reply": Sensitivity.BALANCED, "suggest": Sensitivity.EAGER}


@dataclass(frozen=True, slots=True)
class Decision:
    """The results for a message: of the first stage, whether it passed the gate, and of both stages."""

    first: Mention | None
    passed: bool
    both: Mention | None


class Cascade:
    """Both stages in this process, for one message at a time."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        os.environ["OMP_NUM_THREADS"] = "1"  # as in the bot, and before the library is loaded
        self._encoder, self._head = Encoder(), Head.read(orjson.loads(second_head()))
        self.seconds = 0.0
        """Processor time of the second stage so far."""

    def decide(self, text: str) -> Decision:
        """Decide about a message."""
        first, doubt = self.detector.detect(text), self.detector.doubt(text)
        if doubt is None:
            return Decision(first, passed=False, both=None)
        before = time.thread_time()
        log_odds = self._head.weigh(self._encoder.vector(readable(text)), doubt)
        self.seconds += time.thread_time() - before
        return Decision(first, passed=True, both=self.detector.after_second_look(text, log_odds))


def share(part: int, whole: int, per: int = 1, digits: int = 3) -> str:
    """A share with its 95 % confidence interval."""
    if not whole:
        return "-"
    z, p = 1.96, part / whole
    middle, wide = p + z * z / (2 * whole), z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    low, high = (middle - wide) / (1 + z * z / whole), (middle + wide) / (1 + z * z / whole)
    return f"{per * p:.{digits}f} ({per * max(0.0, low):.{digits}f}-{per * high:.{digits}f})"


def together(detector: Detector, labelled: Mapping[str, Sequence[Line]], talk: Mapping[str, Sequence[str]]) -> None:
    """Print the figures of both stages on labelled lines, and on chat without mentions."""
    if not installed():
        print("the second stage is not installed: `make hearing`")
        return
    cascade = Cascade(detector)
    for source, lines in labelled.items():
        decided = [cascade.decide(line.text) for line in lines]
        true = sum(line.mention for line in lines)
        passed = sum(d.passed and line.mention for d, line in zip(decided, lines, strict=True))
        print(f"{source}: {share(passed, true, 1000, 0)} of 1,000 mentions pass on to the second stage")
        for name, point in POINTS.items():
            for stages, found in (("first alone", [d.first for d in decided]), ("both", [d.both for d in decided])):
                answered = [mention is not None and detector.replies(mention, point) for mention in found]
                right = sum(yes and line.mention for yes, line in zip(answered, lines, strict=True))
                print(f"  {name:8} {stages:12} precision {share(right, sum(answered))}  recall {share(right, true)}")
    for source, texts in talk.items():
        _chat(Cascade(detector), source, texts)


def _chat(cascade: Cascade, source: str, texts: Sequence[str]) -> None:
    decided, count = [cascade.decide(text) for text in texts], len(texts)
    passed = sum(d.passed for d in decided)
    cost = f"{1000 * cascade.seconds / count:.2f} CPU-ms a message in the mean"
    each = f"{1000 * cascade.seconds / max(1, passed):.0f} for each that passes"
    print(f"{source}: of 1,000 messages {share(passed, count, 1000, 0)} pass on to the second stage; {cost}, {each}")
    for name, point in POINTS.items():
        first = _answered(cascade.detector, (d.first for d in decided), point)
        both = _answered(cascade.detector, (d.both for d in decided), point)
        print(
            f"  {name:8} first alone {share(first, count, 10_000, 1)}, both {share(both, count, 10_000, 1)} of 10,000"
        )


def _answered(detector: Detector, found: Iterable[Mention | None], point: Sensitivity) -> int:
    return sum(mention is not None and detector.replies(mention, point) for mention in found)
