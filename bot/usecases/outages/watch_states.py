"""The state of each followed service's watch: restored from the database, held in memory, and written as a document."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.chart import Span
from bot.core.outage_life import Outage
from bot.core.outages import OutageDetector
from bot.core.reports import DAY, MINUTE
from bot.core.service import Service
from bot.core.signal_history import SignalHistory
from bot.core.signals import Signal
from bot.core.watch import WatchState, skip_to
from bot.usecases.leadership import Leadership
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import OutageStore
from bot.usecases.ports import Clock

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class HeldState:
    """A state and its version in the database.

    `document` was read or written last, `fence` is the fencing token of the lease under which it was read. If the
    database has another document or token, another process has continued. `unwritten` is true if the last write failed.
    """

    state: WatchState
    document: str | None
    fence: int | None
    unwritten: bool = False


class WatchStates:
    """The states by service. `followed` returns the services that are followed now."""

    def __init__(
        self,
        followed: Iterable[Service],
        store: OutageStore,
        outages: OutageCache,
        leadership: Leadership,
        clock: Clock,
    ) -> None:
        self._followed = followed
        self._store = store
        self._outages = outages
        self._leadership = leadership
        self._clock = clock
        self._first_minute = int(clock()) // MINUTE + 1
        """The first full minute that this process observes."""
        self._held: dict[str, HeldState] = {}

    async def load(self) -> None:
        """Restore the last persisted states. Raises StoreError.

        This process did not observe the minutes before its start. Minutes that no other process handled are unobserved.
        """
        documents = await self._store.watches()
        self._held = {service.id: self._begun(service.id, documents.get(service.id)) for service in self._followed}

    async def begin(self, service_id: str) -> bool:
        """Restore the state of a service that is followed from now on; False if it is already held."""
        if service_id in self._held:
            return False
        self._held[service_id] = self._begun(service_id, (await self._store.watches()).get(service_id))
        return True

    def _begun(self, service_id: str, document: str | None) -> HeldState:
        state = self._restored(service_id, document)
        if state.next_minute < self._first_minute:
            state = skip_to(state, self._first_minute)
        return HeldState(state, document, self._leadership.fence)

    def held(self, service_id: str) -> HeldState:
        """The state of a service."""
        return self._held[service_id]

    def detector(self, service_id: str) -> OutageDetector:
        """The detector of a service, to read the usual number; for a service that is not followed, a new one."""
        held = self._held.get(service_id)
        return OutageDetector() if held is None else held.state.detector

    def evidence(self, service_id: str, now: float, talking: int, usual_talking: float) -> dict[str, float]:
        """The evidence that other signals add for a service now, in nats; empty if the service is not followed."""
        held = self._held.get(service_id)
        return {} if held is None else held.state.evidence(now, talking, usual_talking)

    def better(self, service_id: str, signal: Signal) -> float | None:
        """When a signal was last seen to recover from trouble."""
        held = self._held.get(service_id)
        history = None if held is None else held.state.signals.get(signal)
        return None if history is None else history.better

    def unobserved(self, service_id: str) -> list[Span]:
        """The times of the last 24 hours in which reports could not reach us; all, if the service is not followed."""
        held = self._held.get(service_id)
        if held is None:
            return [Span(int(self._clock()) - DAY, None)]
        return [Span(first * MINUTE, end * MINUTE) for first, end in held.state.unobserved]

    def _restored(self, service_id: str, document: str | None) -> WatchState:
        outage = self._outages.current(service_id)
        if document is not None:
            try:
                return from_document(service_id, document, outage)
            except (ValueError, KeyError, TypeError) as error:
                _logger.warning(
                    "saved detector state unusable; learning starts again",
                    extra={"service": service_id, "error": repr(error)},
                )
        a_day_ago = (int(self._clock()) - DAY) // MINUTE
        return WatchState(service_id, OutageDetector(), a_day_ago, outage=outage)


def to_document(state: WatchState) -> str:
    """The state as it is saved, without its outage, which is stored separately."""
    return json.dumps(
        {
            "detector": state.detector.state(),
            "next_minute": state.next_minute,
            "unseen": list(state.unobserved),
            "signals": {signal.value: history.document() for signal, history in state.signals.items()},
            "role_called": state.role_called,
        }
    )


def from_document(service_id: str, document: str, outage: Outage | None = None) -> WatchState:
    """The state from a saved document, with the service's open outage.

    Raises ValueError, KeyError or TypeError for garbage.
    """
    saved = json.loads(document)
    unobserved = tuple((int(first), int(end)) for first, end in saved["unseen"])
    detector = OutageDetector.restore(saved["detector"])
    return WatchState(
        service_id,
        detector,
        int(saved["next_minute"]),
        unobserved,
        outage,
        # Older versions did not store these.
        {Signal(name): SignalHistory.read(history) for name, history in saved.get("signals", {}).items()},
        saved.get("role_called"),
    )
