"""`/support`: the link, the form, the text."""

from bot.core.shards import Shards
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
    assert "- Official page: unknown" in text


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
    why = await stage.bob.click(card.response, label="Why does this happen?")
    support = await stage.bob.click(card.response, label="Contact support")
    guide = stage.app.base.services.default.guide("en")
    assert guide.meaning in text_of(why.response) and guide.summary in text_of(why.response)
    assert all(cause in text_of(why.response) for cause in guide.causes)
    assert all(said in text_of(why.response) for said in guide.others_say)
    assert guide.contact in text_of(support.response)
