"""Rows of docs/operators/performance.md: what was measured, the limit measured in the same run, and the aim.

A benchmark prints its rows and stores them in `dist/bench/<part>.json`; `python -m benchmarks.report` makes the table
from them. Ratios compare ours with the limit of the same run, so that other load on the machine affects both.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from bot.run import new_event_loop, spare_collections

KEPT = Path("dist/bench")
T = TypeVar("T")


def as_the_bot(work: Coroutine[Any, Any, T]) -> T:
    """Run work on the same event loop as the bot, with the same garbage collector settings."""
    spare_collections()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


@dataclass(frozen=True, slots=True)
class Spread:
    """Several runs of one figure: the median, and the lowest and highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """The spread of these runs."""
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int = 2) -> str:
        """As text, such as `1.31 (1.28-1.35)`."""
        return f"{self.median:,.{digits}f} ({self.low:,.{digits}f}-{self.high:,.{digits}f})"


@dataclass(frozen=True, slots=True)
class Row:
    """A figure for the table. `ours`, `limit` and `aim` are texts with their units; `met` is None without an aim."""

    what: str
    ours: str
    limit: str = ""
    ratio: str = ""
    aim: str = ""
    met: bool | None = None


def at_least(what: str, ours: str, limit: str, ratio: Spread, aim: float) -> Row:
    """A row whose ratio should be no lower than `aim`."""
    return Row(what, ours, limit, ratio.text(), f"at least {aim:g}", ratio.median >= aim)


def at_most(what: str, ours: str, limit: str, ratio: Spread, aim: float) -> Row:
    """A row whose ratio should be no higher than `aim`."""
    return Row(what, ours, limit, ratio.text(), f"at most {aim:g}", ratio.median <= aim)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| | ours | limit of the same run | ratio | aim | met |", "|---|---|---|---|---|---|"]
    met = {True: "yes", False: "**no**", None: ""}
    lines += [f"| {r.what} | {r.ours} | {r.limit} | {r.ratio} | {r.aim} | {met[r.met]} |" for r in rows]
    return "\n".join(lines)


def keep(part: str, title: str, rows: Sequence[Row], *, note: str = "") -> None:
    """Print the rows and store them as `part` for the document; `note` explains them to the reader."""
    print(f"\n## {title}\n\n{table(rows)}\n" + (f"\n{note}\n" if note else ""), flush=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    moment = {"at": int(time.time()), "load": round(os.getloadavg()[0], 1)}
    document = {"title": title, "note": note, **moment, "rows": [asdict(row) for row in rows]}
    (KEPT / f"{part}.json").write_text(json.dumps(document, indent=1), "utf-8")
