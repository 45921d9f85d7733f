"""Services that fail together, judged by the open outages."""

from dataclasses import replace
from typing import Any

import pytest

from bot.core.outage_life import Outage, Phase
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.outages.shared import SHARED_WITHIN, SharedFailures
from bot.usecases.services import Services
from tests.usecases.fakes import a_service

AT = 1_700_000_000
SERVICES = Services([a_service(one) for one in ("one", "two", "three")])
ONE, TWO, THREE = (Outage(one.id, Phase.ON, AT, id=n) for n, one in enumerate(SERVICES, start=1))


def shared(*outages: Outage, scopes: OutageScopes | None = None) -> SharedFailures:
    cache = OutageCache()
    for outage in outages:
        cache.put(outage)
    return SharedFailures(SERVICES, cache, scopes or OutageScopes())


def test_one_that_fails_alone_shares_nothing() -> None:
    assert shared(ONE).too(ONE, 5) == ()
    assert shared(ONE).too(None, 5) == ()


def test_the_others_are_named_in_the_order_in_which_they_began() -> None:
    earlier = replace(THREE, began=AT - 60)
    assert shared(ONE, TWO, earlier).too(ONE, 5) == ("Three", "Two")
    assert shared(ONE, TWO, earlier).too(TWO, None) == ("Three", "One")


@pytest.mark.parametrize(
    "other",
    [
        {"phase": Phase.SUSPECTED},
        {"phase": Phase.RECOVERING},
        {"phase": Phase.OVER},
        {"guild_id": 5},
        {"began": AT - SHARED_WITHIN - 1},
        {"began": AT + SHARED_WITHIN + 1},
        {"service": "no longer watched"},
    ],
)
def test_what_is_not_on_or_began_at_another_time_is_not_named(other: dict[str, Any]) -> None:
    assert shared(ONE, replace(TWO, **other)).too(ONE, 5) == ()


@pytest.mark.parametrize("ours", [{"phase": Phase.RECOVERING}, {"guild_id": 5}])
def test_what_is_over_or_simulated_names_no_other(ours: dict[str, Any]) -> None:
    assert shared(ONE, TWO).too(replace(ONE, **ours), 5) == ()


def test_what_concerns_other_servers_only_is_not_told_here() -> None:
    scopes = OutageScopes()
    scopes.limit("two", frozenset({6}))
    assert shared(ONE, TWO, scopes=scopes).too(ONE, 5) == ()
    assert shared(ONE, TWO, scopes=scopes).too(ONE, 6) == ("Two",)
