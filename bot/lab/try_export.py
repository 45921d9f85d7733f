"""Runs the mention detector over an operator's export, and adds its result to each message. Nothing is stored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from bot.core.errors import InvalidValueError
from bot.core.mentions import Detector

MENTION, OTHER = ("outage", "mention", True), ("other", False)
"""The values of `label`."""
MOST_FAULTS = 20


@dataclass(slots=True)
class ExportSummary:
    """The detector's results for labelled lines, at one threshold."""

    right: int = 0
    false_alarms: int = 0
    missed: int = 0

    def count(self, *, detected: bool, truth: bool) -> None:
        """Count a line."""
        self.right += detected and truth
        self.false_alarms += detected and not truth
        self.missed += truth and not detected

    def __str__(self) -> str:
        detected, true = self.right + self.false_alarms, self.right + self.missed
        precision = f"{self.right / detected:.3f}" if detected else "-"
        recall = f"{self.right / true:.3f}" if true else "-"
        f1 = f"{2 * self.right / (detected + true):.3f}" if detected + true else "-"
        return f"precision {precision}  recall {recall}  F1 {f1}  false positives {self.false_alarms}"


@dataclass(slots=True)
class ExportTrial:
    """A run over an export: its counts, and the lines that could not be read."""

    lines: int = 0
    labelled: int = 0
    mentions: int = 0
    suggested: int = 0
    reply: ExportSummary = field(default_factory=ExportSummary)
    suggest: ExportSummary = field(default_factory=ExportSummary)
    unread: int = 0
    faults: list[str] = field(default_factory=list[str])
    """Messages for the first `MOST_FAULTS` unreadable lines."""

    def run(self, export: Iterable[bytes], detector: Detector) -> Iterator[bytes]:
        """Yield each line with `mention`, `suggest`, `confidence` and `why`; unreadable lines go to `faults`."""
        for number, given in enumerate(export, start=1):
            line = given.removeprefix(b"\xef\xbb\xbf").strip()
            if not line:
                continue
            try:
                row, label = _read(line)
            except InvalidValueError as error:
                self._fault(number, error.field, error.expected)
                continue
            mention = detector.detect(row["text"])
            replies = mention is not None and detector.replies(mention)
            self.lines += 1
            self.mentions += replies
            self.suggested += mention is not None
            if label is not None:
                self.labelled += 1
                self.reply.count(detected=replies, truth=label)
                self.suggest.count(detected=mention is not None, truth=label)
            confidence = mention.confidence if mention else detector.confidence(row["text"])
            why = mention.why if mention else "does not say that the service fails now"
            verdict = {
                "mention": replies,
                "suggest": mention is not None,
                "confidence": round(confidence, 4),
                "why": why,
            }
            try:
                yield orjson.dumps({**row, **verdict}) + b"\n"
            except TypeError:
                self._fault(number, "the line", "no deeper than 250 levels")

    def _fault(self, number: int, what: str, expected: str) -> None:
        self.unread += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(f"line {number}: {what} should be {expected}")

    def summary(self) -> str:
        """The counts as text."""
        parts = [f"{self.lines} lines, {self.mentions} would be answered, {self.suggested} count as talk of trouble"]
        if self.labelled:
            parts += [f"{self.labelled} labelled", f"  reply    {self.reply}", f"  suggest  {self.suggest}"]
        return "\n".join(parts)


def _read(line: bytes) -> tuple[dict[str, Any], bool | None]:
    try:
        row: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise InvalidValueError("the line", 'a JSON object such as {"text": "is it down?"}') from None
    if not isinstance(row, dict):
        raise InvalidValueError("the line", 'a JSON object such as {"text": "is it down?"}')
    members = cast("dict[str, Any]", row)
    if not isinstance(members.get("text"), str):
        raise InvalidValueError("text", "the message as a string")
    label = members.get("label")
    if label is None:
        return members, None
    if label in MENTION or label in OTHER:
        return members, label in MENTION
    raise InvalidValueError("label", '"outage" or "other"')
