"""How well distress is found, printed by `make accuracy`: recall by language, and false positives.

`distress.jsonl` was written for this: messages of people in distress, and messages that only sound like it. No wording
family is in both of its parts. The part *check* was written before the phrases, and was not looked at while they were.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.mentions.lines import HERE
from bot.content.distress_words import read_distress

LINES = HERE / "distress.jsonl"


@dataclass(frozen=True, slots=True)
class DistressLine:
    """A message, and whether its writer is in distress."""

    text: str
    distress: bool
    language: str
    family: str
    part: str


def read_lines() -> list[DistressLine]:
    """Read all messages."""
    rows: list[dict[str, Any]] = [json.loads(row) for row in LINES.read_text("utf-8").splitlines()]
    return [DistressLine(r["text"], r["distress"], r["lang"], r["family"], r["part"]) for r in rows]


def show(talk: Mapping[str, Sequence[str]]) -> None:
    """Print recall by part and language, and false positives among the other lines and in chat, by source."""
    heard = read_distress().matches
    lines = read_lines()
    for part in ("development", "check"):
        there = [line for line in lines if line.part == part]
        found = {line.text for line in there if heard(line.text)}
        people = [line for line in there if line.distress]
        false = sum(line.text in found for line in there if not line.distress)
        recall = sum(line.text in found for line in people) / len(people)
        print(f"distress, {part}: recall {recall:.3f} of {len(people)}; {false} of {len(there) - len(people)} others")
        by_language: dict[str, list[bool]] = defaultdict(list)
        for line in people:
            by_language[line.language].append(line.text in found)
        each = (f"{language} {sum(got)}/{len(got)}" for language, got in sorted(by_language.items()))
        print("  recall:", ", ".join(each))
    total = sum(map(len, talk.values()))
    hits = {source: sum(map(heard, texts)) for source, texts in talk.items()}
    for source, count in hits.items():
        print(f"  {source}: {len(talk[source])} lines, {count} taken for distress")
    print(f"  together per 10,000 lines: {10_000 * sum(hits.values()) / total:.1f}")
