"""`/500`: the guide with the live evidence."""

from bot.core.reports import Report
from tests.discord_ui.conftest import Stage, labels_of, text_of


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
    assert "Nobody else says so yet" in text
    assert "**People**" in text and "**Our probe**" in text and "**Official page**" in text
    assert all(step.title in text and step.reason in text for step in guide.steps)
    assert labels_of(shown.response) == [
        "I have this too",
        "Works for me again",
        "Tell me when it's back",
        "Why does this happen?",
        "Contact support",
    ]


async def test_a_crowd_that_one_other_server_has_alone_is_some_others_here(stage: Stage) -> None:
    now, mirror = int(stage.env.now().timestamp()), stage.app.base.board.mirror("character-ai")
    for number in range(1, 51):
        mirror.add(Report(number, "character-ai", 777, number, None, now, young=True))
    await stage.app.outages.watch.tick()
    card = await stage.ann.slash(stage.channel, "500")
    assert "Some others see it too" in text_of(card.response) and "50 people" in text_of(card.response)
    for number in range(51, 53):
        mirror.add(Report(number, "character-ai", 778, number, None, now))
    await stage.app.outages.watch.tick()
    card = await stage.ann.slash(stage.channel, "500")
    assert "It's not just you" in text_of(card.response)


async def test_who_asks_after_a_report_or_in_another_language_gets_another_card(stage: Stage) -> None:
    first = text_of((await stage.ann.slash(stage.channel, "500")).response)
    same = text_of((await stage.bob.slash(stage.channel, "500")).response)
    await stage.app.reports.record.report(stage.app.base.services.default, 4711, stage.guild.id)
    told = text_of((await stage.bob.slash(stage.channel, "500")).response)
    assert first == same and "no reports in the last 15 minutes" in first
    assert "1 person in the last 15 minutes" in told
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"language": "de"})
    await stage.env.advance_time(61)
    public = await stage.bob.slash(stage.channel, "500")
    assert not public.ephemeral and "1 Person" in text_of(public.response)
