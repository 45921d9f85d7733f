"""`/500`: the guide with the live evidence."""

import pytest

from bot.core.errors import WrongInputError
from bot.core.reports import Report
from bot.core.service import Counted
from tests.discord_ui.conftest import Stage, labels_of, shown_kind, text_of

SEE, HELPED = "n1:see:character-ai", "n1:helped:character-ai:login"
"""The two menus of a guide's card."""


async def test_first_answer_in_a_channel_is_public_and_the_next_private(stage: Stage) -> None:
    first = await stage.ann.slash(stage.channel, "500")
    second = await stage.bob.slash(stage.channel, "500")
    assert not first.ephemeral
    assert second.ephemeral
    await stage.env.advance_time(61)
    assert not (await stage.bob.slash(stage.channel, "500")).ephemeral


async def test_card_has_headline_signals_all_steps_with_reasons_and_buttons(stage: Stage) -> None:
    shown = await stage.ann.slash(stage.channel, "500")
    text = text_of(shown.response)
    guide = stage.app.base.services.default.guide("en")
    assert "We can't tell yet whether it's just you" in text, "no source was looked at yet"
    assert (
        "no reports in the last 15 minutes" in text
        and "**Our own check**" in text
        and "**Official status page**" in text
    )
    assert all(step.title in text and step.reason in text for step in guide.steps)
    assert labels_of(shown.response) == ["Broken for me", "More help"]
    more = await stage.ann.click(shown.response, label="More help")
    assert "Why it happens" in text_of(more.response) and "What people commonly say" in text_of(more.response)
    assert labels_of(more.response) == ["Contact support", "Tell me when it's back"]


async def test_a_crowd_that_one_other_server_has_alone_is_some_others_here(stage: Stage) -> None:
    now, mirror = int(stage.env.now().timestamp()), stage.app.base.board.mirror("character-ai")
    for number in range(1, 51):
        mirror.add(Report(number, "character-ai", 777, number, None, now, young=True))
    await stage.app.outages.watch.tick()
    card = await stage.ann.slash(stage.channel, "500")
    assert "Some others report trouble, too" in text_of(card.response) and "50 people" in text_of(card.response)
    for number in range(51, 53):
        mirror.add(Report(number, "character-ai", 778, number, None, now))
    await stage.app.outages.watch.tick()
    card = await stage.ann.slash(stage.channel, "500")
    assert "It's not just you" in text_of(card.response)


async def test_who_asks_after_a_report_or_in_another_language_gets_another_card(stage: Stage) -> None:
    first = text_of((await stage.ann.slash(stage.channel, "500")).response)
    same = text_of((await stage.bob.slash(stage.channel, "500")).response)
    await stage.app.reports.record.report(stage.app.base.services.default, 4711, stage.guild.id)
    after_report = text_of((await stage.bob.slash(stage.channel, "500")).response)
    assert first == same and "no reports in the last 15 minutes" in first
    assert "**1 person** reports trouble with Character.AI" in after_report
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"language": "de"})
    await stage.env.advance_time(61)
    public = await stage.bob.slash(stage.channel, "500")
    assert not public.ephemeral and "1 Person" in text_of(public.response)


async def test_500_has_a_menu_of_what_people_see_and_each_choice_opens_its_guide(stage: Stage) -> None:
    service = stage.app.base.services.default
    card = await stage.ann.slash(stage.channel, "500")
    assert shown_kind(card.response) == "error", "what a 500 is, is chosen already"
    for symptom in service.symptoms:
        chosen = (await stage.bob.select(card.response, [symptom.id], custom_id=SEE)).response
        text, guide = text_of(chosen), service.guide("en", symptom)
        assert shown_kind(chosen) == symptom.id
        assert all(step.title in text and step.reason in text for step in guide.steps)
        if symptom.guides:
            assert guide.meaning in text
        never = symptom.counted is Counted.NEVER
        assert ("This isn't an outage" in text) == never
        assert ("Broken for me" in labels_of(chosen)) != never, "what is no outage is not reported"
        assert ("We can't tell yet" in text) != never
        assert "More help" in labels_of(chosen)


async def test_a_choice_replaces_a_card_that_only_this_person_sees_and_leaves_a_public_one(stage: Stage) -> None:
    public = await stage.ann.slash(stage.channel, "500")
    private = await stage.bob.select(public.response, ["login"], custom_id=SEE)
    assert private.ephemeral and "Cannot log in" in text_of(private.response)
    assert "Internal server error (500)" in text_of(stage.replies()[0])
    changed = await stage.bob.select(private.response, ["filter"], custom_id=SEE)
    assert shown_kind(changed.response or private.response) == "filter"


async def test_500_and_help_open_the_guide_of_a_kind_that_is_typed(stage: Stage) -> None:
    offered = await stage.ann.autocomplete(stage.channel, "500", "kind", "log")
    assert [choice["name"] for choice in offered] == ["Cannot log in"]
    for command in ("500", "help"):
        shown = await stage.ann.slash(stage.channel, command, kind=offered[0]["value"])
        assert not shown.ephemeral and shown_kind(shown.response) == "login"
        assert "Log in the way you signed up" in text_of(shown.response)
    typed = await stage.ann.slash(stage.channel, "help", kind="Slow mode or another limit")
    assert "This isn't an outage: Character.AI is slowing you down" in text_of(typed.response)
    own_words = await stage.ann.slash(stage.channel, "500", kind="google sign in loop")
    assert shown_kind(own_words.response) == "login"


@pytest.mark.parametrize("command", ["500", "help"])
async def test_a_kind_that_nobody_knows_is_refused_by_name(stage: Stage, command: str) -> None:
    answer = await stage.ann.slash(stage.channel, command, kind="gremlins")
    assert "choose the kind of trouble from the list" in text_of(answer.response)
    assert [type(error.original) for error in stage.env.errors] == [WrongInputError]


async def test_help_says_what_is_known_and_asks_what_the_person_sees(stage: Stage) -> None:
    shown = await stage.ann.slash(stage.channel, "help")
    text = text_of(shown.response)
    assert not shown.ephemeral and (await stage.bob.slash(stage.channel, "help")).ephemeral
    assert "We can't tell yet" in text and "Choose below what you see" in text
    assert shown_kind(shown.response) is None
    chosen = await stage.bob.select(shown.response, ["network"], custom_id=SEE)
    assert "failed to fetch" in text_of(chosen.response)


async def test_i_have_this_too_on_the_card_of_a_kind_reports_that_kind(stage: Stage) -> None:
    card = await stage.ann.slash(stage.channel, "500", kind="gateway")
    answer = await stage.ann.click(card.response, label="Broken for me")
    assert "Counted" in text_of(answer.response)
    assert (await stage.ann.click(answer.response, label="What helps?")).response is not None
    tally = stage.app.base.board.tally("character-ai", stage.env.now().timestamp(), None)
    assert tally.symptoms == {"gateway": 1}


async def test_the_step_that_helped_most_is_shown_first_and_nobody_is_counted_twice(stage: Stage) -> None:
    service = stage.app.base.services.default
    titles = [step.title for step in service.guide("en", service.symptom("login")).steps]
    card = await stage.ann.slash(stage.channel, "500", kind="login")
    thanks = await stage.ann.select(card.response, ["3"], custom_id=HELPED)
    again = await stage.ann.select(card.response, ["nothing"], custom_id=HELPED)
    assert "Thank you! I count this" in text_of(thanks.response) and thanks.ephemeral
    assert "already told me today" in text_of(again.response)
    for person in range(9):
        assert await stage.app.base.guide_steps.helped(service, "login", 900 + person, 3)
    text = text_of((await stage.bob.slash(stage.channel, "500", kind="login")).response)
    assert text.index(titles[3]) < text.index(titles[0]) < text.index(titles[1])
    await stage.turn_replies_on()
    await stage.bob.send(stage.channel, "c.ai is down, can't log in")
    assert f"Try this first: 1. {titles[3]}. 2. {titles[0]}." in text_of(stage.replies()[-1])
    await stage.app.base.guide_steps.refresh()
    assert stage.app.base.answers.answer(service).orders["login"][0] == 3


async def test_moderators_see_how_often_people_asked_for_what_no_kind_covers(stage: Stage) -> None:
    await stage.turn_replies_on()
    await stage.ann.slash(stage.channel, "500", kind="gremlins")
    card = await stage.ann.slash(stage.channel, "help")
    await stage.ann.select(card.response, ["other"], custom_id=SEE)
    await stage.ann.send(stage.channel, "is cai down for anyone else?")
    panel = await stage.mod.slash(stage.channel, "setup")
    await stage.turn(panel.response, "What I answer")
    page = text_of(panel.response)
    assert "**1** answered message didn't say what was wrong" in page
    assert "**1** time someone typed a problem that isn't in my list" in page
    assert "**1** time someone said that nothing in my list fits" in page
    assert "gremlins" not in page
    assert [type(error.original) for error in stage.env.errors] == [WrongInputError]
