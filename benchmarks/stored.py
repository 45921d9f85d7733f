"""Makes a database with a week of reports, up to millions; the result is always the same."""

import random
import sqlite3
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from bot.core.reports import DAY, Report
from bot.settings import Settings
from bot.stores import open_stores
from bot.usecases.upkeep.retention import REPORTS_KEPT_FOR

SERVICE = "character-ai"
NOW = 20_000 * DAY
"""The end of the week, in epoch seconds."""
SERVERS = 10_000
_ZIPF = 1.05
"""Exponent for the sizes of servers: the second has half as many reports as the first, and so on."""
_PEOPLE_A_REPORT = 10 / 7
"""People for each report of the week, such that 95 of 100 reports of a day are by different people."""
_BATCH = 100_000
_SYMPTOMS = (None, None, "login", "chats", "slow")


def settings_for(folder: Path) -> Settings:
    """The settings of a bot with its database in this folder."""
    return Settings(
        reporter_key="ab" * 32,
        database_url=f"sqlite+aiosqlite:///{folder / 'bot.db'}",
    )


async def fill(folder: Path, reports: int) -> Path:
    """Write a week of reports, spread evenly, into a new database. Returns its file."""
    settings = settings_for(folder)
    async with open_stores(settings, [SERVICE]):
        pass
    file = folder / "bot.db"
    database = sqlite3.connect(file)
    database.execute("PRAGMA synchronous = OFF")
    (service,) = database.execute("SELECT id FROM service WHERE slug = ?", (SERVICE,)).fetchone()
    columns = "id, service_id, guild_id, reporter, symptom, at, young"
    insert = f"INSERT INTO report ({columns}) VALUES (?, {service}, ?, ?, ?, ?, ?)"  # noqa: S608 - a number
    for rows in _rows(reports):
        with database:
            database.executemany(insert, rows)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file


def _rows(reports: int) -> Iterator[Iterator[tuple[int, int, int, str | None, int, bool]]]:
    rng = random.Random(reports)  # noqa: S311 - the same reports every time
    weights = list(accumulate(1 / rank**_ZIPF for rank in range(1, SERVERS + 1)))
    servers = [(1 << 60) + number for number in range(SERVERS)]
    people = [rng.getrandbits(64) - (1 << 63) for _ in range(round(reports * _PEOPLE_A_REPORT))]
    begin, step = NOW - REPORTS_KEPT_FOR + 1, (REPORTS_KEPT_FOR - 1) / reports
    for first in range(0, reports, _BATCH):
        numbers = range(first, min(first + _BATCH, reports))
        times = [begin + number * step for number in numbers]
        yield zip(
            [(int(at * 1000) << 20) + number for at, number in zip(times, numbers, strict=True)],
            rng.choices(servers, cum_weights=weights, k=len(numbers)),
            rng.choices(people, k=len(numbers)),
            rng.choices(_SYMPTOMS, k=len(numbers)),
            map(int, times),
            rng.choices((False,) * 9 + (True,), k=len(numbers)),
            strict=True,
        )


def last_day(database: sqlite3.Connection) -> list[Report]:
    """The reports of the last day, newest first."""
    rows = database.execute(
        "SELECT r.id, s.slug, r.guild_id, r.reporter, r.symptom, r.at, r.young FROM report r JOIN service s"
        " ON s.id = r.service_id WHERE r.at > ? ORDER BY r.at DESC, r.id DESC",
        (NOW - DAY,),
    )
    return list(map(Report._make, rows))
