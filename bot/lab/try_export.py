"""Operators try their own exports: each message with what the detector makes of it. Nothing is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from bot.core.errors import InvalidValueError
from bot.core.mentions import Detector

MENTION, OTHER = ("outage", "mention", True), ("other", False)
"""What a `label` may say."""
MOST_FAULTS = 20


@dataclass(slots=True)
class ExportSummary:
    """How the detector did on labelled lines, at one point."""

    right: int = 0
    false_alarms: int = 0
    missed: int = 0

    def count(self, *, told: bool, truth: bool) -> None:
        """Take in a line."""
        self.right += told and truth
        self.false_alarms += told and not truth
        self.missed += truth and not told

    def __str__(self) -> str:
        told, true = self.right + self.false_alarms, self.right + self.missed
        precision = f"{self.right / told:.3f}" if told else "-"
        recall = f"{self.right / true:.3f}" if true else "-"
        f1 = f"{2 * self.right / (told + true):.3f}" if told + true else "-"
        return f"precision {precision}  recall {recall}  F1 {f1}  false positives {self.false_alarms}"


@dataclass(slots=True)
class ExportTrial:
    """A run over an export: what was counted, and the lines that could not be read."""

    lines: int = 0
    labelled: int = 0
    mentions: int = 0
    suggested: int = 0
    reply: ExportSummary = field(default_factory=ExportSummary)
    suggest: ExportSummary = field(default_factory=ExportSummary)
    unread: int = 0
    faults: list[str] = field(default_factory=list[str])
    """What was wrong with the first `MOST_FAULTS` of the unread lines."""

    def run(self, export: Iterable[bytes], detector: Detector) -> Iterator[bytes]:
        """Each line of the export with `mention`, `suggest`, `confidence` and `why`; others go to `faults`."""
        for number, given in enumerate(export, start=1):
            line = given.removeprefix(b"\xef\xbb\xbf").strip()
            if not line:
                continue
            try:
                row, label = _read(line)
            except InvalidValueError as error:
                self._fault(number, error.field, error.expected)
                continue
            found = detector.detect(row["text"])
            replies = found is not None and detector.replies(found)
            self.lines += 1
            self.mentions += replies
            self.suggested += found is not None
            if label is not None:
                self.labelled += 1
                self.reply.count(told=replies, truth=label)
                self.suggest.count(told=found is not None, truth=label)
            confidence = found.confidence if found else detector.confidence(row["text"])
            why = found.why if found else "says nothing of the service failing now"
            verdict = {"mention": replies, "suggest": found is not None, "confidence": round(confidence, 4), "why": why}
            try:
                yield orjson.dumps({**row, **verdict}) + b"\n"
            except TypeError:
                self._fault(number, "the line", "no deeper than 250 levels")

    def _fault(self, number: int, what: str, expected: str) -> None:
        self.unread += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(f"line {number}: {what} should be {expected}")

    def summary(self) -> str:
        """The counts in words."""
        told = [f"{self.lines} lines, {self.mentions} would be answered, {self.suggested} count as talk of trouble"]
        if self.labelled:
            told += [f"{self.labelled} labelled", f"  reply    {self.reply}", f"  suggest  {self.suggest}"]
        return "\n".join(told)


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
