"""The health endpoints: faults are named with reason and age; trouble of the watched service is not ours."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.core.errors import StoreError
from bot.core.service import Source
from bot.core.signals import Cause, Reading, Signal, SignalBoard, State
from bot.usecases.services import Services
from bot.usecases.upkeep.diagnose import Diagnose, Vitals
from tests.usecases.fakes import a_service

WELL = Vitals(connected=True, event_age=3.2, tick_age=4.0, waiting=0)
NOW = 1000.0


class Disk:
    """Takes what it gets, or does not."""

    def __init__(self, error: Exception | None = None, *, slow: bool = False) -> None:
        self.error = error
        self.slow = slow

    async def put(self, key: str, value: str) -> None:
        if self.slow:
            await asyncio.sleep(3600)
        if self.error is not None:
            raise self.error

    async def get(self, key: str) -> str | None:
        return None


def diagnose(vitals: Vitals = WELL, disk: Disk | None = None) -> Diagnose:
    source = Source(Signal.PROBE, "http", "https://example.org/health")
    services, signals = Services([replace(a_service(), sources=(source,))]), SignalBoard()
    for at in (NOW - 40, NOW - 20):
        signals.put("examplia", Reading(Signal.PROBE, State.DOWN, Cause.SERVER_ERROR, at))
    return Diagnose(services, signals, disk or Disk(), lambda: NOW, lambda: vitals)


def wrong(checks: Any) -> dict[str, str]:
    return {check.name: check.why for check in checks if not check.ok}


async def test_all_is_well_though_the_service_is_down() -> None:
    alive = await diagnose().alive()
    assert wrong(alive) == {} and wrong(await diagnose().ready()) == {}
    facts = {check.name: check.facts for check in alive}
    assert facts["examplia probe"] == {"state": "down", "cause": "server_error", "age": 20.0}
    assert facts["gateway"] == {"last_event_age": 3.2}


@pytest.mark.parametrize(
    ("vitals", "expected"),
    [
        (replace(WELL, event_age=400.0), {"gateway": "nothing received from Discord for 400 s"}),
        (replace(WELL, tick_age=130.0), {"watch": "the outage watch has not run for 130 s"}),
        (replace(WELL, waiting=5000), {"writer": "5000 writes are waiting: the disk is too slow"}),
        (replace(WELL, event_age=None, tick_age=None), {}),
        (replace(WELL, event_age=300.0, tick_age=120.0, waiting=999), {}),
        (replace(WELL, waiting=1000), {"writer": "1000 writes are waiting: the disk is too slow"}),
    ],
)
async def test_what_a_restart_may_mend(vitals: Vitals, expected: dict[str, str]) -> None:
    checks = await diagnose(vitals).alive()
    assert wrong(checks) == expected
    assert not [check for check in checks if check.ok and check.why], "what is well needs no reason"


async def test_what_keeps_people_from_being_served(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "discord" in wrong(await diagnose(replace(WELL, connected=False)).ready())
    assert wrong(await diagnose(disk=Disk(StoreError("not written: disk is full"))).ready()) == {
        "database": "not written: disk is full"
    }
    monkeypatch.setattr("bot.usecases.upkeep.diagnose._ANSWERS_WITHIN", 0.01)
    assert wrong(await diagnose(disk=Disk(slow=True)).ready())["database"].startswith("nothing was written within")
