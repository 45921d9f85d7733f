"""`/support`: the link, the form, the text."""

from typing import Any

from bot.core.shards import Shards
from bot.core.signals import Cause, Signal, State
from tests.discord_ui.conftest import Stage, labels_of, text_of


async def test_card_has_the_links_and_offers_to_write(stage: Stage) -> None:
    shown = await stage.ann.slash(stage.channel, "support")
    assert shown.ephemeral
    assert labels_of(shown.response) == [
        "Write the report for me",
        "Open the support form",
        "Help centre",
        "Community",
    ]


async def test_form_writes_the_report_with_steps_and_live_evidence(stage: Stage) -> None:
    await stage.bob.slash(stage.channel, "report")
    card = await stage.ann.slash(stage.channel, "support")
    form = await stage.ann.click(card.response, label="Write the report for me")
    sent = await stage.ann.submit_modal(
        form,
        {
            "happened": "every message ends in 500 ``` @everyone",
            "steps": ["0", "3"],
            "since": "10 minutes",
            "device": "Pixel 8",
        },
    )
    text = text_of(sent.response)
    assert sent.ephemeral
    assert "What happened: every message ends in 500 ''' @everyone" in text
    assert "Steps tried: Wait a little and try again; Clear cache and cookies" in text
    assert "For how long: 10 minutes" in text and "Device: Pixel 8" in text
    assert "- People: 1 person in the last 15 minutes" in text
    assert "- Official status page: unknown" in text


async def written(stage: Stage, **more: Any) -> str:
    card = await stage.ann.slash(stage.channel, "support")
    form = await stage.ann.click(card.response, label="Write the report for me")
    return text_of((await stage.ann.submit_modal(form, {"happened": "it fails", **more})).response)


async def test_the_report_does_not_speak_against_its_sender_unless_they_ask_for_it(stage: Stage) -> None:
    """It told the staff "no reports … fine … fine"."""
    await stage.ann.slash(stage.channel, "status")  # both are fine
    await stage.ann.slash(stage.channel, "report")
    text = await written(stage)
    assert "What happened: it fails" in text
    assert not any(word in text for word in ("normally", "no problems", "no reports", "1 person", "our own check say"))
    everything = await written(stage, evidence=["all"])
    assert "- People: 1 person in the last 15 minutes" in everything
    assert (
        "- Our own check: Character.AI answers normally" in everything
        and "- Official status page: reports no problems" in everything
    )


async def test_what_supports_the_sender_is_told_and_what_is_not_known_beside_it(stage: Stage) -> None:
    stage.source.seen = {
        Signal.PROBE: (State.DOWN, Cause.SERVER_ERROR),
        Signal.OFFICIAL: (State.UNKNOWN, Cause.TIMEOUT),
    }
    for _ in range(2):  # it is down after two looks
        await stage.ann.slash(stage.channel, "status")
        await stage.env.advance_time(20)
    text = await written(stage)
    assert "- Our own check: Character.AI returns an error" in text
    assert "- Official status page: unknown: no answer in time" in text and "People" not in text
    stage.source.seen[Signal.PROBE] = (State.UP, Cause.ANSWERED)
    await stage.env.advance_time(20)
    await stage.ann.slash(stage.channel, "status")
    assert "our own check say" not in await written(stage), "what is not known supports nobody"


async def test_fewer_people_than_usual_do_not_support_the_sender(stage: Stage) -> None:
    await stage.bob.slash(stage.channel, "report")
    stage.app.base.board.set_usual("character-ai", 3.0)
    assert "People" not in await written(stage)
    stage.app.base.board.set_usual("character-ai", 0.4)
    assert "- People: 1 person in the last 15 minutes (usually 0 or 1)" in await written(stage)


async def test_two_people_with_the_form_open_get_their_own_text_also_after_a_restart(stage: Stage) -> None:
    card = await stage.ann.slash(stage.channel, "support")
    anns = await stage.ann.click(card.response, label="Write the report for me")
    card = await stage.bob.slash(stage.channel, "support")
    bobs = await stage.bob.click(card.response, label="Write the report for me")
    await stage.env.restart_bot(stage.app.client(message_content=True, shards=Shards((0,), 1)))
    first = await stage.ann.submit_modal(anns, {"happened": "ann's trouble"})
    second = await stage.bob.submit_modal(bobs, {"happened": "bob's trouble"})
    assert "ann's trouble" in text_of(first.response)
    assert "bob's trouble" in text_of(second.response)


async def test_contact_support_and_why_open_from_the_guide(stage: Stage) -> None:
    card = await stage.ann.slash(stage.channel, "500")
    why = await stage.bob.click(card.response, label="More help")
    support = await stage.bob.click(why.response, label="Contact support")
    guide = stage.app.base.services.default.guide("en")
    assert guide.meaning in text_of(why.response) and guide.summary in text_of(why.response)
    assert all(cause in text_of(why.response) for cause in guide.causes)
    assert all(said in text_of(why.response) for said in guide.others_say)
    assert guide.contact in text_of(support.response)


async def test_each_kind_of_trouble_has_its_own_word_about_support_and_its_own_steps(stage: Stage) -> None:
    login = stage.app.base.services.default.symptom("login")
    guide = stage.app.base.services.default.guide("en", login)
    card = await stage.ann.slash(stage.channel, "500", kind="login")
    why = await stage.ann.click(card.response, label="More help")
    support = await stage.ann.click(why.response, label="Contact support")
    assert guide.contact in text_of(support.response)
    form = await stage.ann.click(support.response, label="Write the report for me")
    sent = await stage.ann.submit_modal(form, {"happened": "it loops", "steps": ["2"]})
    assert "Kind of trouble: Cannot log in" in text_of(sent.response)
    assert "Steps tried: Allow pop-ups and cookies" in text_of(sent.response)


async def test_support_is_about_what_the_person_reported(stage: Stage) -> None:
    await stage.ann.slash(stage.channel, "report", symptom="network")
    card = await stage.ann.slash(stage.channel, "support")
    network = stage.app.base.services.default.symptom("network")
    assert stage.app.base.services.default.guide("en", network).contact in text_of(card.response)
    form = await stage.ann.click(card.response, label="Write the report for me")
    sent = await stage.ann.submit_modal(form, {"happened": "nothing loads"})
    assert "Kind of trouble: Network error or failed to fetch" in text_of(sent.response)
