"""Sentences about an outage: its length, unobserved time, and the servers that it may concern."""

from dataclasses import replace
from typing import Any

import pytest

from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.service import Source
from bot.core.signals import Signal
from bot.discord_ui.render.outage import headline, lasted, message, named_symptoms, official, story
from tests.discord_ui.test_hostile_pages import texts_of
from tests.resources import resources
from tests.usecases.fakes import a_service

TEXTS, SERVICE = resources().languages.texts("en"), a_service()
BEGAN = 1_700_000_040
OVER = Outage(SERVICE.id, Phase.OVER, BEGAN, id=1, detected=BEGAN + 300, seen=BEGAN + 9000, ended=BEGAN + 3600, peak=9)


def text_of(outage: Outage) -> str:
    return "\n".join(story(TEXTS, SERVICE, outage))


def test_an_outage_that_was_watched_to_its_end_lasted_about_so_long() -> None:
    assert "It lasted about **1 hour**" in text_of(OVER) and "Peak: 9 people in 15 minutes" in text_of(OVER)


def test_what_nobody_watched_is_told_and_the_length_is_the_least() -> None:
    blind = replace(OVER, blind_from=OVER.ended, blind_to=BEGAN + 3600 + 7200)
    assert "It lasted at least **1 hour**" in text_of(blind)
    assert "We couldn't watch for 2 hours" in text_of(blind)


def test_symptoms_are_named_and_a_suspicion_may_be_chance() -> None:
    on = replace(OVER, phase=Phase.ON, ended=None, recent=7, symptoms={"login": 4})
    assert f"-# Counted at <t:{on.seen}:t>; usually 0 or 1." in text_of(on) and "Most common: 4 × Login" in text_of(on)
    assert "Waiting helps most" in text_of(on) and "chance" not in text_of(on)
    suspected = text_of(replace(on, phase=Phase.SUSPECTED))
    assert "It may still be a coincidence." in suspected and "Waiting helps most" not in suspected
    assert "more people than usual reported trouble: 9 people" in text_of(replace(on, phase=Phase.DISMISSED))


def test_the_symptoms_are_of_the_same_window_as_the_people_beside_them() -> None:
    on = replace(OVER, phase=Phase.ON, ended=None, recent=7, symptoms={"login": 9}, recent_symptoms={"login": 5})
    assert "Most common: 5 × Login" in text_of(on), "those of the last 15 minutes, not of the peak"
    assert "Most common at the peak: 9 × Login" in text_of(replace(on, phase=Phase.OVER, ended=BEGAN + 3600))


def test_maintenance_is_told_while_the_outage_is_on() -> None:
    on = replace(OVER, phase=Phase.ON, ended=None, maintenance="Database *upgrade*", maintenance_ends=BEGAN + 9000.0)
    line = f"-# Maintenance until <t:{BEGAN + 9000}:t>: Database \\*upgrade\\*"
    assert line in text_of(on).splitlines()
    assert "Maintenance" not in text_of(replace(on, phase=Phase.OVER, ended=BEGAN + 3600))
    assert "Maintenance" not in text_of(replace(on, maintenance=""))


WITH_PAGE = replace(SERVICE, sources=(Source(Signal.OFFICIAL, "statuspage", "https://status.example.org"),))
TITLED = "“Login *trouble*”.".replace("*", "\\*")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "We couldn't read an official status page."),
        ({"official_read": True}, "The official page says nothing about it."),
        (
            {"official_read": True, "official_older": True},
            "The official page says nothing new about it, only of older trouble.",
        ),
        ({"official_read": True, "still": {"official": BEGAN}}, ""),
        ({"official_at": BEGAN, "official_exact": False}, "The official page confirms it."),
        (
            {"official_at": BEGAN, "official_exact": False, "still": {"official": BEGAN}},
            "The official page confirms it.",
        ),
        (
            {"official_at": BEGAN + 900, "official_title": "Login *trouble*"},
            f"The official page: {TITLED} They posted 10 minutes after we noticed.",
        ),
        ({"official_at": BEGAN + 300}, "The official page confirms it. They posted 1 minute after we noticed."),
        ({"official_at": BEGAN + 180}, "The official page confirms it. They posted 2 minutes before we noticed."),
    ],
)
def test_what_the_official_page_said_is_told_once_and_who_was_first(more: dict[str, Any], said: str) -> None:
    assert official(TEXTS, WITH_PAGE, replace(OVER, **more)) == said
    assert official(TEXTS, SERVICE, replace(OVER, **more)) == "", "it has no page"


def test_the_two_most_frequent_symptoms_are_named() -> None:
    assert named_symptoms(TEXTS, SERVICE, {"chats": 2, "login": 1200, "other": 1}).startswith("1,200 × Login")
    assert named_symptoms(TEXTS, SERVICE, {"gone": 9}) == named_symptoms(TEXTS, SERVICE, {}) == ""


@pytest.mark.parametrize(
    ("still", "said"),
    [
        ({"probe": BEGAN}, "Our own check still fails."),
        ({"official": BEGAN}, "The official page still shows problems."),
        ({"probe": BEGAN, "official": BEGAN}, "Our own check and the official page still show problems."),
    ],
)
def test_what_still_fails_is_told_after_the_end(still: dict[str, int], said: str) -> None:
    assert f"{said} But reports are back to the usual level." in lasted(TEXTS, replace(OVER, still=still))
    assert len(lasted(TEXTS, OVER)) == 1


def test_while_nobody_knows_whether_it_works_again_neither_is_said() -> None:
    unsure = replace(OVER, phase=Phase.ON, ended=None, faded=BEGAN + 900)
    text = "\n".join([headline(TEXTS, SERVICE, unsure), *story(TEXTS, SERVICE, unsure)])
    assert "it may not be over" in text and "It's not certain yet that it works again." in text
    assert "still fails" not in text and "back to normal" not in text


def test_a_suspicion_says_what_still_fails() -> None:
    suspected = replace(OVER, phase=Phase.SUSPECTED, ended=None, still={"probe": BEGAN})
    assert "Our own check still fails. It may still be a coincidence." in text_of(suspected)
    assert "still fails" not in text_of(replace(suspected, still={}))


def test_those_who_are_called_are_told_what_still_fails() -> None:
    call = Post(1, PostKind.CALL, 7, 8, people=(9,))
    [well] = texts_of(message(TEXTS, SERVICE, OVER, call, None))
    [still] = texts_of(message(TEXTS, SERVICE, replace(OVER, still={"probe": BEGAN}), call, None))
    assert well.endswith("looks back to normal. It lasted about 1 hour.")
    assert still == f"{well} Our own check still fails. But reports are back to the usual level."


def test_a_reminder_counts_nobody_once_the_reports_have_faded() -> None:
    reminder = Post(1, PostKind.REMINDER, 7, 8)
    held = replace(OVER, phase=Phase.ON, ended=None, faded=BEGAN + 900, still={"probe": BEGAN})
    [said] = texts_of(message(TEXTS, SERVICE, held, reminder, None))
    assert "fewer reports, but our own check still fails" in said and "0 people" not in said


def test_maintenance_that_goes_on_is_told_until_it_is_over() -> None:
    back = replace(OVER, phase=Phase.RECOVERING, maintenance="Database upgrade")
    assert "Maintenance in progress: Database upgrade." in "\n".join(story(TEXTS, SERVICE, back))
    assert "Maintenance" not in "\n".join(story(TEXTS, SERVICE, replace(back, phase=Phase.OVER)))


def test_one_that_failed_again_and_again_may_fail_again_until_it_is_over() -> None:
    unstable = replace(OVER, episodes=3, failed=600, episode_began=BEGAN + 3000, longest_calm=1200)
    assert "It failed 3 times between" in lasted(TEXTS, unstable)[0] and len(lasted(TEXTS, unstable)) == 1
    assert "It counts as over after 40 minutes" in lasted(TEXTS, replace(unstable, phase=Phase.RECOVERING))[1]
    assert len(lasted(TEXTS, replace(OVER, phase=Phase.RECOVERING))) == 1
