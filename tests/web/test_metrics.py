"""`/metrics`: who may read it, its content, and that docs/operators/monitoring.md agrees."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from bot.core.outage_life import OPEN
from bot.core.outages import Level
from bot.core.signals import State
from bot.discord_ui.connection.acknowledgements import BOUNDS, Acknowledgements
from bot.storage.writer import COMMIT_BOUNDS
from bot.usecases.outages.deliveries import Result
from bot.usecases.outages.send_webhooks import WebhookResult
from bot.usecases.reports.record_report import Outcome
from bot.web.metrics import MetricsPage, families, is_direct
from bot.web.server import serve_web
from tests.web.figures import FIGURES, Measured

TOKEN = "a-token-of-some-length"
DOCS = Path(__file__).parents[2] / "docs" / "operators" / "monitoring.md"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@asynccontextmanager
async def served(token: str | None = None, *, started: bool = True) -> AsyncIterator[str]:
    measured: Any = Measured() if started else None
    page = MetricsPage(lambda: measured, token)
    async with serve_web("127.0.0.1", 0, {"/metrics": page.answer}) as port:
        yield f"http://127.0.0.1:{port}/metrics"


async def ask(url: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


def read(text: str) -> dict[str, Metric]:
    return {metric.name: metric for metric in text_string_to_metric_families(text)}


def value(text: str, name: str, **labels: str) -> float:
    [found] = [
        sample.value
        for metric in text_string_to_metric_families(text)
        for sample in metric.samples
        if sample.name == f"notjustyou_{name}" and sample.labels == labels
    ]
    return found


async def test_a_program_on_this_machine_reads_the_numbers() -> None:
    async with served() as url:
        status, text = await ask(url)
    assert status == 200
    assert value(text, "shard_connected", shard="0") == 1 and value(text, "shard_connected", shard="1") == 0
    assert value(text, "acknowledgement_seconds_bucket", kind="press", le="0.1") == 1
    assert value(text, "acknowledgement_seconds_count", kind="press") == 2
    assert value(text, "reports_total", service="examplia", outcome="counted") == 5
    assert value(text, "detector_level", service="examplia", level="likely") == 1
    assert value(text, "detector_level", service="examplia", level="normal") == 0
    assert value(text, "detector_evidence_nats", service="examplia", signal="probe") == 0.8
    assert value(text, "detector_evidence_nats", service="examplia", signal="talk") == 0
    assert value(text, "outage_phase", service="examplia", phase="on") == 1
    assert value(text, "source_state", service="examplia", source="probe", state="down") == 1
    assert value(text, "outbox_oldest_age_seconds") == 17
    assert value(text, "commit_seconds_sum") == 0.002
    assert value(text, "database_size_bytes") == 4096
    assert value(text, "process_resident_memory_bytes") > 10_000_000


NUMBERS = {
    "leads": 1,
    "failures_total": 3,
    "servers": 12,
    "shard_heard_age_seconds": 1.5,
    "shard_heartbeat_age_seconds": 20,
    "shard_latency_seconds": 0.04,
    "unanswered_total": 1,
    "refused_requests": 2,
    "circuit_open": 0,
    "replies_total": 4,
    "wrong_replies_total": 1,
    "watch_age_seconds": 4,
    "reporters": 9,
    "usual_reporters": 1.5,
    "talking": 2,
    "source_age_seconds": 30,
    "outbox_waiting": 6,
    "webhooks_waiting": 2,
    "webhooks_oldest_age_seconds": 60,
    "writes_waiting": 1,
    "writes_refused_total": 2,
}


@pytest.mark.parametrize("name", NUMBERS)
def test_each_number_stands_under_its_name(name: str) -> None:
    samples = [one for metric in families(FIGURES) for one in metric.samples if one.name == f"notjustyou_{name}"]
    assert [sample.value for sample in samples] == [NUMBERS[name]]


@pytest.mark.parametrize(
    ("name", "label", "values"),
    [
        ("posts_total", "result", {"done": 8}),
        ("webhooks_total", "result", {"later": 3}),
        ("detector_level", "level", {"likely": 1}),
        ("outage_phase", "phase", {"on": 1}),
    ],
)
def test_of_each_kind_there_is_a_number_also_if_it_is_zero(name: str, label: str, values: dict[str, int]) -> None:
    """A program that watches for a rise must have seen the zero before it."""
    samples = [one for metric in families(FIGURES) for one in metric.samples if one.name == f"notjustyou_{name}"]
    counts = {sample.labels[label]: sample.value for sample in samples}
    assert {kind: value for kind, value in counts.items() if value} == values
    assert len(counts) > len(values)


@pytest.mark.parametrize("bounds", [COMMIT_BOUNDS, BOUNDS], ids=["commits", "acknowledgements"])
def test_the_classes_of_times_grow_and_reach_as_far_as_anybody_waits(bounds: tuple[float, ...]) -> None:
    assert all(before < after < 6 * before for before, after in pairwise(bounds))
    assert bounds[0] <= 0.005 and bounds[-1] >= 3


async def test_what_is_not_known_is_left_out_and_never_zero() -> None:
    async with served() as url:
        _, text = await ask(url)
    ages = read(text)["notjustyou_source_age_seconds"].samples
    assert [sample.labels["source"] for sample in ages] == ["probe"]
    assert [sample.labels["shard"] for sample in read(text)["notjustyou_shard_latency_seconds"].samples] == ["0"]


async def test_while_the_bot_starts_only_the_process_is_told_of() -> None:
    async with served(started=False) as url:
        status, text = await ask(url)
    assert status == 200 and read(text)
    assert all(name.startswith("notjustyou_process_") for name in read(text))


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"])
async def test_who_comes_through_a_proxy_needs_the_token(header: str) -> None:
    passed_on = {header: "203.0.113.7"}
    async with served() as url:
        status, text = await ask(url, **passed_on)
        assert status == 401 and "METRICS_TOKEN" in text and "No METRICS_TOKEN is set" in text
        assert (await ask(url, **passed_on, Authorization="Bearer "))[0] == 401
    async with served(TOKEN) as url:
        status, text = await ask(url, **passed_on)
        assert status == 401 and "Authorization: Bearer" in text and "No METRICS_TOKEN" not in text
        assert (await ask(url, **passed_on, Authorization=f"Bearer {TOKEN}x"))[0] == 401
        assert (await ask(url, **passed_on, Authorization=f"Basic {TOKEN}"))[0] == 401
        assert (await ask(url, **passed_on, Authorization="Bearer \udcff"))[0] == 401, "not even text"
        assert (await ask(url, **passed_on, **BEARER))[0] == 200


@pytest.mark.parametrize(
    ("address", "direct"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("172.17.0.1", False),
        ("192.168.1.5", False),
        ("203.0.113.7", False),
        ("fe80::1%eth0", False),
        ("::ffff:192.168.1.5", False),
    ],
)
def test_only_this_machine_is_direct(address: str, direct: bool) -> None:
    transport = SimpleNamespace(get_extra_info=lambda _: (address, 50_000))
    request: Any = SimpleNamespace(transport=transport, headers={})
    assert is_direct(request) is direct


def test_a_connection_that_is_gone_is_not_direct() -> None:
    request: Any = SimpleNamespace(transport=None, headers={})
    assert not is_direct(request)


def table(metrics: Iterable[Metric]) -> list[str]:
    """As docs/operators/monitoring.md has them."""
    rows = ["| Name | Type | Unit | Labels | Meaning |", "|---|---|---|---|---|"]
    for metric in metrics:
        name = {"counter": f"{metric.name}_total", "info": f"{metric.name}_info"}.get(metric.type, metric.name)
        unit = next((unit for unit in ("seconds", "bytes", "nats") if unit in metric.name.split("_")), "")
        labels = {label: None for sample in metric.samples for label in sample.labels if label != "le"}
        shown = ", ".join(f"`{label}`" for label in labels)
        rows.append(f"| `{name}` | {metric.type} | {unit} | {shown} | {metric.documentation} |")
    return rows


def test_the_docs_tell_of_every_number_with_its_meaning() -> None:
    process = ProcessCollector(namespace="notjustyou", registry=CollectorRegistry()).collect()
    right = "\n".join(table([*families(FIGURES), *process]))
    assert right in DOCS.read_text(), f"docs/operators/monitoring.md should have:\n{right}"


def test_no_label_names_anybody() -> None:
    labels = {label for metric in families(FIGURES) for sample in metric.samples for label in sample.labels}
    words = {"kind", "outcome", "level", "signal", "phase", "state", "result", "le", "version", "python"}
    assert labels == words | {"service", "shard", "source"}


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("state", State),
        ("level", Level),
        ("phase", OPEN),
        ("outcome", Outcome),
        ("result", {*Result, *WebhookResult}),
        ("kind", Acknowledgements().taken),
        ("signal", ["probe", "official", "talk"]),
        ("source", ["probe", "official"]),
    ],
)
def test_the_docs_tell_of_every_value(label: str, values: Iterable[str]) -> None:
    [row] = [line for line in DOCS.read_text().splitlines() if line.startswith(f"| `{label}` |")]
    assert set(re.findall(r"`(\w+)`", row)) == {label, *values}


def test_a_bot_without_a_port_does_not_load_the_library() -> None:
    loaded = "import sys, bot.run; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.call([sys.executable, "-c", loaded]) == 0
