"""A simulated outage: it begins and ends within minutes, and belongs only to its server."""

import random
from dataclasses import replace

from bot.core.outage_life import OPEN, Outage, Phase
from bot.core.reports import MINUTE
from bot.core.simulation import Simulation, moments
from bot.core.watch import written

NOW = 1_800_000_000.0


def test_it_runs_through_a_whole_outage_in_the_past() -> None:
    simulation = Simulation.prepare("one", 5, 6, NOW, random.Random(1))
    outages = list[Outage]()
    for _ in range(40):
        state = simulation.next()
        if state.outage is not None:
            outages.append(state.outage)
            if state.outage.phase not in OPEN:
                break
        simulation = replace(simulation, state=written(state, state.outage))
    phases = list(dict.fromkeys(outage.phase for outage in outages))
    assert phases[-3:] == [Phase.ON, Phase.RECOVERING, Phase.OVER]
    assert [outage.phase for outage in outages].count(Phase.RECOVERING) == 1, "the half hour passes at once"
    last = outages[-1]
    assert {outage.guild_id for outage in outages} == {5} and last.simulated
    assert NOW - 60 * MINUTE < last.began < (last.ended or 0) < NOW and 0 < last.servers <= 6


def test_the_same_chance_gives_the_same_simulation_and_asking_twice_changes_nothing() -> None:
    one, two = (Simulation.prepare("one", 5, 6, NOW, random.Random(7)) for _ in range(2))
    assert one.people == two.people
    assert one.next().outage == one.next().outage == two.next().outage


def test_what_people_read_of_it_begins_now_and_nothing_lies_in_the_future() -> None:
    """It said "44 minutes ago" when it began. An invented minute is played every five seconds."""
    simulation, now = Simulation.prepare("one", 5, 6, NOW, random.Random(1)), NOW
    shown = list[tuple[float, Outage]]()
    for _ in range(40):
        now += 5
        state = simulation.next()
        simulation = simulation.played(state, now)
        if (outage := simulation.shown()) is not None:
            shown.append((now, outage))
        simulation = replace(simulation, state=written(state, state.outage))
    began = shown[0][1].began
    assert 0 <= shown[0][0] - began <= 15
    for at, outage in shown:
        assert NOW <= outage.began <= outage.peak_at <= outage.seen <= at
        assert outage.ended is None or outage.began < outage.ended <= at
    assert 0 < shown[-1][1].lasted < 3 * MINUTE, "as long as it really took"


def test_its_moments_are_its_beginning_its_height_and_its_end() -> None:
    first, height, last = moments(Simulation.prepare("examplia", 7, 8, NOW, random.Random(1)))
    assert (first.phase, height.phase, last.phase) == (Phase.ON, Phase.ON, Phase.OVER)
    assert first.simulated and height.recent >= first.recent and last.peak >= height.recent
    assert first.began <= first.seen <= height.seen <= (last.ended or 0)
