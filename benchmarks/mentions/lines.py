"""The labelled lines, and what the committed model was made from. Needs nothing but Python.

`lines/` were written for this project, language by language. `held_out.jsonl` was written by others and takes no part
in training; no training line is close to one of it.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HELD_OUT = HERE / "held_out.jsonl"
HELD_OUT_REAL = HERE / "held_out_real.jsonl"
NOT_ORDINARY = HERE / "not_ordinary.txt"
MODEL = ROOT / "bot/content/mentions/model.json"
WEIGHTS = ROOT / "bot/content/mentions/weights.tsv"

HARMLESS = (
    "hey everyone I hope you are doing well", "good night everyone", "I guess I will go to bed and read a book instead",
    "lol", "what a day", "I just got home from school", "anyway how was your weekend", "sorry for the long message",
    "my cat is sitting on my keyboard", "thanks in advance", "love this community so much",
    "I was in the middle of a really good story", "it's raining here", "happy friday", "I have a test tomorrow",
    "by the way I am new here", "not sure if this is the right channel", "I made a new character last week",
    "ugh I'm so bored", "can't wait for the weekend",
)  # fmt: skip
"""Sentences that must not hide a report, before or after it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message and whether it is a mention."""

    text: str
    mention: bool
    language: str
    kind: str = ""
    real: bool = False
    """Written after a message of a real person."""


def read_lines(path: Path) -> list[Line]:
    """JSON lines with text, label, lang and kind."""
    rows: Iterable[Any] = map(json.loads, filter(None, path.read_text("utf-8").splitlines()))
    return [
        Line(r["text"], r["label"] == "outage", r.get("lang", ""), r.get("kind", ""), r.get("family") == "real")
        for r in rows
    ]


@dataclass(frozen=True, slots=True)
class SymptomLine:
    """A message and the symptom it names. A `near_miss` may name one, but must not be answered for it."""

    text: str
    language: str
    symptom: str | None
    near_miss: bool


def symptom_lines() -> list[SymptomLine]:
    """The lines that were written for each symptom."""
    rows: Iterable[Any] = map(json.loads, (HERE / "symptoms.jsonl").read_text("utf-8").splitlines())
    return [SymptomLine(r["text"], r["language"], r.get("symptom"), r.get("kind") == "near_miss") for r in rows]


def training_lines() -> list[Line]:
    """Everything written for training."""
    return list(chain.from_iterable(read_lines(path) for path in sorted((HERE / "lines").glob("*.jsonl"))))


def fingerprint() -> str:
    """Of everything the model is made from; a test compares it with the committed model's."""
    parts = [
        *sorted((HERE / "lines").glob("*.jsonl")),
        *sorted((HERE / "lexicon").glob("*.toml")),
        NOT_ORDINARY,
        HERE / "train.py",
        HERE / "data.py",
        HERE / "lines.py",
        ROOT / "bot/core/mention_text.py",
        ROOT / "bot/core/mention_features.py",
        ROOT / "bot/core/mention_score.py",
        ROOT / "bot/content/mentions/products.toml",
        ROOT / "bot/content/mentions/everyday.toml",
    ]
    service = tomllib.loads((ROOT / "bot/content/services/character-ai/service.toml").read_text("utf-8"))
    whole = hashlib.sha256("\n".join(service["words"]).encode())
    for part in parts:
        whole.update(part.name.encode() + b"\0" + part.read_bytes())
    return whole.hexdigest()[:16]
