"""What is told of an outage: how long it lasted, and what nobody watched, for whom it may matter."""

from dataclasses import replace

from bot.content.texts import Catalogues
from bot.core.outage_life import Outage, Phase
from bot.discord_ui.render.outage import story
from tests.usecases.fakes import a_service

TEXTS, SERVICE = Catalogues.read().texts("en"), a_service()
BEGAN = 1_700_000_040
OVER = Outage(SERVICE.id, Phase.OVER, BEGAN, id=1, detected=BEGAN + 300, seen=BEGAN + 9000, ended=BEGAN + 3600, peak=9)


def told(outage: Outage) -> str:
    return "\n".join(story(TEXTS, SERVICE, outage))


def test_an_outage_that_was_watched_to_its_end_lasted_about_so_long() -> None:
    assert "It lasted about **1 hour**" in told(OVER) and "Peak: 9 people in 15 minutes" in told(OVER)


def test_what_nobody_watched_is_told_and_the_length_is_the_least() -> None:
    blind = replace(OVER, blind_from=OVER.ended, blind_to=BEGAN + 3600 + 7200)
    assert "It lasted at least **1 hour**" in told(blind)
    assert "We couldn't watch for 2 hours" in told(blind)


def test_symptoms_are_named_and_a_suspicion_may_be_chance() -> None:
    on = replace(OVER, phase=Phase.ON, ended=None, recent=7, symptoms={"login": 4})
    assert f"-# At <t:{on.seen}:t>; usually fewer than 1." in told(on) and "Mostly: 4 × Login" in told(on)
    assert "Waiting helps most" in told(on) and "chance" not in told(on)
    suspected = told(replace(on, phase=Phase.SUSPECTED))
    assert "It may still be a coincidence." in suspected and "Waiting helps most" not in suspected
    assert "It didn't become an outage." in told(replace(on, phase=Phase.DISMISSED))


def test_the_symptoms_are_of_the_same_window_as_the_people_beside_them() -> None:
    on = replace(OVER, phase=Phase.ON, ended=None, recent=7, symptoms={"login": 9}, recent_symptoms={"login": 5})
    assert "Mostly: 5 × Login" in told(on), "those of the last 15 minutes, not of the peak"
    assert "Mostly: 9 × Login" in told(replace(on, phase=Phase.OVER, ended=BEGAN + 3600))


def test_maintenance_is_told_while_the_outage_is_on() -> None:
    on = replace(OVER, phase=Phase.ON, ended=None, maintenance="Database *upgrade*", maintenance_ends=BEGAN + 9000.0)
    line = f"-# Maintenance is going on: Database \\*upgrade\\*, planned until <t:{BEGAN + 9000}:f>."
    assert line in told(on).splitlines()
    assert "Maintenance" not in told(replace(on, phase=Phase.OVER, ended=BEGAN + 3600))
    assert "Maintenance" not in told(replace(on, maintenance=""))
