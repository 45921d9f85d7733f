"""`/metrics`: the metrics of this process for Prometheus; docs/operators/monitoring.md explains them.

Labels are services, shards, sources and fixed words. None names people, servers or channels.
"""

import hmac
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_address
from math import isinf

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from bot import __version__
from bot.core.durations import Durations
from bot.core.outage_life import OPEN
from bot.core.outages import Level
from bot.core.signals import State
from bot.usecases.outages.deliveries import Result
from bot.usecases.outages.send_webhooks import WebhookResult
from bot.usecases.upkeep.measure import Figures, Gateway, Measure, Outbox, ServiceMetrics, WebhookOutbox, Writes

PREFIX = "notjustyou_"
_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
"""Headers of requests forwarded by a proxy."""
_ONLY_FOR = (
    "/metrics is for programs on this machine without a proxy, and for clients with the METRICS_TOKEN: send "
    "the header `Authorization: Bearer <the token>`.\n"
)
_NOBODY_ELSE = "No METRICS_TOKEN is set, so other clients cannot read it.\n"


class Figured(Collector):
    """Provides the metrics as last read."""

    def __init__(self, measure: Callable[[], Measure | None]) -> None:
        self._measure = measure
        self._figures: Figures | None = None

    async def read(self) -> None:
        """Read the metrics, if the bot has started."""
        if (measure := self._measure()) is not None:
            self._figures = await measure.now()

    def collect(self) -> Iterable[Metric]:
        """The metrics in Prometheus's form."""
        return () if self._figures is None else families(self._figures)


class MetricsPage:
    """Answers `/metrics`.

    A program on this machine needs no `token`; without a configured one, all other requests are refused. While the bot
    starts, `measure` returns None, and only the metrics of the process itself are included.
    """

    def __init__(self, measure: Callable[[], Measure | None], token: str | None) -> None:
        self._figured = Figured(measure)
        self._token = token
        self._registry = CollectorRegistry()
        self._registry.register(self._figured)
        ProcessCollector(namespace="notjustyou", registry=self._registry)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """The metrics, or the reason why they are refused."""
        if not (is_direct(request) or self._knows_token(request)):
            reason = _ONLY_FOR if self._token else _ONLY_FOR + _NOBODY_ELSE
            return web.Response(status=401, text=reason, headers={"WWW-Authenticate": "Bearer"})
        await self._figured.read()
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return web.Response(body=generate_latest(self._registry), headers=headers)

    def _knows_token(self, request: web.BaseRequest) -> bool:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(errors="surrogateescape"), (self._token or "").encode())
        return bool(self._token) and kind.lower() == "bearer" and right


def is_direct(request: web.BaseRequest) -> bool:
    """Whether it comes from this machine, without a proxy that forwards it for another client."""
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    if not peer or any(name in request.headers for name in _PROXIES):
        return False
    address = ip_address(str(peer[0]).partition("%")[0])
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def families(figures: Figures) -> Iterator[Metric]:
    """All metrics, by name."""
    yield InfoMetricFamily(
        f"{PREFIX}build",
        "The running version.",
        {"version": __version__, "python": platform.python_version()},
    )
    yield _gauge("leads", "1 if this process is the leader.", figures.leads)
    yield _counter("failures", "Unexpected errors; each is in the log with a reference code.", figures.failures)
    yield from _gateway(figures.gateway)
    yield _gauge("refused_requests", "Requests that Discord refused in the last ten minutes.", figures.vitals.refused)
    yield _gauge(
        "circuit_open", "1 while only answers are sent, because so many were refused.", figures.vitals.breaker_open
    )
    yield from _people(figures)
    yield _gauge("watch_age_seconds", "Seconds since the outage watch last ran.", figures.vitals.tick_age)
    yield from _watched(figures.watched)
    yield from _sources(figures.watched)
    yield from _outbox(figures.outbox)
    yield from _webhooks(figures.webhooks)
    yield from _database(figures.writes, figures.database_bytes)


def _gateway(gateway: Gateway) -> Iterator[Metric]:
    yield _gauge("servers", "Servers with the bot on the shards of this process.", gateway.servers)
    shards = {str(shard.id): shard for shard in gateway.shards}
    for name, meaning, values in (
        ("connected", "1 if the shard is connected.", {n: float(s.connected) for n, s in shards.items()}),
        (
            "heard_age_seconds",
            "Seconds since the last event from Discord, including heartbeats.",
            {n: s.heard_age for n, s in shards.items()},
        ),
        (
            "heartbeat_age_seconds",
            "Seconds since Discord last acknowledged a heartbeat.",
            {n: s.heartbeat_age for n, s in shards.items()},
        ),
        (
            "latency_seconds",
            "Seconds from the last heartbeat to its acknowledgement.",
            {n: s.latency for n, s in shards.items()},
        ),
    ):
        family = GaugeMetricFamily(f"{PREFIX}shard_{name}", meaning, labels=["shard"])
        for shard, value in values.items():
            if value is not None:
                family.add_metric([shard], value)
        yield family
    answered = HistogramMetricFamily(
        f"{PREFIX}acknowledgement_seconds",
        "Seconds from an interaction's arrival until Discord has accepted the answer; after three it is too late.",
        labels=["kind"],
    )
    for kind, taken in gateway.acknowledged.items():
        answered.add_metric([kind], _buckets(taken), taken.total)
    yield answered
    unanswered = CounterMetricFamily(
        f"{PREFIX}unanswered", "Interactions that got no answer within five seconds.", labels=["kind"]
    )
    for kind, count in gateway.unanswered.items():
        unanswered.add_metric([kind], count)
    yield unanswered


def _people(figures: Figures) -> Iterator[Metric]:
    reports = CounterMetricFamily(f"{PREFIX}reports", "Reports, by outcome.", labels=["service", "outcome"])
    for (service, outcome), count in list(figures.reports.items()):
        reports.add_metric([service, outcome], count)
    yield reports
    yield _by_service("replies", "Auto-replies that were sent.", figures.replies)
    yield _by_service("wrong_replies", "Auto-replies that were counted as wrong.", figures.wrong_replies)


def _by_service(name: str, meaning: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"{PREFIX}{name}", meaning, labels=["service"])
    for service, count in counts.items():
        family.add_metric([service], count)
    return family


def _watched(watched: Iterable[ServiceMetrics]) -> Iterator[Metric]:
    level = GaugeMetricFamily(
        f"{PREFIX}detector_level", "1 for the detector's level of the last minute.", labels=["service", "level"]
    )
    evidence = GaugeMetricFamily(
        f"{PREFIX}detector_evidence_nats",
        "Evidence that another signal adds to the reports.",
        labels=["service", "signal"],
    )
    phase = GaugeMetricFamily(
        f"{PREFIX}outage_phase", "1 for the phase of the open outage, if there is one.", labels=["service", "phase"]
    )
    reporters = GaugeMetricFamily(
        f"{PREFIX}reporters", "People who reported it in the last 15 minutes.", labels=["service"]
    )
    usual = GaugeMetricFamily(f"{PREFIX}usual_reporters", "Usual number of people at this time.", labels=["service"])
    talking = GaugeMetricFamily(
        f"{PREFIX}talking", "People who mentioned trouble in the last 15 minutes.", labels=["service"]
    )
    for one in watched:
        for each in Level:
            level.add_metric([one.id, each], float(each is one.level))
        for signal in ("probe", "official", "talk"):
            evidence.add_metric([one.id, signal], one.evidence.get(signal, 0.0))
        for each in sorted(OPEN):
            phase.add_metric([one.id, each], float(each is one.phase))
        reporters.add_metric([one.id], one.reporters)
        talking.add_metric([one.id], one.talking)
        if one.usual is not None:
            usual.add_metric([one.id], one.usual)
    yield from (level, evidence, phase, reporters, usual, talking)


def _sources(watched: Iterable[ServiceMetrics]) -> Iterator[Metric]:
    state = GaugeMetricFamily(
        f"{PREFIX}source_state", "1 for the state of the source.", labels=["service", "source", "state"]
    )
    age = GaugeMetricFamily(
        f"{PREFIX}source_age_seconds", "Seconds since the source was last read.", labels=["service", "source"]
    )
    for one in watched:
        for source in one.sources:
            for each in State:
                state.add_metric([one.id, source.signal, each], float(each is source.state))
            if source.age is not None:
                age.add_metric([one.id, source.signal], source.age)
    yield from (state, age)


def _outbox(outbox: Outbox) -> Iterator[Metric]:
    yield _gauge("outbox_waiting", "Unsent posts about outages.", outbox.waiting)
    yield _gauge("outbox_oldest_age_seconds", "Seconds for which the oldest of them has waited.", outbox.oldest_age)
    tries = CounterMetricFamily(f"{PREFIX}posts", "Attempts to send or edit a post, by result.", labels=["result"])
    for result in Result:
        tries.add_metric([result], outbox.results.get(result, 0))
    yield tries


def _webhooks(webhooks: WebhookOutbox) -> Iterator[Metric]:
    yield _gauge("webhooks_waiting", "Undelivered webhooks, for all receivers.", webhooks.waiting)
    yield _gauge("webhooks_oldest_age_seconds", "Seconds for which the oldest has waited.", webhooks.oldest_age)
    tries = CounterMetricFamily(f"{PREFIX}webhooks", "Attempts to send a webhook, by result.", labels=["result"])
    for result in WebhookResult:
        tries.add_metric([result], webhooks.results.get(result, 0))
    yield tries


def _database(writes: Writes, size: int | None) -> Iterator[Metric]:
    yield _gauge("database_size_bytes", "Size of the database.", size)
    yield HistogramMetricFamily(
        f"{PREFIX}commit_seconds",
        "Seconds until a transaction is on the disk.",
        buckets=_buckets(writes.commits),
        sum_value=writes.commits.total,
    )
    yield _gauge("writes_waiting", "Writes waiting for the next transaction.", writes.waiting)
    yield _counter("writes_refused", "Writes that failed.", writes.refused)


def _gauge(name: str, meaning: str, value: float | None) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}{name}", meaning, labels=())
    if value is not None:
        family.add_metric([], float(value))
    return family


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"{PREFIX}{name}", meaning, value)


def _buckets(durations: Durations) -> list[tuple[str, float]]:
    return [("+Inf" if isinf(bound) else str(bound), count) for bound, count in durations.within]
