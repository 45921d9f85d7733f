"""Webhooks: delivers outage events from the outbox in the database to the receivers that the operator configured.

An event is written in the transaction that changes the outage, with one row per receiver, and deleted once its receiver
has accepted it. After a crash it is sent again with the same id. Each receiver has its own task, so a dead one does not
delay the others. An event that its receiver does not accept for a day is dropped.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from bot.core.errors import StoreError
from bot.core.outage_life import Outage
from bot.core.reports import DAY, HOUR
from bot.core.webhooks import WebhookMessage, document, event_type, headers, message_id, receiver_of
from bot.usecases.leadership import Leadership
from bot.usecases.outages.ports import ReceiverFailedError, WebhookPoster, WebhookStore
from bot.usecases.ports import Clock
from bot.usecases.services import Services
from bot.usecases.tasks import cancel

TRIED_FOR = DAY
"""Seconds after which an event is dropped."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 4.0 * HOUR
"""Seconds until a failed event is retried: four times as long each time."""
CHECK_EVERY = 60.0
"""Seconds until the outbox is checked again without a wake-up."""
_GROWS = 4
_logger = logging.getLogger(__name__)


class WebhookResult(StrEnum):
    """The result of one delivery attempt."""

    DONE = "done"
    LATER = "later"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Receivers:
    """The webhook receivers: addresses by their key in the database, and the key that signs the events."""

    by_name: Mapping[str, str] = field(default_factory=dict[str, str])
    key: bytes = b""

    @classmethod
    def at(cls, urls: Iterable[str], key: bytes) -> Self:
        """The receivers at these addresses."""
        return cls({receiver_of(url): url for url in urls}, key)


class WebhookEvents:
    """Makes the events for a change: one for each of the `receivers`."""

    def __init__(self, services: Services, receivers: Receivers, clock: Clock) -> None:
        self._services = services
        self._receivers = receivers
        self._clock = clock

    def about(self, before: Outage | None, after: Outage) -> tuple[WebhookMessage, ...]:
        """The events for this change of an outage."""
        kind = event_type(before, after)
        if kind is None or not self._receivers.by_name or after.service not in self._services:
            return ()
        body, now = document(kind, self._services.get(after.service), after), int(self._clock())
        return tuple(WebhookMessage(receiver, message_id(body), body, now) for receiver in self._receivers.by_name)


@dataclass(slots=True)
class _Try:
    """A failed event: how often it failed, and the time of the next attempt (monotonic clock)."""

    failures: int = 0
    until: float = 0.0


class _Receiver:
    """A receiver, and the state of its events in this process. `gone` is true if it wants no more."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self.gone = False
        self.wake = asyncio.Event()
        self.tries: dict[int, _Try] = {}
        self.settled: dict[int, WebhookResult] = {}
        """Events that were delivered or dropped, and still have to be deleted."""
        self.waiting: Sequence[WebhookMessage] = ()


class SendWebhooks:
    """Use as an async context manager, or call `round`. `elapsed` is a monotonic clock."""

    def __init__(
        self,
        receivers: Receivers,
        store: WebhookStore,
        poster: WebhookPoster,
        leadership: Leadership,
        *,
        clock: Clock,
        elapsed: Clock,
        rng: random.Random,
    ) -> None:
        self._receivers = {name: _Receiver(name, url) for name, url in receivers.by_name.items()}
        self._key = receivers.key
        self._store = store
        self._poster = poster
        self._leadership = leadership
        self._clock = clock
        self._elapsed = elapsed
        self._rng = rng
        self._tasks: list[asyncio.Task[None]] = []
        self.results = Counter[WebhookResult]()
        """The results of all attempts since the start."""

    @property
    def waiting(self) -> list[WebhookMessage]:
        """The waiting events, as last read."""
        return [delivery for receiver in self._receivers.values() for delivery in receiver.waiting]

    def wake(self) -> None:
        """Check the outbox now."""
        for receiver in self._receivers.values():
            receiver.wake.set()

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._run(receiver), name=f"webhooks {receiver.name}")
            for receiver in self._receivers.values()
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        # Waiting events are in the database; events in flight are sent again after the restart.
        await cancel(*self._tasks)

    async def round(self) -> None:
        """Send every receiver the events that are due now. Raises StoreError."""
        for receiver in self._receivers.values():
            await self._send_due(receiver)

    async def _run(self, receiver: _Receiver) -> None:
        while True:
            receiver.wake.clear()
            try:
                await self._send_due(receiver)
            except StoreError as error:
                _logger.warning("webhook outbox not available; retrying", extra={"error": str(error)})
            except Exception:
                _logger.exception("webhook sender failed")
            try:
                async with asyncio.timeout(self._pause(receiver)):
                    await receiver.wake.wait()
            except TimeoutError:
                pass

    def _pause(self, receiver: _Receiver) -> float:
        """Seconds until the next retry, or until the next regular check of the outbox."""
        next_ = min((one.until for one in receiver.tries.values()), default=float("inf")) - self._elapsed()
        return min(max(next_, 0.1), CHECK_EVERY)

    async def _send_due(self, receiver: _Receiver) -> None:
        if not self._leadership.is_leader:
            receiver.waiting, receiver.tries = (), {}
            return
        receiver.waiting = await self._store.waiting(receiver.name)
        known = {delivery.id for delivery in receiver.waiting}
        receiver.tries = {number: one for number, one in receiver.tries.items() if number in known}
        receiver.settled = {number: one for number, one in receiver.settled.items() if number in known}
        for delivery in receiver.waiting:
            tried = receiver.tries.get(delivery.id)
            if tried is None or tried.until <= self._elapsed():
                await self._send(receiver, delivery)

    async def _send(self, receiver: _Receiver, delivery: WebhookMessage) -> None:
        if (result := receiver.settled.get(delivery.id)) is not None:
            await self._done(receiver, delivery, result)  # it was accepted before, but could not be deleted
            return
        try:
            if not receiver.gone:
                sent = headers(self._key, delivery, int(self._clock()))
                await self._poster.post(receiver.url, sent, delivery.document.encode())
        except ReceiverFailedError as error:
            if not error.gone:
                await self._failed(receiver, delivery, error)
                return
            receiver.gone = True
            _logger.warning(
                "webhook receiver is gone (410); remove it from WEBHOOK_URLS", extra={"receiver": receiver.name}
            )
        await self._done(receiver, delivery, WebhookResult.GIVEN_UP if receiver.gone else WebhookResult.DONE)

    async def _failed(self, receiver: _Receiver, delivery: WebhookMessage, error: ReceiverFailedError) -> None:
        details = {"receiver": receiver.name, "reference": delivery.message_id, "error": str(error)}
        if self._clock() - delivery.at >= TRIED_FOR:
            _logger.error("webhook dropped", extra=details)
            await self._done(receiver, delivery, WebhookResult.GIVEN_UP)
            return
        tried = receiver.tries.setdefault(delivery.id, _Try())
        pause = min(FIRST_PAUSE * _GROWS**tried.failures, LONGEST_PAUSE)
        tried.failures += 1
        # Events that failed together are not retried together.
        tried.until = self._elapsed() + pause * self._rng.uniform(0.7, 1)
        self.results[WebhookResult.LATER] += 1
        _logger.info("webhook not delivered; retrying", extra={"times": tried.failures, **details})

    async def _done(self, receiver: _Receiver, delivery: WebhookMessage, result: WebhookResult) -> None:
        receiver.settled[delivery.id] = result
        await self._store.delete(delivery)
        del receiver.settled[delivery.id]
        self.results[result] += 1
        receiver.tries.pop(delivery.id, None)
        receiver.waiting = [one for one in receiver.waiting if one.id != delivery.id]
