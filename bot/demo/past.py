"""Invented ordinary days before the story, so that the bot knows the usual numbers and the chart has data."""

import asyncio
import random
from collections import deque
from math import cos, pi

from bot.core.outages import OutageDetector
from bot.core.reports import DAY, MINUTE, Report, ReportIds
from bot.core.watch import WatchState
from bot.settings import Settings
from bot.stores import open_stores
from bot.usecases.outages.ports import WatchStep
from bot.usecases.outages.watch_states import to_document

DAYS = 3
_SILENT = 30
"""Minutes without reports before the story, so that only the story's reports count at its start."""
_PEOPLE = 2 / 15
"""Average people per minute; more by day than by night."""


async def invent_past(settings: Settings, service: str, now: float, rng: random.Random) -> None:
    """Write invented days into the database: what the detector learned, and the reports of the last day."""
    last = int(now) // MINUTE
    minutes = {m: _people(m, rng) for m in range(last - DAYS * DAY // MINUTE, last)}
    minutes |= dict.fromkeys(range(last - _SILENT, last), 0)
    learnt = await asyncio.to_thread(_learn, minutes)
    ids = ReportIds()
    async with open_stores(settings, [service]) as stores:
        await stores.outages.write(WatchStep(service, to_document(WatchState(service, learnt, last))))
        for minute in range(last - DAY // MINUTE, last):
            for _ in range(minutes[minute]):
                at = minute * MINUTE
                guild = 1000 + rng.randrange(12)
                await stores.reports.append(Report(ids.next(at), service, guild, rng.getrandbits(62), None, at))


def _people(minute: int, rng: random.Random) -> int:
    by_day = 1 - 0.7 * cos(2 * pi * (minute % (DAY // MINUTE)) * MINUTE / DAY)
    return sum(rng.random() < _PEOPLE * by_day / 2 for _ in range(2))


def _learn(minutes: dict[int, int]) -> OutageDetector:
    detector, quarter = OutageDetector(), deque[int](maxlen=15)
    for minute, people in minutes.items():
        quarter.append(people)
        detector.update(minute, people, min(12, sum(quarter)))
    return detector
