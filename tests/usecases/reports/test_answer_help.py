"""The answer to `/500`: what counts for the headline here, and which outages concern this server."""

from dataclasses import replace

import pytest

from bot.core.board import Board
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.privacy import ReporterKey
from bot.core.reports import Report
from bot.core.signals import SignalBoard
from bot.core.verdict import Word
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.outages.shared import SharedFailures
from bot.usecases.reports.answer_help import AnswerHelp
from bot.usecases.services import Services
from tests.usecases.fakes import a_service

NOW = 1_700_000_000
SERVICE = a_service()
RAIDED, OTHER = 71, 72
KEY = ReporterKey(bytes(32))
ON = Outage(SERVICE.id, Phase.ON, NOW - 600, id=5, detected=NOW - 300, seen=NOW)


class Place:
    """What is known, and the answer in each place."""

    def __init__(self) -> None:
        self.board, self.outages, self.scopes = Board(), OutageCache(), OutageScopes()
        self.posts = PostCache(self.outages)
        self.help = self.at(NOW)
        self.people = 0

    def at(self, now: float) -> AnswerHelp:
        shared = SharedFailures(Services([SERVICE]), self.outages, self.scopes)
        return AnswerHelp(
            self.board, SignalBoard(), self.outages, self.posts, self.scopes, KEY, lambda: now, shared=shared
        )

    def report(self, guild_id: int, people: int = 1, user_id: int | None = None) -> None:
        for _ in range(people):
            self.people += 1
            reporter = self.people if user_id is None else KEY.reporter(user_id)
            self.board.mirror(SERVICE.id).add(Report(self.people, SERVICE.id, guild_id, reporter, None, NOW - 60))

    def everywhere(self, guild_id: int | None) -> int:
        return self.help.answer(SERVICE, guild_id).tally.everywhere.quarter

    def word(self, guild_id: int | None) -> Word:
        return self.help.answer(SERVICE, guild_id).verdict.word


@pytest.fixture
def place() -> Place:
    return Place()


def test_a_raid_in_one_server_does_not_change_the_headline_in_another(place: Place) -> None:
    place.report(RAIDED, 40)
    place.scopes.limit(SERVICE.id, frozenset({RAIDED}), RAIDED)
    assert place.word(RAIDED) is Word.NOT_JUST_YOU
    assert place.word(OTHER) is Word.SOME_OTHERS
    assert place.everywhere(RAIDED) == 40, "numbers are distinct people, and never changed"
    assert place.everywhere(OTHER) == 40
    place.report(OTHER, 2)
    assert place.word(OTHER) is Word.SOME_OTHERS, "three of the raid and two of here"
    place.report(OTHER)
    assert place.word(OTHER) is Word.NOT_JUST_YOU, "who is here counts in full"


def test_what_two_servers_say_is_a_headline_everywhere(place: Place) -> None:
    place.report(RAIDED, 40)
    place.scopes.limit(SERVICE.id, None)
    assert place.word(OTHER) is place.word(RAIDED) is Word.NOT_JUST_YOU


def test_a_few_people_of_one_server_are_some_others_in_another(place: Place) -> None:
    place.report(RAIDED, 2)
    place.scopes.limit(SERVICE.id, frozenset({RAIDED}), RAIDED)
    assert place.word(OTHER) is Word.SOME_OTHERS


def test_an_outage_that_one_server_has_alone_is_none_elsewhere(place: Place) -> None:
    place.outages.put(ON)
    place.scopes.limit(SERVICE.id, frozenset({RAIDED}), RAIDED)
    assert place.help.answer(SERVICE, RAIDED).outage == ON
    for elsewhere in (OTHER, None):
        assert place.help.answer(SERVICE, elsewhere).outage is None
    place.scopes.limit(SERVICE.id, None)
    for anywhere in (RAIDED, OTHER, None):
        assert place.help.answer(SERVICE, anywhere).outage == ON


@pytest.mark.parametrize(("phase", "shown"), [(Phase.SUSPECTED, False), (Phase.ON, True), (Phase.RECOVERING, True)])
def test_a_suspicion_is_no_outage(place: Place, phase: Phase, shown: bool) -> None:
    place.outages.put(replace(ON, phase=phase))
    place.scopes.limit(SERVICE.id, None)
    assert (place.help.answer(SERVICE, OTHER).outage is not None) is shown


def test_the_thread_is_the_one_of_the_server_that_asks(place: Place) -> None:
    place.outages.put(ON)
    place.scopes.limit(SERVICE.id, None)
    assert place.help.answer(SERVICE, OTHER).thread is None
    place.posts.add([Post(ON.id, PostKind.ANNOUNCEMENT, OTHER, 10, id=1, message_id=50, thread_id=51)])
    assert place.help.answer(SERVICE, OTHER).thread == 51
    assert place.help.answer(SERVICE, RAIDED).thread is None


def test_who_asks_is_left_out_of_the_others(place: Place) -> None:
    place.report(OTHER, user_id=9)
    assert place.help.answer(SERVICE, OTHER, 9).verdict.word is Word.NOBODY_ELSE
    assert place.help.answer(SERVICE, OTHER, 10).verdict.word is Word.SOME_OTHERS
    assert place.help.answer(SERVICE, OTHER).verdict.word is Word.SOME_OTHERS


def test_answers_of_different_moments_that_say_the_same_are_equal(place: Place) -> None:
    later = place.at(NOW + 1)
    assert later.answer(SERVICE) == place.help.answer(SERVICE)
    assert later.answer(SERVICE).at == NOW + 1


def test_after_an_outage_only_the_reports_since_its_end_count(place: Place) -> None:
    place.report(OTHER, 5)  # a minute ago
    place.outages.put(replace(ON, phase=Phase.RECOVERING, ended=NOW - 120))
    answer = place.help.answer(SERVICE, OTHER)
    assert answer.back is not None and answer.since_end == 5
    place.outages.put(replace(ON, phase=Phase.RECOVERING, ended=NOW))
    assert place.help.answer(SERVICE, OTHER).since_end == 0
    place.board.loaded_back_to = NOW + 1
    assert place.help.answer(SERVICE, OTHER).since_end is None, "what is still being read is not told as nothing"


def test_while_it_is_on_nothing_is_back(place: Place) -> None:
    place.outages.put(ON)
    answer = place.help.answer(SERVICE, OTHER)
    assert answer.back is None and answer.since_end is None


def test_of_an_outage_that_is_over_the_answer_stays_what_it_was_at_its_end(place: Place) -> None:
    place.report(OTHER, 2)  # a minute ago: after this outage was over, so they are of something else
    over = replace(ON, phase=Phase.OVER, ended=NOW - 1800, seen=NOW - 600)
    answer = place.help.answer_of(SERVICE, over, OTHER)
    assert (answer.back, answer.since_end, answer.at) == (over, 0, NOW - 600)
    assert answer.verdict.word is Word.BACK_TO_NORMAL and answer.thread is None
