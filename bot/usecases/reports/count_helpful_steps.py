"""*Did it help?*: counts which steps helped people, and questions that no symptom covers. Counts only."""

import logging
from collections.abc import Mapping
from enum import StrEnum

from bot.core.cooldowns import Cooldowns
from bot.core.errors import StoreError
from bot.core.guide import Guide
from bot.core.privacy import ReporterKey
from bot.core.reports import DAY
from bot.core.service import Service
from bot.core.step_scores import NOTHING, answered, order
from bot.usecases.ports import Clock, DayCounts
from bot.usecases.reports.ports import StepCounts

ANSWER_EVERY = DAY
"""Seconds after which one person's answer about the same guide counts again."""
DAYS_KEPT_FOR = 30 * DAY
"""How long daily counts are kept."""

_logger = logging.getLogger(__name__)


class Unknown(StrEnum):
    """The ways in which people ask about trouble that no symptom covers."""

    MESSAGE = "message"
    """An answered message that named no symptom."""
    TYPED = "typed"
    """Typed as a kind."""
    CHOSEN = "chosen"
    """Chose a symptom that stands for everything else."""


class StepScores:
    """The counts in memory: service and symptom ("" for the service's own guide) -> step -> how often it helped."""

    def __init__(self) -> None:
        self._helped: dict[tuple[str, str], Mapping[int, int]] = {}
        # Cached, because every answer needs them; with the service whose guides have these steps.
        self._orders: dict[str, tuple[Service, Mapping[str, tuple[int, ...]]]] = {}

    def put(self, service: str, symptom: str, helped: Mapping[int, int]) -> None:
        """Replace the counts of a guide."""
        self._helped[service, symptom] = helped
        self._orders.pop(service, None)

    def of(self, service: str, symptom: str) -> Mapping[int, int]:
        """The counts of a guide."""
        return self._helped.get((service, symptom), {})

    def orders(self, service: Service) -> Mapping[str, tuple[int, ...]]:
        """Symptom -> the numbers of its guide's steps, the most helpful first; only for guides with answers."""
        kept = self._orders.get(service.id)
        if kept is None or kept[0] is not service:
            orders = {
                symptom: order(len(service.guide("en", service.symptom(symptom)).steps), helped)
                for (service_id, symptom), helped in self._helped.items()
                if service_id == service.id
            }
            kept = self._orders[service.id] = service, orders
        return kept[1]


class CountHelpfulSteps:
    """Counts answers and unknown trouble."""

    def __init__(self, scores: StepScores, store: StepCounts, days: DayCounts, key: ReporterKey, clock: Clock) -> None:
        self._scores = scores
        self._store = store
        self._days = days
        self._key = key
        self._clock = clock
        self._answered = Cooldowns()

    async def load(self) -> None:
        """Read the counts. Raises StoreError."""
        for (service, symptom), helped in (await self._store.helped()).items():
            self._scores.put(service, symptom, helped)

    async def refresh(self) -> None:
        """Every hour: reread the counts, because other processes also count, and delete old ones. Raises StoreError."""
        await self._days.purge(self._oldest_day())
        await self.load()

    async def helped(self, service: Service, symptom_id: str, user_id: int, step: int) -> bool:
        """Count that a step helped, or `NOTHING`. False if this person has already answered. Raises StoreError."""
        symptom = service.symptom(symptom_id)
        guide: Guide = service.guide("en", symptom)
        if step not in {NOTHING, *range(len(guide.steps))}:
            return False
        own = service.guide_id(symptom)
        who = service.id, own, self._key.reporter(user_id)
        if not self._answered.take(who, self._clock(), ANSWER_EVERY):
            return False
        counts = answered(self._scores.of(service.id, own), step)
        try:
            await self._store.put(service.id, own, counts)
        except StoreError:
            self._answered.release(who)
            raise
        self._scores.put(service.id, own, counts)
        return True

    async def unknown(self, guild_id: int | None, how: Unknown) -> None:
        """Count a question that no symptom covers, for the moderators of this server. Never raises."""
        if not guild_id:
            return
        try:
            await self._days.add(guild_id, how, int(self._clock()) // DAY)
        except StoreError as error:
            _logger.warning("count of unknown trouble not stored", extra={"error": str(error)})

    async def unknown_in(self, guild_id: int) -> Mapping[Unknown, int]:
        """Way of asking -> count in a server in the last 30 days; empty if it cannot be read."""
        try:
            counts = await self._days.between(guild_id, self._oldest_day(), int(self._clock()) // DAY)
        except StoreError as error:
            _logger.warning("counts of unknown trouble not read", extra={"error": str(error)})
            return {}
        return {how: counts[how] for how in Unknown if how in counts}

    def _oldest_day(self) -> int:
        """The first day whose counts are kept."""
        return (int(self._clock()) - DAYS_KEPT_FOR) // DAY
