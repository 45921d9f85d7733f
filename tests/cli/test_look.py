"""`notjustyou services look` as a real process, with sources on this machine."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.cli.look import OLD
from bot.exits import Exit
from tests.cli.conftest import Serve
from tests.content.test_services import SERVICE, write
from tests.status.servers import incident, maintenance, reply, summary

ROOT = Path(__file__).parents[2]
SYMPTOMS = SERVICE[SERVICE.index("[symptoms]") :]
Look = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Runs the command in an empty folder: exit code, output, errors. May go to this machine unless told otherwise."""
    numbers = count()

    async def run(sources: str, *options: str, service: str = "examplia", **env: str) -> tuple[int, str, str]:
        folder = tmp_path / f"mine-{next(numbers)}"
        write(folder, service=SERVICE[: SERVICE.index("[sources")] + sources + SYMPTOMS)
        allowed = {"ALLOW_PRIVATE_STATUS_HOSTS": "true", "CONTROL_URLS": "off", "SERVICES_DIR": str(folder)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "services", "look", service, *options),
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), **allowed, **env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, wrong = await process.communicate()
        assert process.returncode is not None
        return process.returncode, printed.decode(), wrong.decode()

    return run


def source(signal: str, kind: str, url: str, more: str = "") -> str:
    return f'[sources.{signal}]\nkind = "{kind}"\nurl = "{url}"\n{more}\n'


async def test_a_look_tells_all_that_a_page_says(look: Look, serve: Serve) -> None:
    said = summary(
        components=[
            {"id": "c1", "name": "Chat", "status": "operational"},
            {"id": "c2", "name": "Films", "status": "major_outage"},
        ],
        incidents=[incident(impact="minor", name="Chats \x1b[31mare slow"), incident(id="i2", impact="none")],
        scheduled_maintenances=[maintenance("in_progress")],
    )
    site = await serve(reply(said))
    sources = source("official", "statuspage", site.url, 'components = ["Chat", "Login"]')

    code, printed, _ = await look(sources, "--json")
    document: dict[str, Any] = json.loads(printed)
    [reading] = document["readings"]
    at = reading.pop("at")

    assert (code, document["service"], document["name"]) == (Exit.OK, "examplia", "Examplia")
    assert reading.pop("at_iso") and at > 1_772_366_400
    assert reading == {
        "signal": "official",
        "kind": "statuspage",
        "url": f"{site.url}/api/v2/summary.json",
        "link": None,
        "state": "degraded",
        "found": "degraded",
        "note": OLD,
        "cause": "answered",
        "detail": "Chats \x1b[31mare slow; not on the page: Login",
        "incidents": [
            {
                "id": "i1",
                "title": "Chats \x1b[31mare slow",
                "state": "investigating",
                "impact": "degraded",
                "url": "https://stspg.io/i1",
                "since": 1_772_366_400.0,
                "since_iso": "2026-03-01T12:00:00+00:00",
            },
            {
                "id": "i2",
                "title": "Messages do not arrive",
                "state": "investigating",
                "impact": "up",
                "url": "https://stspg.io/i1",
                "since": 1_772_366_400.0,
                "since_iso": "2026-03-01T12:00:00+00:00",
            },
        ],
        "maintenances": [
            {
                "title": "Database upgrade",
                "active": True,
                "url": "https://stspg.io/m1",
                "starts": 1_772_373_600.0,
                "starts_iso": "2026-03-01T14:00:00+00:00",
                "ends": 1_772_380_800.0,
                "ends_iso": "2026-03-01T16:00:00+00:00",
            }
        ],
    }

    code, printed, _ = await look(sources)
    assert code == Exit.OK
    assert f"  state: degraded ({OLD})\n" in printed and "\x1b" not in printed
    assert "  incident: Chats  [31mare slow, investigating, impact degraded, since 2026-03-01T12:00:00+00:00" in printed
    assert (
        "  maintenance: Database upgrade, going on, 2026-03-01T14:00:00+00:00 to 2026-03-01T16:00:00+00:00" in printed
    )


async def test_one_look_that_finds_a_service_down_leaves_doubt_and_says_so(look: Look, serve: Serve) -> None:
    broken = await serve(reply(b"", status="500 No"))
    sources = source("probe", "http", broken.url)

    code, printed, _ = await look(sources, "--json")
    [reading] = json.loads(printed)["readings"]
    shown = (await look(sources))[1]

    assert (code, broken.visits) == (Exit.OK, 2)
    assert (reading["state"], reading["found"], reading["cause"]) == ("unknown", "down", "server_error")
    assert "second look" in reading["note"] and f"state: unknown (down: {reading['note']})" in shown


async def test_a_page_whose_incidents_are_all_old_says_that_it_is_no_news(look: Look, serve: Serve) -> None:
    site = await serve(reply(summary("minor", incidents=[incident("monitoring", started_at="2026-01-01T12:00:00Z")])))
    sources = source("official", "statuspage", site.url)

    [reading] = json.loads((await look(sources, "--json"))[1])["readings"]
    shown = (await look(sources))[1]

    assert (reading["state"], reading["note"].partition(":")[0]) == ("degraded", "old news")
    assert f"  state: degraded ({reading['note']})\n" in shown


async def test_private_addresses_are_looked_at_only_if_the_operator_allows_it(look: Look, serve: Serve) -> None:
    site = await serve(reply(summary()))
    sources = source("official", "statuspage", site.url) + source("probe", "http", site.url)

    code, printed, _ = await look(sources, "--json", ALLOW_PRIVATE_STATUS_HOSTS="false")

    assert code == Exit.OK and site.visits == 0
    assert {one["cause"] for one in json.loads(printed)["readings"]} == {"address_refused"}


async def test_a_service_without_sources_and_an_unknown_one(look: Look) -> None:
    assert await look("") == (Exit.OK, "examplia has no sources.\n", "")
    code, printed, wrong = await look("", service="examplium")
    assert (code, printed) == (Exit.USAGE, "")
    assert wrong == "no service called 'examplium'; `notjustyou services list` shows them\n"
