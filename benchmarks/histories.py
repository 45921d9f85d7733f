"""Histories of reports, counted twice: by the bot's mirror in memory, and by SQL over a table.

Used by `benchmarks.tally` with many random histories, and by tests with histories from Hypothesis.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from bot.core.board import Board
from bot.core.reports import DAY, HOUR, MINUTE, Report
from bot.core.tally import WINDOWS, Mirror, Tally

SERVICE = "s"
SYMPTOMS = (None, "login", "chats")
_TABLE = """
CREATE TABLE report (id INTEGER PRIMARY KEY, service TEXT, guild_id BIGINT, reporter BIGINT, symptom TEXT, at BIGINT,
                     young BOOLEAN);
CREATE INDEX ix_report_at ON report (at);
"""
_NEWEST = "(SELECT reporter, guild_id, symptom, young, MAX(id) FROM report WHERE at > ? GROUP BY reporter)"
"""Each person's newest report in a window: SQLite takes the other columns from the row that has the maximum."""


class History:
    """One service. `now` is its clock, in whole seconds."""

    def __init__(self, now: int = 20_000 * DAY) -> None:
        self.now = now
        self.board = Board()
        self._log = sqlite3.connect(":memory:")
        self._log.executescript(_TABLE)
        self._last = 0
        self._started = 0
        self._chunks: Iterator[list[Report]] | None = None

    def close(self) -> None:
        """Release the memory of the table."""
        self._log.close()

    @property
    def mirror(self) -> Mirror:
        """The bot's mirror, which counts."""
        return self.board.mirror(SERVICE)

    def report(self, who: int, guild: int, symptom: str | None = None, *, young: bool = False) -> None:
        """Add a person's report."""
        self._last += 1
        report = Report(self._last, SERVICE, guild, who, symptom, self.now, young)
        self._log.execute("INSERT INTO report VALUES (?, ?, ?, ?, ?, ?, ?)", report)
        self.mirror.add(report)

    def withdraw(self, who: int) -> None:
        """Withdraw a person's newest report."""
        newest = self.mirror.newest(who, self.now)
        if newest is not None:
            self._log.execute("DELETE FROM report WHERE id = ?", (newest.id,))
            assert self.mirror.withdraw(who) == newest

    def change(self, who: int, symptom: str | None) -> None:
        """Change the symptom of a person's newest report."""
        newest = self.mirror.newest(who, self.now)
        if newest is not None:
            self._log.execute("UPDATE report SET symptom = ? WHERE id = ?", (symptom, newest.id))
            self.mirror.replace_newest(newest._replace(symptom=symptom))

    def forget(self, who: int) -> None:
        """Delete all reports of a person."""
        self._log.execute("DELETE FROM report WHERE reporter = ?", (who,))
        self.board.forget(who)

    def wait(self, seconds: int) -> None:
        """Let time pass. The rest of the day is read within an hour after the start."""
        if self.now + seconds > self._started + HOUR:
            self.read_on(None)
        self.now += seconds

    def step_back(self, seconds: int) -> None:
        """Set the clock back by more than a minute. Reports that are then in the future are dropped.

        It is never set to a time before the start, because reports that had expired at the start were not read.
        """
        to = self.now - MINUTE - 1 - seconds
        if to < self._started:
            return
        self.read_on(None)
        self.now = to
        self._log.execute("DELETE FROM report WHERE at > ?", (self.now,))
        self.mirror.tally(self.now, None)

    def restart(self, chunk: int) -> None:
        """End the process. The next one reads the last hour before it continues."""
        self.board, self._started = Board(), self.now
        rows = self._log.execute("SELECT * FROM report WHERE at > ? ORDER BY at DESC, id DESC", (self.now - DAY,))
        read = [Report._make(row) for row in rows]
        self._chunks = iter([read[start : start + chunk] for start in range(0, len(read), chunk)])
        self.board.loaded_back_to = self.now
        while (self.board.loaded_back_to or 0) > self.now - HOUR:
            self.read_on(1)

    def read_on(self, chunks: int | None) -> None:
        """Read more chunks of the day before the start, or all of it."""
        if self._chunks is None:
            return
        read = 0
        for reports in islice(self._chunks, chunks):
            self.board.load(reports, self.now)
            read += 1
        if chunks is None or read < chunks:
            self._chunks = None
            self.board.loaded()

    def differences(self, guild: int, who: int) -> list[str]:
        """Differences between the mirror and SQL, for a server and a person. The day is compared once it is read."""
        tally = self.board.tally(SERVICE, self.now, guild or None, who)
        whole = tally.whole_day
        minute = self.now // MINUTE
        said = {
            **_numbers(tally, guild),
            "servers": tally.servers,
            "symptoms": dict(tally.symptoms),
            "asker": tally.asker_counted,
            "newly": self.mirror.counted(minute),
            "by server": {server: one.people for server, one in self.mirror.reporters(self.now).items()},
            "people in": self.mirror.people_in(guild, self.now),
        }
        counted = self._by_sql(guild, who, minute)
        return [
            f"{what}: {said[what]}, by SQL {counted[what]}"
            for what in said
            if said[what] != counted[what] and (whole or not what.startswith("day"))
        ]

    def _by_sql(self, guild: int, who: int, minute: int) -> Mapping[str, Any]:
        one, quarter = self._one, self.now - WINDOWS[0]
        counted: dict[str, Any] = {}
        for name, window in zip(Tally().everywhere._fields, WINDOWS, strict=True):
            begin = self.now - window
            counted[name] = one("SELECT COUNT(DISTINCT reporter) FROM report WHERE at > ?", begin)
            if guild:
                here = f"SELECT COUNT(*) FROM {_NEWEST} WHERE guild_id = ?"  # noqa: S608 - our own words
                counted[f"{name} here"] = one(here, begin, guild)
        by_server = f"SELECT guild_id, COUNT(*) FROM {_NEWEST} GROUP BY guild_id"  # noqa: S608
        by_symptom = f"SELECT symptom, COUNT(*) FROM {_NEWEST} WHERE symptom IS NOT NULL GROUP BY symptom"  # noqa: S608
        in_server = dict(self._log.execute(by_server, (quarter,)).fetchall())
        return counted | {
            "servers": len(in_server.keys() - {0}),
            "symptoms": dict(self._log.execute(by_symptom, (quarter,)).fetchall()),
            "asker": bool(one("SELECT COUNT(*) FROM report WHERE at > ? AND reporter = ?", quarter, who)),
            "newly": one(
                "SELECT COUNT(*) FROM report WHERE at >= ? AND at < ?", minute * MINUTE, (minute + 1) * MINUTE
            ),
            "by server": dict(self._log.execute(by_server, (self.now - HOUR,)).fetchall()),
            "people in": in_server.get(guild, 0),
        }

    def _one(self, query: str, *values: int) -> int:
        return self._log.execute(query, values).fetchone()[0]


def _numbers(tally: Tally, guild: int) -> dict[str, int]:
    numbers = tally.everywhere._asdict()
    if guild and tally.here is not None:
        numbers |= {f"{name} here": count for name, count in tally.here._asdict().items()}
    return numbers


def live(history: History, rng: random.Random, acts: int, people: int, servers: int) -> Iterator[list[str]]:
    """Do random actions. Yields the differences after each of them."""

    def who() -> int:
        return rng.randrange(people)

    def where() -> int:
        return rng.randrange(servers)

    deeds: dict[Callable[[], object], int] = {
        lambda: history.report(who(), where(), rng.choice(SYMPTOMS), young=rng.choice((True, False))): 60,
        lambda: history.withdraw(who()): 8,
        lambda: history.change(who(), rng.choice(SYMPTOMS)): 8,
        lambda: history.forget(who()): 1,
        lambda: history.wait(round(rng.expovariate(1 / 600))): 20,
        lambda: history.wait(rng.randrange(2 * DAY)): 1,
        lambda: history.step_back(rng.randrange(2 * DAY)): 1,
        lambda: history.restart(rng.randrange(1, 40)): 1,
        lambda: history.read_on(1): 3,
    }
    for deed in rng.choices(list(deeds), list(deeds.values()), k=acts):
        deed()
        yield history.differences(where(), who())
