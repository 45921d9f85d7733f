"""Reports: `/report`, the buttons, withdrawing, the symptom."""

import asyncio

import pytest

from bot.core.errors import StoreError, UnknownServiceError, WrongInputError
from bot.core.reports import Report
from tests.discord_ui.conftest import Stage, text_of


async def test_pressing_counts_a_person_once_whatever_they_press(stage: Stage) -> None:
    card = await stage.ann.slash(stage.channel, "500")
    first = await stage.ann.click(card.response, label="Broken for me")
    again = await stage.ann.click(card.response, label="Broken for me")
    slash = await stage.ann.slash(stage.channel, "report")
    other = await stage.bob.click(card.response, label="Broken for me")
    assert "Counted. You're the first" in text_of(first.response)
    assert first.ephemeral
    assert "already counted" in text_of(again.response) and "already counted" in text_of(slash.response)
    assert "you and 1 other" in text_of(other.response)
    assert len(await _rows(stage)) == 2


async def test_a_person_counts_again_after_fifteen_minutes_and_still_as_one_person(stage: Stage) -> None:
    await stage.ann.slash(stage.channel, "report")
    await stage.env.advance_time(15 * 60 + 1)
    again = await stage.ann.slash(stage.channel, "report")
    assert "Counted" in text_of(again.response)
    tally = stage.app.base.board.tally("character-ai", stage.env.now().timestamp(), stage.guild.id)
    assert (tally.everywhere.quarter, tally.everywhere.day, tally.here.day) == (1, 1, 1)


async def test_works_for_me_again_withdraws_in_memory_and_in_the_database(stage: Stage) -> None:
    card = await stage.ann.slash(stage.channel, "500")
    answer = await stage.ann.click(card.response, label="Broken for me")
    back = await stage.ann.click(answer.response, label="Works for me again")
    twice = await stage.ann.click(answer.response, label="Works for me again")
    assert "no longer counts" in text_of(back.response)
    assert "no report" in text_of(twice.response)
    assert await _rows(stage) == []


async def test_symptom_can_be_given_at_once_or_chosen_afterwards(stage: Stage) -> None:
    offered = await stage.ann.autocomplete(stage.channel, "report", "symptom", "log")
    named = await stage.ann.slash(stage.channel, "report", symptom=offered[0]["value"])
    bare = await stage.bob.slash(stage.channel, "report")
    chosen = await stage.bob.select(bare.response, values=["chats"])
    assert [choice["name"] for choice in offered] == ["Cannot log in"]
    assert "Counted" in text_of(named.response)
    assert "Thanks: *Messages will not send or arrive*" in text_of(chosen.response or bare.response)
    assert sorted(str(r.symptom) for r in await _rows(stage)) == ["chats", "login"]
    card = await stage.bob.slash(stage.channel, "500")
    assert "Most common: 1 × Cannot log in, 1 × Messages will not send or arrive" in text_of(card.response)


async def test_what_is_no_outage_is_not_counted_and_has_its_own_steps(stage: Stage) -> None:
    typed = await stage.ann.slash(stage.channel, "report", symptom="limit")
    assert "This isn't an outage" in text_of(typed.response) and "not counted" in text_of(typed.response)
    assert await _rows(stage) == []
    bare = await stage.bob.slash(stage.channel, "report")
    assert stage.people() == 1
    chosen = await stage.bob.select(bare.response, values=["account"])
    text = text_of(chosen.response or bare.response)
    assert "about your account" in text and "Confirm your age in the app's settings" in text
    assert await _rows(stage) == [] and stage.people() == 0


async def test_after_the_symptom_was_chosen_its_own_guide_is_one_press_away(stage: Stage) -> None:
    bare = await stage.bob.slash(stage.channel, "report")
    chosen = await stage.bob.select(bare.response, values=["login"])
    guide = await stage.bob.click(chosen.response or bare.response, label="What helps?")
    assert "Log in the way you signed up" in text_of(guide.response)


async def test_unknown_symptom_and_service_are_refused_by_name(stage: Stage) -> None:
    symptom = await stage.ann.slash(stage.channel, "report", symptom="gremlins")
    service = await stage.ann.slash(stage.channel, "report", service="@everyone")
    assert "choose the kind of trouble from the list" in text_of(symptom.response)
    assert "I don't know a service called @\u200beveryone" in text_of(service.response)
    assert [type(error.original) for error in stage.env.errors] == [WrongInputError, UnknownServiceError]
    assert await _rows(stage) == []


async def test_a_report_that_cannot_be_kept_is_refused_honestly(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_self: object, _report: Report, _within: float) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(type(stage.app.base.stores.reports), "append", full)
    answer = await stage.ann.slash(stage.channel, "report")
    assert "couldn't save that" in text_of(answer.response)
    assert [type(error.original) for error in stage.env.errors] == [StoreError]
    assert stage.people() == 0


async def test_a_slow_disk_shows_thinking_and_then_the_answer(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    append = type(stage.app.base.stores.reports).append

    async def slow(self: object, report: Report, within: float) -> None:
        await asyncio.sleep(2.2)
        await append(self, report, within)

    monkeypatch.setattr(type(stage.app.base.stores.reports), "append", slow)
    answer = await stage.ann.slash(stage.channel, "report")
    assert stage.deferrals() == 1 and answer.ephemeral
    assert "Counted" in text_of(answer.response)


async def test_reports_work_in_direct_messages(stage: Stage) -> None:
    user = stage.env.create_user("dora")
    answer = await user.slash("report")
    assert "Counted" in text_of(answer.response)
    assert [r.guild_id for r in await _rows(stage)] == [0]


async def _rows(stage: Stage) -> list[Report]:
    return [report async for chunk in stage.app.base.stores.reports.back_to(0) for report in chunk]
