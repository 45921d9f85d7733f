"""Polls the sources of each followed service: more often during trouble, rarely if all are gone."""

import asyncio
import logging
import random
from collections.abc import Iterable

from bot.core.service import Service
from bot.usecases.leadership import Leadership
from bot.usecases.ports import Clock
from bot.usecases.reports.check_status import CheckStatus
from bot.usecases.tasks import cancel

LOOK_EVERY = 60.0
LOOK_IN_TROUBLE_EVERY = 20.0
LOOK_WHEN_GONE_EVERY = 900.0
_VARIES = 0.2
"""Jitter: a pause is longer or shorter by up to this share, so that services and bots do not poll in step."""

_logger = logging.getLogger(__name__)


class LookRegularly:
    """`followed` returns the services that are followed now; `elapsed` is a monotonic clock.

    Each look runs in its own task, so a slow page does not delay others.
    """

    def __init__(
        self,
        followed: Iterable[Service],
        check: CheckStatus,
        leadership: Leadership,
        elapsed: Clock,
        rng: random.Random,
    ) -> None:
        self._followed = followed
        self._check = check
        self._leadership = leadership
        self._elapsed = elapsed
        self._rng = rng
        self._next: dict[str, float] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}

    async def tick(self) -> None:
        """Start the looks that are due."""
        now = self._elapsed()
        for service in self._followed:
            if service.sources and service.id not in self._looking and self._next.get(service.id, now) <= now:
                self._looking[service.id] = asyncio.create_task(self._look(service), name=f"watch {service.id}")

    async def close(self) -> None:
        """Cancel the running looks."""
        await cancel(*self._looking.values())

    def soon(self, service_id: str) -> None:
        """Poll a service at the next tick."""
        self._next.pop(service_id, None)

    async def _look(self, service: Service) -> None:
        try:
            # The leader polls the sources and sends the readings to the other processes. Each process also polls once
            # after its start.
            if self._leadership.is_leader or not self._check.seen(service):
                await self._check.look(service)
        except Exception as error:
            _logger.warning("sources not read", extra={"service": service.id, "error": str(error)})
        finally:
            del self._looking[service.id]
            pause = until_next_look(self._check, service)
            self._next[service.id] = self._elapsed() + pause * self._rng.uniform(1 - _VARIES, 1 + _VARIES)


def until_next_look(check: CheckStatus, service: Service) -> float:
    """Seconds until the next look at a service: fewer in trouble or doubt, many if all its pages are gone."""
    if check.in_trouble(service):
        return LOOK_IN_TROUBLE_EVERY
    return LOOK_WHEN_GONE_EVERY if check.gone(service) else LOOK_EVERY
