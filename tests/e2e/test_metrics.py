"""The metrics of a running bot; the dashboard and the alerts use only these."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp
import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import ROOT, SERVICE, Town

pytestmark = pytest.mark.asyncio(loop_scope="package")

ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "notjustyou.json"
OF_PROMETHEUS = {"instance", "job", "le"}
"""Labels that Prometheus adds itself, or that histograms have."""

LEARNED = ("notjustyou_usual_reporters",)
"""What a bot tells only after some days."""

Series = Mapping[str, Mapping[str, set[str]]]
"""Name -> label -> values."""


async def scrape(town: Town) -> tuple[str, dict[str, Mapping[str, set[str]]]]:
    async with aiohttp.ClientSession() as session, session.get(f"{town.health}/metrics") as answer:
        assert answer.status == 200
        text = await answer.text()
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name].update()
            for label, value in sample.labels.items():
                found[sample.name][label].add(value)
    return text, dict(found)


async def live(town: Town) -> Series:
    """The series of a bot that has seen something of everything."""
    channel, _, reply = await town.asked()
    user = town.user()
    await user.slash(channel, "report")
    await user.autocomplete(channel, "500", "service", "char")
    owner: Any = channel.guild.owner  # of others, only accounts older than a week count
    more = await owner.click(reply, "More")
    await owner.click(more, "Wrong reply?")
    text, series = await scrape(town)
    for name in LEARNED:  # its labels are those that it will have
        assert f"# HELP {name} " in text and name not in series
    return series | {name: {"service": {SERVICE}} for name in LEARNED}


def alerts() -> list[tuple[str, str]]:
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    return [(rule["alert"], rule["expr"]) for rule in rules]


def panels() -> list[tuple[str, str]]:
    document = json.loads(DASHBOARD.read_text())
    return [(panel["title"], target["expr"]) for panel in document["panels"] for target in panel.get("targets", ())]


def inside(node: Any) -> Iterator[Any]:
    """A parsed query and all that it consists of."""
    yield node
    inner = [getattr(node, name, None) for name in ("expr", "lhs", "rhs", "param", "vector_selector")]
    for one in (*inner, *(getattr(node, "args", None) or ())):
        if one is not None:
            yield from inside(one)


def selectors(query: str) -> list[promql_parser.VectorSelector]:
    """The series that a query asks for."""
    parsed = promql_parser.parse(query.replace("$__rate_interval", "5m"))
    return [one for one in inside(parsed) if isinstance(one, promql_parser.VectorSelector)]


def faults(query: str, series: Series) -> list[str]:
    """What a query asks for and a running bot does not tell."""
    parsed = promql_parser.parse(query.replace("$__rate_interval", "5m"))
    asked, wrong = selectors(query), list[str]()
    for selector in asked:
        labels = series.get(selector.name)
        if labels is None:
            wrong.append(f"there is no {selector.name}")
            continue
        for matcher in selector.matchers.matchers:
            if matcher.name not in labels and matcher.name not in OF_PROMETHEUS:
                wrong.append(f"{selector.name} has no label {matcher.name}")
            elif "$" not in matcher.value and matcher.value not in labels[matcher.name]:
                wrong.append(f"{selector.name} never has {matcher.name}={matcher.value}")
    known = {label for selector in asked for label in series.get(selector.name, ())} | OF_PROMETHEUS
    grouped = [
        one.modifier.labels for one in inside(parsed) if isinstance(one, promql_parser.AggregateExpr) and one.modifier
    ]
    return wrong + [f"nothing has the label {label}" for labels in grouped for label in labels if label not in known]


async def test_the_dashboard_and_the_alerts_ask_only_for_what_a_running_bot_tells(town: Town) -> None:
    series = await live(town)
    asked = alerts() + panels()
    assert len(asked) > 50
    assert {name: wrong for name, query in asked if (wrong := faults(query, series))} == {}


async def test_every_number_of_ours_is_on_the_dashboard(town: Town) -> None:
    series = await live(town)
    asked = {one.name for _, query in panels() for one in selectors(query)}
    whole = {name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in (*asked, *series)}
    ours = {name for name in whole if name.startswith("notjustyou_") and "_process_" not in name}
    assert {name for name in ours if not any(one.startswith(name) for one in asked)} == set()


async def test_what_is_shown_beside_a_number_exists(town: Town) -> None:
    series = await live(town)
    every = {label for labels in series.values() for label in labels} | OF_PROMETHEUS
    legends = [
        t["legendFormat"] for panel in json.loads(DASHBOARD.read_text())["panels"] for t in panel.get("targets", ())
    ]
    shown = {label for legend in legends for label in re.findall(r"{{(\w+)}}", legend)}
    used = set(re.findall(r"\$labels\.(\w+)", ALERTS.read_text()))
    assert shown | used <= every


async def test_the_numbers_are_those_of_what_happened(town: Town) -> None:
    def count(series_text: str, name: str, **labels: str) -> float:
        return sum(
            sample.value
            for family in text_string_to_metric_families(series_text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    before, _ = await scrape(town)
    channel, users = town.channel(), [town.user() for _ in range(3)]
    for user in users:
        await user.slash(channel, "report")
    await users[0].slash(channel, "report")
    after, _ = await scrape(town)

    def more(name: str, **labels: str) -> float:
        return count(after, name, **labels) - count(before, name, **labels)

    assert more("notjustyou_reports_total", service=SERVICE, outcome="counted") == 3
    assert more("notjustyou_reports_total", service=SERVICE, outcome="already") == 1
    assert more("notjustyou_acknowledgement_seconds_count", kind="command") == 4
    assert more("notjustyou_unanswered_total") == 0
    assert more("notjustyou_commit_seconds_count") >= 3
    assert count(after, "notjustyou_shard_connected") == 1 and count(after, "notjustyou_servers") >= 1
    assert count(after, "notjustyou_source_state", service=SERVICE, state="up") == 2
    assert count(after, "notjustyou_failures_total") == 0
    assert count(after, "notjustyou_database_size_bytes") > 10_000


async def test_the_numbers_name_no_person_no_server_and_no_channel(town: Town) -> None:
    await live(town)
    text, series = await scrape(town)
    world = town.world
    ids = {str(one.id) for one in (*world.guilds.values(), *world.users.values())}
    values = {value for labels in series.values() for found in labels.values() for value in found}
    assert not values & ids and not any(re.fullmatch(r"\d{6,}", value) for value in values)
    assert "Guild" not in text and "User" not in text
