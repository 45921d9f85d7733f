"""One card, one moment: text, symptoms, picture and description have the same numbers."""

import re
from typing import Any

import discord

from bot.core.chart import Chart, Span
from bot.core.outage_life import Phase
from bot.discord_ui.render.chart import chart_in_words
from tests.discord_ui.conftest import SERVICE, Crowd, Stage, labels_of, text_of
from tests.resources import resources


def alt_of(components: list[Any]) -> str:
    """The description of the picture on a card."""
    found = [one.to_dict() if not isinstance(one, dict) else one for one in components]
    for one in found:
        if one["type"] == 12:
            return str(one["items"][0]["description"])
        if one.get("components") and (inner := alt_of(one["components"])):
            return inner
    return ""


def people(text: str) -> int:
    """The people of the last 15 minutes in a card's text."""
    [found] = re.findall(r"\*\*(\d+) pe(?:rson|ople)(?:\*\*| in the last 15 minutes\*\*)", text)
    return int(found)


def newest(alt: str) -> int:
    [found] = re.findall(r"In the last 15 minutes: (\d+) pe", alt)
    return int(found)


def most(alt: str) -> int:
    [found] = re.findall(r"Most in 15 minutes: (\d+) pe", alt)
    return int(found)


def symptoms(text: str) -> int:
    """How many people the symptoms on a card make together."""
    return sum(int(count) for line in re.findall(r"Most common: (.*)", text) for count in re.findall(r"(\d+) ×", line))


async def report(crowd: Crowd, first: int, count: int, symptom: str | None) -> None:
    app = crowd.stage.app
    service = app.base.services.get(SERVICE)
    for person in range(first, first + count):
        await app.reports.record.report(service, person, crowd.servers[person % 7].id, symptom)


async def test_a_status_card_tells_one_moment_though_people_report_within_the_minute(
    stage: Stage, crowd: Crowd
) -> None:
    await crowd.until(Phase.ON, 6)
    seen, pictures = list[int](), set[bytes]()
    for turn in range(3):  # all within one minute: the picture was that of its first card
        card = (await (stage.ann, stage.bob, stage.mod)[turn].slash(stage.channel, "status")).response
        text, alt = text_of(card), alt_of(card.components)
        assert people(text) == newest(alt) <= most(alt)
        assert symptoms(text) <= people(text)
        seen.append(people(text))
        pictures.add(await card.attachments[0].read())
        await report(crowd, 500_000 + 100 * turn, 11, "chats")
    assert len(pictures) == 3, "each with its own number"
    assert seen[1:] == [seen[0] + 11, seen[0] + 22]


async def test_an_announcement_tells_one_moment_though_people_report_meanwhile(
    stage: Stage, crowd: Crowd, news: Any
) -> None:
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"outage_channel": str(news.id)})
    await crowd.until(Phase.ON, 6)
    for turn in range(20):
        await crowd.minute(9 if turn < 8 else 3)
        await report(crowd, 500_000 + 100 * turn, 7, ("chats", "error", "login")[turn % 3])
        await stage.env.advance_time(2)
        await stage.app.outages.announce.round()  # people reported in the minute that has not ended
        [message] = [m for m in news.history() if isinstance(m, discord.Message) and m.components]
        text, alt = text_of(message), alt_of(list(message.components))
        assert people(text) == newest(alt) <= most(alt)
        assert symptoms(text) <= people(text)
    await crowd.until(Phase.RECOVERING, 0)
    await crowd.minute()
    await crowd.minute()
    [message] = [m for m in news.history() if m.components]
    text, alt = text_of(message), alt_of(list(message.components))
    [peak] = re.findall(r"Peak: (\d+) people", text)
    assert most(alt) == int(peak) >= symptoms(text)


async def test_the_list_of_outages_tells_no_less_at_most_than_people_report_now(stage: Stage, crowd: Crowd) -> None:
    await crowd.until(Phase.ON, 6)
    await report(crowd, 500_000, 30, None)
    now = people(text_of((await stage.ann.slash(stage.channel, "status")).response))
    listed = text_of((await stage.ann.slash(stage.channel, "outages")).response)
    assert re.search(rf"still going on; peak: {now} people \(as of <t:\d+:t>\)", listed)


async def test_after_an_outage_a_card_says_since_when_there_are_no_new_reports(stage: Stage, crowd: Crowd) -> None:
    """It said "Looks back to normal" and "36 people in the last 15 minutes" at once."""
    await crowd.until(Phase.ON, 6)
    for _ in range(5):
        await crowd.minute(6)
    await crowd.until(Phase.RECOVERING, 0)
    outage = stage.app.base.outages.current(SERVICE)
    assert outage is not None and outage.ended is not None
    for command in ("500", "status"):
        shown = (await stage.ann.slash(stage.channel, command)).response
        assert "Looks back to normal" in text_of(shown)
        assert f"no new reports since about <t:{outage.ended}:t>" in text_of(shown)
        assert "last 15 minutes" not in text_of(shown) and "last hour" not in text_of(shown)
        assert labels_of(shown)[0] == "Still broken for me"
    await report(crowd, 500_000, 1, "chats")
    text = text_of((await stage.bob.slash(stage.channel, "500")).response)
    assert f"1 new report since about <t:{outage.ended}:t>" in text


def test_a_description_tells_no_step_that_still_holds_reports_of_an_outage_that_is_over() -> None:
    texts = resources().languages.texts("en")
    over = Chart(0, 900, (0, 5, 9), (None,) * 3, outages=(Span(1000, 2000),), latest=9)
    assert "In the last 15 minutes" not in chart_in_words(texts, over)
    long_over = Chart(0, 900, (9, 0, 1), (None,) * 3, outages=(Span(100, 900),), latest=1)
    assert "In the last 15 minutes: 1 person." in chart_in_words(texts, long_over)


async def test_a_card_that_stands_in_a_channel_says_at_what_time_it_was_true(stage: Stage, crowd: Crowd) -> None:
    await crowd.until(Phase.ON, 6)
    for command in ("500", "status"):
        shown = await stage.ann.slash(stage.channel, command)
        now = int(stage.env.now().timestamp())
        counted = next(line for line in text_of(shown.response).splitlines() if " in the last 15 minutes" in line)
        assert "Counted in the last 15 minutes" in counted and not shown.ephemeral
        expected = f"The 3 hours before <t:{now // 60 * 60}:t>." if command == "status" else f"(as of <t:{now}:t>)"
        assert expected in text_of(shown.response)
        assert "It began about" in text_of(shown.response) and ":R>)" not in text_of(shown.response)
    said = await stage.bob.send(stage.channel, "anyone?")
    asked = await stage.ann.context_menu(stage.channel, "Is it just them?", said)
    assert re.search(r"\d+ people reported trouble with Character.AI at <t:\d+:t>", text_of(asked.response))
    assert "in the last 15 minutes" not in text_of(asked.response)
