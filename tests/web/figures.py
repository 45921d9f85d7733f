"""The numbers of a bot in which each metric has a value and each label occurs."""

from collections.abc import Callable

from bot.core.durations import Durations
from bot.core.outage_life import Phase
from bot.core.outages import Level
from bot.core.signals import Signal, State
from bot.usecases.outages.deliveries import Result
from bot.usecases.outages.send_webhooks import WebhookResult
from bot.usecases.reports.record_report import Outcome
from bot.usecases.upkeep.diagnose import Vitals
from bot.usecases.upkeep.measure import (
    Figures,
    Gateway,
    Outbox,
    ServiceMetrics,
    Shard,
    SourceMetrics,
    WebhookOutbox,
    Writes,
)


def _taken(*seconds: float) -> Durations:
    taken = Durations((0.1, 1.0))
    for one in seconds:
        taken.add(one)
    return taken


FIGURES = Figures(
    leads=True,
    vitals=Vitals(connected=True, event_age=3.0, tick_age=4.0, waiting=0, refused=2),
    gateway=Gateway(
        shards=(Shard(0, True, 1.5, 20.0, 0.04), Shard(1, False, None, None, None)),
        servers=12,
        acknowledged={"press": _taken(0.05, 0.4)},
        unanswered={"press": 1},
    ),
    failures=3,
    reports={("examplia", Outcome.COUNTED): 5},
    replies={"examplia": 4},
    wrong_replies={"examplia": 1},
    watched=(
        ServiceMetrics(
            "examplia",
            Level.LIKELY,
            {"probe": 0.8},
            9,
            1.5,
            2,
            Phase.ON,
            (SourceMetrics(Signal.PROBE, State.DOWN, 30.0), SourceMetrics(Signal.OFFICIAL, State.UNKNOWN, None)),
        ),
    ),
    outbox=Outbox(6, 17.0, {Result.DONE: 8}),
    webhooks=WebhookOutbox(2, 60.0, {WebhookResult.LATER: 3}),
    writes=Writes(_taken(0.002), 1, 2),
    database_bytes=4096,
)


class Measured:
    """Provides numbers without a bot."""

    def __init__(self, figures: Callable[[], Figures] = lambda: FIGURES) -> None:
        self._figures = figures

    async def now(self) -> Figures:
        return self._figures()
